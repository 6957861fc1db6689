"""The tree of refusals: a wrong request raises one of these; bad data never does.

SanchiError
├── UnreadableDelivery   a file or folder that cannot be read as what it claims to be
├── UnknownRecord        a market, date, home or buyer that is not there
├── WrongInput           an argument or array that breaks its definition
├── Refused              a change that a rule forbids; names the rule
├── StepBusy             another writer holds the market-day's step
├── SetupFault           the place to work in is missing, unwritable or from another version
└── AuditFailed          `verify` found a broken law
"""

from enum import StrEnum


class SanchiError(Exception):
    """What a user reads when sanchi declines: what, where, and what to do."""

    def __init__(self, what: str, *, hint: str = "") -> None:
        """Keep the sentence and the advice apart, so that each edge can lay them out."""
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __str__(self) -> str:
        """Join sentence and advice into one line."""
        return f"{self.what} {self.hint}".strip()


class UnreadableDelivery(SanchiError):
    """A delivered file or folder cannot be read as what it claims to be; nothing of it was taken."""


class UnknownRecord(SanchiError):
    """The request names something that the market does not have."""


class WrongInput(SanchiError):
    """An argument or array breaks its own definition."""


class RefusalRule(StrEnum):
    """The rules that a change can break; each function that refuses by several says which comes first."""

    DAY_NOT_CLOSED = "DAY_NOT_CLOSED"  # finalising or explaining a day that was never closed
    MONTH_NOT_OVER = "MONTH_NOT_OVER"  # finalising before the configured day of the next month
    MONTH_OUT_OF_ORDER = "MONTH_OUT_OF_ORDER"  # an earlier month is still open
    PERIOD_CLOSED = "PERIOD_CLOSED"  # a posting into a closed period
    ALREADY_FINAL = "ALREADY_FINAL"  # a final slice asked to change
    TRANSITION_UNKNOWN = "TRANSITION_UNKNOWN"  # a state change that the table of states does not have
    BEFORE_COMMISSIONING = "BEFORE_COMMISSIONING"  # a certificate of a day before the plant began
    BEFORE_FIT_END = "BEFORE_FIT_END"  # a surplus certificate while the feed-in tariff still runs
    DUPLICATE_ISSUE = "DUPLICATE_ISSUE"  # a second certificate for device, day, kind and revision
    BALANCE_BELOW_FLOOR = "BALANCE_BELOW_FLOOR"  # a transfer that overdraws an account
    CHOICES_CHANGED = "CHOICES_CHANGED"  # explaining a day by a list of choices that it was not matched with
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"  # the same id with another content
    NOT_HOLDER = "NOT_HOLDER"  # watt-hours asked of somebody who does not hold them
    NOT_ENOUGH = "NOT_ENOUGH"  # more watt-hours asked for than there are
    NOT_DIVISIBLE = "NOT_DIVISIBLE"  # a cut where nothing can be cut, or a unit that a lot cannot be counted in
    NAMED_TWICE = "NAMED_TWICE"  # the same watt-hours in two items of one bulk
    RESERVED_FOR_ANOTHER = "RESERVED_FOR_ANOTHER"  # watt-hours that are promised to somebody else
    INSIDE_OUTSIDE_CLAIM = "INSIDE_OUTSIDE_CLAIM"  # a certificate whose value is somebody else's for a time
    WRONG_DAY = "WRONG_DAY"  # a day that is not final yet, has passed, or lies outside the period asked for


class Refused(SanchiError):
    """A change that a rule forbids."""

    def __init__(self, rule: RefusalRule, what: str, *, hint: str = "") -> None:
        """Name the rule first: it is what tests, logs and other programs look at."""
        super().__init__(f"{rule}: {what}", hint=hint)
        self.rule = rule


class StepBusy(SanchiError):
    """Another writer holds this market-day's step; the message names it and since when."""


class SetupFault(SanchiError):
    """The place to work in is missing, cannot be written, or belongs to another version."""


class AuditFailed(SanchiError):
    """`verify` found at least one broken law."""
