"""The delivery dates that readings help to fix."""

from datetime import date

import numpy as np
import pytest

from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.intake_days import dates_touched
from sanchi.core.metering.readings import Channel, ReadingRows
from sanchi.core.metering.sources import Source, Stage

FIRST = date(2020, 11, 30)
SECOND = date(2020, 12, 1)


def rows(*cells):
    """Give rows of (meter_no, channel, boundary)."""
    n_rows = len(cells)
    return ReadingRows(
        meter_no=np.array([cell[0] for cell in cells], dtype=np.int32),
        channel_no=np.array([cell[1] for cell in cells], dtype=np.int8),
        boundary=np.array([cell[2] for cell in cells], dtype=np.int32),
        reading=np.zeros(n_rows, dtype=np.int64),
        received_s=np.zeros(n_rows, dtype=np.int64),
        delivery_no=np.zeros(n_rows, dtype=np.int32),
        row_no=np.arange(n_rows, dtype=np.int32),
        source_no=np.full(n_rows, Source.B_ROUTE, dtype=np.int8),
        stage_no=np.full(n_rows, Stage.FLASH, dtype=np.int8),
    )


class TestDatesTouched:
    def test_stamp_within_a_day_touches_that_day(self):
        touched = dates_touched(rows((3, Channel.EXPORT, boundary_ordinal(FIRST, 31))), {3})

        assert touched == {3: {FIRST}}

    @pytest.mark.parametrize("channel", [Channel.IMPORT, Channel.PV])
    def test_register_at_midnight_closes_one_day_and_opens_the_next(self, channel):
        touched = dates_touched(rows((3, channel, boundary_ordinal(SECOND, 0))), {3})

        assert touched == {3: {FIRST, SECOND}}

    @pytest.mark.parametrize("channel", [Channel.IMPORT, Channel.PV])
    def test_energy_at_midnight_closes_its_day_only(self, channel):
        touched = dates_touched(rows((3, channel, boundary_ordinal(SECOND, 0))), {4})

        assert touched == {3: {FIRST}}

    def test_dates_are_kept_apart_by_meter(self):
        touched = dates_touched(
            rows(
                (3, Channel.PV, boundary_ordinal(FIRST, 1)),
                (4, Channel.PV, boundary_ordinal(SECOND, 1)),
                (3, Channel.PV, boundary_ordinal(FIRST, 2)),
            ),
            {3},
        )

        assert touched == {3: {FIRST}, 4: {SECOND}}

    def test_no_rows_touch_nothing(self):
        assert dates_touched(rows(), ()) == {}
