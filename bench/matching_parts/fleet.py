"""Part `fleet`: a whole day of millions of homes from files to files, by the command, beside its limit.

Enters: how many homes, how many runs. Leaves: Figures. Not here: how a fleet is made or matched.
"""

import json
import re
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from bench.matching_parts.clock import Cost, Ended, run_command
from bench.matching_parts.figures import Figure

ROOT = Path(__file__).resolve().parents[2]
FLEETS = ROOT / ".cache" / "fleets"
DAY = "2026-05-01"
BUYERS = 10_000
SEED = 1
WORKERS = 2
SLOTS = 48
BAR_HOMES = 7_000_000
WALL_S_MAX, WALL_S_AIM = 60, 30
PEAK_MB_MAX = 4_000
LIMIT_MAX, LIMIT_AIM = 3, 2
GROWTH_MAX = 1.3
GROWTH_HOMES = (10_000, 100_000, 1_000_000)
METER_SLOTS_PER_S_MIN = 5_000_000


def fleet_figures(n_homes: int, n_runs: int) -> Iterator[Figure]:
    """Measure the fleet, and smaller ones before it for its growth."""
    before: tuple[int, float] | None = None
    for size in (*(size for size in GROWTH_HOMES if size < n_homes), n_homes):
        figures = list(_size_figures(size, n_runs, is_whole=size == n_homes))
        yield from figures
        matched = next((figure for figure in figures if figure.what.startswith("match-fleet")), None)
        if matched is None or matched.cost is None:
            return
        if before is not None:
            growth = matched.cost.wall_s / before[1] / (size / before[0])
            yield Figure(
                what=f"growth {before[0]:,} -> {size:,} homes, start of the program included",
                n_orders=size,
                bar=f"{growth:.2f} x linear <= {GROWTH_MAX}",
                is_reached=growth <= GROWTH_MAX,
            )
        before = (size, matched.cost.wall_s)


def _size_figures(n_homes: int, n_runs: int, *, is_whole: bool) -> Iterator[Figure]:
    """Make a fleet where it is not there yet, match it, and measure the limit on the same files."""
    n_orders = n_homes * SLOTS
    fleet = FLEETS / f"homes-{n_homes}-buyers-{BUYERS}-seed-{SEED}"
    if not (fleet / "made").exists():
        options = {
            "--homes": n_homes,
            "--buyers": BUYERS,
            "--days": 1,
            "--seed": SEED,
            "--first-date": DAY,
            "--out": fleet,
        }
        made = run_sanchi("simulate", "fleet", *(str(word) for pair in options.items() for word in pair))
        if made.returncode != 0:
            yield Figure(what="simulate fleet", n_orders=n_orders, note=failure_note("sanchi simulate fleet", made))
            return
        (fleet / "made").write_text(DAY)
        rate = n_orders / made.cost.wall_s
        yield Figure(
            what=f"simulate fleet, {n_homes:,} homes",
            n_orders=n_orders,
            cost=made.cost,
            bar=f"> {METER_SLOTS_PER_S_MIN:,} /s" if is_whole else "",
            is_reached=rate > METER_SLOTS_PER_S_MIN if is_whole else None,
        )
    with tempfile.TemporaryDirectory(dir=FLEETS) as folder:
        runs = []
        for run in range(n_runs):
            # Each run writes into an empty folder: one that is full might be found unchanged. The last one is kept.
            shutil.rmtree(Path(folder) / f"matched-{run - 1}", ignore_errors=True)
            matched = Path(folder) / f"matched-{run}"
            words = ["match-fleet", str(fleet), "--day", day_of(fleet), "--out", str(matched)]
            runs.append(run_sanchi(*words, "--workers", str(WORKERS), "--json"))
        failed = next((run for run in runs if run.returncode != 0), None)
        if failed is not None:
            yield Figure(what="match-fleet", n_orders=n_orders, note=failure_note("sanchi match-fleet", failed))
            return
        scratch = Path(folder) / "scratch"
        scratch.mkdir()
        yield from _matched_figures(n_homes, runs, _limit(fleet, matched, scratch))


def _matched_figures(n_homes: int, runs: list[Ended], limit: dict) -> Iterator[Figure]:
    """Hold the runs against the limit and, at full size, against the bars."""
    n_orders = n_homes * SLOTS
    limit_cost = Cost(wall_s=limit["wall_s"], cpu_s=limit["cpu_s"], n_runs=1)
    seen = {name: limit[name] for name in ("supply_rows", "rows", "written_bytes", "supply_wh", "energy_wh")}
    yield Figure(what=f"limit: read, one pass, write, {n_homes:,} homes", n_orders=n_orders, cost=limit_cost, seen=seen)
    cost = Cost(
        wall_s=statistics.median(run.cost.wall_s for run in runs),
        cpu_s=statistics.median(run.cost.cpu_s for run in runs),
        n_runs=len(runs),
        peak_mb=max(run.cost.peak_mb or 0 for run in runs),
    )
    x_limit = cost.cpu_s / limit_cost.cpu_s if limit_cost.cpu_s else None
    is_bar = n_homes >= BAR_HOMES
    yield Figure(
        what=f"match-fleet, {n_homes:,} homes, {BUYERS:,} buyers, {WORKERS} workers",
        n_orders=n_orders,
        cost=cost,
        x_limit=x_limit,
        bar=f"< {WALL_S_MAX} s (aim {WALL_S_AIM})" if is_bar else "",
        is_reached=cost.wall_s < WALL_S_MAX if is_bar else None,
        note=_told(runs[-1].stdout),
    )
    if is_bar:
        peak_mb = cost.peak_mb or 0
        bars = [("peak memory", f"{peak_mb:,.0f} < {PEAK_MB_MAX:,} MB", peak_mb < PEAK_MB_MAX)]
        if x_limit is not None:
            bars.append(
                ("CPU over the limit's", f"{x_limit:.2f} <= {LIMIT_MAX} (aim {LIMIT_AIM})", x_limit <= LIMIT_MAX)
            )
        for what, bar, is_reached in bars:
            yield Figure(what=f"  {what}", n_orders=n_orders, bar=bar, is_reached=is_reached)


def _limit(fleet: Path, matched: Path, scratch: Path) -> dict:
    """Run the limit in a process of its own; its files are warm, as the command has just read and written them."""
    words = [str(fleet), str(matched), str(scratch), str(WORKERS)]
    ended = run_command([sys.executable, "-m", "bench.matching_parts.fleet_limit", *words], ROOT)
    if ended.returncode != 0:
        raise SystemExit(f"bench: the limit failed\n{ended.stderr}")
    limit: dict = json.loads(ended.stdout)
    if not limit["supply_rows"] or not limit["rows"]:
        raise SystemExit("bench: the limit found no supply or no allocation files; see the names in fleet_limit.py")
    return limit


def _told(stdout: str) -> str:
    """Shorten what the command told of itself to one line."""
    return " ".join(stdout.split())[:400]


def run_sanchi(*words: str) -> Ended:
    """Run a command of sanchi in a process of its own."""
    FLEETS.mkdir(parents=True, exist_ok=True)
    return run_command([sys.executable, "-m", "sanchi", *words], ROOT)


def failure_note(command: str, ended: Ended) -> str:
    """Say that a command is not there yet, or why it failed."""
    if "No such command" in ended.stderr:
        return f"left out: there is no command `{command}` yet"
    lines = ended.stderr.strip().splitlines() or ended.stdout.strip().splitlines()
    return f"`{command}` failed with exit code {ended.returncode}: {lines[-1] if lines else 'it said nothing'}"


def day_of(fleet: Path) -> str:
    """Read the fleet's day from the names of its files or folders; the first one, if there are more."""
    names = " ".join(str(path.relative_to(fleet)) for path in sorted(fleet.rglob("*")))
    found = re.search(r"\d{4}-\d{2}-\d{2}", names)
    return found.group() if found else DAY
