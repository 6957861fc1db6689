"""Matching anybody's tables: every Wh of supply is written exactly once, and the request is judged before."""

from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings

from sanchi.app.match_files import MatchFiles, UnfitRequest, UnknownMechanism, match_files
from sanchi.app.match_market import ExcessiveChoices, MissingRow, ReservedName
from sanchi.core.matching import recompute_parts
from sanchi.core.matching.home_keys import key_of_name
from sanchi.core.matching.offers import ExcessiveSupply
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


class TestHostileTables:
    FILES = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, out=OUT)

    @pytest.mark.parametrize("name", ["standard_offer", "Standard_Offer", "\uff53tandard_offer"])
    def test_buyer_that_reads_as_the_standard_offer_is_refused(self, name: str):
        tables = FakeMatchTables(
            {
                SUPPLY: {"home": ["a"], "slot_no": [1], "supply_wh": [5]},
                CAPACITY: {"buyer": [name], "slot_no": [1], "capacity_wh": [5]},
                CHOICES: {"home": ["a"], "rank": [1], "buyer": [name]},
            }
        )

        with pytest.raises(ReservedName, match="reads as standard_offer"):
            match_files(tables, self.FILES, "eating", DAY)
        assert not tables.written

    def test_slot_beyond_the_arithmetic_is_refused_by_file_slot_and_row(self):
        homes = [f"h{number:05}" for number in range(32_770)]
        tables = FakeMatchTables(
            {
                SUPPLY: {"home": homes, "slot_no": [24] * len(homes), "supply_wh": [2**31 - 1] * len(homes)},
                CAPACITY: {"buyer": ["x"], "slot_no": [1], "capacity_wh": [5]},
                CHOICES: {"home": ["h00000"], "rank": [1], "buyer": ["x"]},
            }
        )

        with pytest.raises(ExcessiveSupply, match=r"supply.*slot 24 sum to .* the largest is in row 1"):
            match_files(tables, self.FILES, "eating", DAY)

    def test_one_home_that_names_thousands_among_many_homes_is_refused_before_memory_is_taken(self):
        n_homes, n_buyers = 8_400, 2_000
        buyers = [f"b{number}" for number in range(n_buyers)]
        tables = FakeMatchTables(
            {
                SUPPLY: {
                    "home": [f"h{number}" for number in range(n_homes)],
                    "slot_no": [1] * n_homes,
                    "supply_wh": [5] * n_homes,
                },
                CAPACITY: {"buyer": buyers, "slot_no": [1] * n_buyers, "capacity_wh": [5] * n_buyers},
                CHOICES: {"home": ["h0"] * n_buyers, "rank": list(range(1, n_buyers + 1)), "buyer": buyers},
            }
        )

        with pytest.raises(ExcessiveChoices, match="8400 homes with up to 2000 choices"):
            match_files(tables, self.FILES, "eating", DAY)
