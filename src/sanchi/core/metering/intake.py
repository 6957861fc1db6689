"""Judge delivered readings row by row: taken as they are, or rejected by the first rule that they break.

Enter: the columns of one file and the market's meters. Leave: ReadingRows, rejected rows, findings.
Not here: reading files, versions of the same reading, energies.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode
from sanchi.core.base.slots import EPOCH_DATE, JST, MINUTES_PER_SLOT, boundary_ordinal
from sanchi.core.metering.intake_columns import (
    LEFT_OUT,
    NOT_READABLE,
    OPTIONAL_NAMES,
    READING_FORMS,
    ReadingColumns,
)
from sanchi.core.metering.intake_findings import Rejection, describe_rejection
from sanchi.core.metering.readings import Channel, MeterSpec, ReadingRows
from sanchi.core.metering.sources import Stage

SLOT_S: Final = MINUTES_PER_SLOT * 60
EPOCH_S: Final = int(datetime(EPOCH_DATE.year, EPOCH_DATE.month, EPOCH_DATE.day, tzinfo=JST).timestamp())
# Whatever the meter, a stamp outside of these two is a broken clock: the first ordinal, and the year 2200.
BOUNDARY_MIN: Final = 1
BOUNDARY_MAX: Final = boundary_ordinal(date(2200, 1, 1), 0)
# A file for another market would give one finding a meter; beyond this many of a code they are told as one.
FINDINGS_PER_CODE_MAX: Final = 100

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class IntakeFinding:
    """A finding that covers `row_count` rejected rows of one meter (None = of no single known meter)."""

    meter_no: int | None
    row_count: int
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Intake:
    """What became of a file's rows: accepted + rejected = all.

    rejected_index : int64 array of shape (n_rejected,), positions in the columns, rising.
    rejected_code : the rule that each of them broke, in the same order.
    findings : rejected rows told per code and meter; their row_counts sum to n_rejected.
    """

    accepted: ReadingRows
    rejected_index: IntArray
    rejected_code: tuple[ProblemCode, ...]
    findings: tuple[IntakeFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgedRows:
    """What each row says and what its meter allows; int64 arrays of shape (n_rows,)."""

    columns: ReadingColumns
    boundary: IntArray
    meter_no: IntArray  # -1 = unknown
    is_other_form: BoolArray  # the meter counts and the file delivers energies, or the other way round
    is_monthly: BoolArray  # the meter tells months alone
    channel_no: IntArray  # 0 = not a channel of the meter in such a file; then what follows means nothing
    own_source_no: IntArray
    first_boundary: IntArray
    last_boundary: IntArray
    end_count: IntArray


def take_in(columns: ReadingColumns, meters: Sequence[MeterSpec], file_name: str) -> Intake:
    """Divide the rows of a file into accepted readings and rejected rows with their findings.

    meters : every channel of every meter of the market, one MeterSpec each.
    Returns: Intake; delivery_no of the accepted rows is 0 until a store numbers the delivery.
    """
    rows = _judge(columns, meters)
    codes = tuple(INTAKE_RULES)
    # 0 = no rule broken, n = the n-th rule is the first.
    rule_no = np.zeros(columns.row_count, dtype=np.int64)
    for number, breaks in reversed([*enumerate(INTAKE_RULES.values(), start=1)]):
        rule_no[breaks(rows)] = number
    rejected_index = np.flatnonzero(rule_no)
    rejected_code = tuple(codes[n - 1] for n in rule_no[rejected_index].tolist())
    accepted = _accepted_rows(rows, np.flatnonzero(rule_no == 0))
    findings = _findings(rows, rule_no, codes, file_name)
    assert accepted.row_no.size + rejected_index.size == columns.row_count, "a row is neither taken nor rejected"
    assert sum(finding.row_count for finding in findings) == rejected_index.size, "a rejected row has no finding"
    return Intake(accepted=accepted, rejected_index=rejected_index, rejected_code=rejected_code, findings=findings)


def _judge(columns: ReadingColumns, meters: Sequence[MeterSpec]) -> JudgedRows:
    """Look up what each row's meter and channel allow; an empty field has code -1: the last entry."""
    channels = {channel.text: channel for channel in Channel}
    # Whether a meter counts or delivers energies, its digits tell; a file of the other kind is not for it.
    is_register = READING_FORMS[columns.reading_file].is_register
    spec_index = {
        (str(spec.meter_id), spec.channel): n for n, spec in enumerate(meters) if spec.is_register is is_register
    }
    meter_nos = {str(spec.meter_id): spec.meter_no for spec in meters}
    other_form = {str(spec.meter_id) for spec in meters if spec.is_register is not is_register}
    no_of_text = np.array([meter_nos.get(text, -1) for text in columns.meter_texts] + [-1], dtype=np.int64)
    spec_table = np.full((len(columns.meter_texts) + 1, len(columns.channel_texts) + 1), -1, dtype=np.int64)
    for channel_code, channel_text in enumerate(columns.channel_texts):
        if channel_text in channels:
            channel = channels[channel_text]
            spec_table[:-1, channel_code] = [spec_index.get((text, channel), -1) for text in columns.meter_texts]
    spec_of_row = spec_table[columns.meter_code, columns.channel_code]
    return JudgedRows(
        columns=columns,
        # Dividing before the shift keeps the most absurd stamp from overflowing.
        boundary=columns.stamp_s // SLOT_S - EPOCH_S // SLOT_S,
        meter_no=no_of_text[columns.meter_code],
        is_other_form=np.array([text in other_form for text in (*columns.meter_texts, "")])[columns.meter_code],
        is_monthly=_per_spec([int(spec.is_monthly) for spec in meters])[spec_of_row].astype(np.bool_),
        channel_no=_per_spec([int(spec.channel) for spec in meters])[spec_of_row],
        own_source_no=_per_spec([int(spec.own_source) for spec in meters])[spec_of_row],
        first_boundary=_per_spec([_first_boundary(spec) for spec in meters])[spec_of_row],
        last_boundary=_per_spec([_last_boundary(spec) for spec in meters])[spec_of_row],
        end_count=_per_spec([_count_end(spec) for spec in meters])[spec_of_row],
    )


def _per_spec(numbers: Sequence[int]) -> IntArray:
    """Lay numbers out by position of their meter, with one zero at the end for position -1 (unknown)."""
    return np.array([*numbers, 0], dtype=np.int64)


def _first_boundary(spec: MeterSpec) -> int:
    """Give the first stamp of a meter: a register opens its series at installation, an energy ends later."""
    return max(BOUNDARY_MIN, spec.installed_boundary if spec.is_register else spec.installed_boundary + 1)


def _last_boundary(spec: MeterSpec) -> int:
    """Give the last stamp of a meter; the instant of removal still belongs to it."""
    return BOUNDARY_MAX if spec.removed_boundary is None else min(BOUNDARY_MAX, spec.removed_boundary)


def _count_end(spec: MeterSpec) -> int:
    """Give the first count that a register cannot show; energies end where their type does."""
    return spec.turn_count if spec.is_register else int(np.iinfo(np.int64).max)


def is_unreadable(rows: JudgedRows) -> BoolArray:
    """Find rows with a field that is empty or cannot be read."""
    columns = rows.columns
    is_named = (columns.meter_code >= 0) & (columns.channel_code >= 0)
    is_numeric = columns.is_stamp_readable & columns.is_reading_readable & columns.is_received_readable
    is_worded = (columns.source_no != NOT_READABLE) & (columns.stage_no != NOT_READABLE)
    return np.asarray(~(is_named & is_numeric & is_worded))


def is_of_unknown_meter(rows: JudgedRows) -> BoolArray:
    """Find rows of a meter that the market does not have."""
    return np.asarray(rows.meter_no < 0)


def is_of_unknown_channel(rows: JudgedRows) -> BoolArray:
    """Find rows of a channel that the meter does not measure, or not in the form of the file."""
    return np.asarray(rows.channel_no == 0)


def is_of_monthly_meter(rows: JudgedRows) -> BoolArray:
    """Find rows of a meter that is read once a month: its half hours are worked out, never delivered."""
    return np.asarray(rows.is_monthly)


def is_off_boundary(rows: JudgedRows) -> BoolArray:
    """Find stamps that are on no half hour."""
    return np.asarray(rows.columns.stamp_s % SLOT_S != 0)


def is_outside_service(rows: JudgedRows) -> BoolArray:
    """Find stamps before the meter was installed or after it was removed."""
    return np.asarray((rows.boundary < rows.first_boundary) | (rows.boundary > rows.last_boundary))


def is_below_zero(rows: JudgedRows) -> BoolArray:
    """Find counts and energies below zero."""
    return np.asarray(rows.columns.reading < 0)


def is_beyond_digits(rows: JudgedRows) -> BoolArray:
    """Find counts that the register has no digits for."""
    return np.asarray(rows.columns.reading >= rows.end_count)


# In the order of precedence: a row is rejected by the first rule that it breaks (docs/reference/vee.md).
INTAKE_RULES: Final[Mapping[ProblemCode, Callable[[JudgedRows], BoolArray]]] = {
    ProblemCode.UNREADABLE_ROW: is_unreadable,
    ProblemCode.UNKNOWN_METER: is_of_unknown_meter,
    ProblemCode.UNKNOWN_CHANNEL: is_of_unknown_channel,
    ProblemCode.MONTHLY_METER: is_of_monthly_meter,
    ProblemCode.STAMP_OFF_BOUNDARY: is_off_boundary,
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: is_outside_service,
    ProblemCode.NEGATIVE_ENERGY: is_below_zero,
    ProblemCode.REGISTER_OVERFLOW: is_beyond_digits,
}


def _accepted_rows(rows: JudgedRows, index: NDArray[np.intp]) -> ReadingRows:
    """Gather the accepted rows in the order of the file."""
    # The usual file is accepted as it is: nothing has to be gathered.
    taken = index if index.size < rows.columns.row_count else slice(None)
    source_no, stage_no = rows.columns.source_no[taken], rows.columns.stage_no[taken]
    return ReadingRows(
        meter_no=rows.meter_no[taken].astype(np.int32),
        channel_no=rows.channel_no[taken].astype(np.int8),
        boundary=rows.boundary[taken].astype(np.int32),
        reading=rows.columns.reading[taken],
        received_s=rows.columns.received_s[taken],
        delivery_no=np.zeros(index.size, dtype=np.int32),
        row_no=rows.columns.row_no[taken],
        source_no=np.where(source_no == LEFT_OUT, rows.own_source_no[taken], source_no).astype(np.int8),
        stage_no=np.where(stage_no == LEFT_OUT, Stage.FLASH, stage_no).astype(np.int8),
    )


def _findings(
    rows: JudgedRows, rule_no: IntArray, codes: Sequence[ProblemCode], file_name: str
) -> tuple[IntakeFinding, ...]:
    """Tell the rejected rows per code and meter, in the order of the rules, then of the meters' texts."""
    rejected_index = np.flatnonzero(rule_no)
    meter_end = len(rows.columns.meter_texts) + 1
    # Rows without a meter have code -1 and share the last place of their rule.
    group = rule_no[rejected_index] * meter_end + rows.columns.meter_code[rejected_index] % meter_end
    groups, first, row_counts = np.unique(group, return_index=True, return_counts=True)
    findings: list[IntakeFinding] = []
    for rule, code in enumerate(codes, start=1):
        of_rule = np.flatnonzero(groups // meter_end == rule)
        alone, rest = of_rule[:FINDINGS_PER_CODE_MAX], of_rule[FINDINGS_PER_CODE_MAX:]
        for told in (*alone[:, None], rest):
            if told.size:
                row = int(rejected_index[first[told].min()])
                rejection = _rejection(rows, row, code, file_name, int(row_counts[told].sum()), int(told.size))
                findings.append(_finding(rejection, int(rows.meter_no[row])))
    return tuple(findings)


def _rejection(
    rows: JudgedRows, row: int, code: ProblemCode, file_name: str, row_count: int, meter_count: int
) -> Rejection:
    """Gather what one rejected row says, as the example of those that it stands for."""
    columns = rows.columns
    form = READING_FORMS[columns.reading_file]
    is_readable = (
        columns.meter_code[row] >= 0,
        columns.channel_code[row] >= 0,
        columns.is_stamp_readable[row],
        columns.is_reading_readable[row],
        columns.is_received_readable[row],
        columns.source_no[row] != NOT_READABLE,
        columns.stage_no[row] != NOT_READABLE,
    )
    return Rejection(
        code=code,
        file_name=file_name,
        row_no=int(columns.row_no[row]),
        row_count=row_count,
        meter_count=meter_count,
        meter_text=(*columns.meter_texts, "")[columns.meter_code[row]],
        channel_text=(*columns.channel_texts, "")[columns.channel_code[row]],
        stamp_name=form.stamp_name,
        stamp_s=int(columns.stamp_s[row]),
        is_register_file=form.is_register,
        is_other_form=bool(rows.is_other_form[row]),
        reading_name=form.reading_name,
        reading=int(columns.reading[row]),
        first_stamp_s=int(rows.first_boundary[row]) * SLOT_S + EPOCH_S,
        last_stamp_s=int(rows.last_boundary[row]) * SLOT_S + EPOCH_S,
        end_count=int(rows.end_count[row]),
        unreadable_names=tuple(
            name
            for name, is_read in zip((*form.column_names, *OPTIONAL_NAMES), is_readable, strict=True)
            if not is_read
        ),
    )


def _finding(rejection: Rejection, meter_no: int) -> IntakeFinding:
    """Word a rejection and attribute it to its meter where there is exactly one and it is known."""
    is_attributable = meter_no >= 0 and rejection.meter_count == 1
    return IntakeFinding(
        meter_no=meter_no if is_attributable else None,
        row_count=rejection.row_count,
        problem=describe_rejection(rejection),
    )
