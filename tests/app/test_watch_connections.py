"""What is watched of a market: each home's meters, by the way that brought their readings, as known at an instant."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from sanchi.app.watch_connections import watch_connections
from sanchi.app.watch_observations import load_observations
from sanchi.core.base.errors import UnknownRecord, WrongInput
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import JST
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.kinds import FaultKind
from tests.fakes.market_folder import ENERGIES_HEADER, FILES, TOWN, Town, write_market

FIRST, LAST = date(2020, 12, 1), date(2020, 12, 4)
MIDNIGHT = datetime(2020, 12, 1, tzinfo=JST)
END = datetime(2020, 12, 5, tzinfo=JST)
N_SLOTS = 4 * 48
SLOT = timedelta(minutes=30)


def energies(
    folder: Path,
    name: str,
    missing: range = range(0),
    late: range = range(0),
    meter: str = "P1",
    **readings: int,
) -> Path:
    """Write generation of four days; a reading may be given by its slot (`s12=-5`)."""
    lines = []
    for slot in range(N_SLOTS):
        if slot in missing:
            continue
        end = MIDNIGHT + (slot + 1) * SLOT
        received_at = end + timedelta(days=2 if slot in late else 0, minutes=5)
        reading = readings.get(f"s{slot}", 100 + 7 * (slot % 48) + slot // 48)
        lines.append(f"{meter},pv,{end.isoformat()},{reading},{received_at.isoformat()}\n")
    path = folder / name
    path.write_text(ENERGIES_HEADER + "".join(lines))
    return path


@pytest.fixture
def town(tmp_path: Path) -> Town:
    town = Town()
    # Of the first home the panels alone are measured, so that a test has one series to write.
    meters = "".join(line for line in FILES["meters.csv"].splitlines(keepends=True) if not line.startswith("S1,"))
    town.take(write_market(tmp_path, meters=meters))
    return town


class TestWatch:
    def test_outage_is_told_with_its_home_and_what_to_do(self, town: Town, tmp_path: Path):
        town.take(energies(tmp_path, "energies-1.csv", missing=range(60, 80)))
        # Were nobody heard of meanwhile, it would be sanchi that was away.
        town.take(energies(tmp_path, "energies-2.csv", meter="P2"))
        watch = watch_connections(town.installation.stores, TOWN, FIRST, LAST, END)

        outages = [one for one in watch.faults if one.home_id == "H1" and one.kind is FaultKind.DEVICE_OUTAGE]
        assert [(one.first_at, one.last_at, one.figure) for one in outages] == [
            (MIDNIGHT + 60 * SLOT, MIDNIGHT + 81 * SLOT, 20)
        ]
        assert outages[0].remedy

    def test_home_that_never_delivered_is_told_and_others_are_counted(self, town: Town, tmp_path: Path):
        town.take(energies(tmp_path, "energies-1.csv"))
        watch = watch_connections(town.installation.stores, TOWN, FIRST, LAST, END)

        home = watch.of_home(PartyId("H2"))
        assert home is not None
        assert home.state is LegState.NEVER
        assert home.timely_slots == 0
        assert watch.due_slots == sum(home.due_slots for home in watch.homes)
        assert {one.home_id for one in watch.open_faults if one.kind is FaultKind.NEVER_CONNECTED} == {"H2"}

    def test_buyers_are_not_watched(self, town: Town):
        series = load_observations(town.installation.stores, TOWN, FIRST, LAST, END).series

        assert {str(one.spec.meter_id) for one in series} == {"P1", "S2", "P2", "C2"}

    def test_rejected_values_below_zero_are_a_fault(self, town: Town, tmp_path: Path):
        town.take(energies(tmp_path, "energies-1.csv", s50=-5, s51=-6))
        watch = watch_connections(town.installation.stores, TOWN, FIRST, LAST, END)

        assert [one.figure for one in watch.faults if one.kind is FaultKind.NEGATIVE] == [2]

    def test_what_came_after_the_days_is_late_by_now_and_missing_until_then(self, town: Town, tmp_path: Path):
        town.take(energies(tmp_path, "energies-1.csv", late=range(180, 186)))
        stores = town.installation.stores
        then = watch_connections(stores, TOWN, FIRST, LAST, END)
        now = watch_connections(stores, TOWN, FIRST, LAST, END + timedelta(days=5))

        assert FaultKind.LATE not in {one.kind for one in then.faults if one.home_id == "H1"}
        assert FaultKind.LATE in {one.kind for one in now.faults if one.home_id == "H1"}

    def test_span_that_is_yet_to_come_is_declined(self, town: Town):
        with pytest.raises(WrongInput, match="Nothing lies between"):
            watch_connections(town.installation.stores, TOWN, FIRST, LAST, MIDNIGHT)

    def test_market_that_is_not_there_is_declined(self, town: Town):
        with pytest.raises((UnknownRecord, KeyError)):
            watch_connections(town.installation.stores, MarketId("else"), FIRST, LAST, END)


def test_device_that_spoke_before_the_span_is_away_and_not_unknown(town: Town, tmp_path: Path):
    town.take(energies(tmp_path, "energies-1.csv"))
    later = date(2020, 12, 8), date(2020, 12, 12)
    watch = watch_connections(town.installation.stores, TOWN, *later, datetime(2020, 12, 13, tzinfo=JST))

    assert {one.kind for one in watch.open_faults if one.home_id == "H1"} == {FaultKind.DEVICE_OUTAGE}
