"""Found faults are paired with true ones by kind, place and time; every fault counts once."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.faults.fault import Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.scoring import TrueFault, score, score_lines

NOW_S = 10_000_000


def found(first_s: int, last_s: int | None, *, kind=FaultKind.LATE, home_no=1, device="d-1", leg=Leg.METER) -> Fault:
    return Fault(
        kind=kind, leg=leg, home_no=home_no, connector="c", device=device, meter_no=0, channel_no=0,
        first_s=first_s, last_s=last_s, figure=0, evidence=(),
    )  # fmt: skip


def true(first_s: int, last_s: int, *, kind=FaultKind.LATE, home_no=1, device="d-1", leg=Leg.METER) -> TrueFault:
    return TrueFault(
        kind=kind, leg=leg, home_no=home_no, connector="c", device=device, first_s=first_s, last_s=last_s
    )  # fmt: skip


class TestScore:
    def test_right_missed_and_invented_are_counted(self):
        table = score(
            [found(100_000, 110_000), found(500_000, 510_000)], [true(99_000, 111_000), true(900_000, 910_000)], NOW_S
        )

        assert (table.total.n_right, table.total.n_invented, table.total.n_missed) == (1, 1, 1)
        assert (table.total.precision, table.total.recall, table.total.f1) == (0.5, 0.5, 0.5)

    @pytest.mark.parametrize(("apart_s", "n_right"), [(3600, 1), (3601, 0)])
    def test_times_within_an_hour_overlap(self, apart_s: int, n_right: int):
        table = score([found(100_000, 110_000)], [true(110_000 + apart_s, 130_000)], NOW_S)

        assert table.total.n_right == n_right

    @pytest.mark.parametrize(
        "other", [{"kind": FaultKind.STUCK}, {"home_no": 2}, {"device": "d-2"}], ids=["kind", "home", "device"]
    )
    def test_other_places_and_kinds_do_not_match(self, other: dict):
        table = score([found(0, 10)], [true(0, 10, **other)], NOW_S)

        assert table.total.n_right == 0

    def test_fault_of_the_home_matches_any_device_of_it(self):
        assert score([found(0, 10)], [true(0, 10, device="")], NOW_S).total.n_right == 1

    def test_fault_told_in_two_pieces_is_right_once(self):
        table = score([found(0, 10_000), found(20_000, 90_000)], [true(0, 90_000)], NOW_S)

        assert (table.total.n_right, table.total.n_invented) == (1, 1)
        assert table.pairs[0][0].first_s == 20_000

    def test_fault_that_goes_on_reaches_now(self):
        assert score([found(0, None)], [true(NOW_S - 10, NOW_S)], NOW_S).total.n_right == 1

    def test_wrong_leg_is_right_but_for_its_leg(self):
        table = score([found(0, 10, leg=Leg.GATEWAY_METER)], [true(0, 10)], NOW_S)

        assert (table.total.n_right, table.total.leg_share) == (1, 0.0)

    @given(
        spans=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=8),
        others=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**5)), max_size=8),
    )
    def test_every_fault_is_counted_once(self, spans: list[tuple[int, int]], others: list[tuple[int, int]]):
        told = [found(first, first + length) for first, length in spans]
        there = [true(first, first + length) for first, length in others]

        total = score(told, there, NOW_S).total

        assert total.n_right + total.n_invented == len(told)
        assert total.n_right + total.n_missed == len(there)

    def test_truth_told_as_it_is_scores_one(self):
        table = score([found(0, 10), found(50_000, 60_000)], [true(0, 10), true(50_000, 60_000)], NOW_S)

        assert table.total.f1 == 1
        assert [line.split()[0] for line in score_lines(table)] == ["kind", "late", "all"]
