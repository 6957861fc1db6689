"""Each fault changes what it says, there and nowhere else; without a fault what is sent adds up to the truth."""

from collections.abc import Iterator

import numpy as np
import pytest

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.streams import NONE, Stream, Thing, clean_streams
from sanchi.edge.sandbox.world import World
from tests.edge.sandbox.worlds import busy_world, quiet_world


def pairs(kind: FaultKind, *things: Thing) -> Iterator[tuple[Fault, Stream, Stream, np.ndarray]]:
    """Give each fault of a kind with the streams it hits, as they are and as they would be, and the rows."""
    world = busy_world()
    hit = [(fault, stream) for fault in world.faults if fault.kind is kind for stream in world.streams]
    for fault, stream in hit:
        if stream.device.device_id == fault.device_id and stream.thing in (things or tuple(Thing)):
            yield fault, stream, clean_of(world, stream), stream.rows_in(fault)


def clean_of(world: World, stream: Stream) -> Stream:
    cast = next(cast for cast in world.casts if cast.home == stream.device.home)
    streams = clean_streams(cast, world.truth.homes[cast.home], world.period, world.seed_no)
    return next(s for s in streams if s.device == stream.device and s.thing is stream.thing)


def checked(found: Iterator) -> Iterator:
    """Give what was found, and fail where it was nothing."""
    n_found = 0
    for each in found:
        n_found += 1
        yield each
    assert n_found, "no such fault in the busy world"


class TestWithoutFault:
    def test_registers_count_the_truth(self):
        world = quiet_world()
        for stream in world.streams:
            energies = world.truth.homes[stream.device.home]
            if stream.thing in {Thing.METER, Thing.READING}:
                for name, counts in stream.numbers.items():
                    hidden = np.cumsum(energies[name]) - np.cumsum(np.diff(counts) % 10**6) * 100
                    assert np.abs(hidden).max() < 100
            elif stream.thing in {Thing.SOLAR, Thing.BATTERY}:
                for name, counts in stream.numbers.items():
                    assert (np.diff(counts) == energies[name]).all()

    def test_minutes_add_up_to_the_truth(self):
        world = quiet_world()
        blocks = [stream for stream in world.streams if stream.thing is Thing.BLOCK]
        for stream in blocks:
            energies = world.truth.homes[stream.device.home]
            assert (stream.numbers["pv"].sum(axis=1) == 60 * energies["pv"]).all()
            assert (stream.numbers["grid"].sum(axis=1) == 60 * (energies["import"] - energies["export"])).all()
        assert blocks

    def test_everything_is_sent_once(self):
        world = quiet_world()
        for sendings in world.sendings.values():
            assert sendings.arrival_s.size == sum(stream.about_s.size for stream in sendings.streams)
            assert (np.diff(sendings.arrival_s) >= 0).all()


class TestUntouched:
    def test_rows_that_no_fault_names_are_as_if_there_were_none(self):
        world = busy_world()
        for stream in world.streams:
            clean = clean_of(world, stream)
            free = stream.fault_no == -1
            exchanged = [f.from_s for f in world.faults_of(stream.device, FaultKind.EXCHANGE)]
            for from_s in exchanged:
                free &= stream.about_s < from_s
            assert (stream.arrival_s[free] == clean.arrival_s[free]).all()
            assert stream.is_sent[free].all()
            for name, number in stream.numbers.items():
                assert (number[free] == clean.numbers[name][free]).all()

    def test_a_row_names_a_fault_of_its_own_device(self):
        world = busy_world()
        for stream in world.streams:
            for number in np.unique(stream.fault_no[stream.fault_no >= 0]):
                assert world.faults[number].device_id == stream.device.device_id


class TestEachKind:
    def test_device_outage_keeps_or_loses_everything(self):
        kept = set()
        for fault, stream, _, rows in checked(pairs(FaultKind.DEVICE_OUTAGE)):
            kept.add(fault.figures["buffered"])
            if fault.figures["buffered"]:
                assert stream.is_sent[rows].all()
                assert (stream.arrival_s[rows] > fault.to_s).all()
            else:
                assert not stream.is_sent[rows].any()
        assert kept == {0, 1}

    def test_meter_outage_leaves_solar_and_battery_alone(self):
        for fault, stream, clean, rows in checked(pairs(FaultKind.METER_OUTAGE)):
            if stream.thing in {Thing.SOLAR, Thing.BATTERY}:
                assert stream.is_sent[rows].all()
                assert all((stream.numbers[n][rows] == clean.numbers[n][rows]).all() for n in clean.numbers)
            elif stream.thing is Thing.METER or not fault.figures["told"]:
                assert not stream.is_sent[rows].any()
            else:
                assert all((number[rows] == NONE).all() for number in stream.numbers.values())

    def test_late_readings_are_late_by_the_figure(self):
        for fault, stream, clean, rows in checked(pairs(FaultKind.LATE)):
            assert (stream.arrival_s[rows] - clean.arrival_s[rows] == fault.figures["delay_s"]).all()

    def test_duplicates_arrive_again(self):
        for fault, stream, clean, rows in checked(pairs(FaultKind.DUPLICATE)):
            again = [at for row, at in zip(stream.again_rows, stream.again_s, strict=True) if row in rows]
            assert again == (clean.arrival_s[rows] + fault.figures["again_after_s"]).tolist()

    def test_the_second_of_two_overtakes_the_first(self):
        for _, stream, _, rows in checked(pairs(FaultKind.OUT_OF_ORDER, Thing.METER, Thing.READING, Thing.BLOCK)):
            for first, second in zip(rows[::2], rows[1::2], strict=False):
                assert stream.arrival_s[first] > stream.arrival_s[second]

    def test_a_wrong_clock_is_off_by_whole_minutes(self):
        for fault, stream, _, rows in checked(pairs(FaultKind.CLOCK_SKEW)):
            assert (stream.ahead_s[rows] == fault.figures["ahead_s"]).all()
            assert fault.figures["ahead_s"] % 60 == 0

    def test_a_stuck_register_stands_still_while_energy_flows_and_jumps_to_the_right_count(self):
        n_registers = 0
        for fault, stream, clean, rows in checked(pairs(FaultKind.STUCK)):
            if fault.series in stream.numbers and stream.numbers[fault.series].ndim == 1:
                n_registers += 1
                number, right = stream.numbers[fault.series], clean.numbers[fault.series]
                assert np.unique(number[rows]).size == 1
                assert right[rows[-1]] != right[rows[0] - 1]
        assert n_registers

    def test_a_spike_is_more_than_any_connection_carries_and_the_meter_s_history_is_right(self):
        for fault, stream, clean, rows in checked(pairs(FaultKind.SPIKE)):
            if fault.series in stream.held:
                held = stream.held[fault.series]
                assert stream.numbers[fault.series][rows] - held[rows] >= 200
                assert abs(held[rows[0]] - held[rows[0] - 1]) < 60 * (100 if stream.thing is Thing.SOLAR else 1)
            elif fault.series in stream.numbers:
                above_w = stream.numbers[fault.series][rows] - clean.numbers[fault.series][rows]
                assert above_w.max() >= 20_000 - 12_000

    def test_negative_values_are_below_zero(self):
        for fault, stream, _, rows in checked(pairs(FaultKind.NEGATIVE)):
            assert (stream.numbers[fault.series][rows] < 0).all()

    def test_a_register_passes_zero_where_it_is_said_to(self):
        for fault, stream, _, rows in checked(pairs(FaultKind.ROLL_OVER, Thing.METER, Thing.READING)):
            number = stream.numbers[fault.series]
            assert number[rows[0]] < 100
            assert number[rows[0] - 1] > 999_000

    def test_a_new_meter_begins_at_its_own_count_and_counts_on(self):
        for fault, stream, clean, rows in checked(pairs(FaultKind.EXCHANGE, Thing.METER, Thing.READING)):
            for name, number in stream.numbers.items():
                assert number[rows[0]] == fault.figures[f"{name}_count"]
                free = np.flatnonzero((stream.about_s >= fault.from_s) & (stream.fault_no == -1))
                gained = clean.numbers[name][free] - clean.numbers[name][rows[0]]
                assert (number[free] - number[rows[0]] == gained % 10**6).all()

    def test_frames_are_cut(self):
        for _, stream, _, rows in checked(pairs(FaultKind.TRUNCATED_FRAME, Thing.METER)):
            assert (stream.short_bytes[rows] > 0).all()
            assert (stream.reading_counts()[rows] == 0).all()

    def test_a_home_that_never_connects_sends_nothing(self):
        for _, stream, _, _ in checked(pairs(FaultKind.NEVER_CONNECTED)):
            assert not stream.is_sent.any()


@pytest.mark.parametrize("connector", [Connector.MQTT, Connector.BR_CLOUD, Connector.CT_CLOUD])
def test_what_is_sent_is_told_row_by_row(connector: Connector):
    sendings = busy_world().sendings[connector]
    table = sendings.table()

    n_again = sum(len(stream.again_rows) for stream in sendings.streams)
    n_sent = sum(int(stream.is_sent.sum()) for stream in sendings.streams)
    assert table.num_rows == n_sent + n_again
    assert table["visible_at"].to_pylist() == sorted(table["visible_at"].to_pylist())
