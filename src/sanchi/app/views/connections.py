"""What the connection monitor tells of a market: for the command, the pages and the alerts alike.

Enters and leaves: frozen records. Not here: how they are found (see app.watch_connections, core.metering.connections).
"""

from dataclasses import dataclass
from datetime import date, datetime

from sanchi.core.base.ids import MarketId, MeterId, PartyId
from sanchi.core.metering.connections.recurring import Rhythm
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultRow:
    """One fault as people read it; home_id is None for a connector's own one, meter_id where several are meant.

    last_at : None while it goes on. figure : what the kind counts (docs/reference/faults.md). cause, remedy : English,
    as core.metering.faults.fault.ADVICE has them by kind; pages take their own words by kind.
    """

    kind: FaultKind
    leg: Leg
    home_id: PartyId | None
    connector: str  # "" where readings come in plain files
    device: str
    meter_id: MeterId | None
    channel: str  # "" where it concerns all channels
    first_at: datetime
    last_at: datetime | None
    figure: int
    evidence: tuple[str, ...]
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LegRow:
    """How one leg of the way from a device stands; since_at None = nothing was ever wrong in the span."""

    connector: str
    device: str
    leg: Leg
    state: LegState
    since_at: datetime | None
    kind: FaultKind | None
    evidence: tuple[str, ...]
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ArrivalDay:
    """The half hours of a home on a day: all due series there in time, there late, or missing; 48 at most together."""

    timely_slots: int
    late_slots: int
    missing_slots: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeConnection:
    """One home: its worst state, each leg of each of its devices, and how well it holds.

    days : one per ConnectionWatch.dates; None = nothing was due. outage_count : outages of devices and meters.
    """

    home_no: int
    home_id: PartyId
    state: LegState
    legs: tuple[LegRow, ...]
    due_slots: int
    timely_slots: int
    known_slots: int
    rate_permille: int
    outage_count: int
    days: tuple[ArrivalDay | None, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorState:
    """One cloud or broker: kind None = it answers."""

    connector: str
    device_count: int
    is_down: bool
    since_at: datetime | None
    kind: FaultKind | None
    cause: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurringRow:
    """Outages of a device that begin at the same hour of the day (0..23 JST) or on the same weekday (0 = Monday)."""

    home_id: PartyId
    device: str
    kind: FaultKind
    rhythm: Rhythm
    step_index: int
    first_at: tuple[datetime, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakRoofRow:
    """A roof that gives much less than its peers: share of what they give per rated kilowatt."""

    home_id: PartyId
    first_date: date
    share_permille: int
    peer_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectionWatch:
    """All of a market between two dates, as it was known at `now`.

    faults : those that go on first, then the latest. homes : by party_no, those with a watched meter.
    homes_without_outage : no outage of a device or meter, and connected (the pilot: 35 of 58).
    found : the same faults as core has them, in the order of time; for alerts and scoring.
    """

    market_id: MarketId
    first_date: date
    last_date: date
    now: datetime
    dates: tuple[date, ...]
    homes: tuple[HomeConnection, ...]
    connectors: tuple[ConnectorState, ...]
    faults: tuple[FaultRow, ...]
    recurring: tuple[RecurringRow, ...]
    weak_roofs: tuple[WeakRoofRow, ...]
    homes_without_outage: tuple[PartyId, ...]
    due_slots: int
    timely_slots: int
    rate_permille: int
    found: tuple[Fault, ...]

    @property
    def open_faults(self) -> tuple[FaultRow, ...]:
        """Give those that go on."""
        return tuple(one for one in self.faults if one.last_at is None)

    def of_home(self, home_id: PartyId) -> HomeConnection | None:
        """Give one home; None where nothing of it is watched."""
        return next((home for home in self.homes if home.home_id == home_id), None)
