"""Draws what buyers offer and what homes want: prices, caps, conditions, perks, own lists and preferences.

Enters: a chance. Leave: Records of offers, perks, choices and preferences. Not here: who takes part (market).
"""

import random
from collections.abc import Iterable, Sequence
from datetime import date

Record = tuple[object, ...]

KINDS = ("surplus", "self_consumption")
PRICES_SEN_PER_KWH = (0, 0, 1, 130, 333, 850, 1_000, 1_099)
CAPS_WH = ("", "", 0, 1, 60, 250, 800, 2_500)
# Most roofs sell some kWh a day, so that these are spent at noon, in the first days of a month, or never.
DAY_CAPS_WH = ("", "", "", "", 0, 1, 47, 700, 3_000, 9_000)
MONTH_CAPS_WH = ("", "", "", "", 0, 1, 900, 4_000, 9_000, 25_000)
DISTRICTS = ("", "Adachi", "Adachi", "Chuo", "Koto")
OFFERED_DISTRICTS = ("", "", "", "", "Adachi", "Chuo+Koto", "Minato")
PLANT_AGES_YEARS = (*[("", "")] * 5, (0, 9), (10, ""), ("", 11), (11, 11))
VALID_UNTIL, MONTH_CAP = 7, 9


def draw_offer(chance: random.Random, buyer_id: str, kind: str, valid_from: date, valid_until: object) -> Record:
    """Draw one offer; one of value alone needs a cap."""
    rule = chance.choice(("metered_use", "metered_use", "cap_only"))
    cap_wh = chance.choice(CAPS_WH)
    prices = (chance.choice(PRICES_SEN_PER_KWH), chance.choice(PRICES_SEN_PER_KWH))
    return (
        buyer_id,
        kind,
        *prices,
        rule,
        400 if rule == "cap_only" and cap_wh == "" else cap_wh,
        valid_from,
        valid_until,
        chance.choice(DAY_CAPS_WH),
        chance.choice(MONTH_CAPS_WH),
        chance.choice(OFFERED_DISTRICTS),
        *chance.choice(PLANT_AGES_YEARS),
    )


def ended(offer: Record, valid_until: date) -> Record:
    """Give an offer with another end."""
    return (*offer[:VALID_UNTIL], valid_until, *offer[VALID_UNTIL + 1 :])


def without_month_cap(offer: Record) -> Record:
    """Give an offer that no month bounds: then it does not matter in which order days are closed."""
    return (*offer[:MONTH_CAP], "", *offer[MONTH_CAP + 1 :])


def draw_perks(chance: random.Random, offers: Iterable[Record]) -> list[Record]:
    """Draw what some of the offers add to their price; face values are like prices, so that worths can tie."""
    rows: list[Record] = []
    for offer in offers:
        perks = chance.choices(("points", "coupon", "recognition"), k=chance.choice((0, 0, 0, 1, 2)))
        for perk_no, perk in enumerate(perks, start=1):
            values = (0, 0) if perk == "recognition" else (chance.choice(PRICES_SEN_PER_KWH), chance.choice((0, 100)))
            rows.append((*offer[:2], offer[6], perk_no, perk, "Perk", "特典", *values))
    return rows


def draw_choices(chance: random.Random, home_id: str, buyer_ids: Sequence[str], valid_from: date) -> list[Record]:
    """Draw a home's lists of one to four buyers; some homes choose nobody."""
    rows: list[Record] = []
    for kind in KINDS:
        ranked = chance.sample(buyer_ids, chance.randint(1, len(buyer_ids))) if chance.random() < 0.85 else []
        rows += [(home_id, kind, choice_no, buyer_id, valid_from) for choice_no, buyer_id in enumerate(ranked, 1)]
    return rows


def draw_preferences(chance: random.Random, home_id: str, buyer_ids: Sequence[str], valid_from: date) -> list[Record]:
    """Draw how a home wants its buyers ranked; half of the homes rank by worth, and equal worths are common."""
    rows: list[Record] = []
    for kind in KINDS:
        if chance.random() < 0.6:
            ranking = chance.choice(("by_worth", "by_worth", "by_worth", "own_list"))
            weights = (chance.choice((0, 500, 1_000, 1_000)), chance.choice((0, 1_000)), chance.choice((0, 1_000)))
            favourites = chance.sample(buyer_ids, chance.choice((0, 0, 1)))
            bonuses = (chance.choice((0, 130, 850)), chance.choice((0, 0, 200)))
            wish = (ranking, *weights, "+".join(favourites), *bonuses, chance.choice((1, 2, 3, 9)))
            rows.append((home_id, kind, valid_from, *wish))
    return rows
