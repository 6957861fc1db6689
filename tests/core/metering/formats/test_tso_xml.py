"""Documents of the network operator become half-hour energies; what is no such document is refused, never guessed."""

from collections.abc import Iterator
from datetime import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import JST
from sanchi.core.metering.formats import tso_xml
from sanchi.core.metering.formats.decoded import DecodedFile, Measure
from sanchi.core.metering.formats.tso_fields import energy_wh_of
from sanchi.core.metering.formats.tso_layout import TsoLayout
from sanchi.core.metering.formats.tso_xml import ADDED_TO_SLOT, TOLD_AGAIN, decode_tso_xml
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.delivery.tso_files import layout_of
from tests.core.metering.formats.tso_documents import OTHER_POINT, POINT, confirmed, daily, detail, same_day

DAILY, SAME_DAY, CONFIRMED = (layout_of(name) for name in ("W41120x.zip", "W41110x.zip", "W51220x.zip"))
RECEIVED_S = 1_606_900_000


def decode(document: str, layout: TsoLayout, piece: int = 50) -> DecodedFile:
    """Decode a document in small pieces; it has to be one block."""
    pieces = (document[start : start + piece] for start in range(0, len(document), piece))
    (decoded,) = decode_tso_xml(pieces, layout, RECEIVED_S)
    return decoded


def rows_of(decoded: DecodedFile) -> list[tuple[str, str, int, int]]:
    """Give address, end of the slot, Wh and record of each row."""
    rows = decoded.rows
    ends = [f"{datetime.fromtimestamp(stamp_s, JST):%m-%d %H:%M}" for stamp_s in rows.stamp_s.tolist()]
    addresses = [rows.address_texts[code] for code in rows.address_code]
    wh = (rows.reading * rows.unit_mwh // 1_000).tolist()
    return list(zip(addresses, ends, wh, rows.record_no.tolist(), strict=True))


class TestDailyFile:
    def test_gives_each_slot_of_each_point_its_energy_at_the_end_of_the_slot(self):
        decoded = decode(
            daily({"01": [detail("0.3")], "48": [detail("0000012.3456"), detail("0", OTHER_POINT)]}), DAILY
        )

        assert rows_of(decoded) == [
            (POINT, "12-01 00:30", 300, 1),
            (POINT, "12-02 00:00", 12_346, 2),
            (OTHER_POINT, "12-02 00:00", 0, 3),
        ]
        assert (decoded.record_count, decoded.problems, decoded.passed_over) == (3, (), {})
        assert set(decoded.rows.source_no) == {Source.TSO}
        assert set(decoded.rows.stage_no) == {Stage.PRELIMINARY}
        assert set(decoded.rows.received_s) == {RECEIVED_S}

    def test_adds_up_what_two_meters_counted_in_the_slot_of_their_exchange(self):
        decoded = decode(daily({"20": [detail("0.2", control_no="A1"), detail("0.5", control_no="B2")]}), DAILY)

        assert rows_of(decoded) == [(POINT, "12-01 10:00", 700, 1)]
        assert (decoded.record_count, decoded.passed_over) == (2, {ADDED_TO_SLOT: 1})

    def test_counts_a_slot_told_twice_once_and_by_its_last_value(self):
        decoded = decode(daily({"20": [detail("0.2"), detail("0.5")]}), DAILY)

        assert rows_of(decoded) == [(POINT, "12-01 10:00", 500, 1)]
        assert decoded.passed_over == {TOLD_AGAIN: 1}

    @pytest.mark.parametrize(
        ("slots", "code", "told"),
        [
            ({"01": [detail("", availability="1")]}, ProblemCode.NOT_PROVIDED, "not provided (提供可否 1)"),
            ({"01": [detail("-0.1")]}, ProblemCode.NEGATIVE_ENERGY, "energy -0.1 kWh is below zero"),
            ({"01": [detail("0,3")]}, ProblemCode.UNREADABLE_ROW, "energy '0,3': not kWh"),
            ({"01": [detail("0.12345")]}, ProblemCode.UNREADABLE_ROW, "energy '0.12345': not kWh"),
            ({"01": [detail("０.3")]}, ProblemCode.UNREADABLE_ROW, "energy '０.3': not kWh"),
            ({"01": [detail("")]}, ProblemCode.UNREADABLE_ROW, "energy '': not kWh"),
            ({"49": [detail("0.3")]}, ProblemCode.UNREADABLE_ROW, "slot '49': not 01 to 48"),
            ({"00": [detail("0.3")]}, ProblemCode.UNREADABLE_ROW, "slot '00': not 01 to 48"),
            ({"01": [detail("0.3", "12345678901234567")]}, ProblemCode.UNREADABLE_ROW, "17 digits are a point of gas"),
            ({"01": [detail("0.3", "1100012345678901234567")]}, ProblemCode.UNREADABLE_ROW, "11 is no grid area"),
            ({"01": [detail("0.3", "03000")]}, ProblemCode.UNREADABLE_ROW, "5 digits, expected 22"),
        ],
    )
    def test_tells_what_is_wrong_with_a_record_and_takes_the_others(self, slots, code, told):
        decoded = decode(daily({**slots, "02": [detail("0.1", OTHER_POINT)]}), DAILY)

        (problem,) = decoded.problems
        assert (problem.code, problem.record_no) == (code, 1)
        assert told in problem.detail
        assert rows_of(decoded) == [(OTHER_POINT, "12-01 01:00", 100, 2)]

    def test_of_a_date_that_is_none_takes_nothing_and_tells_each_record(self):
        decoded = decode(daily({"01": [detail("0.3")], "02": [detail("0.3")]}, day="20201301"), DAILY)

        assert [problem.detail.split(":")[0] for problem in decoded.problems] == ["date 20201301"] * 2
        assert decoded.rows.row_count == 0

    def test_of_a_point_written_with_hyphens_is_the_same_point(self):
        decoded = decode(daily({"01": [detail("0.3", "03-0001-2345-6789-0123-4567")]}), DAILY)

        assert rows_of(decoded)[0][0] == POINT


class TestSameDayFile:
    def test_takes_the_slot_from_its_header(self):
        details = [detail("1", row="JPMR00010"), detail("2", OTHER_POINT, row="JPMR00010")]
        decoded = decode(same_day("31", details), SAME_DAY)

        assert [(address, end, wh) for address, end, wh, _ in rows_of(decoded)] == [
            (POINT, "12-01 15:30", 1_000),
            (OTHER_POINT, "12-01 15:30", 2_000),
        ]
        assert set(decoded.rows.stage_no) == {Stage.FLASH}


class TestConfirmedFile:
    def test_gives_all_slots_of_all_days(self):
        decoded = decode(confirmed({"20201201": {"01": "0.1", "48": "0.2"}, "20201202": {"01": "0.3"}}), CONFIRMED)

        assert [(end, wh) for _, end, wh, _ in rows_of(decoded)] == [
            ("12-01 00:30", 100),
            ("12-02 00:00", 200),
            ("12-02 00:30", 300),
        ]
        assert set(decoded.rows.stage_no) == {Stage.FINAL}

    def test_prefers_the_part_that_is_this_retailers(self):
        document = confirmed({"20201201": {"01": "0.9"}}).replace("</JP06424>", "</JP06424><JP06425>0.4</JP06425>")

        assert rows_of(decode(document, CONFIRMED))[0][2] == 400

    def test_of_a_point_that_is_not_provided_is_a_problem(self):
        decoded = decode(confirmed({}, availability="1"), CONFIRMED)

        assert [problem.code for problem in decoded.problems] == [ProblemCode.NOT_PROVIDED]

    def test_of_a_point_with_a_month_alone_is_the_energy_of_the_month(self):
        decoded = decode(confirmed({}, month_kwh="123.4"), CONFIRMED)

        assert rows_of(decoded) == [(POINT, "01-01 00:00", 123_400, 1)]
        assert decoded.rows.measure_no.tolist() == [Measure.MONTH]

        assert (decoded.record_count, decoded.passed_over) == (1, {})


class TestBlocks:
    def test_keep_all_slots_and_count_records_anew(self, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(tso_xml, "ROWS_PER_BLOCK", 3)
        document = daily({f"{slot:02d}": [detail("0.1"), detail("0.2", OTHER_POINT)] for slot in range(1, 49)})

        blocks = list(decode_tso_xml(iter([document]), DAILY, RECEIVED_S))

        assert len(blocks) > 2
        assert sum(block.record_count for block in blocks) == sum(block.rows.row_count for block in blocks) == 96
        assert all(1 <= no <= block.record_count for block in blocks for no in block.rows.record_no)


class TestAttacks:
    @pytest.mark.parametrize(
        ("document", "told"),
        [
            ('<!DOCTYPE a [<!ENTITY b "c">]><SBD-MSG>&b;</SBD-MSG>', "document type or entities"),
            ('<!DOCTYPE a SYSTEM "other.dtd"><SBD-MSG/>', "document type or entities"),
            ("<a>" * 100 + "</a>" * 100, "nested more than 32 deep"),
            (daily({"01": [detail("1" * 2_000)]}), "longer than 1000 characters"),
            (daily({"01": [detail("0.3")]})[:-20], "it was cut off"),
            ("meter_id,channel\nM1,import\n", "it is no XML"),
            ("<html><body>Not found</body></html>", "it holds no row of '30分電力量 低圧 日毎'; its root is <html>"),
            ("", "it was cut off"),
        ],
    )
    def test_are_refused_with_their_name(self, document: str, told: str):
        with pytest.raises(UnreadableDelivery) as refused:
            decode(document, DAILY)

        assert told in refused.value.what
        assert refused.value.hint

    def test_by_a_tag_without_end_are_refused_before_it_fills_the_memory(self):
        def endless() -> Iterator[str]:
            yield "<SBD-MSG><JPTRM "
            for _ in range(10_000):
                yield "a" * 65_536

        with pytest.raises(UnreadableDelivery, match="has no end"):
            list(decode_tso_xml(endless(), DAILY, RECEIVED_S))


class TestEnergy:
    @given(st.integers(0, 10**14 - 1))
    def test_is_whole_watt_hours_with_half_of_one_rounded_up(self, tenths: int):
        text = f"{tenths // 10_000}.{tenths % 10_000:04d}"

        assert abs(energy_wh_of(text) * 10 - tenths) <= 5
        assert energy_wh_of(text) * 10 - tenths > -5


class TestAnyText:
    @given(st.text(max_size=200), st.integers(0, 400))
    def test_is_decoded_or_refused_but_never_crashes(self, text: str, place: int):
        document = daily({"01": [detail("0.3")]})
        damaged = document[:place] + text + document[place:]
        try:
            blocks = list(decode_tso_xml(iter([damaged]), DAILY, RECEIVED_S))
        except UnreadableDelivery:
            return
        (block,) = blocks
        taken = block.rows.row_count + len(block.problems) + sum(block.passed_over.values())
        assert block.record_count == taken
