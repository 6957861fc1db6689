"""Budgets through closing, revising and correcting, on real stores: a cap of day or month is never passed.

Homes H1 to H3, 30 November and 1 December; the shop's surplus cap of each test is delivered with its offer.
"""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.close_day import CloseOutcome
from sanchi.app.stores import Installation
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import ENERGY_COLUMNS, MARKET_ID, OFFER_COLUMNS, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 11, 29), date(2020, 11, 30)
MARKET = SmallMarket(n_homes=3, first_date=DAY, last_date=NEXT_DAY, gap_date=DAY, lowered_date=DAY)
SURPLUS, VALUE = CertificateKind
SHOP_NO, BUILDER_NO = 4, 6
BUYER_NOS = {SURPLUS: SHOP_NO, VALUE: BUILDER_NO}
# What the builder gets on the two days as long as H1 is measured too low, all of it below every cap of a slot.
BEFORE_WH, OTHER_WH = 5_638, 5_880
Opened = Callable[..., Installation]


@pytest.fixture
def opened(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Opened]:
    """Give a way to a market that knows its readings, with the shop's caps."""
    folder = tmp_path / "deliveries"
    write_market(folder, MARKET)
    home = Home.made(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:

        def open_with(
            day_cap: object = "",
            month_cap: object = "",
            value_day_cap: object = "",
            value_month_cap: object = "",
            *,
            with_tenants: bool = False,
        ) -> Installation:
            columns = (*OFFER_COLUMNS, "cap_wh_per_day", "cap_wh_per_month")
            offers = [
                ("shop", "surplus", 1_000, 1_100, "metered_use", "", DAY, "", day_cap, month_cap),
                ("tower", "surplus", 950, 1_050, "metered_use", 1_500, DAY, "", "", ""),
                ("builder", "self_consumption", 100, 130, "cap_only", 600, DAY, "", value_day_cap, value_month_cap),
            ]
            lines = [",".join(map(str, row)) for row in (columns, *offers)]
            (folder / "pilot" / "offers.csv").write_text("\n".join(lines) + "\n")
            if not with_tenants:
                (folder / "pilot" / "passing_on.csv").unlink()
            ingest_path(installation, folder / "pilot", None)
            ingest_path(installation, folder / "late", None)
            return installation

        yield open_with
    home.drop()


def close(installation: Installation, days: str) -> list[CloseOutcome]:
    """Close days; the audit has to hold then."""
    outcomes = [report.outcome for report in close_days(installation, MARKET_ID, days)]
    assert [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds] == []
    return outcomes


def got_wh(installation: Installation, day: date, kind: CertificateKind = SURPLUS) -> int:
    """Give what the shop got of surplus on a day, or the builder of self-consumption."""
    by_day = installation.stores.days.bought_wh(MARKET_ID, day, day)
    return by_day[day].get((int(kind), BUYER_NOS[kind]), 0)


def deliver_generation(
    installation: Installation, folder: Path, meter_id: str, energy_wh: int, received: str = "2021-03-01"
) -> None:
    """Correct what a meter counted from 12:00 to 12:30 on the first day."""
    row = (meter_id, "use" if meter_id.startswith("U") else "pv", f"{DAY}T12:30:00+09:00", str(energy_wh))
    lines = [",".join(ENERGY_COLUMNS), ",".join((*row, f"{received}T00:00:00+09:00"))]
    path = folder / "energies-corrected.csv"
    path.write_text("\n".join(lines) + "\n")
    ingest_path(installation, path, None)


class TestDayCap:
    def test_is_spent_and_not_passed_each_day(self, opened: Opened):
        installation = opened(day_cap=2_000)

        close(installation, f"{DAY}..{NEXT_DAY}")

        assert [got_wh(installation, day) for day in (DAY, NEXT_DAY)] == [2_000, 2_000]

    def test_is_published_as_capacities_over_the_whole_day(self, opened: Opened):
        installation = opened(day_cap=2_000)
        close(installation, str(DAY))

        outcome = installation.stores.days.outcome(MARKET_ID, DAY)
        assert outcome is not None
        closing = outcome.closing
        own = (closing.buyer_no == SHOP_NO) & (closing.kind_no == SURPLUS)

        assert closing.capacity_wh[own].sum() == 2_000
        assert (closing.capacity_wh[own] > 0).sum() > 5


class TestMonthCap:
    def test_is_shared_by_the_days_in_the_order_of_closing(self, opened: Opened):
        installation = opened(day_cap=2_000, month_cap=3_000)

        close(installation, str(NEXT_DAY))
        close(installation, str(DAY))

        assert [got_wh(installation, day) for day in (DAY, NEXT_DAY)] == [1_000, 2_000]

    def test_lets_closed_days_stay_as_they_are(self, opened: Opened):
        installation = opened(day_cap=2_000, month_cap=3_000)
        close(installation, str(DAY))
        digest = installation.stores.days.market_days(MARKET_ID, DAY, DAY)[0].result_digest
        close(installation, str(NEXT_DAY))

        assert close(installation, str(DAY)) == [CloseOutcome.UNCHANGED]
        assert installation.stores.days.market_days(MARKET_ID, DAY, DAY)[0].result_digest == digest
        assert got_wh(installation, DAY) == 2_000

    def test_of_a_stale_day_is_worked_out_from_the_others(self, opened: Opened, tmp_path: Path):
        installation = opened(day_cap=2_000, month_cap=3_000)
        close(installation, f"{DAY}..{NEXT_DAY}")
        deliver_generation(installation, tmp_path, "U-shop", 0)

        assert close(installation, "stale") == [CloseOutcome.REVISED]
        assert [got_wh(installation, day) for day in (DAY, NEXT_DAY)] == [2_000, 1_000]

    def test_of_nothing_gives_nothing(self, opened: Opened):
        installation = opened(month_cap=0)

        close(installation, str(DAY))

        assert got_wh(installation, DAY) == 0


class TestCorrectionAfterFinalising:
    """At noon of the first day H1 had been measured with half of its generation: it used more of its own after all."""

    @pytest.fixture
    def corrected(self, opened: Opened, tmp_path: Path) -> Callable[..., list[int]]:
        """Give what the builder got on the first day before and after the correction, and on the second."""

        def correct(**caps: int) -> list[int]:
            installation = opened(**caps)
            deliver_generation(installation, tmp_path, "P1", 400)
            close(installation, f"{DAY}..{NEXT_DAY}")
            close_one_month(installation, MARKET_ID, Month(year=2020, month_no=11), None)
            before_wh = got_wh(installation, DAY, VALUE)
            deliver_generation(installation, tmp_path, "P1", 828, received="2021-04-01")
            assert close(installation, "stale") == [CloseOutcome.CORRECTED]
            return [before_wh, *(got_wh(installation, day, VALUE) for day in (DAY, NEXT_DAY))]

        return correct

    @pytest.mark.parametrize(
        ("caps", "after_wh"),
        [
            ({}, BEFORE_WH + 320),
            ({"value_day_cap": BEFORE_WH + 100}, BEFORE_WH + 100),
            ({"value_month_cap": BEFORE_WH + OTHER_WH + 100}, BEFORE_WH + 100),
            ({"value_month_cap": BEFORE_WH + OTHER_WH}, BEFORE_WH),
        ],
    )
    def test_gains_what_the_budgets_have_left_and_no_more(
        self, corrected: Callable[..., list[int]], caps: dict[str, int], after_wh: int
    ):
        assert corrected(**caps)[:2] == [BEFORE_WH, after_wh]

    def test_of_a_tenant_gains_no_more_than_the_shop_left_of_its_use(self, corrected: Callable[..., list[int]]):
        # Without the shop it would gain 320 Wh; the audit sees that its own and the shop's are within its use.
        assert corrected(with_tenants=True)[:2] == [BEFORE_WH, BEFORE_WH + 225]
