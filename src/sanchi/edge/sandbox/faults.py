"""A fault of a sandbox as a value: what, where, from when to when, how much. It is truth, and never served.

Enter: figures. Leave: Fault. Not here: drawing faults (drawing), what they do (effects).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.edge.sandbox.period import stamp

LEGS: Final[Mapping[FaultKind, Leg]] = {
    FaultKind.DEVICE_OUTAGE: Leg.DEVICE_CLOUD,
    FaultKind.METER_OUTAGE: Leg.GATEWAY_METER,
    FaultKind.CLOUD_DOWN: Leg.CLOUD_SANCHI,
    FaultKind.TOKEN_EXPIRY: Leg.CLOUD_SANCHI,
    FaultKind.RATE_LIMIT: Leg.CLOUD_SANCHI,
    FaultKind.LATE: Leg.DEVICE_CLOUD,
    FaultKind.DUPLICATE: Leg.DEVICE_CLOUD,
    FaultKind.OUT_OF_ORDER: Leg.DEVICE_CLOUD,
    FaultKind.CLOCK_SKEW: Leg.METER,
    FaultKind.STUCK: Leg.METER,
    FaultKind.SPIKE: Leg.METER,
    FaultKind.NEGATIVE: Leg.METER,
    FaultKind.ROLL_OVER: Leg.METER,
    FaultKind.EXCHANGE: Leg.METER,
    FaultKind.TRUNCATED_FRAME: Leg.DEVICE_CLOUD,
    FaultKind.NEVER_CONNECTED: Leg.DEVICE_CLOUD,
}
Figures = Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: it covers the half hours that begin, and the register stamps that lie, in from_s <= t < to_s.

    home, device_id : "" for a fault of a whole cloud. series : the series that is hit, "" for all of the device:
    import, export, pv, load, grid.
    """

    fault_no: int
    kind: FaultKind
    home: str
    connector: str
    device_id: str
    series: str
    from_s: int
    to_s: int
    figures: Figures

    @property
    def leg(self) -> Leg:
        """Name the leg of the way on which it sits."""
        return LEGS[self.kind]

    @property
    def ends_s(self) -> int:
        """Give the instant after which nothing of it is to be seen any more: late readings arrive until then."""
        delay_s = self.figures.get("delay_s", 0) + self.figures.get("again_after_s", 0)
        return self.to_s + delay_s

    def document(self) -> dict[str, object]:
        """Give the line of truth/faults.jsonl."""
        return {
            "fault_no": self.fault_no,
            "kind": self.kind.value,
            "leg": self.leg.value,
            "home": self.home,
            "connector": self.connector,
            "device": self.device_id,
            "series": self.series,
            "from": stamp(self.from_s),
            "to": stamp(self.to_s),
            "figures": dict(self.figures),
        }
