"""Close a delivery date: balance the homes, withhold debts, match, issue certificates, settle.

Enters: stores, a market, a date. Leaves: a CloseReport. Closing again with the same readings changes nothing.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.app.book_day import book_accruals, issue_certificates
from sanchi.app.day_budgets import DayBudgets, keep_budgets, read_budgets
from sanchi.app.day_energy import DayEnergy, measure_and_balance
from sanchi.app.day_matching import allocated_energy, closing_table, match_kinds
from sanchi.app.day_passing import pass_kinds_on
from sanchi.app.day_withholding import Withheld, keep_withheld, withhold_debts
from sanchi.app.days import DayOutcome, DayProblem, MarketDay
from sanchi.app.market import MarketTerms
from sanchi.app.result_digest import result_digest
from sanchi.app.revise_day import revise_finalised_day
from sanchi.app.roster import Roster, call_roster
from sanchi.app.stores import Stores
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.operations import PLATFORM, OperationHead, OperationRecord, body_digest_of
from sanchi.core.certificates.state import Operation

FIRST_REVISION = 1


class CloseOutcome(StrEnum):
    """What closing a day did."""

    CLOSED = "closed"  # the first revision
    REVISED = "revised"  # newer readings: matched anew, only differences posted
    CORRECTED = "corrected"  # newer readings after the month was finalised: the corrected homes alone
    UNCHANGED = "unchanged"  # the readings give the same energies as before


@dataclass(frozen=True, slots=True, kw_only=True)
class CloseReport:
    """What closing a day did, in figures [Wh], and what it did with certificates that were there already."""

    delivery_date: date
    outcome: CloseOutcome
    revision: int
    surplus_offered_wh: int
    surplus_matched_wh: int
    self_offered_wh: int
    self_matched_wh: int
    problems: tuple[DayProblem, ...]
    operations: tuple[OperationRecord, ...] = ()


def close_day(stores: Stores, market_id: MarketId, delivery_date: date) -> CloseReport:
    """Close a delivery date, or revise it where newer readings changed its energies.

    Raises: UnknownRecord when the market has no such date, or no reading of it.
    """
    book = stores.market.book(market_id)
    _require_in_period(book.terms, delivery_date)
    day = _market_day(stores, market_id, delivery_date)
    roster = call_roster(book, delivery_date, seated_again(stores, market_id, day))
    energy = measure_and_balance(stores.readings, market_id, roster)
    _mark_days_sharing_gaps(stores, market_id, energy)
    if day is not None and day.is_finalised:
        revised = revise_finalised_day(stores, market_id, roster, energy, day)
        return _report(
            revised.outcome,
            CloseOutcome.CORRECTED if revised.outcome.revision > day.revision_in_force else CloseOutcome.UNCHANGED,
            operations=revised.operations,
        )
    # Without newer readings a closed day stays as it is, whatever debts arose and other days took since.
    is_same = day is not None and not day.is_stale
    withhold = keep_withheld if is_same else withhold_debts
    withheld = withhold(stores.certificates, market_id, roster, energy)
    budgets = (keep_budgets if is_same else read_budgets)(stores, market_id, roster)
    revision = FIRST_REVISION if day is None else day.revision_in_force + 1
    outcome = _matched_outcome(roster, energy, withheld, budgets, revision)
    if day is not None and day.result_digest == outcome.result_digest:
        stores.days.mark_fresh(market_id, delivery_date, outcome.row_counts, outcome.problems, outcome.slot_values)
        return _report(outcome, CloseOutcome.UNCHANGED, revision=day.revision_in_force)
    operations = () if day is None else (_withdraw(stores, market_id, outcome),)
    stores.days.save_outcome(market_id, outcome)
    stores.certificates.add_settlements(market_id, delivery_date, outcome.revision, withheld.settlements)
    issue_certificates(stores, market_id, roster, outcome, outcome.allocated)
    book_accruals(stores, market_id, roster, outcome)
    return _report(outcome, CloseOutcome.CLOSED if day is None else CloseOutcome.REVISED, operations=operations)


def _withdraw(stores: Stores, market_id: MarketId, outcome: DayOutcome) -> OperationRecord:
    """Withdraw the certificates of the revision before, all that can be."""
    subject = {"delivery_date": outcome.delivery_date, "revision": outcome.revision}
    head = OperationHead(
        operation_id=f"close-day/{outcome.delivery_date}/{outcome.revision}",
        operation=Operation.WITHDRAW,
        actor=PLATFORM,
        reason=f"revision {outcome.revision} replaces the one before",
        body_digest=body_digest_of({**subject, "result_digest": outcome.result_digest}),
    )
    return stores.certificates.withdraw_active(market_id, head, outcome.delivery_date)


def _require_in_period(terms: MarketTerms, delivery_date: date) -> None:
    """Refuse dates outside the market's period."""
    if not terms.first_delivery_date <= delivery_date <= terms.last_delivery_date:
        raise UnknownRecord(
            f"Market {terms.market_id} has no delivery date {delivery_date}.",
            hint=f"It trades from {terms.first_delivery_date} to {terms.last_delivery_date}.",
        )


def _market_day(stores: Stores, market_id: MarketId, delivery_date: date) -> MarketDay | None:
    """Give where the date stands, None when it was never closed."""
    days = stores.days.market_days(market_id, delivery_date, delivery_date)
    return days[0] if days else None


def seated_again(stores: Stores, market_id: MarketId, day: MarketDay | None) -> set[int]:
    """Give the party_nos that a finalised day was closed with: only their energies can still change.

    A day that is not finalised gives none: its seats follow from master data alone.
    """
    outcome = stores.days.outcome(market_id, day.delivery_date) if day is not None and day.is_finalised else None
    return set() if outcome is None else {*outcome.slot_energy.home_no.tolist(), *outcome.buyer_use.buyer_no.tolist()}


def _mark_days_sharing_gaps(stores: Stores, market_id: MarketId, energy: DayEnergy) -> None:
    """Let closed days that a gap of this one reaches into be closed again, where they were closed without it.

    A day can be whole until the first reading of the next one contradicts its last: then both share a gap.
    """
    if not energy.gap_dates:
        return
    known = stores.readings.parties_with_gaps(market_id, min(energy.gap_dates), max(energy.gap_dates))
    surprised = [day for day, party_nos in energy.gap_dates.items() if not party_nos <= known.get(day, set())]
    stores.days.mark_stale(market_id, surprised)


def _matched_outcome(
    roster: Roster, energy: DayEnergy, withheld: Withheld, budgets: DayBudgets, revision: int
) -> DayOutcome:
    """Match what is offered after withholding and put the day's results together."""
    matched = match_kinds(
        roster,
        {kind: energy.offered_wh(kind) - withheld.withheld_wh[kind] for kind in CertificateKind},
        energy.buyer_use.use_wh,
        budgets,
    )
    slot_energy = energy.slot_energy_with(withheld.withheld_wh)
    allocated = allocated_energy(roster, matched)
    closing = closing_table(roster, matched)
    passed_on = pass_kinds_on(roster, matched, energy.buyer_use.use_wh)
    return DayOutcome(
        delivery_date=roster.delivery_date,
        revision=revision,
        is_home_only=False,
        result_digest=result_digest(slot_energy, energy.buyer_use, allocated, closing, passed_on),
        row_counts=energy.row_counts,
        slot_energy=slot_energy,
        buyer_use=energy.buyer_use,
        allocated=allocated,
        closing=closing,
        problems=energy.problems,
        passed_on=passed_on,
        slot_values=energy.slot_values,
    )


def _report(
    outcome: DayOutcome,
    done: CloseOutcome,
    revision: int | None = None,
    operations: tuple[OperationRecord, ...] = (),
) -> CloseReport:
    """Sum the outcome up."""
    allocated = outcome.allocated
    return CloseReport(
        delivery_date=outcome.delivery_date,
        outcome=done,
        revision=outcome.revision if revision is None else revision,
        surplus_offered_wh=int(outcome.slot_energy.surplus_offered_wh.sum()),
        surplus_matched_wh=allocated.bought_wh(CertificateKind.SURPLUS),
        self_offered_wh=int(outcome.slot_energy.self_offered_wh.sum()),
        self_matched_wh=allocated.bought_wh(CertificateKind.SELF_CONSUMPTION),
        problems=outcome.problems,
        operations=operations,
    )
