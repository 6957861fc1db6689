"""A round of a poller takes all that is new, keeps what it has when it fails, and tells how it went."""

import json
import os
from pathlib import Path

import pytest

from sanchi.app.collect import RoundReport
from sanchi.edge.connectors.ct_cloud import CtCloud
from sanchi.edge.connectors.gateway_cloud import GatewayCloud
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.polling import Poller
from tests.edge.connectors.small_world import (
    ct_settings,
    events_of,
    gateway_settings,
    item,
    item_numbers,
    lines_of,
    quiet_pace,
    reading,
    reading_numbers,
)
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake, fine, raw, status

MEASUREMENTS = "/v1/measurements"
READINGS = "/api/readings"


def ct_round(cloud: CtCloudFake, inbox: Inbox, **further: int) -> RoundReport:
    """Take one round with a poller of its own, as a process that begins."""
    poller = Poller(ct_settings(cloud, **further), inbox, quiet_pace(), CtCloud)
    try:
        return poller.round()
    finally:
        poller.close()


def gateway_round(cloud: GatewayCloudFake, inbox: Inbox, **further: object) -> RoundReport:
    poller = Poller(gateway_settings(cloud, **further), inbox, quiet_pace(), GatewayCloud)
    try:
        return poller.round()
    finally:
        poller.close()


def state_of(inbox: Inbox, connector: str) -> dict[str, object]:
    return json.loads((inbox.state_folder / f"state-{connector}.json").read_text())


class TestCtCloud:
    def test_gives_all_items_once(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(8)]
        report = ct_round(ct_cloud, inbox)

        assert item_numbers(inbox.folder) == list(range(8))
        assert report.item_count == 3
        assert not report.failure
        assert events_of(inbox.folder) == [("poll_ok", "ct-east", 3)]

    def test_goes_on_from_its_cursor(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(4)]
        ct_round(ct_cloud, inbox)
        ct_cloud.items += [item(number) for number in range(4, 6)]
        ct_round(ct_cloud, inbox)

        assert item_numbers(inbox.folder) == list(range(6))

    def test_keeps_bodies_as_they_came(self, ct_cloud: CtCloudFake, inbox: Inbox):
        body = '{"items": [{"x": 1.50, "x": "二"}],\n "cursor": "1", "has_more": false}'
        ct_cloud.plan(MEASUREMENTS, raw(body.encode()))
        ct_round(ct_cloud, inbox)

        assert lines_of(inbox.folder, "ctcloud") == [{"received_at": "2020-12-01T15:30:00+09:00", "body": body}]

    def test_writes_no_file_for_an_empty_page(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_round(ct_cloud, inbox)

        assert lines_of(inbox.folder, "ctcloud") == []

    def test_keeps_what_came_before_a_failure_and_its_cursor(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(8)]
        ct_cloud.plan(MEASUREMENTS, fine, fine, *[status(500)] * 4)
        report = ct_round(ct_cloud, inbox)

        assert report.failure == "/v1/measurements answers 500"
        assert events_of(inbox.folder) == [("poll_failed", "ct-east", 500)]
        assert item_numbers(inbox.folder) == list(range(6))

        ct_round(ct_cloud, inbox)
        assert item_numbers(inbox.folder) == list(range(8))

    def test_takes_no_more_pages_than_allowed_and_goes_on_next_time(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(8)]
        ct_round(ct_cloud, inbox, pages_max=1)
        assert item_numbers(inbox.folder) == [0, 1, 2]

        ct_round(ct_cloud, inbox, pages_max=1)
        assert item_numbers(inbox.folder) == [0, 1, 2, 3, 4, 5]

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b"\xff",
            b"[" * 5_000,
            b'{"items": [], "cursor": 1, "has_more": false}',
            b'{"items": [], "cursor": "1", "has_more": "no"}',
            b'{"items": {}, "cursor": "1", "has_more": false}',
        ],
    )
    def test_that_answers_nonsense_fails_and_moves_no_cursor(self, ct_cloud: CtCloudFake, inbox: Inbox, body: bytes):
        ct_cloud.items = [item(1)]
        ct_cloud.plan(MEASUREMENTS, raw(body))
        ct_round(ct_cloud, inbox)

        assert events_of(inbox.folder) == [("poll_failed", "ct-east", 200)]
        ct_round(ct_cloud, inbox)
        assert item_numbers(inbox.folder) == [1]

    def test_that_names_the_same_cursor_for_ever_is_left(self, ct_cloud: CtCloudFake, inbox: Inbox):
        same = raw(b'{"items": [{"number": 1}], "cursor": "7", "has_more": true}')
        ct_cloud.plan(MEASUREMENTS, *[same] * 50)
        report = ct_round(ct_cloud, inbox)

        assert "same cursor" in report.failure
        assert len(ct_cloud.asked_of(MEASUREMENTS)) == 2

    def test_asks_for_smaller_pages_where_one_would_be_too_large(
        self, ct_cloud: CtCloudFake, inbox: Inbox, monkeypatch
    ):
        ct_cloud.items = [item(number) for number in range(8)]
        ct_cloud.items[5]["device_id"] = "x" * 300
        monkeypatch.setattr("sanchi.edge.connectors.gathering.LINE_BYTES_MAX", 700)
        report = ct_round(ct_cloud, inbox, page_items=8)

        assert not report.failure
        assert item_numbers(inbox.folder) == list(range(8))
        lines = [line for file in inbox.folder.glob("ctcloud-*") for line in file.read_bytes().splitlines()]
        assert max(map(len, lines)) < 700

    def test_passes_no_item_by_that_fits_into_no_line(self, ct_cloud: CtCloudFake, inbox: Inbox, monkeypatch):
        ct_cloud.items = [item(number) for number in range(4)]
        ct_cloud.items[2]["device_id"] = "x" * 90_000
        monkeypatch.setattr("sanchi.edge.connectors.gathering.LINE_BYTES_MAX", 700)
        report = ct_round(ct_cloud, inbox, page_items=8)

        assert "longer line" in report.failure
        assert item_numbers(inbox.folder) == [0, 1]
        assert events_of(inbox.folder) == [("poll_failed", "ct-east", 200)]

    def test_moves_no_cursor_when_the_inbox_is_full(self, ct_cloud: CtCloudFake, inbox: Inbox, monkeypatch):
        ct_cloud.items = [item(number) for number in range(4)]
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _descriptor: (_ for _ in ()).throw(OSError(28, "full")))
            with pytest.raises(OSError, match="full"):
                ct_round(ct_cloud, inbox)

        ct_round(ct_cloud, inbox)
        assert item_numbers(inbox.folder) == list(range(4))

    def test_writes_its_state_after_its_file(self, ct_cloud: CtCloudFake, inbox: Inbox, monkeypatch):
        ct_cloud.items = [item(number) for number in range(4)]
        renamed: list[str] = []
        rename = Path.rename

        def rename_told(self: Path, target: Path) -> Path:
            renamed.append(target.name)
            return rename(self, target)

        monkeypatch.setattr(Path, "rename", rename_told)
        ct_round(ct_cloud, inbox)

        kinds = [name.partition("-")[0] for name in renamed]
        assert kinds == ["sequence.json", "ctcloud", "events", "state"]


class TestToken:
    def test_is_fetched_once_for_many_requests(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(8)]
        ct_round(ct_cloud, inbox)

        assert ct_cloud.token_count == 1

    def test_that_is_refused_before_its_time_is_renewed_and_told(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.items = [item(number) for number in range(8)]
        ct_cloud.plan(MEASUREMENTS, fine, fine, status(401))
        report = ct_round(ct_cloud, inbox)

        assert not report.failure
        assert item_numbers(inbox.folder) == list(range(8))
        assert events_of(inbox.folder) == [("token_refused", "ct-east", 401), ("poll_ok", "ct-east", 3)]

    def test_that_stays_refused_fails_the_round(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.plan(MEASUREMENTS, *[status(401)] * 9)
        ct_round(ct_cloud, inbox)

        assert events_of(inbox.folder)[-1] == ("poll_failed", "ct-east", 401)
        assert len(ct_cloud.asked_of(MEASUREMENTS)) == 2

    def test_near_its_end_is_renewed_before_it_is_used(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.token_life_s = 20
        ct_cloud.items = [item(number) for number in range(4)]
        ct_round(ct_cloud, inbox)

        assert ct_cloud.token_count == len(ct_cloud.asked_of(MEASUREMENTS)) + len(ct_cloud.asked_of("/v1/devices"))
        assert events_of(inbox.folder) == [("poll_ok", "ct-east", 2)]

    def test_that_cannot_be_fetched_is_tried_no_more_often_than_anything_else(
        self, ct_cloud: CtCloudFake, inbox: Inbox
    ):
        ct_cloud.plan("/oauth/token", *[status(500)] * 50)
        ct_round(ct_cloud, inbox)

        assert len(ct_cloud.asked) == 4
        assert events_of(inbox.folder) == [("poll_failed", "ct-east", 500)]

    @pytest.mark.parametrize("body", [b"{}", b'{"access_token": 1}', b'{"access_token": "a\\nb"}', b"no"])
    def test_that_is_none_fails_the_round(self, ct_cloud: CtCloudFake, inbox: Inbox, body: bytes):
        ct_cloud.plan("/oauth/token", raw(body))

        assert ct_round(ct_cloud, inbox).failure
        assert ct_cloud.asked_of(MEASUREMENTS) == []

    def test_and_secret_stand_in_no_file_and_no_log(self, ct_cloud: CtCloudFake, inbox: Inbox, caplog):
        ct_cloud.items = [item(1)]
        caplog.set_level(0)
        ct_cloud.plan(MEASUREMENTS, fine, status(500), status(401))
        ct_round(ct_cloud, inbox)

        written = b"".join(file.read_bytes() for file in inbox.folder.rglob("*") if file.is_file())
        for secret in (ct_cloud.CLIENT_SECRET, ct_cloud.token):
            assert secret.encode() not in written
            assert secret not in caplog.text
        assert ct_cloud.CLIENT_SECRET not in repr(ct_settings(ct_cloud))


class TestDevices:
    def test_are_told_at_the_instant_when_the_cloud_heard_of_them_and_only_when_it_changed(
        self, ct_cloud: CtCloudFake, inbox: Inbox
    ):
        heard_at = "2020-12-01T15:00:00+09:00"
        ct_cloud.devices = [{"device_id": f"ct-{number}", "last_seen_at": heard_at} for number in range(5)]
        ct_round(ct_cloud, inbox)
        ct_cloud.devices[3]["last_seen_at"] = "2020-12-01T06:30:00Z"
        ct_round(ct_cloud, inbox)

        seen = [line for line in lines_of(inbox.folder, "events") if line["event"] == "device_seen"]
        assert [line["subject"] for line in seen] == ["ct-0", "ct-1", "ct-2", "ct-3", "ct-4", "ct-3"]
        assert [line["at"] for line in seen] == [heard_at] * 5 + ["2020-12-01T15:30:00+09:00"]

    def test_that_are_none_hold_nothing_up(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.devices = [
            {"device_id": "never", "last_seen_at": None},
            {"device_id": 7, "last_seen_at": "2020-12-01T15:00:00+09:00"},
            {"last_seen_at": "2020-12-01T15:00:00"},
        ]
        ct_cloud.devices.append({"device_id": "half \ud800", "last_seen_at": "2020-12-01T15:00:00+09:00"})
        ct_cloud.plan(
            "/v1/devices",
            raw(json.dumps({"devices": [*ct_cloud.devices, "x"], "next_page": None}).encode()),
        )

        assert not ct_round(ct_cloud, inbox).failure
        assert [subject for event, subject, _ in events_of(inbox.folder) if event == "device_seen"] == ["half \ud800"]

    def test_pages_that_lead_in_a_circle_are_left(self, ct_cloud: CtCloudFake, inbox: Inbox):
        ct_cloud.plan("/v1/devices", raw(b'{"devices": [], "next_page": 1}'))

        assert "next page" in ct_round(ct_cloud, inbox).failure


class TestGatewayCloud:
    def test_gives_all_readings_once(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(number, minute=number) for number in range(8)]
        report = gateway_round(gateway_cloud, inbox)

        assert reading_numbers(inbox.folder) == list(range(8))
        assert not report.failure

    def test_asks_the_last_instant_again_and_misses_nothing_of_it(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(1, minute=0), reading(2, minute=5)]
        gateway_round(gateway_cloud, inbox)
        gateway_cloud.readings.append(reading(3, minute=5))
        gateway_round(gateway_cloud, inbox)

        assert sorted(set(reading_numbers(inbox.folder))) == [1, 2, 3]

    def test_that_has_nothing_new_gives_no_file(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(1, minute=5), reading(2, minute=5)]
        for _ in range(3):
            gateway_round(gateway_cloud, inbox)

        assert reading_numbers(inbox.folder) == [1, 2]

    def test_goes_on_through_more_readings_of_one_instant_than_a_page_has(
        self, gateway_cloud: GatewayCloudFake, inbox: Inbox
    ):
        gateway_cloud.readings = [reading(number, minute=5) for number in range(10)]
        for _ in range(5):
            gateway_round(gateway_cloud, inbox, pages_max=2)
        gateway_cloud.readings.append(reading(10, minute=6))
        gateway_round(gateway_cloud, inbox)

        assert set(reading_numbers(inbox.folder)) == set(range(11))

    def test_goes_on_where_a_round_failed(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(number, minute=number) for number in range(9)]
        gateway_cloud.plan(READINGS, fine, fine, *[status(503)] * 4)
        gateway_round(gateway_cloud, inbox)

        assert events_of(inbox.folder) == [("poll_failed", "br", 503)]
        assert state_of(inbox, "br")["seen_nos"] == [5]
        gateway_round(gateway_cloud, inbox)
        assert set(reading_numbers(inbox.folder)) == set(range(9))

    def test_is_not_held_up_by_a_reading_without_number_or_stamp(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(number, minute=number) for number in range(4)]
        broken = {"total": 5, "offset": 0, "readings": [reading(0, 0), {"no": "x"}, 7, reading(1, 1), {"no": 9}]}
        gateway_cloud.plan(READINGS, raw(json.dumps(broken).encode()))
        report = gateway_round(gateway_cloud, inbox)

        assert not report.failure
        assert state_of(inbox, "br")["uploaded_from"] == reading(1, 1)["uploadedAt"]

    def test_begins_where_it_is_told(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.readings = [reading(1, minute=0), reading(2, minute=30)]
        gateway_round(gateway_cloud, inbox, begin_at=reading(2, minute=30)["uploadedAt"])

        assert reading_numbers(inbox.folder) == [2]

    def test_tells_when_a_gateway_loses_its_meter_and_finds_it(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway = {"gatewayId": "br-001", "lastContact": "2020-12-01T15:00:00+09:00", "meterLink": "up"}
        gateway_cloud.gateways = [gateway]
        for link in ("up", "up", "down", "down", "up", "sideways"):
            gateway["meterLink"] = link
            gateway_round(gateway_cloud, inbox)

        told = [event for event, subject, _ in events_of(inbox.folder) if subject == "br-001"]
        assert told == ["device_seen", "meter_joined", "meter_lost", "meter_joined"]

    def test_refuses_a_wrong_key_without_another_try(self, gateway_cloud: GatewayCloudFake, inbox: Inbox):
        gateway_cloud.KEY = "another"
        poller_settings = gateway_settings(gateway_cloud)
        gateway_cloud.KEY = "changed"
        poller = Poller(poller_settings, inbox, quiet_pace(), GatewayCloud)
        poller.round()
        poller.close()

        assert events_of(inbox.folder) == [("poll_failed", "br", 401)]
        assert len(gateway_cloud.asked) == 1


class TestEnd:
    def test_of_the_process_is_no_failure_of_the_cloud(self, ct_cloud: CtCloudFake, inbox: Inbox):
        pace = quiet_pace()
        pace.stop.set()
        ct_cloud.plan(MEASUREMENTS, *[status(500)] * 4)
        poller = Poller(ct_settings(ct_cloud), inbox, pace, CtCloud)
        report = poller.round()
        poller.close()

        assert report.failure
        assert events_of(inbox.folder) == []


class TestLongRound:
    def test_closes_files_on_its_way_and_saves_how_far_it_is(self, ct_cloud: CtCloudFake, inbox: Inbox, monkeypatch):
        monkeypatch.setattr("sanchi.edge.connectors.gathering.FILE_BYTES_MAX", 500)
        ct_cloud.items = [item(number) for number in range(12)]
        ct_cloud.plan(MEASUREMENTS, fine, fine, fine, *[status(500)] * 4)
        ct_round(ct_cloud, inbox)

        files = sorted(inbox.folder.glob("ctcloud-*"))
        assert len(files) > 1
        assert item_numbers(inbox.folder) == list(range(9))
        assert state_of(inbox, "ct-east")["cursor"] == "9"
