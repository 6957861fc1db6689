"""Half hours follow their parts: the reading in force is what all parts together give, and what lacks is told."""

from dataclasses import fields, replace

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.ids import MeterId
from sanchi.core.metering.parts.adding import add_up_parts
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import BOUNDARY_END, Channel, MeterSpec, ReadingRows
from sanchi.core.metering.slot_sums import NO_PARTS, joined_parts, slot_changes
from sanchi.core.metering.versions import positions_in_force

MIDNIGHT_S = 946_652_400 + 86_400
PV = MeterSpec(
    meter_no=7,
    meter_id=MeterId("P7"),
    channel=Channel.PV,
    unit_wh=1,
    digits=0,
    installed_boundary=0,
    removed_boundary=None,
    plausible_wh_max=5_000,
)


def parts(*rows: tuple[int, int, int, int], delivery_no: int = 0) -> PartRows:
    """Give parts of (end, minutes after midnight; length in minutes; watt-seconds; received_s)."""
    n_rows = len(rows)
    end, length, energy_ws, received_s = (np.array([row[n] for row in rows], dtype=np.int64) for n in range(4))
    return PartRows(
        series_key=np.full(n_rows, PV.series_key, dtype=np.int64),
        stamp_s=MIDNIGHT_S + end * 60,
        interval_s=(length * 60).astype(np.int32),
        energy_ws=energy_ws,
        received_s=received_s,
        delivery_no=np.full(n_rows, delivery_no, dtype=np.int32),
        row_no=np.arange(1, n_rows + 1, dtype=np.int32),
    )


def quarter(end: int, energy_wh: int, received_s: int) -> tuple[int, int, int, int]:
    return end, 15, energy_wh * 3_600, received_s


class TestChange:
    def test_is_a_reading_of_each_slot_that_is_whole_now(self):
        changes = slot_changes(
            parts(quarter(15, 10, 5)), parts(quarter(30, 20, 6), quarter(45, 1, 6)), [PV], first_row_no=41
        )

        assert changes.rows.boundary.tolist() == [49]
        assert changes.rows.reading.tolist() == [30]
        assert changes.rows.received_s.tolist() == [6]
        assert changes.rows.row_no.tolist() == [41]

    def test_is_none_where_the_energy_is_the_same(self):
        same = parts(quarter(15, 10, 5), quarter(30, 20, 6))

        assert slot_changes(same, same, [PV], first_row_no=1).rows.row_count == 0

    def test_is_received_no_earlier_than_the_version_before(self):
        minutes = parts(*((end, 1, 60, 100) for end in range(1, 31)))
        # Longer and older: it takes the minutes' place, and still has to win over the energy that they gave.
        older = parts(quarter(15, 9, 50))

        changes = slot_changes(minutes, older, [PV], first_row_no=1)

        assert changes.rows.received_s.tolist() == [100]


class TestFinding:
    def test_tells_the_slots_of_a_day_that_lack_minutes(self):
        new = parts(quarter(15, 1, 1), quarter(60, 1, 1), quarter(75, 1, 1), quarter(165, 1, 1))

        changes = slot_changes(NO_PARTS, new, [PV], first_row_no=1)

        (finding,) = changes.findings
        assert changes.places == ("meter P7 pv, 2000-01-02",)
        assert finding.problem.where == "meter P7 pv, 2000-01-02"
        assert finding.slot_count == 4
        assert finding.problem.detail == "4 half hours lack more than 5 minutes, 60 together: slots 1-3, 6"

    def test_goes_away_when_the_rest_comes(self):
        changes = slot_changes(parts(quarter(15, 1, 1)), parts(quarter(30, 1, 1)), [PV], first_row_no=1)

        assert changes.findings == ()
        assert changes.places == ("meter P7 pv, 2000-01-02",)

    def test_of_days_that_nothing_new_touches_is_left_alone(self):
        day_minutes = 24 * 60
        changes = slot_changes(parts(quarter(15, 1, 1)), parts(quarter(day_minutes + 15, 1, 1)), [PV], first_row_no=1)

        assert changes.places == ("meter P7 pv, 2000-01-03",)
        assert len(changes.findings) == 1


def some_parts() -> st.SearchStrategy[tuple[int, int, int, int]]:
    """Draw parts of two slots, of every length, on the grid of their lengths."""
    return st.sampled_from([1, 5, 15, 30]).flatmap(
        lambda length: st.tuples(
            st.integers(1, 60 // length).map(lambda n: n * length),
            st.just(length),
            st.integers(0, 10_000),
            st.integers(0, 3),
        )
    )


class TestAnyDeliveries:
    @given(deliveries=st.lists(st.lists(some_parts(), min_size=1, max_size=40), min_size=1, max_size=6))
    def test_leave_in_force_what_all_their_parts_together_give(self, deliveries):
        stored, versions = NO_PARTS, []
        for delivery_no, rows in enumerate(deliveries, start=1):
            new = parts(*rows, delivery_no=delivery_no)
            changes = slot_changes(stored, new, [PV], first_row_no=len(rows) + 1)
            no = np.full(changes.rows.row_count, delivery_no, dtype=np.int32)
            versions.append(replace(changes.rows, delivery_no=no))
            stored = joined_parts([stored, new])

        readings = ReadingRows.joined(versions)
        in_force = readings.take(positions_in_force(readings))
        sums = add_up_parts(stored)
        whole = dict(zip(sums.boundary[sums.is_whole].tolist(), sums.energy_wh[sums.is_whole].tolist(), strict=True))
        assert dict(zip(in_force.boundary.tolist(), in_force.reading.tolist(), strict=True)) == whole
        assert all(0 < boundary < BOUNDARY_END for boundary in whole)

    def test_joined_keep_every_column(self):
        one = parts(quarter(15, 1, 1), delivery_no=3)

        both = joined_parts([one, one])

        assert all(getattr(both, each.name).size == 2 for each in fields(both))
