"""What the buyers of the sample pay, and how its homes rank them.

Leaves: rows of offers.csv and choices.csv. Not here: who the parties are (cast).
"""

from typing import Final

import numpy as np

from tools.sample.cast import OUTSIDE_HOMES, SELF_CONSUMPTION_HOMES
from tools.sample.homes import Home, shares
from tools.sample.period import FIRST_DATE, chance

Row = dict[str, str | int]

PRICE_CHANGE_DATE: Final = "2021-01-01"
CHOICE_CHANGE_DATE: Final = "2021-01-10"
CHOICE_CHANGES: Final = {10: ("B02", "B01"), 26: ("B03",)}  # home number -> its new ranking

# How many buyers a home ranks, and how strongly it is drawn to each.
RANKED_COUNTS: Final = (1, 2, 3, 4)
RANKED_COUNT_SHARES: Final = (20, 35, 28, 17)
SURPLUS_BUYERS: Final = ("B01", "B02", "B03", "B04")
SURPLUS_BUYER_SHARES: Final = (34, 26, 18, 22)
VALUE_BUYER: Final = "B05"


def offer_rows() -> list[Row]:
    """List the offers; one changes its price with the new year."""
    first = str(FIRST_DATE)
    return [
        offer("B01", "surplus", 1000, 1090, valid_from=first),
        offer("B02", "surplus", 950, 1030, valid_from=first, cap_wh=5000),
        offer("B03", "surplus", 900, 980, valid_from=first, valid_until=PRICE_CHANGE_DATE),
        offer("B03", "surplus", 1020, 1100, valid_from=PRICE_CHANGE_DATE),
        offer("B04", "surplus", 1150, 1240, valid_from=first),
        offer(VALUE_BUYER, "self_consumption", 100, 125, valid_from=first, cap_wh=2000, rule="cap_only"),
    ]


def offer(
    buyer_id: str,
    kind: str,
    home_price: int,
    buyer_price: int,
    *,
    valid_from: str,
    valid_until: str = "",
    cap_wh: int | str = "",
    rule: str = "metered_use",
) -> Row:
    """Write one row of offers.csv; prices in sen per kWh."""
    return {
        "buyer_id": buyer_id,
        "kind": kind,
        "home_price_sen_per_kwh": home_price,
        "buyer_price_sen_per_kwh": buyer_price,
        "capacity_rule": rule,
        "cap_wh_per_slot": cap_wh,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }


def choice_rows(homes: list[Home]) -> list[Row]:
    """Draw the rankings of the homes; those outside the platform rank nobody."""
    rng = chance("choices")
    rows: list[Row] = []
    for home in homes:
        if home.number in SELF_CONSUMPTION_HOMES:
            rows += ranking(home, "self_consumption", (VALUE_BUYER,), str(FIRST_DATE))
        elif home.number not in OUTSIDE_HOMES:
            rows += ranking(home, "surplus", draw_ranking(rng), str(FIRST_DATE))
            rows += ranking(home, "surplus", CHOICE_CHANGES.get(home.number, ()), CHOICE_CHANGE_DATE)
    return rows


def draw_ranking(rng: np.random.Generator) -> tuple[str, ...]:
    """Draw one ranking of one to four buyers."""
    n_ranked = int(rng.choice(RANKED_COUNTS, p=shares(RANKED_COUNT_SHARES)))
    drawn = rng.choice(SURPLUS_BUYERS, size=n_ranked, replace=False, p=shares(SURPLUS_BUYER_SHARES))
    return tuple(str(buyer_id) for buyer_id in drawn)


def ranking(home: Home, kind: str, buyer_ids: tuple[str, ...], valid_from: str) -> list[Row]:
    """Write the rows of choices.csv of one home's ranking."""
    return [
        {
            "home_id": home.home_id,
            "kind": kind,
            "choice_no": choice_no,
            "buyer_id": buyer_id,
            "valid_from": valid_from,
        }
        for choice_no, buyer_id in enumerate(buyer_ids, start=1)
    ]
