"""Runs one target for long: `python -m tests.fuzz.long_run NAME SECONDS FOLDER`, as scripts/fuzz does.

Enters: the corpus. Leaves: each finding as a file in FOLDER, with exit code 1. With Atheris where it is installed, led
by the branches that are reached; else by random damage of the corpus. Not here: what a finding is (targets).
"""

import argparse
import sys
import time
from importlib import import_module
from pathlib import Path
from random import Random

from tests.fuzz.corpus_files import corpus_of
from tests.fuzz.mutation import mutated
from tests.fuzz.targets import TARGETS

FRESH_BYTES_MAX = 300


def main() -> None:
    """Fuzz a target until the time is over or something is found."""
    parser = argparse.ArgumentParser(prog="scripts/fuzz")
    parser.add_argument("name", choices=TARGETS)
    parser.add_argument("seconds", type=int)
    parser.add_argument("folder", type=Path)
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    try:
        atheris = import_module("atheris")
    except ImportError:
        _damage(options.name, options.seconds, options.folder)
    else:
        _led_by_branches(atheris, options.name, options.seconds, options.folder)


def _damage(name: str, seconds: int, folder: Path) -> None:
    """Try damaged entries of the corpus, and bytes out of nothing."""
    random = Random(time.time_ns())
    corpus, n_tried = corpus_of(name), 0
    ends_at = time.monotonic() + seconds
    tell(f"{name}, {seconds} s, random damage of {len(corpus)} entries (no Atheris here)")
    while time.monotonic() < ends_at:
        is_fresh = random.random() < 0.1
        content = (
            random.randbytes(random.randint(0, FRESH_BYTES_MAX)) if is_fresh else mutated(random.choice(corpus), random)
        )
        n_tried += 1
        try:
            TARGETS[name](content)
        except Exception:
            finding = folder / f"{name}-{n_tried}.hex"
            finding.write_text(content.hex() + "\n")
            tell(f"{name}: found after {n_tried} tries, see {finding}")
            raise
    tell(f"{name}: nothing found in {n_tried:,} tries")


def _led_by_branches(atheris, name: str, seconds: int, folder: Path) -> None:
    """Let Atheris look for inputs that reach new branches; it ends the process itself."""
    seeds = folder / f"{name}-corpus"
    seeds.mkdir(exist_ok=True)
    for at, content in enumerate(corpus_of(name)):
        (seeds / f"seed-{at}").write_bytes(content)
    tell(f"{name}, {seconds} s, led by Atheris")
    atheris.instrument_all()
    arguments = [f"-max_total_time={seconds}", f"-artifact_prefix={folder}/", "-max_len=600", "-timeout=20", str(seeds)]
    atheris.Setup([sys.argv[0], *arguments], TARGETS[name])
    atheris.Fuzz()


def tell(what: str) -> None:
    """Say a line at once."""
    sys.stdout.write(f"fuzz: {what}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
