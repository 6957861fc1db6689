"""The pages of meters: what was filled is marked, what came late is told, faults lie on their lanes."""

from datetime import date, datetime

import pytest

from sanchi.core.base.slots import JST
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.fault import ADVICE
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.portal.fault_words import FAULT, LEG, LEG_STATE, LOOK, WEEKDAY, FaultLook
from sanchi.edge.portal.meter_words import CHANNEL, METHOD, METHOD_COLOUR, SOURCE, STAGE
from sanchi.edge.portal.readings import runs_of, told_channel
from sanchi.edge.portal.timeline import drawn_timeline
from sanchi.edge.portal.told_faults import ToldFault, told_fault
from tests.edge.portal.conftest import MARKET, PAGES
from tests.edge.portal.fake_meters import CAME_LATE, NEVER_READ, REASON, home_connection_view, readings_view
from tests.edge.portal.fake_numbers import DATES

REGISTER, PANELS, SILENT = readings_view(7, DATES[86]).channels


class TestWords:
    @pytest.mark.parametrize(
        ("members", "words"),
        [
            (Method, METHOD),
            (Method, METHOD_COLOUR),
            (Source, SOURCE),
            (Stage, STAGE),
            (Channel, CHANNEL),
            (FaultKind, FAULT),
            (Leg, LEG),
            (LegState, LEG_STATE),
            (FaultLook, LOOK),
        ],
    )
    def test_name_every_member(self, members, words):
        assert set(words) == set(members)

    def test_of_faults_are_those_of_the_monitor(self):
        told = {kind: (str(words.cause), str(words.remedy)) for kind, words in FAULT.items()}

        assert told == {kind: (advice.cause, advice.remedy) for kind, advice in ADVICE.items()}

    def test_name_every_day_of_the_week(self):
        assert len(set(WEEKDAY)) == 7

    def test_give_what_was_filled_a_pattern_and_what_was_measured_none(self):
        measured = {Method.COUNTS, Method.DELIVERED, Method.SUMMED}

        assert {method for method, colour in METHOD_COLOUR.items() if "/" not in colour} == measured
        filled = [colour for method, colour in METHOD_COLOUR.items() if method not in measured]
        assert len(set(filled)) == len(filled)


class TestRegister:
    def test_joins_half_hours_that_came_about_alike(self):
        runs = runs_of(REGISTER.slots)

        assert [(run.when, run.method, run.slot_count) for run in runs] == [
            ("00:00–08:00", Method.COUNTS, 16),
            ("08:00–12:00", Method.RECOVERED_LIKE_DAYS, len(NEVER_READ)),
            ("12:00–14:00", Method.COUNTS, 4),
            ("14:00–14:30", Method.AGREED, 1),
            ("14:30–15:30", Method.RECOVERED_OTHER_WAY, 2),
            ("15:30–24:00", Method.COUNTS, 17),
        ]
        assert sum(run.energy_wh for run in runs) == sum(slot.energy_wh for slot in REGISTER.slots)

    def test_draws_every_version_and_every_slot_once(self):
        drawing = told_channel(1, REGISTER).chart.drawing

        places = sorted(place for method in drawing["methods"] for place in method["places"])
        assert places == list(range(48))
        points = {each["name"]: len(each["points"]) for each in drawing["versions"]}
        assert told_channel(3, SILENT).chart is None
        assert points == {"In force": 38, "In force, came late": len(CAME_LATE), "Superseded": 1}
        assert sum(points.values()) == len(REGISTER.versions)

    def test_tells_who_decided_and_why(self, read):
        texts = read(PAGES["readings of a day"]).texts

        assert any(text.startswith("Decided by 担当1 on 2 Mar 2021 10:05:") for text in texts)
        assert "by rule 300 Wh" in texts
        assert REASON in read(PAGES["readings of a day"]).markup

    def test_counts_what_came_late_and_what_was_superseded(self, read):
        text = " ".join(read(PAGES["readings of a day"]).texts)

        assert f"{len(REGISTER.versions)} readings" in text
        assert "4 came late" in text
        assert "1 superseded" in text

    def test_says_where_another_way_counts(self, read):
        text = " ".join(read(PAGES["readings of a day"]).texts)

        assert "This meter said nothing on this day." in text
        assert "In none of the half hours does this meter count" in text

    def test_of_energies_stands_on_its_bars(self):
        drawing = told_channel(2, PANELS).chart.drawing

        assert drawing["countName"] == ""
        assert [point[:2] for point in drawing["versions"][0]["points"]][14] == [15, 200]


class TestConnections:
    def test_tell_open_faults_first_with_cause_and_remedy(self, read):
        texts = read(PAGES["connections"]).texts

        assert texts.index("Device offline") < texts.index("Never connected") < texts.index("Homes and days")
        assert str(FAULT[FaultKind.NEVER_CONNECTED].remedy) in texts
        assert "since 27 Feb 2021 14:00" in texts

    def test_tell_rate_and_homes_without_outage(self, read):
        texts = read(PAGES["connections"]).texts

        assert "97.1 %" in texts
        assert texts[texts.index("Homes without any outage") + 1] == "57"

    def test_tell_what_comes_again(self, read):
        assert "between 14:00 and 15:00" in read(PAGES["connections"]).texts
        assert "on Saturdays" in read(PAGES["connections"]).texts

    def test_lead_to_the_pages_of_homes(self, read):
        links = {attributes.get("href") for tag, attributes in read(PAGES["connections"]).tags if tag == "a"}

        assert f"{MARKET}homes/H008/connection/" in links

    def test_that_are_not_known_yet_say_so(self, read):
        texts = read(PAGES["connection of a home that nobody watches"]).texts

        assert "The connections have not been looked at yet. Load the page again in a moment." in texts


class TestTimeline:
    @pytest.fixture
    def faults(self) -> list[ToldFault]:
        view = home_connection_view(7)
        return [told_fault(fault, {view.home.party_id: view.home}) for fault in view.faults]

    def test_has_the_faults_of_the_home_and_of_its_cloud(self, faults):
        kinds = [told.fault.kind for told in faults]

        assert FaultKind.CLOUD_DOWN in kinds
        assert FaultKind.NEVER_CONNECTED not in kinds
        assert len(kinds) == 7

    def test_has_a_lane_for_each_leg_and_each_fault_once(self, faults):
        drawn = drawn_timeline(faults, DATES[0], DATES[-1])

        assert [lane.leg for lane in drawn.lanes] == [LEG[leg] for leg in Leg]
        assert sorted(bar.number for lane in drawn.lanes for bar in lane.bars) == list(range(1, len(faults) + 1))
        assert all(bar.told.leg == lane.leg for lane in drawn.lanes for bar in lane.bars)

    def test_lays_what_overlaps_one_below_the_other(self, faults):
        (lane,) = [
            lane for lane in drawn_timeline(faults, DATES[0], DATES[-1]).lanes if lane.leg == LEG[Leg.DEVICE_CLOUD]
        ]

        tops = {bar.told.fault.kind: bar.top_px for bar in lane.bars if not bar.told.is_open}
        assert tops[FaultKind.DEVICE_OUTAGE] != tops[FaultKind.LATE]
        assert all(bar.top_px + 12 <= lane.top_px + lane.height_px for bar in lane.bars)

    def test_places_by_the_share_of_the_span(self, faults):
        (fault,) = [told for told in faults if told.fault.kind is FaultKind.CLOUD_DOWN]
        drawn = drawn_timeline([fault], date(2020, 12, 16), date(2020, 12, 25))

        (bar,) = [bar for lane in drawn.lanes for bar in lane.bars]
        assert fault.fault.first_at == datetime(2020, 12, 20, 2, tzinfo=JST)
        assert (bar.left, bar.width) == ("40.8%", "10.8%")

    def test_marks_lead_to_lines_of_the_list(self, read):
        page = read(PAGES["connection of a home"])

        marks = {attributes["href"] for _tag, attributes in page.tags if attributes.get("class") == "timeline-bar"}
        lines = {f"#{attributes['id']}" for tag, attributes in page.tags if tag == "tr" and "id" in attributes}
        assert marks == lines
        assert len(marks) == 7
        labels = [
            attributes["aria-label"] for _tag, attributes in page.tags if attributes.get("class") == "timeline-bar"
        ]
        assert all("20" in label for label in labels)
