"""Measures the way from files of counts to validated slot energy: a simulated day of many meters, 1 % with gaps.

Usage: scripts/bench meters [--meters N] [--runs N] [--only platform|estimate].
Leaves: a table. The bars hold for 100,000 meters. Not here: any check of our own results (see tests).
"""

import argparse
import json
import os
import statistics
import sys
import tempfile
from pathlib import Path

from bench.matching_parts.clock import Ended, run_command
from bench.metering_parts.fleet import DAY, make_files

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / ".cache" / "bench_meters"
BAR_METERS = 100_000
BARS_S = {".parquet": 10, ".csv": 20}
COLUMNS = f"{'way':<32} {'wall s':>8} {'CPU s':>8} {'peak MB':>8} {'slots/s':>11}  bar"


def main() -> None:
    """Measure both ways with both formats."""
    parser = argparse.ArgumentParser(prog="scripts/bench meters", description=__doc__.partition("\n")[0])
    parser.add_argument("--meters", type=int, default=BAR_METERS)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--only", choices=("platform", "estimate"))
    options = parser.parse_args()
    files = make_files(FOLDER, options.meters)
    print(
        f"{options.meters:,} meters, {options.meters * 48:,} half hours of {DAY}, {files.n_rows:,} rows with the days "
        f"around gaps; medians of {options.runs} runs, start of the program included; cores {os.cpu_count()}, "
        f"load average {os.getloadavg()[0]:.2f}"
    )
    print(COLUMNS)
    results = []
    for suffix in BARS_S:
        if options.only != "estimate":
            words = ["-m", "bench.metering_parts.stages", str(files.registers[suffix]), str(options.meters)]
            results.append(_way(f"platform, {suffix[1:]}", words, suffix, options))
        if options.only != "platform":
            with tempfile.TemporaryDirectory(dir=FOLDER) as scratch:
                words = ["-m", "sanchi", "estimate", "--readings", str(files.readings[suffix])]
                words += ["--out", str(Path(scratch) / f"slots{suffix}"), "--channel", "export"]
                words += ["--from", str(DAY), "--to", str(DAY), "--json"]
                results.append(_way(f"sanchi estimate, {suffix[1:]}", words, suffix, options))
    if options.only != "estimate":
        words = ["-m", "bench.metering_parts.stages", str(files.vendor), str(options.meters)]
        results.append(_way("platform, vendor's table", words, ".csv", options))
    print(f"all ways agree: {'yes' if all(each == results[0] for each in results) else 'NO'}")
    print(", ".join(f"{method} {slots:,} slots {wh:,} Wh" for method, (slots, wh) in results[0].items()))


def _way(name: str, words: list[str], suffix: str, options: argparse.Namespace) -> dict[str, tuple[int, int]]:
    """Run a way several times, print what it took, and give what came out."""
    runs = [_run(words) for _ in range(options.runs)]
    wall_s = statistics.median(run.cost.wall_s for run in runs)
    cpu_s = statistics.median(run.cost.cpu_s for run in runs)
    peak_mb = max(run.cost.peak_mb or 0 for run in runs)
    bar = ""
    if options.meters == BAR_METERS:
        bar = f"<= {BARS_S[suffix]} s {'reached' if wall_s <= BARS_S[suffix] else 'NOT reached'}"
        if wall_s > BARS_S[suffix] >= cpu_s:
            bar += f", but by CPU (load average now {os.getloadavg()[0]:.1f})"
    print(f"{name:<32} {wall_s:>8.2f} {cpu_s:>8.2f} {peak_mb:>8,.0f} {options.meters * 48 / wall_s:>11,.0f}  {bar}")
    told = json.loads(runs[-1].stdout)
    if "stages" in told:
        print("    " + ", ".join(f"{stage} {wall:.2f} s" for stage, (wall, _) in told["stages"].items()))
    slots = told["slots"]
    return {
        method: tuple(slots[method]) if isinstance(slots[method], list) else tuple(slots[method].values())
        for method in ("measured", "recovered", "estimated", "missing")
    }


def _run(words: list[str]) -> Ended:
    """Run a process to its end."""
    ended = run_command([sys.executable, *words], ROOT)
    if ended.returncode != 0:
        raise SystemExit(f"bench: {' '.join(words)} failed\n{ended.stderr}")
    return ended


if __name__ == "__main__":
    main()
