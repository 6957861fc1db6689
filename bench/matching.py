"""Measures matching: the kernel, the peers on the same orders, a fleet's day; each beside its limit and its bar.

Usage: scripts/bench matching [--only kernel|peers|fleet] [--homes N] [--runs N] [--limit-s S] [--json FILE].
Leaves: a table and, if asked, JSON. Not here: any check of our own results (see tests).
"""

import argparse
import json
import os
import platform
from collections.abc import Callable, Iterator
from pathlib import Path

import numba
import numpy as np
import pyarrow as pa

from bench.matching_parts.figures import Figure, heading
from bench.matching_parts.fleet import fleet_figures
from bench.matching_parts.kernel import kernel_figures
from bench.matching_parts.peers import CASES, peer_figures

REMARKS = {
    "kernel": (
        "warm, medians; sort and lists included; x limit = CPU over one compiled pass over the same arrays",
        "one slot: up to the published table, then with all rows; by match_day where the kernel has no steps to call",
    ),
    "peers": (
        "ours: from arrays in memory to all rows; the peers' times hold the making of their own order objects,",
        "since that is how they must be fed. Eating matches named partners whatever the prices, so it may trade more",
        "or less than the crossing; the peers know no named partners, uniform_price is comparable to pay-as-clear.",
        "Oversold = orders that gave more than they offered; paid over received = 1 where no money is made or lost.",
    ),
    "fleet": (
        "from the command's start to its end, files to files; x limit = CPU over reading the same supply, one compiled",
        "pass, writing the same rows with the same settings on 2 threads; peak = largest sum over all processes (PSS)",
    ),
}


def main() -> None:
    """Measure the parts asked for, and print as it goes."""
    options = _options()
    parts: dict[str, Callable[[], Iterator[Figure]]] = {
        "kernel": lambda: kernel_figures(options.homes),
        "peers": lambda: peer_figures(tuple(options.cases.split(",")), options.limit_s),
        "fleet": lambda: fleet_figures(options.homes, options.runs),
    }
    machine = {
        "cores": os.cpu_count(),
        "load_at_start": os.getloadavg(),
        "python": platform.python_version(),
        **{package.__name__: package.__version__ for package in (np, numba, pa)},
    }
    print(f"machine: {', '.join(f'{name} {value}' for name, value in machine.items())}")
    kept = {}
    for name in [options.only] if options.only else list(parts):
        print(heading(f"== {name}, load average {os.getloadavg()[0]:.2f}", *REMARKS[name]), flush=True)
        kept[name] = []
        for figure in parts[name]():
            print(figure.line(), flush=True)
            kept[name].append(figure)
    load_at_end = os.getloadavg()
    print(f"\nload average at the end: {', '.join(f'{load:.2f}' for load in load_at_end)}")
    missed = [figure.what.strip() for figures in kept.values() for figure in figures if figure.is_reached is False]
    print(f"bars not reached: {'; '.join(missed) or 'none of those measured'}")
    if options.json:
        told = {name: [figure.values() for figure in figures] for name, figures in kept.items()}
        machine["load_at_end"] = load_at_end
        options.json.write_text(json.dumps({"machine": machine, **told}, indent=1) + "\n")


def _options() -> argparse.Namespace:
    """Read what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench matching", description=__doc__.partition("\n")[0])
    parser.add_argument("--only", choices=("kernel", "peers", "fleet"))
    parser.add_argument("--homes", type=int, default=7_000_000, help="of the fleet, and of the kernel's growth at most")
    parser.add_argument("--runs", type=int, default=1, help="of the fleet's command; all else is run five times")
    parser.add_argument("--cases", default=",".join(CASES), help="of the peers: ORDERSxSLOTS or ORDERS, with commas")
    parser.add_argument("--limit-s", type=float, default=30, help="CPU seconds that a run of a peer may take")
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
