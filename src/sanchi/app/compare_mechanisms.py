"""Run every mechanism on the stored energies of closed days and measure what each would have done.

Enters: stores, a market, dates, kinds. Leaves: comparisons. Nothing is stored; the books keep what was closed.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np

from sanchi.app.days import DayOutcome
from sanchi.app.roster import Roster, call_roster
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.allocation import MechanismResult
from sanchi.core.matching.comparison import AllocationFigures, added_up, figures_of
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket, MatchPrices
from sanchi.core.matching.mechanisms.table import MECHANISMS, Mechanism, MechanismName
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.welfare import welfare_e5yen

# What the stored data do not tell, and what stands in for it; every output says so.
ASSUMPTIONS: Final = (
    "a home's ask is its plant's standard price (0 for self-consumption, which has no standard offer)",
    "a buyer's bid is what it pays by its offer in force; capacities are those of the day's close",
    "static keys are equal; a buyer serves its own district first; every tenant's target is 100 %",
    "no places and no fees; auctions are open to all buyers and look at no list",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class MechanismFigures:
    """What one mechanism did over the compared days."""

    name: MechanismName
    figures: AllocationFigures


@dataclass(frozen=True, slots=True, kw_only=True)
class SkippedMechanism:
    """A mechanism that could not run, and why."""

    name: MechanismName
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KindComparison:
    """All mechanisms on one kind of the compared days."""

    kind: CertificateKind
    dates: tuple[date, ...]
    mechanisms: tuple[MechanismFigures, ...]
    skipped: tuple[SkippedMechanism, ...]


def closed_dates(stores: Stores, market_id: MarketId, first_date: date, last_date: date) -> tuple[date, ...]:
    """List the closed days between two dates; Refused where there is none."""
    days = stores.days.market_days(market_id, first_date, last_date)
    if not days:
        raise Refused(
            RefusalRule.DAY_NOT_CLOSED,
            f"market {market_id} has no closed day from {first_date} to {last_date}.",
            hint=f"Close it first: sanchi close-day {first_date}",
        )
    return tuple(day.delivery_date for day in days)


def compare_mechanisms(
    stores: Stores, market_id: MarketId, dates: Iterable[date], kinds: Sequence[CertificateKind]
) -> tuple[KindComparison, ...]:
    """Run all mechanisms of the table on each closed day and add their figures up.

    Raises: Refused when a date was never closed.
    """
    book = stores.market.book(market_id)
    days: list[tuple[Roster, DayOutcome]] = []
    for delivery_date in dates:
        outcome = stores.days.outcome(market_id, delivery_date)
        if outcome is None:
            closed_dates(stores, market_id, delivery_date, delivery_date)
            continue
        seats = {*outcome.slot_energy.home_no.tolist(), *outcome.buyer_use.buyer_no.tolist()}
        days.append((call_roster(book, delivery_date, seats), outcome))
    return tuple(_compared_kind(days, kind) for kind in kinds)


def _compared_kind(days: Sequence[tuple[Roster, DayOutcome]], kind: CertificateKind) -> KindComparison:
    """Compare all mechanisms on one kind."""
    figures: dict[MechanismName, list[AllocationFigures]] = {name: [] for name in MECHANISMS}
    skipped: dict[MechanismName, str] = {}
    for roster, outcome in days:
        market = stored_market(roster, outcome, kind)
        results: dict[MechanismName, MechanismResult] = {}
        for name, mechanism in MECHANISMS.items():
            result = skipped.get(name) or _result_or_reason(mechanism, market)
            if isinstance(result, str):
                skipped[name] = result
            else:
                results[name] = result
        best = results.get(MechanismName.MAX_WELFARE)
        best_e5yen = None if best is None else welfare_e5yen(market, best.allocation)
        for name, result in results.items():
            figures[name].append(figures_of(market, result.allocation, best_e5yen, *_numbers(roster)))
    return KindComparison(
        kind=kind,
        dates=tuple(roster.delivery_date for roster, _outcome in days),
        mechanisms=tuple(
            MechanismFigures(name=name, figures=added_up(parts))
            for name, parts in figures.items()
            if parts and name not in skipped
        ),
        skipped=tuple(SkippedMechanism(name=name, reason=reason) for name, reason in skipped.items()),
    )


def _result_or_reason(mechanism: Mechanism, market: MatchMarket) -> MechanismResult | str:
    """Run a mechanism, or tell why it cannot."""
    try:
        return mechanism(market)
    except WrongInput as refusal:
        return refusal.what


def _numbers(roster: Roster) -> tuple[IntArray, IntArray]:
    """Give the party numbers of homes and buyers."""
    return roster.home_no.astype(np.int64), roster.buyer_no.astype(np.int64)


def stored_market(roster: Roster, outcome: DayOutcome, kind: CertificateKind) -> MatchMarket:
    """Build the market of one kind from what a close stored; see ASSUMPTIONS for what it did not store."""
    energy, choices = outcome.slot_energy, roster.choices[kind]
    if kind is CertificateKind.SURPLUS:
        supply_wh = energy.surplus_offered_wh - energy.surplus_withheld_wh
    else:
        supply_wh = energy.self_offered_wh - energy.self_withheld_wh
    closing = outcome.closing
    of_kind = closing.kind_no == kind
    capacity_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    column = {buyer_no: position for position, buyer_no in enumerate(roster.buyer_no.tolist())}
    closing_columns = np.array([column[buyer_no] for buyer_no in closing.buyer_no[of_kind].tolist()], dtype=np.int64)
    capacity_wh[closing.slot_no[of_kind].astype(np.int64) - 1, closing_columns] = closing.capacity_wh[of_kind]
    return MatchMarket(
        day=DayMatchInput(
            home_key=roster.home_key,
            choice_buyer_index=choices,
            supply_wh=_seated(supply_wh, energy.home_no.tolist(), roster.home_no.tolist()),
            capacity_wh=capacity_wh,
            delivery_date=roster.delivery_date,
        ),
        prices=_prices(roster, kind),
        static_key=(choices >= 0).astype(np.int64),
        class_rank=_district_rank(roster, kind),
        target_permille=np.full(len(roster.buyers), PERMILLE, dtype=np.int64),
        use_wh=_seated(outcome.buyer_use.use_wh, outcome.buyer_use.buyer_no.tolist(), roster.buyer_no.tolist()),
    )


def _seated(energy_wh: IntArray, stored_nos: list[int], roster_nos: list[int]) -> IntArray:
    """Turn rows by party into columns by seat, int64 (48, n_seats) [Wh]; a seat without a stored row has 0."""
    seat = {party_no: position for position, party_no in enumerate(roster_nos)}
    seated_wh = np.zeros((SLOTS_PER_DAY, len(roster_nos)), dtype=np.int64)
    seated_wh[:, [seat[party_no] for party_no in stored_nos]] = energy_wh.T
    return seated_wh


def _prices(roster: Roster, kind: CertificateKind) -> MatchPrices:
    """Read bids off the offers in force and asks off the plants."""
    offers = [roster.offers[kind].get(buyer.party_no) for buyer in roster.buyers]
    asks = [plant.standard_price_sen_per_kwh if kind is CertificateKind.SURPLUS else 0 for plant in roster.plants]
    return MatchPrices(
        home_price_sen_per_kwh=np.array(
            [0 if offer is None else offer.home_price_sen_per_kwh for offer in offers], dtype=np.int64
        ),
        buyer_price_sen_per_kwh=np.array(
            [0 if offer is None else offer.buyer_price_sen_per_kwh for offer in offers], dtype=np.int64
        ),
        ask_sen_per_kwh=np.array(asks, dtype=np.int64),
    )


def _district_rank(roster: Roster, kind: CertificateKind) -> np.ndarray[tuple[int, int], np.dtype[np.int32]]:
    """Put homes of a buyer's own district into its first class, all others into the second."""
    choices = roster.choices[kind]
    # A home's padding, -1, falls on the last entry and is no district of anybody.
    buyer_districts = np.array([*(buyer.district for buyer in roster.buyers), ""])
    home_districts = np.array([home.district for home in roster.homes])
    is_own = (buyer_districts[choices] == home_districts[:, None]) & (home_districts[:, None] != "")
    return np.where(is_own, 0, 1).astype(np.int32)
