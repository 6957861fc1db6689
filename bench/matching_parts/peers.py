"""Part `peers`: ASSUME and pymarket in their own environment, and ours, on the same orders.

Enters: cases, a limit of CPU seconds. Leaves: Figures. The peers' licences (AGPL-3.0, MIT) stay outside: they are
installed in .cache/peers-venv, run in processes of their own, and nothing of sanchi imports them.
"""

import json
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

from bench.environments import environment_failure, home_of
from bench.matching_parts.clock import RUNS, Cost
from bench.matching_parts.figures import Figure
from bench.matching_parts.orders import case_slots
from bench.matching_parts.ours import AS_A_DAY, our_figures

ROOT = Path(__file__).resolve().parents[2]
HOME = home_of("peers")
CASES = ("61x48", "1000", "10000", "100000")
PEERS = (
    ("assume", "pay_as_clear"),
    ("assume", "pay_as_bid"),
    ("assume", "complex_clearing"),
    ("pymarket", "p2p"),
    ("pymarket", "muda"),
    ("pymarket", "huang"),
)


def peer_figures(cases: tuple[str, ...], limit_s: float) -> Iterator[Figure]:
    """Measure ours and each peer case by case; a peer that passed the limit is not asked for more."""
    n_orders = {case: sum(slot.n_orders for slot in case_slots(case)) for case in cases}
    fastest: dict[tuple[str, str], Figure] = {}
    for case in cases:
        for figure in our_figures(case):
            _keep_fastest(fastest, case, figure)
            yield figure
    failure = environment_failure("peers")
    if failure:
        yield Figure(what="peers", n_orders=0, note=f"left out: {failure}")
        return
    for peer, mechanism in PEERS:
        is_over = ""
        for case in cases:
            what = f"{peer} {mechanism}, {case}"
            if is_over:
                yield Figure(what=what, n_orders=n_orders[case], note=f"not tried after {is_over}")
                continue
            figure, is_passed = _peer_figure(what, n_orders[case], [peer, mechanism, case], limit_s)
            is_over = case if is_passed else ""
            _keep_fastest(fastest, case, figure)
            yield figure
    for case in cases:
        for ours in ("sanchi", "day"):
            if (ours, case) in fastest:
                yield _ratio_figure(case, n_orders[case], fastest[ours, case], fastest.get(("peer", case)))


def _keep_fastest(fastest: dict[tuple[str, str], Figure], case: str, figure: Figure) -> None:
    """Keep the fastest of ours, of our day, and of the peers; an outcome without any energy is none."""
    if figure.cost is None or figure.what.startswith("limit") or figure.seen.get("sold_wh") == 0:
        return
    is_ours, is_day = figure.what.startswith("sanchi"), figure.what.startswith(AS_A_DAY)
    key = ("day" if is_day else "sanchi" if is_ours else "peer", case)
    kept = fastest.get(key)
    if kept is None or kept.cost is None or figure.cost.wall_s < kept.cost.wall_s:
        fastest[key] = figure


def _ratio_figure(case: str, n_orders: int, ours: Figure, peer: Figure | None) -> Figure:
    """Say how many times as many orders a second we match as the fastest peer of the case."""
    what = f"ratio, {case}"
    if ours.cost is None or peer is None or peer.cost is None:
        return Figure(what=what, n_orders=n_orders, note="no peer did it")
    times = peer.cost.wall_s / ours.cost.wall_s
    return Figure(what=what, n_orders=n_orders, bar=f"{times:,.2f} x", note=f"{ours.what} over {peer.what}")


def _peer_figure(what: str, n_orders: int, names: list[str], limit_s: float) -> tuple[Figure, bool]:
    """Run a peer in its process; give its figure and whether it passed the limit."""
    command = [str(HOME / "bin" / "python"), "-m", "bench.matching_parts.feed", *names, str(limit_s), str(RUNS)]
    # ASSUME leaves a log where it runs: let that be its own environment.
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
    if ended.returncode == -signal.SIGPROF:
        return Figure(what=what, n_orders=n_orders, note=f"not done in {limit_s:g} s of CPU"), True
    if ended.returncode != 0:
        lines = ended.stderr.strip().splitlines() or [f"exit code {ended.returncode}"]
        return Figure(what=what, n_orders=n_orders, note=f"failed: {lines[-1]}"), True
    told = json.loads(ended.stdout.splitlines()[-1])
    if "refused" in told:
        return Figure(what=what, n_orders=n_orders, note=f"not tried: {told['refused']}"), True
    cost = Cost(wall_s=told["wall_s"], cpu_s=told["cpu_s"], n_runs=told["n_runs"])
    return Figure(what=what, n_orders=n_orders, cost=cost, seen=told["seen"]), False
