"""Plays seed after seed until its time is up, and tells how to repeat those that fail.

Enters: --seconds, --seed, --shrink. Leaves: lines on stdout; exit code 1 when a seed failed. Started by scripts/soak.
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import django

ROOT = Path(__file__).resolve().parent.parent.parent

# Both have to stand before the first import of a kernel or a model, as in tests/conftest.py.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
django.setup()

from tests.simulation.play import Plan, Play  # noqa: E402 - models can be imported now
from tests.simulation.schedule import Operation  # noqa: E402
from tests.start.homes import Home  # noqa: E402


def played(empty_home: Home, folder: Path, plan: Plan, operations: Sequence[Operation]) -> Counter[str]:
    """Play a plan in a fresh home to its end; gives what happened. Raises what fails."""
    home = empty_home.copied(folder / "home")
    try:
        with home.opened() as installation:
            play = Play(plan=plan, home=home, installation=installation, folder=folder / "deliveries")
            play.run(operations)
            play.check_end()
            return play.outcomes
    finally:
        home.drop()


def fault_of(empty_home: Home, plan: Plan, operations: Sequence[Operation]) -> Exception | None:
    """Play a plan and give what fails, None when all holds."""
    with TemporaryDirectory() as folder:
        try:
            played(empty_home, Path(folder), plan, operations)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
            return error
    return None


def shrunk(empty_home: Home, plan: Plan, fault: Exception) -> list[Operation]:
    """Leave out every operation without which the plan still fails in the same way."""
    operations = list(plan.operations)
    for place in reversed(range(len(operations))):
        fewer = [*operations[:place], *operations[place + 1 :]]
        found = fault_of(empty_home, plan, fewer)
        if type(found) is type(fault) and str(found)[:20] == str(fault)[:20]:
            operations = fewer
    return operations


def soak(empty_home: Home, first_seed: int, seconds: float, *, is_shrinking: bool) -> int:
    """Play seeds until the time is up, at least one; gives how many failed."""
    outcomes: Counter[str] = Counter()
    end, seed, n_failed = time.monotonic() + seconds, first_seed, 0
    while seed == first_seed or time.monotonic() < end:
        plan = Plan.of(seed)
        with TemporaryDirectory() as folder:
            try:
                outcomes += played(empty_home, Path(folder), plan, plan.operations)
            except Exception as error:  # noqa: BLE001 - it is told, and the next seed goes on
                n_failed += 1
                tell_fault(plan, error)
                operations = shrunk(empty_home, plan, error) if is_shrinking else None
                tell(f"as short as can be: {operations}" if operations else "shorten it: --shrink")
        seed += 1
    tell(f"{seed - first_seed} seeds from {first_seed}, {n_failed} failed")
    tell(", ".join(f"{count} x {outcome}" for outcome, count in outcomes.most_common()))
    return n_failed


def tell_fault(plan: Plan, error: Exception) -> None:
    """Tell what failed and how to see it again."""
    tell(f"seed {plan.seed} failed: {type(error).__name__}: {error}")
    tell("".join(traceback.format_exception(error)[-3:]))
    tell(f"repeat it: scripts/soak --seed {plan.seed} --seconds 0")


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"soak: {line}\n")
    sys.stdout.flush()


def main() -> None:
    """Read the options and soak."""
    parser = argparse.ArgumentParser(prog="scripts/soak", description="Play random markets until the time is up.")
    parser.add_argument("--seconds", type=float, default=60, help="how long to go on (default 60; 0 = one seed)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--shrink", action="store_true", help="leave out what a failure does not need; takes long")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        empty_home = Home.made(Path(folder) / "empty")
        n_failed = soak(empty_home, options.seed, options.seconds, is_shrinking=options.shrink)
        empty_home.drop()
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
