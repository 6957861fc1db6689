"""Put rejected rows into words: what was found in which file and row, and what to do about it.

Enters: a Rejection, the first of the rows that it speaks for. Leaves: a Problem. Not here: the rules.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import JST

UNIX_EPOCH: Final = datetime(1970, 1, 1, 9, tzinfo=JST)
# The years that a datetime can show; a stamp beyond them is shown as the nearest.
SHOWN_S_MIN: Final = int((datetime(2, 1, 1, tzinfo=JST) - UNIX_EPOCH).total_seconds())
SHOWN_S_MAX: Final = int((datetime(9999, 1, 1, tzinfo=JST) - UNIX_EPOCH).total_seconds())

FAULTS: Final = {
    ProblemCode.UNREADABLE_ROW: "{unreadable} empty or not readable",
    ProblemCode.UNKNOWN_METER: "{meter} is not one of the market's meters",
    ProblemCode.UNKNOWN_CHANNEL: "{meter} does not measure '{channel}'",
    ProblemCode.MONTHLY_METER: "{meter} is read once a month and delivers no half hours",
    ProblemCode.STAMP_OFF_BOUNDARY: "{meter}, {stamp} is not on a half hour",
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: "{meter}, {stamp} lies outside its service, {first} to {last}",
    ProblemCode.NEGATIVE_ENERGY: "{meter}, {stamp}, {reading} is below zero",
    ProblemCode.REGISTER_OVERFLOW: "{meter}, {stamp}, {reading} has more digits than its register ({digits})",
}
HINTS: Final = {
    ProblemCode.UNREADABLE_ROW: (
        "A stamp is ISO 8601 with an offset (2020-12-01T15:30:00+09:00), a reading a whole number without "
        "separators, source ct, b_route or tso, stage flash, preliminary or final. Deliver these rows corrected in "
        "a new file."
    ),
    ProblemCode.UNKNOWN_METER: "Deliver the meter in a meters file, then these rows again in a new file.",
    ProblemCode.UNKNOWN_CHANNEL: (
        "Compare the channels of the meter in the meters file with the device, then deliver these rows again in "
        "a new file."
    ),
    ProblemCode.MONTHLY_METER: (
        "If it delivers half hours now, end this meter in the meters file and begin another one of cadence half_hour "
        "at that instant; then deliver these rows again in a new file."
    ),
    ProblemCode.STAMP_OFF_BOUNDARY: (
        "A stamp closes its half hour: minute 00 or 30, second 00. Deliver these rows corrected in a new file."
    ),
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: (
        "If the meter was exchanged, correct its dates in the meters file, then deliver these rows again in "
        "a new file; otherwise nothing is to do."
    ),
    ProblemCode.NEGATIVE_ENERGY: (
        "Energies and counts are never below zero, each direction has its own channel. Deliver these rows "
        "corrected in a new file."
    ),
    ProblemCode.REGISTER_OVERFLOW: (
        "Compare the digits of the meter in the meters file with the device, then deliver these rows again "
        "in a new file."
    ),
}
# A channel of a meter whose readings a file of this kind does not carry, by what the file carries.
OTHER_FORM_FAULT: Final = "{meter} {does}, so its readings belong into a file of the other kind, {kind}-*"
OTHER_FORM_HINT: Final = (
    "Deliver these rows in a file of that kind, or compare the digits of the meter in the meters file with the device: "
    "0 means energies of half hours."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rejection:
    """The first of the rows that broke one rule on one meter or on many, and how many it stands for."""

    code: ProblemCode
    file_name: str
    row_no: int
    row_count: int
    meter_count: int
    meter_text: str
    channel_text: str
    is_register_file: bool
    is_other_form: bool
    stamp_name: str
    stamp_s: int
    reading_name: str
    reading: int
    first_stamp_s: int
    last_stamp_s: int
    end_count: int
    unreadable_names: tuple[str, ...]


def describe_rejection(rejection: Rejection) -> Problem:
    """Write the finding for the rows that a rejection stands for."""
    rows = "1 row" if rejection.row_count == 1 else f"{rejection.row_count} rows"
    scope = "" if rejection.meter_count == 1 else f" of {rejection.meter_count} further meters"
    is_misplaced = rejection.code is ProblemCode.UNKNOWN_CHANNEL and rejection.is_other_form
    fault = (OTHER_FORM_FAULT if is_misplaced else FAULTS[rejection.code]).format(
        unreadable=", ".join(rejection.unreadable_names),
        meter=f"meter {rejection.meter_text}",
        channel=rejection.channel_text,
        does="delivers energies" if rejection.is_register_file else "is a register",
        kind="energies" if rejection.is_register_file else "registers",
        stamp=f"{rejection.stamp_name} {stamp_text(rejection.stamp_s)}",
        reading=f"{rejection.reading_name} {rejection.reading}",
        first=stamp_text(rejection.first_stamp_s),
        last=stamp_text(rejection.last_stamp_s),
        digits=len(str(rejection.end_count)) - 1,
    )
    # A stamp outside a meter's service belongs to no energy of the market; every other row leaves a gap.
    is_harmless = rejection.code is ProblemCode.STAMP_OUTSIDE_METER_LIFE
    return Problem(
        code=rejection.code,
        severity=Severity.WATCH if is_harmless else Severity.ACT,
        where=f"{rejection.file_name}, row {rejection.row_no}",
        detail=f"{rows}{scope} rejected; row {rejection.row_no}: {fault}",
        hint=OTHER_FORM_HINT if is_misplaced else HINTS[rejection.code],
    )


def stamp_text(stamp_s: int) -> str:
    """Write Unix seconds as a stamp in Japan Standard Time.

    >>> stamp_text(946652400)
    '2000-01-01T00:00:00+09:00'
    """
    shown_s = min(max(stamp_s, SHOWN_S_MIN), SHOWN_S_MAX)
    return (UNIX_EPOCH + timedelta(seconds=shown_s)).isoformat()
