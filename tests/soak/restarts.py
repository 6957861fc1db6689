"""The same chain, in which processes are killed at seeded instants and started again.

Enter: what a Chain is given, and a seed. Leave: the same books, if restarts change nothing. Not here: comparing them.
A step that is to be disturbed begins as the real command in a process of its own and is killed; then it is done again.
"""

import random
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

import requests

from sanchi.core.base.months import Month
from tests.soak.chain import Chain
from tests.start.homes import Home

CHANCE: Final = 0.2
BROKER_CHANCE: Final = 0.03
# How long a command takes at first; learned from those that end before they are killed.
COMMAND_S: Final = 2.0
TRIES: Final = 60


@dataclass(slots=True, kw_only=True)
class DisturbedChain(Chain):
    """A chain whose processes are killed; killed counts them by command, and `ended` those that were quicker."""

    chance: random.Random
    killed: Counter[str] = field(default_factory=Counter)
    lasts_s: dict[str, float] = field(default_factory=dict)

    def collect(self) -> None:
        """Collect, killed before."""
        if self.chance.random() < BROKER_CHANCE:
            self.outside.kill_broker()
            self.killed["broker"] += 1
        configuration, inbox = str(self.outside.configuration), str(self.inbox_folder)
        self._disturb("collect", "--config", configuration, "--inbox", inbox, "--once", "--now", self.now.isoformat())
        Chain.collect(self)

    def ingest(self) -> None:
        """Take files in, killed before."""
        self._disturb("ingest", "--inbox", str(self.inbox_folder), *self._place(), often=True)
        Chain.ingest(self)

    def close(self, day: date) -> None:
        """Close a day, killed before."""
        self._disturb("close-day", f"{day}", *self._place())
        Chain.close(self, day)

    def revise(self) -> None:
        """Close days again, killed before."""
        self._disturb("close-day", "--revise", *self._place(), often=True)
        Chain.revise(self)

    def close_month(self, month: Month) -> None:
        """Finalise a month, killed before."""
        self._disturb("close-month", f"{month}", "--on", f"{self.now.date()}", *self._place(), often=True)
        Chain.close_month(self, month)

    def move(self, now: datetime) -> None:
        """Let time pass; the sandbox may be killed meanwhile, and goes on where it was."""
        timer = None
        if self.chance.random() < CHANCE / 2:
            timer = threading.Timer(self.chance.uniform(0, 0.3), self.outside.kill_sandbox)
            timer.start()
        for _ in range(TRIES):
            try:
                Chain.move(self, now)
            except (OSError, AssertionError, requests.RequestException):
                if timer is None:
                    # Gateways come back to a broker that was started again by and by.
                    time.sleep(1)
                else:
                    self._bring_back(timer)
                    timer = None
            else:
                break
        else:
            raise TimeoutError(f"the sandbox does not reach {now}")
        if timer is not None:
            self._bring_back(timer)

    def _bring_back(self, timer: threading.Timer) -> None:
        """Wait for the end of the sandbox and start it again."""
        timer.join()
        self.outside.start_sandbox()
        self.killed["sandbox"] += 1

    def _place(self) -> tuple[str, ...]:
        return "--home", str(self.home_folder)

    def _disturb(self, *command: str, often: bool = False) -> None:
        """Begin a command as a process and kill it, if chance says so."""
        if self.chance.random() > (3 * CHANCE if often else CHANCE):
            return
        verb = command[0]
        lasts_s = self.lasts_s.get(verb, COMMAND_S)
        began_s = time.monotonic()
        with subprocess.Popen(
            [sys.executable, "-m", "sanchi", *command],
            env=Home(folder=self.home_folder).environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        ) as process:
            try:
                process.wait(lasts_s * self.chance.uniform(0.3, 1.05))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.killed[verb] += 1
                self.lasts_s[verb] = lasts_s * 1.03
            else:
                self.killed[f"{verb} ended before"] += 1
                self.lasts_s[verb] = time.monotonic() - began_s
