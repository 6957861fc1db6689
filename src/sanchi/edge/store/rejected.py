"""Rejected rows as a table of the lake, and back.

Enter and leave: RejectedColumns, Arrow tables by the month of receipt. Nothing is stored here.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa

from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import EPOCH_DATE
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.intake import EPOCH_S
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, REJECTED_COLUMNS
from sanchi.edge.store.parts import DAY_S

# A row that says it was received in the year 9999 has to lie in some month.
MONTH_END: Final = np.datetime64("2199-12", "M")
MONTH_FIRST: Final = np.datetime64(EPOCH_DATE, "M")


def rejected_tables(rejected: RejectedColumns) -> Iterator[tuple[date, pa.Table]]:
    """Lay rejected rows out, one table a month of receipt."""
    days = np.clip((rejected.received_s - EPOCH_S) // DAY_S, 0, 10**6)
    month = np.clip((np.datetime64(EPOCH_DATE) + days).astype("datetime64[M]"), MONTH_FIRST, MONTH_END)
    devices = (*rejected.device_texts, "")
    columns = {
        "code": [rejected.codes[place].value for place in rejected.code_index.tolist()],
        "device": [devices[code] for code in rejected.device_code.tolist()],
    }
    schema = LAKE_SCHEMAS[REJECTED_COLUMNS]
    columns |= {name: getattr(rejected, name) for name in schema.names if name not in columns}
    table = pa.table(columns, schema=schema)
    for each in np.unique(month):
        yield each.astype("datetime64[D]").item(), table.filter(pa.array(month == each))


def rejected_in(tables: Iterable[pa.Table], first_s: int, end_s: int) -> RejectedColumns:
    """Read the rows that were received in a span."""
    blocks = [_columns_of(table) for table in tables]
    return RejectedColumns.joined(blocks).received_between(first_s, end_s)


def _columns_of(table: pa.Table) -> RejectedColumns:
    """Turn a table into columns."""
    codes, devices = table.column("code").to_pylist(), table.column("device").to_pylist()
    code_texts, device_texts = tuple(dict.fromkeys(codes)), tuple(dict.fromkeys(text for text in devices if text))
    place = {text: number for number, text in enumerate(device_texts)}
    names = ("meter_no", "channel_no", "stamp_s", "received_s", "reading")
    # Frozen once they are built: they must not be the lake's own memory.
    arrays = {name: table.column(name).to_numpy().copy() for name in names}
    return RejectedColumns(
        codes=tuple(ProblemCode(text) for text in code_texts),
        device_texts=device_texts,
        code_index=np.array([code_texts.index(text) for text in codes], dtype=np.int8),
        device_code=np.array([place.get(text, -1) for text in devices], dtype=np.int32),
        **arrays,
    )
