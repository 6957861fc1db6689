"""Master data in memory, under the contract of app.ports.MarketStore.

Enter and leave: market records. Not here: persistence.
"""

from collections.abc import Sequence
from dataclasses import replace

from sanchi.app.market import (
    Choice,
    MarketBook,
    MarketTerms,
    Meter,
    Offer,
    OutsideClaim,
    Party,
    PassingOn,
    Perk,
    Plant,
    Preference,
)
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId


class MemoryMarketStore:
    """Keeps one MarketBook a market."""

    def __init__(self) -> None:
        self._books: dict[MarketId, MarketBook] = {}

    def market_ids(self) -> tuple[MarketId, ...]:
        return tuple(self._books)

    def book(self, market_id: MarketId) -> MarketBook:
        if market_id not in self._books:
            raise UnknownRecord(f"there is no market {market_id}")
        return self._books[market_id]

    def save_terms(self, terms: MarketTerms) -> None:
        empty = MarketBook(terms=terms, parties=(), plants=(), meters=(), offers=(), choices=())
        self._books[terms.market_id] = replace(self._books.get(terms.market_id, empty), terms=terms)

    def save_parties(self, market_id: MarketId, parties: Sequence[Party]) -> None:
        kept = {party.party_id: party for party in self.book(market_id).parties}
        for party in parties:
            party_no = kept[party.party_id].party_no if party.party_id in kept else len(kept) + 1
            kept[party.party_id] = replace(party, party_no=party_no)
        self._books[market_id] = replace(self.book(market_id), parties=tuple(kept.values()))

    def save_plants(self, market_id: MarketId, plants: Sequence[Plant]) -> None:
        kept = {plant.home_id: plant for plant in (*self.book(market_id).plants, *plants)}
        self._books[market_id] = replace(self.book(market_id), plants=tuple(kept.values()))

    def save_meters(self, market_id: MarketId, meters: Sequence[Meter]) -> None:
        kept = {meter.meter_id: meter for meter in self.book(market_id).meters}
        for meter in meters:
            meter_no = kept[meter.meter_id].meter_no if meter.meter_id in kept else len(kept) + 1
            kept[meter.meter_id] = replace(meter, meter_no=meter_no)
        self._books[market_id] = replace(self.book(market_id), meters=tuple(kept.values()))

    def save_offers(self, market_id: MarketId, offers: Sequence[Offer]) -> None:
        merged = (*self.book(market_id).offers, *offers)
        kept = {(offer.buyer_id, offer.kind, offer.valid_from): offer for offer in merged}
        self._books[market_id] = replace(self.book(market_id), offers=tuple(kept.values()))

    def save_choices(self, market_id: MarketId, choices: Sequence[Choice]) -> None:
        replaced = {_list_key(choice) for choice in choices}
        kept = [choice for choice in self.book(market_id).choices if _list_key(choice) not in replaced]
        self._books[market_id] = replace(self.book(market_id), choices=(*kept, *choices))

    def save_perks(self, market_id: MarketId, perks: Sequence[Perk]) -> None:
        replaced = {_perks_key(perk) for perk in perks}
        kept = [perk for perk in self.book(market_id).perks if _perks_key(perk) not in replaced]
        self._books[market_id] = replace(self.book(market_id), perks=(*kept, *perks))

    def save_preferences(self, market_id: MarketId, preferences: Sequence[Preference]) -> None:
        merged = (*self.book(market_id).preferences, *preferences)
        kept = {(each.home_id, each.kind, each.valid_from): each for each in merged}
        self._books[market_id] = replace(self.book(market_id), preferences=tuple(kept.values()))

    def save_passing_on(self, market_id: MarketId, passing_on: Sequence[PassingOn]) -> None:
        replaced = {_passing_key(each) for each in passing_on}
        kept = [each for each in self.book(market_id).passing_on if _passing_key(each) not in replaced]
        self._books[market_id] = replace(self.book(market_id), passing_on=(*kept, *passing_on))

    def save_outside_claims(self, market_id: MarketId, claims: Sequence[OutsideClaim]) -> None:
        kept = {claim.claim_id: claim for claim in (*self.book(market_id).outside_claims, *claims)}
        self._books[market_id] = replace(self.book(market_id), outside_claims=tuple(kept.values()))


def _perks_key(perk: Perk) -> tuple[object, ...]:
    return perk.buyer_id, perk.kind, perk.valid_from


def _passing_key(row: PassingOn) -> tuple[object, ...]:
    return row.owner_id, row.kind, row.valid_from


def _list_key(choice: Choice) -> tuple[object, ...]:
    return choice.home_id, choice.kind, choice.valid_from
