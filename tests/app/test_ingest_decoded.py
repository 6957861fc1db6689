"""Files of clouds become readings of half hours: nothing lost, nothing doubled, in whatever order they come."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import permutations
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.app.deliveries import DecodedCounts
from sanchi.app.ingest import IngestReport
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source
from sanchi.core.metering.versions import positions_in_force
from tests.core.metering.formats.pages import NOON, block, reading
from tests.fakes.inbox import addressed_town, ct_line, frame_line, gateway_line, minutes, sk_line, write_lines
from tests.fakes.market_folder import TOWN, Town

DAY = date(2020, 12, 1)
# Closes 12:00-12:30.
SLOT_END = boundary_ordinal(DAY, 25)


@pytest.fixture
def town(tmp_path):
    return addressed_town(tmp_path / "market")


def take(town: Town, folder: Path, name: str, *lines: Any) -> IngestReport:
    (report,) = town.take(write_lines(folder, name, lines))
    return report


def in_force(town: Town) -> dict[tuple[int, int, int], int]:
    """Give the reading in force of each meter, channel and boundary."""
    rows = town.readings.rows_between(TOWN, 0, boundary_ordinal(date(2021, 3, 1), 0))
    rows = rows.take(positions_in_force(rows))
    keys = zip(rows.meter_no.tolist(), rows.channel_no.tolist(), rows.boundary.tolist(), strict=True)
    return dict(zip(keys, rows.reading.tolist(), strict=True))


def numbers(town: Town) -> dict[str, int]:
    return {meter.meter_id: meter.meter_no for meter in town.market.book(TOWN).meters}


def counts_of(report: IngestReport) -> DecodedCounts:
    assert report.decoded is not None
    return report.decoded


class TestCtCloud:
    def test_of_whole_half_hours_become_their_energies(self, town, tmp_path):
        report = take(town, tmp_path, "ctcloud-1.jsonl", ct_line(block(pv_w=[*range(0, 300, 10)])))

        nos = numbers(town)
        assert in_force(town) == {
            # 0, 10, ... 290 W: 145 W on average over half an hour.
            (nos["P1"], Channel.PV, SLOT_END): 73,
            (nos["G1"], Channel.IMPORT, SLOT_END): 0,
            (nos["G1"], Channel.EXPORT, SLOT_END): 100,
        }
        counts = counts_of(report)
        assert (counts.record_count, counts.carrying_record_count) == (1, 1)
        assert (counts.part_row_count, counts.slot_reading_count, counts.accepted_row_count) == (90, 3, 0)
        assert report.problems == ()
        assert report.incomplete == ()

    def test_carry_the_source_and_the_receipt_of_their_newest_minute(self, town, tmp_path):
        take(town, tmp_path, "ctcloud-1.jsonl", ct_line(block()))

        rows = town.readings.rows_between(TOWN, SLOT_END, SLOT_END)
        assert set(rows.source_no.tolist()) == {Source.CT}
        assert set(rows.received_s.tolist()) == {int((NOON + timedelta(hours=4)).timestamp())}
        assert rows.row_no.tolist() == [91, 92, 93]

    def test_of_a_part_wait_for_the_rest_under_a_finding(self, town, tmp_path):
        first = take(town, tmp_path, "ctcloud-1.jsonl", ct_line(minutes([60] * 20)))
        assert in_force(town) == {}
        assert [each.problem.code for each in first.incomplete] == [ProblemCode.INCOMPLETE_SLOT]
        assert first.incomplete[0].problem.where == "meter P1 pv, 2020-12-01"
        assert first.incomplete[0].problem.detail == "1 half hour lacks more than 5 minutes, 10 together: slots 25"
        assert list(town.readings.incomplete) == [(TOWN, "meter P1 pv, 2020-12-01")]

        second = take(town, tmp_path, "ctcloud-2.jsonl", ct_line(minutes([None] * 20 + [360] * 10)))

        assert second.incomplete == ()
        assert town.readings.incomplete == {}
        assert in_force(town) == {(numbers(town)["P1"], Channel.PV, SLOT_END): 80}

    def test_that_come_again_change_nothing(self, town, tmp_path):
        take(town, tmp_path, "ctcloud-1.jsonl", ct_line(block()))
        again = take(town, tmp_path, "ctcloud-2.jsonl", ct_line(block()), ct_line(block()))

        assert counts_of(again).slot_reading_count == 0
        assert counts_of(again).part_row_count == 180
        assert town.readings.rows_between(TOWN, SLOT_END, SLOT_END).row_count == 3

    def test_that_are_corrected_later_write_another_version(self, town, tmp_path):
        take(town, tmp_path, "ctcloud-1.jsonl", ct_line(block()))
        later = ct_line(minutes([1_200] * 30), received_at="2020-12-02T16:00:00+09:00")
        report = take(town, tmp_path, "ctcloud-2.jsonl", later)

        assert counts_of(report).slot_reading_count == 1
        assert in_force(town)[numbers(town)["P1"], Channel.PV, SLOT_END] == 600

    def test_that_are_older_than_what_is_there_stay_superseded(self, town, tmp_path):
        take(town, tmp_path, "ctcloud-1.jsonl", ct_line(block()))
        earlier = ct_line(minutes([1_200] * 30), received_at="2020-12-01T13:00:00+09:00")
        report = take(town, tmp_path, "ctcloud-2.jsonl", earlier)

        assert counts_of(report).slot_reading_count == 0
        assert in_force(town)[numbers(town)["P1"], Channel.PV, SLOT_END] == 300

    def test_below_zero_and_of_strangers_are_rejected_with_their_text(self, town, tmp_path):
        stranger = minutes([5] * 3, device_id="ct-999")
        report = take(town, tmp_path, "ctcloud-1.jsonl", ct_line(minutes([-3, 5]), stranger))

        assert [(each.problem.code, each.row_count, each.party_no) for each in report.problems] == [
            (ProblemCode.UNKNOWN_ADDRESS, 3, None),
            (ProblemCode.NEGATIVE_ENERGY, 1, 2),
        ]
        assert "address 'ct-999/pv'" in report.problems[0].problem.detail
        rejected = town.readings.rejected[TOWN, report.delivery_no]
        assert rejected.row_no == (1, 2, 2, 2)
        assert rejected.row_text[0] == "ct-021/pv,pv,2020-12-01T12:01:00+09:00,-3 W,2020-12-01T16:00:00+09:00"
        assert (report.row_count, report.accepted_row_count, report.rejected_row_count) == (5, 1, 4)

    def test_taken_again_tell_their_counts(self, town, tmp_path):
        path = write_lines(tmp_path, "ctcloud-1.jsonl", [ct_line(block())])
        (first,) = town.take(path)
        (again,) = town.take(path)

        assert again.is_already_taken
        assert again.decoded == first.decoded


class TestGatewayCloud:
    def test_of_counts_become_readings_in_the_meter_s_unit(self, town, tmp_path):
        # 0.1 kWh is the meter's unit of 100 Wh.
        report = take(town, tmp_path, "gatewaycloud-1.jsonl", gateway_line(reading()))

        s1 = numbers(town)["S1"]
        noon = SLOT_END - 1
        assert in_force(town) == {(s1, Channel.IMPORT, noon): 1_234, (s1, Channel.EXPORT, noon): 56}
        assert counts_of(report).accepted_row_count == 2
        assert set(town.readings.rows_between(TOWN, noon, noon).source_no.tolist()) == {Source.B_ROUTE}

    def test_of_a_larger_unit_are_brought_to_the_meter_s(self, town, tmp_path):
        take(town, tmp_path, "gatewaycloud-1.jsonl", gateway_line(reading(unit="1", coefficient=3)))

        assert in_force(town)[numbers(town)["S1"], Channel.IMPORT, SLOT_END - 1] == 1_234 * 30

    @pytest.mark.parametrize(("unit", "told"), [("0.01", "units of 10 Wh"), ("0.15", "units of 150 Wh")])
    def test_of_a_unit_that_does_not_fit_are_rejected(self, town, tmp_path, unit, told):
        report = take(town, tmp_path, "gatewaycloud-1.jsonl", gateway_line(reading(unit=unit)))

        assert [(each.problem.code, each.row_count) for each in report.problems] == [(ProblemCode.UNIT_MISMATCH, 2)]
        assert f"'br-021' delivers {told}, meter S1 counts 100 Wh" in report.problems[0].problem.detail

    def test_off_the_half_hour_are_rejected_by_the_rules_of_readings(self, town, tmp_path):
        off = reading(fixedTime="2020-12-01T12:07:00+09:00")
        report = take(town, tmp_path, "gatewaycloud-1.jsonl", gateway_line(off))

        assert {each.problem.code for each in report.problems} == {ProblemCode.STAMP_OFF_BOUNDARY}

    def test_without_a_count_leave_an_event(self, town, tmp_path):
        nothing = reading(**{"import": None, "export": None})
        report = take(town, tmp_path, "gatewaycloud-1.jsonl", gateway_line(nothing))

        noon_s = int(NOON.timestamp())
        events = town.readings.events_between(TOWN, noon_s, noon_s + 1)
        assert events.event_no.tolist() == [EventCode.NO_DATA]
        assert (counts_of(report).passed_over_record_count, counts_of(report).event_count) == (1, 1)


# A smart meter's answer: unit 0.1 kWh, and counts fixed at 2020-12-01 12:00:00.
NOON_FRAME = "1081000102880105FF017203E10101EA0B07E40C010C0000000004D2EB0B07E40C010C000000000038"


class TestFrames:
    def test_of_a_smart_meter_become_readings(self, town, tmp_path):
        report = take(town, tmp_path, "frames-1.jsonl", frame_line(NOON_FRAME))

        n1, noon = numbers(town)["N1"], SLOT_END - 1
        assert in_force(town) == {(n1, Channel.IMPORT, noon): 1_234, (n1, Channel.EXPORT, noon): 56}
        assert (counts_of(report).record_count, counts_of(report).accepted_row_count) == (1, 2)

    def test_that_are_cut_are_problems_and_events(self, town, tmp_path):
        report = take(town, tmp_path, "frames-1.jsonl", frame_line(NOON_FRAME[:40]), frame_line("10 8"))

        assert [(each.problem.code, each.row_count) for each in report.problems] == [
            (ProblemCode.MALFORMED_FRAME, 1),
            (ProblemCode.UNREADABLE_ROW, 1),
        ]
        assert counts_of(report).event_count == 1

    def test_inside_lines_of_an_adapter_are_the_same_frames(self, town, tmp_path):
        ports = (
            "FE80:0000:0000:0000:021D:1290:1234:5678 FE80:0000:0000:0000:021D:1290:1234:5679 0E1A 0E1A 001D129012345678"
        )
        line = f"ERXUDP {ports} 1 {len(NOON_FRAME) // 2:04X} {NOON_FRAME}"
        report = take(town, tmp_path, "sklines-1.jsonl", sk_line(line), sk_line("no line of any adapter \ud800"))

        assert counts_of(report).accepted_row_count == 2
        assert counts_of(report).record_count == 2


class TestEvents:
    def test_are_kept_and_carry_no_reading(self, town, tmp_path):
        seen = {
            "at": "2020-12-01T12:00:00+09:00",
            "connector": "ct",
            "event": "poll_failed",
            "subject": "ct",
            "figure": 503,
        }
        report = take(town, tmp_path, "events-1.jsonl", seen, seen, {"at": "never"})

        counts = counts_of(report)
        assert (counts.record_count, counts.passed_over_record_count, counts.problem_record_count) == (3, 2, 1)
        noon_s = int(NOON.timestamp())
        assert town.readings.events_between(TOWN, noon_s, noon_s + 1).figure.tolist() == [503]


class TestBrokenLine:
    def test_is_a_problem_of_that_line(self, town, tmp_path):
        path = write_lines(tmp_path, "ctcloud-1.jsonl", ["{", ct_line(block()), '{"received_at": 3}', "", "\ufeff x"])
        with path.open("ab") as file:
            file.write(b"\xff\xfe\n" + b"9" * ((1 << 20) + 5) + b"\n")

        (report,) = town.take(path)

        counts = counts_of(report)
        assert (counts.record_count, counts.carrying_record_count, counts.problem_record_count) == (6, 1, 5)
        (told,) = report.problems
        assert (told.problem.code, told.row_count) == (ProblemCode.UNREADABLE_ROW, 5)
        assert told.problem.where == "ctcloud-1.jsonl, record 2"
        assert "line 1: no JSON" in told.problem.detail
        kept = town.readings.rejected[TOWN, report.delivery_no]
        assert kept.row_no == (2, 3, 4, 5, 6)


class TestClosedDay:
    def test_becomes_stale_by_half_hours_that_minutes_make_whole(self, town, tmp_path):
        town.days.put(TOWN, DAY)
        first = take(town, tmp_path, "ctcloud-1.jsonl", ct_line(minutes([60] * 20)))
        second = take(town, tmp_path, "ctcloud-2.jsonl", ct_line(minutes([None] * 20 + [60] * 10)))

        assert first.stale_dates == ()
        assert second.stale_dates == (DAY,)


def some_lines() -> st.SearchStrategy[list[dict[str, Any]]]:
    """Draw pages whose blocks overlap, correct each other, lack minutes and come at different times."""
    power = st.one_of(st.none(), st.integers(-50, 3_000))
    a_block = st.builds(
        lambda first, values: minutes(values, **{"from": (NOON + timedelta(minutes=first)).isoformat()}),
        st.integers(-20, 60),
        st.lists(power, min_size=20, max_size=30),
    )
    received_at = st.integers(0, 3).map(lambda hours: (NOON + timedelta(hours=4 + hours)).isoformat())
    line = st.builds(lambda blocks, at: ct_line(*blocks, received_at=at), st.lists(a_block, max_size=3), received_at)
    return st.lists(line, min_size=1, max_size=4)


def energies_of(lines: Sequence[Any], cuts: Sequence[int]) -> tuple[dict[tuple[int, int, int], int], list[str]]:
    """Take lines in, cut into files, into a town of their own; give energies in force and findings."""
    with TemporaryDirectory() as folder:
        town = addressed_town(Path(folder) / "market")
        for first, last in zip([0, *cuts], [*cuts, len(lines)], strict=True):
            if first < last:
                report = take(town, Path(folder), f"ctcloud-{first}.jsonl", *lines[first:last])
                assert_adds_up(town, report)
        return in_force(town), sorted(each.problem.detail for each in town.readings.incomplete.values())


def assert_adds_up(town: Town, report: IngestReport) -> None:
    """Compare the counts of a report with what was stored of its delivery."""
    counts = counts_of(report)
    assert counts.record_count == (
        counts.carrying_record_count + counts.problem_record_count + counts.passed_over_record_count
    )
    kept = town.readings.rejected[TOWN, report.delivery_no]
    parts = [part for part in town.readings.parts[TOWN] if set(part.delivery_no.tolist()) == {report.delivery_no}]
    rows = town.readings.rows_between(TOWN, 0, boundary_ordinal(date(2021, 3, 1), 0))
    stored_count = int((rows.delivery_no == report.delivery_no).sum())
    assert sum(part.row_count for part in parts) == counts.part_row_count
    assert stored_count == counts.accepted_row_count + counts.slot_reading_count
    assert len(kept.row_no) == counts.rejected_row_count + counts.record_problem_count
    # The same bytes a second time are the delivery that they were, and its findings are not told again.
    told_count = sum(each.row_count for each in report.problems)
    assert told_count == (0 if report.is_already_taken else len(kept.row_no))


class TestAnyFiles:
    @settings(max_examples=25)
    @given(lines=some_lines(), data=st.data())
    def test_give_the_same_energies_however_they_are_cut(self, lines, data):
        cuts = sorted(data.draw(st.lists(st.integers(0, len(lines)), max_size=3)))

        assert energies_of(lines, cuts) == energies_of(lines, [])

    def test_give_the_same_energies_in_whatever_order_they_come(self):
        at = [f"2020-12-01T{hour}:00:00+09:00" for hour in (16, 17, 18)]
        lines = [
            ct_line(minutes([600] * 30), received_at=at[0]),
            ct_line(minutes([None] * 10 + [1_200] * 15), received_at=at[1]),
            ct_line(minutes([90] * 5), received_at=at[2]),
        ]

        results = [energies_of(order, [1, 2]) for order in permutations(lines)]

        assert all(result == results[0] for result in results)
        assert list(results[0][0].values()) == [(5 * 90 + 5 * 600 + 15 * 1_200 + 5 * 600 + 30) // 60]
