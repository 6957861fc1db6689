"""What each fault of a connection is called, where it usually comes from, and what to do, in the reader's language.

Enters: a member. Leaves: lazy texts, a class of colour and pattern. Not here: a fault's evidence, kept as written.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.kinds import FaultKind, Leg


class FaultLook(StrEnum):
    """What a fault does to readings; gives it its colour and pattern in pictures."""

    ABSENT = "absent"  # nothing comes
    WRONG = "wrong"  # what comes is wrong
    LATE = "late"  # it comes late, twice or in disorder
    TOLD = "told"  # no fault, but told


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultWords:
    """A fault's title, its likely cause, what to do, and its look."""

    title: str | Promise
    cause: str | Promise
    remedy: str | Promise
    look: FaultLook


LOOK: Final = {
    FaultLook.ABSENT: _("Nothing comes"),
    FaultLook.WRONG: _("Wrong values"),
    FaultLook.LATE: _("Late, twice or in disorder"),
    FaultLook.TOLD: _("No fault, but told"),
}

FAULT: Final = {
    FaultKind.DEVICE_OUTAGE: FaultWords(
        title=_("Device offline"),
        cause=_("The home's device has no power or no internet: Wi-Fi, router, or unplugged."),
        remedy=_("Ask the home to look at the device's lamp and the router; what it kept arrives by itself."),
        look=FaultLook.ABSENT,
    ),
    FaultKind.METER_OUTAGE: FaultWords(
        title=_("Meter out of reach"),
        cause=_("The gateway does not reach the meter: distance, walls, a metal box, or interference."),
        remedy=_("Move the gateway nearer to the meter; then ask the meter for its history, day by day."),
        look=FaultLook.ABSENT,
    ),
    FaultKind.CLOUD_DOWN: FaultWords(
        title=_("Cloud or broker down"),
        cause=_("The vendor's cloud or the broker does not answer."),
        remedy=_("Tell the vendor. No home has to do anything: devices keep what they measured and send it later."),
        look=FaultLook.ABSENT,
    ),
    FaultKind.TOKEN_EXPIRY: FaultWords(
        title=_("Token refused"),
        cause=_("The cloud refused a token before its time: keys were changed, or the cloud was restarted."),
        remedy=_(
            "Nothing if it comes alone: a new token is asked for by itself. Else compare the keys with the vendor."
        ),
        look=FaultLook.LATE,
    ),
    FaultKind.RATE_LIMIT: FaultWords(
        title=_("Too many requests"),
        cause=_("The cloud wants fewer requests than are made."),
        remedy=_("Poll less often or ask for larger pages; agree on a limit with the vendor."),
        look=FaultLook.LATE,
    ),
    FaultKind.LATE: FaultWords(
        title=_("Readings late"),
        cause=_("The device was reached, but sent its readings long after their time."),
        remedy=_("Nothing for now: a day that was closed without them is closed again."),
        look=FaultLook.LATE,
    ),
    FaultKind.DUPLICATE: FaultWords(
        title=_("Readings sent twice"),
        cause=_("A device or cloud sent again what had arrived."),
        remedy=_("Nothing: it counts once. Tell the vendor if it goes on."),
        look=FaultLook.LATE,
    ),
    FaultKind.OUT_OF_ORDER: FaultWords(
        title=_("Readings in disorder"),
        cause=_("Messages overtook each other on their way."),
        remedy=_("Nothing: readings count by their stamp."),
        look=FaultLook.LATE,
    ),
    FaultKind.CLOCK_SKEW: FaultWords(
        title=_("Wrong clock"),
        cause=_("The device's clock is wrong, so that energy is booked into the wrong half hours."),
        remedy=_("Let the device set its clock; its readings of this time are to be read anew or estimated."),
        look=FaultLook.WRONG,
    ),
    FaultKind.STUCK: FaultWords(
        title=_("Value stands still"),
        cause=_("The device repeats an old value, or the panels' measurement stands still."),
        remedy=_("Restart the device; if panels stay at zero, have the installer look at inverter and clamp."),
        look=FaultLook.WRONG,
    ),
    FaultKind.SPIKE: FaultWords(
        title=_("Wild value"),
        cause=_("A wild value: a disturbed line, or a device that starts up."),
        remedy=_("Nothing if it comes alone: the value is set aside. Else change the device."),
        look=FaultLook.WRONG,
    ),
    FaultKind.NEGATIVE: FaultWords(
        title=_("Value below zero"),
        cause=_("A value below zero: a clamp the wrong way round, or a disturbed line."),
        remedy=_("Compare the direction of the clamp with the installer's drawing."),
        look=FaultLook.WRONG,
    ),
    FaultKind.ROLL_OVER: FaultWords(
        title=_("Register turned over"),
        cause=_("The register showed all its digits and began again at zero."),
        remedy=_("Nothing: the energy across the turn is known."),
        look=FaultLook.TOLD,
    ),
    FaultKind.EXCHANGE: FaultWords(
        title=_("Meter exchanged unannounced"),
        cause=_("The network operator changed the meter, and nobody said so."),
        remedy=_("Enter when the old meter was removed and the new one installed, with both counts."),
        look=FaultLook.TOLD,
    ),
    FaultKind.TRUNCATED_FRAME: FaultWords(
        title=_("Messages cut short"),
        cause=_("Frames were cut on the radio or serial line of the gateway."),
        remedy=_("Ask the meter for its history; look at distance and interference if it goes on."),
        look=FaultLook.WRONG,
    ),
    FaultKind.NEVER_CONNECTED: FaultWords(
        title=_("Never connected"),
        cause=_("The device was never joined to the home's Wi-Fi, or its address was entered wrongly."),
        remedy=_("Compare the address with the device's label, then repeat the joining with the home."),
        look=FaultLook.ABSENT,
    ),
}

LEG: Final = {
    Leg.METER: _("Meter"),
    Leg.GATEWAY_METER: _("Gateway to meter"),
    Leg.DEVICE_CLOUD: _("Device to cloud"),
    Leg.CLOUD_SANCHI: _("Cloud to sanchi"),
}

LEG_STATE: Final = {
    LegState.UP: _("up"),
    LegState.DEGRADED: _("degraded"),
    LegState.DOWN: _("down"),
    LegState.NEVER: _("never connected"),
}

WEEKDAY: Final = (
    _("on Mondays"),
    _("on Tuesdays"),
    _("on Wednesdays"),
    _("on Thursdays"),
    _("on Fridays"),
    _("on Saturdays"),
    _("on Sundays"),
)
