"""Play a sandbox through the whole chain in fast time: its servers, a real broker, collect, ingest, close.

    python -m tests.soak.play_sandbox SEED DAYS FOLDER [HOMES]

Enters: a seed and a number of days. Leaves: FOLDER/sandbox with its truth, FOLDER/home with closed days, for
`sanchi sandbox score`. Not here: scoring.
"""

import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path

from sanchi.app.sandbox_order import SandboxOrder
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST
from sanchi.edge.sandbox.period import SLOT_S
from sanchi.start.opening import StartOpening
from tests.brokers import Broker, running_broker

FIRST_DATE = date(2020, 11, 20)
SLOTS_PER_DAY = 48
ROUNDS_AFTER_END = 5 * SLOTS_PER_DAY + 12  # what devices keep for up to five days, and clouds for hours


def play(seed: int, n_days: int, folder: Path, n_homes: int | None = None) -> None:
    """Play a sandbox until its last day is over and what it sent late has come; then close all days."""
    folder.mkdir(parents=True, exist_ok=True)
    door = StartOpening()
    door.create(folder / "home")
    installation = door.installation(folder / "home")
    (folder / "broker").mkdir(exist_ok=True)
    with running_broker(folder / "broker", "max_inflight_messages 1000") as broker:
        _play_days(seed, n_days, folder, n_homes, installation, broker)
    market_id = MarketId(f"sandbox-{seed}")
    _timed("close", lambda: _close_days(installation, market_id, n_days))


def _play_days(
    seed: int, n_days: int, folder: Path, n_homes: int | None, installation: Installation, broker: Broker
) -> None:
    """Let the days pass, half hour by half hour, and take in what came after each day."""
    from sanchi.edge.connectors.collecting import Collector
    from sanchi.edge.connectors.configuration import read_configuration
    from sanchi.edge.connectors.inbox import Inbox
    from sanchi.edge.connectors.pace import Pace
    from sanchi.edge.sandbox.sandbox import Sandbox, ordered_world

    logging.getLogger("sanchi").setLevel(logging.CRITICAL)
    sample = StartOpening().sample()
    order = SandboxOrder(
        folder=folder / "sandbox",
        seed_no=seed,
        first_date=FIRST_DATE,
        last_date=FIRST_DATE + timedelta(days=n_days - 1),
        home_count=n_homes,
        broker=f"{broker.host}:{broker.port}",
    )
    sandbox = Sandbox(order, ordered_world(order, sample), sample)
    sandbox.start()
    _take(installation, folder / "sandbox" / "market")
    settings = read_configuration(folder / "sandbox" / "collect.toml", os.environ, None)
    now = lambda: datetime.fromtimestamp(sandbox.clock.now_s, tz=JST)  # noqa: E731 - a clock, not a rule
    told: set[str] = set()
    with Inbox(folder / "inbox", now).opened() as inbox:
        # The sessions of the broker begin before the first frame.
        collector = Collector(settings, inbox, Pace(sleep=lambda pause_s: time.sleep(min(pause_s, 0.01))))
        collector.round()
        for day in range(n_days + 1):
            began = time.monotonic()
            for _ in range(SLOTS_PER_DAY if day < n_days else ROUNDS_AFTER_END):
                sandbox.move(sandbox.clock.now_s + SLOT_S)
                collector.round()
            collected = time.monotonic()
            for told_folder in sorted(set(map(str, (folder / "sandbox" / "announced").glob("*"))) - told):
                _take(installation, Path(told_folder))
                told.add(told_folder)
            counts = _take_inbox(installation, folder / "inbox")
            took = f"{collected - began:.1f} s collect, {time.monotonic() - collected:.1f} s ingest"
            say(f"day {day + 1}: {dict(counts)}, {took}")
        collector.close()
    sandbox.stop()


def _take(installation: Installation, path: Path) -> None:
    """Take a folder of master data in."""
    from sanchi.app.ingest import ingest_delivery

    for _ in ingest_delivery(installation, installation.open_delivery(path), None):
        pass


def _take_inbox(installation: Installation, folder: Path) -> Counter[str]:
    """Take the inbox in, and count what came of its files."""
    from sanchi.app.ingest_inbox import RefusedFile, ingest_inbox

    counts: Counter[str] = Counter()
    for report in ingest_inbox(installation, folder, None):
        counts["refused" if isinstance(report, RefusedFile) else "taken"] += 1
        if isinstance(report, RefusedFile):
            say(f"refused: {report.file_name}: {report.error}")
    return counts


def _close_days(installation: Installation, market_id: MarketId, n_days: int) -> None:
    """Close every day once."""
    from sanchi.edge.cli.close_day import close_days

    close_days(installation, market_id, f"{FIRST_DATE}..{FIRST_DATE + timedelta(days=n_days - 1)}")


def say(text: str) -> None:
    """Write a line at once: who plays for minutes is watched."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _timed(name: str, step: Callable[[], None]) -> None:
    """Tell how long a step took."""
    began = time.monotonic()
    step()
    say(f"{name}: {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    play(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else None)
