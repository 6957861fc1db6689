"""The CT vendor's cloud as a server: tokens, devices, blocks of minutes (docs/reference/meter-sources.md).

Enter: requests. Leave: responses, visible by the sandbox's time. Not here: sockets (serving).
"""

import hashlib
from typing import Any, Final

from werkzeug.wrappers import Request, Response

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.answers import BAD_REQUEST, UNAUTHORIZED, CloudFaults, answer, refusal, routed, whole_number
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.contacts import last_contact_s
from sanchi.edge.sandbox.minutes import MINUTES
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.streams import NONE
from sanchi.edge.sandbox.world import World

CLIENT_ID: Final = "sanchi"
CLIENT_SECRET: Final = "sandbox-secret"  # noqa: S105 - of a world that does not exist
TOKEN_LIFE_S: Final = 12 * 3_600
DEVICES_PER_PAGE: Final = 20
ITEMS_USUAL: Final = 200
ITEMS_MAX: Final = 1_000
SENDING_S: Final = 2
CURSOR: Final = "m"


class CtCloud:
    """The cloud as a WSGI application."""

    def __init__(self, world: World, clock: Clock) -> None:
        """Know the world, and ask the clock at each request."""
        self._world = world
        self._clock = clock
        self._sendings = world.sendings[Connector.CT_CLOUD]
        self._faults = CloudFaults(world, Connector.CT_CLOUD, clock)
        self._expiries = world.cloud_faults(Connector.CT_CLOUD, FaultKind.TOKEN_EXPIRY)
        self._views = {
            ("POST", "/oauth/token"): self.token,
            ("GET", "/v1/devices"): self.devices,
            ("GET", "/v1/measurements"): self.measurements,
        }

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        response = self._faults.instead() or self._unauthorised(request) or routed(self._views, request)
        return response(environ, start_response)

    def token(self, request: Request) -> Response:
        """Give a token that names the instant of its issue, so that a sandbox started again knows it."""
        form = request.form
        if form.get("grant_type") != "client_credentials":
            return refusal(BAD_REQUEST, "unsupported_grant_type")
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT_ID, CLIENT_SECRET):
            return refusal(UNAUTHORIZED, "invalid_client")
        token = self._token_of(self._clock.now_s)
        return answer({"access_token": token, "token_type": "Bearer", "expires_in": TOKEN_LIFE_S})

    def token_expiry(self, issued_s: int) -> bool:
        """Tell whether a token is refused before its time."""
        return any(issued_s < fault.from_s <= self._clock.now_s for fault in self._expiries)

    def _token_of(self, issued_s: int) -> str:
        """Write the token that is issued at an instant."""
        sign = hashlib.sha256(f"{self._world.seed_no}|token|{issued_s}".encode()).hexdigest()[:32]
        return f"{issued_s}.{sign}"

    def _unauthorised(self, request: Request) -> Response | None:
        """Refuse what has no valid token, but for the request for one."""
        if request.path == "/oauth/token":
            return None
        kind, _, token = request.headers.get("Authorization", "").partition(" ")
        issued_s = whole_number(token.partition(".")[0], 0)
        if kind != "Bearer" or issued_s is None or token != self._token_of(issued_s):
            return refusal(UNAUTHORIZED, "invalid_token")
        if not issued_s <= self._clock.now_s < issued_s + TOKEN_LIFE_S or self.token_expiry(issued_s):
            return refusal(UNAUTHORIZED, "expired_token")
        return None

    def devices(self, request: Request) -> Response:
        """List the devices that were delivered, connected or not."""
        page_no = whole_number(request.args.get("page", "1"), 1)
        if page_no is None:
            return refusal(BAD_REQUEST, "page has to be a whole number from 1 on")
        own = self._world.devices(Connector.CT_CLOUD)
        shown = own[(page_no - 1) * DEVICES_PER_PAGE : page_no * DEVICES_PER_PAGE]
        contacts = [(device.device_id, last_contact_s(self._world, device, self._clock.now_s)) for device in shown]
        told = [{"device_id": name, "last_seen_at": None if at_s is None else stamp(at_s)} for name, at_s in contacts]
        has_more = page_no * DEVICES_PER_PAGE < len(own)
        return answer({"devices": told, "next_page": page_no + 1 if has_more else None})

    def measurements(self, request: Request) -> Response:
        """Give the blocks after a cursor, in the order of their arrival at the cloud."""
        begin = _cursor_position(request.args.get("cursor", f"{CURSOR}0"))
        limit = whole_number(request.args.get("limit", str(ITEMS_USUAL)), 1)
        n_visible = self._sendings.visible_count(self._clock.now_s)
        if begin is None or begin > n_visible:
            return refusal(BAD_REQUEST, "unknown cursor")
        if limit is None:
            return refusal(BAD_REQUEST, "limit has to be a whole number from 1 on")
        end = min(begin + min(limit, ITEMS_MAX), n_visible)
        items = [self.item(position) for position in range(begin, end)]
        return answer({"items": items, "cursor": f"{CURSOR}{end}", "has_more": end < n_visible})

    def item(self, position: int) -> dict[str, Any]:
        """Write one block of minutes, with the device's and the cloud's clock."""
        stream, row = self._sendings.at(position)
        arrival_s, ahead_s = int(self._sendings.arrival_s[position]), int(stream.ahead_s[row])
        powers = {
            f"{name}_w": [None if power_w == NONE else power_w for power_w in number[row].tolist()]
            for name, number in stream.numbers.items()
        }
        return {
            "device_id": stream.device.device_id,
            "from": stamp(int(stream.about_s[row]) + ahead_s),
            "minutes": MINUTES,
            **powers,
            "sent_at": stamp(arrival_s - SENDING_S + ahead_s),
            "cloud_received_at": stamp(arrival_s),
        }


def _cursor_position(text: str) -> int | None:
    """Read where a cursor stands, or None for what is none of ours."""
    return whole_number(text.removeprefix(CURSOR), 0) if text.startswith(CURSOR) else None
