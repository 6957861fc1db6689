"""Runs one peer on one case and prints what it cost and what it made, as JSON; runs in the peers' own environment.

Usage: python -m bench.matching_parts.feed PEER MECHANISM CASE LIMIT_S RUNS. A run that passes LIMIT_S of CPU ends the
process with SIGPROF: the signal ends compiled solvers too, and no peer can swallow it.
"""

import importlib
import json
import signal
import statistics
import sys
import time

from bench.matching_parts.orders import case_slots, judged


def main() -> None:
    """Run the case once under the limit, which warms up, then as often as asked."""
    peer, mechanism, case, limit_s, n_runs = sys.argv[1:]
    engine = importlib.import_module(f"bench.matching_parts.feed_{peer}")
    slots = case_slots(case)
    reason = engine.reason_not_to_try(mechanism, slots)
    if reason:
        print(json.dumps({"refused": reason}))
        return
    signal.setitimer(signal.ITIMER_PROF, float(limit_s))
    raw = engine.clear(mechanism, slots)
    signal.setitimer(signal.ITIMER_PROF, 0)
    costs = []
    for _ in range(int(n_runs)):
        cpu_before, before = time.process_time(), time.perf_counter()
        raw = engine.clear(mechanism, slots)
        costs.append((time.perf_counter() - before, time.process_time() - cpu_before))
    wall_s, cpu_s = (statistics.median(column) for column in zip(*costs, strict=True))
    seen = judged(slots, engine.outcome(slots, raw))
    print(json.dumps({"wall_s": wall_s, "cpu_s": cpu_s, "n_runs": int(n_runs), "seen": seen}))


if __name__ == "__main__":
    main()
