"""Watch the connections of a market: what is broken, since when, why, what to do, and how well homes hold.

Enter: stores, a market, two dates and an instant. Leaves: a ConnectionWatch. Not here: loading (watch_observations),
finding faults (core.metering.faults), telling anybody (alerts).
"""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np

from sanchi.app.stores import Stores
from sanchi.app.views.connections import (
    ArrivalDay,
    ConnectionWatch,
    ConnectorState,
    FaultRow,
    HomeConnection,
    LegRow,
    RecurringRow,
    WeakRoofRow,
)
from sanchi.app.watch_observations import load_observations, series_specs
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import EPOCH_DATE, JST, SLOTS_PER_DAY, dates_between
from sanchi.core.base.units import PERMILLE
from sanchi.core.metering.connections.rates import (
    OUTAGES,
    ConnectionRate,
    HeatMap,
    arrival_map,
    connection_rates,
    homes_without_outage,
)
from sanchi.core.metering.connections.recurring import recurring_outages
from sanchi.core.metering.connections.states import LegState, LegStatus, leg_states
from sanchi.core.metering.faults.detection import faults_in
from sanchi.core.metering.faults.fault import ADVICE, NO_HOME, Fault
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.picture import NONE, Picture, picture_of
from sanchi.core.metering.faults.solar import weak_roofs
from sanchi.core.metering.faults.spans import DAY_S
from sanchi.core.metering.faults.steps import slot_energy_wh
from sanchi.core.metering.readings import Channel, MeterSpec

# From the best to the worst.
STATES: Final = (LegState.UP, LegState.DEGRADED, LegState.DOWN, LegState.NEVER)


def watch_connections(
    stores: Stores, market_id: MarketId, first_date: date, last_date: date, now: datetime
) -> ConnectionWatch:
    """Tell how the connections of a market stand, by what had been received until `now`.

    Raises: WrongInput where the span is empty, UnknownRecord when there is no such market.
    """
    observations = load_observations(stores, market_id, first_date, last_date, now)
    picture = picture_of(observations)
    found = faults_in(picture)
    names = {party.party_no: party.party_id for party in stores.market.book(market_id).parties}
    rates = connection_rates(picture)
    home_nos = [rate.home_no for rate in rates]
    dates = dates_between(first_date, _last_due(observations.now_s, last_date))
    due_slots = sum(rate.due_slots for rate in rates)
    timely_slots = sum(rate.timely_slots for rate in rates)
    return ConnectionWatch(
        market_id=market_id,
        first_date=first_date,
        last_date=dates[-1],
        now=instant(observations.now_s),
        dates=dates,
        homes=_homes(picture, found, rates, names, dates),
        connectors=_connectors(picture, found),
        faults=_fault_rows(found, names, series_specs(observations.series)),
        recurring=_recurring(found, names),
        weak_roofs=_weak_roofs(picture, names),
        homes_without_outage=tuple(names[home_no] for home_no in homes_without_outage(home_nos, found)),
        due_slots=due_slots,
        timely_slots=timely_slots,
        rate_permille=PERMILLE * timely_slots // due_slots if due_slots else PERMILLE,
        found=found,
    )


def instant(at_s: int) -> datetime:
    """Give an instant in Japan Standard Time."""
    return datetime.fromtimestamp(at_s, tz=JST)


def _last_due(now_s: int, last_date: date) -> date:
    """Give the last date with a half hour that has ended; midnight belongs to the day before."""
    return min(last_date, instant(now_s - 1).date())


def _homes(
    picture: Picture,
    found: Sequence[Fault],
    rates: Sequence[ConnectionRate],
    names: Mapping[int, PartyId],
    dates: Sequence[date],
) -> tuple[HomeConnection, ...]:
    """Put together what is known of each home."""
    legs: defaultdict[int, list[LegStatus]] = defaultdict(list)
    for status in leg_states(picture.observations.series, found, picture.now_s):
        legs[status.home_no].append(status)
    outages = Counter(one.home_no for one in found if one.kind in OUTAGES)
    days = _days(arrival_map(picture), dates)
    return tuple(
        HomeConnection(
            home_no=rate.home_no,
            home_id=names[rate.home_no],
            state=max((status.state for status in legs[rate.home_no]), key=STATES.index),
            legs=tuple(_leg_row(status) for status in legs[rate.home_no]),
            due_slots=rate.due_slots,
            timely_slots=rate.timely_slots,
            known_slots=rate.known_slots,
            rate_permille=rate.rate_permille,
            outage_count=outages[rate.home_no],
            days=days.get(rate.home_no, tuple(None for _ in dates)),
        )
        for rate in rates
    )


def _days(heat: HeatMap, dates: Sequence[date]) -> dict[int, tuple[ArrivalDay | None, ...]]:
    """Cut the map of arrivals into days of homes."""
    first = heat.first_day - (dates[0] - EPOCH_DATE).days
    result: dict[int, tuple[ArrivalDay | None, ...]] = {}
    for place, home_no in enumerate(heat.home_nos):
        days: list[ArrivalDay | None] = [None] * len(dates)
        for day, counts in enumerate(heat.slot_counts[place].tolist(), start=first):
            if 0 <= day < len(dates) and sum(counts):
                days[day] = ArrivalDay(timely_slots=counts[0], late_slots=counts[1], missing_slots=counts[2])
        result[home_no] = tuple(days)
    return result


def _leg_row(status: LegStatus) -> LegRow:
    """Tell a leg with instants instead of seconds."""
    return LegRow(
        connector=status.connector,
        device=status.device,
        leg=status.leg,
        state=status.state,
        since_at=None if status.since_s is None else instant(status.since_s),
        kind=status.kind,
        evidence=status.evidence,
        cause=status.cause,
        remedy=status.remedy,
    )


def _connectors(picture: Picture, found: Sequence[Fault]) -> tuple[ConnectorState, ...]:
    """Tell how each cloud and broker stands: what goes on, else what was there in the last day."""
    result = []
    for connector in picture.connectors:
        own = [one for one in found if one.connector == connector and one.home_no == NO_HOME]
        now = [one for one in own if one.last_s is None or picture.now_s - one.last_s < DAY_S]
        told = max(
            now, key=lambda one: (one.last_s is None, one.kind is FaultKind.CLOUD_DOWN, one.first_s), default=None
        )
        advice = None if told is None else ADVICE[told.kind]
        result.append(
            ConnectorState(
                connector=connector,
                device_count=len(picture.devices_of(connector)),
                is_down=told is not None and told.kind is FaultKind.CLOUD_DOWN and told.last_s is None,
                since_at=None if told is None else instant(told.first_s),
                kind=None if told is None else told.kind,
                cause="" if advice is None else advice.cause,
                remedy="" if advice is None else advice.remedy,
            )
        )
    return tuple(result)


def _weight(one: Fault) -> tuple[bool, bool, int]:
    """Order a connector's faults: what goes on before what is over, no answer at all before anything else."""
    return one.last_s is None, one.kind is FaultKind.CLOUD_DOWN, one.first_s


def _fault_rows(
    found: Sequence[Fault], names: Mapping[int, PartyId], specs: Mapping[int, MeterSpec]
) -> tuple[FaultRow, ...]:
    """Tell faults as people read them: those that go on first, then the latest."""
    ordered = sorted(found, key=lambda one: (one.last_s is not None, -one.first_s, one.kind, one.device))
    return tuple(
        FaultRow(
            kind=one.kind,
            leg=one.leg,
            home_id=None if one.home_no == NO_HOME else names[one.home_no],
            connector=one.connector,
            device=one.device,
            meter_id=specs[one.meter_no].meter_id if one.meter_no in specs else None,
            channel=Channel(one.channel_no).text if one.channel_no else "",
            first_at=instant(one.first_s),
            last_at=None if one.last_s is None else instant(one.last_s),
            figure=one.figure,
            evidence=one.evidence,
            cause=ADVICE[one.kind].cause,
            remedy=ADVICE[one.kind].remedy,
        )
        for one in ordered
    )


def _recurring(found: Sequence[Fault], names: Mapping[int, PartyId]) -> tuple[RecurringRow, ...]:
    """Tell outages that come again."""
    return tuple(
        RecurringRow(
            home_id=names[one.home_no],
            device=one.device,
            kind=one.kind,
            rhythm=one.rhythm,
            step_index=one.step_index,
            first_at=tuple(instant(at_s) for at_s in one.first_s),
        )
        for one in recurring_outages(found)
    )


def _weak_roofs(picture: Picture, names: Mapping[int, PartyId]) -> tuple[WeakRoofRow, ...]:
    """Tell roofs that give much less than others, by the days of which every half hour is known."""
    lines = [
        line
        for device in picture.devices
        for line in device.timelines
        if line.watched.spec.channel is Channel.PV and line.watched.capacity_w and line.n_boundaries
    ]
    if not lines:
        return ()
    first_day = -(-(lines[0].first_boundary - 1) // SLOTS_PER_DAY)
    skipped = first_day * SLOTS_PER_DAY + 1 - lines[0].first_boundary
    n_days = (lines[0].n_boundaries - skipped) // SLOTS_PER_DAY
    energies = np.full((len(lines), max(n_days, 0)), NONE, dtype=np.int64)
    for place, line in enumerate(lines):
        slots_wh = slot_energy_wh(line)[skipped : skipped + n_days * SLOTS_PER_DAY].reshape(-1, SLOTS_PER_DAY)
        energies[place] = np.where((slots_wh != NONE).all(axis=1), slots_wh.sum(axis=1), NONE)
    capacities = np.array([line.watched.capacity_w for line in lines], dtype=np.int64)
    return tuple(
        WeakRoofRow(
            home_id=names[lines[weak.roof_index].watched.home_no],
            first_date=EPOCH_DATE + timedelta(days=first_day + weak.first_day_index),
            share_permille=weak.share_permille,
            peer_count=weak.peer_count,
        )
        for weak in weak_roofs(energies, capacities)
    )
