"""Owners and tenants of `sanchi match`: what is traced, and what is refused by file, row and name."""

from datetime import date
from pathlib import Path

import pytest

from sanchi.app.match_files import MatchFiles, UnfitRequest, match_files
from sanchi.app.match_market import RepeatedRow
from sanchi.app.match_passing import UnknownPassingRule
from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.market import MissingTerms
from sanchi.core.matching.offers import ChoiceGap, RepeatedChoice, UnknownBuyer
from sanchi.core.matching.passing_on import TenantIsOwner
from tests.fakes.match_tables import FakeMatchTables

DAY = date(2026, 4, 1)
SUPPLY, CAPACITY, CHOICES, OUT, LISTS, PASSED = map(Path, ("s.csv", "c.csv", "ch.csv", "o.csv", "l.csv", "p.csv"))
FILES = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, out=OUT, passing_on=LISTS, passed_on=PASSED)
IN_ORDER = {"owner": ["tower", "tower"], "tenant": ["cafe", "gym"], "rank": [1, 2]}


def tables_of(lists):
    """Give one home that chose the tower, then the cafe in it: 900 Wh at noon, of which the tower takes 600."""
    return FakeMatchTables(
        {
            SUPPLY: {"home": ["h"], "slot_no": [25], "supply_wh": [900]},
            CAPACITY: {"buyer": ["tower", "cafe", "gym"], "slot_no": [25] * 3, "capacity_wh": [600, 500, 350]},
            CHOICES: {"home": ["h", "h"], "rank": [1, 2], "buyer": ["tower", "cafe"]},
            LISTS: lists,
        }
    )


def passed(lists, rule="in_order"):
    """Give (tenant, Wh) of what was passed on, and the report."""
    tables = tables_of(lists)
    report = match_files(tables, FILES, "eating", DAY, passing_rule=rule)
    rows = tables.written[PASSED]
    assert set(zip(rows["home"], rows["slot_no"], rows["owner"], strict=True)) <= {("h", 25, "tower")}
    return dict(zip(rows["tenant"], rows["energy_wh"], strict=True)), report


class TestPassedOn:
    def test_fills_tenants_in_the_order_of_ranks_beside_what_they_bought(self):
        # The cafe bought 300 of its 500 Wh itself.
        got_wh, report = passed(IN_ORDER)

        assert got_wh == {"cafe": 200, "gym": 350}
        assert (report.passed_on_wh, report.kept_wh, report.standard_offer_wh) == (550, 50, 0)

    def test_follows_ranks_however_rows_stand(self):
        got_wh, _ = passed({"owner": ["tower"] * 2, "tenant": ["cafe", "gym"], "rank": [2, 1]})

        assert got_wh == {"gym": 350, "cafe": 200}

    def test_is_cut_by_keys(self):
        got_wh, report = passed(IN_ORDER | {"static_key": [1, 5]}, "by_key")

        # A sixth of 600 Wh is the cafe's; what the gym has no room for is cut anew and fits into the cafe.
        assert got_wh == {"cafe": 200, "gym": 350}
        assert report.kept_wh == 50

    def test_with_a_key_of_nothing_is_nothing(self):
        assert passed(IN_ORDER | {"static_key": [0, 5]}, "by_key")[0] == {"gym": 350}

    def test_is_not_told_where_nobody_passes_on(self):
        files = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, out=OUT)
        tables = tables_of(IN_ORDER)

        report = match_files(tables, files, "eating", DAY)

        assert (report.passed_on_wh, report.kept_wh, set(tables.written)) == (None, None, {OUT})


class TestRefusal:
    @pytest.mark.parametrize(
        ("changes", "error", "told"),
        [
            ({"tenant": ["cafe", "spa"]}, UnknownBuyer, r"l\.csv, row 2: tenant spa has no row in the capacity table"),
            ({"owner": ["mall", "tower"]}, UnknownBuyer, r"l\.csv, row 1: owner mall has no row"),
            ({"tenant": ["cafe", "tower"]}, TenantIsOwner, r"l\.csv, row 2: tenant tower is an owner itself"),
            ({"rank": [1, 1]}, RepeatedRow, r"l\.csv, row 2: owner tower has rank 1 twice"),
            ({"rank": [1, 3]}, ChoiceGap, r"l\.csv, row 2: owner tower has rank 3 where rank 2 is expected"),
            ({"tenant": ["gym", "gym"]}, RepeatedChoice, r"l\.csv, row 2: owner tower names tenant gym twice"),
        ],
    )
    def test_names_file_row_and_fault(self, changes, error: type[WrongInput], told: str):
        tables = tables_of(IN_ORDER | changes)

        with pytest.raises(error, match=told):
            match_files(tables, FILES, "eating", DAY)
        assert not tables.written

    def test_of_a_rule_that_is_not_there_lists_all(self):
        with pytest.raises(UnknownPassingRule, match=r"no passing rule 'by_luck'.*in_order, by_key"):
            passed(IN_ORDER, "by_luck")

    def test_of_keys_that_are_not_given(self):
        with pytest.raises(MissingTerms, match=r"l\.csv: rule by_key needs static_key"):
            passed(IN_ORDER, "by_key")

    def test_of_one_of_both_files_alone(self):
        files = MatchFiles(supply=SUPPLY, capacity=CAPACITY, choices=CHOICES, out=OUT, passing_on=LISTS)
        with pytest.raises(UnfitRequest, match="--passing-on and --passed-on go together"):
            match_files(tables_of(IN_ORDER), files, "eating", DAY)
