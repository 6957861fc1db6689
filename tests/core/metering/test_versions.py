"""Of several versions of a reading one is in force: final before preliminary, the nearer way, then the latest."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.readings import ReadingRows
from sanchi.core.metering.sources import Source, Stage
from sanchi.core.metering.versions import positions_in_force

COLUMNS = (
    "meter_no", "channel_no", "boundary", "stage_no", "source_no", "received_s", "delivery_no", "row_no", "reading",
)  # fmt: skip
TYPES = dict(zip(COLUMNS, ["i4", "i1", "i4", "i1", "i1", "i8", "i4", "i4", "i8"], strict=True))

small = st.integers(0, 2)
versions = st.lists(
    st.tuples(
        small, st.integers(1, 2), small, st.sampled_from(Stage), st.sampled_from(Source), small, small, small, small
    ),
    max_size=40,
)


def rows_of(drawn):
    """Give rows in the order of COLUMNS."""
    columns = np.array(drawn, dtype=np.int64).reshape(-1, len(COLUMNS)).T
    return ReadingRows(**{name: columns[n].astype(TYPES[name]) for n, name in enumerate(COLUMNS)})


def version(reading, stage=Stage.FLASH, source=Source.CT, received_s=0, delivery_no=0, row_no=0):
    return 1, 1, 10, stage, source, received_s, delivery_no, row_no, reading


def values_in_force(rows):
    in_force = rows.take(positions_in_force(rows))
    return sorted(zip(*(getattr(in_force, name).tolist() for name in COLUMNS), strict=True))


class TestPositionsInForce:
    @settings(max_examples=200, deadline=None)
    @given(versions)
    def test_equals_a_walk_over_all_rows(self, drawn):
        best = {}
        for row in drawn:
            cell, order = row[:3], row[3:]
            best[cell] = max(best.get(cell, order), order)

        found = values_in_force(rows_of(drawn))

        assert found == sorted((*cell, *order) for cell, order in best.items())

    @settings(max_examples=200, deadline=None)
    @given(versions, st.randoms(use_true_random=False))
    def test_order_of_rows_changes_nothing(self, drawn, chance):
        shuffled = list(drawn)
        chance.shuffle(shuffled)

        assert values_in_force(rows_of(shuffled)) == values_in_force(rows_of(drawn))

    @settings(max_examples=200, deadline=None)
    @given(versions, versions)
    def test_what_lost_before_never_wins_when_more_arrives(self, earlier, later):
        kept = values_in_force(rows_of(earlier))

        assert values_in_force(rows_of([*kept, *later])) == values_in_force(rows_of([*earlier, *later]))

    @pytest.mark.parametrize(
        ("weaker", "stronger"),
        [
            ({"stage": Stage.PRELIMINARY, "source": Source.TSO, "received_s": 9}, {"stage": Stage.FINAL}),
            ({"stage": Stage.FLASH, "received_s": 9}, {"stage": Stage.PRELIMINARY}),
            ({"source": Source.TSO, "received_s": 9}, {"source": Source.OPERATOR}),
            ({"source": Source.B_ROUTE, "received_s": 9}, {"source": Source.TSO}),
            ({"source": Source.CT, "received_s": 9}, {"source": Source.B_ROUTE}),
            ({"received_s": 5, "delivery_no": 9}, {"received_s": 6}),
            ({"delivery_no": 1, "row_no": 9}, {"delivery_no": 2}),
            ({"row_no": 1}, {"row_no": 2}),
        ],
        ids=["final", "preliminary", "operator", "network operator", "b-route", "received", "delivered", "row"],
    )
    def test_order_is_stage_then_source_then_received_then_delivered_then_row(self, weaker, stronger):
        rows = rows_of([version(222, **stronger), version(111, **weaker)])

        assert rows.reading[positions_in_force(rows)].tolist() == [222]
