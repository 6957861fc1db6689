"""Readings of the B-route cloud become counts with their unit, exactly; what is none is told."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.formats.gateway_cloud import decode_gateway_pages
from sanchi.core.metering.formats.json_records import CloudPage
from sanchi.core.metering.sources import Source, Stage
from tests.core.metering.formats.laws import assert_every_record_is_accounted_for, json_values, series_of
from tests.core.metering.formats.pages import NOON, RECEIVED_S, gateway_page, reading

NOON_S = int(NOON.timestamp())


class TestReading:
    def test_becomes_a_count_of_each_direction(self):
        decoded, events = decode_gateway_pages([gateway_page(reading())])

        assert series_of(decoded.rows) == {("br-021", 1): [(NOON_S, 1_234)], ("br-021", 2): [(NOON_S, 56)]}
        assert set(decoded.rows.measure_no.tolist()) == {Measure.COUNT}
        assert set(decoded.rows.interval_s.tolist()) == {0}
        assert set(decoded.rows.source_no.tolist()) == {Source.B_ROUTE}
        assert set(decoded.rows.stage_no.tolist()) == {Stage.FLASH}
        assert events.at_s.size == 0

    @pytest.mark.parametrize(
        ("unit", "coefficient", "unit_mwh"),
        [
            ("0.1", 1, 100_000),
            ("1", 1, 1_000_000),
            ("0.0001", 1, 100),
            ("0.000001", 3, 3),
            ("10", 120, 1_200_000_000),
            ("0.10", 2, 200_000),
        ],
    )
    def test_tells_what_a_count_is_worth_to_the_milliwatt_hour(self, unit, coefficient, unit_mwh):
        decoded, _ = decode_gateway_pages([gateway_page(reading(unit=unit, coefficient=coefficient))])

        assert set(decoded.rows.unit_mwh.tolist()) == {unit_mwh}

    def test_without_one_count_keeps_the_other_and_tells_the_event(self):
        decoded, events = decode_gateway_pages([gateway_page(reading(export=None))])

        assert series_of(decoded.rows) == {("br-021", 1): [(NOON_S, 1_234)]}
        assert events.event_no.tolist() == [EventCode.NO_DATA]
        assert events.at_s.tolist() == [NOON_S]
        assert decoded.passed_over == {}

    def test_without_any_count_is_passed_over_and_told(self):
        nothing = {"import": None, "export": None}

        decoded, events = decode_gateway_pages([gateway_page(reading(**nothing), reading(**nothing))])

        assert decoded.passed_over == {"readings without a count": 2}
        assert events.event_no.tolist() == [EventCode.NO_DATA]


class TestFault:
    @pytest.mark.parametrize(
        ("changed", "code", "told"),
        [
            ({"unit": 0.1}, ProblemCode.UNREADABLE_ROW, "unit: a fraction where a text belongs"),
            ({"unit": "0"}, ProblemCode.UNREADABLE_ROW, "unit: no number of kWh above zero"),
            ({"unit": "1e-1"}, ProblemCode.UNREADABLE_ROW, "unit: no number of kWh above zero"),
            ({"unit": "0.0000001"}, ProblemCode.UNREADABLE_ROW, "unit: no number of kWh above zero"),
            ({"unit": "٠.١"}, ProblemCode.UNREADABLE_ROW, "unit: no number of kWh above zero"),
            ({"coefficient": 0}, ProblemCode.UNREADABLE_ROW, "coefficient: a number outside"),
            ({"digits": 9}, ProblemCode.UNREADABLE_ROW, "digits: a number outside 1..8"),
            ({"import": 1_000_000}, ProblemCode.REGISTER_OVERFLOW, "import: a count of more than 6 digits"),
            ({"import": "12"}, ProblemCode.UNREADABLE_ROW, "import: a text where a whole number belongs"),
            ({"export": 1.0}, ProblemCode.UNREADABLE_ROW, "export: a fraction where a whole number belongs"),
            ({"fixedTime": "2300-01-01T00:00:00+09:00"}, ProblemCode.UNREADABLE_ROW, "fixedTime: the year 2300"),
            ({"no": None}, ProblemCode.UNREADABLE_ROW, "no: nothing where a whole number belongs"),
        ],
    )
    def test_is_told_and_the_other_readings_are_taken(self, changed, code, told):
        decoded, _ = decode_gateway_pages([gateway_page(reading(**changed), reading())])

        assert [(problem.record_no, problem.code) for problem in decoded.problems] == [(1, code)]
        assert decoded.problems[0].detail.startswith(told)
        assert decoded.problems[0].address == "br-021"
        assert set(decoded.rows.record_no.tolist()) == {2}

    @pytest.mark.parametrize("name", sorted(reading()))
    def test_of_a_missing_key_names_it(self, name):
        short = {key: value for key, value in reading().items() if key != name}

        decoded, _ = decode_gateway_pages([gateway_page(short)])

        assert [problem.detail for problem in decoded.problems] == [f"{name} is missing"]


class TestAnyPage:
    @given(altered=st.dictionaries(st.sampled_from(sorted(reading())), json_values(), min_size=1, max_size=2))
    def test_never_fails_and_accounts_for_every_record(self, altered):
        decoded, _ = decode_gateway_pages([gateway_page(reading() | altered, 3, reading())])

        assert decoded.record_count == 3
        assert_every_record_is_accounted_for(decoded)
        assert 3 in decoded.rows.record_no.tolist()

    @given(body=st.text() | json_values().map(json.dumps))
    def test_of_any_text_never_fails(self, body):
        decoded, _ = decode_gateway_pages([CloudPage(received_s=RECEIVED_S, body=body)])

        assert_every_record_is_accounted_for(decoded)
