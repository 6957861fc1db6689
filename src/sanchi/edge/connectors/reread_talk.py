"""The talk with one gateway about days to read again: one day at a time, as a meter keeps one choice.

Enter: orders, frames heard, seconds passed. Leave: frames to send, outcomes. Not here: the broker.
"""

from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from sanchi.app.collect import RereadOrder, RereadOutcome, RereadState
from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.echonet_frames import TRANSACTION_NO_MAX
from sanchi.core.metering.formats.history_requests import HISTORY_DAYS_MAX, day_history_requests
from sanchi.edge.connectors.pace import Clock

TRIES_MAX: Final = 2
# The meter's clock may be off by as much; around midnight "yesterday" would be another day for it.
MIDNIGHT_MARGIN: Final = timedelta(minutes=2)
SET_DONE: Final = 0x71
SET_REFUSED: Final = 0x51
GET_DONE: Final = frozenset({0x72, 0x52})  # with SNA the values that did succeed stand in the answer too
HEAD_BYTES: Final = 12


@dataclass(frozen=True, slots=True)
class _Sent:
    """A request that waits for its answer."""

    transaction_no: int
    is_set: bool
    until_s: float


class Talk:
    """Goes through the orders of one gateway."""

    def __init__(
        self,
        orders: Iterable[RereadOrder],
        *,
        answer_s: float,
        pause_s: float,
        now: Clock,
        next_no: Callable[[], int],
    ) -> None:
        """Say nothing yet; next_no gives even transaction numbers."""
        self._waiting = deque(orders)
        self._answer_s = answer_s
        self._pause_s = pause_s
        self._now = now
        self._next_no = next_no
        self._try_count = 0
        self._sent: _Sent | None = None
        self._read_frame = b""
        self._quiet_until_s = float("-inf")
        self.outcomes: list[RereadOutcome] = []

    @property
    def is_over(self) -> bool:
        """Tell whether every order has its outcome."""
        return not self._waiting

    def due(self, at_s: float) -> bytes | None:
        """Give the frame to send now; None while an answer or the pause is waited for."""
        if self._sent is not None and at_s >= self._sent.until_s:
            self._give_up_try(at_s)
        while self._waiting and self._sent is None and at_s >= self._quiet_until_s:
            days_before = self._days_before()
            if isinstance(days_before, RereadState):
                self._end(days_before, at_s)
                continue
            number = self._next_no()
            choose_frame, self._read_frame = day_history_requests(days_before, transaction_no=number)
            return self._send(choose_frame, number, at_s, is_set=True)
        return None

    def hear(self, frame: bytes, at_s: float) -> bytes | None:
        """Take a frame of the gateway; give the request that follows at once, if it was the answer we wait for."""
        if self._sent is None or len(frame) < HEAD_BYTES or frame[2:4] != self._sent.transaction_no.to_bytes(2):
            return None
        service = frame[10]
        if self._sent.is_set and service == SET_DONE:
            number = (self._sent.transaction_no + 1) & TRANSACTION_NO_MAX
            return self._send(self._read_frame, number, at_s, is_set=False)
        if self._sent.is_set and service == SET_REFUSED:
            self._end(RereadState.REFUSED, at_s)
        elif not self._sent.is_set and service in GET_DONE:
            self._end(RereadState.ANSWERED, at_s)
        return None

    def _days_before(self) -> int | RereadState:
        """Count back from the meter's today, where that can be told."""
        now = self._now().astimezone(JST)
        midnight = datetime.combine(now.date(), time(), JST)
        if now - midnight < MIDNIGHT_MARGIN or midnight + timedelta(days=1) - now < MIDNIGHT_MARGIN:
            return RereadState.POSTPONED
        days_before = (now.date() - self._waiting[0].delivery_date).days
        return days_before if 0 <= days_before <= HISTORY_DAYS_MAX else RereadState.OUT_OF_REACH

    def _send(self, frame: bytes, number: int, at_s: float, *, is_set: bool) -> bytes:
        """Remember what is waited for."""
        self._sent = _Sent(number, is_set, at_s + self._answer_s)
        return frame

    def _give_up_try(self, at_s: float) -> None:
        """Begin the pair anew, or give the order up."""
        self._sent = None
        self._try_count += 1
        self._quiet_until_s = at_s + self._pause_s
        if self._try_count >= TRIES_MAX:
            self._end(RereadState.SILENT, at_s)

    def _end(self, state: RereadState, at_s: float) -> None:
        """Give the order its outcome, and the meter its pause if it was asked."""
        self.outcomes.append(RereadOutcome(order=self._waiting.popleft(), state=state))
        if self._sent is not None or state is RereadState.SILENT:
            self._quiet_until_s = at_s + self._pause_s
        self._sent = None
        self._try_count = 0
