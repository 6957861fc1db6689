"""Months on real stores: when they may close, what is carried, and what a purchaser that owns a roof is paid.

Homes H1 and H2, 30 November and 1 December; the pilot's retailer R01 is purchaser of both.
"""

from collections.abc import Iterator
from datetime import date
from functools import partial
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.close_month import MonthReport, close_month
from sanchi.app.stores import Installation
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import PartyId
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 11, 30), date(2020, 12, 1)
NOVEMBER, DECEMBER, JANUARY = (Month.parse(text) for text in ("2020-11", "2020-12", "2021-01"))
TODAY = date(2021, 6, 1)
MARKET = SmallMarket(
    n_homes=2, first_date=DAY, last_date=NEXT_DAY, gap_home=2, gap_date=DAY, lowered_home=1, lowered_date=NEXT_DAY
)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("months") / "deliveries"
    write_market(folder, MARKET)
    return folder


@pytest.fixture(scope="module")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    home = Home.made(tmp_path_factory.mktemp("homes") / "empty")
    yield home
    home.drop()


@pytest.fixture
def installation(empty_home: Home, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Installation]:
    home = empty_home.copied(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        yield installation
    home.drop()


@pytest.fixture
def delivered(installation: Installation, deliveries: Path) -> Installation:
    """Take all readings that come before finalising."""
    ingest_path(installation, deliveries / "pilot", None)
    ingest_path(installation, deliveries / "late", None)
    return installation


def finalise(
    installation: Installation, month: Month, *, on_date: date | None = None, today: date = TODAY
) -> MonthReport:
    """Close a month; the audit has to hold then."""
    use_case = partial(close_month, installation.stores, MARKET_ID, month, on_date=on_date, today=today)
    report = installation.run_step(MARKET_ID, "close-month", str(month), use_case)
    assert [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds] == []
    return report


class TestMonth:
    def test_without_a_closed_day_is_refused(self, delivered: Installation):
        with pytest.raises(Refused) as refused:
            finalise(delivered, NOVEMBER)

        assert refused.value.rule is RefusalRule.DAY_NOT_CLOSED

    def test_with_days_that_nobody_closed_is_refused_unless_they_may_be_left(self, delivered: Installation):
        close_days(delivered, MARKET_ID, f"{NEXT_DAY}")
        with pytest.raises(Refused) as refused:
            finalise(delivered, NOVEMBER)
        assert refused.value.rule is RefusalRule.DAY_NOT_CLOSED
        close_days(delivered, MARKET_ID, f"{DAY}")
        finalise(delivered, NOVEMBER)

    def test_before_the_market_is_refused_and_not_called_closed(self, delivered: Installation):
        close_days(delivered, MARKET_ID, f"{DAY}..{NEXT_DAY}")
        finalise(delivered, NOVEMBER)

        with pytest.raises(Refused, match="lies before the market") as refused:
            finalise(delivered, Month.parse("2020-10"))

        assert refused.value.rule is RefusalRule.MONTH_OUT_OF_ORDER

    def test_is_not_finalised_in_the_future(self, delivered: Installation):
        close_days(delivered, MARKET_ID, f"{DAY}")

        with pytest.raises(Refused, match="yet to come") as refused:
            finalise(delivered, NOVEMBER, today=date(2020, 12, 24))

        assert refused.value.rule is RefusalRule.MONTH_NOT_OVER
        assert finalise(delivered, NOVEMBER, today=date(2020, 12, 25)).days_finalised_count == 1

    def test_after_the_last_day_documents_late_corrections(
        self, delivered: Installation, deliveries: Path, tmp_path: Path
    ):
        close_days(delivered, MARKET_ID, f"{DAY}..{NEXT_DAY}")
        finalise(delivered, NOVEMBER)
        finalise(delivered, DECEMBER)
        # The roof of H1 gave less, then after all what had been said first.
        corrected = deliveries / "after_final" / "energies-late.csv"
        original = tmp_path / "energies-again.csv"
        stamps = {line.split(",")[2] for line in corrected.read_text().splitlines()[1:]}
        first = (deliveries / "pilot" / "energies-1.csv").read_text().splitlines()
        again = [line for line in first if line.startswith("P1,") and line.split(",")[2] in stamps]
        rows = [f"{line.rpartition(',')[0]},2021-03-01T00:00:00+09:00" for line in again]
        original.write_text("\n".join([first[0], *rows, ""]))
        for path in (corrected, original):
            ingest_path(delivered, path, None)
            close_days(delivered, MARKET_ID, "stale")
        posted = delivered.stores.ledger.accruals_of_month(MARKET_ID, JANUARY)

        report = finalise(delivered, JANUARY)

        assert posted
        assert [each.corrected_month for each in report.corrections] == [DECEMBER]
        assert (report.is_new, report.days_finalised_count) == (True, 0)
        assert report.statement_count > 0


class TestPurchaserThatOwnsTheRoof:
    def test_writes_itself_no_statement(self, installation: Installation, deliveries: Path, tmp_path: Path):
        folder = tmp_path / "owned"
        folder.mkdir()
        for file in (deliveries / "pilot").iterdir():
            text = file.read_text(encoding="utf-8")
            owned = text.replace(",R01,R01,H1,H1,", ",R01,R01,R01,R01,") if file.name == "plants.csv" else text
            (folder / file.name).write_text(owned, encoding="utf-8")
        ingest_path(installation, folder, None)
        close_days(installation, MARKET_ID, f"{DAY}..{NEXT_DAY}")

        report = finalise(installation, NOVEMBER)

        of_other = installation.views.home(MARKET_ID, PartyId("H2")).months[0].statement
        assert of_other is not None
        assert of_other.amount_yen == report.payable_to_homes_yen > 0
        assert installation.views.home(MARKET_ID, PartyId("H1")).months[0].statement is None
