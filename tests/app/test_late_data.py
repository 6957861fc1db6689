"""Data that arrive late, on real stores: what changes, what must not, and that the order of deliveries is no matter.

Homes H1 to H3, 30 November and 1 December. H2 delivers six half hours late, H1 a correction of its roof later still.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.close_day import CloseOutcome, CloseReport
from sanchi.app.days import DayOutcome
from sanchi.app.stores import Installation
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode
from sanchi.core.settlement.accruals import accrued_so_far
from sanchi.edge.cli.close_day import close_days
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import ENERGY_COLUMNS, MARKET_ID, REGISTER_COLUMNS, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 11, 30), date(2020, 12, 1)
BOTH_DAYS = f"{DAY}..{NEXT_DAY}"
NOVEMBER = Month(year=2020, month_no=11)
MASTER = ("market.toml", "parties.csv", "plants.csv", "meters.csv", "offers.csv", "choices.csv")
READINGS = ("pilot/energies-1.csv", "pilot/registers-1.csv", "late/registers-late.csv")
MARKET = SmallMarket(
    n_homes=3,
    first_date=DAY,
    last_date=NEXT_DAY,
    gap_home=2,
    gap_date=DAY,
    lowered_home=1,
    lowered_date=DAY,
)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("late") / "deliveries"
    write_market(folder, MARKET)
    return folder


@pytest.fixture(scope="module")
def known_market(
    tmp_path_factory: pytest.TempPathFactory, deliveries: Path, django_db_blocker: DjangoDbBlocker
) -> Iterator[Home]:
    """Give a home that knows the market and has no reading."""
    home = Home.made(tmp_path_factory.mktemp("homes") / "known")
    with django_db_blocker.unblock(), home.opened() as installation:
        for name in MASTER:
            ingest_path(installation, deliveries / "pilot" / name, None)
    yield home
    home.drop()


@pytest.fixture(scope="module")
def in_one_go(
    known_market: Home,
    deliveries: Path,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_blocker: DjangoDbBlocker,
) -> Iterator[dict[str, object]]:
    """Give what both days come to when all readings are there before they are closed."""
    home = known_market.copied(tmp_path_factory.mktemp("homes") / "in_one_go")
    with django_db_blocker.unblock(), home.opened() as installation:
        deliver(installation, deliveries, READINGS)
        close(installation, BOTH_DAYS)
        results = results_of(installation)
    yield results
    home.drop()


@pytest.fixture
def home(known_market: Home, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    home = known_market.copied(tmp_path / "home")
    with django_db_blocker.unblock():
        yield home
    home.drop()


@pytest.fixture
def installation(home: Home) -> Iterator[Installation]:
    with home.opened() as installation:
        yield installation


@pytest.fixture
def on_time(installation: Installation, deliveries: Path) -> Installation:
    """Close both days with what arrived on time."""
    deliver(installation, deliveries, READINGS[:2])
    assert [report.outcome for report in close(installation, BOTH_DAYS)] == [CloseOutcome.CLOSED] * 2
    return installation


@pytest.fixture
def finalised(on_time: Installation, deliveries: Path) -> Installation:
    """Close the day again with the late readings, and finalise November."""
    deliver(on_time, deliveries, READINGS[2:])
    close(on_time, "stale")
    close_one_month(on_time, MARKET_ID, NOVEMBER, None)
    return on_time


def deliver(installation: Installation, deliveries: Path, names: Sequence[str]) -> list[date]:
    """Take files; returns the days that became stale."""
    reports = [report for name in names for report in ingest_path(installation, deliveries / name, None)]
    return sorted({day for report in reports for day in report.stale_dates})


def write_generation(folder: Path, slot_end: str, energy_wh: int) -> str:
    """Write a file with one late reading of H1's roof; returns its name."""
    return write_row(folder, ENERGY_COLUMNS, f"P1,pv,{slot_end},{energy_wh}")


def write_row(folder: Path, columns: Sequence[str], row: str) -> str:
    """Write a file with one late row, received on 20 December; returns its name."""
    file_name = "registers-one.csv" if columns is REGISTER_COLUMNS else "energies-one.csv"
    (folder / file_name).write_text(f"{','.join(columns)}\n{row},2020-12-20T00:00:00+09:00\n")
    return file_name


def close(installation: Installation, dates: str) -> list[CloseReport]:
    """Close days; the audit has to hold then."""
    reports = close_days(installation, MARKET_ID, dates)
    assert [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds] == []
    return reports


def outcome_of(installation: Installation, delivery_date: date = DAY) -> DayOutcome:
    """Load the revision in force."""
    outcome = installation.stores.days.outcome(MARKET_ID, delivery_date)
    assert outcome is not None
    return outcome


def results_of(installation: Installation) -> dict[str, object]:
    """Give what both days come to: energy, sharing and money, however they came about."""
    ledger = installation.stores.ledger
    digests = {str(day): outcome_of(installation, day).result_digest for day in MARKET.dates}
    money = {f"money of {day}": accrued_so_far(ledger.accruals_of_day(MARKET_ID, day)) for day in MARKET.dates}
    return {**digests, **money}


@contextmanager
def unchanged(home: Home) -> Iterator[None]:
    """Check that no row of the database and no file of the lake changes meanwhile."""
    before = home.content()
    yield
    assert home.content() == before


class TestLateReadings:
    def test_make_only_their_day_stale(self, on_time: Installation, deliveries: Path):
        assert deliver(on_time, deliveries, READINGS[2:]) == [DAY]
        assert [report.delivery_date for report in close(on_time, "stale")] == [DAY]
        assert close(on_time, "stale") == []

    def test_post_only_differences(self, on_time: Installation, deliveries: Path):
        deliver(on_time, deliveries, READINGS[2:])
        before = outcome_of(on_time)

        (report,) = close(on_time, "stale")

        assert (report.outcome, report.revision) == (CloseOutcome.REVISED, 2)
        posted = on_time.stores.ledger.accruals_of_day(MARKET_ID, DAY)
        first, second = ([each for each in posted if each.revision == revision] for revision in (1, 2))
        assert outcome_of(on_time).result_digest != before.result_digest
        # A few hundred Wh of H2 move between half hours; the other lines follow as buyers fill up otherwise.
        moved_wh = sum(abs(each.energy_wh) for each in second)
        assert 0 < moved_wh < sum(each.energy_wh for each in first) / 10

    def test_that_say_what_was_known_change_nothing(self, home: Home, on_time: Installation, tmp_path: Path):
        known_wh = int(outcome_of(on_time).slot_energy.pv_wh[0, 24])
        file_name = write_generation(tmp_path, "2020-11-30T12:30:00+09:00", known_wh)
        superseded = outcome_of(on_time).row_counts.superseded_row_count
        before = home.tables()

        assert deliver(on_time, tmp_path, [file_name]) == [DAY]
        (report,) = close(on_time, "stale")

        assert (report.outcome, report.revision) == (CloseOutcome.UNCHANGED, 1)
        assert outcome_of(on_time).row_counts.superseded_row_count == superseded + 1
        after = home.tables()
        for table in ("transfer", "accrual", "certificate", "slice", "problem"):
            assert after[table] == before[table], table

    def test_set_aside_are_listed_though_they_change_no_energy(self, on_time: Installation, tmp_path: Path):
        before = outcome_of(on_time)
        file_name = write_row(tmp_path, REGISTER_COLUMNS, "M2,import,2020-11-30T11:00:00+09:00,1")

        assert deliver(on_time, tmp_path, [file_name]) == [DAY]
        (report,) = close(on_time, "stale")

        assert (report.outcome, report.revision) == (CloseOutcome.UNCHANGED, 1)
        listed = outcome_of(on_time).problems
        assert listed == report.problems
        assert ProblemCode.REGISTER_BACKWARDS in {each.problem.code for each in listed}
        assert ProblemCode.REGISTER_BACKWARDS not in {each.problem.code for each in before.problems}

    def test_set_aside_are_listed_of_a_finalised_day_too(self, finalised: Installation, tmp_path: Path):
        before = outcome_of(finalised)
        file_name = write_row(tmp_path, ENERGY_COLUMNS, "U-shop,use,2020-11-30T12:30:00+09:00,99999")

        assert deliver(finalised, tmp_path, [file_name]) == [DAY]
        (report,) = close(finalised, "stale")

        assert (report.outcome, report.revision) == (CloseOutcome.UNCHANGED, before.revision)
        listed = outcome_of(finalised).problems
        assert listed == report.problems
        assert ProblemCode.ENERGY_IMPLAUSIBLE in {each.problem.code for each in listed}


class TestClosingAgain:
    def test_without_new_readings_changes_nothing(self, home: Home, on_time: Installation):
        with unchanged(home):
            reports = close(on_time, BOTH_DAYS)

        assert {report.outcome for report in reports} == {CloseOutcome.UNCHANGED}

    def test_of_a_finalised_day_changes_nothing(self, home: Home, finalised: Installation):
        with unchanged(home):
            (report,) = close(finalised, str(DAY))

        assert report.outcome is CloseOutcome.UNCHANGED

    def test_of_a_corrected_day_changes_nothing(self, home: Home, finalised: Installation, deliveries: Path):
        deliver(finalised, deliveries, ["after_final/energies-late.csv"])
        close(finalised, "stale")

        with unchanged(home):
            (report,) = close(finalised, str(DAY))

        assert (report.outcome, report.revision) == (CloseOutcome.UNCHANGED, 3)

    def test_of_a_month_changes_nothing(self, home: Home, finalised: Installation):
        with unchanged(home):
            report = close_one_month(finalised, MARKET_ID, NOVEMBER, None)

        assert not report.is_new


class TestOrderOfDeliveries:
    @pytest.mark.parametrize("order", list(permutations(range(3))), ids=str)
    @pytest.mark.parametrize("is_closed_between", [False, True], ids=["closed once", "closed each time"])
    def test_is_no_matter_before_finalising(
        self,
        installation: Installation,
        deliveries: Path,
        order: tuple[int, ...],
        is_closed_between: bool,
        in_one_go: dict[str, object],
    ):
        for file_no in order:
            deliver(installation, deliveries, [READINGS[file_no]])
            if is_closed_between:
                # The late file alone says nothing about the second day.
                close(installation, str(DAY))
        close(installation, BOTH_DAYS)

        assert results_of(installation) == in_one_go


class TestCorrectionAfterFinalising:
    def test_changes_its_home_alone(self, finalised: Installation, deliveries: Path):
        before = outcome_of(finalised)
        assert deliver(finalised, deliveries, ["after_final/energies-late.csv"]) == [DAY]

        (report,) = close(finalised, "stale")

        after = outcome_of(finalised)
        assert (report.outcome, report.revision, after.is_home_only) == (CloseOutcome.CORRECTED, 3, True)
        h1 = int(after.slot_energy.home_no[0])
        for name in ("slot_no", "holder_no", "energy_wh"):
            of_others = [getattr(each.allocated, name)[each.allocated.home_no != h1] for each in (before, after)]
            assert np.array_equal(*of_others), name
        assert np.array_equal(before.closing.closing_t32, after.closing.closing_t32)
        assert int(after.slot_energy.self_wh[0].sum()) < int(before.slot_energy.self_wh[0].sum())

    def test_leaves_a_debt_that_a_day_pays_off_when_it_is_closed_anew(
        self, finalised: Installation, deliveries: Path, tmp_path: Path
    ):
        deliver(finalised, deliveries, ["after_final/energies-late.csv"])
        close(finalised, "stale")
        debts = finalised.stores.certificates.debts(MARKET_ID)
        owed_wh = sum(debt.debt_wh for debt in debts)
        assert owed_wh > 0
        assert {(debt.home_no, debt.kind) for debt in debts} == {(1, CertificateKind.SELF_CONSUMPTION)}

        # 1 December was closed before the debt arose, so that closing it again for nothing leaves it as it is.
        close(finalised, str(NEXT_DAY))
        assert outcome_of(finalised, NEXT_DAY).slot_energy.self_withheld_wh.sum() == 0
        one_more_wh = int(outcome_of(finalised, NEXT_DAY).slot_energy.pv_wh[0, 24]) + 1
        deliver(finalised, tmp_path, [write_generation(tmp_path, "2020-12-01T12:30:00+09:00", one_more_wh)])
        close(finalised, "stale")

        assert outcome_of(finalised, NEXT_DAY).slot_energy.self_withheld_wh[0].sum() == owed_wh
        open_debts = finalised.stores.certificates.open_debts(
            MARKET_ID, CertificateKind.SELF_CONSUMPTION, date(2020, 12, 31)
        )
        assert sum(debt.debt_wh for debt in open_debts) == 0

    def test_moves_no_money_for_what_became_debt(self, finalised: Installation, deliveries: Path):
        ledger = finalised.stores.ledger
        before = accrued_so_far(ledger.accruals_of_day(MARKET_ID, DAY))
        deliver(finalised, deliveries, ["after_final/energies-late.csv"])

        close(finalised, "stale")

        after = accrued_so_far(ledger.accruals_of_day(MARKET_ID, DAY))
        debts = finalised.stores.certificates.debts(MARKET_ID)
        assert {debt.holder_no for debt in debts} <= {key.holder_no for key in before}
        assert after == before
