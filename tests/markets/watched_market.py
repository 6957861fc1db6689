"""Small markets as sanchi sees them, with faults that are known: independent of `sanchi sandbox meters`.

Enter: a seed and the faults wanted. Leave: Observations and TrueFaults. Three ways of reading: a gateway over MQTT
(`gateway`), a cloud of counts beside a cloud of energies (`clouds`), and files of which no event tells (`files`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import Any

import numpy as np

from sanchi.core.base.ids import MeterId
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.observations import Observations, RejectedRows, WatchedSeries
from sanchi.core.metering.faults.scoring import TrueFault
from sanchi.core.metering.faults.spans import SLOT_S, stamp_s
from sanchi.core.metering.readings import Channel, MeterSpec, ReadingRows

FIRST_BOUNDARY = 48 * 7_600
MQTT, COUNTS, ENERGIES = "mqtt", "count_cloud", "energy_cloud"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A fault to play: kind, device, first slot and number of slots (counted from the market's first boundary)."""

    kind: FaultKind
    device: str
    first: int
    n_slots: int


@dataclass(kw_only=True)
class Line:
    """One series on its way: arrays by row."""

    watched: WatchedSeries
    boundary: np.ndarray
    reading: np.ndarray
    received_s: np.ndarray

    def take(self, keep: np.ndarray) -> None:
        """Keep some rows."""
        self.boundary, self.reading, self.received_s = (
            self.boundary[keep], self.reading[keep], self.received_s[keep],
        )  # fmt: skip

    def add(self, boundary: np.ndarray, reading: np.ndarray, received_s: np.ndarray) -> None:
        """Add rows."""
        self.boundary = np.concatenate([self.boundary, boundary])
        self.reading = np.concatenate([self.reading, reading])
        self.received_s = np.concatenate([self.received_s, received_s])


@dataclass(kw_only=True)
class Market:
    """A market while it is made."""

    rng: np.random.Generator
    n_days: int
    lines: list[Line] = field(default_factory=list)
    events: list[tuple[int, EventCode, str, int]] = field(default_factory=list)
    rejected: list[tuple[ProblemCode, str, int, int]] = field(default_factory=list)
    truth: list[TrueFault] = field(default_factory=list)

    @property
    def n_slots(self) -> int:
        """Count the half hours."""
        return self.n_days * 48

    @property
    def now_s(self) -> int:
        """Give the end of the market, some minutes after its last boundary."""
        return stamp_s(FIRST_BOUNDARY + self.n_slots) + 600

    def lines_of(self, device: str) -> list[Line]:
        """List a device's series."""
        return [line for line in self.lines if line.watched.device == device]


def market_of(seed: int, *, n_homes: int = 6, n_days: int = 12) -> Market:
    """Make a market without faults; devices are gw-N, br-N, ct-N and file-N by home, N from 0."""
    market = Market(rng=np.random.default_rng(seed), n_days=n_days)
    sky = np.repeat(market.rng.uniform(0.25, 1.0, n_days), 48) * market.rng.uniform(0.8, 1.0, market.n_slots)
    for home_no in range(n_homes):
        _add_home(market, home_no, sky)
    _add_signs_of_life(market)
    return market


def observed(market: Market) -> Observations:
    """Give what sanchi sees of a market."""
    rows = rows_of([(line.watched.spec, line.boundary, line.reading, line.received_s) for line in market.lines])
    rows = rows.take(rows.received_s <= market.now_s)
    return Observations(
        series=tuple(line.watched for line in market.lines),
        rows=rows,
        rejected=_rejected(market),
        events=events_of(market.events),
        first_s=stamp_s(FIRST_BOUNDARY),
        now_s=market.now_s,
    )


def rows_of(parts: Sequence[tuple[MeterSpec, np.ndarray, np.ndarray, np.ndarray]]) -> ReadingRows:
    """Lay series out as rows: meter, boundaries, readings and times of receipt of each."""
    sizes = [boundary.size for _, boundary, _, _ in parts]
    n_rows = sum(sizes)
    columns: dict[str, Any] = {
        "meter_no": np.repeat([spec.meter_no for spec, *_ in parts], sizes).astype(np.int32),
        "channel_no": np.repeat([int(spec.channel) for spec, *_ in parts], sizes).astype(np.int8),
        "boundary": np.concatenate([boundary for _, boundary, _, _ in parts]).astype(np.int32),
        "reading": np.concatenate([reading for _, _, reading, _ in parts]).astype(np.int64),
        "received_s": np.concatenate([received_s for *_, received_s in parts]).astype(np.int64),
        "delivery_no": np.zeros(n_rows, np.int32),
        "row_no": np.arange(n_rows, dtype=np.int32),
    }
    # Whether readings carry their source and stage is nothing that faults depend on.
    told: dict[str, Any] = {"source_no": np.full(n_rows, 2, np.int8), "stage_no": np.full(n_rows, 1, np.int8)}
    names = {each.name for each in fields(ReadingRows)}
    return ReadingRows(**columns, **{name: column for name, column in told.items() if name in names})


def events_of(events: Sequence[tuple[int, EventCode, str, int]]) -> EventRows:
    """Lay events out as rows."""
    ordered = sorted(events)
    subjects = tuple(sorted({subject for _, _, subject, _ in ordered}))
    return EventRows(
        subject_texts=subjects,
        subject_code=np.array([subjects.index(subject) for _, _, subject, _ in ordered], np.int32),
        at_s=np.array([at for at, _, _, _ in ordered], np.int64),
        event_no=np.array([code for _, code, _, _ in ordered], np.int8),
        figure=np.array([figure for _, _, _, figure in ordered], np.int64),
    )


def spec_of(meter_no: int, channel: Channel, *, digits: int) -> MeterSpec:
    """Make a meter's channel that serves from before the market on."""
    return MeterSpec(
        meter_no=meter_no,
        meter_id=MeterId(f"M{meter_no}"),
        channel=channel,
        unit_wh=100 if digits else 1,
        digits=digits,
        installed_boundary=FIRST_BOUNDARY - 480,
        removed_boundary=None,
        plausible_wh_max=6_000,
    )


def _add_home(market: Market, home_no: int, sky: np.ndarray) -> None:
    """Add a home: load, roof, and what its devices send of them."""
    rng, slot = market.rng, np.arange(market.n_slots) % 48
    sun = np.maximum(np.sin((slot + 0.5 - 12) / 24 * np.pi), 0.0) * (slot >= 12) * (slot < 36)
    pv_wh = np.rint(rng.integers(1_200, 2_200) * sun * sky * rng.uniform(0.9, 1.1, slot.size)).astype(np.int64)
    load_wh = rng.integers(90, 160) + rng.gamma(1.2, 120, slot.size).astype(np.int64)
    net_wh = load_wh - pv_wh
    way = ("gateway", "clouds", "files")[home_no % 3]
    register = {"gateway": ("gw", MQTT), "clouds": ("br", COUNTS), "files": ("file", "")}[way]
    solar = {"gateway": ("gw", MQTT), "clouds": ("ct", ENERGIES), "files": ("file", "")}[way]
    meter_no = 10 * home_no + 1
    for channel, energy_wh in ((Channel.IMPORT, np.maximum(net_wh, 0)), (Channel.EXPORT, np.maximum(-net_wh, 0))):
        counts = int(rng.integers(1_000, 90_000)) + np.concatenate([[0], np.cumsum(energy_wh)]) // 100
        _add_line(market, spec_of(meter_no, channel, digits=6), home_no, register, counts)
    _add_line(market, spec_of(meter_no + 1, Channel.PV, digits=0), home_no, solar, np.concatenate([[0], pv_wh]))


def _add_line(market: Market, spec: MeterSpec, home_no: int, way: tuple[str, str], readings: np.ndarray) -> None:
    """Add a series that arrives as its way usually brings it."""
    prefix, connector = way
    device = f"{prefix}-{home_no}"
    boundary = FIRST_BOUNDARY + np.arange(readings.size)
    rng = np.random.default_rng([home_no, len(prefix), market.n_slots])
    if connector == MQTT:
        lag_s = rng.integers(1, 20, readings.size)
    elif connector:
        lag_s = SLOT_S * (1 + home_no % 4) + rng.integers(0, 300, readings.size)
    else:
        lag_s = 4 * 3600 + np.zeros(readings.size, np.int64)
    market.lines.append(
        Line(
            watched=WatchedSeries(spec=spec, home_no=home_no, connector=connector, device=device),
            boundary=boundary[1:],
            reading=readings[1:],
            received_s=(stamp_s(0) + boundary * SLOT_S + lag_s)[1:],
        )
    )


def _add_signs_of_life(market: Market) -> None:
    """Let clouds answer every half hour and say when they last heard of each device; let gateways be online."""
    times = [stamp_s(FIRST_BOUNDARY + k) + 120 for k in range(market.n_slots + 1)]
    devices = sorted({(line.watched.device, line.watched.connector) for line in market.lines})
    for connector in (COUNTS, ENERGIES):
        market.events += [(at, EventCode.POLL_OK, connector, 0) for at in times]
        for device in (name for name, way in devices if way == connector):
            market.events += [(at - 60, EventCode.DEVICE_SEEN, device, 0) for at in times]
    for device in (name for name, way in devices if way == MQTT):
        market.events.append((times[0], EventCode.GATEWAY_ONLINE, device, 0))


def _rejected(market: Market) -> RejectedRows:
    """Lay rejected rows out."""
    codes = tuple(sorted({code for code, *_ in market.rejected}))
    devices = tuple(sorted({device for _, device, *_ in market.rejected}))
    n_rows = len(market.rejected)
    at_s = np.array([at for _, _, at, _ in market.rejected], np.int64)
    return RejectedRows(
        codes=codes,
        device_texts=devices,
        meter_no=np.full(n_rows, -1, np.int32),
        channel_no=np.zeros(n_rows, np.int8),
        device_code=np.array([devices.index(device) for _, device, *_ in market.rejected], np.int32),
        code_index=np.array([codes.index(code) for code, *_ in market.rejected], np.int8),
        stamp_s=at_s,
        received_s=at_s.copy(),
        reading=np.array([reading for *_, reading in market.rejected], np.int64),
    )
