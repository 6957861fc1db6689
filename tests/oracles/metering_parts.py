"""Adding parts up, minute by minute, with dicts and fractions; and rows of parts for tests.

Enter: tuples of one part each. Leave: expected slots, PartRows. Not here: what is asserted.
"""

from fractions import Fraction
from typing import NamedTuple

import numpy as np

from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.intake import EPOCH_S
from sanchi.core.metering.parts.rows import PartRows
from tests.oracles.metering_series import MONDAY

MONDAY_S = EPOCH_S + boundary_ordinal(MONDAY, 0) * 1_800


class Part(NamedTuple):
    """One part; stamp_s counts from Monday's midnight."""

    series: int
    stamp_s: int
    interval_s: int
    energy_ws: int
    received_s: int = 0
    delivery_no: int = 1


class ExpectedSlot(NamedTuple):
    """One slot by the slow way; energy_wh None where the slot is not whole."""

    energy_ws: int
    energy_wh: int | None
    part_count: int
    missing_s: int
    received_s: int


def part_rows(parts: list[Part]) -> PartRows:
    columns = np.array(parts, dtype=np.int64).reshape(len(parts), 6).T
    return PartRows(
        series_key=columns[0],
        stamp_s=MONDAY_S + columns[1],
        interval_s=columns[2].astype(np.int32),
        energy_ws=columns[3],
        received_s=columns[4],
        delivery_no=columns[5].astype(np.int32),
        row_no=np.arange(1, len(parts) + 1, dtype=np.int32),
    )


def expected_slots(parts: list[Part]) -> dict[tuple[int, int], ExpectedSlot]:
    """Give (series, slots after Monday's midnight) -> what its parts add up to; parts on the grid only."""
    newest: dict[tuple[int, int, int], tuple[tuple[int, int, int], Part]] = {}
    for row_no, part in enumerate(parts):
        version = (part.received_s, part.delivery_no, row_no)
        place = (part.series, part.stamp_s, part.interval_s)
        if place not in newest or newest[place][0] < version:
            newest[place] = (version, part)
    chosen: dict[tuple[int, int], Part] = {}  # (series, minute) -> the part that covers it
    for part in sorted((part for _, part in newest.values()), key=lambda part: part.interval_s):
        for minute in range((part.stamp_s - part.interval_s) // 60, part.stamp_s // 60):
            chosen[part.series, minute] = part
    slots: dict[tuple[int, int], ExpectedSlot] = {}
    for series, slot in sorted({(part.series, -(-part.stamp_s // 1_800)) for part in parts}):
        minutes = [chosen.get((series, minute)) for minute in range((slot - 1) * 30, slot * 30)]
        used = {part for part in minutes if part}
        energy_ws = sum(part.energy_ws for part in used)
        missing_s = 60 * minutes.count(None)
        mean_wh = Fraction(energy_ws * 30, 3_600 * (30 - missing_s // 60))
        slots[series, slot] = ExpectedSlot(
            energy_ws=energy_ws,
            energy_wh=int(mean_wh + Fraction(1, 2)) if missing_s <= 300 else None,
            part_count=len(used),
            missing_s=missing_s,
            received_s=max(part.received_s for part in used),
        )
    return slots
