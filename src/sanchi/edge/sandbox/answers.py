"""What the servers of both clouds share: documents as answers, and the faults of a whole cloud.

Enter: requests. Leave: responses. Not here: what a cloud knows (ct_cloud, br_cloud).
"""

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from itertools import count
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.contacts import fault_at
from sanchi.edge.sandbox.world import World

View = Callable[[Request], Response]
RETRY_AFTER_S: Final = "1"
OK, BAD_REQUEST, UNAUTHORIZED, NOT_FOUND, WRONG_METHOD, TOO_MANY, DOWN = 200, 400, 401, 404, 405, 429, 503


def answer(document: Any, status: int = OK, headers: Mapping[str, str] | None = None) -> Response:
    """Write a document as JSON, the same bytes for the same document."""
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return Response(body, status=status, mimetype="application/json", headers=dict(headers or {}))


def refusal(status: int, error: str, headers: Mapping[str, str] | None = None) -> Response:
    """Say why there is no other answer."""
    return answer({"error": error}, status, headers)


class CloudFaults:
    """The faults of a whole cloud, laid over the views of its server."""

    def __init__(self, world: World, connector: Connector, clock: Clock) -> None:
        """Find the cloud's faults; requests are counted from the start of the server."""
        self._down = world.cloud_faults(connector, FaultKind.CLOUD_DOWN)
        self._limited = world.cloud_faults(connector, FaultKind.RATE_LIMIT)
        self._clock = clock
        self._request_nos = count(1)

    def cloud_down(self) -> Response | None:
        """Answer with a server's error while the cloud is down."""
        fault = fault_at(self._down, self._clock.now_s)
        if fault is None:
            return None
        status = fault.figures["status"]
        return refusal(status, "server error", {"Retry-After": RETRY_AFTER_S} if status == DOWN else {})

    def rate_limit(self) -> Response | None:
        """Answer one request in so many, and ask for patience otherwise."""
        fault = fault_at(self._limited, self._clock.now_s)
        if fault is None or next(self._request_nos) % fault.figures["answered_one_in"] == 0:
            return None
        return refusal(TOO_MANY, "too many requests", {"Retry-After": RETRY_AFTER_S})

    def instead(self) -> Response | None:
        """Give what the cloud answers instead of what was asked for, if it does."""
        return self.cloud_down() or self.rate_limit()


def routed(views: Mapping[tuple[str, str], View], request: Request) -> Response:
    """Find the view of a request by method and path."""
    view = views.get((request.method, request.path))
    if view is not None:
        return view(request)
    is_known = any(path == request.path for _, path in views)
    return refusal(WRONG_METHOD if is_known else NOT_FOUND, "no such request")


def whole_number(text: str, least: int) -> int | None:
    """Read a whole number of a query, or None."""
    return int(text) if text.isascii() and text.isdigit() and int(text) >= least else None


def instant_s(text: str) -> int | None:
    """Read a stamp with an offset, or None; a plus that became a space on its way is mended."""
    try:
        found = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        return None
    return None if found.tzinfo is None else int(found.timestamp())
