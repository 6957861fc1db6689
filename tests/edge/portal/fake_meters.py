"""The made readings of a home's day, and what a made monitor says of the connections."""

from datetime import date, datetime, timedelta
from functools import cache

from sanchi.app.views.connection_pages import ConnectionsView, HomeConnectionView, HomeQuality
from sanchi.app.views.connections import (
    ConnectionWatch,
    ConnectorState,
    FaultRow,
    HomeConnection,
    LegRow,
    RecurringRow,
    WeakRoofRow,
)
from sanchi.app.views.readings import ChannelReadings, ReadingsView, ReadVersion, SlotDecision, SlotOrigin
from sanchi.core.base.ids import MeterId
from sanchi.core.base.slots import JST, SLOTS_PER_DAY
from sanchi.core.metering.connections.recurring import Rhythm
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.faults.fault import ADVICE
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.sources import Source, Stage
from tests.edge.portal.fake_home import slot_counts
from tests.edge.portal.fake_numbers import CLOSED_DAYS, DATES, N_HOMES
from tests.edge.portal.fake_parties import HEAD, HOMES, MARKET_ID

UNIT_WH = 100
USUAL_LAG_S = 14_700
LATE_LAG_S = 9 * 24 * 3_600
# Half hours 17 to 24 were never read, 25 to 28 came late, 29 was decided, 30 to 31 were shaped by another way.
NEVER_READ = range(17, 25)
CAME_LATE = range(25, 29)
DECIDED = 29
OTHER_WAY = (30, 31)
REASON = "検針票の値による"
_LEGS = {
    FaultKind.DEVICE_OUTAGE: Leg.DEVICE_CLOUD,
    FaultKind.METER_OUTAGE: Leg.GATEWAY_METER,
    FaultKind.NEVER_CONNECTED: Leg.DEVICE_CLOUD,
    FaultKind.STUCK: Leg.METER,
    FaultKind.LATE: Leg.DEVICE_CLOUD,
    FaultKind.EXCHANGE: Leg.METER,
    FaultKind.CLOUD_DOWN: Leg.CLOUD_SANCHI,
}


def readings_view(home: int, delivery_date: date) -> ReadingsView:
    """Make a day of a home: one register with everything that can be told, one meter of energies, one silent."""
    place = DATES.index(delivery_date) if delivery_date in DATES else None
    channels = () if place is None else (_register(delivery_date), _energies(delivery_date), _silent())
    return ReadingsView(
        market=HEAD,
        home=HOMES[home],
        delivery_date=delivery_date,
        revision=0 if place is None else 2,
        is_finalised=place is not None and place < CLOSED_DAYS,
        earlier_day=DATES[place - 1] if place else None,
        later_day=DATES[place + 1] if place is not None and place + 1 < len(DATES) else None,
        channels=channels,
    )


def _method(slot_no: int) -> Method:
    if slot_no in NEVER_READ:
        return Method.RECOVERED_LIKE_DAYS
    if slot_no in OTHER_WAY:
        return Method.RECOVERED_OTHER_WAY
    return Method.AGREED if slot_no == DECIDED else Method.COUNTS


def _register(day: date) -> ChannelReadings:
    """Make a register that counts 3 each half hour."""
    slots = []
    for slot_no in range(1, SLOTS_PER_DAY + 1):
        method = _method(slot_no)
        is_measured = method is Method.COUNTS
        is_decided = method is Method.AGREED
        slots.append(
            SlotOrigin(
                slot_no=slot_no,
                energy_wh=250 if is_decided else 3 * UNIT_WH,
                quality=Quality.MEASURED if is_measured else Quality.RECOVERED,
                method=method,
                source=Source.OPERATOR if is_decided else Source.B_ROUTE,
                stage=Stage.FINAL if is_decided else Stage.FLASH,
                original_wh=3 * UNIT_WH if is_measured or is_decided else None,
                rule_wh=3 * UNIT_WH,
                decision=SlotDecision(
                    action=Action.SET,
                    reason=REASON,
                    decided_by="担当1",
                    decided_at=datetime(2021, 3, 2, 10, 5, tzinfo=JST),
                )
                if is_decided
                else None,
            )
        )
    absent = {*NEVER_READ} - {max(NEVER_READ)}
    stamps = [stamp for stamp in range(SLOTS_PER_DAY + 1) if stamp not in absent]
    versions = [_version(day, stamp, 41_000 + 3 * stamp, is_late=stamp in CAME_LATE) for stamp in stamps]
    # An earlier version of the last count, which was corrected.
    versions.insert(-1, _version(day, SLOTS_PER_DAY, 41_139, is_in_force=False))
    return ChannelReadings(
        meter_id=MeterId("M-0017"),
        channel=Channel.IMPORT,
        unit_wh=UNIT_WH,
        is_register=True,
        same_as="",
        versions=tuple(versions),
        slots=tuple(slots),
    )


def _version(
    day: date,
    stamp: int,
    reading: int,
    *,
    is_late: bool = False,
    is_in_force: bool = True,
    source: Source = Source.B_ROUTE,
) -> ReadVersion:
    lag_s = LATE_LAG_S if is_late else USUAL_LAG_S
    at = datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(minutes=30 * stamp)
    return ReadVersion(
        boundary_no=stamp,
        reading=reading,
        received_at=at + timedelta(seconds=lag_s),
        lag_s=lag_s,
        is_late=is_late,
        source=source,
        stage=Stage.FLASH,
        file_name="registers-2021-02.parquet",
        is_in_force=is_in_force,
    )


def _energies(day: date) -> ChannelReadings:
    """Make panels that gave 200 Wh by day, and whose last hours were estimated."""
    energies_wh = [200 if 15 <= slot_no <= 34 else 0 for slot_no in range(1, SLOTS_PER_DAY + 1)]
    slots = tuple(
        SlotOrigin(
            slot_no=slot_no,
            energy_wh=energy_wh,
            quality=Quality.MEASURED if slot_no <= 40 else Quality.ESTIMATED,
            method=Method.DELIVERED if slot_no <= 40 else Method.ESTIMATED_LIKE_DAYS,
            source=Source.CT if slot_no <= 40 else None,
            stage=Stage.FLASH if slot_no <= 40 else None,
            original_wh=energy_wh if slot_no <= 40 else None,
            rule_wh=energy_wh,
            decision=None,
        )
        for slot_no, energy_wh in enumerate(energies_wh, start=1)
    )
    return ChannelReadings(
        meter_id=MeterId("M-0018"),
        channel=Channel.PV,
        unit_wh=1,
        is_register=False,
        same_as="",
        versions=tuple(_version(day, slot_no, energies_wh[slot_no - 1], source=Source.CT) for slot_no in range(1, 41)),
        slots=slots,
    )


def _silent() -> ChannelReadings:
    """Make a meter that said nothing and counts nowhere."""
    return ChannelReadings(
        meter_id=MeterId("M-0019"),
        channel=Channel.EXPORT,
        unit_wh=UNIT_WH,
        is_register=True,
        same_as="M-0017",
        versions=(),
        slots=(),
    )


@cache
def connections_view() -> ConnectionsView:
    """Make the page of all connections."""
    return ConnectionsView(
        market=HEAD,
        dates=DATES,
        quality=tuple(
            HomeQuality(home=HOMES[home], days=tuple(slot_counts(home, [day]) for day in range(len(DATES))))
            for home in range(N_HOMES)
        ),
        homes={home.party_id: home for home in HOMES},
        watch=connection_watch(),
    )


def home_connection_view(home: int) -> HomeConnectionView:
    """Make the page of one home's connections; of the last home nothing is known."""
    return HomeConnectionView(market=HEAD, home=HOMES[home], watch=None if home == N_HOMES - 1 else connection_watch())


def _at(day: int, hour: int) -> datetime:
    return datetime(DATES[day].year, DATES[day].month, DATES[day].day, hour, tzinfo=JST)


def _fault(kind: FaultKind, home: int | None, first_at: datetime, hours: int | None) -> FaultRow:
    return FaultRow(
        kind=kind,
        leg=_LEGS[kind],
        home_id=None if home is None else HOMES[home].party_id,
        connector="cloud-a",
        device="" if home is None else f"gw-{home + 1:03d}",
        meter_id=MeterId("M-0017") if _LEGS[kind] is Leg.METER else None,
        channel="",
        first_at=first_at,
        last_at=None if hours is None else first_at + timedelta(hours=hours),
        figure=12,
        evidence=("12 half hours without a reading",),
        cause=ADVICE[kind].cause,
        remedy=ADVICE[kind].remedy,
    )


@cache
def connection_watch() -> ConnectionWatch:
    """Make a watch with every look of a fault, in the order of the monitor."""
    faults = (
        _fault(FaultKind.DEVICE_OUTAGE, 7, _at(99, 14), None),
        _fault(FaultKind.NEVER_CONNECTED, 43, _at(0, 1), None),
        _fault(FaultKind.METER_OUTAGE, 7, _at(80, 3), 40),
        _fault(FaultKind.DEVICE_OUTAGE, 7, _at(79, 14), 60),
        _fault(FaultKind.STUCK, 7, _at(60, 6), 9),
        _fault(FaultKind.LATE, 7, _at(80, 0), 30),
        _fault(FaultKind.CLOUD_DOWN, None, _at(30, 2), 26),
        _fault(FaultKind.EXCHANGE, 7, _at(20, 10), 0),
    )
    homes = tuple(_home_connection(home, faults) for home in range(N_HOMES))
    return ConnectionWatch(
        market_id=MARKET_ID,
        first_date=DATES[0],
        last_date=DATES[-1],
        now=_at(100, 23),
        dates=DATES,
        homes=homes,
        connectors=(
            ConnectorState(
                connector="cloud-a", device_count=N_HOMES, is_down=False, since_at=None, kind=None, cause="", remedy=""
            ),
        ),
        faults=faults,
        recurring=(
            RecurringRow(
                home_id=HOMES[7].party_id,
                device="gw-008",
                kind=FaultKind.DEVICE_OUTAGE,
                rhythm=Rhythm.HOUR,
                step_index=14,
                first_at=(_at(79, 14), _at(90, 14), _at(99, 14)),
            ),
            RecurringRow(
                home_id=HOMES[9].party_id,
                device="gw-010",
                kind=FaultKind.METER_OUTAGE,
                rhythm=Rhythm.WEEKDAY,
                step_index=5,
                first_at=(_at(1, 9), _at(8, 11), _at(15, 7)),
            ),
        ),
        weak_roofs=(WeakRoofRow(home_id=HOMES[3].party_id, first_date=DATES[0], share_permille=292, peer_count=40),),
        homes_without_outage=tuple(home.home_id for home in homes if not home.outage_count),
        due_slots=1_000,
        timely_slots=971,
        rate_permille=971,
        found=(),
    )


def _home_connection(home: int, faults: tuple[FaultRow, ...]) -> HomeConnection:
    own = [fault for fault in faults if fault.home_id == HOMES[home].party_id]
    going_on = {fault.leg: fault for fault in own if fault.last_at is None}
    states = {leg: LegState.DOWN if leg in going_on else LegState.UP for leg in Leg}
    return HomeConnection(
        home_no=HOMES[home].party_no,
        home_id=HOMES[home].party_id,
        state=LegState.DOWN if going_on else LegState.UP,
        legs=tuple(
            LegRow(
                connector="cloud-a",
                device=f"gw-{home + 1:03d}",
                leg=leg,
                state=states[leg],
                since_at=going_on[leg].first_at if leg in going_on else None,
                kind=going_on[leg].kind if leg in going_on else None,
                evidence=(),
                cause="",
                remedy="",
            )
            for leg in Leg
        ),
        due_slots=48 * len(DATES),
        timely_slots=47 * len(DATES),
        known_slots=48 * len(DATES),
        rate_permille=979,
        outage_count=sum(fault.kind in {FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE} for fault in own),
        days=(None,) * len(DATES),
    )
