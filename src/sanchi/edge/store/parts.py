"""Parts of half hours and events as tables of the lake, and back.

Enter and leave: PartRows, EventRows, Arrow tables by the date under which they are found. Nothing is stored here.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sanchi.core.base.months import Month
from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY, slot_ending_at
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.formats.row_gathering import event_rows
from sanchi.core.metering.intake import EPOCH_S, SLOT_S
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import CHANNEL_END
from sanchi.core.metering.slot_sums import joined_parts
from sanchi.edge.store.lake_schemas import EVENTS, LAKE_SCHEMAS, PARTS

DAY_S: Final = SLOT_S * SLOTS_PER_DAY
Event = tuple[int, int, str, int]


def part_tables(parts: PartRows) -> Iterator[tuple[date, pa.Table]]:
    """Lay parts out, one table a day of their slots, ordered by series, stamp and row."""
    parts = parts.take(np.lexsort((parts.row_no, parts.stamp_s, parts.series_key)))
    day = (_boundary_of(parts.stamp_s) - 1) // SLOTS_PER_DAY
    for ordinal in np.unique(day).tolist():
        of_day = parts.take(day == ordinal)
        columns = {
            "meter_no": (of_day.series_key // CHANNEL_END).astype(np.int32),
            "channel_no": (of_day.series_key % CHANNEL_END).astype(np.int8),
        }
        schema = LAKE_SCHEMAS[PARTS]
        columns |= {name: getattr(of_day, name) for name in schema.names if name not in columns}
        yield slot_ending_at(ordinal * SLOTS_PER_DAY + 1).delivery_date, pa.table(columns, schema=schema)


def parts_in(
    tables: Iterable[tuple[int, pa.Table]],
    first_boundary: int,
    last_boundary: int,
    meter_nos: Collection[int] | None = None,
) -> PartRows:
    """Read parts of some slots and meters out of (delivery_no, table)."""
    wanted = None if meter_nos is None else np.array(sorted(meter_nos), dtype=np.int32)
    found = []
    for delivery_no, table in tables:
        boundary = _boundary_of(table.column("stamp_s").to_numpy())
        is_taken = (first_boundary <= boundary) & (boundary <= last_boundary)
        if wanted is not None:
            is_taken &= np.isin(table.column("meter_no").to_numpy(), wanted)
        if is_taken.any():
            found.append(_parts_of(table, np.flatnonzero(is_taken), delivery_no))
    return joined_parts(found)


def event_tables(events: EventRows, connectors: Sequence[str]) -> Iterator[tuple[date, pa.Table]]:
    """Lay events out, one table a month of Japan."""
    at_s = events.at_s
    month = (np.datetime64(EPOCH_DATE) + (at_s - EPOCH_S) // DAY_S).astype("datetime64[M]")
    columns: dict[str, Any] = {
        "at_s": at_s,
        "connector": list(connectors),
        "event_no": events.event_no,
        "subject": [events.subject_texts[code] for code in events.subject_code.tolist()],
        "figure": events.figure,
    }
    table = pa.table(columns, schema=LAKE_SCHEMAS[EVENTS])
    for each in np.unique(month):
        yield each.astype("datetime64[D]").item(), table.filter(pa.array(month == each))


def events_in(tables: Iterable[pa.Table], first_s: int, end_s: int) -> EventRows:
    """Read the events of a span; one that stands in several tables counts once."""
    found: set[Event] = set()
    for table in tables:
        columns = [table.column(name).to_pylist() for name in ("at_s", "event_no", "subject", "figure")]
        found |= {event for event in zip(*columns, strict=True) if first_s <= event[0] < end_s}
    return event_rows(sorted(found))


def month_at(instant_s: int) -> Month:
    """Name the month of Japan in which an instant lies."""
    return Month.of((np.datetime64(EPOCH_DATE) + (instant_s - EPOCH_S) // DAY_S).item())


def _parts_of(table: pa.Table, taken: NDArray[np.intp], delivery_no: int) -> PartRows:
    """Take rows of a table by position."""
    columns: dict[str, Any] = {name: table.column(name).to_numpy()[taken] for name in table.column_names}
    meter_no, channel_no = columns.pop("meter_no"), columns.pop("channel_no")
    return PartRows(
        series_key=meter_no.astype(np.int64) * CHANNEL_END + channel_no,
        delivery_no=np.full(taken.size, delivery_no, dtype=np.int32),
        **columns,
    )


def _boundary_of(stamp_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Give the boundary that closes the slot of a part."""
    boundary: NDArray[np.int64] = -(-(stamp_s - EPOCH_S) // SLOT_S)
    return boundary
