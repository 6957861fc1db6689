"""Book accruals: each line with its transfer, under ids that a repetition gives again.

Enter: signed energy by key, lines of a month. Leave: accruals and transfers. Not here: balances (ledger).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sanchi.core.base.ids import MarketId, TransferId
from sanchi.core.base.months import Month
from sanchi.core.ledger.account import accrued_account, cost_account
from sanchi.core.ledger.transfer import Transfer, TransferCode, signed_transfer
from sanchi.core.settlement.accruals import Accrual, AccruedEnergy, accrued_so_far


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedAccruals:
    """Lines in the order of their numbers, each with its transfer."""

    accruals: tuple[Accrual, ...]
    transfers: tuple[Transfer, ...]


def posting_month_of(delivery_date: date, latest_closed_month: Month | None) -> Month:
    """Give the month of the delivery date if it is open, else the earliest open one.

    >>> str(posting_month_of(date(2020, 11, 30), Month(year=2020, month_no=12)))
    '2021-01'
    """
    month = Month.of(delivery_date)
    return month if latest_closed_month is None else max(month, latest_closed_month.next_month)


def book_differences(
    *,
    market_id: MarketId,
    delivery_date: date,
    revision: int,
    differences: AccruedEnergy,
    posting_month: Month,
) -> BookedAccruals:
    """Book what a revision changes; below zero, debit and credit change sides.

    Transfers are named market/date/rN/line, as in tokyo/2020-11-20/r1/000001, and valued at the date.
    """
    assert posting_month >= Month.of(delivery_date), f"{delivery_date} cannot be posted in {posting_month}"
    lines = _Lines(market_id=market_id, delivery_date=delivery_date, revision=revision)
    return lines.booked(differences, posting_month, TransferCode.ACCRUAL, first_line_no=1)


def carry_over(
    *, market_id: MarketId, month: Month, accruals: Iterable[Accrual], unfinalised_dates: Collection[date]
) -> BookedAccruals:
    """Move the accruals of days that are not finalised out of a month that closes, into the next one.

    accruals : all that are posted in the month. Each line is taken back in the month and booked again in the
    next one, as further lines of the day's latest revision; so a month's accruals are always its lines alone.
    """
    of_date: dict[date, list[Accrual]] = defaultdict(list)
    for accrual in accruals:
        assert accrual.posting_month == month, f"an accrual of {accrual.posting_month} in {month}"
        if accrual.delivery_date in unfinalised_dates:
            of_date[accrual.delivery_date].append(accrual)
    carried = [_carried(market_id, month, posted) for _, posted in sorted(of_date.items())]
    return BookedAccruals(
        accruals=tuple(accrual for booked in carried for accrual in booked.accruals),
        transfers=tuple(transfer for booked in carried for transfer in booked.transfers),
    )


def _carried(market_id: MarketId, month: Month, posted: Sequence[Accrual]) -> BookedAccruals:
    """Carry one day: first all lines below, then all above, so that the next month has the last numbers."""
    revision = max(accrual.revision for accrual in posted)
    last_line_no = max(accrual.line_no for accrual in posted if accrual.revision == revision)
    lines = _Lines(market_id=market_id, delivery_date=posted[0].delivery_date, revision=revision)
    accrued = accrued_so_far(posted)
    taken_back = {key: -energy_wh for key, energy_wh in accrued.items()}
    out = lines.booked(taken_back, month, TransferCode.CARRY, first_line_no=last_line_no + 1)
    first_line_no = last_line_no + len(taken_back) + 1
    into = lines.booked(accrued, month.next_month, TransferCode.CARRY, first_line_no=first_line_no)
    return BookedAccruals(
        accruals=out.accruals + into.accruals,
        transfers=out.transfers + into.transfers,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lines:
    """The lines of one revision of a day."""

    market_id: MarketId
    delivery_date: date
    revision: int

    def booked(
        self, energy: AccruedEnergy, posting_month: Month, code: TransferCode, first_line_no: int
    ) -> BookedAccruals:
        """Write one line a key, numbered on, each with its transfer."""
        accruals: list[Accrual] = []
        transfers: list[Transfer] = []
        for line_no, (key, energy_wh) in enumerate(energy.items(), start=first_line_no):
            accrual = Accrual(
                delivery_date=self.delivery_date,
                revision=self.revision,
                line_no=line_no,
                posting_month=posting_month,
                key=key,
                energy_wh=energy_wh,
                transfer_id=self._transfer_id(line_no),
            )
            transfer = signed_transfer(
                transfer_id=accrual.transfer_id,
                debit_account=cost_account(key.payer_no),
                credit_account=accrued_account(key.payer_no, key.payee_no, posting_month),
                amount_e5yen=accrual.amount_e5yen,
                code=code,
                posting_month=posting_month,
                value_date=self.delivery_date,
            )
            accruals.append(accrual)
            transfers.append(transfer)
        return BookedAccruals(accruals=tuple(accruals), transfers=tuple(transfers))

    def _transfer_id(self, line_no: int) -> TransferId:
        """Name the transfer of a line."""
        return TransferId(f"{self.market_id}/{self.delivery_date}/r{self.revision}/{line_no:06d}")
