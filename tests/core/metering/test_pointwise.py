"""Points with gaps, measured one by one."""

from sanchi.core.metering.pointwise import measure_points
from sanchi.core.metering.readings import Quality, ReadingRows
from sanchi.core.metering.windows import WINDOW_DAYS, Window
from tests.oracles.metering_series import MONDAY, boundary_at, interval_meter, point_of, rows_of

WINDOW = Window.around(MONDAY, WINDOW_DAYS)


class TestMeasurePoints:
    def test_like_days_reach_back_over_an_exchange(self):
        old = interval_meter(1, removed_boundary=boundary_at(0, 8))
        new = interval_meter(2, installed_boundary=boundary_at(0, 8))
        before = {boundary_at(-7, slot): 50 for slot in range(1, 7 * 48 + 9)}
        rows = ReadingRows.joined([rows_of(old, before), rows_of(new, {boundary_at(0, 48): 60})])

        (point_day,) = measure_points(rows, [point_of(old, new)], WINDOW)

        assert point_day.energy_wh.tolist() == [50] * 47 + [60]
        assert point_day.quality.tolist() == ([Quality.MEASURED] * 8 + [Quality.ESTIMATED] * 39 + [Quality.MEASURED])

    def test_points_keep_their_order_and_their_own_gaps(self):
        meters = [interval_meter(n) for n in (2, 1)]
        rows = ReadingRows.joined([rows_of(meter, {boundary_at(0, 10 * meter.meter_no): 7}) for meter in meters])

        point_days = measure_points(rows, [point_of(meter) for meter in meters], WINDOW)

        assert [point_day.energy_wh.nonzero()[0].tolist() for point_day in point_days] == [[19], [9]]

    def test_no_points_need_no_rows(self):
        assert measure_points(ReadingRows.joined([]), [], WINDOW) == []
