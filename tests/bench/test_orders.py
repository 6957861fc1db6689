"""The orders of the bench are those that the peers were measured on first, and its small parts tell the truth."""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from bench.matching_parts.clock import run_command
from bench.matching_parts.figures import COLUMNS, Figure, bar_figure, heading
from bench.matching_parts.fleet import day_of, failure_note
from bench.matching_parts.fleet_limit import measured_limit
from bench.matching_parts.kernel import drawn_day, steps_of_day
from bench.matching_parts.limit_pass import one_pass
from bench.matching_parts.orders import Outcome, SlotOrders, case_slots, crossing_wh, judged, slot_orders
from bench.matching_parts.ours import market_of_orders, outcome_of_rows
from bench.matching_parts.parquet_settings import settings_of
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.mechanisms.eating import eating

ROOT = Path(__file__).resolve().parents[2]
FIRST_ORDERS = next(
    (path for folder in ROOT.parents if (path := folder / "shared" / "bench" / "work.py").exists()), None
)
FIRST_SUPPLIES_WH = [1479, 1333, 1849]
NEEDS_WH = [18549, 6751, 39622]
TWO_HOMES = SlotOrders(
    supply_wh=[300, 700],
    ask_sen_per_kwh=[800, 900],
    need_wh=[500, 400],
    bid_sen_per_kwh=[1000, 850],
    partner_index=[0, 0],
)


@pytest.fixture
def first_orders():
    if FIRST_ORDERS is None:
        pytest.skip("the orders of the first measurement (shared/bench/work.py) are not beside this project")
    spec = importlib.util.spec_from_file_location("first_orders", FIRST_ORDERS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


class TestSlotOrders:
    @pytest.mark.parametrize(("n_orders", "seed"), [(61, 1), (61, 48), (1000, 1), (10_000, 1)])
    def test_equal_the_orders_of_the_first_measurement(self, first_orders, n_orders: int, seed: int):
        sellers, buyers, partners = first_orders.slot(n_orders, seed)

        slot = slot_orders(n_orders, seed)

        assert list(zip(slot.supply_wh, slot.ask_sen_per_kwh, strict=True)) == sellers
        assert list(zip(slot.need_wh, slot.bid_sen_per_kwh, strict=True)) == buyers
        assert slot.partner_index == partners

    @pytest.mark.parametrize("n_orders", [61, 1000])
    def test_cross_where_the_first_measurement_saw_it(self, first_orders, n_orders: int):
        sellers, buyers, _ = first_orders.slot(n_orders, 1)

        assert crossing_wh(slot_orders(n_orders, 1)) == first_orders.crossing_volume(sellers, buyers)

    def test_stay_what_they_are_where_nothing_is_there_to_compare(self):
        slot = slot_orders(61, 1)

        assert (len(slot.supply_wh), len(slot.need_wh)) == (58, 3)
        assert slot.supply_wh[:3] == FIRST_SUPPLIES_WH
        assert slot.need_wh == NEEDS_WH

    def test_case_names_orders_and_slots(self):
        assert [slot.n_orders for slot in case_slots("61x3")] == [61, 61, 61]
        assert [slot.n_orders for slot in case_slots("1000")] == [1000]

    def test_cross_where_the_next_offer_is_dearer_than_the_next_bid(self):
        assert crossing_wh(TWO_HOMES) == 500


class TestJudgement:
    def test_finds_nothing_wrong_with_an_exact_outcome(self):
        outcome = Outcome(sold_wh={(0, 0): 300, (0, 1): 200}, bought_wh={(0, 0): 500}, paid=450, received=450)

        assert judged([TWO_HOMES], outcome) == {
            "oversold_orders": 0,
            "overbought_orders": 0,
            "sold_wh": 500,
            "bought_minus_sold_wh": 0,
            "of_crossing": 1.0,
            "paid_over_received": 1.0,
        }

    def test_counts_orders_beyond_their_amount_and_money_that_appears(self):
        outcome = Outcome(sold_wh={(0, 0): 301}, bought_wh={(0, 1): 401}, paid=300, received=200)

        found = judged([TWO_HOMES], outcome)

        assert (found["oversold_orders"], found["overbought_orders"]) == (1, 1)
        assert (found["bought_minus_sold_wh"], found["paid_over_received"]) == (100, 1.5)


class TestOurSide:
    def test_market_holds_each_order_once_and_its_outcome_is_sound(self):
        slots = case_slots("61x3")

        market = market_of_orders(slots)
        found = judged(slots, outcome_of_rows(slots, eating(market).allocation))

        assert market.day.supply_wh.sum(axis=1)[:3].tolist() == [sum(slot.supply_wh) for slot in slots]
        assert market.day.capacity_wh.sum() == sum(sum(slot.need_wh) for slot in slots)
        assert (found["oversold_orders"], found["overbought_orders"], found["bought_minus_sold_wh"]) == (0, 0, 0)
        assert found["sold_wh"] > 0

    def test_one_pass_gives_every_home_wholly_to_its_first_choice(self):
        day = drawn_day(20, 4, 2, slice(24, 25))
        parts_wh = np.zeros((48, 20, 2), dtype=np.int64)
        intake_wh = np.zeros((48, 4), dtype=np.int64)

        total_wh = one_pass(day.supply_wh, day.choice_buyer_index, parts_wh, intake_wh)

        assert total_wh == day.supply_wh.sum() == intake_wh.sum()
        assert (parts_wh[:, :, 0] == day.supply_wh).all()


class TestSlotSteps:
    def test_lay_out_the_rows_that_the_whole_day_gives(self):
        day = drawn_day(50, 4, 2, slice(24, 25))

        n_rows = steps_of_day(day).whole()

        match = match_day(day)
        assert n_rows == np.count_nonzero(match.parts_wh) + np.count_nonzero(match.rest_wh)


class TestFleetParts:
    def test_settings_of_a_file_write_the_same_file_again(self, tmp_path: Path):
        table = pa.table({"home": pa.array(range(1000), pa.int32()), "energy_wh": pa.array([7] * 1000, pa.int32())})
        first, second = tmp_path / "first.parquet", tmp_path / "second.parquet"
        pq.write_table(
            table,
            first,
            compression="zstd",
            use_dictionary=["energy_wh"],
            column_encoding={"home": "DELTA_BINARY_PACKED"},
            write_statistics=["home"],
            row_group_size=300,
        )

        pq.write_table(table, second, **settings_of(pq.read_metadata(first)))

        assert second.read_bytes() == first.read_bytes()

    def test_limit_reads_all_supply_and_writes_all_rows(self, tmp_path: Path):
        fleet, matched, scratch = (tmp_path / name for name in ("fleet", "matched", "scratch"))
        for folder in (fleet / "supply", matched / "allocation", scratch):
            folder.mkdir(parents=True)
        for part in range(3):
            pq.write_table(pa.table({"supply_wh": [part, 10]}), fleet / "supply" / f"{part}.parquet")
            pq.write_table(pa.table({"buyer": [1], "energy_wh": [part]}), matched / "allocation" / f"{part}.parquet")

        limit = measured_limit(fleet, matched, scratch, 2)

        assert (limit["supply_rows"], limit["supply_wh"]) == (6, 33)
        assert (limit["rows"], limit["energy_wh"]) == (3, 3)
        assert limit["written_bytes"] > 0
        assert not list(scratch.iterdir())

    def test_day_is_read_from_the_names_in_the_folder(self, tmp_path: Path):
        (tmp_path / "day-2026-04-01").mkdir()

        assert day_of(tmp_path) == "2026-04-01"


class TestCommand:
    def test_tells_code_texts_time_and_memory(self, tmp_path: Path):
        ended = run_command([sys.executable, "-c", "import sys; print('out'); sys.exit('bad')"], tmp_path)

        assert (ended.returncode, ended.stdout, ended.stderr) == (1, "out\n", "bad\n")
        assert ended.cost.wall_s > 0
        assert (ended.cost.peak_mb or 0) > 1

    def test_that_is_absent_is_named(self):
        ended = run_command([sys.executable, "-m", "sanchi", "no-such-thing"], ROOT)

        assert failure_note("sanchi no-such-thing", ended) == "left out: there is no command `sanchi no-such-thing` yet"


class TestFigure:
    def test_line_stands_under_its_columns_and_names_its_bar(self):
        cost = run_command([sys.executable, "-c", ""], ROOT).cost

        line = bar_figure("a slot", 10, cost, bar_ms=0).line()

        assert heading("title").splitlines()[-1].split()[-1] == COLUMNS[-1]
        assert line.endswith("NO")
        assert "< 0 ms" in line

    def test_without_cost_says_why(self):
        figure = Figure(what="a peer", n_orders=10, note="not done in 3 s of CPU")

        assert figure.line().endswith("not done in 3 s of CPU")
        assert figure.values()["orders_per_s"] is None
