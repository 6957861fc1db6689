"""Measures the filling of gaps on measured homes, beside the plain ways to fill one, and how long it takes.

Enters: the homes of sgsc_halfhour, a seed, how many gaps a length. Leaves: mean absolute errors of the slots inside
gaps in percent of the homes' mean load. All methods see the same gaps. docs/reference/filling.md tells the cases.
"""

import argparse
import os
import time
from pathlib import Path

from bench.vee_parts.cases import CASES, Case, Error, errors_of
from bench.vee_parts.homes import Homes, draw_gaps, read_homes

ROOT = Path(__file__).resolve().parent.parent
LENGTHS = (2, 8, 16, 48)
BASELINE = "like-day mean"
OURS = "sanchi"


def print_case(case: Case, homes: Homes, home_indexes: list[int], n_gaps: int, seed: int) -> None:
    """Draw the gaps of each length and print one line a method."""
    print(f"\n{case.title}")
    found: dict[int, dict[str, Error]] = {}
    for n_slots in LENGTHS:
        gaps = draw_gaps(homes, home_indexes, n_slots, n_gaps, seed)
        found[n_slots] = errors_of(case, homes, gaps, n_slots)
    print(f"  {'slots':<28}" + "".join(f"{n_slots:>9}" for n_slots in LENGTHS))
    for method in found[LENGTHS[0]]:
        print(f"  {method:<28}" + "".join(f"{found[n_slots][method].percent:9.1f}" for n_slots in LENGTHS))
    beside = [found[n_slots][OURS].beside(found[n_slots][BASELINE]) for n_slots in LENGTHS]
    print(f"  {f'{OURS} beside {BASELINE}':<28}" + "".join(f"{100 * ratio:+8.1f}%" for ratio, _ in beside))
    print(f"  {'standard error of that':<28}" + "".join(f"{100 * error:8.1f}%" for _, error in beside))
    bias = [found[n_slots][OURS].bias_percent for n_slots in LENGTHS]
    print(f"  {f'{OURS}: energy off by':<28}" + "".join(f"{percent:+8.1f}%" for percent in bias))


def print_speed(homes: Homes, seed: int) -> None:
    """Time the rule alone on 250 gaps of each length."""
    total_s = 0.0
    for n_slots in LENGTHS:
        gaps = draw_gaps(homes, list(range(homes.n_homes)), n_slots, 250, seed)
        prepared = [CASES[0].prepare(homes, gap, n_slots) for gap in gaps]
        before = time.process_time()
        for one in prepared:
            one.fill()
        total_s += time.process_time() - before
    print(f"\n1,000 gaps, 250 of each length: {total_s:.2f} s of CPU")


def main() -> None:
    """Read the homes and print every case for the half that constants were not chosen on, and for all."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--gaps", type=int, default=800, help="gaps of each length")
    parser.add_argument("--seed", type=int, default=2013)
    shared = Path(os.environ.get("SANCHI_SHARED", ROOT.parent / "shared"))
    parser.add_argument("--readings", type=Path, default=shared / "data" / "sgsc_halfhour" / "readings.parquet")
    chosen = parser.parse_args()
    if not chosen.readings.exists():
        print(f"vee: {chosen.readings} is not there; name the file with --readings")
        return
    homes = read_homes(chosen.readings)
    print(f"{homes.n_homes} homes, {chosen.gaps} gaps a length, seed {chosen.seed}; errors in % of mean load")
    # Homes of even position served to choose the constants; the others and all together are reported.
    for name, home_indexes in (
        ("homes not chosen on", list(range(1, homes.n_homes, 2))),
        ("all homes", list(range(homes.n_homes))),
    ):
        print(f"\n== {name} ({len(home_indexes)})")
        for case in CASES:
            print_case(case, homes, home_indexes, chosen.gaps, chosen.seed)
    print_speed(homes, chosen.seed)


if __name__ == "__main__":
    main()
