"""What becomes of one decoded row, rule by rule, in plain numbers and fractions.

Enter: a row and the market's meters. Leaves: its fate. Not here: columns, findings.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.readings import Channel, MeterSpec

EPOCH_S = 946_652_400
SLOT_S = 1_800
PART_WS_MAX = 10**12
WS_PER_MWH = Fraction(18, 5)


@dataclass(frozen=True)
class Row:
    """A decoded row."""

    address: str
    channel: Channel
    measure: Measure
    interval_s: int
    stamp_s: int
    reading: int
    unit_mwh: int


def fate(
    row: Row, meters: Sequence[MeterSpec], addresses: Mapping[str, Sequence[int]]
) -> ProblemCode | tuple[int, int]:
    """Give the rule that a row breaks first, or its meter and its reading in the meter's unit (parts: in Ws)."""
    own = [spec for spec in meters if spec.meter_no in addresses.get(row.address, ())]
    if not own:
        return ProblemCode.UNKNOWN_ADDRESS
    is_part = row.measure is Measure.POWER or (row.measure is Measure.ENERGY and row.interval_s < SLOT_S)
    serving = serving_meter(row, own)
    unit_mwh = row.unit_mwh or serving.unit_wh * 1_000
    worth = Fraction(unit_mwh, serving.unit_wh * 1_000)
    if is_part:
        worth = Fraction(row.interval_s) if row.measure is Measure.POWER else unit_mwh * WS_PER_MWH
    if worth.denominator != 1 or (is_part and serving.unit_wh != 1):
        return ProblemCode.UNIT_MISMATCH
    reading = int(row.reading * worth)
    specs = [each for each in own if each.meter_no == serving.meter_no and each.channel is row.channel]
    spec = next((each for each in specs if each.is_register is (row.measure is Measure.COUNT)), None)
    broken = [ProblemCode.UNREADABLE_ROW] if is_part and reading > PART_WS_MAX else []
    broken += broken_rules(row, spec, reading, row.interval_s if is_part else SLOT_S)
    return broken[0] if broken or spec is None else (spec.meter_no, reading)


def broken_rules(row: Row, spec: MeterSpec | None, reading: int, step_s: int) -> list[ProblemCode]:
    """List the rules of readings that a row breaks, in their order."""
    if spec is None:
        return [ProblemCode.UNKNOWN_CHANNEL]
    boundary = -((EPOCH_S - row.stamp_s) // SLOT_S)
    first = spec.installed_boundary + (0 if spec.is_register else 1)
    last = boundary if spec.removed_boundary is None else spec.removed_boundary
    rules = {
        ProblemCode.STAMP_OFF_BOUNDARY: row.stamp_s % step_s != 0,
        ProblemCode.STAMP_OUTSIDE_METER_LIFE: not first <= boundary <= last,
        ProblemCode.NEGATIVE_ENERGY: reading < 0,
        ProblemCode.REGISTER_OVERFLOW: spec.is_register and reading >= spec.turn_count,
    }
    return [code for code, is_broken in rules.items() if is_broken]


def serving_meter(row: Row, own: Sequence[MeterSpec]) -> MeterSpec:
    """Find the meter in service; a count of the instant of an exchange is the new one's, an interval the old one's."""
    began_s = row.stamp_s if row.measure is Measure.COUNT else row.stamp_s - 1
    by_service = sorted(own, key=lambda spec: spec.installed_boundary)
    begun = [spec for spec in by_service if EPOCH_S + spec.installed_boundary * SLOT_S <= began_s]
    return begun[-1] if begun else by_service[0]
