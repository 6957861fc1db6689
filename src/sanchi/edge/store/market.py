"""Keeps a market's master data in the database.

Enter and leave: the records of app.market. Parties are named by id outside and by number inside.
"""

from collections.abc import Sequence
from typing import Final

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
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.store import market_rows
from sanchi.edge.store.sql import Row, execute_each, fetch, fetch_number, take_turn, upsert

_CHOICE_LIST: Final = ("market", "home_no", "kind_no", "valid_from")
_PASSING_LIST: Final = ("market", "owner_no", "kind_no", "valid_from")
_PERKS_OF_OFFER: Final = ("market", "buyer_no", "kind_no", "valid_from")


class DjangoMarketStore:
    """Fulfils app.ports.MarketStore."""

    def market_ids(self) -> tuple[MarketId, ...]:
        """List the markets of this installation."""
        return tuple(MarketId(market_id) for (market_id,) in fetch("SELECT market_id FROM market ORDER BY market_id"))

    def book(self, market_id: MarketId) -> MarketBook:
        """Load all master data of a market; UnknownRecord when there is no such market."""
        terms = fetch(f"SELECT {', '.join(market_rows.TERMS)} FROM market WHERE market_id = %s", [market_id])
        if not terms:
            raise UnknownRecord(f"There is no market {market_id}.", hint="Deliver its market.toml first.")
        parties = tuple(map(market_rows.party, _rows("party", market_rows.PARTY, market_id, "party_no")))
        ids = {party.party_no: party.party_id for party in parties}
        plants = _rows("plant", market_rows.PLANT, market_id, "home_no")
        meters = _rows("meter", market_rows.METER, market_id, "meter_no")
        offers = _rows("offer", market_rows.OFFER, market_id, "buyer_no, kind_no, valid_from")
        choices = _rows("choice", market_rows.CHOICE, market_id, "home_no, kind_no, valid_from, choice_no")
        perks = _rows("perk", market_rows.PERK, market_id, "buyer_no, kind_no, valid_from, perk_no")
        preferences = _rows("preference", market_rows.PREFERENCE, market_id, "home_no, kind_no, valid_from")
        passing_on = _rows("passing_on", market_rows.PASSING_ON, market_id, "owner_no, kind_no, valid_from, rank_no")
        claims = _rows("outside_claim", market_rows.OUTSIDE_CLAIM, market_id, "claim_id")
        return MarketBook(
            terms=market_rows.terms(terms[0]),
            parties=parties,
            plants=tuple(market_rows.plant(row, ids) for row in plants),
            meters=tuple(market_rows.meter(row, ids) for row in meters),
            offers=tuple(market_rows.offer(row, ids) for row in offers),
            choices=tuple(market_rows.choice(row, ids) for row in choices),
            perks=tuple(market_rows.perk(row, ids) for row in perks),
            preferences=tuple(market_rows.preference(row, ids) for row in preferences),
            passing_on=tuple(market_rows.passing_on(row, ids) for row in passing_on),
            outside_claims=tuple(market_rows.outside_claim(row, ids) for row in claims),
        )

    def save_terms(self, terms: MarketTerms) -> None:
        """Insert or replace the market's terms."""
        upsert("market", ["market_id"], market_rows.TERMS, [market_rows.terms_row(terms)])

    def save_parties(self, market_id: MarketId, parties: Sequence[Party]) -> None:
        """Insert or replace parties by party_id; party_no of the argument is ignored, new ones are numbered on."""
        numbers = _numbered_on(market_id, "party", [each.party_id for each in parties])
        rows = [market_rows.party_row(each, numbers[each.party_id]) for each in parties]
        _save("party", ("party_no",), market_rows.PARTY, market_id, rows)

    def save_plants(self, market_id: MarketId, plants: Sequence[Plant]) -> None:
        """Insert or replace plants by home_id."""
        nos = _party_nos(market_id)
        rows = [market_rows.plant_row(each, nos) for each in plants]
        _save("plant", ("home_no",), market_rows.PLANT, market_id, rows)

    def save_meters(self, market_id: MarketId, meters: Sequence[Meter]) -> None:
        """Insert or replace meters by meter_id; meter_no as party_no."""
        nos = _party_nos(market_id)
        numbers = _numbered_on(market_id, "meter", [each.meter_id for each in meters])
        rows = [market_rows.meter_row(each, numbers[each.meter_id], nos) for each in meters]
        _save("meter", ("meter_no",), market_rows.METER, market_id, rows)

    def save_offers(self, market_id: MarketId, offers: Sequence[Offer]) -> None:
        """Insert or replace offers by (buyer_id, kind, valid_from)."""
        nos = _party_nos(market_id)
        rows = [market_rows.offer_row(each, nos) for each in offers]
        _save("offer", ("buyer_no", "kind_no", "valid_from"), market_rows.OFFER, market_id, rows)

    def save_choices(self, market_id: MarketId, choices: Sequence[Choice]) -> None:
        """Replace, for each (home_id, kind, valid_from) in the argument, the list of choices."""
        nos = _party_nos(market_id)
        lists = {(market_id, nos[each.home_id], int(each.kind), each.valid_from) for each in choices}
        _delete("choice", _CHOICE_LIST, sorted(lists))
        rows = [market_rows.choice_row(each, nos) for each in choices]
        _save("choice", (*_CHOICE_LIST[1:], "choice_no"), market_rows.CHOICE, market_id, rows)

    def save_perks(self, market_id: MarketId, perks: Sequence[Perk]) -> None:
        """Replace, for each offer (buyer_id, kind, valid_from) in the argument, the list of its perks."""
        nos = _party_nos(market_id)
        offers = {(market_id, nos[each.buyer_id], int(each.kind), each.valid_from) for each in perks}
        _delete("perk", _PERKS_OF_OFFER, sorted(offers))
        rows = [market_rows.perk_row(each, nos) for each in perks]
        _save("perk", (*_PERKS_OF_OFFER[1:], "perk_no"), market_rows.PERK, market_id, rows)

    def save_preferences(self, market_id: MarketId, preferences: Sequence[Preference]) -> None:
        """Insert or replace preferences by (home_id, kind, valid_from)."""
        nos = _party_nos(market_id)
        rows = [market_rows.preference_row(each, nos) for each in preferences]
        _save("preference", ("home_no", "kind_no", "valid_from"), market_rows.PREFERENCE, market_id, rows)

    def save_passing_on(self, market_id: MarketId, passing_on: Sequence[PassingOn]) -> None:
        """Replace, for each (owner_id, kind, valid_from) in the argument, the list of tenants."""
        nos = _party_nos(market_id)
        lists = {(market_id, nos[each.owner_id], int(each.kind), each.valid_from) for each in passing_on}
        _delete("passing_on", _PASSING_LIST, sorted(lists))
        rows = [market_rows.passing_on_row(each, nos) for each in passing_on]
        _save("passing_on", (*_PASSING_LIST[1:], "rank_no"), market_rows.PASSING_ON, market_id, rows)

    def save_outside_claims(self, market_id: MarketId, claims: Sequence[OutsideClaim]) -> None:
        """Insert or replace claims by claim_id."""
        nos = _party_nos(market_id)
        rows = [market_rows.outside_claim_row(each, nos) for each in claims]
        _save("outside_claim", ("claim_id",), market_rows.OUTSIDE_CLAIM, market_id, rows)


def _rows(table: str, columns: Sequence[str], market_id: MarketId, order: str) -> list[Row]:
    """Load a market's rows of a table in order."""
    return fetch(f"SELECT {', '.join(columns)} FROM {table} WHERE market = %s ORDER BY {order}", [market_id])


def _delete(table: str, key: Sequence[str], rows: Sequence[Row]) -> None:
    """Delete rows by the values of some columns."""
    conditions = " AND ".join(f"{column} = %s" for column in key)
    execute_each(f"DELETE FROM {table} WHERE {conditions}", rows)


def _save(table: str, key: Sequence[str], columns: Sequence[str], market_id: MarketId, rows: Sequence[Row]) -> None:
    """Insert or replace a market's rows of a table."""
    upsert(table, ("market", *key), ("market", *columns), [(market_id, *row) for row in rows])


def _party_nos(market_id: MarketId) -> dict[PartyId, int]:
    """Give the number of each party."""
    return dict(fetch("SELECT party_id, party_no FROM party WHERE market = %s", [market_id]))


def _numbered_on(market_id: MarketId, noun: str, names: Sequence[str]) -> dict[str, int]:
    """Give the number of each party or meter by its name; new ones are numbered on from the last."""
    take_turn(market_id)
    numbers: dict[str, int] = dict(fetch(f"SELECT {noun}_id, {noun}_no FROM {noun} WHERE market = %s", [market_id]))
    last_no = fetch_number(f"SELECT max({noun}_no) FROM {noun} WHERE market = %s", [market_id])
    for name in names:
        if name not in numbers:
            last_no += 1
            numbers[name] = last_no
    return numbers
