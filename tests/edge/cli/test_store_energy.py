"""`sanchi store-energy`: only final days, in their order, once."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.edge.cli.prepared_home import assert_refused, untouched
from tests.scenarios.story import steps_of, write_out
from tests.start.homes import Home

STORY = Path(__file__).parents[2] / "scenarios" / "given_a_battery_over_midnight"


@pytest.fixture
def battery(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    """Give a home with a battery in its market, its days closed and not final."""
    with django_db_blocker.unblock():
        home = Home.made(tmp_path / "battery")
        for step in steps_of(STORY):
            if step.command == "ingest" and step.argument != "3_correction":
                delivered = tmp_path / step.argument
                write_out(STORY / "when" / step.argument, delivered, step.step_no)
                assert home.run("ingest", str(delivered)).exit_code == 0
        assert home.run("close-day", "2020-11-30..2020-12-01").exit_code == 0
        yield home
        home.drop()


def finalise(home: Home, *months: str) -> None:
    for month in months:
        ran = home.run("close-month", month)
        assert ran.exit_code == 0, ran.err


class TestDeclined:
    def test_of_a_day_that_is_not_final(self, battery: Home):
        finalise(battery, "2020-11")

        with untouched(battery):
            ran = battery.run("store-energy", "2020-11-30..2020-12-01")

        assert_refused(
            ran,
            "DAY_NOT_FINAL: 2020-12-01 is not final, so its certificates may still be issued anew.",
            "Close its day and its month first: sanchi close-day, sanchi close-month.",
        )

    def test_of_a_day_that_was_never_closed(self, battery: Home):
        with untouched(battery):
            ran = battery.run("store-energy", "2020-11-29")

        assert ran.exit_code == 2
        assert "DAY_NOT_CLOSED: 2020-11-29 is not final" in ran.err

    @pytest.mark.parametrize("dates", ["2020-11-30", "2020-11-30..2020-12-01"])
    def test_of_a_period_that_does_not_follow(self, battery: Home, dates: str):
        finalise(battery, "2020-11", "2020-12")
        other = {"2020-11-30": "2020-11-30..2020-12-01", "2020-11-30..2020-12-01": "2020-11-30"}[dates]
        assert battery.run("store-energy", other).exit_code == 0

        with untouched(battery):
            ran = battery.run("store-energy", dates)

        last, following = ("2020-11-30", "2020-12-01") if other == "2020-11-30" else ("2020-12-01", "2020-12-02")
        assert_refused(
            ran,
            f"STORAGE_OUT_OF_ORDER: the battery of H1 is accounted for up to {last}.",
            f"Its next period begins on {following}.",
        )

    @pytest.mark.parametrize("home_id", ["shop", "nobody"])
    def test_of_a_home_without_a_battery(self, battery: Home, home_id: str):
        with untouched(battery):
            ran = battery.run("store-energy", "2020-11-30", "--of", home_id)

        assert_refused(
            ran,
            f"Market story has no home {home_id} with a battery.",
            "Compare battery_capacity_wh in its plants file.",
        )

    def test_of_dates_that_are_none(self, battery: Home):
        with untouched(battery):
            ran = battery.run("store-energy", "2020-12-01..2020-11-30")

        assert_refused(ran, "'2020-12-01..2020-11-30' ends before it begins.", "Write the earlier date first.")


class TestStoreEnergy:
    def test_is_done_once(self, battery: Home):
        finalise(battery, "2020-11", "2020-12")

        first = json.loads(battery.run("store-energy", "2020-11-30..2020-12-01", "--json").out)
        with untouched(battery):
            again = json.loads(battery.run("store-energy", "2020-11-30..2020-12-01", "--json").out)

        (account,) = first["homes"]
        assert (account["charged_wh"], account["discharged_wh"], account["loss_wh"]) == (1_000, 900, 100)
        assert again["homes"] == [account | {"is_new": False}]
        assert battery.run("verify").exit_code == 0

    def test_of_a_market_without_batteries_does_nothing(self, home: Home):
        with untouched(home):
            ran = home.run("store-energy", "2020-11-29")

        assert (ran.exit_code, ran.out) == (0, "no home has a battery\n")
