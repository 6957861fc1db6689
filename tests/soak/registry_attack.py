"""Several processes do right and wrong things with the same certificates at once; then every certificate is looked at.

Enters: --seconds, --processes, --seed. Leaves: counts on stdout; exit code 1 when a wrong thing was taken or a
certificate is broken. On SQLite, or on the PostgreSQL that SANCHI_DATABASE_URL names. Started by scripts/soak registry.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import django

ROOT = Path(__file__).resolve().parent.parent.parent

# Both have to stand before the first import of a kernel or a model, as in tests/conftest.py.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
django.setup()

from django.db import Error  # noqa: E402 - models can be imported now

from sanchi.app.stores import Installation  # noqa: E402
from sanchi.core.base.errors import SanchiError, StepBusy  # noqa: E402
from sanchi.edge.store.sql import fetch  # noqa: E402
from sanchi.edge.store.transactions import transaction  # noqa: E402
from tests.oracles.registry_replay import broken_certificates  # noqa: E402
from tests.simulation.registry_world import KINDS, MARKET, RegistryWorld, allocated_of  # noqa: E402
from tests.soak.registry_requests import RIGHT_REQUESTS, WRONG_REQUESTS, Requester  # noqa: E402
from tests.soak.registry_wrongs import OF_FINAL, WRONGS, seen_final, seen_slice  # noqa: E402
from tests.start.homes import Home  # noqa: E402

WRONG_SHARE = 0.3
FIRST_DATE = date(2020, 12, 1)
N_HOMES, N_BUYERS, N_DAYS = 6, 4, 3
SLOTS = (22, 23, 24)
ENERGY_WH_MAX = 400


class NothingTried(Exception):
    """What was seen has changed meanwhile, so the wrong thing could not be done at all."""


@dataclass
class Tally:
    """How often what ended how, and each wrong thing that was taken."""

    ends: Counter[str] = field(default_factory=Counter)
    taken: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Put two together."""
        self.ends += other.ends
        self.taken += other.taken

    def count(self, what: str) -> int:
        """Count the ends that begin with some words."""
        return sum(count for end, count in self.ends.items() if end.startswith(what))


def attacked(home: Home, *, seconds: float, n_processes: int, seed: int) -> tuple[Tally, list[str]]:
    """Let processes loose on a home with certificates; gives what they did and what is broken afterwards."""
    with home.opened() as installation:
        make_world(installation)
    words = [sys.executable, "-m", "tests.soak.registry_attack", "--seconds", str(seconds), "--worker"]
    workers = [
        subprocess.Popen(
            [*words, str(home.folder), "--seed", str(seed * 1_000 + number)],
            env=home.environment,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )
        for number in range(n_processes)
    ]
    tally = Tally()
    for worker in workers:
        out, _ = worker.communicate()
        assert worker.returncode == 0, f"a process of the attack ended with {worker.returncode}"
        told = json.loads(out)
        tally.add(Tally(ends=Counter(told["ends"]), taken=told["taken"]))
    with home.opened():
        return tally, list(broken_certificates(fetch, home.folder / "lake"))


def make_world(installation: Installation) -> None:
    """Issue a few large certificates of final days, so that many processes meet on each."""
    world = RegistryWorld.made(installation, N_HOMES, N_BUYERS)
    chance = random.Random(1)
    days = [FIRST_DATE + timedelta(days=number) for number in range(N_DAYS)]
    for day in days:
        energies = {
            (home_no, kind_no, slot_no, holder_no): chance.randint(1, ENERGY_WH_MAX)
            for home_no in range(1, N_HOMES + 1)
            for kind_no in KINDS
            for slot_no in SLOTS
            for holder_no in chance.sample(world.buyer_nos, 2)
        }
        with transaction():
            world.add_run(day, 1)
            world.issue(day, 1, allocated_of(energies))
            installation.stores.days.mark_finalised(MARKET, [day])


def work(installation: Installation, seed: int, seconds: float) -> Tally:
    """Do things until the time is up."""
    chance, tally, end = random.Random(seed), Tally(), time.monotonic() + seconds
    names = [name for (name,) in fetch("SELECT certificate_id FROM certificate ORDER BY certificate_id")]
    buyer_nos = list(range(N_HOMES + 1, N_HOMES + N_BUYERS + 1))
    requester = Requester(installation=installation, chance=chance, names=names, buyer_nos=buyer_nos, worker_no=seed)
    while time.monotonic() < end:
        if chance.random() >= WRONG_SHARE:
            name = chance.choice(RIGHT_REQUESTS)
            tally.ends[f"right {ended(lambda name=name: requester.ask(name))}: {name}"] += 1
            continue
        if chance.random() < 0.5:
            name = chance.choice(WRONG_REQUESTS)
            how = ended(lambda name=name: requester.ask(name))
        else:
            wrong = chance.choice(WRONGS)
            name = wrong.__name__
            seen = seen_final(chance) if wrong in OF_FINAL else None
            seen = seen or seen_slice(chance.choice(names), chance)
            how = ended(lambda wrong=wrong, seen=seen: in_transaction(lambda: wrong(seen, chance)))
        tally.ends[f"wrong {how}: {name}"] += 1
        if how == "accepted":
            tally.taken.append(name)
    return tally


def in_transaction(statements) -> bool:
    """Run statements past all use cases."""
    with transaction():
        is_done = statements()
        if not is_done:
            raise NothingTried
    return is_done


def ended(act) -> str:
    """Do something and tell how it ended."""
    try:
        is_done = act()
    except StepBusy:
        return "too late"
    except SanchiError:
        return "refused by a rule"
    except Error:
        return "refused by the database"
    except NothingTried:
        return "not tried"
    return "accepted" if is_done else "not tried"


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"soak: {line}\n")
    sys.stdout.flush()


@contextmanager
def made_home(folder: Path) -> Iterator[Home]:
    """Make a home that is gone afterwards."""
    home = Home.made(folder)
    try:
        yield home
    finally:
        home.drop()


def main() -> None:
    """Attack, or be one of the processes."""
    parser = argparse.ArgumentParser(prog="scripts/soak registry", description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60, help="how long (default 60)")
    parser.add_argument("--processes", type=int, default=4, help="how many at once (default 4)")
    parser.add_argument("--seed", type=int, default=1, help="the seed (default 1)")
    parser.add_argument("--worker", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker is not None:
        from sanchi.start.opening import StartOpening

        tally = work(StartOpening().installation(options.worker), options.seed, options.seconds)
        sys.stdout.write(json.dumps({"ends": tally.ends, "taken": tally.taken}))
        return
    with TemporaryDirectory() as folder, made_home(Path(folder) / "home") as home:
        tally, broken = attacked(home, seconds=options.seconds, n_processes=options.processes, seed=options.seed)
    for end, count in sorted(tally.ends.items()):
        tell(f"{count:>7,} {end}")
    for right in ("right", "wrong"):
        ends = ("accepted", "refused by a rule", "refused by the database", "not tried", "too late")
        tell(f"{right}: " + ", ".join(f"{tally.count(f'{right} {end}:'):,} {end}" for end in ends))
    tell(f"{options.processes} processes, {options.seconds:.0f} s: {len(broken)} broken certificates")
    for fault in [*(f"taken: {name}" for name in sorted(set(tally.taken))), *broken[:20]]:
        tell(fault)
    sys.exit(1 if broken or tally.taken else 0)


if __name__ == "__main__":
    main()
