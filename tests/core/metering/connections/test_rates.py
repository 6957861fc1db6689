"""Rates and maps count every due half hour once."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.connections.rates import (
    arrival_map,
    connection_rates,
    homes_without_outage,
    quality_map,
)
from sanchi.core.metering.faults.detection import find_faults
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.picture import picture_of
from sanchi.core.metering.readings import Quality
from tests.markets.watched_faults import watched_market
from tests.markets.watched_market import Wanted, observed


class TestConnectionRates:
    def test_market_without_faults_is_wholly_connected(self):
        rates = connection_rates(picture_of(observed(watched_market(1))))

        assert [rate.rate_permille for rate in rates] == [1000] * 6
        assert min(rate.due_slots for rate in rates) > 48 * 11

    def test_missing_half_hours_are_taken_off(self):
        market = watched_market(1, [Wanted(kind=FaultKind.METER_OUTAGE, device="br-1", first=200, n_slots=48)])

        rates = connection_rates(picture_of(observed(market)))

        assert rates[1].due_slots - rates[1].timely_slots == 48
        assert rates[1].known_slots == rates[1].timely_slots

    def test_late_half_hours_are_known_but_not_timely(self):
        market = watched_market(1, [Wanted(kind=FaultKind.LATE, device="br-1", first=200, n_slots=10)])

        rates = connection_rates(picture_of(observed(market)))

        assert (rates[1].due_slots - rates[1].timely_slots, rates[1].due_slots - rates[1].known_slots) == (10, 0)

    def test_homes_with_an_outage_are_not_without(self):
        market = watched_market(1, [Wanted(kind=FaultKind.DEVICE_OUTAGE, device="gw-0", first=200, n_slots=30)])
        observations = observed(market)

        assert homes_without_outage(range(6), find_faults(observations)) == (1, 2, 3, 4, 5)


class TestMaps:
    @given(seed=st.integers(0, 100))
    @settings(max_examples=4)
    def test_arrivals_add_up_to_what_was_due(self, seed: int):
        market = watched_market(seed, [Wanted(kind=FaultKind.LATE, device="gw-0", first=100, n_slots=30)])
        picture = picture_of(observed(market))

        found = arrival_map(picture)

        assert found.slot_counts.sum(axis=(1, 2)).tolist() == [r.due_slots for r in connection_rates(picture)]
        assert found.slot_counts[0, :, 1].sum() == 30
        assert found.slot_counts.max() <= 48

    @given(seed=st.integers(0, 1000))
    def test_qualities_add_up_to_whole_days(self, seed: int):
        quality = np.random.default_rng(seed).integers(0, 4, (3, 5, 48)).astype(np.int8)

        found = quality_map((4, 5, 6), 7000, quality)

        assert found.states == ("measured", "recovered", "estimated", "missing")
        assert (found.slot_counts.sum(axis=2) == 48).all()
        assert (found.slot_counts[:, :, 3] == (quality == Quality.MISSING).sum(axis=2)).all()
