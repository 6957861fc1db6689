"""What master data records demand of each other, of the records known already and of closed days.

Enter: records with their places, and a MarketBook. Leave: sentences, one a fault. Not here: single fields.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Final, Generic, TypeVar

from sanchi.app.market import (
    Choice,
    MarketBook,
    MarketTerms,
    Offer,
    Party,
    PartyRole,
    Perk,
    Plant,
    Preference,
)
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.metering.readings import Channel

Record = TypeVar("Record")

USE_WORD: Final = Channel.USE.text  # the one channel that buyers measure


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed(Generic[Record]):
    """A record and where it stands in its file."""

    place: str
    record: Record


def faults_of_terms(
    placed: Sequence[Placed[MarketTerms]], book: MarketBook, last_closed_date: date | None
) -> Iterator[str]:
    """Check that terms told anew keep closed days inside the period, and that their retailer is known as one.

    A market without parties takes any retailer; its parties file is checked against it.
    """
    roles = roles_of(book)
    for each in placed:
        terms, first_date = each.record, book.terms.first_delivery_date
        if roles:
            yield from wrong_role(f"{each.place}: retailer_id", terms.retailer_id, roles, (PartyRole.RETAILER,))
        if last_closed_date is None:
            continue
        if terms.first_delivery_date != first_date:
            yield (
                f"{each.place}: first_delivery_date is {terms.first_delivery_date}, but days from {first_date} on are "
                f"closed; it stays {first_date}"
            )
        if terms.last_delivery_date < last_closed_date:
            yield (
                f"{each.place}: last_delivery_date {terms.last_delivery_date} lies before {last_closed_date}, "
                "the last closed day"
            )


def faults_of_parties(
    placed: Sequence[Placed[Party]], book: MarketBook, last_closed_date: date | None
) -> Iterator[str]:
    """Check that names are unique, that nobody changes role, and that the market's retailer is there.

    A district that lists of closed days depend on stays as it is.
    """
    districts = {party.party_id: party.district for party in book.parties}
    is_kept = last_closed_date is not None and _looks_at_districts(book, last_closed_date)
    yield from repeated([(each.place, each.record.party_id) for each in placed], "party")
    roles = roles_of(book)
    for each in placed:
        party = each.record
        if roles.get(party.party_id, party.role) is not party.role:
            role = roles[party.party_id]
            yield f"{each.place}: {party.party_id} is a {role} and cannot become a {party.role}"
        district = districts.get(party.party_id, party.district)
        if is_kept and district != party.district:
            yield (
                f"{each.place}: {party.party_id} moves from district {district!r} to {party.district!r}, but "
                f"closed days (up to {last_closed_date}) were matched by district"
            )
    roles |= {each.record.party_id: each.record.role for each in placed}
    retailer_id = book.terms.retailer_id
    if roles.get(retailer_id) is not PartyRole.RETAILER:
        yield f"the market's retailer {retailer_id} is not among the parties with the role retailer"


def faults_of_plants(placed: Sequence[Placed[Plant]], book: MarketBook, last_closed_date: date | None) -> Iterator[str]:
    """Check one plant a home, devices once, parties in their roles, and no change once days are closed."""
    yield from repeated([(each.place, each.record.home_id) for each in placed], "plant of home")
    plants = {plant.home_id: plant for plant in book.plants}
    roles = roles_of(book)
    told_anew = {each.record.home_id for each in placed}
    home_of = {plant.device_id: plant.home_id for plant in book.plants if plant.home_id not in told_anew}
    for each in placed:
        plant = each.record
        yield from wrong_role(each.place, plant.home_id, roles, (PartyRole.HOME,))
        yield from _wrong_partners(each.place, plant, roles)
        owner_id = home_of.setdefault(plant.device_id, plant.home_id)
        if owner_id != plant.home_id:
            yield f"{each.place}: device {plant.device_id} already belongs to home {owner_id}"
        before = plants.get(plant.home_id, plant)
        if before != plant and last_closed_date is not None:
            yield (
                f"{each.place}: home {plant.home_id} changes {_changed(before, plant)}, but days up to "
                f"{last_closed_date} are closed with it"
            )


def faults_of_offers(placed: Sequence[Placed[Offer]], book: MarketBook, last_closed_date: date | None) -> Iterator[str]:
    """Check that buyers are known, that one offer follows another, and that closed days keep theirs."""
    yield from repeated([(each.place, _offer_name(each.record)) for each in placed], "the offer of")
    roles = roles_of(book)
    before = {_offer_key(offer): offer for offer in book.offers}
    for each in placed:
        offer = each.record
        yield from wrong_role(each.place, offer.buyer_id, roles, (PartyRole.BUYER,))
        if last_closed_date is None:
            continue
        seen = _seen_by_closed_days(before.get(_offer_key(offer)), last_closed_date)
        if seen != _seen_by_closed_days(offer, last_closed_date):
            which = f"the offer of {_offer_name(offer)}"
            yield f"{each.place}: {which} would change closed days (up to {last_closed_date})"
    merged = before | {_offer_key(each.record): each.record for each in placed}
    in_order = sorted(merged.values(), key=_offer_key)
    for offer, following in pairwise(in_order):
        is_same = (offer.buyer_id, offer.kind) == (following.buyer_id, following.kind)
        if is_same and (offer.valid_until is None or offer.valid_until > following.valid_from):
            yield (
                f"the offers of {_offer_name(offer)} and from {following.valid_from} overlap; end the first "
                f"by valid_until {following.valid_from}"
            )


def faults_of_choices(
    placed: Sequence[Placed[Choice]], book: MarketBook, last_closed_date: date | None
) -> Iterator[str]:
    """Check parties, that lists are numbered 1..n without a buyer twice, and that closed days keep theirs."""
    roles = roles_of(book)
    for each in placed:
        yield from wrong_role(each.place, each.record.home_id, roles, (PartyRole.HOME,))
        yield from wrong_role(each.place, each.record.buyer_id, roles, (PartyRole.BUYER,))
    before = _lists([Placed(place="", record=choice) for choice in book.choices])
    for key, members in _lists(placed).items():
        home_id, kind, valid_from = key
        which = f"{members[0].place}: the choices of {home_id} for {kind.text} from {valid_from}"
        ranks = [each.record.choice_no for each in members]
        buyers = [each.record.buyer_id for each in members]
        known_buyers = [each.record.buyer_id for each in before.get(key, ())]
        if ranks != list(range(1, len(ranks) + 1)):
            numbers = ", ".join(map(str, ranks))
            yield f"{which} are numbered {numbers}, expected 1, 2, ... without gap or repeat"
        if len(set(buyers)) != len(buyers):
            yield f"{which} name a buyer twice"
        if last_closed_date is not None and valid_from <= last_closed_date and buyers != known_buyers:
            yield f"{which} would change closed days (up to {last_closed_date})"


def faults_of_perks(placed: Sequence[Placed[Perk]], book: MarketBook, last_closed_date: date | None) -> Iterator[str]:
    """Check that perks belong to an offer, are numbered 1..n, and that closed days keep theirs."""
    offers = {_offer_key(offer) for offer in book.offers}
    before: defaultdict[tuple[PartyId, CertificateKind, date], list[Perk]] = defaultdict(list)
    for perk in sorted(book.perks, key=_perk_no):
        before[_offer_key(perk)].append(perk)
    after: defaultdict[tuple[PartyId, CertificateKind, date], list[Placed[Perk]]] = defaultdict(list)
    for each in placed:
        after[_offer_key(each.record)].append(each)
    for key, members in after.items():
        perks = sorted((each.record for each in members), key=_perk_no)
        place, offer = members[0].place, f"the offer of {_offer_name(perks[0])}"
        if key not in offers:
            yield f"{place}: there is no {offer.removeprefix('the ')} that a perk could belong to"
        if [perk.perk_no for perk in perks] != list(range(1, len(perks) + 1)):
            numbers = ", ".join(str(perk.perk_no) for perk in perks)
            yield f"{place}: the perks of {offer} are numbered {numbers}, expected 1, 2, ... without gap or repeat"
        if last_closed_date is not None and perks[0].valid_from <= last_closed_date and perks != before[key]:
            yield f"{place}: the perks of {offer} would change closed days (up to {last_closed_date})"


def faults_of_preferences(
    placed: Sequence[Placed[Preference]], book: MarketBook, last_closed_date: date | None
) -> Iterator[str]:
    """Check parties, that a home says one thing a day and kind, and that closed days keep what they saw."""
    yield from repeated([(each.place, _preference_name(each.record)) for each in placed], "the preference of")
    roles = roles_of(book)
    before = {_preference_name(preference): preference for preference in book.preferences}
    for each in placed:
        preference = each.record
        yield from wrong_role(each.place, preference.home_id, roles, (PartyRole.HOME,))
        for buyer_id in preference.favourites:
            yield from wrong_role(f"{each.place}: favourites", buyer_id, roles, (PartyRole.BUYER,))
        name = _preference_name(preference)
        is_seen = last_closed_date is not None and preference.valid_from <= last_closed_date
        if is_seen and before.get(name) != preference:
            yield f"{each.place}: the preference of {name} would change closed days (up to {last_closed_date})"


def roles_of(book: MarketBook) -> dict[PartyId, PartyRole]:
    """Give each known party's role."""
    return {party.party_id: party.role for party in book.parties}


def repeated(named: Sequence[tuple[str, str]], noun: str) -> Iterator[str]:
    """Name what stands in a file twice."""
    places: dict[str, str] = {}
    for place, name in named:
        if name in places:
            yield f"{place}: {noun} {name} stands at {places[name]} already"
        places.setdefault(name, place)


def wrong_role(
    place: str, party_id: PartyId, roles: Mapping[PartyId, PartyRole], expected: tuple[PartyRole, ...]
) -> Iterator[str]:
    """Name a party that is not known or has another role than its place in the record demands."""
    if party_id not in roles:
        yield f"{place}: {party_id} is not one of the market's parties"
    elif roles[party_id] not in expected:
        yield f"{place}: {party_id} is a {roles[party_id]}, expected a {' or '.join(expected)}"


def _wrong_partners(place: str, plant: Plant, roles: Mapping[PartyId, PartyRole]) -> Iterator[str]:
    """Name a partner of a plant that is no retailer; what is owned by, or paid to, the home itself is right too.

    A buyer among them would have its rest retired together with what it bought.
    """
    own = (plant.home_id,)
    for column, party_id, others in (
        ("purchaser_id", plant.purchaser_id, ()),
        ("recruiter_id", plant.recruiter_id, ()),
        ("value_owner_id", plant.value_owner_id, own),
        ("payee_id", plant.payee_id, own),
    ):
        if party_id not in others:
            yield from wrong_role(f"{place}: {column}", party_id, roles, (PartyRole.RETAILER,))


def _changed(before: Plant, after: Plant) -> str:
    """Name the fields in which two records differ."""
    names = [field.name for field in fields(after)]
    return ", ".join(name for name in names if getattr(before, name) != getattr(after, name))


def _looks_at_districts(book: MarketBook, last_closed_date: date) -> bool:
    """Tell whether the list of any home on a closed day can depend on where parties are."""
    by_offer = any(offer.districts and offer.valid_from <= last_closed_date for offer in book.offers)
    return by_offer or any(
        preference.same_district_bonus_sen_per_kwh and preference.valid_from <= last_closed_date
        for preference in book.preferences
    )


def _perk_no(perk: Perk) -> int:
    """Give the number by which an offer's perks are sorted."""
    return perk.perk_no


def _preference_name(preference: Preference) -> str:
    """Name a preference in a message; no two have the same name."""
    return f"{preference.home_id} for {preference.kind.text} from {preference.valid_from}"


def _offer_key(offer: Offer | Perk) -> tuple[PartyId, CertificateKind, date]:
    """Give what one offer is known by, in the order in which offers follow each other."""
    return offer.buyer_id, offer.kind, offer.valid_from


def _offer_name(offer: Offer | Perk) -> str:
    """Name an offer in a message."""
    return f"{offer.buyer_id} for {offer.kind.text} from {offer.valid_from}"


def _seen_by_closed_days(offer: Offer | None, last_closed_date: date) -> Offer | None:
    """Give the part of an offer that closed days can have seen: None, or the offer cut after the last day."""
    if offer is None or offer.valid_from > last_closed_date:
        return None
    open_date = last_closed_date + timedelta(days=1)
    return replace(offer, valid_until=min(offer.valid_until or open_date, open_date))


def _lists(
    placed: Sequence[Placed[Choice]],
) -> dict[tuple[PartyId, CertificateKind, date], list[Placed[Choice]]]:
    """Gather choices into the lists that are replaced together, best choice first."""
    lists: defaultdict[tuple[PartyId, CertificateKind, date], list[Placed[Choice]]] = defaultdict(list)
    for each in placed:
        lists[each.record.home_id, each.record.kind, each.record.valid_from].append(each)
    return {key: sorted(members, key=_choice_no) for key, members in lists.items()}


def _choice_no(placed: Placed[Choice]) -> int:
    """Give the rank by which a list is sorted."""
    return placed.record.choice_no
