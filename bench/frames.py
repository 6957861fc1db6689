"""Measures the decoding of ECHONET Lite frames: ours, momonga and broute-j11 on the same frames in the same run.

Usage: scripts/bench frames [--frames N] [--runs N] [--json FILE]. Leaves: a table and, if asked, JSON. CPU seconds of
one process each, since a machine may be busy. Not here: any check of results (tests/core/metering/formats).
"""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from bench.environments import ROOT, environment_failure, home_of
from bench.frames_parts.material import BOUNDARY_S, LAYOUTS, day_history, frames_of, mixed
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, decode_frames, gateway_findings, read_frames

PEERS = ("momonga", "broute-j11")
FRAMES_PER_S_BAR = 150_000
RATIO_BAR = 5
N_GATEWAYS = 1_000
ONE_BY_ONE = 1 << 62
REMARKS = (
    "ours: decode_frames, from a list of GatewayFrames to columns of readings with stamps, units, addresses and counts",
    "by reason; power and current are checked and passed over there, since they are no readings. The peers give an",
    "object a frame with a float or Decimal a value; they know no gateway, no unit told on the way, no accounting.",
)


def main() -> None:
    """Measure, print, and say which bars were reached."""
    options = _options()
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(f"cores {cores}, load {load:.2f}, Python {platform.python_version()}, NumPy {np.__version__}")
    for remark in REMARKS:
        print(f"  {remark}")
    peers = {peer: _peer_rates(peer, max(1_000, options.frames // 10), options.runs) for peer in PEERS}
    print(f"\n{'frames per second of one core':<34}{'ours':>13}{'momonga':>13}{'broute-j11':>13}{'ratio':>9}")
    kept, missed = {}, []
    for layout in LAYOUTS:
        ours = _rate(_delivered(frames_of(layout, options.frames)), options.runs)
        theirs = [peers[peer].get(layout) for peer in PEERS]
        fastest = max((rate for rate in theirs if rate), default=None)
        ratio = ours / fastest if fastest else None
        print(_line(layout, ours, theirs, ratio))
        kept[layout] = {"ours": ours, **dict(zip(PEERS, theirs, strict=True)), "ratio": ratio}
        if ours < FRAMES_PER_S_BAR or ratio is None or ratio < RATIO_BAR:
            missed.append(layout)
    for name, frames, read in (
        ("all three, mixed", mixed(options.frames), decode_frames),
        ("the same, one by one", mixed(options.frames // 10), _one_by_one),
        ("histories of a day (48 counts)", [day_history(at) for at in range(options.frames // 100)], decode_frames),
    ):
        kept[name] = {"ours": _rate(_delivered(frames), options.runs, read)}
        print(_line(name, kept[name]["ours"], [None, None], None))
    print(f"\nbars: {FRAMES_PER_S_BAR:,} frames/s and {RATIO_BAR} x the faster peer; not reached: {missed or 'none'}")
    if options.json:
        options.json.write_text(json.dumps(kept, indent=1) + "\n")


def _delivered(frames: Sequence[bytes]) -> list[GatewayFrame]:
    """Deliver frames from many gateways, told on the half hour."""
    return [
        GatewayFrame(received_s=BOUNDARY_S + 2, gateway=f"gw-{at % N_GATEWAYS:04d}", sent_s=BOUNDARY_S, frame=frame)
        for at, frame in enumerate(frames)
    ]


def _one_by_one(frames: Sequence[GatewayFrame]) -> object:
    """Decode without batches, as uncommon frames are."""
    findings = gateway_findings((each.gateway for each in frames), len(frames))
    record_no = np.arange(1, len(frames) + 1, dtype=np.int64)
    read_frames(frames, record_no, findings, least_alike_count=ONE_BY_ONE)
    return findings.gathered()


def _rate(
    frames: Sequence[GatewayFrame], n_runs: int, read: Callable[[Sequence[GatewayFrame]], object] = decode_frames
) -> float:
    """Give the frames a second of CPU: the median of warm runs."""
    runs = []
    for _ in range(n_runs + 1):
        before = time.process_time()
        read(frames)
        runs.append(time.process_time() - before)
    return len(frames) / statistics.median(runs[1:])


def _peer_rates(peer: str, n_frames: int, n_runs: int) -> dict[str, float]:
    """Measure a peer in a process of its own environment; {} with a line on why where that cannot be."""
    failure = environment_failure("oracles")
    if failure:
        print(f"  {peer} left out: {failure}")
        return {}
    command = [str(home_of("oracles") / "bin" / "python"), "-m", "bench.frames_parts.feed"]
    ended = subprocess.run(
        [*command, peer, str(n_frames), str(n_runs)],
        cwd=home_of("oracles"),
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        print(f"  {peer} failed: {ended.stderr.strip().splitlines()[-1]}")
        return {}
    return {layout: n_frames / cpu_s for layout, cpu_s in json.loads(ended.stdout).items()}


def _line(name: str, ours: float, theirs: Sequence[float | None], ratio: float | None) -> str:
    """Write a line of the table."""
    cells = [f"{ours:,.0f}", *(f"{rate:,.0f}" if rate else "" for rate in theirs)]
    return f"{name:<34}" + "".join(f"{cell:>13}" for cell in cells) + (f"{ratio:>8.1f}x" if ratio else "")


def _options() -> argparse.Namespace:
    """Read what was asked for."""
    parser = argparse.ArgumentParser(prog="scripts/bench frames", description=__doc__.partition("\n")[0])
    parser.add_argument("--frames", type=int, default=300_000, help="of each layout; the peers get a tenth")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a file for the figures")
    return parser.parse_args()


if __name__ == "__main__":
    main()
