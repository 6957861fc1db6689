"""A sandbox's world as sanchi would have seen it: polls and frames through the real decoders, in one process.

Enter: a seed and a number of homes. Leave: Observations and TrueFaults. Not here: servers, brokers, files.
"""

import json
from dataclasses import dataclass, field
from importlib.resources import as_file, files
from types import SimpleNamespace
from typing import Any

import numpy as np

from bench.fault_parts.ways import connector_events, gateway_events, history_rows, poll_times
from sanchi.core.base.ids import MeterId
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.blocks import block_rows
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.faults.observations import Observations, PeakRows, RejectedRows, WatchedSeries
from sanchi.core.metering.faults.scoring import TrueFault
from sanchi.core.metering.faults.spans import EPOCH_S, SLOT_S, boundary_at
from sanchi.core.metering.formats.ct_cloud import decode_ct_pages
from sanchi.core.metering.formats.decoded import DecodedFile, Measure
from sanchi.core.metering.formats.gateway_cloud import decode_gateway_pages
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, decode_frames
from sanchi.core.metering.formats.json_records import CloudPage
from sanchi.core.metering.parts.rows import energy_ws_of
from sanchi.core.metering.readings import CHANNEL_END, Channel, MeterSpec, ReadingRows
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.sandbox.br_cloud import BrCloud
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.ct_cloud import CtCloud
from sanchi.edge.sandbox.gateways import MADE_AFTER_S, frame_of
from sanchi.edge.sandbox.market import meter_rows
from sanchi.edge.sandbox.plan import read_plan
from sanchi.edge.sandbox.world import World, make_world

Event = tuple[int, EventCode, str, int]
CHANNELS = 16


@dataclass
class Seen:
    """What has come so far: columns of readings (meter, channel, boundary, reading, received, order), and the rest."""

    meter_no_of: dict[tuple[str, int], int]
    columns: list[np.ndarray] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    negatives: list[np.ndarray] = field(default_factory=list)
    peaks: PeakRows = field(default_factory=PeakRows.none)

    def take(self, decoded: tuple[DecodedFile, EventRows]) -> None:
        """Take what a decoder made of a file."""
        rows, events = decoded[0].rows, decoded[1]
        subjects = [events.subject_texts[code] for code in events.subject_code.tolist()]
        codes = [EventCode(number) for number in events.event_no.tolist()]
        self.events += zip(events.at_s.tolist(), codes, subjects, events.figure.tolist(), strict=True)
        table = np.full((len(rows.address_texts), CHANNELS), -1, np.int64)
        for place, address in enumerate(rows.address_texts):
            for channel in Channel:
                table[place, channel] = self.meter_no_of.get((address, int(channel)), -1)
        meter_no = table[rows.address_code, rows.channel_no]
        is_known, order = meter_no >= 0, np.arange(meter_no.size)
        below = is_known & (rows.reading < 0)
        self.negatives.append(
            np.stack([meter_no[below], rows.stamp_s[below], rows.received_s[below], rows.reading[below]])
        )
        counts = is_known & ~below & (rows.measure_no == Measure.COUNT) & ((rows.stamp_s - EPOCH_S) % SLOT_S == 0)
        boundary = (rows.stamp_s - EPOCH_S) // SLOT_S
        told = (meter_no, rows.channel_no, boundary, rows.reading, rows.received_s, order)
        self.columns.append(np.stack([column[counts].astype(np.int64) for column in told]))
        parts = is_known & ~below & (rows.measure_no == Measure.POWER)
        if parts.any():
            self.take_parts(decoded[0], meter_no, parts)

    def take_parts(self, decoded: DecodedFile, meter_no: np.ndarray, parts: np.ndarray) -> None:
        """Take minutes, put together block by block."""
        rows = decoded.rows
        energy_ws = energy_ws_of(
            rows.reading[parts], rows.measure_no[parts], rows.interval_s[parts], rows.unit_mwh[parts]
        )
        blocks, self.peaks = block_rows(
            meter_no[parts] * CHANNEL_END + rows.channel_no[parts],
            rows.stamp_s[parts],
            rows.interval_s[parts],
            energy_ws,
            rows.received_s[parts],
            np.zeros(int(parts.sum()), np.int32),
            np.flatnonzero(parts).astype(np.int32),
        )
        told = (blocks.meter_no, blocks.channel_no, blocks.boundary, blocks.reading, blocks.received_s, blocks.row_no)
        self.columns.append(np.stack([column.astype(np.int64) for column in told]))


def play(seed: int, n_homes: int) -> tuple[Observations, list[TrueFault]]:
    """Play a world to its end."""
    with as_file(files("sanchi") / "sample") as sample:
        world = make_world(sample, read_plan(None), seed, n_homes=n_homes)
    home_nos = {home: number for number, home in enumerate(sorted(cast.home for cast in world.casts))}
    series, meter_no_of = _watched(world, home_nos)
    seen = Seen(meter_no_of=meter_no_of, events=gateway_events(world))
    seen.take(decode_frames(_frames(world)))
    clock = SimpleNamespace(now_s=world.period.last_s)
    ct_cloud, br_cloud = CtCloud(world, clock), BrCloud(world, clock)
    seen.take(decode_ct_pages(_pages(world, Connector.CT_CLOUD, "items", ct_cloud.item)))
    seen.take(decode_gateway_pages(_pages(world, Connector.BR_CLOUD, "readings", br_cloud.reading)))
    seen.events += connector_events(world, Connector.CT_CLOUD) + connector_events(world, Connector.BR_CLOUD)
    seen.columns.append(history_rows(world, np.concatenate(seen.columns, axis=1), meter_no_of))
    truth = [
        TrueFault(
            kind=fault.kind,
            leg=fault.leg,
            home_no=home_nos[fault.home] if fault.home else -1,
            connector=fault.connector,
            device=fault.device_id,
            first_s=fault.from_s,
            last_s=min(fault.to_s, world.period.last_s),
        )
        for fault in world.faults
    ]
    return _observations(world, series, seen), truth


def _watched(world: World, home_nos: dict[str, int]) -> tuple[list[WatchedSeries], dict[tuple[str, int], int]]:
    """List the series that devices send, and the meters by address and channel."""
    connector_of = {device.device_id: device.connector.value for cast in world.casts for device in cast.devices}
    series, meter_no_of = [], {}
    for number, row in enumerate(meter_rows(world), start=1):
        if row["source"] == "tso":
            continue
        device = row["address"].split("/")[0]
        for name in row["channels"].split("+"):
            channel = Channel[name.upper()]
            spec = MeterSpec(
                meter_no=number,
                meter_id=MeterId(row["meter_id"]),
                channel=channel,
                unit_wh=int(row["unit_wh"]),
                digits=int(row["digits"]),
                installed_boundary=boundary_at(world.period.first_s),
                removed_boundary=None,
                plausible_wh_max=int(row["plausible_wh_max"]),
            )
            home_no = home_nos[row["party_id"]]
            series.append(WatchedSeries(spec=spec, home_no=home_no, connector=connector_of[device], device=device))
            meter_no_of[row["address"], int(channel)] = number
    return series, meter_no_of


def _frames(world: World) -> list[GatewayFrame]:
    """List all frames as they reach the broker."""
    sendings = world.sendings[Connector.MQTT]
    frames = []
    for position, arrival_s in enumerate(sendings.arrival_s.tolist()):
        stream, row = sendings.at(position)
        made_s = int(stream.about_s[row]) + MADE_AFTER_S[stream.thing]
        content = frame_of(stream, row, is_old=False)
        device = stream.device.device_id
        frames.append(GatewayFrame(received_s=arrival_s, gateway=device, sent_s=made_s, frame=content))
    return frames


def _pages(world: World, connector: Connector, name: str, record: Any) -> list[CloudPage]:
    """List the pages that polls bring home, one a poll that was answered."""
    sendings = world.sendings[connector]
    pages, begin = [], 0
    for at_s, is_answered in poll_times(world, connector):
        end = sendings.visible_count(at_s) if is_answered else begin
        if end > begin:
            body = json.dumps({name: [record(position) for position in range(begin, end)]})
            pages.append(CloudPage(received_s=at_s, body=body))
        begin = end
    return pages


def _observations(world: World, series: list[WatchedSeries], seen: Seen) -> Observations:
    """Lay out what was seen until the end of the period."""
    now_s = world.period.last_s
    columns = np.concatenate(seen.columns, axis=1)
    columns = columns[:, columns[4] <= now_s]
    n_rows = columns.shape[1]
    negatives = np.concatenate(seen.negatives, axis=1)
    n_rejected = negatives.shape[1]
    events = sorted(set(seen.events))
    subjects = tuple(sorted({subject for _, _, subject, _ in events}))
    place_of = {subject: place for place, subject in enumerate(subjects)}
    return Observations(
        series=tuple(series),
        rows=ReadingRows(
            meter_no=columns[0].astype(np.int32),
            channel_no=columns[1].astype(np.int8),
            boundary=columns[2].astype(np.int32),
            reading=columns[3],
            received_s=columns[4],
            delivery_no=np.zeros(n_rows, np.int32),
            row_no=columns[5].astype(np.int32),
            source_no=np.full(n_rows, Source.B_ROUTE, np.int8),
            stage_no=np.full(n_rows, Stage.FLASH, np.int8),
        ),
        rejected=RejectedRows(
            codes=(ProblemCode.NEGATIVE_ENERGY,),
            device_texts=(),
            meter_no=negatives[0].astype(np.int32),
            channel_no=np.zeros(n_rejected, np.int8),
            device_code=np.full(n_rejected, -1, np.int32),
            code_index=np.zeros(n_rejected, np.int8),
            stamp_s=negatives[1],
            received_s=negatives[2],
            reading=negatives[3],
        ),
        events=EventRows(
            subject_texts=subjects,
            subject_code=np.array([place_of[subject] for _, _, subject, _ in events], np.int32),
            at_s=np.array([at_s for at_s, *_ in events], np.int64),
            event_no=np.array([code for _, code, *_ in events], np.int8),
            figure=np.array([figure for *_, figure in events], np.int64),
        ),
        first_s=world.period.first_s,
        now_s=now_s,
        peaks=seen.peaks,
    )
