"""Judge delivered values of months: taken as they are, or rejected by the first rule that they break.

Enter: decoded rows and the market's meters. Leave: MonthValues, rejected rows with their findings.
Not here: rows of half hours (metering.intake), finding the meter of an address (resolving).
"""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.months import Month
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import EPOCH_DATE, JST
from sanchi.core.metering.formats.decoded import ANY_CHANNEL, DecodedRows
from sanchi.core.metering.intake import IntakeFinding
from sanchi.core.metering.monthly.spreading import served_boundaries
from sanchi.core.metering.monthly.values import MONTHLY_CHANNELS, MonthValue
from sanchi.core.metering.readings import Channel, MeterSpec
from sanchi.core.metering.sources import Source, Stage

MWH_PER_WH: Final = 1_000
_YEAR_MAX: Final = 2200
_UNSTAMPED: Final = Month.of(EPOCH_DATE)

FAULTS: Final = {
    ProblemCode.UNKNOWN_CHANNEL: "meter {meter} has no single channel that a month is told of (import or export)",
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: "meter {meter} was not in service in {month}",
    ProblemCode.NEGATIVE_ENERGY: "meter {meter}, {month}: {energy_wh} Wh is below zero",
    ProblemCode.ENERGY_IMPLAUSIBLE: "meter {meter}, {month}: {energy_wh} Wh is more than its connection can carry",
}
HINTS: Final = {
    ProblemCode.UNKNOWN_CHANNEL: "Give the meter of the supply point and the one of the feed-in point a line each.",
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: "If the meter's dates in the meters file are right, nothing is to do.",
    ProblemCode.NEGATIVE_ENERGY: "Ask the network operator for the file again.",
    ProblemCode.ENERGY_IMPLAUSIBLE: "Compare plausible_wh_max of the meter, then ask the network operator.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthIntake:
    """What became of rows that tell months: values + rejected = all.

    rejected : position in the decoded rows -> the rule it broke.
    """

    values: tuple[MonthValue, ...]
    rejected: dict[int, ProblemCode]
    findings: tuple[IntakeFinding, ...]


def take_in_months(
    rows: DecodedRows,
    index: NDArray[np.intp],
    spec_position: NDArray[np.int64],
    meters: Sequence[MeterSpec],
    file_name: str,
    first_row_no: int,
) -> MonthIntake:
    """Judge the rows at some positions, whose meters are known and whose units are whole Wh.

    A month of a meter that delivers half hours is taken too: it is kept, and not spread.
    """
    n_channels = Counter(spec.meter_no for spec in meters)
    values: list[MonthValue] = []
    rejected: dict[int, ProblemCode] = {}
    told: defaultdict[tuple[ProblemCode, int], list[tuple[int, MonthValue]]] = defaultdict(list)
    for row in index.tolist():
        spec = meters[spec_position[row]]
        value = _value(rows, row, spec, first_row_no)
        code = _broken_rule(
            value, spec, is_single=rows.channel_no[row] != ANY_CHANNEL or n_channels[spec.meter_no] == 1
        )
        if code is None:
            values.append(value)
        else:
            rejected[row] = code
            told[code, int(spec_position[row])].append((int(rows.record_no[row]), value))
    findings = [
        IntakeFinding(
            meter_no=meters[position].meter_no,
            row_count=len(group),
            problem=_problem(code, meters[position], *group[0], len(group), file_name),
        )
        for (code, position), group in told.items()
    ]
    return MonthIntake(values=tuple(values), rejected=rejected, findings=tuple(findings))


def _value(rows: DecodedRows, row: int, spec: MeterSpec, first_row_no: int) -> MonthValue:
    """Read one row."""
    told_channel = int(rows.channel_no[row])
    return MonthValue(
        meter_no=spec.meter_no,
        channel=spec.channel if told_channel == ANY_CHANNEL else Channel(told_channel),
        month=_month_ending_at(int(rows.stamp_s[row])),
        energy_wh=int(rows.reading[row]) * int(rows.unit_mwh[row]) // MWH_PER_WH,
        source=Source(int(rows.source_no[row])),
        stage=Stage(int(rows.stage_no[row])),
        received_s=int(rows.received_s[row]),
        delivery_no=0,
        row_no=row + first_row_no,
    )


def _month_ending_at(stamp_s: int) -> Month:
    """Name the month that ends at an instant; an absurd one is the first of all months, in which nobody serves."""
    if not 0 < stamp_s < datetime(_YEAR_MAX, 1, 1, tzinfo=UTC).timestamp():
        return _UNSTAMPED
    ended: date = datetime.fromtimestamp(stamp_s - 1, JST).date()
    return Month.of(ended)


def _broken_rule(value: MonthValue, spec: MeterSpec, *, is_single: bool) -> ProblemCode | None:
    """Name the first rule that a value breaks."""
    if not is_single or value.channel is not spec.channel or value.channel not in MONTHLY_CHANNELS:
        return ProblemCode.UNKNOWN_CHANNEL
    served = served_boundaries(spec, value.month)
    if not len(served):
        return ProblemCode.STAMP_OUTSIDE_METER_LIFE
    if value.energy_wh < 0:
        return ProblemCode.NEGATIVE_ENERGY
    return ProblemCode.ENERGY_IMPLAUSIBLE if value.energy_wh > spec.plausible_wh_max * len(served) else None


def _problem(
    code: ProblemCode, spec: MeterSpec, record_no: int, value: MonthValue, row_count: int, file_name: str
) -> Problem:
    """Word what is wrong with the first of the rows that broke a rule."""
    fault = FAULTS[code].format(meter=spec.meter_id, month=value.month, energy_wh=value.energy_wh)
    counted = "1 month" if row_count == 1 else f"{row_count} months"
    is_harmless = code is ProblemCode.STAMP_OUTSIDE_METER_LIFE
    return Problem(
        code=code,
        severity=Severity.WATCH if is_harmless else Severity.ACT,
        where=f"{file_name}, row {record_no}",
        detail=f"{counted} rejected; row {record_no}: {fault}",
        hint=HINTS[code],
    )
