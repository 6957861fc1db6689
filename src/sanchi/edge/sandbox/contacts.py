"""When a device last spoke with its cloud, and whether it reached its meter then.

Enter: a device and an instant. Leave: Unix seconds. Not here: what it sent.
"""

from typing import Final

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector, Device
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.period import SLOT_S
from sanchi.edge.sandbox.world import World

# A device speaks with its cloud once a half hour, whether it has readings or not; what it has arrives before that.
CONTACT_AFTER_S: Final = 90


def last_contact_s(world: World, device: Device, now_s: int) -> int | None:
    """Give the instant at which the cloud last heard of a device, or None if it never did.

    In an outage the last contact is the one of the half hour before it; the next one comes with its end.
    """
    if world.faults_of(device, FaultKind.NEVER_CONNECTED):
        return None
    outages = world.faults_of(device, FaultKind.DEVICE_OUTAGE)
    told_s = min(now_s, world.period.last_s + CONTACT_AFTER_S) - CONTACT_AFTER_S
    boundary_s = world.period.first_s + (told_s - world.period.first_s) // SLOT_S * SLOT_S
    # A block is sent at its end, and belongs to the fault that covers its beginning.
    before_s = SLOT_S if device.connector is Connector.CT_CLOUD else 0
    while fault_at(outages, boundary_s - before_s) is not None:
        boundary_s -= SLOT_S
    # Devices were installed weeks before the first day: there is a contact before every instant.
    return max([boundary_s + CONTACT_AFTER_S, *(fault.to_s + 1 for fault in outages if fault.to_s < now_s)])


def fault_at(faults: tuple[Fault, ...], at_s: int) -> Fault | None:
    """Give the fault that covers an instant."""
    return next((fault for fault in faults if fault.from_s <= at_s < fault.to_s), None)
