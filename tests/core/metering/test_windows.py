"""Windows name the boundaries that a date needs."""

from sanchi.core.metering.windows import WINDOW_DAYS, Window, day_span, window_span
from tests.oracles.metering_series import MONDAY, boundary_at


class TestWindow:
    def test_a_day_is_read_with_one_more_boundary_on_either_side(self):
        assert day_span(MONDAY) == (boundary_at(0) - 1, boundary_at(1) + 1)

    def test_a_window_reaches_35_days_to_either_side(self):
        assert WINDOW_DAYS == 35
        assert window_span(MONDAY) == (boundary_at(-35) - 1, boundary_at(36) + 1)

    def test_positions_lead_to_the_delivery_date(self):
        window = Window.around(MONDAY, 2)

        assert window.day_boundary == boundary_at(0)
        assert window.first_boundary + window.opening_position(window.day_index) == boundary_at(0)
        assert window.n_boundaries == 5 * 48 + 3
