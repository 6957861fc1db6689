"""What the simulation found, each as the shortest story that shows it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.markets.small_market import METER_COLUMNS, OFFER_COLUMNS, PLANT_COLUMNS
from tests.simulation.found import ENERGIES, REGISTERS, FoundMarket, later
from tests.start.homes import Home

FIRST_DATE = "2020-11-29"
PARTIES = ("party_id", "role", "name", "name_ja", "company", "district")
CHOICES = ("home_id", "kind", "choice_no", "buyer_id", "valid_from")


@pytest.fixture
def market(home: Home, tmp_path: Path) -> Iterator[FoundMarket]:
    with home.opened() as installation:
        yield FoundMarket.taken(installation, tmp_path / "deliveries")


class TestFinalisedDay:
    def test_is_corrected_after_a_buyer_has_joined(self, market: FoundMarket):
        market.close("2020-11-29..2020-11-30")
        market.close_month(2020, 11)
        market.tell("parties-2.csv", PARTIES, [["mill", "buyer", "Mill", "工場", "", ""]])

        market.take("after_final")
        reports = market.close("stale")

        assert [report.outcome for report in reports] == ["corrected"]
        assert market.broken() == []

    def test_gives_no_buyer_more_than_it_used_of_both_kinds_together(self, market: FoundMarket):
        market.tell(
            "offers-2.csv", OFFER_COLUMNS, [["shop", "self_consumption", 50, 60, "metered_use", "", FIRST_DATE, ""]]
        )
        own = [[f"H{home}", "self_consumption", 1, "shop", FIRST_DATE] for home in (4, 5, 6)]
        market.tell("choices-2.csv", CHOICES, own)
        market.close(FIRST_DATE)
        market.close("2020-11-30")
        market.close_month(2020, 11)

        # Home 6 exported 100 Wh more in each of six half hours of the morning.
        rows = market.rows("registers", "M6", "export")
        more = [later(row, int(row[3]) + min(max(place - 15, 0), 6)) for place, row in enumerate(rows) if place > 15]
        market.tell("registers-more.csv", REGISTERS, more)
        reports = market.close("stale")

        assert reports[0].outcome == "corrected"
        assert market.broken() == []

    def test_keeps_what_buyers_used_when_their_meters_are_corrected(self, market: FoundMarket):
        market.close("2020-11-29..2020-11-30")
        market.close_month(2020, 11)

        used = market.rows("energies", "U-shop", "use")[:48]
        market.tell("energies-used.csv", ENERGIES, [later(row, 7) for row in used])
        reports = market.close("stale")

        assert [report.outcome for report in reports] == ["unchanged"]
        assert market.broken() == []


class TestMidnight:
    def test_count_set_aside_on_a_day_that_is_not_closed_is_no_fault_of_the_next(self, market: FoundMarket):
        at_midnight = [row for row in market.rows("registers", "M1", "export") if row[2] == "2020-11-30T00:00:00+09:00"]
        market.tell("registers-wild.csv", REGISTERS, [later(row, int(row[3]) + 3_000) for row in at_midnight])

        market.close("2020-11-30")

        assert market.broken() == []

    def test_makes_a_whole_day_wait_when_the_next_one_denies_its_last_count(self, market: FoundMarket):
        rows = market.rows("registers", "M1", "export")
        midnight = next(place for place, row in enumerate(rows) if row[2] == "2020-11-30T00:00:00+09:00")
        market.tell("registers-high.csv", REGISTERS, [later(row, int(row[3]) + 20) for row in rows[midnight:]])
        market.close("2020-11-29..2020-12-02")

        # Only midnight was 2 kWh too high: nothing of the new rows lies on the day that midnight ends.
        market.tell("registers-right.csv", REGISTERS, [later(row, row[3], 20) for row in rows[midnight + 1 :]])
        market.close("stale")
        reports = market.close("stale")

        assert [(str(report.delivery_date), report.outcome) for report in reports] == [(FIRST_DATE, "revised")]
        assert market.close("stale") == []
        assert market.broken() == []


class TestHomeWithSeveralMeters:
    def test_trades_on_days_before_a_further_meter_is_installed(self, market: FoundMarket):
        further = ["P1b", "H1", "pv", 1, 0, "2020-12-01T00:00:00+09:00", "", 4_000]
        market.tell("meters-2.csv", METER_COLUMNS, [further])

        market.close(FIRST_DATE)

        ((offered_wh, self_wh),) = market.fetch("SELECT self_offered_wh, self_wh FROM home_day WHERE home_no = 1")
        assert offered_wh == self_wh > 0

    def test_trades_but_for_a_pause_between_two_meters(self, market: FoundMarket):
        ended = ["P1", "H1", "pv", 1, 0, "2020-11-29T00:00:00+09:00", "2020-12-01T10:00:00+09:00", 4_000]
        following = ["P1b", "H1", "pv", 1, 0, "2020-12-01T11:00:00+09:00", "", 4_000]
        market.tell("meters-2.csv", METER_COLUMNS, [ended, following])

        market.close(FIRST_DATE)

        ((offered_wh, self_wh),) = market.fetch("SELECT self_offered_wh, self_wh FROM home_day WHERE home_no = 1")
        assert offered_wh == self_wh > 0

    def test_does_not_count_what_a_removed_meter_went_on_to_deliver(self, market: FoundMarket):
        market.close(FIRST_DATE)
        ended = ["P1", "H1", "pv", 1, 0, "2020-11-29T00:00:00+09:00", "2020-11-29T12:00:00+09:00", 4_000]
        following = ["P1b", "H1", "pv", 1, 0, "2020-11-29T12:00:00+09:00", "", 4_000]
        market.tell("meters-2.csv", METER_COLUMNS, [ended, following])
        rows = [["P1b", *row[1:]] for row in market.rows("energies", "P1", "pv")[24:48]]
        market.tell("energies-following.csv", ENERGIES, rows)

        market.close("stale")

        assert market.broken() == []


class TestMeterToldAnew:
    def test_without_a_channel_leaves_its_readings_counted_and_set_aside(self, market: FoundMarket):
        market.tell(
            "meters-2.csv", METER_COLUMNS, [["M1", "H1", "export", 100, 6, "2020-11-29T00:00:00+09:00", "", 4_000]]
        )

        market.close("2020-11-29..2020-11-30")

        told = "SELECT delivery_date, row_count, where_text FROM problem WHERE code = 'UNKNOWN_CHANNEL' ORDER BY 1"
        found = [(str(day), row_count, where.partition(",")[0]) for day, row_count, where in market.fetch(told)]
        assert found == [(FIRST_DATE, 48, "meter M1 import"), ("2020-11-30", 48, "meter M1 import")]
        assert market.broken() == []


class TestHomeWithUnreadBattery:
    def test_offers_no_export_beyond_its_measured_generation(self, market: FoundMarket):
        plant = ["H1", "H1-PV", "surplus", 4_000, "2010-06-01", "2020-06-01", "ct", 30, 5_000, 2_500, 900]
        paid = ["R01", "R01", "H1", "H1", 850, "modelled", "modelled", "modelled"]
        market.tell("plants-2.csv", PLANT_COLUMNS, [[*plant, *paid]])
        dark = [later(row, 0) for row in market.rows("energies", "P1", "pv")[:48]]
        market.tell("energies-dark.csv", ENERGIES, dark)

        market.close(FIRST_DATE)

        ((offered_wh, exported_wh),) = market.fetch(
            "SELECT surplus_offered_wh, export_pv_wh FROM home_day WHERE home_no = 1"
        )
        assert offered_wh == 0 < exported_wh
        assert market.broken() == []
