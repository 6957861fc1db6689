"""All mechanisms on a small stored market: figures worked out from what its meters say, sums of days, refusals.

Homes H1 to H3 over 30 November and 1 December, both closed. The market's readings are plain formulas of home and slot.
"""

import json
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app import compare_mechanisms as comparing
from sanchi.app.compare_mechanisms import KindComparison, closed_dates, compare_mechanisms
from sanchi.core.base.errors import Refused
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.allocation import MechanismResult
from sanchi.core.matching.comparison import AllocationFigures, added_up
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.max_welfare import max_welfare
from sanchi.core.matching.mechanisms.table import MECHANISMS, MechanismName
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, UNIT_WH, SmallMarket, generated_wh, used_wh, write_market
from tests.start.homes import Home

DAY, NEXT_DAY, OPEN_DAY = date(2020, 11, 29), date(2020, 11, 30), date(2020, 12, 1)
MARKET = SmallMarket(n_homes=3, first_date=DAY, last_date=OPEN_DAY, gap_date=OPEN_DAY)
STANDARD_PRICE, BUILDER_PAYS, BUILDER_GIVES, BUILDER_CAP_WH = 850, 130, 100, 600
SURPLUS, SELF = CertificateKind.SURPLUS, CertificateKind.SELF_CONSUMPTION


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    """Give a home whose last day is delivered and not closed."""
    folder = tmp_path_factory.mktemp("compared")
    write_market(folder / "deliveries", MARKET)
    made = Home.made(folder / "home")
    with django_db_blocker.unblock():
        with made.opened() as installation:
            ingest_path(installation, folder / "deliveries" / "pilot", None)
            close_days(installation, MARKET_ID, f"{DAY}..{NEXT_DAY}")
        yield made
    made.drop()


def compared(home: Home, *dates: date, kind: CertificateKind = SURPLUS) -> KindComparison:
    with home.opened() as installation:
        (only,) = compare_mechanisms(installation.stores, MARKET_ID, dates, [kind])
    return only


def figures_by_name(comparison: KindComparison) -> dict[MechanismName, AllocationFigures]:
    return {each.name: each.figures for each in comparison.mechanisms}


def missed_e5yen(figures: AllocationFigures) -> int:
    assert figures.missed_welfare_e5yen is not None
    return figures.missed_welfare_e5yen


def exported_wh(home: int, day_index: int) -> list[int]:
    """Count a home's export of a day as its register does: in whole units, a rest staying in the meter."""
    running_wh, counts = 0, []
    for index in range(day_index + 1):
        counts = [running_wh // UNIT_WH]
        for slot_index in range(48):
            running_wh += max(generated_wh(home, index, slot_index) - used_wh(home, slot_index), 0)
            counts.append(running_wh // UNIT_WH)
    return [(later - earlier) * UNIT_WH for earlier, later in pairwise(counts)]


def self_used_wh(home: int, day_index: int) -> list[int]:
    return [
        generated_wh(home, day_index, slot_index) - export_wh
        for slot_index, export_wh in enumerate(exported_wh(home, day_index))
    ]


class TestFigures:
    def test_self_consumption_of_three_homes_fills_the_only_buyer_to_its_cap(self, home: Home):
        by_slot = [sum(homes) for homes in zip(*(self_used_wh(number, 0) for number in (1, 2, 3)), strict=True)]
        taken_wh = [min(supply_wh, BUILDER_CAP_WH) for supply_wh in by_slot]
        use_wh = [100 + 10 * slot_index for slot_index in range(48)]

        figures = figures_by_name(compared(home, DAY, kind=SELF))[MechanismName.EATING]

        assert figures.supply_wh == sum(by_slot)
        assert figures.matched_wh == figures.first_choice_wh == sum(taken_wh)
        assert figures.paid_e5yen == sum(taken_wh) * BUILDER_PAYS
        assert figures.to_homes_e5yen == sum(taken_wh) * BUILDER_GIVES
        wanted = {buyer.wanted_wh: buyer.hour_matched_wh for buyer in figures.buyers}
        # Shop and tower buy no self-consumption, so they want none of it.
        assert wanted == {0: 0, sum(use_wh): sum(map(min, taken_wh, use_wh))}

    def test_auction_pays_homes_what_buyers_pay_and_the_standard_offer_the_rest(self, home: Home):
        supply_wh = sum(sum(exported_wh(number, 0)) for number in (1, 2, 3))

        figures = figures_by_name(compared(home, DAY))[MechanismName.UNIFORM_PRICE]

        assert figures.supply_wh == supply_wh
        # Shop and tower together have room for all that three roofs export.
        assert figures.matched_wh == supply_wh
        assert figures.received_e5yen == figures.paid_e5yen > supply_wh * STANDARD_PRICE
        assert figures.standard_offer_e5yen == 0

    def test_yardstick_misses_nothing_and_no_listed_rule_beats_it(self, home: Home):
        by_name = figures_by_name(compared(home, DAY))

        assert by_name[MechanismName.MAX_WELFARE].missed_welfare_e5yen == 0
        listed = set(MechanismName) - {"uniform_price", "pay_as_bid", "mid_market_rate"}
        assert min(missed_e5yen(by_name[name]) for name in listed) == 0

    @pytest.mark.parametrize("kind", [SURPLUS, SELF])
    def test_eating_is_what_was_booked(self, home: Home, kind: CertificateKind):
        with home.opened() as installation:
            outcome = installation.stores.days.outcome(MARKET_ID, DAY)
        assert outcome is not None
        rows = outcome.allocated
        is_bought = (rows.kind_no == kind) & (rows.choice_no > 0)
        booked: Counter[int] = Counter()
        for home_no, energy_wh in zip(
            rows.home_no[is_bought].tolist(), rows.energy_wh[is_bought].tolist(), strict=True
        ):
            booked[home_no] += energy_wh

        figures = figures_by_name(compared(home, DAY, kind=kind))[MechanismName.EATING]

        assert {each.home_no: each.matched_wh for each in figures.homes if each.matched_wh} == booked
        assert booked


class TestMonth:
    def test_is_the_sum_of_its_days(self, home: Home):
        first, second, both = (
            figures_by_name(compared(home, *dates)) for dates in ((DAY,), (NEXT_DAY,), (DAY, NEXT_DAY))
        )

        assert set(both) == set(MECHANISMS)
        for name, figures in both.items():
            assert figures == added_up([first[name], second[name]])
            assert figures.matched_wh == first[name].matched_wh + second[name].matched_wh
            assert missed_e5yen(figures) == missed_e5yen(first[name]) + missed_e5yen(second[name])

    def test_takes_the_closed_days_only(self, home: Home):
        with home.opened() as installation:
            assert closed_dates(installation.stores, MARKET_ID, DAY, OPEN_DAY) == (DAY, NEXT_DAY)


class TestYardstick:
    def test_is_solved_once_a_day(self, home: Home, monkeypatch: pytest.MonkeyPatch):
        solved: list[date] = []

        def counted(market: MatchMarket) -> MechanismResult:
            solved.append(market.day.delivery_date)
            return max_welfare(market)

        monkeypatch.setattr(comparing, "MECHANISMS", MECHANISMS | {MechanismName.MAX_WELFARE: counted})

        compared(home, DAY, NEXT_DAY)

        assert solved == [DAY, NEXT_DAY]

    def test_beyond_its_limit_is_left_out_by_name_and_nothing_else_is(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr("sanchi.core.matching.mechanisms.max_welfare.GAINING_PAIRS_MAX", 4)

        comparison = compared(home, DAY, NEXT_DAY)

        (skipped,) = comparison.skipped
        assert skipped.name is MechanismName.MAX_WELFARE
        assert skipped.reason == "max_welfare looks at 5 listed pairs of home and buyer, at most 4 are meant."
        assert set(figures_by_name(comparison)) == set(MechanismName) - {MechanismName.MAX_WELFARE}
        assert {each.figures.missed_welfare_e5yen for each in comparison.mechanisms} == {None}


class TestRefusal:
    def test_day_that_was_never_closed(self, home: Home):
        with pytest.raises(Refused, match="no closed day from 2020-12-01 to 2020-12-01"):
            compared(home, OPEN_DAY)

    def test_month_without_a_closed_day(self, home: Home):
        ran = home.run("compare", "--month", "2020-12")

        assert ran.exit_code == 2
        assert "market small has no closed day from 2020-12-01 to 2020-12-31." in ran.err

    @pytest.mark.parametrize("asked", [[], ["--day", str(DAY), "--month", "2020-11"]])
    def test_neither_day_nor_month_or_both(self, home: Home, asked: list[str]):
        ran = home.run("compare", *asked)

        assert (ran.exit_code, ran.out) == (2, "")
        assert "Either a day or a month is compared." in ran.err

    def test_unknown_kind(self, home: Home):
        ran = home.run("compare", "--day", str(DAY), "--kind", "wind")

        assert (ran.exit_code, ran.out) == (2, "")
        assert "wind" in ran.err

    def test_chart_into_a_folder_that_is_not_there(self, home: Home, tmp_path: Path):
        ran = home.run("compare", "--day", str(DAY), "--chart", str(tmp_path / "nowhere" / "page.html"))

        assert (ran.exit_code, ran.out) == (2, "")
        assert "There is no folder" in ran.err


class TestCommand:
    def test_table_has_a_unit_in_every_head_and_a_line_for_every_mechanism(self, home: Home):
        ran = home.run("compare", "--day", str(DAY), "--kind", "surplus")

        assert ran.exit_code == 0, ran.err
        _, title, supply, heads, units, *lines = ran.out.splitlines()
        assert title == f"surplus, {DAY}"
        supply_wh = sum(sum(exported_wh(number, 0)) for number in (1, 2, 3))
        assert supply.startswith(f"homes offered {supply_wh // 1000}.{supply_wh % 1000:03d} kWh; matched + rest = all")
        assert [line.split()[0] for line in lines[: len(MechanismName)]] == list(MechanismName)
        assert " ".join(units.split()) == "mechanism % % choice % % of use homes kWh pairs 0 to 1 yen yen yen"
        # Every figure ends under the end of its unit, so that numbers align.
        ends = {len(line.rstrip()) for line in (heads, units, *lines[: len(MechanismName)])}
        assert len(ends) == 1

    def test_json_holds_the_same_figures(self, home: Home):
        ran = home.run("compare", "--month", "2020-11", "--json")

        document = json.loads(ran.out)
        assert [kind["kind"] for kind in document["kinds"]] == ["surplus", "self_consumption"]
        assert document["kinds"][0]["dates"] == [str(DAY), str(NEXT_DAY)]
        by_name = figures_by_name(compared(home, DAY, NEXT_DAY))
        assert {each["name"]: each["matched_wh"] for each in document["kinds"][0]["mechanisms"]} == {
            name: figures.matched_wh for name, figures in by_name.items()
        }
