"""A few days of a few homes, with faults of every kind, go through real servers, and the books agree with the truth."""

from datetime import date
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.edge.sandbox.worlds import BUSY
from tests.soak.accounts import accounts_of, used_faults
from tests.soak.chain import Chain
from tests.soak.days import midnight, play
from tests.soak.outside import Size, running
from tests.soak.slots import judged
from tests.start.homes import SERVER_URL, Home

FIRST_DATE, LAST_DATE = date(2020, 11, 20), date(2020, 11, 24)
SEED = 2
# Nothing that another way or a leap on the same day could tell of (docs/reference/soak.md).
MISSED_MAX = 0


@pytest.mark.skipif(bool(SERVER_URL), reason="the accounts of a soak are read from SQLite")
def test_five_days_of_faults_lose_nothing(tmp_path: Path, django_db_blocker: DjangoDbBlocker):
    plan = tmp_path / "busy.toml"
    plan.write_text(BUSY)
    size = Size(seed=SEED, first_date=FIRST_DATE, last_date=LAST_DATE, n_homes=6, plan=plan)
    home = Home.made(tmp_path / "home")

    with django_db_blocker.unblock(), running(tmp_path / "world", size) as outside, home.opened() as installation:
        chain = Chain(
            outside=outside,
            home_folder=home.folder,
            installation=installation,
            inbox_folder=tmp_path / "inbox",
            now=midnight(FIRST_DATE),
        )
        for _ in play(chain):
            pass

        accounts = accounts_of(outside.box, chain.inbox_folder, home.folder, chain.now)
        sums, unused = used_faults(home.folder)
        laws = installation.auditor.laws(chain.market_id)
        judgement = judged_books(chain)

    assert [fault for account in accounts for fault in account.faults] == []
    assert all(account.sent_count == account.came_count > 0 for account in accounts)
    assert unused == []
    assert sums["readings of closed days"] == sums["used"] + sums["superseded"] + sums["in problems"]
    assert [law.law for law in laws if not law.holds] == []
    assert sum(key[0] for key in judgement.counts) > 0, "no fault did anything"
    assert len(judgement.misses) <= MISSED_MAX, judgement.misses[:5]


def judged_books(chain: Chain):
    from sanchi.edge.store.books import open_books

    with open_books(chain.market_id, chain.home_folder / "lake") as books:
        return judged(books, chain.outside.box / "truth")
