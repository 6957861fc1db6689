"""Parties that join after days were closed, on real stores: closed days stay as they are, pages show who is new.

Homes H1 to H3, 30 November (finalised) and 1 December (closed).
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.close_day import CloseOutcome, CloseReport
from sanchi.app.roster import call_roster
from sanchi.app.stores import Installation
from sanchi.core.base.ids import PartyId
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 11, 30), date(2020, 12, 1)
BOTH_DAYS = f"{DAY}..{NEXT_DAY}"
MARKET = SmallMarket(n_homes=3, first_date=DAY, last_date=NEXT_DAY, gap_date=DAY, lowered_date=DAY)
JOINED = "2020-12-02T00:00:00+09:00"
NEWCOMERS = {
    "parties": ["H9,home,Home 9,家9,,Adachi", "kiosk,buyer,Kiosk,売店,,Chuo", "R09,retailer,Retailer 9,小売9,,"],
    "plants": [
        "H9,H9-PV,surplus,4000,2010-06-01,2020-06-01,ct,30,0,0,0,R09,R09,H9,H9,850,modelled,modelled,",
    ],
    "meters": [
        f"M9,H9,import+export,100,6,{JOINED},,4000",
        f"P9,H9,pv,1,0,{JOINED},,4000",
        f"U-kiosk,kiosk,use,1,0,{JOINED},,50000",
    ],
    "offers": ["kiosk,surplus,1000,1100,metered_use,,2020-12-02,"],
    "choices": ["H9,surplus,1,kiosk,2020-12-02"],
}


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("newcomers") / "deliveries"
    write_market(folder, MARKET)
    return folder


@pytest.fixture(scope="module")
def closed_home(
    tmp_path_factory: pytest.TempPathFactory, deliveries: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Home]:
    """Give a home whose November is final."""
    home = Home.made(tmp_path_factory.mktemp("homes") / "closed")
    with django_db_blocker.unblock(), home.opened() as installation:
        for name in ("pilot", "late"):
            ingest_path(installation, deliveries / name, None)
        close(installation)
        close_one_month(installation, MARKET_ID, Month(year=2020, month_no=11), None)
    yield home
    home.drop()


@pytest.fixture
def closed(closed_home: Home, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Installation]:
    home = closed_home.copied(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        yield installation
    home.drop()


def close(installation: Installation) -> list[CloseReport]:
    """Close both days; the audit has to hold then."""
    reports = close_days(installation, MARKET_ID, BOTH_DAYS)
    assert [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds] == []
    return reports


def take_rows(installation: Installation, deliveries: Path, folder: Path, kind: str, rows: list[str]) -> list[date]:
    """Take a further file of master data; returns the days that became stale."""
    header = (deliveries / "pilot" / f"{kind}.csv").read_text(encoding="utf-8").splitlines()[0]
    path = folder / f"{kind}-2.csv"
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return [day for report in ingest_path(installation, path, None) for day in report.stale_dates]


class TestNewcomers:
    @pytest.fixture(autouse=True)
    def joined(self, closed: Installation, deliveries: Path, tmp_path: Path):
        for kind, rows in NEWCOMERS.items():
            assert take_rows(closed, deliveries, tmp_path, kind, rows) == []

    def test_leave_closed_days_as_they_are(self, closed: Installation):
        assert [report.outcome for report in close(closed)] == [CloseOutcome.UNCHANGED] * 2

    def test_leave_them_as_they_are_too_where_they_wait_for_another_close(self, closed: Installation):
        closed.stores.days.mark_stale(MARKET_ID, [DAY, NEXT_DAY])

        assert [report.outcome for report in close(closed)] == [CloseOutcome.UNCHANGED] * 2

    def test_are_seated_from_the_day_on_which_they_join(self, closed: Installation):
        book = closed.stores.market.book(MARKET_ID)
        before, after = (call_roster(book, day) for day in (NEXT_DAY, date(2020, 12, 2)))

        assert [home.party_id for home in before.homes] == ["H1", "H2", "H3"]
        assert [home.party_id for home in after.homes] == ["H1", "H2", "H3", "H9"]
        assert [buyer.party_id for buyer in before.buyers] == ["shop", "tower", "builder"]
        assert [buyer.party_id for buyer in after.buyers] == ["shop", "tower", "builder", "kiosk"]

    def test_have_their_pages_before_their_first_day(self, closed: Installation):
        close(closed)

        home = closed.views.home(MARKET_ID, PartyId("H9"))

        assert (home.days, home.detail) == ((), None)
        assert [row.home.party_id for row in closed.views.homes(MARKET_ID).rows] == ["H1", "H2", "H3", "H9"]
        assert closed.views.buyer(MARKET_ID, PartyId("kiosk")).buyer.party_id == "kiosk"
        assert closed.views.overview(MARKET_ID).market.home_count == 4


class TestHomeWithoutMeter:
    def test_has_no_seat(self, closed: Installation, deliveries: Path, tmp_path: Path):
        take_rows(closed, deliveries, tmp_path, "parties", ["H9,home,Home 9,家9,,Adachi"])

        assert [report.outcome for report in close(closed)] == [CloseOutcome.UNCHANGED] * 2


class TestLeaver:
    @pytest.fixture(autouse=True)
    def left(self, closed: Installation, deliveries: Path, tmp_path: Path):
        """Let it be known late that the meters of H3 were installed only after 1 December."""
        rows = [f"M3,H3,import+export,100,6,{JOINED},,4000", f"P3,H3,pv,1,0,{JOINED},,4000"]
        assert take_rows(closed, deliveries, tmp_path, "meters", rows) == [DAY, NEXT_DAY]

    def test_keeps_its_seat_on_a_final_day_and_gives_back_what_it_shared(self, closed: Installation):
        final, open_day = close(closed)

        assert (final.outcome, open_day.outcome) == (CloseOutcome.CORRECTED, CloseOutcome.REVISED)
        outcomes = [closed.stores.days.outcome(MARKET_ID, day) for day in (DAY, NEXT_DAY)]
        assert [outcome and len(outcome.slot_energy.home_no) for outcome in outcomes] == [3, 2]
        assert [outcome and 3 in outcome.allocated.home_no for outcome in outcomes] == [False, False]
        assert {debt.home_no for debt in closed.stores.certificates.debts(MARKET_ID)} == {3}
