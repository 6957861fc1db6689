"""Every fault that is played is found, and nothing is found where nothing was played."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.metering.faults.detection import find_faults
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.faults.scoring import score
from sanchi.core.metering.faults.spans import stamp_s
from tests.markets.watched_faults import watched_market
from tests.markets.watched_market import COUNTS, ENERGIES, FIRST_BOUNDARY, Wanted, observed

# Which devices show a kind, and for how many half hours it is played.
ALL = ("gw-0", "br-1", "ct-1", "file-2")
PLACES = {
    FaultKind.DEVICE_OUTAGE: (ALL, 12),
    FaultKind.METER_OUTAGE: (("gw-0", "br-1", "file-2"), 12),
    FaultKind.CLOUD_DOWN: ((COUNTS, ENERGIES), 40),
    FaultKind.TOKEN_EXPIRY: ((ENERGIES,), 1),
    FaultKind.RATE_LIMIT: ((COUNTS, ENERGIES), 4),
    FaultKind.LATE: (ALL, 6),
    FaultKind.DUPLICATE: (ALL, 5),
    FaultKind.OUT_OF_ORDER: (ALL, 6),
    FaultKind.CLOCK_SKEW: (ALL, 20),
    FaultKind.STUCK: (("gw-0", "br-1", "file-2"), 20),
    FaultKind.SPIKE: (ALL, 1),
    FaultKind.NEGATIVE: (ALL, 2),
    FaultKind.ROLL_OVER: (("gw-0", "br-1", "file-2"), 1),
    FaultKind.EXCHANGE: (("gw-0", "br-1", "file-2"), 1),
    FaultKind.TRUNCATED_FRAME: (("gw-0",), 2),
    FaultKind.NEVER_CONNECTED: (ALL, 1),
}
CASES = [(kind, device) for kind, (devices, _) in PLACES.items() for device in devices]


def wanted(kind: FaultKind, device: str, first: int) -> Wanted:
    return Wanted(kind=kind, device=device, first=first, n_slots=PLACES[kind][1])


class TestMarketWithoutFaults:
    @given(seed=st.integers(0, 100_000))
    @settings(max_examples=8, deadline=None)
    def test_nothing_is_found(self, seed: int):
        assert find_faults(observed(watched_market(seed))) == ()


class TestOneFault:
    def test_every_kind_is_played(self):
        assert set(PLACES) == set(FaultKind)

    @pytest.mark.parametrize(("kind", "device"), CASES)
    def test_is_found_alone_and_on_its_leg(self, kind: FaultKind, device: str):
        for seed in range(2):
            market = watched_market(seed, [wanted(kind, device, 48 * (4 + seed) + 40)])

            found = find_faults(observed(market))

            table = score(found, market.truth, market.now_s)
            assert (table.missed, table.invented) == ((), ())
            assert table.total.leg_share == 1


class TestTwoFaults:
    @given(
        seed=st.integers(0, 1000),
        one=st.sampled_from(CASES),
        other=st.sampled_from(CASES),
    )
    @settings(max_examples=12, deadline=None)
    def test_of_different_homes_are_both_found(
        self, seed: int, one: tuple[FaultKind, str], other: tuple[FaultKind, str]
    ):
        moved = other[1] if "cloud" in other[1] else f"{other[1][:-1]}{int(other[1][-1]) + 3}"
        faults = [wanted(*one, 48 * 4 + 40), wanted(other[0], moved, 48 * 8 + 40)]
        market = watched_market(seed, faults)

        table = score(find_faults(observed(market)), market.truth, market.now_s)

        assert (table.missed, table.invented) == ((), ())


class TestHistory:
    def test_history_that_is_read_back_after_an_outage_is_no_other_fault(self):
        market = watched_market(4, [wanted(FaultKind.METER_OUTAGE, "gw-0", 48 * 5 + 20)])
        whole = watched_market(4)
        for line, full in zip(market.lines_of("gw-0"), whole.lines_of("gw-0"), strict=True):
            if line.watched.spec.is_register:
                day = (full.boundary >= FIRST_BOUNDARY + 48 * 5) & (full.boundary < FIRST_BOUNDARY + 48 * 6)
                asked_s = np.full(day.sum(), stamp_s(FIRST_BOUNDARY + 48 * 6 + 2) + 60)
                line.add(full.boundary[day], full.reading[day], asked_s)
                line.add(full.boundary[day], full.reading[day], asked_s + 1800)

        table = score(find_faults(observed(market)), market.truth, market.now_s)

        assert (table.missed, table.invented) == ((), ())

    def test_history_that_is_faster_than_late_readings_hides_nothing(self):
        market = watched_market(4, [wanted(FaultKind.LATE, "gw-0", 48 * 5 + 40)])
        for line in market.lines_of("gw-0"):
            if line.watched.spec.is_register:
                day = (line.boundary >= FIRST_BOUNDARY + 48 * 5) & (line.boundary < FIRST_BOUNDARY + 48 * 6)
                asked_s = np.full(day.sum(), stamp_s(FIRST_BOUNDARY + 48 * 6 + 2) + 60)
                line.add(line.boundary[day], line.reading[day], asked_s)

        table = score(find_faults(observed(market)), market.truth, market.now_s)

        assert (table.missed, table.invented) == ((), ())


class TestExchange:
    def test_readings_that_the_new_meter_lacks_since_the_old_one_has_them_are_not_missing(self):
        market = watched_market(4, [wanted(FaultKind.EXCHANGE, "br-1", 300)])
        at, told = FIRST_BOUNDARY + 300, FIRST_BOUNDARY + 400
        for line in [line for line in market.lines_of("br-1") if line.watched.spec.is_register]:
            spec = dataclasses.replace(line.watched.spec, meter_no=99, installed_boundary=at)
            is_new = line.boundary >= told
            fresh = dataclasses.replace(line, watched=dataclasses.replace(line.watched, spec=spec))
            fresh.take(is_new)
            line.take(~is_new)
            line.watched = dataclasses.replace(
                line.watched, spec=dataclasses.replace(line.watched.spec, removed_boundary=at)
            )
            market.lines.append(fresh)

        table = score(find_faults(observed(market)), market.truth, market.now_s)

        assert (table.missed, table.invented) == ((), ())


class TestAbsenceOfSanchi:
    def test_time_in_which_nothing_at_all_was_taken_is_no_fault_of_anybody(self):
        market = watched_market(4)
        begin_s, end_s = stamp_s(FIRST_BOUNDARY + 48 * 6), stamp_s(FIRST_BOUNDARY + 48 * 7)
        for line in market.lines:
            waits = (line.received_s >= begin_s) & (line.received_s < end_s)
            line.received_s[waits] = end_s
        market.events = [event for event in market.events if not begin_s <= event[0] < end_s]

        assert find_faults(observed(market)) == ()


class TestOrderOfRows:
    def test_same_observations_give_the_same_faults(self):
        market = watched_market(3, [wanted(FaultKind.LATE, "br-1", 200)])

        assert find_faults(observed(market)) == find_faults(observed(market))
