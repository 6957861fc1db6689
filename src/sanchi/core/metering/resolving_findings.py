"""Put into words which decoded rows found no meter or no unit, and write a decoded row as text.

Enter: DecodedRows and positions. Leave: IntakeFindings, texts. Not here: the rules (resolving).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.metering.formats.decoded import ANY_CHANNEL, DecodedRows, Measure, RecordProblem
from sanchi.core.metering.intake import FINDINGS_PER_CODE_MAX, IntakeFinding
from sanchi.core.metering.intake_findings import stamp_text
from sanchi.core.metering.readings import Channel, MeterSpec

HINTS: Final = {
    ProblemCode.UNKNOWN_ADDRESS: (
        "Write the address into the meters file, in the line of the meter that it belongs to, and deliver that file "
        "first; then these rows again in a new file."
    ),
    ProblemCode.UNIT_MISMATCH: (
        "Compare unit_wh of the meter with the device: the device's unit has to be a multiple of it, and minutes need "
        "a meter of 1 Wh."
    ),
}
RECORD_HINT: Final = (
    "Look at the record (it is kept as delivered): it was cut off or altered on its way, or the sender writes it "
    "otherwise now."
)


def describe_unresolved(
    rows: DecodedRows,
    index: NDArray[np.intp],
    code: ProblemCode,
    spec_position: NDArray[np.int64],
    meters: Sequence[MeterSpec],
    file_name: str,
) -> list[IntakeFinding]:
    """Tell rows that broke one of the two rules, per address; beyond FINDINGS_PER_CODE_MAX of them as one."""
    addresses, first, row_counts = np.unique(rows.address_code[index], return_index=True, return_counts=True)
    findings = []
    for group in _told_together(addresses.size):
        row = int(index[first[group].min()])
        spec = meters[spec_position[row]] if spec_position[row] >= 0 else None
        row_count = int(row_counts[group].sum())
        findings.append(
            IntakeFinding(
                meter_no=spec.meter_no if spec and len(group) == 1 else None,
                row_count=row_count,
                problem=Problem(
                    code=code,
                    severity=Severity.ACT,
                    where=f"{file_name}, row {rows.record_no[row]}",
                    detail=_detail(rows, row, row_count, len(group), spec),
                    hint=HINTS[code],
                ),
            )
        )
    return findings


def describe_records(
    problems: Sequence[RecordProblem], addresses: Mapping[str, Sequence[int]], file_name: str
) -> list[IntakeFinding]:
    """Tell records that are no readings, per code and address; beyond FINDINGS_PER_CODE_MAX of a code as one."""
    grouped: defaultdict[ProblemCode, defaultdict[str, list[RecordProblem]]] = defaultdict(lambda: defaultdict(list))
    for problem in problems:
        grouped[problem.code][problem.address].append(problem)
    findings = []
    for code, of_code in grouped.items():
        of_address = list(of_code.items())
        for group in _told_together(len(of_address)):
            told = [problem for position in group for problem in of_address[position][1]]
            meter_nos = addresses.get(of_address[group[0]][0], ())
            counted = "1 record" if len(told) == 1 else f"{len(told)} records"
            findings.append(
                IntakeFinding(
                    meter_no=meter_nos[0] if len(group) == len(meter_nos) == 1 else None,
                    row_count=len(told),
                    problem=Problem(
                        code=code,
                        severity=Severity.ACT,
                        where=f"{file_name}, record {told[0].record_no}",
                        detail=f"{counted} without a reading; record {told[0].record_no}: {told[0].detail}",
                        hint=RECORD_HINT,
                    ),
                )
            )
    return findings


def _told_together(group_count: int) -> list[list[int]]:
    """Divide groups of rows into those that are told alone and the rest, told as one."""
    alone = [[position] for position in range(min(group_count, FINDINGS_PER_CODE_MAX))]
    rest = [*range(FINDINGS_PER_CODE_MAX, group_count)]
    return [*alone, rest] if rest else alone


def row_texts(rows: DecodedRows, index: NDArray[np.int64]) -> tuple[str, ...]:
    """Write decoded rows as text: address, channel, stamp, reading with its unit, time of receipt."""
    return tuple(_row_text(rows, position) for position in index.tolist())


def _detail(rows: DecodedRows, row: int, row_count: int, address_count: int, spec: MeterSpec | None) -> str:
    """Say how many rows there are and what is wrong with the first one."""
    counted = "1 row" if row_count == 1 else f"{row_count} rows"
    scope = "" if address_count == 1 else f" of {address_count} further addresses"
    address = rows.address_texts[rows.address_code[row]]
    if spec is None:
        fault = f"no meter of the market has the address '{address}'"
    else:
        fault = f"the address '{address}' delivers {_unit(rows, row)}, meter {spec.meter_id} counts {spec.unit_wh} Wh"
    return f"{counted}{scope} rejected; row {rows.record_no[row]}: {fault}"


def _unit(rows: DecodedRows, row: int) -> str:
    """Name the unit of a row, in Wh without a float."""
    if rows.measure_no[row] == Measure.POWER:
        return f"power of {rows.interval_s[row]} seconds"
    unit_mwh = int(rows.unit_mwh[row])
    if unit_mwh == 0:
        return f"energy of {rows.interval_s[row]} seconds"
    fraction = f".{unit_mwh % 1_000:03d}".rstrip("0").rstrip(".")
    return f"units of {unit_mwh // 1_000}{fraction} Wh"


def _row_text(rows: DecodedRows, row: int) -> str:
    """Write one row."""
    unit = "W" if rows.measure_no[row] == Measure.POWER else f"x {rows.unit_mwh[row]} mWh"
    channel_no = int(rows.channel_no[row])
    channel = "" if channel_no == ANY_CHANNEL else Channel(channel_no).text
    stamps = stamp_text(int(rows.stamp_s[row])), stamp_text(int(rows.received_s[row]))
    return f"{rows.address_texts[rows.address_code[row]]},{channel},{stamps[0]},{rows.reading[row]} {unit},{stamps[1]}"
