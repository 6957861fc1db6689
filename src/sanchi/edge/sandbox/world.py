"""The whole world of a sandbox, from a seed, a plan and the shipped homes; everything in it is decided from the start.

Enter: the sample, a plan, a seed. Leave: World. Not here: what time it is, and any server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector, Device, HomeCast, cast_homes, chosen_homes
from sanchi.edge.sandbox.drawing import draw_faults
from sanchi.edge.sandbox.effects import lay_over, turned_cast
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.master import MeterRow, read_meters
from sanchi.edge.sandbox.period import Period
from sanchi.edge.sandbox.plan import FaultPlan
from sanchi.edge.sandbox.sendings import Sendings, sendings_of
from sanchi.edge.sandbox.streams import Stream, clean_streams
from sanchi.edge.sandbox.truth import Truth, read_truth

SHIPPED: Final = Period(first_date=date(2020, 11, 20), last_date=date(2021, 2, 28))
GRID_AREA: Final = "03"
BR_LAG_S: Final = 4 * 3_600
CLOUD_LAG_S: Final = {Connector.MQTT: 0, Connector.BR_CLOUD: BR_LAG_S, Connector.CT_CLOUD: 0}
HOMES_MIN: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """What is, what is sent, and what goes wrong."""

    seed_no: int
    period: Period
    truth: Truth
    meters: tuple[MeterRow, ...]
    casts: tuple[HomeCast, ...]
    faults: tuple[Fault, ...]
    streams: tuple[Stream, ...]
    sendings: Mapping[Connector, Sendings]

    def devices(self, connector: Connector) -> tuple[Device, ...]:
        """List the devices behind a connector, in the order of their ids."""
        found = [device for cast in self.casts for device in cast.devices if device.connector is connector]
        return tuple(sorted(found, key=lambda device: device.device_id))

    def faults_of(self, device: Device, *kinds: FaultKind) -> tuple[Fault, ...]:
        """List the faults of some kinds that a device has, in the order of their beginning."""
        return tuple(fault for fault in self.faults if fault.device_id == device.device_id and fault.kind in kinds)

    def cloud_faults(self, connector: Connector, kind: FaultKind) -> tuple[Fault, ...]:
        """List the faults of one kind that a whole cloud has."""
        return tuple(fault for fault in self.faults if fault.connector == connector and fault.kind is kind)


def make_world(
    sample: Path,
    plan: FaultPlan,
    seed_no: int,
    *,
    first_date: date | None = None,
    last_date: date | None = None,
    n_homes: int | None = None,
) -> World:
    """Decide everything. Raises: WrongInput for dates outside the shipped ones, or too few homes."""
    period = _period(first_date or SHIPPED.first_date, last_date or SHIPPED.last_date)
    meters = read_meters(sample)
    all_homes = tuple(dict.fromkeys(meter.party_id for meter in meters if "pv" in meter.channels))
    if n_homes is not None and not HOMES_MIN <= n_homes <= len(all_homes):
        raise WrongInput(
            f"{n_homes} homes cannot take part, expected {HOMES_MIN}..{len(all_homes)}.",
            hint="Three homes are one for each way of readings; the shipped pilot has no more than that many.",
        )
    homes = chosen_homes(all_homes, n_homes, seed_no)
    truth = read_truth(sample, period, meters, homes)
    battery_homes = frozenset(home for home, energies in truth.homes.items() if "charge" in energies)
    drawn = cast_homes(homes, battery_homes, GRID_AREA, seed_no)
    faults = draw_faults(plan, drawn, truth, seed_no)
    casts = tuple(turned_cast(cast, truth.homes[cast.home], faults, period.first_s) for cast in drawn)
    streams = []
    for cast in casts:
        own = clean_streams(cast, truth.homes[cast.home], period, seed_no)
        lay_over(own, [fault for fault in faults if fault.home == cast.home])
        streams += own
    sendings = {connector: sendings_of(connector, streams, lag_s) for connector, lag_s in CLOUD_LAG_S.items()}
    return World(
        seed_no=seed_no,
        period=period,
        truth=truth,
        meters=meters,
        casts=casts,
        faults=faults,
        streams=tuple(streams),
        sendings=sendings,
    )


def _period(first_date: date, last_date: date) -> Period:
    """Refuse dates that the shipped pilot does not have."""
    if not SHIPPED.first_date <= first_date <= last_date <= SHIPPED.last_date:
        raise WrongInput(
            f"{first_date}..{last_date} cannot be played, expected dates within "
            f"{SHIPPED.first_date}..{SHIPPED.last_date} in their order.",
            hint="Choose --from and --to among the dates of the shipped pilot.",
        )
    return Period(first_date=first_date, last_date=last_date)
