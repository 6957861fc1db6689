"""The scripts of the research, which the constraints were chosen by, run as they are in the same run as ours.

Enters: the address of a database and how many certificates. Leaves: rates by step, or the reason why there are none.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SCRIPTS = next((path for folder in ROOT.parents if (path := folder / "shared" / "bench").is_dir()), None)
# How the scripts call the guard that the books use.
GUARD = "chain"
_RATE = re.compile(r"(\S+) +([\d,]+)/s")


def rates_on_postgresql(address: str, n_certificates: int) -> dict[str, float] | str:
    """Give issues, splits with transfers and retirements a second of the guard that the books use."""
    return _rates("registry_pg.py", address, n_certificates)


def rates_on_sqlite(n_certificates: int) -> dict[str, float] | str:
    """Give the same on SQLite, in a file of its own."""
    with tempfile.TemporaryDirectory(dir=ROOT / ".cache") as folder:
        return _rates("registry_sqlite.py", str(Path(folder) / "research.sqlite3"), n_certificates)


def _rates(script: str, place: str, n_certificates: int) -> dict[str, float] | str:
    """Run a script and read its line."""
    if SCRIPTS is None or not (SCRIPTS / script).exists():
        return f"the research's {script} is not beside the checkout (../shared/bench)"
    words = [sys.executable, str(SCRIPTS / script), place, str(n_certificates)]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        return f"{script} failed: {ended.stderr.strip().rpartition(chr(10))[2]}"
    for line in ended.stdout.splitlines():
        name, _, rest = line.partition(" ")
        if name == GUARD:
            return {step: float(rate.replace(",", "")) for step, rate in _RATE.findall(rest)}
    return f"{script} tells of no guard {GUARD}"
