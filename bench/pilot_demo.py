"""Times the whole pilot from an empty folder to the audited summary, beside the least that its files cost.

Enters: the number of runs. Leaves: medians of wall seconds, CPU seconds and peak memory, and ratios. The limit reads
the sample's files and writes the lake's files again, each flushed to disk, with nothing computed in between.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "src" / "sanchi" / "sample"
WALL_S_MAX = 30  # what the pilot may take from empty to summary on two cores
PEAK_MB_MAX = 700


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """What a process took."""

    wall_s: float
    cpu_s: float
    peak_mb: float


def run_demo(home: Path) -> Cost:
    """Run the demo once in a process of its own."""
    before = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-m", "sanchi", "demo", "--home", str(home), "--no-serve"],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, used = os.wait4(child.pid, 0)
    assert os.waitstatus_to_exitcode(status) == 0, "the demo failed"
    return Cost(wall_s=time.perf_counter() - before, cpu_s=used.ru_utime + used.ru_stime, peak_mb=used.ru_maxrss / 1024)


def run_limit(home: Path, folder: Path) -> Cost:
    """Read all that is delivered and write all that is kept, and nothing else."""
    before, cpu_before = time.perf_counter(), time.process_time()
    for delivered in sorted(SAMPLE.rglob("*.parquet")):
        pq.read_table(delivered)
    for kept in sorted((home / "lake").rglob("*.parquet")):
        target = folder / kept.name
        with target.open("wb") as file:
            pq.write_table(pq.read_table(kept), file, compression="zstd")
            file.flush()
            os.fsync(file.fileno())
    peak_mb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return Cost(wall_s=time.perf_counter() - before, cpu_s=time.process_time() - cpu_before, peak_mb=peak_mb)


def main() -> None:
    """Run demo and limit in turn and print both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    n_runs = parser.parse_args().runs
    demos, limits = [], []
    for _ in range(n_runs):
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder) / "home"
            demos.append(run_demo(home))
            copies = Path(folder) / "copies"
            copies.mkdir()
            limits.append(run_limit(home, copies))
            shutil.rmtree(home)
    for name, costs in (("demo", demos), ("limit", limits)):
        wall_s, cpu_s, peak_mb = (
            statistics.median(getattr(cost, field) for cost in costs) for field in ("wall_s", "cpu_s", "peak_mb")
        )
        print(
            f"{name:<6} wall {wall_s:6.2f} s   CPU {cpu_s:6.2f} s   peak {peak_mb:5.0f} MB   ({n_runs} runs, medians)"
        )
    ratio = statistics.median(demo.wall_s / limit.wall_s for demo, limit in zip(demos, limits, strict=True))
    worst = max(demos, key=lambda cost: cost.wall_s)
    print(f"demo / limit {ratio:.1f}")
    print(f"worst demo {worst.wall_s:.1f} s of {WALL_S_MAX} s, {worst.peak_mb:.0f} of {PEAK_MB_MAX} MB")


if __name__ == "__main__":
    main()
