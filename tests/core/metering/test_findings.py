"""Findings in words: what, where, what stands there now, what to do."""

import numpy as np
import pytest

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.filling import Fill
from sanchi.core.metering.findings import describe_fills, describe_set_aside, describe_silence
from sanchi.core.metering.gaps import Gap, MeterDay, SetAside
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from tests.oracles.metering_series import boundary_at, interval_meter, register

METER = register()


def fill_of(first, last, quality, *, counted_wh=None, slot_wh=100, spec=METER, is_shaped=True):
    """Fill the slots of Monday between two of its boundaries."""
    return Fill(
        gap=Gap(
            spec=spec,
            first_boundary=boundary_at(0, first),
            last_boundary=boundary_at(0, last),
            energy_wh=counted_wh,
        ),
        quality=quality,
        first_slot_index=first,
        energy_wh=np.full(last - first, slot_wh),
        method=Method.RECOVERED_LIKE_DAYS if is_shaped else Method.RECOVERED_FLAT,
    )


class TestGaps:
    def test_neighbours_with_the_same_story_are_one_finding(self):
        fills = [
            fill_of(2, 4, Quality.RECOVERED, counted_wh=200),
            fill_of(4, 7, Quality.RECOVERED, counted_wh=300),
            fill_of(9, 10, Quality.RECOVERED, counted_wh=100),
        ]

        found = describe_fills(fills, boundary_at(0))

        assert [problem.where for problem in found] == [
            "meter N001 export, 2020-12-07 slots 3-7",
            "meter N001 export, 2020-12-07 slot 10",
        ]
        assert found[0].detail == (
            "readings missing between 2020-12-07 01:00 and 2020-12-07 03:30, 500 Wh counted meanwhile; "
            "500 Wh of that lie in these slots, shaped after like days"
        )

    @pytest.mark.parametrize(
        "later",
        [
            fill_of(4, 7, Quality.MISSING),
            fill_of(4, 7, Quality.ESTIMATED, counted_wh=300),
            fill_of(4, 7, Quality.ESTIMATED, spec=register(2)),
            fill_of(5, 7, Quality.ESTIMATED),
        ],
        ids=["another quality", "another reason", "another meter", "not a neighbour"],
    )
    def test_another_story_is_another_finding(self, later):
        assert len(describe_fills([fill_of(2, 4, Quality.ESTIMATED), later], boundary_at(0))) == 2

    def test_says_where_the_energy_lies_flat(self):
        (problem,) = describe_fills([fill_of(2, 4, Quality.RECOVERED, counted_wh=200, is_shaped=False)], boundary_at(0))

        assert problem.detail.endswith("200 Wh of that lie in these slots, flat where no like day was measured")

    @pytest.mark.parametrize(
        ("fill", "severity", "hint"),
        [
            (fill_of(2, 4, Quality.RECOVERED, counted_wh=200), Severity.NOTE, "Nothing to do"),
            (fill_of(2, 4, Quality.ESTIMATED), Severity.WATCH, "Bring the meter back"),
            (fill_of(2, 4, Quality.MISSING), Severity.ACT, "Bring the meter back"),
            (fill_of(2, 4, Quality.ESTIMATED, counted_wh=200), Severity.ACT, "up to 14 days"),
            (
                fill_of(2, 4, Quality.ESTIMATED, spec=interval_meter()),
                Severity.ACT,
                "no register stands behind",
            ),
        ],
    )
    def test_asks_for_what_helps(self, fill, severity, hint):
        (problem,) = describe_fills([fill], boundary_at(0))

        assert problem.severity is severity
        assert hint in problem.hint


class TestSetAside:
    def found(self, n_set_aside, reading_count):
        return describe_set_aside(
            MeterDay(
                spec=METER,
                energy_wh=np.zeros(48, dtype=np.int64),
                is_measured=np.zeros(48, dtype=bool),
                gaps=(),
                reading_count=reading_count,
                set_aside=tuple(
                    SetAside(
                        code=ProblemCode.REGISTER_BACKWARDS,
                        boundary=boundary_at(0, slot),
                        count=3,
                        reference_boundary=boundary_at(0),
                        reference_count=50,
                    )
                    for slot in range(1, n_set_aside + 1)
                ),
            )
        )

    def test_a_few_readings_are_watched(self):
        ((problem, row_count),) = self.found(2, 48)

        assert problem.where == "meter N001 export, 2020-12-07 00:30"
        assert problem.detail == (
            "2 readings until 2020-12-07 01:00 set aside: count 3 against 50 at 2020-12-07 00:00, "
            "a fall that no turn of the register explains"
        )
        assert problem.severity is Severity.WATCH
        assert row_count == 2

    def test_half_of_the_day_asks_for_an_exchange(self):
        ((problem, _),) = self.found(24, 48)

        assert "exchanged without notice?" in problem.hint
        assert problem.severity is Severity.ACT

    def test_one_of_two_readings_does_not(self):
        ((problem, _),) = self.found(1, 2)

        assert problem.severity is Severity.WATCH


class TestSilence:
    def test_tells_each_channel_once_and_asks_for_the_worst(self):
        fills = [
            fill_of(0, 20, Quality.ESTIMATED),
            fill_of(20, 30, Quality.MISSING, slot_wh=0),
            fill_of(30, 48, Quality.ESTIMATED),
            fill_of(0, 48, Quality.RECOVERED, counted_wh=4_900, spec=register(channel=Channel.IMPORT)),
        ]

        problem = describe_silence(fills, boundary_at(0))

        assert problem.detail == (
            "not a single reading on the day; "
            "import 4,800 Wh recovered (4,900 Wh counted between 2020-12-07 00:00 and 2020-12-08 00:00), "
            "export 0 Wh missing, export 3,800 Wh estimated"
        )
        assert problem.severity is Severity.ACT
