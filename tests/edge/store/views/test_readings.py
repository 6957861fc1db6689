"""The page of a home's readings: every version as it came, and what stands in each slot."""

from collections import Counter
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest

from sanchi.app.views.readings import ChannelReadings
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import PartyId
from sanchi.core.base.slots import JST
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.store.views import StoredMarketViews
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.markets.small_market import MARKET_ID


def channel_of(views: StoredMarketViews, home_id: str, day: date, channel: Channel) -> ChannelReadings:
    """Find the only meter of a home that measures a channel."""
    view = views.readings(MARKET_ID, PartyId(home_id), delivery_date=day)
    (found,) = [each for each in view.channels if each.channel is channel]
    return found


class TestVersions:
    def test_of_a_register_go_from_midnight_to_midnight(self, views: StoredMarketViews):
        found = channel_of(views, "H3", MARKET.last_date, Channel.IMPORT)

        assert found.is_register
        assert [each.boundary_no for each in found.versions] == list(range(49))
        assert all(each.is_in_force and not each.is_late for each in found.versions)

    def test_of_energies_begin_with_the_first_slot(self, views: StoredMarketViews):
        found = channel_of(views, "H3", MARKET.last_date, Channel.PV)

        assert not found.is_register
        assert [each.boundary_no for each in found.versions] == list(range(1, 49))

    def test_that_came_ten_days_later_are_late(self, views: StoredMarketViews):
        found = channel_of(views, f"H{MARKET.gap_home}", MARKET.gap_date, Channel.IMPORT)

        late = [each for each in found.versions if each.is_late]
        assert [each.boundary_no for each in late] == list(range(21, 27))
        assert {each.file_name for each in late} == {"registers-late.csv"}
        assert all(each.lag_s == (each.received_at.timestamp() - stamp_s(each.boundary_no)) for each in late)

    def test_are_superseded_by_the_one_received_last(self, views: StoredMarketViews):
        found = channel_of(views, f"H{MARKET.lowered_home}", MARKET.lowered_date, Channel.PV)

        versions = Counter(each.boundary_no for each in found.versions)
        in_force = [each for each in found.versions if each.is_in_force]
        assert max(versions.values()) == 2
        assert len(in_force) == len(versions)
        again = {each.boundary_no for each in found.versions if not each.is_in_force}
        assert {each.file_name for each in in_force if each.boundary_no in again} == {"energies-late.csv"}


def stamp_s(boundary_no: int) -> float:
    """Give the instant of a half hour of the day of the gap."""
    day = MARKET.gap_date
    return (datetime(day.year, day.month, day.day, tzinfo=JST) + timedelta(minutes=30 * boundary_no)).timestamp()


class TestSlots:
    def test_tell_energy_method_source_and_stage(self, views: StoredMarketViews):
        found = channel_of(views, "H3", MARKET.last_date, Channel.IMPORT)

        assert [slot.slot_no for slot in found.slots] == list(range(1, 49))
        assert {(slot.method, slot.source, slot.stage) for slot in found.slots} == {
            (Method.COUNTS, Source.B_ROUTE, Stage.FLASH)
        }
        counts = [each.reading for each in found.versions]
        steps_wh = [(later - earlier) * found.unit_wh for earlier, later in pairwise(counts)]
        assert [slot.energy_wh for slot in found.slots] == [slot.original_wh for slot in found.slots] == steps_wh

    def test_tell_who_decided_and_why(self, views: StoredMarketViews):
        found = channel_of(views, "H1", date(2020, 12, 1), Channel.IMPORT)

        decided = {slot.slot_no: slot.decision for slot in found.slots if slot.decision}
        assert list(decided) == [20]
        decision = decided[20]
        assert (decision.action, decision.reason, decision.decided_by) == (
            Action.ACCEPT_ESTIMATE,
            "seen on the meter",
            "op1",
        )
        assert decision.decided_at.isoformat() == "2020-12-05T10:00:00+09:00"

    def test_are_those_of_the_revision_in_force(self, market: ClosedMarket, views: StoredMarketViews):
        found = channel_of(views, f"H{MARKET.lowered_home}", MARKET.lowered_date, Channel.PV)

        in_force = {each.boundary_no: each.reading for each in found.versions if each.is_in_force}
        assert [slot.energy_wh for slot in found.slots] == [in_force[slot.slot_no] for slot in found.slots]


class TestDay:
    def test_is_by_default_the_latest_closed_one(self, views: StoredMarketViews):
        view = views.readings(MARKET_ID, PartyId("H3"))

        assert view.delivery_date == MARKET.last_date
        assert (view.earlier_day, view.later_day) == (date(2020, 12, 1), None)
        assert view.revision >= 1

    def test_that_is_not_closed_shows_readings_alone(self, views: StoredMarketViews):
        view = views.readings(MARKET_ID, PartyId("H3"), delivery_date=date(2020, 12, 3))

        assert (view.revision, view.earlier_day) == (0, MARKET.last_date)
        assert all(not channel.slots for channel in view.channels)
        # The count of the last midnight opens the day after.
        assert {len(channel.versions) for channel in view.channels if channel.is_register} == {1}

    @pytest.mark.parametrize("party_id", ["nobody", "B1"])
    def test_of_what_is_no_home_is_refused(self, views: StoredMarketViews, party_id: str):
        with pytest.raises(UnknownRecord):
            views.readings(MARKET_ID, PartyId(party_id))
