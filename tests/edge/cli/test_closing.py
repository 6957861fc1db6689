"""`close-day` and `close-month` at the command line: what they refuse, and what they tell before they act."""

import re
from pathlib import Path

import pytest

from tests.edge.cli.prepared_home import (
    assert_refused,
    untouched,
)
from tests.start.homes import Home


class TestCloseDay:
    def test_of_a_date_without_data_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2020-12-03")

        assert_refused(ran, "Nothing was delivered for 2020-12-03.", "Take its readings in first: sanchi ingest PATH")

    def test_of_a_range_tells_the_days_that_it_closed_before_the_refusal(self, home: Home):
        ran = home.run("close-day", "2020-12-02..2020-12-04")

        assert ran.exit_code == 2
        assert re.findall(r"^(\S+)  (\w+)", ran.out, re.MULTILINE) == [("2020-12-02", "closed")]
        assert ran.err.startswith("declined  Nothing was delivered for 2020-12-03.")

    def test_without_a_date_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day")

        assert_refused(
            ran,
            "No date was named.",
            "Name one (2020-12-01), a range (2020-12-01..2020-12-31), or close waiting days again with --revise.",
        )

    def test_of_a_list_closes_nothing(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2020-12-01", "--list")

        assert_refused(ran, "--list tells all days that wait and closes none.", "Leave out DATE and --revise.")

    def test_again_of_a_day_that_was_never_closed_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2020-11-30..2020-12-01", "--revise")

        assert_refused(
            ran,
            "DAY_NOT_CLOSED: 2020-12-01 was never closed, so there is nothing to revise.",
            "Close it first: sanchi close-day 2020-12-01",
        )

    def test_again_lists_what_would_change_and_then_changes_it(self, home: Home, deliveries: Path):
        assert home.run("close-day", "--list").out == "no closed day has newer readings\n"
        assert home.run("ingest", str(deliveries / "late")).exit_code == 0
        listed = home.run("close-day", "--list")
        again = home.run("close-day", "--revise")

        assert re.search(r"^1 day would change by \d+\.\d kWh$", listed.out, re.MULTILINE), listed.out
        assert re.findall(r"^2020-\S+  (\w+)", again.out, re.MULTILINE) == ["revised"]
        assert home.run("close-day", "--list").out == "no closed day has newer readings\n"

    def test_of_a_date_outside_the_market_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2021-01-01")

        assert_refused(ran, "Market small has no delivery date 2021-01-01.", "It trades from 2020-11-29 to 2020-12-31.")

    @pytest.mark.parametrize("text", ["1.12.2020", "2020-12-32", "yesterday", ""])
    def test_of_something_else_than_a_date_is_refused(self, home: Home, text: str):
        with untouched(home):
            ran = home.run("close-day", text)

        assert_refused(ran, f"{text!r} is not a date.", "Write it as YYYY-MM-DD, for example 2020-12-01.")

    def test_of_a_range_that_ends_before_it_begins_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2020-12-02..2020-12-01")

        assert_refused(ran, "'2020-12-02..2020-12-01' ends before it begins.", "Write the earlier date first.")

    def test_of_an_unknown_market_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-day", "2020-12-01", "--market", "osaka")

        assert_refused(ran, "There is no market 'osaka' here (markets: small).", "Choose one of them.")


class TestCloseMonth:
    def test_that_is_not_over_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-month", "2020-11", "--on", "2020-11-30")

        assert_refused(
            ran,
            "MONTH_NOT_OVER: 2020-11 cannot be finalised on 2020-11-30, before it is over.",
            "It is due on 2020-12-25.",
        )

    def test_out_of_order_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-month", "2020-12")

        assert_refused(
            ran,
            "MONTH_OUT_OF_ORDER: 2020-12 cannot be finalised while 2020-11 is open.",
            "Finalise it first: sanchi close-month 2020-11",
        )

    def test_of_something_else_than_a_month_is_refused(self, home: Home):
        with untouched(home):
            ran = home.run("close-month", "12/2020")

        assert_refused(ran, "'12/2020' is not a month.", "Write it as YYYY-MM, for example 2020-12.")
