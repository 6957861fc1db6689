"""Columns of readings as an edge hands them over."""

import numpy as np
import pytest

from sanchi.core.metering.intake_columns import READING_FORMS, ReadingColumns, ReadingFile


def fields(**changes):
    """Give the fields of one good row, with changes."""
    good = {
        "reading_file": ReadingFile.REGISTERS,
        "meter_texts": ("M1",),
        "meter_code": np.zeros(1, dtype=np.int32),
        "channel_texts": ("import",),
        "channel_code": np.zeros(1, dtype=np.int32),
        "stamp_s": np.zeros(1, dtype=np.int64),
        "is_stamp_readable": np.ones(1, dtype=np.bool_),
        "reading": np.zeros(1, dtype=np.int64),
        "is_reading_readable": np.ones(1, dtype=np.bool_),
        "received_s": np.zeros(1, dtype=np.int64),
        "is_received_readable": np.ones(1, dtype=np.bool_),
        "row_no": np.ones(1, dtype=np.int32),
        "source_no": np.zeros(1, dtype=np.int8),
        "stage_no": np.zeros(1, dtype=np.int8),
    }
    return good | changes


class TestReadingColumns:
    def test_freeze_their_arrays(self):
        columns = ReadingColumns(**fields())

        assert columns.row_count == 1
        assert not columns.reading.flags.writeable

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"reading": np.zeros(1)}, "type float64"),
            ({"stamp_s": np.zeros(2, dtype=np.int64)}, "shape"),
            ({"meter_code": np.array([-2], dtype=np.int32)}, "below -1"),
            ({"channel_code": np.array([1], dtype=np.int32)}, "behind its texts"),
        ],
    )
    def test_of_a_wrong_programme_trip_an_assert(self, changes, reason):
        with pytest.raises(AssertionError, match=reason):
            ReadingColumns(**fields(**changes))


class TestReadingForms:
    def test_tell_meters_that_count_from_those_that_deliver_energies(self):
        assert [READING_FORMS[kind].is_register for kind in ReadingFile] == [True, False, False]
