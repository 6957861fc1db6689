"""Waiting, chance and the clock as things that are handed in, so that a test or a replay owns them.

Enter: seconds. Leave: instants, pauses, numbers in [0, 1). Not here: what is waited for.
"""

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from threading import Event
from typing import Final

from sanchi.core.base.slots import JST

Clock = Callable[[], datetime]

BACKOFF_GROWTH: Final = 2
# Half of a pause is chance: what was refused together shall not come back together.
JITTER_SHARE: Final = 0.5


def machine_clock() -> datetime:
    """Ask the clock of this machine."""
    return datetime.now(JST)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How a connector waits, and how it is told to end."""

    stop: Event = field(default_factory=Event)
    monotonic_s: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    sleep: Callable[[float], object] | None = None

    @property
    def is_over(self) -> bool:
        """Tell whether the process was asked to end."""
        return self.stop.is_set()

    def wait(self, pause_s: float) -> None:
        """Wait, but not beyond the end of the process."""
        if self.sleep is None:
            self.stop.wait(pause_s)
        else:
            self.sleep(pause_s)

    def backoff_s(self, failure_count: int, first_s: float, longest_s: float) -> float:
        """Give the pause after so many failures in a row (1 = the first): doubled each time, bounded, with chance."""
        pause_s = min(longest_s, first_s * BACKOFF_GROWTH ** min(failure_count - 1, 30))
        return pause_s * (1 - JITTER_SHARE * self.chance())
