"""Cover what no roof covered of buyers' use in a closed month with certificates that they bought elsewhere.

Enters: stores, a market, a month. Leaves: a TopUpReport. Again: nothing changes, unless lots or readings are new.
"""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.days import DayOutcome, PassedOnTable
from sanchi.app.market import MarketBook, Party, PartyRole
from sanchi.app.outside_ports import OutsideUse, RegisteredLot
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO
from sanchi.core.certificates.debts import Debt
from sanchi.core.certificates.retirement import RENEWABLE_USE
from sanchi.core.certificates.topping_up import OpenLot, is_of_vintage, top_up, uncovered_wh

VINTAGE_MONTHS: Final = 12
VINTAGE_MONTHS_MAX: Final = 600


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerTopUp:
    """A buyer's month [Wh]: use = what roofs covered + needed; needed = covered before + now + uncovered.

    unfit_wh : what is left in its lots of a vintage that the month does not take.
    """

    buyer_id: PartyId
    use_wh: int
    needed_wh: int
    covered_before_wh: int
    covered_now_wh: int
    uncovered_wh: int
    unfit_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUpReport:
    """What topping a month up did, buyer by buyer; waiting_dates : its closed days that are not final, left out."""

    month: Month
    buyers: tuple[BuyerTopUp, ...]
    waiting_dates: tuple[date, ...]


def top_up_month(
    stores: Stores,
    market_id: MarketId,
    month: Month,
    *,
    buyer_id: PartyId | None = None,
    vintage_months: int = VINTAGE_MONTHS,
) -> TopUpReport:
    """Cover the use of a closed month's final days, of one buyer or of all that have any.

    Raises: Refused (MONTH_NOT_CLOSED), UnknownRecord when there is no such buyer.
    """
    book = stores.market.book(market_id)
    buyers = _buyers(book, buyer_id)
    latest = stores.ledger.latest_closed_month(market_id)
    if latest is None or month > latest:
        raise Refused(
            RefusalRule.MONTH_NOT_CLOSED,
            f"{month} is not closed yet, so what roofs cover of it may still change.",
            hint=f"Close it first: sanchi close-month {month}",
        )
    use, needed, waiting = _needs(stores, market_id, month)
    lots, uses = stores.outside.lots(market_id), stores.outside.uses(market_id)
    covered: defaultdict[int, int] = defaultdict(int)
    for each in uses:
        if each.month == month:
            covered[each.beneficiary_no] += each.use.energy_wh
    new: list[OutsideUse] = []
    reports = []
    for buyer in buyers:
        no = buyer.party_no
        open_lots = _open_lots(lots, uses, buyer.party_id)
        before_wh = covered[no]
        topped = top_up(open_lots, max(needed[no] - before_wh, 0), month, vintage_months)
        new += [OutsideUse(use=use_, month=month, beneficiary_no=no, purpose=RENEWABLE_USE) for use_ in topped.uses]
        reports.append(
            BuyerTopUp(
                buyer_id=buyer.party_id,
                use_wh=use[no],
                needed_wh=needed[no],
                covered_before_wh=before_wh,
                covered_now_wh=sum(use_.energy_wh for use_ in topped.uses),
                uncovered_wh=topped.uncovered_wh,
                unfit_wh=sum(
                    lot.quantity_wh - lot.used_wh for lot in open_lots if not is_of_vintage(lot, month, vintage_months)
                ),
            )
        )
    stores.outside.add_uses(market_id, new)
    told = [each for each in reports if each.use_wh or each.covered_before_wh or buyer_id is not None]
    return TopUpReport(month=month, buyers=tuple(told), waiting_dates=waiting)


def _buyers(book: MarketBook, buyer_id: PartyId | None) -> list[Party]:
    """Give the buyers that are asked for, in the order of their numbers."""
    buyers = [party for party in book.parties if party.role is PartyRole.BUYER]
    chosen = [buyer for buyer in buyers if buyer_id in (None, buyer.party_id)]
    if buyer_id is not None and not chosen:
        raise UnknownRecord(
            f"Market {book.terms.market_id} has no buyer {buyer_id}.", hint="Name a party_id with the role buyer."
        )
    return chosen


def _needs(
    stores: Stores, market_id: MarketId, month: Month
) -> tuple[defaultdict[int, int], defaultdict[int, int], tuple[date, ...]]:
    """Add up each buyer's use and what no roof covered of it, by party_no, over final days; and name the others."""
    use: defaultdict[int, int] = defaultdict(int)
    needed: defaultdict[int, int] = defaultdict(int)
    waiting = []
    debts = stores.certificates.debts(market_id)
    for day in stores.days.market_days(market_id, month.first_date, month.last_date):
        if not day.is_finalised:
            waiting.append(day.delivery_date)
            continue
        outcome = stores.days.outcome(market_id, day.delivery_date)
        assert outcome is not None, f"{day.delivery_date} is finalised without a revision"
        own_debts = [debt for debt in debts if debt.delivery_date == day.delivery_date]
        used_wh = outcome.buyer_use.use_wh
        left_wh = uncovered_wh(used_wh, received_wh(outcome, own_debts)).sum(axis=1)
        for row, buyer_no in enumerate(outcome.buyer_use.buyer_no.tolist()):
            use[buyer_no] += int(used_wh[row].sum())
            needed[buyer_no] += int(left_wh[row])
    return use, needed, tuple(waiting)


def received_wh(outcome: DayOutcome, debts: list[Debt]) -> NDArray[np.int64]:
    """Give what each buyer of the day had of roofs for its own use, int64 (n_buyers, 48) [Wh].

    Both kinds together, as bought, with what became debt since (it stays with its buyer), less what an owner passed
    on, and with what a tenant was passed: each watt-hour has one user.
    """
    row_of = {buyer_no: row for row, buyer_no in enumerate(outcome.buyer_use.buyer_no.tolist())}
    received = np.zeros((len(row_of), SLOTS_PER_DAY), dtype=np.int64)
    bought = outcome.allocated.take(outcome.allocated.choice_no > REST_CHOICE_NO)
    passed: PassedOnTable = outcome.passed_on
    flows = [
        *zip(bought.holder_no.tolist(), bought.slot_no.tolist(), bought.energy_wh.tolist(), strict=True),
        *((debt.holder_no, debt.slot_no, debt.debt_wh) for debt in debts),
        *zip(passed.tenant_no.tolist(), passed.slot_no.tolist(), passed.energy_wh.tolist(), strict=True),
        *zip(passed.owner_no.tolist(), passed.slot_no.tolist(), (-passed.energy_wh).tolist(), strict=True),
    ]
    for party_no, slot_no, energy_wh in flows:
        if party_no in row_of:
            received[row_of[party_no], slot_no - 1] += energy_wh
    return received


def _open_lots(lots: tuple[RegisteredLot, ...], uses: tuple[OutsideUse, ...], buyer_id: PartyId) -> list[OpenLot]:
    """Give a buyer's lots with what is used of each."""
    used: defaultdict[int, int] = defaultdict(int)
    for each in uses:
        used[each.use.lot_no] = max(used[each.use.lot_no], each.use.hi_wh)
    return [
        OpenLot(
            lot_no=each.lot_no,
            quantity_wh=each.lot.quantity_wh,
            used_wh=used[each.lot_no],
            generated_from=each.lot.generated_from,
            generated_until=each.lot.generated_until,
        )
        for each in lots
        if each.lot.buyer_id == buyer_id
    ]
