"""The world outside of a soak: a Mosquitto, and `sanchi sandbox meters` in a process of its own.

Enter: a folder and how large the world is. Leave: a running world whose time is moved, and whose parts can be killed.
Not here: what sanchi does with it (chain).
"""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import requests

from tests.brokers import Broker, free_port

MOVE_S_MAX: Final = 600
# All that a gateway may have under way; a broker that is killed writes down every change.
BROKER_LINES: Final = ("max_inflight_messages 1000",)
LASTING_LINES: Final = (*BROKER_LINES, "autosave_on_changes true", "autosave_interval 1")
# No machine of a soak is slow in earnest: nothing is waited for but what is being sent.
QUICK_KEYS: Final = {
    'kind = "folder"': 'settle = "1ms"',
    'kind = "ct_cloud"': 'tries_max = 3\nbackoff = "1s"',
    'kind = "gateway_cloud"': 'tries_max = 3\nbackoff = "1s"',
    'kind = "mqtt"': 'reread_answer = "1s"\nreread_pause = "1s"',
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """How large a soak is, and where chance begins; without a plan, the shipped one."""

    seed: int
    first_date: date
    last_date: date
    n_homes: int
    plan: Path | None = None


@dataclass(slots=True, kw_only=True)
class Outside:
    """A broker and a sandbox; running() makes one. All ports stay the same when a part is started again."""

    folder: Path
    size: Size
    broker: Broker
    ports: list[int] = field(default_factory=lambda: [free_port() for _ in range(3)])
    sandbox: "subprocess.Popen[bytes] | None" = None

    @property
    def box(self) -> Path:
        """Name the folder of the sandbox."""
        return self.folder / "box"

    @property
    def configuration(self) -> Path:
        """Name the configuration of `sanchi collect`."""
        return self.box / "collect-quick.toml"

    def start_sandbox(self) -> None:
        """Start the sandbox and wait until it has told where everything is."""
        size = self.size
        command = [sys.executable, "-m", "sanchi", "sandbox", "meters", "--json", "--folder", str(self.box)]
        command += [
            "--seed",
            f"{size.seed}",
            "--homes",
            f"{size.n_homes}",
            "--broker",
            f"{self.broker.host}:{self.broker.port}",
        ]
        command += ["--from", f"{size.first_date}", "--to", f"{size.last_date}"]
        for name, port in zip(("ct", "br", "control"), self.ports, strict=True):
            command += [f"--{name}-port", f"{port}"]
        if size.plan is not None:
            command += ["--plan", str(size.plan)]
        with (self.folder / "sandbox.log").open("ab") as log:
            self.sandbox = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log)
        assert self.sandbox.stdout is not None, "stdout is a pipe"
        told = self.sandbox.stdout.readline()
        assert told, f"the sandbox ended: {(self.folder / 'sandbox.log').read_text()[-2_000:]}"
        assert json.loads(told)["folder"] == str(self.box)
        text = (self.box / "collect.toml").read_text()
        for line, further in QUICK_KEYS.items():
            text = text.replace(line, f"{line}\n{further}")
        self.configuration.write_text(text)

    def move(self, now: datetime) -> None:
        """Let time pass until an instant. Raises: OSError where the sandbox ends meanwhile."""
        answer = requests.post(
            f"http://127.0.0.1:{self.ports[2]}/control/clock", json={"now": now.isoformat()}, timeout=MOVE_S_MAX
        )
        assert answer.ok, answer.text

    def state(self) -> dict[str, Any]:
        """Ask what time it is and what could be had so far."""
        told: dict[str, Any] = requests.get(f"http://127.0.0.1:{self.ports[2]}/control/state", timeout=60).json()
        return told

    def kill_broker(self) -> None:
        """End the broker without warning, and start it again."""
        # What it was told last is on disk a moment later.
        time.sleep(0.3)
        self.broker.kill()
        self.broker.start()

    def kill_sandbox(self) -> None:
        """End the sandbox without warning."""
        assert self.sandbox is not None, "it runs"
        self.sandbox.kill()
        self.sandbox.wait()
        self._hang_up()

    def end(self) -> None:
        """End the sandbox in peace."""
        if self.sandbox is not None and self.sandbox.poll() is None:
            self.sandbox.terminate()
            try:
                self.sandbox.wait(30)
            except subprocess.TimeoutExpired:
                self.sandbox.kill()
                self.sandbox.wait()
        self._hang_up()

    def _hang_up(self) -> None:
        """Close what is left of the sandbox's output."""
        if self.sandbox is not None and self.sandbox.stdout is not None:
            self.sandbox.stdout.close()


@contextmanager
def running(folder: Path, size: Size, *, is_lasting: bool = False) -> Iterator[Outside]:
    """Run a world in a folder until the block ends; a lasting broker may be killed."""
    folder.mkdir(parents=True, exist_ok=True)
    broker_folder = folder / "broker"
    broker_folder.mkdir(exist_ok=True)
    lines = LASTING_LINES if is_lasting else BROKER_LINES
    outside = Outside(folder=folder.resolve(), size=size, broker=Broker(broker_folder.resolve(), *lines))
    outside.broker.start()
    try:
        outside.start_sandbox()
        yield outside
    finally:
        outside.end()
        outside.broker.stop()
