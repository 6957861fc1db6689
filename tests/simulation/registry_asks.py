"""What people ask of a registry, as plain tuples and numbers, put to the real use cases, each in its step.

Enter: ids of operations, ranges, numbers of parties. Leave: OperationRecords, or what the use cases raise.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from sanchi.app.registry.expire import ExpiryReport, expire
from sanchi.app.registry.export_lot import export_lot
from sanchi.app.registry.order import OperationOrder
from sanchi.app.registry.release import release
from sanchi.app.registry.reserve import reserve
from sanchi.app.registry.retire import retire, retire_reservation
from sanchi.app.registry.split import split
from sanchi.app.registry.transfer import transfer
from sanchi.app.stores import Installation, Result
from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.claiming import ClaimedUse
from sanchi.core.certificates.expiry import valid_until
from sanchi.core.certificates.exporting import LotOrder
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.requests import Serials
from sanchi.core.certificates.reservation import Promise
from sanchi.core.certificates.splitting import Cut
from sanchi.core.certificates.transfer import Transfer
from tests.simulation.registry_world import MARKET

Range = tuple[str, int, int]
UNIT_WH = 1_000


class Asks:
    """Puts requests to an installation."""

    def __init__(self, installation: Installation) -> None:
        """Keep who answers."""
        self._stores, self._run_step = installation.stores, installation.run_step

    def transfer(self, operation_id: str, items: Sequence[tuple[Range, int, int]]) -> OperationRecord:
        """Give each range from one to another."""
        asked = [
            Transfer(named=_serials(where), from_holder_no=giver, to_holder_no=taker) for where, giver, taker in items
        ]
        return self._step(operation_id, lambda order: transfer(self._stores, MARKET, order, asked))

    def split(self, operation_id: str, items: Sequence[tuple[Range, int]]) -> OperationRecord:
        """Cut at both ends of each range."""
        asked = [Cut(named=_serials(where), holder_no=holder_no) for where, holder_no in items]
        return self._step(operation_id, lambda order: split(self._stores, MARKET, order, asked))

    def reserve(
        self, operation_id: str, items: Sequence[tuple[Range, int]], party_no: int, lapses_on: date, today: date
    ) -> OperationRecord:
        """Promise ranges to a party; the promise has the operation's id."""
        asked = [Promise(named=_serials(where), holder_no=holder_no) for where, holder_no in items]
        return self._step(
            operation_id,
            lambda order: reserve(
                self._stores, MARKET, order, asked, party_no=party_no, expires_on=lapses_on, today=today
            ),
        )

    def release(self, operation_id: str, promise_id: str) -> OperationRecord:
        """Give a promise up."""
        return self._step(operation_id, lambda order: release(self._stores, MARKET, order, promise_id))

    def expire(self, operation_id: str, today: date, validity_months: Mapping[CertificateKind, int]) -> ExpiryReport:
        """Let promises lapse, and what is too old expire."""
        return self._step(
            operation_id,
            lambda order: expire(
                self._stores, MARKET, order, validity_months=validity_months, on_date=today, today=today
            ),
        )

    def claim(
        self, operation_id: str, ranges: Sequence[Range], party_no: int, first: date, last: date, today: date
    ) -> OperationRecord:
        """Use ranges up."""
        use = ClaimedUse(beneficiary_no=party_no, used_from=first, used_until=last)
        named = [_serials(where) for where in ranges]
        return self._step(operation_id, lambda order: retire(self._stores, MARKET, order, named, use, today=today))

    def claim_promise(
        self, operation_id: str, promise_id: str, party_no: int, first: date, last: date, today: date
    ) -> OperationRecord:
        """Use all of a promise up."""
        use = ClaimedUse(beneficiary_no=party_no, used_from=first, used_until=last)
        return self._step(
            operation_id, lambda order: retire_reservation(self._stores, MARKET, order, promise_id, use, today=today)
        )

    def export(self, operation_id: str, scheme: str, holder_no: int, kind_no: int, month: Month) -> OperationRecord:
        """Let a month of a holder leave."""
        wanted = LotOrder(
            scheme=scheme, holder_no=holder_no, kind=CertificateKind(kind_no), month=month, unit_wh=UNIT_WH
        )
        return self._step(operation_id, lambda order: export_lot(self._stores, MARKET, order, wanted))

    def _step(self, operation_id: str, use_case: Callable[[OperationOrder], Result]) -> Result:
        """Run a use case in its step."""
        order = OperationOrder(operation_id=operation_id, actor="operator", reason="asked")
        return self._run_step(MARKET, "registry", operation_id, lambda: use_case(order))


def is_expired(delivery_date: date, today: date, n_months: int) -> bool:
    """Tell whether watt-hours of a day have lapsed."""
    return valid_until(delivery_date, n_months) <= today


def _serials(where: Range) -> Serials:
    """Name watt-hours."""
    name, lo_wh, hi_wh = where
    return Serials(certificate_id=CertificateId(name), lo_wh=lo_wh, hi_wh=hi_wh)
