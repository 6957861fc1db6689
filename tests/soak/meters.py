"""Plays the sandbox of meters through the whole chain and compares the books with the truth.

Enters: --seed, --days, --homes, --restarts, --folder. Leaves: lines on stdout; exit code 1 when something
does not hold. Started by scripts/soak meters.
"""

import argparse
import logging
import os
import random
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import django

ROOT = Path(__file__).resolve().parent.parent.parent

# Both have to stand before the first import of a kernel or a model, as in tests/conftest.py.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".cache" / "numba"))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
django.setup()

from sanchi.edge.store.books import open_books  # noqa: E402 - models can be imported now
from tests.soak.accounts import accounts_of, used_faults  # noqa: E402
from tests.soak.chain import Chain  # noqa: E402
from tests.soak.days import midnight, play  # noqa: E402
from tests.soak.endings import Books, books_of, different  # noqa: E402
from tests.soak.outside import Size, running  # noqa: E402
from tests.soak.restarts import DisturbedChain  # noqa: E402
from tests.soak.slots import judged  # noqa: E402
from tests.start.homes import Home  # noqa: E402

FIRST_DATE = date(2020, 11, 20)
DAYS_MAX = 101
SHOWN_MAX = 200


def tell(line: str) -> None:
    """Write a line at once."""
    sys.stdout.write(f"soak: {line}\n")
    sys.stdout.flush()


def soak(folder: Path, size: Size) -> int:
    """Play a world in a folder and check its books; gives how many things do not hold."""
    faults = played(folder, size, checked)
    return tell_faults(faults)


def soak_restarts(folder: Path, size: Size) -> int:
    """Play a world twice, once with processes that are killed, and compare; gives how many things do not hold."""
    books: list[Books] = []

    def kept(chain: Chain) -> list[str]:
        books.append(books_of(chain))
        return checked(chain)

    faults = played(folder / "undisturbed", size, kept)
    faults += played(folder / "disturbed", size, kept, is_disturbed=True)
    differences = different(*books)
    tell("killed processes changed " + ("nothing" if not differences else ", ".join(differences)))
    return tell_faults([*faults, *differences])


def played(folder: Path, size: Size, check: Callable[[Chain], list[str]], *, is_disturbed: bool = False) -> list[str]:
    """Play a world in a folder and check its books; gives what does not hold."""
    folder.mkdir(parents=True, exist_ok=True)
    home = Home.made(folder / "home")
    began_s = time.monotonic()
    with running(folder / "world", size, is_lasting=is_disturbed) as outside, home.opened() as installation:
        told: dict[str, Any] = {
            "outside": outside,
            "home_folder": home.folder,
            "installation": installation,
            "inbox_folder": folder / "inbox",
            "now": midnight(size.first_date),
        }
        chain = DisturbedChain(**told, chance=random.Random(size.seed)) if is_disturbed else Chain(**told)
        for day in play(chain):
            if day.day in {1, 10, 20} or day <= size.first_date:
                tell(f"{day} is over after {time.monotonic() - began_s:.0f} s")
        tell_work(chain, time.monotonic() - began_s)
        return check(chain)


def tell_faults(faults: list[str]) -> int:
    """Tell what does not hold; gives how much it is."""
    for fault in faults[:SHOWN_MAX]:
        tell(f"DOES NOT HOLD: {fault}")
    if len(faults) > SHOWN_MAX:
        tell(f"and {len(faults) - SHOWN_MAX} more")
    return len(faults)


def checked(chain: Chain) -> list[str]:
    """Check all that must hold of the books; tells the figures, gives what does not hold."""
    box, home = chain.outside.box, chain.home_folder
    faults = []
    for account in accounts_of(box, chain.inbox_folder, home, chain.now):
        tell(account.line)
        faults += account.faults
    sums, found = used_faults(home)
    tell(", ".join(f"{count:,} {name}" for name, count in sums.items()))
    faults += found
    laws = chain.installation.auditor.laws(chain.market_id)
    faults += [f"{law.law} {law.broken_count}x: {law.broken_examples[0]}" for law in laws if not law.holds]
    tell(f"{sum(law.holds for law in laws)} of {len(laws)} laws hold")
    with open_books(chain.market_id, home / "lake") as books:
        judgement = judged(books, box / "truth")
    for line in judgement.lines:
        tell(line)
    tell("channel: half hours, exact, off, marked by quality, by a finding, missed, marked but right")
    for name, *counts in judgement.by_channel:
        tell(f"  {name}: " + ", ".join(f"{count:,}" for count in counts))
    for kinds, count in Counter(miss.kinds for miss in judgement.misses).most_common():
        tell(f"  missed {count}x: {kinds}")
    faults += [f"missed: {miss}" for miss in judgement.misses]
    return faults


def tell_work(chain: Chain, took_s: float) -> None:
    """Tell what was done and how long it took."""
    tell(f"{took_s:.0f} s: " + ", ".join(f"{what} {spent:.0f}" for what, spent in chain.spent_s.most_common()))
    tell(", ".join(f"{count} x {outcome}" for outcome, count in sorted(chain.outcomes.items())))
    if isinstance(chain, DisturbedChain):
        tell("killed: " + ", ".join(f"{count} x {what}" for what, count in sorted(chain.killed.items())))


def main() -> None:
    """Read the options and soak."""
    parser = argparse.ArgumentParser(prog="scripts/soak meters", description="Soak the chain behind real servers.")
    parser.add_argument("--seed", type=int, default=1, help="the sandbox's seed (default 1)")
    parser.add_argument("--days", type=int, default=DAYS_MAX, help=f"delivery dates (default {DAYS_MAX})")
    parser.add_argument("--homes", type=int, default=52, help="homes (default 52)")
    parser.add_argument("--restarts", action="store_true", help="play it twice, once killing every process")
    parser.add_argument("--plan", type=Path, help="a file of faults; the shipped one without it")
    parser.add_argument("--folder", type=Path, help="an empty folder that is kept; a temporary one without it")
    options = parser.parse_args()
    logging.getLogger("sanchi").setLevel(logging.ERROR)
    size = Size(
        seed=options.seed,
        first_date=FIRST_DATE,
        last_date=FIRST_DATE + timedelta(days=options.days - 1),
        n_homes=options.homes,
        plan=options.plan,
    )
    with TemporaryDirectory() as temporary:
        folder = options.folder or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        n_broken = (soak_restarts if options.restarts else soak)(folder.resolve(), size)
    sys.exit(1 if n_broken else 0)


if __name__ == "__main__":
    main()
