"""Batteries of drawn days, stored in periods, corrected in between: the audit finds every law kept."""

import json
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from tests.markets.battery_market import HOMES, write_market
from tests.start.homes import Home

STEPS = (
    "close-day 2020-11-28..2020-12-01",
    "close-month 2020-11",
    "store-energy 2020-11-28..2020-11-29",
    "store-energy 2020-11-30 --of H2",
    "ingest {folder}/correction",
    "close-day stale",
    "store-energy 2020-11-30",
    "close-month 2020-12",
)


@pytest.mark.parametrize("seed", [1, 2])
def test_drawn_days_keep_every_law_through_periods_and_a_correction(
    tmp_path: Path, django_db_blocker: DjangoDbBlocker, seed: int
):
    write_market(tmp_path / "files", seed)
    with django_db_blocker.unblock():
        home = Home.made(tmp_path / "home")
        for step in (f"ingest {tmp_path}/files/pilot", *STEPS):
            ran = home.run(*step.format(folder=tmp_path / "files").split())
            assert ran.exit_code == 0, f"{step}\n{ran.out}{ran.err}"
        told = json.loads(home.run("store-energy", "2020-12-01", "--json").out)
        audit = home.run("verify")
        listed = json.loads(home.run("store-energy", "2020-11-28..2020-11-29", "--json").out)
        home.drop()

    assert audit.exit_code == 0, audit.out + audit.err
    for accounts in (told["homes"], listed["homes"]):
        assert [each["home_id"] for each in accounts] == [f"H{number}" for number in range(1, len(HOMES) + 1)]
        assert all(each["charged_wh"] > 0 and each["discharged_wh"] > 0 for each in accounts)
    assert not any(each["is_new"] for each in listed["homes"])
    # The second home's battery is large enough to last the night.
    assert told["homes"][1]["carry_in_wh"] > 0
