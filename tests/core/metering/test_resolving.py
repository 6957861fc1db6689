"""Rows find their meter by address, and every one is a reading, a part or rejected, as an obvious oracle says."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.ids import MeterId
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.formats.decoded import DecodedRows, Measure
from sanchi.core.metering.readings import CHANNEL_END, Channel, MeterSpec
from sanchi.core.metering.resolving import ResolvedRows, resolve
from sanchi.core.metering.resolving_findings import row_texts
from sanchi.core.metering.sources import Source, Stage
from tests.oracles.metering_resolving import EPOCH_S, SLOT_S, Row, fate

# The old meter ends and the new one begins at half hour 100.
INSTALLED, EXCHANGED, REMOVED = 50, 100, 150


def spec(meter_no: int, channel: Channel, *, unit_wh: int, digits: int, first: int, last: int | None) -> MeterSpec:
    return MeterSpec(
        meter_no=meter_no,
        meter_id=MeterId(f"M{meter_no}"),
        channel=channel,
        unit_wh=unit_wh,
        digits=digits,
        installed_boundary=first,
        removed_boundary=last,
        plausible_wh_max=5_000,
    )


METERS = [
    *(
        spec(no, channel, unit_wh=100, digits=6, first=first, last=last)
        for no, first, last in ((1, INSTALLED, EXCHANGED), (2, EXCHANGED, None))
        for channel in (Channel.IMPORT, Channel.EXPORT)
    ),
    spec(3, Channel.PV, unit_wh=1, digits=0, first=INSTALLED, last=REMOVED),
    spec(4, Channel.PV, unit_wh=10, digits=0, first=INSTALLED, last=None),
]
ADDRESSES = {"gw": (2, 1), "pv": (3,), "coarse": (4,), "gone": (9,)}


def decoded(rows: list[Row]) -> DecodedRows:
    texts = tuple(dict.fromkeys(row.address for row in rows))

    def column(values, dtype):
        return np.array(values, dtype=dtype)

    n_rows = len(rows)
    return DecodedRows(
        address_texts=texts,
        address_code=column([texts.index(row.address) for row in rows], np.int32),
        channel_no=column([row.channel for row in rows], np.int8),
        measure_no=column([row.measure for row in rows], np.int8),
        interval_s=column([row.interval_s for row in rows], np.int32),
        stamp_s=column([row.stamp_s for row in rows], np.int64),
        reading=column([row.reading for row in rows], np.int64),
        unit_mwh=column([row.unit_mwh for row in rows], np.int64),
        received_s=np.arange(n_rows, dtype=np.int64),
        source_no=np.full(n_rows, Source.B_ROUTE, dtype=np.int8),
        stage_no=np.full(n_rows, Stage.PRELIMINARY, dtype=np.int8),
        record_no=np.arange(11, 11 + n_rows, dtype=np.int32),
    )


def resolved(*rows: Row, first_row_no: int = 1) -> ResolvedRows:
    return resolve(decoded(list(rows)), METERS, ADDRESSES, "file", first_row_no)


def count(boundary: int, reading: int = 7, *, address: str = "gw", unit_mwh: int = 0) -> Row:
    return Row(address, Channel.IMPORT, Measure.COUNT, 0, EPOCH_S + boundary * SLOT_S, reading, unit_mwh)


def power(stamp_s: int, reading: int = 60, *, address: str = "pv") -> Row:
    return Row(address, Channel.PV, Measure.POWER, 60, stamp_s, reading, 0)


class TestAddress:
    def test_of_exchanged_meters_gives_each_the_counts_of_its_service(self):
        found = resolved(count(EXCHANGED - 1), count(EXCHANGED), count(EXCHANGED + 1))

        assert found.accepted.meter_no.tolist() == [1, 2, 2]

    def test_that_nobody_has_is_told_once(self):
        found = resolved(count(60, address="gw-9"), count(61, address="gw-9"), count(60, address="gone"))

        assert [(finding.problem.code, finding.row_count) for finding in found.findings] == [
            (ProblemCode.UNKNOWN_ADDRESS, 2),
            (ProblemCode.UNKNOWN_ADDRESS, 1),
        ]
        assert found.findings[0].problem.where == "file, row 11"

    def test_of_many_strangers_is_told_in_a_hundred_findings_and_a_rest(self):
        found = resolved(*(count(60, address=f"x{n}") for n in range(130)))

        assert [finding.row_count for finding in found.findings] == [1] * 100 + [30]
        assert "30 rows of 30 further addresses rejected" in found.findings[-1].problem.detail


class TestReading:
    def test_keeps_source_stage_receipt_and_is_numbered_on(self):
        found = resolved(count(60, address="strange"), count(61), first_row_no=501)

        assert found.accepted.row_no.tolist() == [502]
        assert found.accepted.received_s.tolist() == [1]
        assert found.accepted.source_no.tolist() == [Source.B_ROUTE]
        assert found.accepted.stage_no.tolist() == [Stage.PRELIMINARY]

    @pytest.mark.parametrize("reading", [2**62, -(2**62)])
    def test_that_no_number_holds_is_unreadable(self, reading):
        found = resolved(count(60, reading, unit_mwh=10**9), power(EPOCH_S + 60 * SLOT_S, reading))

        assert found.rejected_code == (ProblemCode.UNREADABLE_ROW, ProblemCode.UNREADABLE_ROW)

    def test_of_a_part_keeps_its_own_stamp(self):
        found = resolved(power(EPOCH_S + 60 * SLOT_S + 60), first_row_no=9)

        parts = found.parts
        assert parts.stamp_s.tolist() == [EPOCH_S + 60 * SLOT_S + 60]
        assert parts.energy_ws.tolist() == [3_600]
        assert parts.series_key.tolist() == [3 * CHANNEL_END + Channel.PV]
        assert parts.row_no.tolist() == [9]

    def test_is_written_as_text_with_its_unit(self):
        rows = decoded([count(60, unit_mwh=100_000), power(EPOCH_S)])

        assert row_texts(rows, np.array([0, 1])) == (
            "gw,import,2000-01-02T06:00:00+09:00,7 x 100000 mWh,1970-01-01T09:00:00+09:00",
            "pv,pv,2000-01-01T00:00:00+09:00,60 W,1970-01-01T09:00:01+09:00",
        )


def some_rows() -> st.SearchStrategy[list[Row]]:
    """Draw rows near the edges of every rule."""
    measured = st.sampled_from(
        [(Measure.COUNT, 0), *((Measure.ENERGY, seconds) for seconds in (60, 300, 900, 1_800)), (Measure.POWER, 60)]
    )
    stamp_s = st.builds(
        lambda boundary, beside_s: EPOCH_S + boundary * SLOT_S + beside_s,
        st.sampled_from([0, INSTALLED, INSTALLED + 1, EXCHANGED, EXCHANGED + 1, REMOVED, REMOVED + 1]),
        st.sampled_from([0, 0, 0, 1, 60, -60, 900, -300]),
    )
    row = st.builds(
        lambda address, channel, how, at_s, reading, unit_mwh: Row(
            address, channel, how[0], how[1], at_s, reading, 0 if how[0] is Measure.POWER else unit_mwh
        ),
        st.sampled_from(["gw", "pv", "coarse", "gone", "strange"]),
        st.sampled_from(list(Channel)),
        measured,
        stamp_s,
        st.sampled_from([-1, 0, 1, 999_999, 1_000_000]),
        st.sampled_from([0, 1, 5, 1_000, 10_000, 100_000, 150_000, 1_000_000]),
    )
    return st.lists(row, max_size=30)


class TestAnyRows:
    @settings(max_examples=200)
    @given(rows=some_rows())
    def test_become_what_the_oracle_says(self, rows):
        found = resolved(*rows)

        expected = [fate(row, METERS, ADDRESSES) for row in rows]
        rejected = {n: code for n, code in enumerate(expected) if isinstance(code, ProblemCode)}
        assert dict(zip(found.rejected_index.tolist(), found.rejected_code, strict=True)) == rejected
        taken = {
            row_no - 1: (meter_no, reading)
            for row_no, meter_no, reading in [
                *zip(
                    found.accepted.row_no.tolist(),
                    found.accepted.meter_no.tolist(),
                    found.accepted.reading.tolist(),
                    strict=True,
                ),
                *zip(
                    found.parts.row_no.tolist(),
                    (found.parts.series_key // CHANNEL_END).tolist(),
                    found.parts.energy_ws.tolist(),
                    strict=True,
                ),
            ]
        }
        assert taken == {n: each for n, each in enumerate(expected) if n not in rejected}
        assert sum(finding.row_count for finding in found.findings) == len(rejected)
