"""Let promises lapse whose day has come, and certificates that are too old: by dates alone.

Enter: stores, an order, months of validity, a date. Leaves: an ExpiryReport. Again: nothing changes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from sanchi.app.registry.order import OperationOrder
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.expiry import expire_old, first_valid_date
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.reservation import release_all
from sanchi.core.certificates.state import Operation


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiryReport:
    """What lapsed: first promises, whose slices are their holders' again, then what is too old of all active ones."""

    released: OperationRecord
    expired: OperationRecord


def expire(
    stores: Stores,
    market_id: MarketId,
    order: OperationOrder,
    *,
    validity_months: Mapping[CertificateKind, int],
    on_date: date,
    today: date,
) -> ExpiryReport:
    """Release what is promised until on_date or before, under the id ORDER/release; then expire what is too old.

    validity_months : by kind; a kind without never expires.
    Raises: Refused (WRONG_DAY for a day to come, IDEMPOTENCY_CONFLICT); WrongInput for months below 1.
    """
    if on_date > today:
        raise Refused(
            RefusalRule.WRONG_DAY, f"{on_date} is yet to come (today is {today}).", hint="Nothing lapses ahead."
        )
    if any(n_months < 1 for n_months in validity_months.values()):
        raise WrongInput("Certificates are valid for a month at least.", hint="Give whole months from 1.")
    released = _release_lapsed(stores, market_id, order, on_date)
    months = {kind.text: n_months for kind, n_months in sorted(validity_months.items())}
    head = order.head(Operation.EXPIRE, {"on_date": on_date.isoformat(), "validity_months": months})
    expired = stores.certificates.done(market_id, head)
    if expired is None:
        old = [
            each
            for kind, n_months in validity_months.items()
            for each in stores.registry.active_before(market_id, kind, first_valid_date(on_date, n_months))
        ]
        expired = stores.certificates.apply_changes(market_id, head, expire_old(old, validity_months, on_date))
    return ExpiryReport(released=released, expired=expired)


def _release_lapsed(stores: Stores, market_id: MarketId, order: OperationOrder, on_date: date) -> OperationRecord:
    """Release what is still reserved of promises whose day has come."""
    own = replace(order, operation_id=f"{order.operation_id}/release")
    head = own.head(Operation.RELEASE, {"on_date": on_date.isoformat()})
    if (before := stores.certificates.done(market_id, head)) is not None:
        return before
    lapsed = stores.registry.lapsed_slices(market_id, on_date)
    return stores.certificates.apply_changes(market_id, head, release_all(lapsed) if lapsed else ())
