"""Measures the registry on both databases, beside the scripts that its constraints were chosen by in the same run.

Usage: scripts/bench registry [--homes N] [--only sqlite|postgresql|log]. Leaves: tables; exit code 1 when a bar is
missed at the size that it holds for. PostgreSQL is one of its own (registry_parts/server). Not here: checks of results.
"""

import argparse
import importlib
import importlib.util
import json
import os
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from bench.matching_parts.clock import run_command
from bench.registry_parts.research import rates_on_postgresql, rates_on_sqlite
from bench.registry_parts.server import private_server, programs

ROOT = Path(__file__).resolve().parents[1]
BAR_HOMES = 100_000
RETIRED = 50_000
RESEARCH_CERTIFICATES = 100_000
# Seconds at most for an issue with slices, splits with transfers a second at least, seconds at most for a retirement.
BARS = {"postgresql": (30, 25_000, 5), "sqlite": (15, None, None)}
# The branch of the log brings its own measurement.
LOG_MODULE = "bench.registry_parts.log"


@dataclass(frozen=True, kw_only=True)
class Line:
    """A figure with its bar; is_rate: more is better; by_cpu: the same by CPU seconds, which others use less of."""

    what: str
    figure: float
    by_cpu: float
    bar: float | None
    is_rate: bool
    research: float | None

    @property
    def is_reached(self) -> bool:
        """Tell whether the bar is reached."""
        return self._reaches(self.figure)

    def _reaches(self, figure: float) -> bool:
        """Hold a figure against the bar."""
        if self.bar is None:
            return True
        return figure >= self.bar if self.is_rate else figure <= self.bar

    def text(self, *, is_full: bool) -> str:
        """Word it with its ratio to the bar, above 1 = better than the bar."""
        form = ",.0f" if self.is_rate else ".2f"
        unit = "/s" if self.is_rate else "s "
        line = f"{self.what:<40} {self.figure:>10{form}} {unit} by CPU {self.by_cpu:>10{form}} {unit}"
        if self.bar is not None and is_full:
            ratio = self.figure / self.bar if self.is_rate else self.bar / self.figure
            sign = ">=" if self.is_rate else "<="
            verdict = "reached" if self.is_reached else "NOT reached"
            if not self.is_reached and self._reaches(self.by_cpu):
                verdict += f", but by CPU (load average now {os.getloadavg()[0]:.1f})"
            line += f"   {ratio:5.2f} of the bar ({sign} {self.bar:,} {unit.strip()}) {verdict}"
        if self.research is not None:
            line += f"   research {self.research:,.0f}/s"
        return line


def main() -> None:
    """Measure what is asked for and print it."""
    parser = argparse.ArgumentParser(prog="scripts/bench registry", description=__doc__.partition("\n")[0])
    parser.add_argument("--homes", type=int, default=BAR_HOMES)
    parser.add_argument("--only", choices=("sqlite", "postgresql", "log"))
    options = parser.parse_args()
    print(
        f"{options.homes:,} homes, {2 * options.homes:,} certificates of one day; "
        f"cores {os.cpu_count()}, load average {os.getloadavg()[0]:.2f}"
    )
    missed = 0
    for name in ("sqlite", "postgresql"):
        if options.only in {None, name}:
            missed += _database(name, options.homes)
    if options.only in {None, "log"}:
        missed += _log()
    sys.exit(1 if missed else 0)


def _database(name: str, n_homes: int) -> int:
    """Measure a database; returns how many bars are missed."""
    if name == "sqlite":
        return _measured(name, "", rates_on_sqlite(RESEARCH_CERTIFICATES), n_homes)
    if programs() is None:
        print("postgresql: not on this machine, nothing measured")
        return 1
    with private_server() as address:
        research = rates_on_postgresql(address, RESEARCH_CERTIFICATES)
        return _measured(name, address, research, n_homes)


def _measured(name: str, address: str, research: dict[str, float] | str, n_homes: int) -> int:
    """Run our own measurement and print it beside the research's."""
    folder = Path(tempfile.mkdtemp(dir=ROOT / ".cache", prefix="bench_registry."))
    words = [sys.executable, "-m", "bench.registry_parts.books", str(folder / "home"), "--homes", str(n_homes)]
    words += ["--transfers", str(n_homes), "--retired", str(min(RETIRED, n_homes))]
    os.environ["SANCHI_DATABASE_URL"] = address
    try:
        ended = run_command(words, ROOT)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if ended.returncode != 0:
        raise SystemExit(f"bench: {' '.join(words)} failed\n{ended.stderr}")
    told = json.loads(ended.stdout)
    lines = _lines(name, told, research if isinstance(research, dict) else {})
    is_full = n_homes == BAR_HOMES
    print(f"{name}: {', '.join(f'{count:,} {what}' for what, count in told['counts'].items())}")
    for line in lines:
        print(f"  {line.text(is_full=is_full)}")
    parts = (f"{part} {wall_s:.2f} s ({told['cpu_s'][part]:.2f} CPU)" for part, wall_s in told["seconds"].items())
    print(f"  {', '.join(parts)}\n  peak {ended.cost.peak_mb or 0:,.0f} MB without the server's")
    if isinstance(research, str):
        print(f"  research: {research}")
    return sum(not line.is_reached for line in lines) if is_full else 0


def _lines(name: str, told: dict[str, dict[str, float]], research: dict[str, float]) -> tuple[Line, ...]:
    """Put figures beside bars; the research's rates are of certificates issued, cut with a transfer, and retired."""
    issue_bar, transfer_bar, retire_bar = BARS[name]
    counts = told["counts"]

    def seconds(what: str, part: str, bar: float | None) -> Line:
        wall_s, cpu_s = told["seconds"][part], told["cpu_s"][part]
        return Line(what=what, figure=wall_s, by_cpu=cpu_s, bar=bar, is_rate=False, research=None)

    def rate(what: str, count: str, part: str, bar: float | None = None, beside: str = "") -> Line:
        figure, by_cpu = (counts[count] / told[clock][part] for clock in ("seconds", "cpu_s"))
        return Line(what=what, figure=figure, by_cpu=by_cpu, bar=bar, is_rate=True, research=research.get(beside))

    return (
        seconds("issue + slice a day", "issue", issue_bar),
        rate("  certificates issued with slices", "certificates", "issue", beside="issue"),
        rate("split + transfer, store with commit", "transfers", "transfer: store", transfer_bar, "split+transfer"),
        rate("  with the rules of the core", "transfers", "transfer"),
        seconds(f"retire a month of {counts['retired']:,} slices", "retire", retire_bar),
        rate("  slices retired", "retired", "retire", beside="retire"),
    )


def _log() -> int:
    """Measure the log where its measurement is there; returns how many bars are missed."""
    if importlib.util.find_spec(LOG_MODULE) is None:
        print("log: its measurement is not there yet")
        return 0
    return int(importlib.import_module(LOG_MODULE).run() or 0)


if __name__ == "__main__":
    main()
