"""Faults of measured series: missing loads of one home, and minutes of another that were copied from the day before."""

from pathlib import Path

import numpy as np
from pyarrow import parquet

from sanchi.core.metering.faults.detection import find_faults
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.observations import Observations, RejectedRows, WatchedSeries
from sanchi.core.metering.faults.spans import runs_of, stamp_s
from sanchi.core.metering.faults.stuck import copied_runs
from sanchi.core.metering.readings import Channel
from tests.markets.watched_market import FIRST_BOUNDARY, events_of, rows_of, spec_of

MINUTES_PER_DAY = 1440


def observed(energy_wh: np.ndarray, device_text: str) -> Observations:
    """Let a device send the energies that are known, each four hours after its half hour, and another one all."""
    boundary = FIRST_BOUNDARY + 1 + np.arange(energy_wh.size)
    known = energy_wh >= 0
    specs = (spec_of(1, Channel.USE, digits=0), spec_of(2, Channel.USE, digits=0))
    # The neighbour shows that their cloud was there.
    parts = [(specs[0], boundary[known], energy_wh[known]), (specs[1], boundary, 200 + np.arange(energy_wh.size) % 97)]
    return Observations(
        series=tuple(
            WatchedSeries(spec=spec, home_no=spec.meter_no, connector="cloud", device=f"{device_text}-{spec.meter_no}")
            for spec in specs
        ),
        rows=rows_of([(spec, places, wh, stamp_s(0) + places * 1800 + 4 * 3600) for spec, places, wh in parts]),
        rejected=RejectedRows.none(),
        events=events_of([]),
        first_s=stamp_s(FIRST_BOUNDARY),
        now_s=stamp_s(int(boundary[-1])) + 12 * 3600,
    )


class TestMissingLoads:
    def test_all_runs_of_missing_loads_are_told_and_nothing_else(self, shared_data: Path):
        table = parquet.read_table(shared_data / "emhass_home" / "home_30min.parquet")
        load_w = table["sensor.power_load_no_var_loads"].to_numpy(zero_copy_only=False).astype(float)
        missing = np.isnan(load_w)
        energy_wh = np.where(missing, -1, np.rint(np.nan_to_num(load_w) / 2)).astype(np.int64)
        observations = observed(energy_wh, "load")

        found = [one for one in find_faults(observations) if one.home_no == 1]

        told = np.zeros(missing.size, dtype=bool)
        for one in found:
            first_s, last_s = one.span(observations.now_s)
            stamps_s = stamp_s(FIRST_BOUNDARY + 1) + np.arange(missing.size) * 1800
            told |= (stamps_s > first_s) & (stamps_s <= last_s - (1800 if one.last_s else 0))
        assert missing.sum() == 334
        assert {one.kind for one in found} <= {FaultKind.DEVICE_OUTAGE, FaultKind.METER_OUTAGE}
        assert (told & missing).sum() >= 0.95 * missing.sum()
        assert (told & ~missing).sum() <= len(found)


class TestCopiedMinutes:
    def test_all_copies_of_eight_minutes_or_more_are_told_and_nothing_else(self, shared_data: Path):
        table = parquet.read_table(shared_data / "uci_household_minute" / "power.parquet")
        power_kw = table["Global_active_power"].to_numpy(zero_copy_only=False).astype(float)
        flagged = table["identical_to_24h_earlier"].to_numpy(zero_copy_only=False).astype(bool)

        told = np.zeros(flagged.size, dtype=bool)
        for first, last in copied_runs(np.rint(power_kw * 1000).astype(np.int64), MINUTES_PER_DAY):
            told[first : last + 1] = True

        long_runs = [run for run in runs_of(flagged) if run[1] - run[0] >= 7]
        assert all(told[first : last + 1].all() for first, last in long_runs)
        assert (told & flagged).sum() >= 0.98 * flagged.sum()
        assert (told & ~flagged).sum() == 0
