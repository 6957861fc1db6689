"""Plays months of registries, seed after seed, in the books and on paper, until enough was asked.

Enters: --operations, --seed, --asks. Leaves: counts on stdout; exit code 1 when books and paper differ. On SQLite, or
on the PostgreSQL that SANCHI_DATABASE_URL names. Started by scripts/soak registry-months.
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import django

ROOT = Path(__file__).resolve().parent.parent.parent

# Both have to stand before the first import of a kernel or a model, as in tests/conftest.py.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
django.setup()

from tests.simulation.registry_play import N_ASKS, RegistryPlay  # noqa: E402 - models can be imported now
from tests.start.homes import Home  # noqa: E402


def played(empty_home: Home, folder: Path, seed: int, n_asks: int = N_ASKS) -> RegistryPlay:
    """Play a seed in a fresh home to its end. Raises: Different, and whatever else fails."""
    home = empty_home.copied(folder / "home")
    try:
        with home.opened() as installation:
            play = RegistryPlay(seed=seed, installation=installation, lake=home.folder / "lake", n_asks=n_asks)
            play.run()
            return play
    finally:
        home.drop()


def shortest(empty_home: Home, seed: int, n_asks: int) -> int:
    """Find the fewest asks between closes with which a seed still fails."""
    for fewer in range(n_asks):
        with TemporaryDirectory() as folder:
            try:
                played(empty_home, Path(folder), seed, fewer)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                tell(f"fails with --asks {fewer}: {error}")
                return fewer
    return n_asks


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"soak: {line}\n")
    sys.stdout.flush()


def soak(empty_home: Home, first_seed: int, n_operations: int, n_asks: int) -> int:
    """Play seeds until enough was asked; gives how many failed."""
    ends: Counter[str] = Counter()
    began_s, seed, operations, steps, n_failed = time.monotonic(), first_seed, 0, 0, 0
    while operations < n_operations and not n_failed:
        with TemporaryDirectory() as folder:
            try:
                play = played(empty_home, Path(folder), seed, n_asks)
                ends, operations, steps = ends + play.ends, operations + play.operations, steps + play.step_no
            except Exception as error:  # noqa: BLE001 - it is told, with how to see it again
                n_failed += 1
                tell(f"seed {seed} failed: {type(error).__name__}: {error}")
                tell("".join(traceback.format_exception(error)[-3:]))
                fewest = shortest(empty_home, seed, n_asks)
                tell(f"repeat it: scripts/soak registry-months --seed {seed} --operations 1 --asks {fewest}")
        seed += 1
        if seed % 10 == 0:
            tell(f"{operations:,} operations in {steps:,} steps, {time.monotonic() - began_s:.0f} s")
    tell(
        f"{seed - first_seed} seeds from {first_seed}, {operations:,} operations in {steps:,} steps, "
        f"{time.monotonic() - began_s:.0f} s, {n_failed} failed"
    )
    for end, count in sorted(ends.items()):
        tell(f"{count:>8,} {end}")
    return n_failed


def main() -> None:
    """Read the options and soak."""
    parser = argparse.ArgumentParser(prog="scripts/soak registry-months", description=__doc__.partition("\n")[0])
    parser.add_argument("--operations", type=int, default=1_000_000, help="how many at least (default 1,000,000)")
    parser.add_argument("--seed", type=int, default=0, help="the first seed (default 0)")
    parser.add_argument("--asks", type=int, default=N_ASKS, help=f"bulks asked between closes (default {N_ASKS})")
    options = parser.parse_args()
    with TemporaryDirectory() as folder:
        empty_home = Home.made(Path(folder) / "empty")
        n_failed = soak(empty_home, options.seed, options.operations, options.asks)
        empty_home.drop()
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
