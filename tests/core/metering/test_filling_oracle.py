"""Filling agrees with the slow oracle, and keeps its laws whatever was measured."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.estimation import History
from sanchi.core.metering.filling import fill_gap
from sanchi.core.metering.gaps import Gap
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.windows import WINDOW_DAYS, Window
from tests.oracles.filling_oracle import OraclePoint, estimated, filled
from tests.oracles.metering_series import MONDAY, boundary_at, register

WINDOW = Window.around(MONDAY, WINDOW_DAYS)
N_SLOTS = WINDOW.n_days * 48
FIRST_SLOT = WINDOW.first_day * 48
FEW = settings(max_examples=25, deadline=None)
MANY = settings(max_examples=100, deadline=None)
STEPS_WH = (0, 100)

seeds = st.integers(0, 2**32 - 1)
channels = st.sampled_from([Channel.IMPORT, Channel.EXPORT, Channel.PV, Channel.USE])
lengths = st.sampled_from([2, 3, 8, 16, 47, 48, 49, 120])


def draw_history(seed: int, channel: Channel, first: int, last: int, share_known: float) -> History:
    """Draw spiky slots around a gap [first, last), some of them lost, in steps or to the Wh."""
    rng = np.random.default_rng(seed)
    step_wh = int(rng.choice(STEPS_WH))
    wh = (rng.gamma(0.3, 400.0, N_SLOTS)).astype(np.int64)
    wh = wh // step_wh * step_wh if step_wh else wh
    is_measured = rng.random(N_SLOTS) < share_known
    if share_known < 1:
        is_measured &= np.repeat(rng.random(WINDOW.n_days) < share_known, 48)
    is_measured[first - FIRST_SLOT : last - FIRST_SLOT] = False
    by_day = (WINDOW.n_days, 48)
    return History(
        channel=channel,
        first_day=WINDOW.first_day,
        energy_wh=np.where(is_measured, wh, 0).reshape(by_day),
        is_measured=is_measured.reshape(by_day),
        step_wh=np.full(by_day, step_wh),
    )


def oracle_point(history: History) -> OraclePoint:
    flat = [array.reshape(-1).tolist() for array in (history.energy_wh, history.is_measured, history.step_wh)]
    slots = range(FIRST_SLOT, FIRST_SLOT + N_SLOTS)
    return OraclePoint(
        is_pv=history.channel is Channel.PV,
        wh={slot: wh for slot, wh, is_measured, _ in zip(slots, *flat, strict=True) if is_measured},
        step_wh={slot: step for slot, _, _, step in zip(slots, *flat, strict=True)},
        first_slot=slots.start,
        end_slot=slots.stop,
    )


def gap_of(first: int, n_slots: int, energy_wh: int | None) -> Gap:
    return Gap(spec=register(), first_boundary=first, last_boundary=first + n_slots, energy_wh=energy_wh)


def spread(gap: Gap, history: History) -> list[int]:
    """Put together what each day of a gap cuts out of it."""
    parts = []
    for day in range(gap.first_boundary // 48, (gap.last_boundary - 1) // 48 + 1):
        (fill,) = fill_gap(gap, history, day * 48)
        assert fill.quality is Quality.RECOVERED
        parts += fill.energy_wh.tolist()
    return parts


class TestOracle:
    @FEW
    @given(
        seed=seeds,
        channel=channels,
        n_slots=lengths,
        start=st.integers(0, 47),
        share_known=st.sampled_from([0.05, 0.5, 1.0]),
        energy_wh=st.integers(0, 40_000),
    )
    def test_recovered_slots_are_the_oracles(self, seed, channel, n_slots, start, share_known, energy_wh):
        first = boundary_at(0, start)
        history = draw_history(seed, channel, first, first + n_slots, share_known)

        parts_wh = spread(gap_of(first, n_slots, energy_wh), history)

        assert parts_wh == filled(oracle_point(history), first, first + n_slots, energy_wh)

    @FEW
    @given(
        seed=seeds,
        channel=channels,
        n_slots=st.sampled_from([1, 2, 8, 16, 48]),
        start=st.integers(0, 47),
        share_known=st.sampled_from([0.02, 0.5, 1.0]),
    )
    def test_estimated_slots_are_the_oracles(self, seed, channel, n_slots, start, share_known):
        first = boundary_at(0, min(start, 48 - n_slots))
        history = draw_history(seed, channel, first, first + n_slots, share_known)

        fills = fill_gap(gap_of(first, n_slots, None), history, boundary_at(0))

        expected = estimated(oracle_point(history), first, first + n_slots)
        assert [wh for fill in fills for wh in fill.energy_wh.tolist()] == [wh or 0 for wh in expected]
        assert [fill.quality for fill in fills for _ in fill.energy_wh] == [
            Quality.MISSING if wh is None else Quality.ESTIMATED for wh in expected
        ]


class TestLaws:
    @MANY
    @given(
        seed=seeds,
        channel=channels,
        n_slots=st.integers(2, 14 * 48),
        start=st.integers(0, 47),
        share_known=st.sampled_from([0.0, 0.1, 1.0]),
        energy_wh=st.integers(0, 10**7),
    )
    def test_a_gap_holds_what_its_register_counted(self, seed, channel, n_slots, start, share_known, energy_wh):
        first = boundary_at(0, start)
        history = draw_history(seed, channel, first, first + n_slots, share_known)

        parts_wh = spread(gap_of(first, n_slots, energy_wh), history)

        assert len(parts_wh) == n_slots
        assert sum(parts_wh) == energy_wh
        assert min(parts_wh) >= 0

    @MANY
    @given(seed=seeds, channel=channels, n_slots=st.integers(2, 300), start=st.integers(0, 47))
    def test_what_lies_more_than_21_days_outside_changes_nothing(self, seed, channel, n_slots, start):
        first = boundary_at(0, start)
        near = draw_history(seed, channel, first, first + n_slots, 1.0)
        far = draw_history(seed, channel, first, first + n_slots, 1.0)
        of_gap = [day - WINDOW.first_day for day in (first // 48, (first + n_slots - 1) // 48)]
        far.is_measured[: of_gap[0] - 21] = False
        far.energy_wh[of_gap[1] + 22 :] += 700
        gap = gap_of(first, n_slots, 12_345)

        assert spread(gap, far) == spread(gap, near)

    @pytest.mark.parametrize("channel", list(Channel))
    def test_days_that_are_all_alike_are_filled_as_they_are(self, channel):
        shape = np.where(np.arange(48) < 20, 40, 320)
        history = History(
            channel=channel,
            first_day=WINDOW.first_day,
            energy_wh=np.tile(shape, (WINDOW.n_days, 1)),
            is_measured=np.ones((WINDOW.n_days, 48), dtype=bool),
            step_wh=np.zeros((WINDOW.n_days, 48), dtype=np.int64),
        )
        first = boundary_at(0, 24)

        parts_wh = spread(gap_of(first, 16, 16 * 320), history)

        assert parts_wh == [320] * 16
