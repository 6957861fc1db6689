"""The B-route vendor's cloud as a server: gateways, counts of registers (docs/reference/meter-sources.md).

Enter: requests. Leave: responses; a reading is shown four hours after its upload, by the sandbox's time.
"""

import hmac
from typing import Any, Final

import numpy as np
from werkzeug.wrappers import Request, Response

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.answers import (
    BAD_REQUEST,
    UNAUTHORIZED,
    CloudFaults,
    answer,
    instant_s,
    refusal,
    routed,
    whole_number,
)
from sanchi.edge.sandbox.cast import Connector, Device
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.contacts import fault_at, last_contact_s
from sanchi.edge.sandbox.frames import DIGITS
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.streams import NONE
from sanchi.edge.sandbox.world import World

API_KEY: Final = "sandbox-key"
READINGS_PER_PAGE: Final = 500


class BrCloud:
    """The cloud as a WSGI application."""

    def __init__(self, world: World, clock: Clock) -> None:
        """Know the world, and ask the clock at each request."""
        self._world = world
        self._clock = clock
        self._sendings = world.sendings[Connector.BR_CLOUD]
        self._faults = CloudFaults(world, Connector.BR_CLOUD, clock)
        self._views = {("GET", "/api/gateways"): self.gateways, ("GET", "/api/readings"): self.readings}

    def __call__(self, environ: Any, start_response: Any) -> Any:
        """Answer one request."""
        request = Request(environ)
        response = self._faults.instead() or self._unauthorised(request) or routed(self._views, request)
        return response(environ, start_response)

    def _unauthorised(self, request: Request) -> Response | None:
        """Refuse what has not the key."""
        key = request.headers.get("X-Api-Key", "")
        return None if hmac.compare_digest(key.encode(), API_KEY.encode()) else refusal(UNAUTHORIZED, "unknown key")

    def gateways(self, request: Request) -> Response:
        """List the gateways that were delivered, connected or not."""
        del request
        return answer([self._gateway(device) for device in self._world.devices(Connector.BR_CLOUD)])

    def _gateway(self, device: Device) -> dict[str, Any]:
        """Tell when a gateway was last heard of, and whether it reached its meter then."""
        contact_s = last_contact_s(self._world, device, self._clock.now_s)
        outages = self._world.faults_of(device, FaultKind.METER_OUTAGE)
        outage = None if contact_s is None else fault_at(outages, contact_s)
        is_down = contact_s is None or (outage is not None and outage.figures["told"] == 1)
        return {
            "gatewayId": device.device_id,
            "lastContact": None if contact_s is None else stamp(contact_s),
            "meterLink": "down" if is_down else "up",
        }

    def readings(self, request: Request) -> Response:
        """Give a page of the readings uploaded at an instant or later."""
        from_s = instant_s(request.args.get("uploadedFrom", "1970-01-01T00:00:00+00:00"))
        offset = whole_number(request.args.get("offset", "0"), 0)
        if from_s is None or offset is None:
            return refusal(BAD_REQUEST, "uploadedFrom has to be a stamp with an offset, offset a whole number")
        begin = int(np.searchsorted(self._sendings.arrival_s, from_s, side="left"))
        end = max(self._sendings.visible_count(self._clock.now_s), begin)
        shown = range(begin, end)[offset : offset + READINGS_PER_PAGE]
        readings = [self.reading(position) for position in shown]
        return answer({"total": end - begin, "offset": offset, "readings": readings})

    def reading(self, position: int) -> dict[str, Any]:
        """Write one reading; its number is its place among all of the cloud."""
        stream, row = self._sendings.at(position)
        counts = {name: int(number[row]) for name, number in stream.numbers.items()}
        return {
            "no": position + 1,
            "gatewayId": stream.device.device_id,
            "fixedTime": stamp(int(stream.about_s[row])),
            **{name: None if count == NONE else count for name, count in counts.items()},
            "unit": "0.1",
            "coefficient": 1,
            "digits": DIGITS,
            "uploadedAt": stamp(int(self._sendings.arrival_s[position])),
        }
