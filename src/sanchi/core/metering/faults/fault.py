"""A fault as a value, and what to say of each kind: likely cause and what to do.

Enters and leaves: Fault. Not here: finding them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.spans import SLOT_S, Span

NO_HOME: Final = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One fault: what, on which leg, where, from when until when, and by what evidence.

    home_no : -1 where it is the connector's; connector, device : "" where not known.
    meter_no, channel_no : 0 where it concerns the whole device.
    first_s, last_s : Unix seconds; last_s is None while the fault goes on.
    figure : what the kind counts: slots, seconds, counts or rows; see docs/reference/faults.md.
    """

    kind: FaultKind
    leg: Leg
    home_no: int
    connector: str
    device: str
    meter_no: int
    channel_no: int
    first_s: int
    last_s: int | None
    figure: int
    evidence: tuple[str, ...]

    def span(self, now_s: int) -> Span:
        """Give the time it covers; until now where it goes on."""
        return self.first_s, now_s if self.last_s is None else self.last_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """What a kind of fault usually comes from, and what to do."""

    cause: str
    remedy: str


ADVICE: Final[Mapping[FaultKind, Advice]] = {
    FaultKind.DEVICE_OUTAGE: Advice(
        cause="The home's device has no power or no internet: Wi-Fi, router, or unplugged.",
        remedy="Ask the home to look at the device's lamp and the router; what it kept arrives by itself.",
    ),
    FaultKind.METER_OUTAGE: Advice(
        cause="The gateway does not reach the meter: distance, walls, a metal box, or interference.",
        remedy="Move the gateway nearer to the meter; then ask the meter for its history, day by day.",
    ),
    FaultKind.CLOUD_DOWN: Advice(
        cause="The vendor's cloud or the broker does not answer.",
        remedy="Tell the vendor. No home has to do anything: devices keep what they measured and send it later.",
    ),
    FaultKind.TOKEN_EXPIRY: Advice(
        cause="The cloud refused a token before its time: keys were changed, or the cloud was restarted.",
        remedy="Nothing if it comes alone: a new token is asked for by itself. Else compare the keys with the vendor.",
    ),
    FaultKind.RATE_LIMIT: Advice(
        cause="The cloud wants fewer requests than are made.",
        remedy="Poll less often or ask for larger pages; agree on a limit with the vendor.",
    ),
    FaultKind.LATE: Advice(
        cause="The device was reached, but sent its readings long after their time.",
        remedy="Nothing for now: a day that was closed without them is closed again.",
    ),
    FaultKind.DUPLICATE: Advice(
        cause="A device or cloud sent again what had arrived.",
        remedy="Nothing: it counts once. Tell the vendor if it goes on.",
    ),
    FaultKind.OUT_OF_ORDER: Advice(
        cause="Messages overtook each other on their way.",
        remedy="Nothing: readings count by their stamp.",
    ),
    FaultKind.CLOCK_SKEW: Advice(
        cause="The device's clock is wrong, so that energy is booked into the wrong half hours.",
        remedy="Let the device set its clock; its readings of this time are to be read anew or estimated.",
    ),
    FaultKind.STUCK: Advice(
        cause="The device repeats an old value, or the panels' measurement stands still.",
        remedy="Restart the device; if panels stay at zero, have the installer look at inverter and clamp.",
    ),
    FaultKind.SPIKE: Advice(
        cause="A wild value: a disturbed line, or a device that starts up.",
        remedy="Nothing if it comes alone: the value is set aside. Else change the device.",
    ),
    FaultKind.NEGATIVE: Advice(
        cause="A value below zero: a clamp the wrong way round, or a disturbed line.",
        remedy="Compare the direction of the clamp with the installer's drawing.",
    ),
    FaultKind.ROLL_OVER: Advice(
        cause="The register showed all its digits and began again at zero.",
        remedy="Nothing: the energy across the turn is known.",
    ),
    FaultKind.EXCHANGE: Advice(
        cause="The network operator changed the meter, and nobody said so.",
        remedy="Enter when the old meter was removed and the new one installed, with both counts.",
    ),
    FaultKind.TRUNCATED_FRAME: Advice(
        cause="Frames were cut on the radio or serial line of the gateway.",
        remedy="Ask the meter for its history; look at distance and interference if it goes on.",
    ),
    FaultKind.NEVER_CONNECTED: Advice(
        cause="The device was never joined to the home's Wi-Fi, or its address was entered wrongly.",
        remedy="Compare the address with the device's label, then repeat the joining with the home.",
    ),
}  # fmt: skip


def skew_spans(found: Iterable[Fault], now_s: int, device: str) -> list[Span]:
    """List the times that a device's wrong clock touches: those in which it was wrong, and those that it named."""
    skewed = [one for one in found if one.kind is FaultKind.CLOCK_SKEW and one.device == device]
    spans = [(one.span(now_s), abs(one.figure) + SLOT_S) for one in skewed]
    return [(first_s - wide_s, last_s + wide_s) for (first_s, last_s), wide_s in spans]


def spans_of(
    found: Iterable[Fault], kinds: Iterable[FaultKind], now_s: int, *, device: str = "", connector: str = ""
) -> list[Span]:
    """List the spans of faults of some kinds, of one device or one connector."""
    wanted = frozenset(kinds)
    return [
        one.span(now_s)
        for one in found
        if one.kind in wanted
        and ((device and one.device == device) or (connector and not one.device and one.connector == connector))
    ]
