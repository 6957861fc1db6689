"""One writer per market-day and step: a row that names its owner and since when.

Enter: market, step, subject. Leaves: a block that holds them. Not here: the transaction of the step's own work.
"""

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.db import IntegrityError, connection

from sanchi.core.base.errors import StepBusy
from sanchi.core.base.ids import MarketId
from sanchi.edge.store.sql import execute, fetch, read_instant, stored_instant
from sanchi.edge.store.transactions import transaction

_PROCESSES: Final = Path("/proc")
# What follows the name of the program in /proc/PID/stat begins with field 3; the start of the process is field 22.
_START_FIELD: Final = 22 - 3
_LOCK: Final = "market = %s AND step = %s AND subject = %s"


class DjangoLocks:
    """Keeps the locks of all markets in the database."""

    @contextmanager
    def hold(self, market_id: MarketId, step: str, subject: str) -> Iterator[None]:
        """Hold a step while the block runs; StepBusy names the other owner and since when.

        A lock whose owner died on this machine is taken over: its transaction died with it.
        """
        assert not connection.in_atomic_block, "a lock is taken before the transaction of its step begins"
        lock = (market_id, step, subject)
        own_name = owner_name(os.getpid())
        if not _take(lock, own_name):
            _remove_if_dead(lock)
            if not _take(lock, own_name):
                raise _busy(lock)
        try:
            yield
        finally:
            execute(f"DELETE FROM step_lock WHERE {_LOCK} AND owner = %s", [*lock, own_name])


def _is_alive(owner: str) -> bool:
    """Tell whether an owner may still be at work: it is elsewhere, or its process is here and the same as then."""
    host, process_no, start = owner.rsplit(":", 2)
    if host != socket.gethostname():
        return True
    try:
        os.kill(int(process_no), 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass  # It lives, though under another user.
    return _start_of(int(process_no)) in {start, ""}


def owner_name(process_no: int) -> str:
    """Name a process of this machine for all time: host:process:start, as a number may be given again."""
    return f"{socket.gethostname()}:{process_no}:{_start_of(process_no)}"


def _start_of(process_no: int) -> str:
    """Give when a process started [clock ticks since the machine did]; empty when this machine does not say."""
    try:
        stat = (_PROCESSES / str(process_no) / "stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The name of the program stands in parentheses and may hold anything, parentheses too.
    return stat.rpartition(")")[2].split()[_START_FIELD]


def _take(lock: tuple[str, str, str], own_name: str) -> bool:
    """Write the lock's row; False when there is one already."""
    # On SQLite the insert would wait until the owner's step is done; reading waits for nobody.
    if _holders(lock):
        return False
    try:
        with transaction():
            execute(
                "INSERT INTO step_lock (market, step, subject, owner, since) VALUES (%s, %s, %s, %s, %s)",
                [*lock, own_name, stored_instant(datetime.now(UTC))],
            )
    except IntegrityError:
        return False
    return True


def _remove_if_dead(lock: tuple[str, str, str]) -> None:
    """Remove the lock of a process of this machine that is no more."""
    for owner, _ in _holders(lock):
        if not _is_alive(owner):
            execute(f"DELETE FROM step_lock WHERE {_LOCK} AND owner = %s", [*lock, owner])


def _holders(lock: tuple[str, str, str]) -> list[tuple[str, datetime]]:
    """Give owner and beginning of a lock; nothing when it is free."""
    rows = fetch(f"SELECT owner, since FROM step_lock WHERE {_LOCK}", lock)
    return [(owner, read_instant(since)) for owner, since in rows]


def _busy(lock: tuple[str, str, str]) -> StepBusy:
    """Word who is at work and what to do."""
    market_id, step, subject = lock
    what = f"{step} {subject} of market {market_id} is being worked on"
    for owner, since in _holders(lock):
        host, process_no, _ = owner.rsplit(":", 2)
        return StepBusy(
            f"{what} by process {process_no} on {host} since {since:%Y-%m-%d %H:%M:%S %Z}.",
            hint=f"Wait until it has ended and run this again; is {host} gone for good, delete its row of step_lock.",
        )
    return StepBusy(f"{what} by a process that has just ended.", hint="Run this again.")
