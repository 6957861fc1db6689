"""Plays months of registries, seed after seed, in the books and on paper, until enough was asked.

Enters: --operations, --seed, and how large each market is. Leaves: counts on stdout; exit code 1 when books and paper
differ. On SQLite, or on the PostgreSQL that SANCHI_DATABASE_URL names. Started by scripts/soak registry-months.
"""

import argparse
import os
import sys
import time
import traceback
from collections import Counter
from dataclasses import asdict, dataclass, replace
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

TELL_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large each market is, how much is asked in it, and how often a process is killed."""

    n_homes: int
    n_asks: int
    kill_share: float


def played(empty_home: Home, folder: Path, seed: int, size: Size) -> RegistryPlay:
    """Play a seed in a fresh home to its end. Raises: Different, and whatever else fails."""
    home = empty_home.copied(folder / "home")
    try:
        with home.opened() as installation:
            play = RegistryPlay(seed=seed, installation=installation, lake=home.folder / "lake", **asdict(size))
            play.run()
            return play
    finally:
        home.drop()


def shortest(empty_home: Home, seed: int, size: Size) -> int:
    """Find the fewest asks between closes with which a seed still fails."""
    for fewer in range(size.n_asks):
        with TemporaryDirectory() as folder:
            try:
                played(empty_home, Path(folder), seed, replace(size, n_asks=fewer))
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                tell(f"fails with --asks {fewer}: {error}")
                return fewer
    return size.n_asks


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"soak: {line}\n")
    sys.stdout.flush()


def soak(empty_home: Home, first_seed: int, n_operations: int, size: Size) -> int:
    """Play seeds until enough was asked; gives how many failed."""
    ends: Counter[str] = Counter()
    began_s, seed, operations, steps, n_failed = time.monotonic(), first_seed, 0, 0, 0
    told_s = began_s
    while operations < n_operations and not n_failed:
        with TemporaryDirectory() as folder:
            try:
                play = played(empty_home, Path(folder), seed, size)
                ends, operations, steps = ends + play.ends, operations + play.operations, steps + play.step_no
            except Exception as error:  # noqa: BLE001 - it is told, with how to see it again
                n_failed += 1
                tell(f"seed {seed} failed: {type(error).__name__}: {error}")
                tell("".join(traceback.format_exception(error)[-3:]))
                fewest = shortest(empty_home, seed, size)
                others = f"--homes {size.n_homes} --kill-share {size.kill_share} --asks {fewest}"
                tell(f"repeat it: scripts/soak registry-months --seed {seed} --operations 1 {others}")
        seed += 1
        if time.monotonic() - told_s > TELL_S:
            told_s = time.monotonic()
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
    parser.add_argument("--homes", type=int, default=12, help="homes of each market (default 12)")
    parser.add_argument("--kill-share", type=float, default=0.01, help="of the steps, begun by a killed process")
    options = parser.parse_args()
    size = Size(n_homes=options.homes, n_asks=options.asks, kill_share=options.kill_share)
    with TemporaryDirectory() as folder:
        empty_home = Home.made(Path(folder) / "empty")
        n_failed = soak(empty_home, options.seed, options.operations, size)
        empty_home.drop()
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
