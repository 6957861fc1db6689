"""The shipped sample is taken whole, without a single rejected row."""

from pathlib import Path

import pytest
from pyarrow import parquet

from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import dates_between
from tests.fakes.market_folder import Town

SAMPLE = Path(__file__).resolve().parent.parent.parent / "src" / "sanchi" / "sample"
PILOT = MarketId("tokyo-pilot")
MASTER_FILES = ["market.toml", "parties.csv", "plants.csv", "meters.csv", "offers.csv", "choices.csv"]


@pytest.fixture(scope="module")
def town():
    """Give a town that took the pilot in."""
    town = Town()
    town.take(SAMPLE / "pilot")
    return town


class TestSample:
    def test_is_taken_row_by_row(self, town):
        deliveries = town.readings.deliveries[PILOT]

        assert [delivery.delivered.file_name for delivery in deliveries[:6]] == MASTER_FILES
        assert all(delivery.rejected_row_count == 0 for delivery in deliveries)
        for delivery in deliveries[6:]:
            path = SAMPLE / "pilot" / delivery.delivered.file_name
            assert delivery.accepted_row_count == parquet.read_metadata(path).num_rows

    @pytest.mark.parametrize("folder", ["late", "after_final"])
    def test_brings_late_readings_that_touch_closed_days(self, town, folder):
        terms = town.market.book(PILOT).terms
        town.days.put(PILOT, *dates_between(terms.first_delivery_date, terms.last_delivery_date))

        reports = town.take(SAMPLE / folder)

        assert len(reports) == 2
        assert all(report.rejected_row_count == 0 and report.stale_dates for report in reports)
