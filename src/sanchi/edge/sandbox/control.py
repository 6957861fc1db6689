"""The control server of a sandbox: what time it is, and moving it on.

Enter: requests. Leave: responses. Not here: what moving does (sandbox). The truth is never served.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from threading import Lock
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from sanchi.core.base.errors import SanchiError
from sanchi.edge.sandbox.answers import BAD_REQUEST, answer, refusal, routed
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.period import stamp

CONFLICT: Final = 409
BAD_GATEWAY: Final = 502
BODY_BYTES_MAX: Final = 4_096


class Control:
    """The control server as a WSGI application; one move at a time."""

    def __init__(
        self, clock: Clock, move: Callable[[int], Mapping[str, int]], state: Callable[[], Mapping[str, Any]]
    ) -> None:
        """Take what moves time, and what tells the state."""
        self._clock = clock
        self._move = move
        self._state = state
        self._lock = Lock()
        self._views = {("POST", "/control/clock"): self.clock, ("GET", "/control/state"): self.state}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request."""
        return routed(self._views, Request(environ))(environ, start_response)

    def clock(self, request: Request) -> Response:
        """Move time to `now`; the answer comes when everything due in between was sent."""
        if (request.content_length or 0) > BODY_BYTES_MAX:
            return refusal(BAD_REQUEST, "too long")
        told: Any = request.get_json(force=True, silent=True)
        to: datetime | None
        try:
            to = datetime.fromisoformat(told["now"])
        except (TypeError, KeyError, ValueError):
            to = None
        if to is None or to.tzinfo is None:
            return refusal(BAD_REQUEST, 'expected {"now": stamp with an offset}')
        with self._lock:
            to_s = int(to.timestamp())
            if to_s < self._clock.now_s:
                return refusal(CONFLICT, f"time does not run back: it is {stamp(self._clock.now_s)}")
            try:
                counts = self._move(to_s)
            except SanchiError as error:
                return refusal(BAD_GATEWAY, str(error))
            return answer({"now": stamp(self._clock.now_s), **counts})

    def state(self, request: Request) -> Response:
        """Tell the time, the addresses, and what was sent so far."""
        del request
        return answer(self._state())
