"""Explain why a home got what it got on a closed day: from the books, the published table, and matching anew.

Enters: stores, a home, a date. Leaves: HomeExplanation. Nothing is stored, and no other home's figure leaves.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from sanchi.app.closed_home_day import ClosedHomeDay, HomeKindDay, load_closed_home_day
from sanchi.app.days import ClosingTable, DayOutcome
from sanchi.app.home_explanation import (
    ExplainedChoice,
    ExplainedKind,
    ExplainedOrder,
    ExplainedSlot,
    HomeExplanation,
    OrdersVerdict,
    PartyName,
    PassedOverBuyer,
    RestPlace,
)
from sanchi.app.market import Preference, RankingRule
from sanchi.app.roster import Roster
from sanchi.app.stores import Stores
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.eating import match_day
from sanchi.core.matching.explanation import explain_slot
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.what_if import OrderOutcome, match_in_order, only_slot, orders_to_try


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeQuestion:
    """What is asked: a home, a day, all of it or one slot, one kind or both."""

    home_id: str
    delivery_date: date
    slot_no: int | None = None
    kinds: tuple[CertificateKind, ...] = tuple(CertificateKind)

    @property
    def slot_indices(self) -> tuple[int, ...]:
        """List the slots that are asked for. Raises: WrongInput."""
        if self.slot_no is None:
            return tuple(range(SLOTS_PER_DAY))
        if not 1 <= self.slot_no <= SLOTS_PER_DAY:
            raise WrongInput(
                f"There is no slot {self.slot_no}: a day has the slots 1 to {SLOTS_PER_DAY}.",
                hint="Slot 1 is 00:00 to 00:30, slot 25 is 12:00 to 12:30.",
            )
        return (self.slot_no - 1,)


def explain_home(stores: Stores, market_id: MarketId, question: HomeQuestion) -> HomeExplanation:
    """Explain a home's day or one slot of it.

    Raises: WrongInput for a slot that no day has; what load_closed_home_day raises; Refused (CHOICES_CHANGED).
    """
    slot_indices = question.slot_indices
    closed = load_closed_home_day(stores, market_id, question.home_id, question.delivery_date)
    return HomeExplanation(
        market_id=market_id,
        home=_named(closed, closed.home.party_no),
        delivery_date=question.delivery_date,
        slot_no=question.slot_no,
        revision=closed.in_force.revision,
        is_finalised=closed.day.is_finalised,
        is_stale=closed.day.is_stale,
        is_home_only=closed.in_force.is_home_only,
        kinds=tuple(_explained_kind(closed, kind, slot_indices) for kind in question.kinds),
    )


def _explained_kind(closed: ClosedHomeDay, kind: CertificateKind, slot_indices: Sequence[int]) -> ExplainedKind:
    """Explain one kind over the slots."""
    matched, now = closed.of_kind(closed.matched, kind), closed.of_kind(closed.in_force, kind)
    slots = tuple(
        _explained_slot(matched, now, slot_index)
        for slot_index in slot_indices
        if matched.offered_wh[slot_index] or now.offered_wh[slot_index]
    )
    asked = [slot_index in slot_indices for slot_index in range(SLOTS_PER_DAY)]
    parts_wh, amounts_e5yen = now.parts_wh[asked].sum(axis=0), now.amount_e5yen[asked].sum(axis=0)
    prices = [_home_price(closed.roster, kind, buyer_no) for buyer_no in now.choices]
    is_surplus = kind is CertificateKind.SURPLUS
    rest_price = closed.plant.standard_price_sen_per_kwh if is_surplus else 0
    orders, verdict = _orders(closed, matched, slot_indices, [*prices, rest_price])
    holder_id = closed.plant.purchaser_id if is_surplus else closed.plant.value_owner_id
    return ExplainedKind(
        kind=kind,
        offered_wh=int(now.offered_wh[asked].sum()),
        withheld_wh=int(now.withheld_wh[asked].sum()),
        choices=tuple(
            ExplainedChoice(
                choice_no=place + 1,
                buyer=_named(closed, buyer_no),
                home_price_sen_per_kwh=prices[place],
                part_wh=int(parts_wh[place]),
                amount_e5yen=int(amounts_e5yen[place + 1]),
                met=tuple(slot.matched.choices[place] for slot in slots if slot.matched.supply_wh),
            )
            for place, buyer_no in enumerate(now.choices)
        ),
        is_ranked_by_worth=_is_ranked_by_worth(closed, kind),
        passed_over=tuple(
            PassedOverBuyer(buyer=_named(closed, each.buyer_no), reason=each.reason)
            for each in closed.roster.passed_over[kind]
            if each.home_no == closed.home.party_no
        ),
        rest_place=RestPlace.STANDARD_OFFER if is_surplus else RestPlace.STAYS_WITH_OWNER,
        rest_holder=_named(closed, closed.roster.party_nos[holder_id]),
        rest_price_sen_per_kwh=rest_price,
        rest_wh=int(now.rest_wh[asked].sum()),
        rest_amount_e5yen=int(amounts_e5yen[0]),
        slots=slots,
        orders=orders,
        verdict=verdict,
    )


def _is_ranked_by_worth(closed: ClosedHomeDay, kind: CertificateKind) -> bool:
    """Tell whether the home lets its buyers be ranked by worth, by its preference in force on the day."""
    begun = [
        each
        for each in closed.book.preferences
        if each.home_id == closed.home.party_id and each.kind is kind and each.valid_from <= closed.day.delivery_date
    ]
    latest = max(begun, key=_valid_from, default=None)
    return latest is not None and latest.ranking is RankingRule.BY_WORTH


def _valid_from(preference: Preference) -> date:
    """Give the date by which preferences follow each other."""
    return preference.valid_from


def _explained_slot(matched: HomeKindDay, now: HomeKindDay, slot_index: int) -> ExplainedSlot:
    """Explain one slot as it was matched, beside what stands in the books now."""
    return ExplainedSlot(
        slot_no=slot_index + 1,
        offered_wh=int(now.offered_wh[slot_index]),
        withheld_wh=int(now.withheld_wh[slot_index]),
        matched=explain_slot(
            supply_wh=int(matched.supply_wh[slot_index]),
            choices=matched.choices,
            closing_t32={buyer_no: int(times[slot_index]) for buyer_no, times in matched.closing_t32.items()},
            parts_wh=matched.parts_wh[slot_index].tolist(),
        ),
        parts_wh=tuple(now.parts_wh[slot_index].tolist()),
        rest_wh=int(now.rest_wh[slot_index]),
        amount_e5yen=int(now.amount_e5yen[slot_index].sum()),
    )


def _orders(
    closed: ClosedHomeDay, matched: HomeKindDay, slot_indices: Sequence[int], price_sen_per_kwh: Sequence[int]
) -> tuple[tuple[ExplainedOrder, ...], OrdersVerdict]:
    """Match the stored day anew with the home's choices in other orders; prices are of each choice, then the rest."""
    asked = list(slot_indices)
    if len(matched.choices) < 2:  # noqa: PLR2004 - one choice has one order
        return (), OrdersVerdict.NO_OTHER_ORDER
    if not matched.supply_wh[asked].any():
        return (), OrdersVerdict.NOTHING_SUPPLIED
    day = _stored_day(closed.roster, closed.matched, matched.kind)
    if len(asked) == 1:
        day = only_slot(day, asked[0])
    if not _gives_the_table(day, closed.roster, closed.matched.closing, matched.kind):
        return (), OrdersVerdict.NOT_REPEATABLE
    own_order = tuple(range(len(matched.choices)))
    outcomes = [match_in_order(day, closed.home_index, order) for order in (own_order, *orders_to_try(len(own_order)))]
    if outcomes[0].parts_wh[asked].tolist() != matched.parts_wh[asked].tolist():
        return (), OrdersVerdict.NOT_REPEATABLE
    amounts_e5yen = [_amount_e5yen(outcome, asked, price_sen_per_kwh) for outcome in outcomes]
    orders = tuple(
        ExplainedOrder(
            choice_nos=tuple(place + 1 for place in outcome.choice_order),
            parts_wh=tuple(outcome.parts_wh[asked].sum(axis=0).tolist()),
            rest_wh=int(outcome.rest_wh[asked].sum()),
            amount_e5yen=amount,
            gain_e5yen=amount - amounts_e5yen[0],
        )
        for outcome, amount in zip(outcomes, amounts_e5yen, strict=True)
    )
    best_gain_e5yen = max(order.gain_e5yen for order in orders[1:])
    if best_gain_e5yen > 0:
        return orders, OrdersVerdict.ANOTHER_BETTER
    return orders, OrdersVerdict.OWN_ORDER_BEST if best_gain_e5yen < 0 else OrdersVerdict.NONE_BETTER


def _amount_e5yen(outcome: OrderOutcome, asked: list[int], price_sen_per_kwh: Sequence[int]) -> int:
    """Price what an order gives over the slots."""
    *choice_prices, rest_price = price_sen_per_kwh
    parts_wh = outcome.parts_wh[asked].sum(axis=0).tolist()
    sold_e5yen: int = sum(part_wh * price for part_wh, price in zip(parts_wh, choice_prices, strict=True))
    return sold_e5yen + int(outcome.rest_wh[asked].sum()) * rest_price


def _stored_day(roster: Roster, outcome: DayOutcome, kind: CertificateKind) -> DayMatchInput:
    """Put a kind of a matched day together again: stored supplies and capacities, and the lists in force."""
    energy, table = outcome.slot_energy, outcome.closing
    offered, withheld = (
        (energy.surplus_offered_wh, energy.surplus_withheld_wh)
        if kind is CertificateKind.SURPLUS
        else (energy.self_offered_wh, energy.self_withheld_wh)
    )
    supply_wh = np.zeros((SLOTS_PER_DAY, len(roster.homes)), dtype=np.int64)
    supply_wh[:, np.searchsorted(roster.home_no, energy.home_no)] = (offered - withheld).T
    capacity_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    rows = np.flatnonzero(table.kind_no == kind)
    capacity_wh[table.slot_no[rows] - 1, np.searchsorted(roster.buyer_no, table.buyer_no[rows])] = table.capacity_wh[
        rows
    ]
    return DayMatchInput(
        home_key=roster.home_key,
        choice_buyer_index=roster.choices[kind],
        supply_wh=supply_wh,
        capacity_wh=capacity_wh,
        delivery_date=outcome.delivery_date,
    )


def _gives_the_table(day: DayMatchInput, roster: Roster, table: ClosingTable, kind: CertificateKind) -> bool:
    """Tell whether matching the day gives the published table: only then may it be asked what another order gives."""
    match = match_day(day)
    is_supplied = np.flatnonzero(day.supply_wh.any(axis=1))
    rows = np.flatnonzero((table.kind_no == kind) & np.isin(table.slot_no - 1, is_supplied))
    place = (table.slot_no[rows] - 1, np.searchsorted(roster.buyer_no, table.buyer_no[rows]))
    return bool(
        (match.closing_t32[place] == table.closing_t32[rows]).all()
        and (match.rounding_phi60[place] == table.rounding_phi60[rows]).all()
    )


def _home_price(roster: Roster, kind: CertificateKind, buyer_no: int) -> int:
    """Give what a buyer's offer pays to homes [sen/kWh]."""
    return roster.offers[kind][buyer_no].home_price_sen_per_kwh


def _named(closed: ClosedHomeDay, party_no: int) -> PartyName:
    """Name a party."""
    party = next(party for party in closed.book.parties if party.party_no == party_no)
    return PartyName(party_id=party.party_id, name=party.name, name_ja=party.name_ja)
