"""Of several versions of a reading the latest is in force."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.readings import ReadingRows
from sanchi.core.metering.versions import positions_in_force
from tests.oracles.metering_series import register, rows_of

small = st.integers(0, 2)
versions = st.lists(st.tuples(small, st.integers(1, 2), small, small, small), max_size=40)


def version(reading, received_s, delivery_no, row_no):
    return rows_of(register(), {10: reading}, received_s=received_s, delivery_no=delivery_no, first_row_no=row_no)


class TestPositionsInForce:
    @settings(max_examples=200, deadline=None)
    @given(versions)
    def test_equals_a_walk_over_all_rows(self, drawn):
        # The last column makes every row its own, as rows of a file are.
        rows = [(*row, n) for n, row in enumerate(drawn)]
        columns = np.array(rows, dtype=np.int64).reshape(-1, 6).T
        latest = {}
        for position, (meter_no, channel_no, boundary, *order) in enumerate(rows):
            cell = (meter_no, channel_no, boundary)
            if cell not in latest or order > latest[cell][0]:
                latest[cell] = (order, position)

        in_force = positions_in_force(
            ReadingRows(
                meter_no=columns[0].astype(np.int32),
                channel_no=columns[1].astype(np.int8),
                boundary=columns[2].astype(np.int32),
                reading=columns[5].copy(),
                received_s=columns[3].copy(),
                delivery_no=columns[4].astype(np.int32),
                row_no=columns[5].astype(np.int32),
            )
        )

        assert sorted(in_force.tolist()) == sorted(position for _, position in latest.values())

    @pytest.mark.parametrize(
        ("earlier", "later"),
        [((5, 9, 9), (6, 1, 1)), ((5, 1, 9), (5, 2, 1)), ((5, 1, 1), (5, 1, 2))],
        ids=["received", "delivered", "row"],
    )
    def test_order_is_received_then_delivered_then_row(self, earlier, later):
        rows = ReadingRows.joined([version(222, *later), version(111, *earlier)])

        assert rows.reading[positions_in_force(rows)].tolist() == [222]
