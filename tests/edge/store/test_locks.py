"""A step has one owner; the living keep it, the dead lose it."""

import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import datetime

import pytest

from sanchi.core.base.errors import StepBusy
from sanchi.core.base.slots import JST
from sanchi.edge.store.locks import DjangoLocks, owner_name
from sanchi.edge.store.opening import DjangoStores
from sanchi.edge.store.sql import execute, fetch, stored_instant
from tests.edge.store.stored_market import MARKET

STEP, SUBJECT = "close-day", "2020-12-05"


@pytest.fixture
def locks(home: DjangoStores) -> DjangoLocks:
    return home.locks


@pytest.fixture
def living() -> Iterator[int]:
    """Start a process that lives until its input ends."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        yield process.pid
        process.communicate(b"\n")


def dead_owner() -> str:
    """Name a process that has just ended."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        name = owner_name(process.pid)
        process.communicate(b"\n")
    return name


def held_by(owner: str) -> None:
    execute(
        "INSERT INTO step_lock (market, step, subject, owner, since) VALUES (%s, %s, %s, %s, %s)",
        [MARKET, STEP, SUBJECT, owner, stored_instant(datetime(2020, 12, 6, 10, 0, tzinfo=JST))],
    )


def owners() -> list[str]:
    return [owner for (owner,) in fetch("SELECT owner FROM step_lock")]


class TestLock:
    def test_is_held_while_the_block_runs(self, locks: DjangoLocks):
        with locks.hold(MARKET, STEP, SUBJECT):
            assert owners() == [owner_name(os.getpid())]

        assert owners() == []

    def test_is_given_back_when_the_block_fails(self, locks: DjangoLocks):
        with pytest.raises(ZeroDivisionError), locks.hold(MARKET, STEP, SUBJECT):
            raise ZeroDivisionError

        assert owners() == []

    def test_of_another_subject_is_free(self, locks: DjangoLocks):
        with locks.hold(MARKET, STEP, SUBJECT), locks.hold(MARKET, STEP, "2020-12-06"):
            assert len(owners()) == 2

    def test_is_not_taken_twice_by_the_same_process(self, locks: DjangoLocks):
        with locks.hold(MARKET, STEP, SUBJECT):
            with pytest.raises(StepBusy), locks.hold(MARKET, STEP, SUBJECT):
                pytest.fail("the step had two owners")
            assert owners() == [owner_name(os.getpid())]

    def test_of_a_living_process_is_refused(self, locks: DjangoLocks, living: int):
        held_by(owner_name(living))
        owner = f"process {living} on {socket.gethostname()} since 2020-12-06 10:00:00 JST"
        said = f"close-day 2020-12-05 of market tokyo.*{owner}.*Wait"

        with pytest.raises(StepBusy, match=said), locks.hold(MARKET, STEP, SUBJECT):
            pytest.fail("the step had two owners")

        assert owners() == [owner_name(living)]

    def test_of_a_dead_process_is_taken_over(self, locks: DjangoLocks):
        held_by(dead_owner())

        with locks.hold(MARKET, STEP, SUBJECT):
            assert owners() == [owner_name(os.getpid())]

        assert owners() == []

    def test_of_a_process_whose_number_was_given_again_is_taken_over(self, locks: DjangoLocks, living: int):
        host, number, _ = owner_name(living).rsplit(":", 2)
        held_by(f"{host}:{number}:1")

        with locks.hold(MARKET, STEP, SUBJECT):
            assert owners() == [owner_name(os.getpid())]

    def test_of_a_living_process_of_another_user_is_refused(self, locks: DjangoLocks, monkeypatch: pytest.MonkeyPatch):
        def refuse(process_no: int, signal: int) -> None:
            raise PermissionError(process_no, signal)

        monkeypatch.setattr("os.kill", refuse)
        held_by(f"{socket.gethostname()}:{2**30}:77")

        with pytest.raises(StepBusy), locks.hold(MARKET, STEP, SUBJECT):
            pytest.fail("the step had two owners")

    def test_of_another_machine_is_refused(self, locks: DjangoLocks):
        held_by("elsewhere:1:1")

        with pytest.raises(StepBusy, match="process 1 on elsewhere"), locks.hold(MARKET, STEP, SUBJECT):
            pytest.fail("the step had two owners")

    def test_comes_before_the_transaction(self, home: DjangoStores):
        with home.transaction(), pytest.raises(AssertionError, match="before the transaction"):
            home.locks.hold(MARKET, STEP, SUBJECT).__enter__()


class TestOwnerName:
    def test_says_when_its_process_started(self, living: int):
        host, number, start = owner_name(living).rsplit(":", 2)

        assert (host, number) == (socket.gethostname(), str(living))
        assert int(start) > 0

    def test_of_no_process_has_no_start(self):
        assert owner_name(2**30).endswith(f"{2**30}:")
