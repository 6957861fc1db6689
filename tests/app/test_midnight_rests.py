"""A rest over midnight, on real stores: the day before is closed already when the leap tells that it was not true.

Home H2's register of export shows one count from the afternoon of DAY until the next noon.
"""

import csv
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.pending_changes import stale_days
from sanchi.app.stores import Installation
from sanchi.core.base.problems import ProblemCode
from sanchi.edge.cli.close_day import closed_days
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, REGISTER_COLUMNS, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 12, 1), date(2020, 12, 2)
MARKET = SmallMarket(
    n_homes=3, first_date=DAY, last_date=NEXT_DAY, gap_home=1, gap_date=DAY, lowered_home=1, lowered_date=DAY
)
STANDS_FROM, STANDS_TO = "2020-12-01T13:00:00+09:00", "2020-12-02T12:00:00+09:00"
# Not in the hour after midnight, so that no reading of DAY is touched.
LATER_FROM = "2020-12-02T09:00:00+09:00"


def write_resting(folder: Path) -> None:
    """Write the market with H2's register at rest; `later` has it rest on to the end, received a day later."""
    write_market(folder, MARKET)
    path = folder / "pilot" / "registers-1.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    own = [row for row in rows if (row["meter_id"], row["channel"]) == ("M2", "export")]
    (shown,) = (row["register_count"] for row in own if row["read_at"] == STANDS_FROM)
    later = []
    for row in own:
        if STANDS_FROM <= row["read_at"] <= STANDS_TO:
            row["register_count"] = shown
        if row["read_at"] >= LATER_FROM:
            received_at = datetime.fromisoformat(row["received_at"]).replace(year=2021).isoformat()
            later.append({**row, "register_count": shown, "received_at": received_at})
    (folder / "later").mkdir()
    for place, lines in ((path, rows), (folder / "later" / "registers-2.csv", later)):
        with place.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, REGISTER_COLUMNS)
            writer.writeheader()
            writer.writerows(lines)


@pytest.fixture
def rested(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Installation]:
    """Give a home that took the market in and closed both days, one after the other."""
    write_resting(tmp_path)
    home = Home.made(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        ingest_path(installation, tmp_path / "pilot", None)
        close(installation, DAY, NEXT_DAY)
        yield installation
    home.drop()


def close(installation: Installation, *days: date) -> list[str]:
    """Close days; gives what it did, day by day."""
    return [str(report.outcome) for report in closed_days(installation, MARKET_ID, list(days))]


def waiting(installation: Installation) -> list[date]:
    return [day.delivery_date for day in stale_days(installation.stores, MARKET_ID)]


def told(installation: Installation, day: date) -> list[str]:
    outcome = installation.stores.days.outcome(MARKET_ID, day)
    assert outcome is not None
    found = (each.problem for each in outcome.problems)
    return [problem.where for problem in found if problem.code is ProblemCode.STOOD_STILL_OVER_MIDNIGHT]


ON_DAY, ON_NEXT_DAY = ["meter M2 export, 2020-12-01 slots 27-48"], ["meter M2 export, 2020-12-02 slots 1-25"]


class TestDayBefore:
    def test_tells_it_once_the_day_of_the_leap_is_closed(self, rested: Installation):
        assert (told(rested, DAY), told(rested, NEXT_DAY)) == (ON_DAY, ON_NEXT_DAY)

    def test_does_not_wait_for_that(self, rested: Installation):
        assert waiting(rested) == []

    def test_finds_the_same_when_it_is_closed_again(self, rested: Installation):
        before = rested.stores.days.outcome(MARKET_ID, DAY)

        assert close(rested, DAY, NEXT_DAY, DAY) == ["unchanged"] * 3

        after = rested.stores.days.outcome(MARKET_ID, DAY)
        assert before is not None
        assert after is not None
        assert (after.revision, after.result_digest) == (before.revision, before.result_digest)
        assert after.problems == before.problems
        assert told(rested, NEXT_DAY) == ON_NEXT_DAY
        assert waiting(rested) == []

    def test_waits_where_newer_readings_take_the_leap_away(self, rested: Installation, tmp_path: Path):
        ingest_path(rested, tmp_path / "later", None)
        assert waiting(rested) == [NEXT_DAY]

        close(rested, NEXT_DAY)
        assert (told(rested, NEXT_DAY), waiting(rested)) == ([], [DAY])

        close(rested, DAY)
        assert (told(rested, DAY), waiting(rested)) == ([], [])
        assert all(law.holds for law in rested.auditor.laws(MARKET_ID))


def test_a_day_closed_after_that_of_the_leap_tells_it_at_once(tmp_path: Path, django_db_blocker: DjangoDbBlocker):
    write_resting(tmp_path)
    home = Home.made(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        ingest_path(installation, tmp_path / "pilot", None)
        close(installation, NEXT_DAY, DAY)

        assert told(installation, DAY) == ON_DAY
        assert waiting(installation) == []
    home.drop()
