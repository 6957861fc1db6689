"""Matching anybody's tables: every Wh of supply is written exactly once, and the request is judged before."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from sanchi.app.match_files import MatchFiles, UnfitRequest, UnknownMechanism, match_files
from sanchi.app.match_market import MissingRow
from sanchi.core.matching import recompute_parts
from sanchi.core.matching.home_keys import key_of_name
from tests.fakes.match_tables import FakeMatchTables
from tests.oracles.eating_markets import slot_markets

SUPPLY, CAPACITY, CHOICES, OFFERS, HOMES, OUT, TIMES = map(
    Path, ("supply", "capacity", "choices", "offers", "homes", "out", "times")
)
DAY = date(2026, 4, 1)


def tables_of(drawn):
    """Lay a drawn market out as tables of slot 25; homes are named in no order."""
    homes, buyers = range(len(drawn.supplies)), range(len(drawn.capacities))
    ranked = [(f"h{9 - home}", rank, f"b{b}") for home in homes for rank, b in enumerate(drawn.choices[home], start=1)]
    return {
        SUPPLY: {
            "home": [f"h{9 - home}" for home in homes],
            "slot_no": [25 for _ in homes],
            "supply_wh": drawn.supplies,
        },
        CAPACITY: {
            "buyer": [f"b{buyer}" for buyer in buyers],
            "slot_no": [25 for _ in buyers],
            "capacity_wh": drawn.capacities,
        },
        CHOICES: dict(zip(("home", "rank", "buyer"), map(list, zip(*ranked, strict=True)), strict=True))
        if ranked
        else {"home": [], "rank": [], "buyer": []},
    }


class TestConservation:
    @settings(max_examples=100, deadline=None)
    @given(slot_markets())
    def test_supply_is_what_buyers_got_and_the_standard_offer_and_the_table_recomputes_it(self, drawn):
        tables = FakeMatchTables(tables_of(drawn))
        files = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, out=OUT, closing_times=TIMES)

        report = match_files(tables, files, "eating", DAY)

        out, times = tables.written[OUT], tables.written[TIMES]
        got = Counter()
        for home, buyer, energy_wh in zip(out["home"], out["buyer"], out["energy_wh"], strict=True):
            got[home, buyer] += energy_wh
        published = {
            buyer: (closing, rounding)
            for buyer, slot_no, closing, rounding in zip(*times.values(), strict=True)
            if slot_no == 25
        }
        for home, supply_wh in enumerate(drawn.supplies):
            name = f"h{9 - home}"
            assert sum(energy_wh for (giver, _), energy_wh in got.items() if giver == name) == supply_wh
            parts = recompute_parts(
                supply_wh=supply_wh,
                choices=drawn.choices[home],
                closing_t32=[published[f"b{buyer}"][0] for buyer in range(len(drawn.capacities))],
                rounding_phi60=[published[f"b{buyer}"][1] for buyer in range(len(drawn.capacities))],
                home_key=key_of_name(name),
                delivery_date=DAY,
                slot_no=25,
            )
            assert [got[name, f"b{buyer}"] for buyer in drawn.choices[home]] == list(parts)
        assert min(out["energy_wh"], default=1) > 0
        assert report.supplied_wh == sum(drawn.supplies) == report.matched_wh + report.standard_offer_wh


class TestRequest:
    FILES = MatchFiles(supply=SUPPLY, capacity=CAPACITY, out=OUT)

    def test_for_an_unknown_mechanism_is_refused(self):
        with pytest.raises(UnknownMechanism, match="'lottery'"):
            match_files(FakeMatchTables({}), self.FILES, "lottery", DAY)

    def test_for_eating_without_choices_is_refused(self):
        with pytest.raises(UnfitRequest, match="follows the homes' choices"):
            match_files(FakeMatchTables({}), self.FILES, "eating", DAY)

    def test_with_offers_of_some_buyers_only_is_refused(self):
        tables = FakeMatchTables(
            {
                SUPPLY: {"home": ["a"], "slot_no": [1], "supply_wh": [5]},
                CAPACITY: {"buyer": ["x", "y"], "slot_no": [1, 1], "capacity_wh": [5, 5]},
                CHOICES: {"home": ["a"], "rank": [1], "buyer": ["x"]},
                OFFERS: {"buyer": ["x"], "home_price_sen_per_kwh": [1], "buyer_price_sen_per_kwh": [2]},
            }
        )
        files = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, offers=OFFERS, out=OUT)

        with pytest.raises(MissingRow, match="buyer y has no row"):
            match_files(tables, files, "eating", DAY)
        assert not tables.written
