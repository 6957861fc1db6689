"""A finding about delivered data as a value: nothing is dropped silently, nothing stops the day.

Enters and leaves: Problem values. Not here: wrong requests, which raise (see errors).
"""

from dataclasses import dataclass
from enum import StrEnum


class ProblemCode(StrEnum):
    """Every kind of finding; the member's name is what operators search for."""

    UNKNOWN_METER = "UNKNOWN_METER"  # a row names a meter that the market does not have
    UNKNOWN_CHANNEL = "UNKNOWN_CHANNEL"  # a row names a channel that its meter does not measure
    NEGATIVE_ENERGY = "NEGATIVE_ENERGY"  # energy or a register count below zero
    STAMP_OFF_BOUNDARY = "STAMP_OFF_BOUNDARY"  # a stamp that is not on a half hour
    STAMP_OUTSIDE_METER_LIFE = "STAMP_OUTSIDE_METER_LIFE"  # read before installation or after removal
    REGISTER_OVERFLOW = "REGISTER_OVERFLOW"  # a count with more digits than the register has
    UNREADABLE_ROW = "UNREADABLE_ROW"  # a field is empty or cannot be read
    REGISTER_BACKWARDS = "REGISTER_BACKWARDS"  # a register fell and no roll-over explains it
    ENERGY_IMPLAUSIBLE = "ENERGY_IMPLAUSIBLE"  # more than the connection can carry in the time
    GAP_RECOVERED = "GAP_RECOVERED"  # readings missing; energy known from the register, shape from like days
    GAP_ESTIMATED = "GAP_ESTIMATED"  # readings missing; energy and shape from like days, not tradable
    GAP_MISSING = "GAP_MISSING"  # readings missing and nothing to estimate from
    UNKNOWN_ADDRESS = "UNKNOWN_ADDRESS"  # a source names a meter by an address that the market does not have
    UNIT_MISMATCH = "UNIT_MISMATCH"  # a device counts in a unit that its meter's cannot hold exactly
    NOT_PROVIDED = "NOT_PROVIDED"  # the network operator tells a point without its value
    INCOMPLETE_SLOT = "INCOMPLETE_SLOT"  # too many minutes of a half hour are missing to add them up
    MALFORMED_FRAME = "MALFORMED_FRAME"  # bytes or a line of a gateway that are no whole message
    UNFIT_VALUE = "UNFIT_VALUE"  # a device said what its standard does not allow
    NO_DATA = "NO_DATA"  # a meter answered that it has no value
    METER_SILENT = "METER_SILENT"  # a meter without a single reading on the day
    CT_REVERSED = "CT_REVERSED"  # a CT of the grid shows import as export
    CT_DEAD = "CT_DEAD"  # a CT of the grid shows nothing while the register counts
    CT_SCALED = "CT_SCALED"  # a CT of the grid shows the register's shape at a wrong ratio
    CT_DISAGREES = "CT_DISAGREES"  # a CT of the grid and the register differ otherwise
    MONTHLY_METER = "MONTHLY_METER"  # half hours of a meter that is read once a month
    MONTH_OVERDUE = "MONTH_OVERDUE"  # the value of a month of a monthly meter has not come in time
    VALUE_STANDS_STILL = "VALUE_STANDS_STILL"  # a value that stood still for hours, or leapt after it did
    INSIDE_OUTSIDE_CLAIM = "INSIDE_OUTSIDE_CLAIM"  # energy whose value is somebody else's: measured, not offered
    STOOD_STILL_OVER_MIDNIGHT = "STOOD_STILL_OVER_MIDNIGHT"  # a register that rested over midnight and then leapt
    OPERATOR_DECIDED = "OPERATOR_DECIDED"  # an operator decided what stands in a slot, with a reason


class Severity(StrEnum):
    """How much a finding asks of the operator."""

    NOTE = "note"  # handled by rule; nothing to do
    WATCH = "watch"  # handled by rule; look at it when it comes again
    ACT = "act"  # energy or money waits until somebody acts


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding: what, where, what was found, and what to do about it."""

    code: ProblemCode
    severity: Severity
    where: str
    detail: str
    hint: str
