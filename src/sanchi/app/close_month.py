"""Finalise a month: retire what buyers hold, write statements, close the period; name the days that wait.

Enters: stores, a market, a month, the date to finalise as of. Leaves: a MonthReport. Again: nothing changes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sanchi.app.market import MarketBook, MarketTerms, PartyRole
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import dates_between
from sanchi.core.base.units import PERMILLE
from sanchi.core.certificates.operations import PLATFORM, OperationHead, OperationRecord, body_digest_of
from sanchi.core.certificates.retirement import retire_month
from sanchi.core.certificates.state import Operation
from sanchi.core.settlement.statement import MonthClose, Pair
from sanchi.core.settlement.statement import close_month as write_statements

# Above this a home is worth a look; where little is exported, the register's steps of 0.1 kWh alone can pass it.
RESIDUAL_PERMILLE_MAX: Final = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDay:
    """A day of the month that cannot be finalised yet, and why."""

    delivery_date: date
    reason: str
    is_unclosed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ResidualAlarm:
    """A home whose export register counted noticeably more than its CT saw generated, over the month [Wh]."""

    home_id: str
    ct_meter_residual_wh: int
    export_pv_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCorrection:
    """What statements of a month name as correction of an earlier one, whose days were final already.

    payable_to_homes_e5yen, receivable_from_buyers_e5yen : of either sign, exact; rounding is the statements'.
    """

    corrected_month: Month
    line_count: int
    payable_to_homes_e5yen: int
    receivable_from_buyers_e5yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthReport:
    """What finalising a month did; all zero when it was closed before."""

    month: Month
    is_new: bool
    days_finalised_count: int
    days_not_finalised: tuple[WaitingDay, ...]
    residual_alarms: tuple[ResidualAlarm, ...]
    corrections: tuple[MonthCorrection, ...]
    statement_count: int
    payable_to_homes_yen: int
    receivable_from_buyers_yen: int
    retired_wh: int
    operations: tuple[OperationRecord, ...] = ()


def close_month(
    stores: Stores,
    market_id: MarketId,
    month: Month,
    *,
    on_date: date | None,
    today: date,
    leaves_unclosed: bool = False,
) -> MonthReport:
    """Finalise a month as of a date, by default the market's finalise day of the next month, never after today.

    Days of earlier months that had to wait are finalised with it; accruals of days that still wait are carried.
    leaves_unclosed : days of the month that were never closed may be left for a later month.
    Raises: Refused (MONTH_NOT_OVER, MONTH_OUT_OF_ORDER, DAY_NOT_CLOSED when the month has neither a closed day
    nor anything posted in it, or days that were never closed and may not be left).
    """
    book = stores.market.book(market_id)
    latest = stores.ledger.latest_closed_month(market_id)
    _require_in_market(book.terms, month)
    if latest is not None and month <= latest:
        return _nothing_new(month)
    closed_on = on_date or due_date(book.terms, month)
    _require_turn(book.terms, month, latest, closed_on, today)
    ready, waiting = _sort_days(stores, book.terms, month, closed_on)
    accruals = stores.ledger.accruals_of_month(market_id, month)
    if not accruals and not stores.days.market_days(market_id, month.first_date, month.last_date):
        raise Refused(
            RefusalRule.DAY_NOT_CLOSED,
            f"no day of {month} was closed.",
            hint=f"Close its days first: sanchi close-day {month.first_date}",
        )
    if not leaves_unclosed:
        _require_all_closed(month, waiting)
    final_before = _finalised_dates(stores, book.terms)
    retired = _retire(stores, book, month, ready)
    stores.days.mark_finalised(market_id, ready)
    written = write_statements(
        market_id=market_id,
        month=month,
        accruals=accruals,
        corrected_dates=final_before,
        unfinalised_dates={each.delivery_date for each in accruals} - _finalised_dates(stores, book.terms),
        remainders_e5yen=stores.ledger.remainders_e5yen(market_id),
        tax_permille=book.terms.tax_permille,
    )
    stores.ledger.post(market_id, written.transfers)
    stores.ledger.add_accruals(market_id, written.carried_accruals)
    stores.ledger.add_statements(market_id, written.statements)
    stores.ledger.close_period(market_id, month, closed_on)
    return _report(book, month, ready, waiting, residual_alarms(stores, book, month), written, retired)


def due_date(terms: MarketTerms, month: Month) -> date:
    """Give the day on which a month is finalised: the configured day of the next one."""
    return month.next_month.first_date.replace(day=terms.finalise_day)


def _require_in_market(terms: MarketTerms, month: Month) -> None:
    """Refuse a month that ended before the market began."""
    first = Month.of(terms.first_delivery_date)
    if month < first:
        raise Refused(
            RefusalRule.MONTH_OUT_OF_ORDER,
            f"{month} lies before the market: it trades from {terms.first_delivery_date}.",
            hint=f"Its first month is {first}.",
        )


def _require_all_closed(month: Month, waiting: Collection[WaitingDay]) -> None:
    """Refuse a month with days that nobody ever closed: what they would bring is easily forgotten."""
    unclosed = [day.delivery_date for day in waiting if day.is_unclosed and Month.of(day.delivery_date) == month]
    if unclosed:
        days = "1 day" if len(unclosed) == 1 else f"{len(unclosed)} days"
        raise Refused(
            RefusalRule.DAY_NOT_CLOSED,
            f"{days} of {month} never closed, the first is {unclosed[0]}.",
            hint=f"Close them first: sanchi close-day {unclosed[0]}..{unclosed[-1]}; where their readings will not "
            "come, leave them for a later month with --leave-unclosed.",
        )


def _finalised_dates(stores: Stores, terms: MarketTerms) -> set[date]:
    """Give all dates that are final."""
    days = stores.days.market_days(terms.market_id, terms.first_delivery_date, terms.last_delivery_date)
    return {day.delivery_date for day in days if day.is_finalised}


def _require_turn(terms: MarketTerms, month: Month, latest: Month | None, closed_on: date, today: date) -> None:
    """Refuse a month that is not over, is to be finalised in the future, or whose predecessor is open."""
    if closed_on <= month.last_date or closed_on > today:
        reason = "before it is over" if closed_on <= month.last_date else f"which is yet to come (today is {today})"
        raise Refused(
            RefusalRule.MONTH_NOT_OVER,
            f"{month} cannot be finalised on {closed_on}, {reason}.",
            hint=f"It is due on {due_date(terms, month)}.",
        )
    expected = Month.of(terms.first_delivery_date) if latest is None else latest.next_month
    if month != expected:
        raise Refused(
            RefusalRule.MONTH_OUT_OF_ORDER,
            f"{month} cannot be finalised while {expected} is open.",
            hint=f"Finalise it first: sanchi close-month {expected}",
        )


def _sort_days(
    stores: Stores, terms: MarketTerms, month: Month, closed_on: date
) -> tuple[tuple[date, ...], tuple[WaitingDay, ...]]:
    """Part the market's days up to the month's end into those that are final now and those that wait."""
    market_id, last_date = terms.market_id, min(month.last_date, terms.last_delivery_date)
    days = {day.delivery_date: day for day in stores.days.market_days(market_id, terms.first_delivery_date, last_date)}
    gaps = stores.readings.parties_with_gaps(market_id, terms.first_delivery_date, last_date)
    ready: list[date] = []
    waiting: list[WaitingDay] = []
    for delivery_date in dates_between(terms.first_delivery_date, last_date):
        day = days.get(delivery_date)
        waited_until = delivery_date + timedelta(days=terms.waiting_days)
        if day is None:
            reason = "not closed yet: sanchi close-day"
            waiting.append(WaitingDay(delivery_date=delivery_date, reason=reason, is_unclosed=True))
        elif day.is_finalised:
            continue
        elif day.is_stale:
            waiting.append(WaitingDay(delivery_date=delivery_date, reason="newer readings: sanchi close-day --revise"))
        elif gaps.get(delivery_date) and closed_on < waited_until:
            reason = f"gaps of {len(gaps[delivery_date])} parties; waits for readings until {waited_until}"
            waiting.append(WaitingDay(delivery_date=delivery_date, reason=reason))
        else:
            ready.append(delivery_date)
    return tuple(ready), tuple(waiting)


def _retire(stores: Stores, book: MarketBook, month: Month, ready: Collection[date]) -> OperationRecord:
    """Retire the slices that buyers hold of the days; each buyer gets an origin statement.

    What corrections of days finalised before brought buyers since then is retired with this month.
    """
    market_id = book.terms.market_id
    finalised = _finalised_dates(stores, book.terms)
    held = stores.registry.active_of_days(market_id, finalised | set(ready))
    retirement = retire_month(
        month=month,
        slices=[each.piece for each in held],
        buyer_nos={party.party_no for party in book.parties if party.role is PartyRole.BUYER},
        first_claim_no=stores.certificates.next_claim_no(market_id),
        market_id=market_id,
        dates=ready,
        date_of={each.piece.certificate_id: each.delivery_date for each in held},
    )
    head = OperationHead(
        operation_id=f"close-month/{month}",
        operation=Operation.RETIRE,
        actor=PLATFORM,
        reason=f"{month} is finalised",
        body_digest=body_digest_of({"month": month, "dates": [day.isoformat() for day in ready]}),
    )
    stores.certificates.add_claims(market_id, retirement.claims)
    return stores.certificates.apply_changes(market_id, head, retirement.changes)


def residual_alarms(stores: Stores, book: MarketBook, month: Month) -> tuple[ResidualAlarm, ...]:
    """Name the homes whose residual of the month is above RESIDUAL_PERMILLE_MAX of their export."""
    names = {party.party_no: party.party_id for party in book.parties}
    sums_wh = stores.days.residuals_wh(book.terms.market_id, month.first_date, month.last_date)
    return tuple(
        ResidualAlarm(home_id=names[home_no], ct_meter_residual_wh=residual_wh, export_pv_wh=exported_wh)
        for home_no, (residual_wh, exported_wh) in sorted(sums_wh.items())
        if residual_wh * PERMILLE > exported_wh * RESIDUAL_PERMILLE_MAX
    )


def _nothing_new(month: Month) -> MonthReport:
    """Tell that the month was closed before."""
    return MonthReport(
        month=month,
        is_new=False,
        days_finalised_count=0,
        days_not_finalised=(),
        residual_alarms=(),
        corrections=(),
        statement_count=0,
        payable_to_homes_yen=0,
        receivable_from_buyers_yen=0,
        retired_wh=0,
    )


def _report(
    book: MarketBook,
    month: Month,
    ready: Collection[date],
    waiting: tuple[WaitingDay, ...],
    alarms: tuple[ResidualAlarm, ...],
    written: MonthClose,
    retired: OperationRecord,
) -> MonthReport:
    """Sum the month up."""
    numbers = {party.party_id: party.party_no for party in book.parties}
    home_pairs = {(numbers[plant.purchaser_id], numbers[plant.payee_id]) for plant in book.plants}
    buyer_nos = {party.party_no for party in book.parties if party.role is PartyRole.BUYER}
    return MonthReport(
        month=month,
        is_new=True,
        days_finalised_count=len(ready),
        days_not_finalised=waiting,
        residual_alarms=alarms,
        corrections=_corrections(written, home_pairs, buyer_nos),
        statement_count=len(written.statements),
        payable_to_homes_yen=sum(
            each.amount_yen for each in written.statements if (each.payer_no, each.payee_no) in home_pairs
        ),
        receivable_from_buyers_yen=sum(each.amount_yen for each in written.statements if each.payer_no in buyer_nos),
        retired_wh=retired.energy_wh,
        operations=(retired,),
    )


def _corrections(
    written: MonthClose, home_pairs: Collection[Pair], buyer_nos: Collection[int]
) -> tuple[MonthCorrection, ...]:
    """Add the statements' corrections up by the month that they correct."""
    totals: dict[Month, tuple[int, int, int]] = {}
    for statement in written.statements:
        is_home = (statement.payer_no, statement.payee_no) in home_pairs
        is_buyer = statement.payer_no in buyer_nos
        for line in statement.lines:
            if line.corrected_month is not None:
                n_lines, home_e5yen, buyer_e5yen = totals.get(line.corrected_month, (0, 0, 0))
                totals[line.corrected_month] = (
                    n_lines + 1,
                    home_e5yen + is_home * line.amount_e5yen,
                    buyer_e5yen + is_buyer * line.amount_e5yen,
                )
    return tuple(
        MonthCorrection(
            corrected_month=month,
            line_count=n_lines,
            payable_to_homes_e5yen=home_e5yen,
            receivable_from_buyers_e5yen=buyer_e5yen,
        )
        for month, (n_lines, home_e5yen, buyer_e5yen) in sorted(totals.items())
    )
