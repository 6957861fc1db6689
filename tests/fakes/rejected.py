"""Rejected rows as columns, from tuples (code, device, reading, received_s)."""

from collections.abc import Sequence

import numpy as np

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.observations import RejectedRows


def rejected_columns(rows: Sequence[tuple[ProblemCode, str, int, int]]) -> RejectedRows:
    codes = tuple(dict.fromkeys(code for code, *_ in rows))
    devices = tuple(dict.fromkeys(device for _, device, *_ in rows if device))
    return RejectedRows(
        codes=codes,
        device_texts=devices,
        meter_no=np.full(len(rows), -1, np.int32),
        channel_no=np.zeros(len(rows), np.int8),
        device_code=np.array([devices.index(name) if name else -1 for _, name, *_ in rows], np.int32),
        code_index=np.array([codes.index(code) for code, *_ in rows], np.int8),
        stamp_s=np.array([received_s for *_, received_s in rows], np.int64),
        received_s=np.array([received_s for *_, received_s in rows], np.int64),
        reading=np.array([reading for *_, reading, _ in rows], np.int64),
    )
