"""Blocks of minutes become rows of power; what is no block is told, and the clock's error is taken out."""

import json
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.ct_cloud import decode_ct_pages
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.formats.json_records import CloudPage
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from tests.core.metering.formats.laws import assert_every_record_is_accounted_for, json_values, series_of
from tests.core.metering.formats.pages import NOON, RECEIVED_S, block, ct_page

NOON_S = int(NOON.timestamp())


def without(name):
    return {key: value for key, value in block().items() if key != name}


class TestBlock:
    def test_becomes_one_row_a_minute_stamped_with_its_end(self):
        decoded, events = decode_ct_pages([ct_page(block(pv_w=list(range(30))))])

        series = series_of(decoded.rows)
        assert set(series) == {("ct-021/pv", 3), ("ct-021/grid", 1), ("ct-021/grid", 2)}
        assert series["ct-021/pv", 3] == [(NOON_S + 60 * n, n - 1) for n in range(1, 31)]
        assert set(decoded.rows.measure_no.tolist()) == {Measure.POWER}
        assert set(decoded.rows.interval_s.tolist()) == {60}
        assert set(decoded.rows.unit_mwh.tolist()) == {0}
        assert set(decoded.rows.source_no.tolist()) == {Source.CT}
        assert set(decoded.rows.stage_no.tolist()) == {Stage.FLASH}
        assert set(decoded.rows.received_s.tolist()) == {RECEIVED_S}
        assert events.at_s.size == 0

    def test_divides_the_grid_by_its_sign(self):
        grid_w = [300, -200, 0, None] + [0] * 26

        decoded, _ = decode_ct_pages([ct_page(block(grid_w=grid_w))])

        series = series_of(decoded.rows)
        imported = [power for _, power in series["ct-021/grid", Channel.IMPORT]]
        exported = [power for _, power in series["ct-021/grid", Channel.EXPORT]]
        assert imported[:3] == [300, 0, 0]
        assert exported[:3] == [0, 200, 0]
        assert len(imported) == len(exported) == 29

    def test_counts_load_and_absent_minutes_without_a_row(self):
        decoded, _ = decode_ct_pages([ct_page(block(pv_w=[None] * 10 + [5] * 20, load_w=[None] * 3 + [4] * 27))])

        assert decoded.left_out == {"minutes of load": 27, "minutes without a value": 10}
        assert decoded.rows.row_count == 20 + 30 + 30

    def test_without_any_value_is_passed_over(self):
        nothing = [None] * 30

        decoded, _ = decode_ct_pages([ct_page(block(pv_w=nothing, grid_w=nothing))])

        assert decoded.passed_over == {"blocks without a value": 1}
        assert decoded.problems == ()

    def test_keeps_a_power_below_zero_for_the_rules(self):
        decoded, _ = decode_ct_pages([ct_page(block(pv_w=[-3] * 30))])

        assert {power for _, power in series_of(decoded.rows)["ct-021/pv", 3]} == {-3}


class TestClock:
    def test_that_is_ahead_is_told_and_taken_out_in_whole_minutes(self):
        ahead = timedelta(minutes=17, seconds=25)
        late = block(
            **{"from": (NOON + timedelta(minutes=17)).isoformat()},
            sent_at=(NOON + timedelta(minutes=31) + ahead).isoformat(),
            cloud_received_at=(NOON + timedelta(minutes=31)).isoformat(),
        )

        decoded, events = decode_ct_pages([ct_page(late)])

        assert series_of(decoded.rows)["ct-021/pv", 3][0] == (NOON_S + 60, 600)
        assert events.event_no.tolist() == [EventCode.CLOCK_OFF]
        assert events.figure.tolist() == [17 * 60 + 25]
        assert events.subject_texts == ("ct-021",)

    def test_that_is_behind_moves_the_stamps_on(self):
        behind = block(sent_at=(NOON - timedelta(minutes=89)).isoformat())

        decoded, events = decode_ct_pages([ct_page(behind)])

        assert events.figure.tolist() == [-2 * 3600 - 2]
        assert series_of(decoded.rows)["ct-021/pv", 3][0] == (NOON_S + 2 * 3600 + 60, 600)

    @pytest.mark.parametrize("seconds", [-60, 0, 60])
    def test_that_is_off_by_a_minute_is_left_alone(self, seconds):
        received = NOON + timedelta(minutes=31)
        near = block(
            sent_at=(received + timedelta(seconds=seconds)).isoformat(), cloud_received_at=received.isoformat()
        )

        decoded, events = decode_ct_pages([ct_page(near)])

        assert events.at_s.size == 0
        assert series_of(decoded.rows)["ct-021/pv", 3][0] == (NOON_S + 60, 600)

    @given(ahead_s=st.integers(-(10**6), 10**6))
    def test_is_taken_out_of_blocks_that_it_moved_off_the_minute(self, ahead_s):
        ahead = timedelta(seconds=ahead_s)
        moved = block(
            **{"from": (NOON + ahead).isoformat()},
            sent_at=(NOON + timedelta(minutes=31) + ahead).isoformat(),
            cloud_received_at=(NOON + timedelta(minutes=31, seconds=3)).isoformat(),
        )

        decoded, _ = decode_ct_pages([ct_page(moved)])

        first_s = series_of(decoded.rows)["ct-021/pv", 3][0][0]
        # A clock that is off by exactly a minute says nothing that a good one might not.
        assert first_s in ({NOON_S + 60 + ahead_s} if ahead_s in {-60, 60} else {NOON_S + 60})

    @given(offset_s=st.integers(-(10**7), 10**7))
    def test_error_left_is_at_most_half_a_minute_or_the_tolerance(self, offset_s):
        received = NOON + timedelta(minutes=31)
        skewed = block(
            sent_at=(received + timedelta(seconds=offset_s)).isoformat(), cloud_received_at=received.isoformat()
        )

        decoded, events = decode_ct_pages([ct_page(skewed)])

        moved_s = NOON_S + 60 - int(decoded.rows.stamp_s[0])
        assert moved_s % 60 == 0
        assert abs(offset_s - moved_s) <= (30 if events.at_s.size else 60)


class TestFault:
    @pytest.mark.parametrize(
        ("changed", "told"),
        [
            ({"pv_w": [600.0] * 30}, "pv_w: a value that is neither"),
            ({"pv_w": [True] * 30}, "pv_w: a value that is neither"),
            ({"grid_w": ["1"] * 30}, "grid_w: a value that is neither"),
            ({"pv_w": [1] * 29}, "pv_w: 29 values for 30 minutes"),
            ({"load_w": [1] * 31}, "load_w: 31 values for 30 minutes"),
            ({"pv_w": None}, "pv_w: nothing where a list belongs"),
            ({"pv_w": [10**9 + 1] * 30}, "pv_w: a power outside"),
            ({"minutes": 15}, "minutes: a number outside 30..30"),
            ({"minutes": 30.0}, "minutes: a fraction where a whole number belongs"),
            ({"from": "2020-12-01T12:00:00"}, "from: a stamp without an offset"),
            ({"from": "1970-01-01T00:00:00+09:00"}, "from: the year 1970 is a broken clock's"),
            ({"from": 1_606_791_600}, "from: a number where a stamp belongs"),
            ({"sent_at": "yesterday"}, "sent_at: no ISO 8601 stamp"),
            ({"device_id": ""}, "device_id: empty"),
            ({"device_id": "ct\x00"}, "device_id: empty, longer than 100 characters or not printable"),
            ({"device_id": 21}, "device_id: a number where a text belongs"),
        ],
    )
    def test_is_told_and_the_other_blocks_are_taken(self, changed, told):
        decoded, _ = decode_ct_pages([ct_page(block(**changed), block())])

        assert decoded.record_count == 2
        assert [problem.record_no for problem in decoded.problems] == [1]
        assert decoded.problems[0].detail.startswith(told)
        assert set(decoded.rows.record_no.tolist()) == {2}

    @pytest.mark.parametrize("name", sorted(block()))
    def test_of_a_missing_key_names_it(self, name):
        decoded, _ = decode_ct_pages([ct_page(without(name))])

        assert [problem.detail for problem in decoded.problems] == [f"{name} is missing"]

    @pytest.mark.parametrize(
        "body", ["", "{", "[]", '{"items": 3}', "{}", "[" * 100_000, '{"items": [' + "[" * 400 + "]" * 400 + "]}"]
    )
    def test_of_a_page_is_one_record(self, body):
        decoded, _ = decode_ct_pages([CloudPage(received_s=RECEIVED_S, body=body), ct_page(block())])

        assert decoded.record_count == 2
        assert [problem.code for problem in decoded.problems] == [ProblemCode.UNREADABLE_ROW]
        assert decoded.rows.row_count == 90

    def test_is_shown_short_and_printable(self):
        decoded, _ = decode_ct_pages([ct_page(block(device_id="\ud800" * 400))])

        assert len(decoded.problems[0].text) <= 200
        assert decoded.problems[0].text.encode()


class TestAnyPage:
    @given(items=st.lists(json_values() | st.dictionaries(st.sampled_from(sorted(block())), json_values()), max_size=5))
    def test_never_fails_and_accounts_for_every_record(self, items):
        decoded, events = decode_ct_pages([ct_page(*items, block())])

        assert decoded.record_count == len(items) + 1
        assert_every_record_is_accounted_for(decoded)
        assert decoded.rows.row_count >= 90
        assert (events.at_s[1:] >= events.at_s[:-1]).all()

    @given(altered=st.dictionaries(st.sampled_from(sorted(block())), json_values(), min_size=1, max_size=2))
    def test_of_an_altered_block_gives_all_of_it_or_a_problem(self, altered):
        decoded, _ = decode_ct_pages([ct_page(block() | altered)])

        assert_every_record_is_accounted_for(decoded)
        assert (decoded.rows.row_count > 0) + len(decoded.problems) + sum(decoded.passed_over.values()) == 1

    @given(body=st.text() | json_values().map(json.dumps))
    def test_of_any_text_never_fails(self, body):
        decoded, _ = decode_ct_pages([CloudPage(received_s=0, body=body)])

        assert_every_record_is_accounted_for(decoded)
