"""Days with newer readings on real stores: what closing them again would change, told before it is done.

Homes H1 to H3, 30 November and 1 December. H2 delivers six half hours late; H1's roof is corrected after November was
finalised.
"""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.app.pending_changes import list_pending_changes
from sanchi.app.stores import Installation
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.edge.cli.close_day import close_days, pending_summary
from sanchi.edge.cli.close_month import close_one_month
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, SmallMarket, write_market
from tests.start.homes import Home

DAY, NEXT_DAY = date(2020, 11, 30), date(2020, 12, 1)
MARKET = SmallMarket(
    n_homes=3, first_date=DAY, last_date=NEXT_DAY, gap_home=2, gap_date=DAY, lowered_home=1, lowered_date=DAY
)


@pytest.fixture(scope="module")
def deliveries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pending") / "deliveries"
    write_market(folder, MARKET)
    return folder


@pytest.fixture
def home(tmp_path: Path, deliveries: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    """Give a home whose days are closed from what came in time, and that has the late readings since."""
    home = Home.made(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        ingest_path(installation, deliveries / "pilot", None)
        close_days(installation, MARKET_ID, f"{DAY}..{NEXT_DAY}")
        ingest_path(installation, deliveries / "late", None)
    with django_db_blocker.unblock():
        yield home
    home.drop()


@pytest.fixture
def late(home: Home) -> Iterator[Installation]:
    with home.opened() as installation:
        yield installation


def offered_wh(installation: Installation, kind: CertificateKind) -> int:
    outcome = installation.stores.days.outcome(MARKET_ID, DAY)
    assert outcome is not None
    homes = outcome.slot_energy
    surplus = kind is CertificateKind.SURPLUS
    return int((homes.surplus_offered_wh if surplus else homes.self_offered_wh).sum())


class TestPendingChanges:
    def test_tell_before_closing_again_what_it_then_does(self, late: Installation):
        before_wh = {kind: offered_wh(late, kind) for kind in CertificateKind}

        pending = list_pending_changes(late.stores, MARKET_ID)

        (day,) = pending.days
        assert (day.delivery_date, day.is_finalised, day.changed_party_count) == (DAY, False, 1)
        assert day.changed_wh > 0
        close_days(late, MARKET_ID, "stale")
        assert offered_wh(late, CertificateKind.SURPLUS) - before_wh[CertificateKind.SURPLUS] == day.surplus_offered_wh
        own_wh = offered_wh(late, CertificateKind.SELF_CONSUMPTION) - before_wh[CertificateKind.SELF_CONSUMPTION]
        assert own_wh == day.self_offered_wh
        assert list_pending_changes(late.stores, MARKET_ID).days == ()

    def test_change_nothing_by_being_told(self, late: Installation, home: Home):
        before = home.content()

        list_pending_changes(late.stores, MARKET_ID)

        assert home.content() == before

    def test_of_a_final_day_say_so(self, late: Installation, deliveries: Path):
        close_days(late, MARKET_ID, "stale")
        close_one_month(late, MARKET_ID, Month.of(DAY), None)
        ingest_path(late, deliveries / "after_final" / "energies-late.csv", None)

        pending = list_pending_changes(late.stores, MARKET_ID)

        (day,) = pending.days
        assert (day.is_finalised, day.changed_party_count) == (True, 1)
        assert pending_summary(pending).startswith("1 day would change by ")
