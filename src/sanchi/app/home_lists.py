"""Which buyers a home asks on a day, in which order, and which it passes over and why.

Enter: who is seated, offers, perks, choices and preferences in force. Leave: HomeLists. Not here: dates of validity.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from sanchi.app.market import Choice, Offer, Party, Perk, PerkKind, Plant, Preference, RankingRule
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.ranking import MILLISEN_PER_SEN, OfferValues, WorthWeights, rank_by_worth, worth_of_offers


class PassOverReason(StrEnum):
    """Why a buyer is not in the list that a home has on a day."""

    NO_OFFER = "no_offer"  # a choice of the home that offers nothing of the kind on the day
    DISTRICT = "district"  # the offer is for homes of other districts
    PLANT_AGE = "plant_age"  # the offer is for younger or older plants
    WORTH = "worth"  # by_worth: no more to the home than the standard offer
    MONTHLY = "monthly"  # the home's export is known by the month, so no half hour of it can be promised
    CHOICES_MAX = "choices_max"  # by_worth: the home's list is full of better ones


@dataclass(frozen=True, slots=True, kw_only=True)
class PassedOver:
    """One buyer that a home's list of the day leaves out."""

    home_no: int
    buyer_no: int
    reason: PassOverReason


@dataclass(frozen=True, slots=True, kw_only=True)
class KindTerms:
    """What is in force of one kind on a day; offers and perks by buyer_no, the others by home."""

    kind: CertificateKind
    offers: Mapping[int, Offer]
    perks: Mapping[int, Sequence[Perk]]
    choices: Mapping[PartyId, Sequence[Choice]]  # best first
    preferences: Mapping[PartyId, Preference]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeLists:
    """The lists of a day: int32 (n_homes, k_max) of positions in buyers, -1 = none; and who is not in them."""

    choices: NDArray[np.int32]
    passed_over: tuple[PassedOver, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WorthParts:
    """What makes up the worth of an offer to a home, each weighted by the home [1e-3 sen/kWh]."""

    money_millisen_per_kwh: int
    points_millisen_per_kwh: int
    coupon_millisen_per_kwh: int
    bonus_millisen_per_kwh: int

    @property
    def worth_millisen_per_kwh(self) -> int:
        """Add the parts up to what ranking compares."""
        return (
            self.money_millisen_per_kwh
            + self.points_millisen_per_kwh
            + self.coupon_millisen_per_kwh
            + self.bonus_millisen_per_kwh
        )


def make_lists(
    homes: Sequence[Party],
    plants: Sequence[Plant],
    buyers: Sequence[Party],
    party_nos: Mapping[PartyId, int],
    terms: KindTerms,
    delivery_date: date,
    monthly_ids: Collection[PartyId] = (),
) -> HomeLists:
    """Make each home's list: its own choices, or the offers in force by their worth to it.

    plants : one a home, in the order of homes. monthly_ids : homes that pass everybody over, as their export is
    known by the month alone on the date.
    """
    seats = _Seats(
        homes=homes,
        plants=plants,
        buyers=buyers,
        party_nos=party_nos,
        terms=terms,
        delivery_date=delivery_date,
        monthly_ids=frozenset(monthly_ids),
    )
    ranking = [terms.preferences.get(home.party_id) for home in homes]
    by_worth = [row for row, each in enumerate(ranking) if each and each.ranking is RankingRule.BY_WORTH]
    lists: list[tuple[list[int], list[PassedOver]]] = [([], []) for _ in homes]
    for row in set(range(len(homes))).difference(by_worth):
        lists[row] = seats.own_list(row)
    for row, worth_list in zip(by_worth, seats.worth_lists(by_worth), strict=True):
        lists[row] = worth_list
    k_max = max((len(positions) for positions, _ in lists), default=0)
    choices = np.full((len(homes), max(k_max, 1)), -1, dtype=np.int32)
    for row, (positions, _) in enumerate(lists):
        choices[row, : len(positions)] = positions
    return HomeLists(choices=choices, passed_over=tuple(each for _, passed_over in lists for each in passed_over))


def full_years(begun: date, day: date) -> int:
    """Count the full years from one date to another; the 29th of February comes round on the 1st of March."""
    return day.year - begun.year - ((day.month, day.day) < (begun.month, begun.day))


def unmet_condition(offer: Offer, home: Party, plant: Plant, delivery_date: date) -> PassOverReason | None:
    """Name the first condition of an offer that a home does not meet on a date, None when it meets all."""
    if offer.districts and home.district not in offer.districts:
        return PassOverReason.DISTRICT
    age_years = full_years(plant.commissioning_date, delivery_date)
    is_too_young = offer.plant_age_years_min is not None and age_years < offer.plant_age_years_min
    is_too_old = offer.plant_age_years_max is not None and age_years > offer.plant_age_years_max
    return PassOverReason.PLANT_AGE if is_too_young or is_too_old else None


def parts_of_worth(
    offer: Offer, perks: Sequence[Perk], preference: Preference, home: Party, buyer: Party
) -> WorthParts:
    """Part what an offer with its perks is worth to a home that lets the platform rank."""
    return WorthParts(
        money_millisen_per_kwh=preference.money_weight_permille * offer.home_price_sen_per_kwh,
        points_millisen_per_kwh=preference.points_weight_permille * _face_sen_per_kwh(perks, PerkKind.POINTS),
        coupon_millisen_per_kwh=preference.coupon_weight_permille * _face_sen_per_kwh(perks, PerkKind.COUPON),
        bonus_millisen_per_kwh=MILLISEN_PER_SEN * _bonus_sen_per_kwh(preference, home, buyer),
    )


def _face_sen_per_kwh(perks: Sequence[Perk], perk_kind: PerkKind) -> int:
    """Add up the face values of one kind of an offer's perks [sen/kWh]."""
    return sum(each.face_value_sen_per_kwh for each in perks if each.perk is perk_kind)


def _bonus_sen_per_kwh(preference: Preference, home: Party, buyer: Party) -> int:
    """Give what a home adds for a favourite and for a buyer of its own district [sen/kWh]."""
    is_favourite = buyer.party_id in preference.favourites
    is_neighbour = home.district != "" and buyer.district == home.district
    return (
        preference.favourite_bonus_sen_per_kwh * is_favourite
        + preference.same_district_bonus_sen_per_kwh * is_neighbour
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seats:
    """The seats of a day and the terms of a kind."""

    homes: Sequence[Party]
    plants: Sequence[Plant]
    buyers: Sequence[Party]
    party_nos: Mapping[PartyId, int]
    terms: KindTerms
    delivery_date: date
    monthly_ids: frozenset[PartyId]

    def own_list(self, row: int) -> tuple[list[int], list[PassedOver]]:
        """Give a home's own choices, without those that offer nothing or not to it."""
        home, positions, passed_over = self.homes[row], [], []
        position_of = {buyer.party_id: position for position, buyer in enumerate(self.buyers)}
        for choice in self.terms.choices.get(home.party_id, ()):
            position = position_of.get(choice.buyer_id)
            reason = PassOverReason.NO_OFFER if position is None else self.reason_against(row, position)
            if reason is None:
                positions.append(position_of[choice.buyer_id])
            else:
                passed_over.append(self.passed_over(row, choice.buyer_id, reason))
        return positions, passed_over

    def worth_lists(self, rows: Sequence[int]) -> list[tuple[list[int], list[PassedOver]]]:
        """Rank the offers in force for homes that let the platform do it."""
        if not rows:
            return []
        reasons = [[self.reason_against(row, position) for position in range(len(self.buyers))] for row in rows]
        meets_conditions = np.array([[reason is None for reason in each] for each in reasons], dtype=np.bool_)
        preferences = [self.terms.preferences[self.homes[row].party_id] for row in rows]
        worth = worth_of_offers(self.values(), _weights(preferences), self.bonuses(rows, preferences))
        standard = np.array([self.standard(row) for row in rows]) * _weights(preferences).money_permille
        n_choices_max = np.array([preference.choices_max for preference in preferences], dtype=np.int64)
        ranked = rank_by_worth(worth, standard, meets_conditions, n_choices_max)
        lists = []
        for index, row in enumerate(rows):
            positions = [position for position in ranked[index].tolist() if position >= 0]
            passed_over = []
            for position, reason in enumerate(reasons[index]):
                if position in positions or reason is PassOverReason.NO_OFFER:
                    continue
                is_better = worth[index, position] > standard[index]
                by_rank = PassOverReason.CHOICES_MAX if is_better else PassOverReason.WORTH
                passed_over.append(self.passed_over(row, self.buyers[position].party_id, reason or by_rank))
            lists.append((positions, passed_over))
        return lists

    def reason_against(self, row: int, position: int) -> PassOverReason | None:
        """Say why a buyer cannot take from a home, None when it can."""
        offer = self.terms.offers.get(self.buyers[position].party_no)
        if offer is None:
            return PassOverReason.NO_OFFER
        if self.homes[row].party_id in self.monthly_ids:
            return PassOverReason.MONTHLY
        return unmet_condition(offer, self.homes[row], self.plants[row], self.delivery_date)

    def passed_over(self, row: int, buyer_id: PartyId, reason: PassOverReason) -> PassedOver:
        """Note a buyer that a home passes over."""
        return PassedOver(home_no=self.homes[row].party_no, buyer_no=self.party_nos[buyer_id], reason=reason)

    def values(self) -> OfferValues:
        """Give what the buyers' offers are made of; zeros without an offer."""
        offers = [self.terms.offers.get(buyer.party_no) for buyer in self.buyers]
        prices = [0 if offer is None else offer.home_price_sen_per_kwh for offer in offers]
        return OfferValues(
            home_price_sen_per_kwh=np.array(prices, dtype=np.int64),
            points_sen_per_kwh=self.faces(PerkKind.POINTS),
            coupon_sen_per_kwh=self.faces(PerkKind.COUPON),
        )

    def faces(self, perk_kind: PerkKind) -> NDArray[np.int64]:
        """Add up the face values of one kind of perks by buyer [sen/kWh]."""
        faces = [_face_sen_per_kwh(self.terms.perks.get(buyer.party_no, ()), perk_kind) for buyer in self.buyers]
        return np.array(faces, dtype=np.int64)

    def bonuses(self, rows: Sequence[int], preferences: Sequence[Preference]) -> NDArray[np.int64]:
        """Give what homes add for favourites and for buyers of their own district [sen/kWh]."""
        return np.array(
            [
                [_bonus_sen_per_kwh(preference, self.homes[row], buyer) for buyer in self.buyers]
                for row, preference in zip(rows, preferences, strict=True)
            ],
            dtype=np.int64,
        ).reshape(len(rows), len(self.buyers))

    def standard(self, row: int) -> int:
        """Give what the home gets without a buyer: the standard price for surplus, nothing for what it used itself."""
        return self.plants[row].standard_price_sen_per_kwh if self.terms.kind is CertificateKind.SURPLUS else 0


def _weights(preferences: Sequence[Preference]) -> WorthWeights:
    """Lay weights out by home."""
    return WorthWeights(
        money_permille=np.array([each.money_weight_permille for each in preferences], dtype=np.int64),
        points_permille=np.array([each.points_weight_permille for each in preferences], dtype=np.int64),
        coupon_permille=np.array([each.coupon_weight_permille for each in preferences], dtype=np.int64),
    )
