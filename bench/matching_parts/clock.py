"""What a piece of work costs: median wall and CPU seconds of warm runs, and the peak memory of a process with its own.

Enters: a function, or a command. Leaves: Cost. Not here: what is measured.
"""

import os
import statistics
import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RUNS = 5
# A run shorter than this is repeated within itself, so that the clock's own steps do not count.
RUN_S_MIN = 0.05
WARM_UP_S_MAX = 10
POLL_S = 0.25


@dataclass(frozen=True, kw_only=True)
class Cost:
    """Medians over n_runs; peak_mb only of commands."""

    wall_s: float
    cpu_s: float
    n_runs: int
    peak_mb: float | None = None


def median_cost(function: Callable[[], Any], n_runs: int = RUNS) -> Cost:
    """Run once to warm up, then measure n_runs runs."""
    once_s = _run(function, 1)[0]
    if once_s < WARM_UP_S_MAX:
        # The first run may have compiled or read something, which tells nothing of how long the next ones take.
        once_s = _run(function, 1)[0]
    n_calls = max(1, round(RUN_S_MIN / max(once_s, 1e-9)))
    runs = [_run(function, n_calls) for _ in range(n_runs)]
    return Cost(
        wall_s=statistics.median(wall_s for wall_s, _ in runs),
        cpu_s=statistics.median(cpu_s for _, cpu_s in runs),
        n_runs=n_runs,
    )


def _run(function: Callable[[], Any], n_calls: int) -> tuple[float, float]:
    """Give wall and CPU seconds of one call, as the mean of n_calls."""
    cpu_before, before = time.process_time(), time.perf_counter()
    for _ in range(n_calls):
        function()
    wall_s, cpu_s = time.perf_counter() - before, time.process_time() - cpu_before
    return wall_s / n_calls, cpu_s / n_calls


@dataclass(frozen=True, kw_only=True)
class Ended:
    """How a command ended, what it printed and what it took; the CPU seconds hold those of its children."""

    returncode: int
    stdout: str
    stderr: str
    cost: Cost


def run_command(command: list[str], cwd: Path) -> Ended:
    """Run a command to its end; the peak is the largest sum over the process and its children (PSS)."""
    before = time.perf_counter()
    child = subprocess.Popen(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    peak = _Peak(child.pid)
    peak.start()
    texts = ["", ""]
    readers = [
        threading.Thread(target=_drain, args=(stream, texts, place))
        for place, stream in enumerate((child.stdout, child.stderr))
    ]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    _, status, used = os.wait4(child.pid, 0)
    wall_s = time.perf_counter() - before
    child.returncode = os.waitstatus_to_exitcode(status)
    peak.is_over.set()
    peak.join()
    # A process that lived between two looks is known by its own high-water mark alone.
    peak_mb = max(peak.kb, used.ru_maxrss) / 1024
    cost = Cost(wall_s=wall_s, cpu_s=used.ru_utime + used.ru_stime, n_runs=1, peak_mb=peak_mb)
    return Ended(returncode=child.returncode, stdout=texts[0], stderr=texts[1], cost=cost)


def _drain(stream: Any, texts: list[str], place: int) -> None:
    """Read a stream to its end and close it, so that neither side waits for the other."""
    with stream:
        texts[place] = stream.read()


class _Peak(threading.Thread):
    """Looks at the memory of a process and all below it until told that it is over."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self.pid, self.kb, self.is_over = pid, 0, threading.Event()

    def run(self) -> None:
        """Look every POLL_S seconds."""
        while not self.is_over.wait(POLL_S):
            self.kb = max(self.kb, sum(map(_pss_kb, [self.pid, *descendants(self.pid)])))


def descendants(pid: int) -> list[int]:
    """Give the processes below a process; those that end meanwhile are left out."""
    found = []
    for tasks in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(child) for child in tasks.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def _pss_kb(pid: int) -> int:
    """Give a process's proportional share of memory: pages that several map count once in all."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("Pss:")), 0)
