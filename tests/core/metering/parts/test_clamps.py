"""A CT of the grid is held against the register: faults that were put in are named, and nothing else is."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.metering.parts.adding import add_up_parts
from sanchi.core.metering.parts.clamps import ClampState, GridDay, compare_grid_day, describe_clamp
from sanchi.core.metering.parts.rows import PartRows, grid_directions
from tests.oracles.metering_parts import MONDAY_S
from tests.oracles.metering_series import MONDAY_BOUNDARY

UNIT_WH = 100
SLOT = np.arange(48)


def registered(true_wh: np.ndarray, offset_wh: int) -> np.ndarray:
    """Give what a register of 0.1 kWh steps shows of the true energies of a day."""
    counts = (offset_wh + np.concatenate([[0], np.cumsum(true_wh)])) // UNIT_WH
    return np.diff(counts) * UNIT_WH


def grid_day(ct_wh, register_wh, **changes) -> GridDay:
    return GridDay(
        **{
            "ct_import_wh": ct_wh[0],
            "ct_export_wh": ct_wh[1],
            "register_import_wh": register_wh[0],
            "register_export_wh": register_wh[1],
            "is_compared": np.ones(48, dtype=np.bool_),
            "unit_wh": UNIT_WH,
            "class_permille": 10,
        }
        | changes
    )


def sunny_day(offset_wh=30) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """Give CT and register of a home that exports at noon."""
    net_wh = (300 + 200 * (SLOT % 5) - np.where(abs(SLOT - 24) < 10, 1_500, 0)).astype(np.int64)
    true_wh = grid_directions(net_wh)
    return true_wh, (registered(true_wh[0], offset_wh), registered(true_wh[1], offset_wh))


FAULTS = {
    ClampState.AGREES: lambda imported, exported: (imported, exported),
    ClampState.REVERSED: lambda imported, exported: (exported, imported),
    ClampState.DEAD: lambda imported, exported: (imported * 0, exported * 0),
    ClampState.SCALED: lambda imported, exported: (imported // 2, exported // 2),
    ClampState.REVERSED_SCALED: lambda imported, exported: (exported * 2, imported * 2),
    ClampState.DISAGREES: lambda imported, exported: (np.roll(imported * 2, 20), exported),
}


@pytest.fixture(scope="module")
def days_wh(shared_data: Path) -> list[tuple[np.ndarray, np.ndarray]]:
    columns = parquet.read_table(shared_data / "emhass_home" / "home_30min.parquet")
    load_w, pv_w = (
        np.array(columns[name].to_pylist(), dtype=float)
        for name in ("sensor.power_load_no_var_loads", "sensor.power_photovoltaics")
    )
    net_wh = (load_w - np.nan_to_num(pv_w)) / 2
    by_day = net_wh[: net_wh.size // 48 * 48].reshape(-1, 48)
    return [grid_directions(np.rint(day).astype(np.int64)) for day in by_day if not np.isnan(day).any()]


class TestVerdict:
    @pytest.mark.parametrize("state", FAULTS)
    def test_names_the_fault_that_was_put_in(self, state):
        ct_wh, register_wh = sunny_day()

        assert compare_grid_day(grid_day(FAULTS[state](*ct_wh), register_wh)).state is state

    @given(
        st.lists(st.integers(-3_000, 3_000), min_size=48, max_size=48),
        st.integers(0, 99),
        st.sets(st.integers(0, 47), max_size=12),
        st.integers(-9, 9),
    )
    def test_register_steps_and_the_class_never_make_a_fault(self, net_wh, offset_wh, unknown, error_permille):
        true_wh = grid_directions(np.array(net_wh, dtype=np.int64))
        ct_wh = tuple(wh + wh * error_permille // 1_000 for wh in true_wh)
        is_compared = ~np.isin(SLOT, list(unknown))
        register_wh = tuple(registered(wh, offset_wh) for wh in true_wh)

        verdict = compare_grid_day(grid_day(ct_wh, register_wh, is_compared=is_compared))

        assert verdict.state in {ClampState.AGREES, ClampState.UNTOLD}

    def test_few_slots_tell_nothing(self):
        ct_wh, register_wh = sunny_day()
        dead = FAULTS[ClampState.DEAD](*ct_wh)

        assert compare_grid_day(grid_day(dead, register_wh, is_compared=SLOT < 11)).state is ClampState.UNTOLD

    def test_fridge_alone_tells_nothing(self):
        imported_wh = np.full(48, 20, dtype=np.int64)
        nothing_wh = imported_wh * 0

        day = grid_day((nothing_wh, nothing_wh), (registered(imported_wh, 0), nothing_wh))

        assert compare_grid_day(day).state is ClampState.UNTOLD

    def test_slots_beyond_a_step_are_named(self):
        ct_wh, register_wh = sunny_day()
        ct_wh[0][3] += 400

        assert compare_grid_day(grid_day(ct_wh, register_wh)).suspect_slots == (3,)


class TestWords:
    @pytest.mark.parametrize(
        ("state", "code", "severity"),
        [
            (ClampState.REVERSED, ProblemCode.CT_REVERSED, Severity.ACT),
            (ClampState.REVERSED_SCALED, ProblemCode.CT_REVERSED, Severity.ACT),
            (ClampState.DEAD, ProblemCode.CT_DEAD, Severity.ACT),
            (ClampState.SCALED, ProblemCode.CT_SCALED, Severity.ACT),
            (ClampState.DISAGREES, ProblemCode.CT_DISAGREES, Severity.WATCH),
        ],
    )
    def test_fault_has_code_and_advice(self, state, code, severity):
        ct_wh, register_wh = sunny_day()
        problem = describe_clamp(
            compare_grid_day(grid_day(FAULTS[state](*ct_wh), register_wh)), "device D1, 2020-12-07"
        )

        assert (problem.code, problem.severity) == (code, severity)
        assert "the register counted" in problem.detail
        assert problem.hint

    def test_ratio_is_told_where_it_is_wrong(self):
        ct_wh, register_wh = sunny_day()
        verdict = compare_grid_day(grid_day(FAULTS[ClampState.SCALED](*ct_wh), register_wh))

        assert 490 <= verdict.ratio_permille <= 510
        assert "% of it" in describe_clamp(verdict, "").detail

    def test_agreement_is_no_problem(self):
        assert describe_clamp(compare_grid_day(grid_day(*sunny_day())), "") is None


class TestMeasuredHome:
    """Real half hours of a home with panels, a register made of them, and faults put into its CT."""

    @pytest.mark.parametrize("state", [state for state in FAULTS if state is not ClampState.DISAGREES])
    def test_at_least_99_of_100_days_name_the_fault_and_no_day_another_one(self, days_wh, state):
        verdicts = [
            compare_grid_day(
                grid_day(
                    FAULTS[state](*(wh + wh * 5 // 1_000 for wh in true_wh)),
                    tuple(registered(wh, 50) for wh in true_wh),
                )
            ).state
            for true_wh in days_wh
        ]

        assert len(verdicts) > 100
        assert set(verdicts) <= {state, ClampState.UNTOLD}
        assert verdicts.count(state) >= 0.99 * len(verdicts)


class TestMeasuredMinutes:
    """Minutes of a household added up to slots, some of them lost, beside the register that counted them all."""

    N_DAYS = 60

    @pytest.mark.parametrize(
        ("state", "factor_percent"),
        [
            (ClampState.AGREES, 100),
            (ClampState.REVERSED, -100),
            (ClampState.SCALED, 50),
            (ClampState.SCALED, 200),
            (ClampState.REVERSED_SCALED, -50),
            (ClampState.DEAD, 0),
        ],
    )
    def test_days_name_the_fault_in_spite_of_lost_minutes(self, shared_data: Path, state, factor_percent):
        table = parquet.read_table(shared_data / "uci_household_minute" / "power.parquet")
        first = next(
            n for n, stamp in enumerate(table["date_time"].to_pylist()) if (stamp.hour, stamp.minute) == (0, 0)
        )
        cut = table.slice(first, self.N_DAYS * 1_440)
        power_w = np.rint(cut["Global_active_power"].to_numpy() * 1_000).astype(np.int64)
        is_lost = cut["identical_to_24h_earlier"].to_numpy(zero_copy_only=False).astype(bool)
        is_lost |= np.random.default_rng(2).random(power_w.size) < 0.02
        energy_wh, is_whole = self.ct_slots(power_w * factor_percent // 100, is_lost)
        counts = np.concatenate([[0], np.cumsum(power_w * 60)])[::30] // (3_600 * UNIT_WH)
        register_wh = (np.diff(counts) * UNIT_WH).reshape(self.N_DAYS, 48)
        nothing_wh = np.zeros(48, dtype=np.int64)

        verdicts = [
            compare_grid_day(
                grid_day(
                    energy_wh[:, day],
                    (register_wh[day], nothing_wh),
                    is_compared=is_whole[day],
                )
            ).state
            for day in range(self.N_DAYS)
        ]

        assert set(verdicts) <= {state, ClampState.UNTOLD}
        assert verdicts.count(state) >= 0.95 * self.N_DAYS

    def ct_slots(self, grid_w: np.ndarray, is_lost: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Add the heard minutes of both directions up; (2, days, 48) [Wh], and which slots are whole."""
        minute = np.flatnonzero(~is_lost)
        rows = [
            PartRows(
                series_key=np.full(minute.size, series, dtype=np.int64),
                stamp_s=MONDAY_S + (minute + 1) * 60,
                interval_s=np.full(minute.size, 60, dtype=np.int32),
                energy_ws=direction_w[minute] * 60,
                received_s=np.zeros(minute.size, dtype=np.int64),
                delivery_no=np.ones(minute.size, dtype=np.int32),
                row_no=np.arange(minute.size, dtype=np.int32),
            )
            for series, direction_w in enumerate(grid_directions(grid_w))
        ]
        sums = add_up_parts(PartRows.joined(rows))
        energy_wh = np.zeros((2, self.N_DAYS * 48), dtype=np.int64)
        is_whole = np.zeros((2, self.N_DAYS * 48), dtype=np.bool_)
        place = sums.series_key, sums.boundary - MONDAY_BOUNDARY - 1
        energy_wh[place], is_whole[place] = sums.energy_wh, sums.is_whole
        return energy_wh.reshape(2, self.N_DAYS, 48), is_whole.all(axis=0).reshape(self.N_DAYS, 48)
