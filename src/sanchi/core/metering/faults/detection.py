"""Find all faults of a market: named detectors in the order in which some explain others away.

Enter: Observations. Leave: Faults in the order of time. Not here: how well it does (scoring).
"""

from collections.abc import Callable, Sequence
from typing import Final

from sanchi.core.metering.faults.arrivals import duplicate, late, out_of_order
from sanchi.core.metering.faults.counts import register_breaks
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.observations import Observations
from sanchi.core.metering.faults.picture import Picture, picture_of
from sanchi.core.metering.faults.silence import device_outage, meter_outage, never_connected
from sanchi.core.metering.faults.stuck import stuck_register, stuck_solar
from sanchi.core.metering.faults.upstream import cloud_down, rate_limit, token_expiry
from sanchi.core.metering.faults.values import clock_skew, negative, spike, truncated_frame

Detector = Callable[[Picture, Sequence[Fault]], list[Fault]]

# A cloud explains the silence of its devices; a device's absence explains what comes late after it; a wrong clock
# explains gaps, repeats and leaps; a standstill explains the leap at its end. What explains stands first.
DETECTORS: Final[tuple[Detector, ...]] = (
    cloud_down,
    token_expiry,
    rate_limit,
    never_connected,
    clock_skew,
    truncated_frame,
    negative,
    device_outage,
    meter_outage,
    stuck_register,
    stuck_solar,
    register_breaks,
    spike,
    late,
    duplicate,
    out_of_order,
)


def find_faults(observations: Observations) -> tuple[Fault, ...]:
    """Find what went wrong between the meters and sanchi; the same observations give the same faults."""
    return faults_in(picture_of(observations))


def faults_in(picture: Picture) -> tuple[Fault, ...]:
    """Find the faults in observations that are laid out already."""
    found: list[Fault] = []
    for detector in DETECTORS:
        found.extend(detector(picture, tuple(found)))
    return tuple(sorted(found, key=lambda one: (one.first_s, one.kind, one.connector, one.device, one.channel_no)))
