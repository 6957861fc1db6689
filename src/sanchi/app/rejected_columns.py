"""Rejected rows as columns: what the search for faults looks at beside the readings that were taken.

Enter: delivered columns and which of their rows were rejected. Leave: RejectedColumns. Not here: the rules.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.faults.observations import device_of_address
from sanchi.core.metering.formats.decoded import DecodedRows
from sanchi.core.metering.intake_columns import ReadingColumns
from sanchi.core.metering.readings import Channel

IntArray = NDArray[np.int64]


def columns_of_decoded(
    rows: DecodedRows, index: IntArray, codes: Sequence[ProblemCode], addresses: Mapping[str, Sequence[int]]
) -> RejectedColumns:
    """Lay rejected rows of a decoded file out; index : their positions; addresses : the meter_nos of an address."""
    own = [addresses.get(text, ()) for text in rows.address_texts]
    meter_nos = np.array([*(nos[0] if nos else -1 for nos in own), -1], dtype=np.int64)
    devices = [device_of_address(text) for text in rows.address_texts]
    texts = tuple(dict.fromkeys(devices))
    device_codes = np.array([*(texts.index(name) for name in devices), -1], dtype=np.int64)
    address_code = rows.address_code[index]
    return _columns(
        codes,
        texts,
        meter_no=meter_nos[address_code],
        channel_no=rows.channel_no[index],
        device_code=device_codes[address_code],
        stamp_s=rows.stamp_s[index],
        received_s=rows.received_s[index],
        reading=rows.reading[index],
    )


def columns_of_file(
    columns: ReadingColumns, index: IntArray, codes: Sequence[ProblemCode], meter_nos: Mapping[str, int]
) -> RejectedColumns:
    """Lay rejected rows of a readings file out; those of which not even stamps and number can be read are left out."""
    is_read = columns.is_stamp_readable & columns.is_received_readable & columns.is_reading_readable
    kept = np.flatnonzero(is_read[index])
    channels: dict[str, int] = {channel.text: int(channel) for channel in Channel}
    meter_no = np.array([*(meter_nos.get(text, -1) for text in columns.meter_texts), -1], dtype=np.int64)
    channel_no = np.array([*(channels.get(text, 0) for text in columns.channel_texts), 0], dtype=np.int64)
    rows = index[kept]
    return _columns(
        [codes[place] for place in kept.tolist()],
        (),
        meter_no=meter_no[columns.meter_code[rows]],
        channel_no=channel_no[columns.channel_code[rows]],
        device_code=np.full(rows.size, -1),
        stamp_s=columns.stamp_s[rows],
        received_s=columns.received_s[rows],
        reading=columns.reading[rows],
    )


def _columns(codes: Sequence[ProblemCode], device_texts: tuple[str, ...], **columns: NDArray[Any]) -> RejectedColumns:
    """Give every column its type, and each code a number."""
    known = tuple(dict.fromkeys(codes))
    return RejectedColumns(
        codes=known,
        device_texts=device_texts,
        code_index=np.array([known.index(code) for code in codes], dtype=np.int8),
        meter_no=columns["meter_no"].astype(np.int32),
        channel_no=columns["channel_no"].astype(np.int8),
        device_code=columns["device_code"].astype(np.int32),
        stamp_s=columns["stamp_s"].astype(np.int64),
        received_s=columns["received_s"].astype(np.int64),
        reading=columns["reading"].astype(np.int64),
    )
