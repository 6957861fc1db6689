"""Gaps in the registers of one measured home: like days tell the shape better than a straight line."""

from datetime import UTC, timedelta
from itertools import product
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from sanchi.core.base.slots import EPOCH_DATE, boundary_ordinal
from sanchi.core.metering.readings import Channel, Quality
from tests.oracles.metering_series import close_day, counts_of, point_of, register, rows_of, without

GAP_STARTS = (8, 18, 28)


@pytest.fixture(scope="module")
def days_wh(shared_data: Path) -> tuple[int, np.ndarray, np.ndarray]:
    """Read the first day's ordinal and the imported and exported Wh of the longest run of measured days."""
    columns = parquet.read_table(shared_data / "emhass_home" / "home_30min.parquet")
    stamps = [stamp.astimezone(UTC) for stamp in columns["timestamp_utc"].to_pylist()]
    load_w, pv_w = (
        np.array(columns[name].to_pylist(), dtype=float)
        for name in ("sensor.power_load_no_var_loads", "sensor.power_photovoltaics")
    )
    # PV is left empty at night.
    net_wh = (load_w - np.nan_to_num(pv_w)) / 2
    first = next(n for n, stamp in enumerate(stamps) if (stamp.hour, stamp.minute) == (0, 0))
    n_days = (len(stamps) - first) // 48
    by_day = net_wh[first : first + n_days * 48].reshape(n_days, 48)
    is_whole = ~np.isnan(by_day).any(axis=1)
    ends = np.flatnonzero(~np.concatenate([is_whole, [False]]))
    starts = np.concatenate([[0], ends[:-1] + 1])
    longest = np.argmax(ends - starts)
    run = by_day[starts[longest] : ends[longest]].reshape(-1)
    first_day = (stamps[first].date() - EPOCH_DATE).days + int(starts[longest])
    return first_day, np.maximum(run, 0).round().astype(int), np.maximum(-run, 0).round().astype(int)


@pytest.mark.parametrize("n_slots", [4, 16])
@pytest.mark.parametrize("channel", [Channel.IMPORT, Channel.EXPORT])
def test_recovered_shape_beats_a_straight_line(days_wh, channel, n_slots):
    first_day, import_wh, export_wh = days_wh
    true_wh = import_wh if channel is Channel.IMPORT else export_wh
    meter = register(channel=channel, digits=6, installed_boundary=0, plausible_wh_max=6_000)
    first_boundary = boundary_ordinal(EPOCH_DATE + timedelta(days=first_day), 0)
    counts = counts_of(true_wh.tolist(), first_boundary, turn_count=10**6)
    recovered_error_wh, straight_error_wh = [], []

    for day_index, slot in product(range(18, true_wh.size // 48 - 18), GAP_STARTS):
        start = day_index * 48 + slot
        lost = without(counts, first_boundary + start + 1, first_boundary + start + n_slots - 1)
        delivery_date = EPOCH_DATE + timedelta(days=first_day + day_index)
        day = close_day(rows_of(meter, lost), [point_of(meter)], delivery_date)
        of_gap = slice(slot, slot + n_slots)
        assert (day.quality[0, of_gap] == Quality.RECOVERED).all()
        gap_wh = true_wh[start : start + n_slots]
        recovered_error_wh.append(np.abs(day.energy_wh[0, of_gap] - gap_wh).mean())
        # The line even knows the true energy beside the gap, the register only steps of 100 Wh.
        line_wh = np.linspace(true_wh[start - 1], true_wh[start + n_slots], n_slots + 2)[1:-1]
        straight_error_wh.append(np.abs(line_wh - gap_wh).mean())

    assert np.mean(recovered_error_wh) < np.mean(straight_error_wh)
