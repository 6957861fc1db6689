"""Frames become readings of registers, and each frame is in rows, in problems or passed over."""

import pytest

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.formats.gateway_frames import decode_frames
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from tests.core.metering.formats.frames import (
    BATTERY,
    BOUNDARY_S,
    CUT,
    HALF_HOUR,
    HALF_HOUR_NO_DATA,
    NO_DATA,
    PARTLY_REFUSED,
    POWER,
    SOLAR,
    STORAGE,
    clock,
    events_of,
    frame,
    received,
    rows_of,
    u32,
)

METER_1 = "gw-1/028801"
HALF_HOUR_S, DAY_S = 1_800, 86_400
AT = clock(2022, 6, 21, 15, 30, 0)
MIDNIGHT_S = BOUNDARY_S - 31 * HALF_HOUR_S
UNIT, NO_COEFFICIENT = (0xE1, b"\x01"), (0xD3, b"")


def decoded(*contents, **times):
    """Decode frames of one gateway; with one frame the times of its way may be given."""
    return decode_frames([received(content, **times) for content in contents])


def problems_of(file):
    return [(each.record_no, each.code) for each in file.problems]


class TestHalfHourCounts:
    def test_answer_gives_both_directions_at_the_meters_stamp(self):
        file, events = decoded(HALF_HOUR)

        assert rows_of(file) == [
            (METER_1, Channel.IMPORT, BOUNDARY_S, 93351, 0, 1),
            (METER_1, Channel.EXPORT, BOUNDARY_S, 5, 0, 1),
        ]
        assert set(file.rows.measure_no.tolist()) == {Measure.COUNT}
        assert set(file.rows.source_no.tolist()) == {Source.B_ROUTE}
        assert set(file.rows.stage_no.tolist()) == {Stage.FLASH}
        assert (file.problems, file.passed_over, events.at_s.size) == ((), {}, 0)

    def test_no_data_is_a_problem_and_an_event_not_a_count(self):
        file, events = decoded(HALF_HOUR_NO_DATA)

        assert rows_of(file) == []
        assert problems_of(file) == [(1, ProblemCode.NO_DATA)]
        assert file.problems[0].address == METER_1
        assert events_of(events) == [("gw-1", EventCode.NO_DATA, 1)]

    def test_one_direction_without_data_does_not_take_the_other(self):
        file, _ = decoded(frame((0xEA, AT + NO_DATA), (0xEB, AT + u32(5))))

        assert rows_of(file) == [(METER_1, Channel.EXPORT, BOUNDARY_S, 5, 0, 1)]
        assert problems_of(file) == [(1, ProblemCode.NO_DATA)]

    def test_count_beyond_its_range_is_no_reading(self):
        file, _ = decoded(frame((0xEA, AT + u32(100_000_000)), (0xEB, AT + u32(5))))

        assert [row[1] for row in rows_of(file)] == [Channel.EXPORT]
        assert problems_of(file) == [(1, ProblemCode.UNFIT_VALUE)]
        assert "count 100000000 is above 99999999" in file.problems[0].detail

    def test_cut_frame_is_a_problem_with_its_bytes_and_an_event(self):
        file, events = decoded(HALF_HOUR, CUT)

        assert len(rows_of(file)) == 2
        assert problems_of(file) == [(2, ProblemCode.MALFORMED_FRAME)]
        assert file.problems[0].text == CUT.hex().upper()
        assert "byte 23" in file.problems[0].detail
        assert events_of(events) == [("gw-1", EventCode.FRAME_MALFORMED, 0)]

    def test_partial_answer_keeps_what_did_succeed(self):
        file, _ = decoded(frame((0xEA, AT + u32(7)), (0xEB, b""), esv=0x52))

        assert rows_of(file) == [(METER_1, Channel.IMPORT, BOUNDARY_S, 7, 0, 1)]
        assert file.problems == ()

    def test_second_list_of_two_carries_the_readings(self):
        content = frame((0xE5, b""), esv=0x7E) + b"\x01\xea\x0b" + AT + u32(7)

        assert [row[3] for row in rows_of(decoded(content)[0])] == [7]

    def test_gateways_and_instances_have_addresses_of_their_own(self):
        frames = [
            received(frame((0xEA, AT + u32(1)), source=0x028802), gateway="gw-2"),
            received(frame((0xEA, AT + u32(2))), gateway="gw-1"),
            received(frame((0xEA, AT + u32(3))), gateway="gw-2"),
        ]

        assert [(row[0], row[3]) for row in rows_of(decode_frames(frames)[0])] == [
            ("gw-2/028802", 1),
            (METER_1, 2),
            ("gw-2/028801", 3),
        ]


class TestRegistersOfTheMoment:
    def test_meter_register_counts_on_the_very_half_hour(self):
        file, _ = decoded(frame((0xE0, u32(11)), (0xE3, u32(22))), sent_s=BOUNDARY_S)

        assert [row[1:4] for row in rows_of(file)] == [
            (Channel.IMPORT, BOUNDARY_S, 11),
            (Channel.EXPORT, BOUNDARY_S, 22),
        ]

    def test_meter_register_between_half_hours_is_passed_over_by_name(self):
        file, _ = decoded(frame((0xE0, u32(11)), (0xE3, u32(22))), sent_s=BOUNDARY_S + 1)

        assert (rows_of(file), file.problems) == ([], ())
        assert file.passed_over == {"registers read between half hours": 1}

    def test_receipt_stands_in_where_the_gateway_told_no_time(self):
        file, _ = decoded(frame((0xE0, u32(11))), sent_s=None, received_s=BOUNDARY_S)

        assert [row[2] for row in rows_of(file)] == [BOUNDARY_S]

    @pytest.mark.parametrize(("late_s", "n_rows"), [(0, 1), (60, 1), (61, 0), (-1, 0)])
    def test_solar_register_stands_for_the_half_hour_up_to_a_minute_after_it(self, late_s: int, n_rows: int):
        told_s = BOUNDARY_S + late_s
        file, _ = decoded(frame((0xE1, u32(123_456)), source=SOLAR), sent_s=told_s, received_s=told_s)

        expected = [("gw-1/027901", Channel.PV, BOUNDARY_S, 123_456, 1_000, 1)]
        assert rows_of(file) == expected[:n_rows]
        assert set(file.rows.source_no.tolist()) <= {Source.CT}

    def test_battery_counts_what_it_charged_and_discharged(self):
        file, _ = decoded(frame((0xA8, u32(1_673_687)), (0xA9, u32(1_444_276)), source=STORAGE))

        assert [row[1:] for row in rows_of(file)] == [
            (Channel.CHARGE, BOUNDARY_S, 1_673_687, 1_000, 1),
            (Channel.DISCHARGE, BOUNDARY_S, 1_444_276, 1_000, 1),
        ]

    def test_second_registers_of_a_battery_count_where_there_are_no_first_ones(self):
        second = frame((0xD6, u32(2)), (0xD8, u32(1)), source=STORAGE)
        first = frame((0xA8, u32(10)), (0xA9, u32(20)), source=STORAGE)

        alone, _ = decoded(second)
        both, _ = decoded(first, second)

        assert [row[1:4] for row in rows_of(alone)] == [
            (Channel.DISCHARGE, BOUNDARY_S, 2),
            (Channel.CHARGE, BOUNDARY_S, 1),
        ]
        assert [row[3] for row in rows_of(both)] == [10, 20]
        assert both.passed_over == {"second registers of a battery": 1}


class TestHistories:
    def day(self, back_days, readings, **times):
        edt = back_days.to_bytes(2) + b"".join(NO_DATA if each is None else u32(each) for each in readings)
        return decoded(frame((0xE2, edt)), **times)

    def test_day_counts_back_from_the_gateways_date_in_japan(self):
        file, _ = self.day(1, range(48))

        yesterday_s = MIDNIGHT_S - DAY_S
        assert [row[2:4] for row in rows_of(file)] == [(yesterday_s + n * HALF_HOUR_S, n) for n in range(48)]
        assert {row[1] for row in rows_of(file)} == {Channel.IMPORT}

    def test_half_hours_to_come_are_no_missing_data(self):
        file, events = self.day(0, [*range(32), *[None] * 16])

        assert [row[3] for row in rows_of(file)] == list(range(32))
        assert (file.problems, events.at_s.size) == ((), 0)

    def test_missing_counts_of_the_past_are_told_and_the_others_stand(self):
        file, events = self.day(1, [None, None, *range(46)])

        assert len(rows_of(file)) == 46
        assert problems_of(file) == [(1, ProblemCode.NO_DATA)]
        assert events_of(events) == [("gw-1", EventCode.NO_DATA, 2)]

    def test_counts_of_half_hours_to_come_prove_that_the_day_is_uncertain(self):
        file, _ = self.day(0, range(48))

        assert rows_of(file) == []
        assert problems_of(file) == [(1, ProblemCode.UNFIT_VALUE)]

    @pytest.mark.parametrize("past_midnight_s", [-30, 30])
    def test_day_told_around_midnight_is_uncertain(self, past_midnight_s: int):
        told_s = MIDNIGHT_S + past_midnight_s
        file, _ = self.day(1, range(48), sent_s=told_s, received_s=told_s)

        assert rows_of(file) == []
        assert "midnight" in file.problems[0].detail

    def test_day_that_was_not_chosen_is_no_reading(self):
        file, _ = self.day(0xFF, range(48))

        assert problems_of(file) == [(1, ProblemCode.UNFIT_VALUE)]

    def test_half_hours_go_backwards_in_both_directions(self):
        file, _ = decoded(frame((0xEC, AT[:6] + b"\x02" + u32(7) + u32(1) + u32(6) + u32(0))))

        assert [row[1:4] for row in rows_of(file)] == [
            (Channel.IMPORT, BOUNDARY_S, 7),
            (Channel.EXPORT, BOUNDARY_S, 1),
            (Channel.IMPORT, BOUNDARY_S - HALF_HOUR_S, 6),
            (Channel.EXPORT, BOUNDARY_S - HALF_HOUR_S, 0),
        ]

    def test_minutes_go_backwards(self):
        file, _ = decoded(frame((0xEE, AT[:6] + b"\x02" + u32(7) + u32(1) + u32(6) + NO_DATA)))

        assert [row[1:4] for row in rows_of(file)] == [
            (Channel.IMPORT, BOUNDARY_S, 7),
            (Channel.EXPORT, BOUNDARY_S, 1),
            (Channel.IMPORT, BOUNDARY_S - 60, 6),
        ]
        assert problems_of(file) == [(1, ProblemCode.NO_DATA)]

    def test_one_minute_count_has_both_directions(self):
        file, _ = decoded(frame((0xD0, AT + u32(7) + u32(1))))

        assert [row[1:4] for row in rows_of(file)] == [
            (Channel.IMPORT, BOUNDARY_S, 7),
            (Channel.EXPORT, BOUNDARY_S, 1),
        ]


class TestUnits:
    def units(self, *contents):
        return [row[4] for row in rows_of(decoded(*contents)[0])]

    def test_unit_and_coefficient_hold_from_their_record_on(self):
        count = frame((0xEA, AT + u32(1)))

        told = self.units(count, frame(UNIT, (0xD3, u32(10))), count, frame((0xE1, b"\x02")), count)

        assert told == [0, 1_000_000, 100_000]

    def test_unit_in_the_same_frame_holds_for_it(self):
        assert self.units(frame((0xEA, AT + u32(1)), UNIT, (0xD3, u32(1)))) == [100_000]

    def test_refused_coefficient_is_one(self):
        assert self.units(frame(UNIT, NO_COEFFICIENT, (0xEA, AT + u32(1)), esv=0x52)) == [100_000]

    def test_unit_alone_says_nothing_since_the_coefficient_may_stand_in_another_file(self):
        assert self.units(frame(UNIT), frame((0xEA, AT + u32(1)))) == [0]

    def test_what_one_gateway_told_says_nothing_of_another(self):
        frames = [received(frame(UNIT, (0xD3, u32(1))), gateway="gw-1"), received(HALF_HOUR, gateway="gw-2")]

        assert [row[4] for row in rows_of(decode_frames(frames)[0])] == [0, 0]

    def test_unfit_unit_is_not_learned(self):
        assert self.units(frame((0xE1, b"\x09"), (0xD3, u32(1))), HALF_HOUR) == [0, 0]


class TestPassedOver:
    @pytest.mark.parametrize(
        ("content", "reason"),
        [
            (POWER, "instantaneous values"),
            (frame((0x80, b"\x30")), "properties without energy"),
            (frame((0xE1, b"\x01"), (0xD3, u32(1)), (0xD7, b"\x06")), "properties without energy"),
            (frame((0xEA, b""), (0xEB, b""), esv=0x52), "properties that the device does not give"),
            (frame((0xEA, b""), esv=0x62), "requests"),
            (frame((0xE5, b""), esv=0x71), "answers to settings"),
            (frame((0xE5, b"\x01"), esv=0x51), "answers to settings"),
            (frame((0xD5, b"\x01\x0e\xf0\x01"), source=0x0EF001, esv=0x73), "other devices"),
            (PARTLY_REFUSED, "registers read between half hours"),
            (BATTERY, "instantaneous values"),
        ],
    )
    def test_frame_without_a_reading_is_counted_by_reason(self, content: bytes, reason: str):
        file, _ = decoded(content)

        assert (rows_of(file), file.problems) == ([], ())
        assert file.passed_over == {reason: 1}

    def test_power_without_data_is_told(self):
        file, events = decoded(frame((0xE7, bytes.fromhex("7FFFFFFE"))))

        assert problems_of(file) == [(1, ProblemCode.NO_DATA)]
        assert events_of(events) == [("gw-1", EventCode.NO_DATA, 1)]

    def test_no_frames_are_no_readings(self):
        file, events = decode_frames([])

        assert (file.record_count, rows_of(file), file.passed_over, events.at_s.size) == (0, [], {}, 0)


class TestClocks:
    @pytest.mark.parametrize(
        ("received_s", "sent_s", "figure"),
        [
            (BOUNDARY_S + 2, BOUNDARY_S + 602, 600),  # sent after it was received: the gateway's clock is ahead
            (BOUNDARY_S - 600, BOUNDARY_S - 600, 600),  # a count after its receipt: the meter's clock is ahead
            (BOUNDARY_S + 2, BOUNDARY_S - 600, -600),  # sent before it was counted: the gateway's clock is behind
        ],
    )
    def test_what_proves_a_clock_wrong_is_an_event(self, received_s: int, sent_s: int, figure: int):
        _, events = decoded(HALF_HOUR, received_s=received_s, sent_s=sent_s)

        assert events_of(events) == [("gw-1", EventCode.CLOCK_OFF, figure)]

    def test_late_frame_proves_nothing(self):
        file, events = decoded(HALF_HOUR, received_s=BOUNDARY_S + 3 * DAY_S)

        assert (len(rows_of(file)), events.at_s.size) == (2, 0)

    def test_events_stand_in_the_order_of_time(self):
        frames = [received(CUT, received_s=BOUNDARY_S + 9), received(CUT, received_s=BOUNDARY_S, gateway="gw-2")]

        _, events = decode_frames(frames)

        assert [subject for subject, *_ in events_of(events)] == ["gw-2", "gw-1"]
        assert events.at_s.tolist() == [BOUNDARY_S, BOUNDARY_S + 9]
