"""Load what sanchi has seen of a market in a span, as the search for faults looks at it.

Enter: stores, a market, two dates and an instant. Leaves: Observations. Not here: the search, and what is told of it.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.deliveries import ConnectorOfDelivery, FileKind
from sanchi.app.market import MarketBook, Meter, PartyRole
from sanchi.app.roster import metering_points
from sanchi.app.stores import Stores
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST, SLOTS_PER_DAY
from sanchi.core.metering.faults.blocks import BlockRows, block_rows
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.faults.observations import Observations, PeakRows, WatchedSeries, device_of_address
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.faults.spans import DAY_S, boundary_at
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import Channel, MeterSpec, ReadingRows
from sanchi.core.metering.sources import Source, Stage

# What was said before the span and still holds in it: who is online, who has its meter, which broker is lost.
STATES: Final = (
    EventCode.GATEWAY_ONLINE, EventCode.GATEWAY_OFFLINE, EventCode.METER_JOINED, EventCode.METER_LOST,
    EventCode.BROKER_LOST, EventCode.BROKER_BACK,
)  # fmt: skip
BEFORE_DAYS: Final = 35
# A supply point of the network operator: its files are watched by nobody, they come when they come.
POINT_DIGITS: Final = 22
# Objects of gateways are named by class and instance, series of clamps by these words.
CLAMP_SERIES: Final = frozenset({"pv", "load", "grid"})


def load_observations(
    stores: Stores, market_id: MarketId, first_date: date, last_date: date, now: datetime
) -> Observations:
    """Load all that was received until `now` of the half hours between two dates; faults are told as of their end.

    Raises: WrongInput where the span is empty, UnknownRecord when there is no such market.
    """
    first_s = int(datetime.combine(first_date, time.min, tzinfo=JST).timestamp())
    end_s = int(datetime.combine(last_date + timedelta(days=1), time.min, tzinfo=JST).timestamp())
    known_s = int(now.timestamp())
    now_s = min(known_s, end_s)
    if now_s <= first_s:
        raise WrongInput(f"Nothing lies between {first_date} and {now:%Y-%m-%d %H:%M}.", hint="Name earlier dates.")
    book = stores.market.book(market_id)
    span = boundary_at(first_s), boundary_at(now_s)
    meters = _watched_meters(book)
    rows, peaks = _readings(stores, market_id, meters, span, known_s)
    connectors = stores.readings.connectors(market_id)
    rows = _of_successors(_of_devices(rows, connectors), book)
    series = _series(book, meters, rows, connectors)
    return Observations(
        series=series,
        rows=rows,
        rejected=_rejected_until(stores, market_id, first_s, now_s, known_s),
        events=_events(stores, market_id, first_s, now_s),
        first_s=first_s,
        now_s=now_s,
        peaks=peaks,
        spoken_devices=_spoken_before(stores, market_id, series, rows, span[0]),
    )


def _watched_meters(book: MarketBook) -> tuple[Meter, ...]:
    """List the meters of homes that a device of the home reads."""
    homes = {party.party_id for party in book.parties if party.role is PartyRole.HOME}
    return tuple(meter for meter in book.meters if meter.party_id in homes and not _is_point(meter))


def _is_point(meter: Meter) -> bool:
    """Tell a point that only the network operator's files know."""
    is_address = len(meter.address) == POINT_DIGITS and meter.address.isdigit()
    return meter.source is Source.TSO or is_address


def _readings(
    stores: Stores, market_id: MarketId, meters: Sequence[Meter], span: tuple[int, int], known_s: int
) -> tuple[ReadingRows, PeakRows]:
    """Load readings, of minutes what each delivered block made of its half hour instead of what they add up to."""
    rows = stores.readings.rows_between(market_id, *span, {meter.meter_no for meter in meters})
    rows = rows.take(rows.received_s <= known_s)
    # Minutes come from devices that a connector asks; files of half hours bring none.
    clamps = {meter.meter_no for meter in meters if meter.digits == 0 and meter.address}
    blocks: list[BlockRows] = []
    peaks: list[PeakRows] = []
    first_day, last_day = (boundary // SLOTS_PER_DAY for boundary in span)
    for day in range(first_day, last_day + 1) if clamps else ():
        of_day = max(day * SLOTS_PER_DAY + 1, span[0]), min((day + 1) * SLOTS_PER_DAY, span[1])
        parts = stores.readings.parts_between(market_id, *of_day, clamps)
        parts = parts.take(parts.received_s <= known_s)
        if parts.row_count:
            found = _blocks_of(parts)
            blocks.append(found[0])
            peaks.append(found[1])
    if not blocks:
        return rows, PeakRows.none()
    made = _rows_of_blocks(blocks)
    rows = rows.take(~np.isin(rows.series_key, np.unique(made.series_key)))
    return ReadingRows.joined([rows, made]), _joined_peaks(peaks)


def _of_devices(rows: ReadingRows, connectors: Sequence[ConnectorOfDelivery]) -> ReadingRows:
    """Leave out what people delivered of a meter that a connector reads: a fitter's counts are no sign of a device."""
    brought = np.array([each.delivery_no for each in connectors if each.connector], dtype=np.int32)
    is_brought = np.isin(rows.delivery_no, brought)
    return rows.take(is_brought | ~np.isin(rows.meter_no, np.unique(rows.meter_no[is_brought])))


def _of_successors(rows: ReadingRows, book: MarketBook) -> ReadingRows:
    """Give what a new meter counted to the new meter, where it was taken for the old one's: told of too late."""
    party_nos = {party.party_id: party.party_no for party in book.parties}
    meter_no = rows.meter_no.copy()
    for point in metering_points(book.meters, party_nos):
        for earlier, later in pairwise(point.meters):
            is_old = (meter_no == earlier.meter_no) & (rows.channel_no == int(point.channel))
            # At the very instant of an exchange the device reads the new one already.
            meter_no[is_old & (rows.boundary >= later.installed_boundary)] = later.meter_no
    return replace(rows, meter_no=meter_no)


def _blocks_of(parts: PartRows) -> tuple[BlockRows, PeakRows]:
    """Put the parts of a day together, block by block."""
    return block_rows(
        parts.series_key,
        parts.stamp_s,
        parts.interval_s,
        parts.energy_ws,
        parts.received_s,
        parts.delivery_no,
        parts.row_no,
    )


def _rows_of_blocks(blocks: Sequence[BlockRows]) -> ReadingRows:
    """Lay blocks out as readings."""
    names = ("meter_no", "channel_no", "boundary", "reading", "received_s", "delivery_no", "row_no")
    columns: dict[str, Any] = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in names}
    n_rows = columns["boundary"].size
    return ReadingRows(
        **columns,
        source_no=np.full(n_rows, Source.CT, dtype=np.int8),
        stage_no=np.full(n_rows, Stage.FLASH, dtype=np.int8),
    )


def _joined_peaks(peaks: Sequence[PeakRows]) -> PeakRows:
    """Put the peaks of all days one behind the other."""
    names = ("meter_no", "channel_no", "boundary", "peak_w")
    return PeakRows(**{name: np.concatenate([getattr(each, name) for each in peaks]) for name in names})


def _rejected_until(stores: Stores, market_id: MarketId, first_s: int, now_s: int, known_s: int) -> RejectedColumns:
    """Load the rejected rows that are of the span, whenever they came."""
    rejected = stores.readings.rejected_between(market_id, first_s, known_s + 1)
    return rejected.take((rejected.stamp_s >= first_s) & (rejected.stamp_s <= now_s))


def _series(
    book: MarketBook, meters: Sequence[Meter], rows: ReadingRows, connectors: Sequence[ConnectorOfDelivery]
) -> tuple[WatchedSeries, ...]:
    """Name, for every channel of the watched meters, the way that its readings take."""
    party_nos = {party.party_id: party.party_no for party in book.parties}
    meter_of = {meter.meter_no: meter for meter in meters}
    capacities = {plant.home_id: plant.capacity_w for plant in book.plants}
    ways = _connectors_of_devices(meters, rows, connectors)
    result = []
    for point in metering_points(book.meters, party_nos):
        for spec in point.meters:
            meter = meter_of.get(spec.meter_no)
            if meter is not None:
                device = _device_of(meter)
                result.append(
                    WatchedSeries(
                        spec=spec,
                        home_no=point.party_no,
                        connector=ways.get(device, ""),
                        device=device,
                        capacity_w=capacities.get(meter.party_id, 0) if spec.channel is Channel.PV else 0,
                    )
                )
    return tuple(result)


def _device_of(meter: Meter) -> str:
    """Name the device that reads a meter; where only files come, all of a home's meters come by one way."""
    return device_of_address(meter.address) if meter.address else str(meter.party_id)


def _connectors_of_devices(
    meters: Sequence[Meter], rows: ReadingRows, connectors: Sequence[ConnectorOfDelivery]
) -> dict[str, str]:
    """Name the connector of each device: that of its latest delivery, else the only one of its kind."""
    name_of = {each.delivery_no: each.connector for each in connectors if each.connector}
    only: defaultdict[FileKind, set[str]] = defaultdict(set)
    for each in connectors:
        if each.connector:
            only[each.file_kind].add(each.connector)
    result: dict[str, str] = {}
    for meter in meters:
        names = only[_kind_of(meter.address)] if meter.address else set()
        if len(names) == 1:
            result[_device_of(meter)] = next(iter(names))
    for meter_no, delivery_no in _latest_deliveries(rows, name_of):
        result |= {_device_of(meter): name_of[delivery_no] for meter in meters if meter.meter_no == meter_no}
    return result


def _latest_deliveries(rows: ReadingRows, name_of: Mapping[int, str]) -> list[tuple[int, int]]:
    """Give, for each meter, the latest delivery that a connector brought."""
    is_brought = np.isin(rows.delivery_no, np.array(sorted(name_of), dtype=np.int32))
    order = np.lexsort((rows.delivery_no[is_brought], rows.meter_no[is_brought]))
    meter_no, delivery_no = rows.meter_no[is_brought][order], rows.delivery_no[is_brought][order]
    is_last = np.append(np.diff(meter_no) != 0, True)[: meter_no.size]
    return list(zip(meter_no[is_last].tolist(), delivery_no[is_last].tolist(), strict=True))


def _kind_of(address: str) -> FileKind:
    """Tell by the form of an address which kind of files its readings come in."""
    _, _, thing = address.partition("/")
    if not thing:
        return FileKind.GATEWAY_CLOUD
    return FileKind.CT_CLOUD if thing in CLAMP_SERIES else FileKind.FRAMES


def _events(stores: Stores, market_id: MarketId, first_s: int, now_s: int) -> EventRows:
    """Load the events of the span, and the states that were told before it."""
    events = stores.readings.events_between(market_id, first_s - BEFORE_DAYS * DAY_S, now_s + 1)
    kept: NDArray[np.bool_] = (events.at_s >= first_s) | np.isin(events.event_no, np.array(STATES, dtype=np.int8))
    return replace(
        events,
        subject_code=events.subject_code[kept],
        at_s=events.at_s[kept],
        event_no=events.event_no[kept],
        figure=events.figure[kept],
    )


def _spoken_before(
    stores: Stores, market_id: MarketId, series: Sequence[WatchedSeries], rows: ReadingRows, first_boundary: int
) -> frozenset[str]:
    """Name the devices that are silent in the span and had delivered something shortly before it."""
    heard: set[int] = set(np.unique(rows.meter_no).tolist())
    devices: defaultdict[str, set[int]] = defaultdict(set)
    for one in series:
        devices[one.device].add(one.spec.meter_no)
    silent = {device: nos for device, nos in devices.items() if not nos & heard}
    if not silent:
        return frozenset()
    wanted = {meter_no for nos in silent.values() for meter_no in nos}
    before = max(first_boundary - BEFORE_DAYS * SLOTS_PER_DAY, 0), max(first_boundary - 1, 0)
    spoken: Collection[int] = set(stores.readings.rows_between(market_id, *before, wanted).meter_no.tolist())
    return frozenset(device for device, nos in silent.items() if nos.intersection(spoken))


def series_specs(series: Sequence[WatchedSeries]) -> Mapping[int, MeterSpec]:
    """Give, by meter_no, one channel of each watched meter."""
    return {one.spec.meter_no: one.spec for one in series}
