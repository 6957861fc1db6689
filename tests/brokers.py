"""A real broker for tests: Mosquitto on a free port of loopback, with a configuration and a memory of its own.

Enters: a folder. Leaves: a Broker that can be stopped and started again. Import the fixtures `broker` or `own_broker`.
"""

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HOST = "127.0.0.1"
START_WAIT_S = 20
# Debian keeps it where only root's PATH leads.
PROGRAM = shutil.which("mosquitto") or "/usr/sbin/mosquitto"


class Broker:
    """One Mosquitto; its sessions and queues survive a stop."""

    def __init__(self, folder: Path, *further: str) -> None:
        assert Path(PROGRAM).exists(), "Mosquitto is missing: scripts/test installs it"
        self.host = HOST
        self.port = free_port()
        self._folder = folder
        self._running: subprocess.Popen[bytes] | None = None
        lines = [
            f"listener {self.port} {HOST}",
            "allow_anonymous true",
            "persistence true",
            f"persistence_location {folder}/",
            "max_queued_messages 0",
            "log_dest none",
            *further,
        ]
        if os.geteuid() == 0:
            lines.append("user root")
        self._configuration = folder / "mosquitto.conf"
        self._configuration.write_text("\n".join(lines) + "\n")

    def start(self) -> None:
        assert self._running is None
        self._running = subprocess.Popen(
            [PROGRAM, "-c", str(self._configuration)],
            cwd=self._folder,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        end_s = time.monotonic() + START_WAIT_S
        while not _answers(self.port):
            assert self._running.poll() is None, "Mosquitto ended at once"
            assert time.monotonic() < end_s, "Mosquitto does not answer"
            time.sleep(0.01)

    def stop(self) -> None:
        """End it in peace: it writes its queues to disk."""
        if self._running is not None:
            self._running.terminate()
            self._running.wait(START_WAIT_S)
            self._running = None

    def kill(self) -> None:
        """End it without warning: what it did not write down is gone."""
        if self._running is not None:
            self._running.kill()
            self._running.wait(START_WAIT_S)
            self._running = None


def free_port() -> int:
    """Give a port of loopback that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _answers(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except OSError:
        return False
    return True


@contextmanager
def running_broker(folder: Path, *further: str) -> Iterator[Broker]:
    """Run a broker; further lines of its configuration may be given."""
    started = Broker(folder, *further)
    started.start()
    try:
        yield started
    finally:
        started.stop()


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Give a broker that all tests share: choose gateways and client names of your own."""
    with running_broker(tmp_path_factory.mktemp("broker")) as running:
        yield running


@pytest.fixture
def own_broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Broker]:
    """Give a broker to stop and start again."""
    with running_broker(tmp_path_factory.mktemp("own-broker")) as running:
        yield running
