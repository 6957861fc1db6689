"""Match both kinds of a market-day: surplus first, then self-consumption on what is still used.

Enters: a Roster, what homes offer, what buyers use. Leaves: allocations and the published table. Nothing is stored.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.app.day_budgets import DayBudgets
from sanchi.app.days import ClosingTable
from sanchi.app.roster import Roster
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO, AllocatedEnergy
from sanchi.core.matching.budget import match_within_budgets
from sanchi.core.matching.capacity import NO_CAP_WH, slot_capacity_wh
from sanchi.core.matching.eating.matched_day import DayMatch
from sanchi.core.matching.offers import DayMatchInput


@dataclass(frozen=True, slots=True, kw_only=True)
class KindMatch:
    """One kind of a day, matched."""

    kind: CertificateKind
    match: DayMatch


def match_kinds(
    roster: Roster,
    supply_wh: Mapping[CertificateKind, NDArray[np.int64]],
    use_wh: NDArray[np.int64],
    budgets: DayBudgets,
) -> tuple[KindMatch, ...]:
    """Match surplus, then self-consumption on what the buyers' use leaves open.

    supply_wh : per kind int64 (n_homes, 48) [Wh], already without withheld Wh; use_wh : int64 (n_buyers, 48) [Wh].
    """
    received_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    matched: list[KindMatch] = []
    for kind in (CertificateKind.SURPLUS, CertificateKind.SELF_CONSUMPTION):
        capacity_wh = capacities_wh(roster, kind, use_wh.T, received_wh)
        day = DayMatchInput(
            home_key=roster.home_key,
            choice_buyer_index=roster.choices[kind],
            supply_wh=np.ascontiguousarray(supply_wh[kind].T),
            capacity_wh=np.minimum(capacity_wh, budgets.capacity_wh_max[kind]),
            delivery_date=roster.delivery_date,
        )
        match = match_within_budgets(day, budgets.budget_wh[kind])
        received_wh = received_wh + match.intake_wh
        matched.append(KindMatch(kind=kind, match=match))
    return tuple(matched)


def capacities_wh(
    roster: Roster, kind: CertificateKind, use_wh: NDArray[np.int64], received_wh: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Give the buyers' capacities for a kind by the offers in force; no offer, no capacity.

    use_wh, received_wh : int64 (48, n_buyers) [Wh]. Returns: int64 (48, n_buyers) [Wh].
    """
    offers = [roster.offers[kind].get(buyer.party_no) for buyer in roster.buyers]
    caps = [
        0 if offer is None else NO_CAP_WH if offer.cap_wh_per_slot is None else offer.cap_wh_per_slot
        for offer in offers
    ]
    return slot_capacity_wh(
        use_wh=use_wh,
        received_wh=received_wh,
        cap_wh=np.array(caps, dtype=np.int64),
        follows_use=roster.follows_use(kind),
    )


def allocated_energy(roster: Roster, matched: Sequence[KindMatch]) -> AllocatedEnergy:
    """Lay the parts of both kinds out as rows, with holders and prices; rows of 0 Wh are left out."""
    return AllocatedEnergy.joined(
        [allocated_parts(roster, each.kind, each.match.parts_wh, each.match.rest_wh) for each in matched]
    )


def allocated_parts(
    roster: Roster, kind: CertificateKind, parts_wh: NDArray[np.int64], rest_wh: NDArray[np.int64]
) -> AllocatedEnergy:
    """Lay one kind out as rows in the order home, slot, choice.

    parts_wh : int64 (48, n_homes, k) [Wh]; rest_wh : int64 (48, n_homes) [Wh].
    """
    choices = roster.choices[kind]
    energy_wh = np.concatenate([rest_wh[:, :, None], parts_wh], axis=2).transpose(1, 0, 2)
    home_index, slot_index, choice_no = np.nonzero(energy_wh)
    # The rest names no buyer; its position -1 falls on the padding at the end of the buyers' columns.
    is_rest = choice_no == REST_CHOICE_NO
    buyer_index = np.where(is_rest, -1, choices[home_index, choice_no - 1])
    rest = _rest_terms(roster, kind)
    bought = _offer_terms(roster, kind)
    return AllocatedEnergy(
        kind_no=np.full(home_index.size, kind, dtype=np.int8),
        home_no=roster.home_no[home_index],
        slot_no=(slot_index + 1).astype(np.int8),
        choice_no=choice_no.astype(np.int8),
        holder_no=np.where(is_rest, rest.holder_no[home_index], np.append(roster.buyer_no, -1)[buyer_index]).astype(
            np.int32
        ),
        energy_wh=energy_wh[home_index, slot_index, choice_no],
        home_price_sen_per_kwh=np.where(is_rest, rest.home_price_sen_per_kwh[home_index], bought[0][buyer_index]),
        buyer_price_sen_per_kwh=np.where(is_rest, 0, bought[1][buyer_index]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _RestTerms:
    """Per home: who holds what no choice took, and at which price."""

    holder_no: NDArray[np.int32]
    home_price_sen_per_kwh: NDArray[np.int64]


def _rest_terms(roster: Roster, kind: CertificateKind) -> _RestTerms:
    """Surplus goes to the purchaser at the standard price; self-consumption stays with the value's owner, unpaid."""
    if kind is CertificateKind.SURPLUS:
        holders = [roster.party_nos[plant.purchaser_id] for plant in roster.plants]
        prices = [plant.standard_price_sen_per_kwh for plant in roster.plants]
    else:
        holders = [roster.party_nos[plant.value_owner_id] for plant in roster.plants]
        prices = [0] * len(roster.plants)
    return _RestTerms(
        holder_no=np.array(holders, dtype=np.int32), home_price_sen_per_kwh=np.array(prices, dtype=np.int64)
    )


def _offer_terms(roster: Roster, kind: CertificateKind) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Give the home and buyer prices by buyer position [sen/kWh]; 0 without an offer and for the padding at the end."""
    offers = [*(roster.offers[kind].get(buyer.party_no) for buyer in roster.buyers), None]
    home_prices = [0 if offer is None else offer.home_price_sen_per_kwh for offer in offers]
    buyer_prices = [0 if offer is None else offer.buyer_price_sen_per_kwh for offer in offers]
    return np.array(home_prices, dtype=np.int64), np.array(buyer_prices, dtype=np.int64)


def closing_table(roster: Roster, matched: Sequence[KindMatch]) -> ClosingTable:
    """Lay the published table out as rows: every kind, slot and buyer."""
    n_rows = SLOTS_PER_DAY * len(roster.buyers)
    slot_no = np.repeat(np.arange(1, SLOTS_PER_DAY + 1, dtype=np.int8), len(roster.buyers))
    return ClosingTable(
        kind_no=np.concatenate([np.full(n_rows, each.kind, dtype=np.int8) for each in matched]),
        slot_no=np.tile(slot_no, len(matched)),
        buyer_no=np.tile(np.tile(roster.buyer_no, SLOTS_PER_DAY), len(matched)),
        capacity_wh=np.concatenate([each.match.day.capacity_wh.ravel() for each in matched]),
        closing_t32=np.concatenate([each.match.closing_t32.ravel() for each in matched]),
        rounding_phi60=np.concatenate([each.match.rounding_phi60.ravel() for each in matched]),
    )
