"""Hold the clamps of a day's homes against their registers: the same energy, measured by two ways.

Enter: points and what each of them measured. Leave: findings by point. Not here: the comparison itself (parts.clamps),
which of the two counts (siblings).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem
from sanchi.core.base.slots import slot_ending_at
from sanchi.core.metering.parts.clamps import GridDay, compare_grid_day, describe_clamp
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec, Quality
from sanchi.core.metering.siblings import Siblings
from sanchi.core.metering.sources import Source

# What a grid CT may err by where nobody told its class: class 1.
CLASS_PERMILLE: Final = 10


def clamp_findings(
    points: Sequence[MeteringPoint],
    siblings: Siblings,
    energy_wh: NDArray[np.int64],
    quality: NDArray[np.int8],
    day_boundary: int,
) -> list[tuple[int, Problem]]:
    """Compare each grid CT with the register that measures the same energy; gives findings by position of the point.

    energy_wh, quality : by readings and rules, shape (n_points, 48). Only slots count that both measured.
    """
    if not siblings.has_any:
        return []
    found = []
    for ct_import, ct_export in _grid_pairs(points):
        register = [_register_beside(points, siblings, n) for n in (ct_import, ct_export)]
        if None in register:
            continue
        compared = [ct_import, ct_export, *(n for n in register if n is not None)]
        ct_in, ct_out, register_in, register_out = (energy_wh[n] for n in compared)
        verdict = compare_grid_day(
            GridDay(
                ct_import_wh=ct_in,
                ct_export_wh=ct_out,
                register_import_wh=register_in,
                register_export_wh=register_out,
                is_compared=(quality[compared] == Quality.MEASURED).all(axis=0),
                unit_wh=_last_meter(points[compared[2]]).unit_wh,
                class_permille=CLASS_PERMILLE,
            )
        )
        day = slot_ending_at(day_boundary + 1).delivery_date
        problem = describe_clamp(verdict, f"meter {_last_meter(points[ct_import]).meter_id}, {day}")
        if problem is not None:
            found.append((ct_import, problem))
    return found


def _grid_pairs(points: Sequence[MeteringPoint]) -> list[tuple[int, int]]:
    """Find the CTs that measure both directions of a grid which another meter measures too."""
    places: dict[tuple[int, str], dict[Channel, int]] = {}
    for n, point in enumerate(points):
        spec = _last_meter(point)
        if point.same_as and not spec.is_register and spec.own_source is Source.CT:
            places.setdefault((point.party_no, point.label), {})[point.channel] = n
    return [
        (of[Channel.IMPORT], of[Channel.EXPORT])
        for of in places.values()
        if Channel.IMPORT in of and Channel.EXPORT in of
    ]


def _register_beside(points: Sequence[MeteringPoint], siblings: Siblings, point_index: int) -> int | None:
    """Find the register that measures the energy of a point."""
    beside = siblings.of_point(point_index).tolist()
    return next((n for n in beside if _last_meter(points[n]).is_register), None)


def _last_meter(point: MeteringPoint) -> MeterSpec:
    """Give the meter that serves last."""
    return point.meters[-1]
