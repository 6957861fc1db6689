"""Hold what a CT of the grid saw of a day against what the home's register counted; the register counts either way.

Enter: a Roster and its MeasuredDay. Leave: findings. Not here: the comparison itself (core.metering.parts.clamps).
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from sanchi.app.days import DayProblem
from sanchi.app.roster import Roster
from sanchi.core.metering import Channel, MeasuredDay, MeterSpec, Quality
from sanchi.core.metering.parts.clamps import GridDay, compare_grid_day, describe_clamp
from sanchi.core.metering.sources import Source

GRID_CHANNELS = (Channel.IMPORT, Channel.EXPORT)


@dataclass(slots=True, kw_only=True)
class _Pair:
    """A clamp and the register that it stands beside: positions of their points by channel. Filled while gathering."""

    clamp: MeterSpec
    register: MeterSpec
    clamp_points: dict[Channel, int] = field(default_factory=dict)
    register_points: dict[Channel, int] = field(default_factory=dict)

    @property
    def is_whole(self) -> bool:
        """Tell whether both measure both directions."""
        return all(len(points) == len(GRID_CHANNELS) for points in (self.clamp_points, self.register_points))


def clamp_problems(roster: Roster, measured: MeasuredDay) -> Iterator[DayProblem]:
    """Tell each clamp of the date that is reversed, dead, scaled or otherwise at odds with its register."""
    class_permille = {
        home.party_no: plant.ct_class_permille for home, plant in zip(roster.homes, roster.plants, strict=True)
    }
    for party_no, pair in _pairs(roster):
        if not pair.is_whole or party_no not in class_permille:
            continue
        points = [*pair.clamp_points.values(), *pair.register_points.values()]
        clamp_wh, register_wh = (
            {channel: measured.energy_wh[point] for channel, point in of_channel.items()}
            for of_channel in (pair.clamp_points, pair.register_points)
        )
        verdict = compare_grid_day(
            GridDay(
                ct_import_wh=clamp_wh[Channel.IMPORT],
                ct_export_wh=clamp_wh[Channel.EXPORT],
                register_import_wh=register_wh[Channel.IMPORT],
                register_export_wh=register_wh[Channel.EXPORT],
                is_compared=np.all(measured.quality[points] == Quality.MEASURED, axis=0),
                unit_wh=pair.register.unit_wh,
                class_permille=class_permille[party_no],
            )
        )
        problem = describe_clamp(verdict, f"meter {pair.clamp.meter_id}, {roster.delivery_date}")
        if problem is not None:
            yield DayProblem(party_no=party_no, problem=problem, row_count=0)


def _pairs(roster: Roster) -> Iterator[tuple[int, _Pair]]:
    """Find the clamps that are joined to a register, each with its party, in the order of the points."""
    points_of: defaultdict[int, dict[Channel, int]] = defaultdict(dict)
    spec_of: dict[int, MeterSpec] = {}
    party_of: dict[int, int] = {}
    for position, point in enumerate(roster.points):
        for spec in point.meters:
            if point.channel in GRID_CHANNELS:
                points_of[spec.meter_no][point.channel] = position
                spec_of.setdefault(spec.meter_no, spec)
                party_of[spec.meter_no] = point.party_no
    for meter_no, spec in spec_of.items():
        register = None if spec.same_as_no is None else spec_of.get(spec.same_as_no)
        if spec.own_source is Source.CT and register is not None and register.is_register:
            yield (
                party_of[meter_no],
                _Pair(
                    clamp=spec,
                    register=register,
                    clamp_points=points_of[meter_no],
                    register_points=points_of[register.meter_no],
                ),
            )
