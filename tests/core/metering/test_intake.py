"""Delivered readings are taken or rejected row by row, and every row is accounted for."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.ids import MeterId
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.base.slots import JST
from sanchi.core.metering.intake import FINDINGS_PER_CODE_MAX, take_in
from sanchi.core.metering.intake_columns import ReadingColumns, ReadingFile
from sanchi.core.metering.readings import Channel, MeterSpec

MIDNIGHT = datetime(2020, 12, 1, tzinfo=JST)
MIDNIGHT_BOUNDARY = (MIDNIGHT - datetime(2000, 1, 1, tzinfo=JST)) // timedelta(minutes=30)
HALF_HOUR = timedelta(minutes=30)


def spec(meter_no, channel, **changes):
    """Give a meter that serves from MIDNIGHT on: a register of four digits, or an interval meter."""
    is_register = channel in (Channel.IMPORT, Channel.EXPORT)
    good = {
        "meter_no": meter_no,
        "meter_id": MeterId(f"M{meter_no}"),
        "channel": channel,
        "unit_wh": 100 if is_register else 1,
        "digits": 4 if is_register else 0,
        "installed_boundary": MIDNIGHT_BOUNDARY,
        "removed_boundary": None,
        "plausible_wh_max": 5_000,
    }
    return MeterSpec(**(good | changes))


METERS = (
    spec(1, Channel.IMPORT),
    spec(1, Channel.EXPORT),
    spec(2, Channel.PV, removed_boundary=MIDNIGHT_BOUNDARY + 4),
)


def codes(texts):
    """Give distinct texts and codes as a reader does; an empty text has code -1."""
    distinct = tuple(text for text in dict.fromkeys(texts) if text)
    return distinct, np.array([distinct.index(text) if text else -1 for text in texts], dtype=np.int32)


def columns(rows, reading_file=ReadingFile.REGISTERS):
    """Give columns of rows (meter, channel, stamp, reading); None = not readable."""
    meter_texts, meter_code = codes([row[0] for row in rows])
    channel_texts, channel_code = codes([row[1] for row in rows])
    stamps = [row[2] for row in rows]
    readings = [row[3] for row in rows]
    return ReadingColumns(
        reading_file=reading_file,
        meter_texts=meter_texts,
        meter_code=meter_code,
        channel_texts=channel_texts,
        channel_code=channel_code,
        stamp_s=np.array([int(stamp.timestamp()) if stamp else 0 for stamp in stamps], dtype=np.int64),
        is_stamp_readable=np.array([stamp is not None for stamp in stamps], dtype=np.bool_),
        reading=np.array([reading or 0 for reading in readings], dtype=np.int64),
        is_reading_readable=np.array([reading is not None for reading in readings], dtype=np.bool_),
        received_s=np.arange(len(rows), dtype=np.int64),
        is_received_readable=np.ones(len(rows), dtype=np.bool_),
        row_no=np.arange(1, len(rows) + 1, dtype=np.int32),
        source_no=np.zeros(len(rows), dtype=np.int8),
        stage_no=np.zeros(len(rows), dtype=np.int8),
    )


def only_finding(row, reading_file=ReadingFile.REGISTERS):
    """Take in one row that has to be rejected."""
    intake = take_in(columns([row], reading_file), METERS, "registers-1.csv")
    assert intake.accepted.row_count == 0
    (finding,) = intake.findings
    return finding


class TestAcceptedRow:
    def test_keeps_meter_channel_boundary_reading_receipt_and_row(self):
        rows = [("M1", "import", MIDNIGHT, 10), ("M1", "export", MIDNIGHT + 31 * HALF_HOUR, 9_999)]

        accepted = take_in(columns(rows), METERS, "f").accepted

        assert accepted.meter_no.tolist() == [1, 1]
        assert accepted.channel_no.tolist() == [Channel.IMPORT, Channel.EXPORT]
        assert accepted.boundary.tolist() == [MIDNIGHT_BOUNDARY, MIDNIGHT_BOUNDARY + 31]
        assert accepted.reading.tolist() == [10, 9_999]
        assert accepted.received_s.tolist() == [0, 1]
        assert accepted.delivery_no.tolist() == [0, 0]
        assert accepted.row_no.tolist() == [1, 2]

    def test_stamp_of_another_offset_is_the_same_instant(self):
        row = ("M1", "import", MIDNIGHT.astimezone(UTC), 10)

        assert take_in(columns([row]), METERS, "f").accepted.boundary.tolist() == [MIDNIGHT_BOUNDARY]

    def test_register_opens_at_installation_and_energy_does_not(self):
        register = columns([("M1", "import", MIDNIGHT, 0)])
        energy = columns([("M2", "pv", MIDNIGHT, 0)], ReadingFile.ENERGIES)

        assert take_in(register, METERS, "f").accepted.row_count == 1
        assert take_in(energy, METERS, "f").accepted.row_count == 0

    def test_reading_at_the_instant_of_removal_still_counts(self):
        rows = [("M2", "pv", MIDNIGHT + 4 * HALF_HOUR, 7), ("M2", "pv", MIDNIGHT + 5 * HALF_HOUR, 7)]

        intake = take_in(columns(rows, ReadingFile.ENERGIES), METERS, "f")

        assert intake.accepted.row_no.tolist() == [1]
        assert intake.rejected_code == (ProblemCode.STAMP_OUTSIDE_METER_LIFE,)

    def test_empty_file_gives_nothing(self):
        intake = take_in(columns([]), METERS, "f")

        assert intake.accepted.row_count == intake.rejected_index.size == len(intake.findings) == 0


class TestRejectedRow:
    @pytest.mark.parametrize(
        ("row", "code", "detail"),
        [
            (("M9", "import", MIDNIGHT, 1), "UNKNOWN_METER", "meter M9 is not one of the market's meters"),
            (("M1", "pv", MIDNIGHT, 1), "UNKNOWN_CHANNEL", "meter M1 does not measure 'pv'"),
            (("M2", "pv", MIDNIGHT, 1), "UNKNOWN_CHANNEL", "meter M2 delivers energies, so its readings belong into"),
            (("M1", "import", MIDNIGHT, -1), "NEGATIVE_ENERGY", "register_count -1 is below zero"),
            (
                ("M1", "import", MIDNIGHT + timedelta(minutes=7), 1),
                "STAMP_OFF_BOUNDARY",
                "read_at 2020-12-01T00:07:00+09:00 is not on a half hour",
            ),
            (("M1", "import", MIDNIGHT + timedelta(seconds=1), 1), "STAMP_OFF_BOUNDARY", "00:00:01"),
            (
                ("M1", "import", MIDNIGHT - HALF_HOUR, 1),
                "STAMP_OUTSIDE_METER_LIFE",
                "lies outside its service, 2020-12-01T00:00:00+09:00 to 2200",
            ),
            (
                ("M1", "import", datetime(2200, 1, 1, 0, 30, tzinfo=JST), 1),
                "STAMP_OUTSIDE_METER_LIFE",
                "2200-01-01T00:30",
            ),
            (("M1", "import", MIDNIGHT, 10_000), "REGISTER_OVERFLOW", "more digits than its register (4)"),
            (("", "import", MIDNIGHT, 1), "UNREADABLE_ROW", "meter_id empty or not readable"),
            (("M1", "", None, 1), "UNREADABLE_ROW", "channel, read_at empty or not readable"),
            (("M1", "import", MIDNIGHT, None), "UNREADABLE_ROW", "register_count empty"),
        ],
    )  # fmt: skip
    def test_is_told_with_its_code_and_what_was_found(self, row, code, detail):
        problem = only_finding(row).problem

        assert problem.code == code
        assert problem.where == "registers-1.csv, row 1"
        assert problem.detail.startswith("1 row rejected; row 1: ")
        assert detail in problem.detail
        assert problem.hint.endswith(".")

    def test_energy_below_zero_is_told_by_the_name_of_its_column(self):
        row = ("M2", "pv", MIDNIGHT + HALF_HOUR, -5)

        problem = only_finding(row, ReadingFile.ENERGIES).problem

        assert problem.code is ProblemCode.NEGATIVE_ENERGY
        assert "slot_end 2020-12-01T00:30:00+09:00, energy_wh -5" in problem.detail

    def test_that_breaks_several_rules_is_told_by_the_first(self):
        assert only_finding(("M9", "pv", None, -1)).problem.code is ProblemCode.UNREADABLE_ROW
        assert only_finding(("M9", "pv", MIDNIGHT, -1)).problem.code is ProblemCode.UNKNOWN_METER
        assert only_finding(("M1", "pv", MIDNIGHT, -1)).problem.code is ProblemCode.UNKNOWN_CHANNEL

    def test_names_its_meter_only_when_it_is_known(self):
        assert only_finding(("M1", "import", MIDNIGHT, -1)).meter_no == 1
        assert only_finding(("M1", "pv", MIDNIGHT, 1)).meter_no == 1
        assert only_finding(("M9", "import", MIDNIGHT, 1)).meter_no is None

    def test_outside_service_asks_less_of_the_operator(self):
        outside = only_finding(("M1", "import", MIDNIGHT - HALF_HOUR, 1))
        negative = only_finding(("M1", "import", MIDNIGHT, -1))

        assert outside.problem.severity is Severity.WATCH
        assert negative.problem.severity is Severity.ACT

    @pytest.mark.parametrize("stamp_s", [2**63 - 1, -(2**63)])
    def test_absurd_stamp_overflows_nothing(self, stamp_s):
        good = columns([("M1", "import", MIDNIGHT, 1)])
        good = ReadingColumns(
            **{name: getattr(good, name) for name in good.__slots__ if name != "stamp_s"},
            stamp_s=np.array([stamp_s // 1_800 * 1_800 if stamp_s > 0 else -(2**63) + 8], dtype=np.int64),
        )

        intake = take_in(good, METERS, "f")

        assert intake.rejected_code == (ProblemCode.STAMP_OUTSIDE_METER_LIFE,)


class TestFindings:
    def test_gather_rows_per_code_and_meter_with_the_first_row_as_example(self):
        rows = [
            ("M1", "import", MIDNIGHT, 1),
            ("M8", "import", MIDNIGHT, 1),
            ("M1", "import", MIDNIGHT, -1),
            ("M9", "import", MIDNIGHT, 1),
            ("M8", "export", MIDNIGHT, 1),
        ]

        findings = take_in(columns(rows), METERS, "f").findings

        told = [(each.problem.code, each.row_count, each.problem.where) for each in findings]
        assert told == [
            ("UNKNOWN_METER", 2, "f, row 2"),
            ("UNKNOWN_METER", 1, "f, row 4"),
            ("NEGATIVE_ENERGY", 1, "f, row 3"),
        ]

    def test_of_very_many_meters_are_told_together(self):
        n_meters = FINDINGS_PER_CODE_MAX + 7
        rows = [(f"X{n}", "import", MIDNIGHT, 1) for n in range(n_meters)]

        findings = take_in(columns(rows), METERS, "f").findings

        assert len(findings) == FINDINGS_PER_CODE_MAX + 1
        assert findings[-1].row_count == 7
        assert "7 rows of 7 further meters rejected" in findings[-1].problem.detail
        assert findings[-1].meter_no is None


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["M1", "M2", "M9", ""]),
        st.sampled_from(["import", "export", "pv", "use", "IMPORT", ""]),
        st.none() | st.integers(-6, 18).map(lambda n: MIDNIGHT + n * timedelta(minutes=10)),
        st.none() | st.sampled_from([-1, 0, 1, 9_999, 10_000]),
    ),
    max_size=30,
)  # fmt: skip


def is_good(row, reading_file):
    """Tell slowly and plainly whether a row has to be accepted."""
    meter, channel, stamp, reading = row
    if stamp is None or reading is None or reading < 0 or stamp.minute % 30 or stamp < MIDNIGHT:
        return False
    if reading_file is ReadingFile.REGISTERS:
        return meter == "M1" and channel in ("import", "export") and reading < 10_000
    in_service = MIDNIGHT < stamp <= MIDNIGHT + 4 * HALF_HOUR
    return meter == "M2" and channel == "pv" and in_service


class TestIntake:
    @given(rows=ROWS, reading_file=st.sampled_from(list(ReadingFile)))
    def test_accepts_exactly_the_good_rows_and_accounts_for_all(self, rows, reading_file):
        intake = take_in(columns(rows, reading_file), METERS, "f")

        good = [n for n, row in enumerate(rows, start=1) if is_good(row, reading_file)]
        assert intake.accepted.row_no.tolist() == good
        assert intake.accepted.row_count + intake.rejected_index.size == len(rows)
        assert sorted({*good, *(intake.rejected_index + 1).tolist()}) == list(range(1, len(rows) + 1))
        assert len(intake.rejected_code) == intake.rejected_index.size
        assert sum(finding.row_count for finding in intake.findings) == intake.rejected_index.size
