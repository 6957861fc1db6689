"""Scores the search for faults on the sandbox's truth: the table per kind, what was missed, what was invented.

Usage: scripts/bench faults [--seeds 1 2 3] [--homes N]. All of it goes through the real decoders, without servers:
polls every half hour, frames as they arrive, days with holes read again from the meters. Not here: real files (tests).
"""

import argparse
import time
from datetime import datetime

from bench.fault_parts.played import play
from sanchi.core.base.slots import JST
from sanchi.core.metering.faults.detection import find_faults
from sanchi.core.metering.faults.scoring import score, score_lines


def stamp(at_s: int | None) -> str:
    """Write an instant."""
    return "goes on" if at_s is None else f"{datetime.fromtimestamp(at_s, JST):%Y-%m-%d %H:%M}"


def main() -> None:
    """Score each seed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--homes", type=int, default=24)
    options = parser.parse_args()
    for seed in options.seeds:
        observations, truth = play(seed, options.homes)
        begin_s = time.perf_counter()
        found = find_faults(observations)
        took_s = time.perf_counter() - begin_s
        table = score(found, truth, observations.now_s)
        print(f"seed {seed}, {options.homes} homes, {observations.rows.row_count:,} rows searched in {took_s:.1f} s")
        print("\n".join(score_lines(table)))
        for one in table.missed:
            print("missed  ", one.kind, one.device or one.connector, stamp(one.first_s), stamp(one.last_s))
        for other in table.invented:
            place = other.device or other.connector
            print("invented", other.kind, place, stamp(other.first_s), stamp(other.last_s), "; ".join(other.evidence))


if __name__ == "__main__":
    main()
