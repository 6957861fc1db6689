"""Tell, for the roofs of a market on a day, what their watt-hours may become and until when they count for RE100.

Enter: markets, a RuleBook, a question. Leaves: MarketEligibility. Not here: the rules (core.eligibility), text.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Protocol

from sanchi.app.market import HomeGroup, MarketBook, Plant
from sanchi.app.ports import MarketStore
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import (
    InstrumentAnswer,
    MeterGrade,
    PairFacts,
    Period,
    PlantFacts,
    Purchase,
    Re100Answer,
    RuleBook,
    ValueClaim,
    instruments_for,
    re100_until,
)


class EligibilityFiles(Protocol):
    """What reads rules and facts from files."""

    def rules(self, path: Path | None) -> RuleBook:
        """Read a file of rules, None = those that the package ships; UnfitRules says what is wrong with it."""

    def pair(self, path: Path) -> PairFacts:
        """Read the facts about a pair of parties; SanchiError says what is wrong with them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantEligibility:
    """A roof on a day: what was asked by, and the answers of every instrument and kind."""

    home_id: PartyId
    device_id: str
    group: HomeGroup
    facts: PlantFacts
    re100: Re100Answer
    instruments: tuple[InstrumentAnswer, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketEligibility:
    """The roofs of a market on a day, in the order of the market, by rules as they were known on rules_as_of."""

    market_id: MarketId
    on_date: date
    rules_as_of: date
    plants: tuple[PlantEligibility, ...]


def plant_eligibility(
    markets: MarketStore,
    rules: RuleBook,
    market_id: MarketId,
    on_date: date,
    *,
    home_id: str | None = None,
    are_claims_complete: bool = False,
) -> MarketEligibility:
    """Answer for every roof of a market, or for one.

    are_claims_complete: the market knows every claim of others on its roofs. Where nobody has said so, a roof without
    a known claim has no yes.

    Raises: UnknownRecord when the market does not have the home, or the home no roof.
    """
    book = markets.book(market_id)
    plants = [plant for plant in book.plants if home_id is None or plant.home_id == home_id]
    if home_id is not None and not plants:
        raise UnknownRecord(
            f"{home_id!r} is no home with a roof in the market {market_id}.",
            hint="Name one as plants.csv does, for example H01, or leave --home-id away for all.",
        )
    return MarketEligibility(
        market_id=market_id,
        on_date=on_date,
        rules_as_of=rules.as_of,
        plants=tuple(
            _eligibility(plant, book, on_date, rules, are_claims_complete=are_claims_complete) for plant in plants
        ),
    )


def plant_facts(plant: Plant, book: MarketBook) -> PlantFacts:
    """Tell the rules' facts of a roof; a market does not know of repowering, which would only make it younger."""
    return PlantFacts(
        commissioning_date=plant.commissioning_date,
        fit_end=plant.fit_end,
        grade=MeterGrade(plant.measurement_grade.value),
        capacity_w=plant.capacity_w,
        has_battery=plant.battery_capacity_wh > 0,
        grid_area=book.terms.grid_area,
    )


def roof_purchase(plant: Plant, book: MarketBook, on_date: date) -> Purchase:
    """Tell what is known of any buyer's purchase from a roof of the market, for a use in the calendar year of a day.

    The buyers own no roof. Where a feed-in tariff ran, its purchaser took the electricity first.
    """
    return Purchase(
        is_self_generation=False,
        is_original_off_taker=False if plant.fit_end > plant.commissioning_date else None,
        use_period=Period(first_date=date(on_date.year, 1, 1), until_date=date(on_date.year + 1, 1, 1)),
        buyer_grid_area=book.terms.grid_area,
    )


def value_claims(plant: Plant, book: MarketBook) -> tuple[ValueClaim, ...]:
    """Tell what others claim of a roof's value, as far as the market knows."""
    return tuple(
        ValueClaim(
            scheme=claim.scheme.value,
            kind=claim.kind,
            first_date=claim.first_date,
            until_date=claim.until_date,
            reference=claim.reference,
        )
        for claim in book.outside_claims
        if claim.home_id == plant.home_id
    )


def _eligibility(
    plant: Plant, book: MarketBook, on_date: date, rules: RuleBook, *, are_claims_complete: bool
) -> PlantEligibility:
    """Answer for one roof."""
    facts = plant_facts(plant, book)
    period = Period(first_date=on_date, until_date=on_date + timedelta(days=1))
    claims = value_claims(plant, book)
    known = {
        kind: claims if are_claims_complete or any(claim.covers(kind, on_date) for claim in claims) else None
        for kind in CertificateKind
    }
    return PlantEligibility(
        home_id=plant.home_id,
        device_id=plant.device_id,
        group=plant.group,
        facts=facts,
        re100=re100_until(facts, roof_purchase(plant, book, on_date), on_date, rules),
        instruments=tuple(
            each for kind in CertificateKind for each in instruments_for(facts, kind, period, known[kind], rules)
        ),
    )
