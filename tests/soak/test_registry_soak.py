"""A registry that several processes attack stays whole, and months of one say what a model of watt-hours says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from pytest_django import DjangoDbBlocker

from sanchi.edge.store.sql import execute, fetch
from tests.oracles.registry_replay import broken_certificates
from tests.simulation.registry_asks import Asks
from tests.simulation.registry_closes import RegistryCloses
from tests.simulation.registry_sides import Different
from tests.soak.registry_attack import ROOT, attacked, make_world
from tests.start.homes import Home

SECONDS, N_PROCESSES, SEED = 5, 4, 1


@pytest.fixture
def home(tmp_path: Path, django_db_blocker: DjangoDbBlocker):
    made = Home.made(tmp_path / "home")
    with django_db_blocker.unblock():
        yield made
    made.drop()


class TestAttack:
    def test_breaks_nothing_and_nothing_wrong_is_taken(self, home: Home):
        tally, broken = attacked(home, seconds=SECONDS, n_processes=N_PROCESSES, seed=SEED)

        assert broken == []
        assert tally.taken == []
        assert tally.count("right accepted") > 0
        assert tally.count("wrong refused by a rule") > 0
        assert tally.count("wrong refused by the database") > 0

    def test_would_tell_what_is_broken(self, home: Home):
        with home.opened() as installation:
            make_world(installation)
            fits = list(broken_certificates(fetch, home.folder / "lake"))
            # No constraint ties a slice to its events: only a replay finds that its holder was changed past them.
            execute("UPDATE slice SET holder_no = 1 WHERE lo_wh = 0")
            untold = list(broken_certificates(fetch, home.folder / "lake"))

        assert fits == []
        assert len(untold) == len({line.partition(":")[0] for line in untold}) > 0


class TestMonths:
    @pytest.mark.parametrize(("seed", "kill_share"), [(1, 0.0), (2, 0.15)])
    def test_say_what_the_model_says(self, seed: int, kill_share: float):
        words = ["--operations", "1", "--homes", "3", "--asks", "4", "--seed", str(seed)]
        ended = subprocess.run(
            [sys.executable, "-m", "tests.soak.registry_months", *words, "--kill-share", str(kill_share)],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )

        assert ended.returncode == 0, ended.stdout + ended.stderr
        counts = {end: int(count.replace(",", "")) for count, end in re.findall(r"([\d,]+) ([a-z].*)", ended.stdout)}
        assert {
            "transfer: done",
            "reserve: done",
            "claim: done",
            "correct: done",
            "store: done",
            "crash",
        } <= counts.keys()
        assert (counts.get("killed", 0) > 0) == (kill_share > 0)

    def test_would_tell_a_difference(self, home: Home):
        with home.opened() as installation:
            sides = RegistryCloses(seed=3, installation=installation, lake=home.folder / "lake", n_homes=2)
            day = sides.world.first_date
            sides.close(day)
            sides.look_at()
            name, paper = next(iter(sides.paper.papers.items()))
            giver = paper.lines[0][0]
            Asks(installation).transfer("untold", [((name, 0, 1), giver, giver + 1)])

            with pytest.raises(Different, match=name):
                sides.look_at([name])
