"""Let what was never used lapse, by dates alone: the same day asks for the same slices, whoever asks and when.

Enter: slices with their days, months of validity. Leave: SliceChanges. Not here: which promises have lapsed (store).
"""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.cutting import state_after
from sanchi.core.certificates.requests import HeldSlice
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.core.certificates.withdrawal import SliceChange


def expire_old(
    held: Iterable[HeldSlice], validity_months: Mapping[CertificateKind, int], on_date: date
) -> tuple[SliceChange, ...]:
    """Let active slices lapse that are older than their kind's months of validity.

    A kind without months lapses never; neither does a day that is not finalised, for it may be issued anew.
    """
    limits = {kind: first_valid_date(on_date, n_months) for kind, n_months in validity_months.items()}
    return tuple(
        SliceChange(before=each.piece, after=(each.piece.in_state(state_after(each, Operation.EXPIRE)),))
        for each in held
        if each.piece.state is CertificateState.ACTIVE
        and each.is_finalised
        and each.kind in limits
        and each.delivery_date < limits[each.kind]
    )


def first_valid_date(on_date: date, n_months: int) -> date:
    """Give the first delivery date whose watt-hours are still valid on a date, n_months calendar months long.

    A day is valid until before the same day n_months later; where that month has no such day, until before the first
    day of the month after it.

    >>> first_valid_date(date(2021, 3, 20), 3)
    datetime.date(2020, 12, 21)
    >>> first_valid_date(date(2021, 2, 28), 3), first_valid_date(date(2021, 3, 1), 3)
    (datetime.date(2020, 11, 29), datetime.date(2020, 12, 2))
    """
    assert n_months > 0, f"{n_months} months of validity"
    candidate = _months_before(on_date, n_months)
    while valid_until(candidate, n_months) <= on_date:
        candidate += timedelta(days=1)
    return candidate


def valid_until(delivery_date: date, n_months: int) -> date:
    """Give the day on which a delivery date's watt-hours lapse.

    >>> valid_until(date(2020, 11, 30), 3), valid_until(date(2020, 11, 28), 3)
    (datetime.date(2021, 3, 1), datetime.date(2021, 2, 28))
    """
    year_step, month_index = divmod(delivery_date.month - 1 + n_months, 12)
    month = Month(year=delivery_date.year + year_step, month_no=month_index + 1)
    if delivery_date.day > month.last_date.day:
        return month.next_month.first_date
    return month.first_date.replace(day=delivery_date.day)


def _months_before(on_date: date, n_months: int) -> date:
    """Give a date at least n_months before another, and few days more."""
    year_step, month_index = divmod(on_date.month - 1 - n_months, 12)
    return Month(year=on_date.year + year_step, month_no=month_index + 1).first_date
