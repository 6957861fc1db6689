"""Two processes close two days of one month at the same time: together they keep the month's cap.

The market's turn is held until both processes wait for it, so that whatever they read before it is read by then.
"""

import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.cli.ingest import ingest_path
from tests.markets.small_market import MARKET_ID, OFFER_COLUMNS, SmallMarket, write_market
from tests.start.homes import SERVER_URL, Home, at_server, url_of

DAYS = (date(2020, 11, 29), date(2020, 11, 30))
SHOP_NO = 4
DAY_CAP_WH, MONTH_CAP_WH = 2_000, 3_000
TURN = "SELECT market_id FROM market WHERE market_id = %s FOR NO KEY UPDATE"
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND wait_event_type = 'Lock'"

pytestmark = pytest.mark.skipif(not SERVER_URL, reason="SQLite has one writer, who begins before it reads")


@pytest.fixture
def home(tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Home]:
    """Make a home whose shop takes at most two days' worth of energy in one and a half."""
    folder = tmp_path / "deliveries"
    write_market(folder, SmallMarket(n_homes=3, first_date=DAYS[0], last_date=DAYS[1]))
    shop = ("shop", "surplus", 1_000, 1_100, "metered_use", "", DAYS[0], "", DAY_CAP_WH, MONTH_CAP_WH)
    columns = (*OFFER_COLUMNS, "cap_wh_per_day", "cap_wh_per_month")
    lines = [",".join(map(str, row)) for row in (columns, shop)]
    (folder / "pilot" / "offers.csv").write_text("\n".join(lines) + "\n")
    home = Home.made(tmp_path / "home")
    with django_db_blocker.unblock(), home.opened() as installation:
        ingest_path(installation, folder / "pilot", None)
    yield home
    home.drop()


def closes_begun_at_once(home: Home) -> list[int]:
    """Let both processes come as far as they can before either has its turn; gives their exit codes."""
    import psycopg

    with at_server() as server, psycopg.connect(url_of(home.database)) as holder:
        holder.execute(TURN, [MARKET_ID])
        command = [sys.executable, "-m", "sanchi", "close-day"]
        closing = [subprocess.Popen([*command, str(day)], env=home.environment) for day in DAYS]
        while server.execute(WAITING, [home.database]).fetchone() != (len(DAYS),):
            assert all(process.poll() is None for process in closing), "a close did not wait for its turn"
        holder.commit()
        return [process.wait(timeout=120) for process in closing]


class TestTwoClosesOfOneMonth:
    def test_keep_the_cap_of_the_month_together(self, home: Home, django_db_blocker: DjangoDbBlocker):
        assert closes_begun_at_once(home) == [0, 0]

        with django_db_blocker.unblock(), home.opened() as installation:
            by_day = installation.stores.days.bought_wh(MARKET_ID, *DAYS)
            broken = [law.law for law in installation.auditor.laws(MARKET_ID) if not law.holds]
        got_wh = sorted(bought[int(CertificateKind.SURPLUS), SHOP_NO] for bought in by_day.values())
        assert got_wh == [MONTH_CAP_WH - DAY_CAP_WH, DAY_CAP_WH]
        assert broken == []
