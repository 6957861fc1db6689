"""Both clouds over real sockets: keys, pages, cursors, refusals, and what is visible when."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import pytest
import requests

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.contacts import last_contact_s
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.sandbox import Sandbox
from sanchi.edge.sandbox.world import World
from tests.edge.sandbox.worlds import busy_world

KEY = {"X-Api-Key": "sandbox-key"}
CREDENTIALS = {"grant_type": "client_credentials", "client_id": "sanchi", "client_secret": "sandbox-secret"}
DAY_S = 86_400


def move(sandbox: Sandbox, to_s: int) -> dict[str, Any]:
    answer = requests.post(f"{sandbox.places.control}/control/clock", json={"now": stamp(to_s)}, timeout=60)
    assert answer.status_code == 200, answer.text
    return answer.json()


def ct_token(sandbox: Sandbox) -> dict[str, str]:
    answer = requests.post(f"{sandbox.places.ct_cloud}/oauth/token", data=CREDENTIALS, timeout=10)
    return {"Authorization": f"Bearer {answer.json()['access_token']}"}


def ct_pages(sandbox: Sandbox, cursor: str | None = None, limit: int = 150) -> Iterator[dict[str, Any]]:
    headers = ct_token(sandbox)
    while True:
        query: dict[str, Any] = {"limit": limit} | ({} if cursor is None else {"cursor": cursor})
        page = requests.get(
            f"{sandbox.places.ct_cloud}/v1/measurements", params=query, headers=headers, timeout=10
        ).json()
        yield page
        cursor = page["cursor"]
        if not page["has_more"]:
            return


def br_readings(sandbox: Sandbox, uploaded_from: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        query: dict[str, Any] = {"uploadedFrom": uploaded_from, "offset": len(found)}
        page = requests.get(f"{sandbox.places.br_cloud}/api/readings", params=query, headers=KEY, timeout=10).json()
        found += page["readings"]
        if len(found) >= page["total"]:
            return found


class TestCtCloud:
    def test_pages_end_at_now_and_the_cursor_counts_on(self, started):
        sandbox = started(plan=None)
        first_s = sandbox.world.period.first_s
        move(sandbox, first_s + DAY_S)
        pages = list(ct_pages(sandbox))
        items = [item for page in pages for item in page["items"]]

        n_devices = len(sandbox.world.devices(Connector.CT_CLOUD))
        assert len(pages) > 1
        # The last half hour of the day is sent after midnight.
        assert len(items) == n_devices * 47
        assert [item["cloud_received_at"] for item in items] == sorted(item["cloud_received_at"] for item in items)

        move(sandbox, first_s + DAY_S + 7200)
        later = [item for page in ct_pages(sandbox, pages[-1]["cursor"]) for item in page["items"]]
        assert len(later) == n_devices * 4
        assert not {(i["device_id"], i["from"]) for i in items} & {(i["device_id"], i["from"]) for i in later}

    def test_minutes_of_a_day_add_up_to_the_truth(self, started):
        sandbox = started(plan=None)
        move(sandbox, sandbox.world.period.first_s + DAY_S + 3600)
        items = [item for page in ct_pages(sandbox) for item in page["items"]]
        for device in sandbox.world.devices(Connector.CT_CLOUD):
            energies = sandbox.world.truth.homes[device.home]
            own = [i for i in items if i["device_id"] == device.device_id and i["from"].startswith("2020-11-20")]
            assert len(own) == 48
            assert sum(sum(item["pv_w"]) for item in own) == 60 * energies["pv"][:48].sum()
            assert sum(max(w, 0) for item in own for w in item["grid_w"]) == 60 * energies["import"][:48].sum()
            assert sum(max(-w, 0) for item in own for w in item["grid_w"]) == 60 * energies["export"][:48].sum()

    def test_nothing_is_told_without_a_token_and_nothing_is_given_for_a_wrong_secret(self, started):
        sandbox = started(plan=None)
        url = sandbox.places.ct_cloud
        wrong = requests.post(f"{url}/oauth/token", data=CREDENTIALS | {"client_secret": "guess"}, timeout=10)

        assert wrong.status_code == 401
        for headers in ({}, {"Authorization": "Bearer 1.2"}, {"Authorization": "Basic x"}):
            assert requests.get(f"{url}/v1/devices", headers=headers, timeout=10).status_code == 401

    def test_a_token_lives_as_long_as_it_says(self, started):
        sandbox = started(plan=None)
        headers = ct_token(sandbox)
        url = f"{sandbox.places.ct_cloud}/v1/devices"
        assert requests.get(url, headers=headers, timeout=10).status_code == 200
        move(sandbox, sandbox.clock.now_s + 12 * 3600)

        assert requests.get(url, headers=headers, timeout=10).status_code == 401
        assert requests.get(url, headers=ct_token(sandbox), timeout=10).status_code == 200

    @pytest.mark.parametrize("query", ["cursor=x", "cursor=m999999999", "limit=0", "limit=many"])
    def test_a_query_that_means_nothing_is_refused(self, started, query):
        sandbox = started(plan=None)
        url = f"{sandbox.places.ct_cloud}/v1/measurements?{query}"

        assert requests.get(url, headers=ct_token(sandbox), timeout=10).status_code == 400

    def test_devices_come_in_pages_with_the_instant_of_their_last_contact(self, started):
        sandbox = started()
        move(sandbox, sandbox.world.period.first_s + DAY_S)
        url = f"{sandbox.places.ct_cloud}/v1/devices"
        page = requests.get(url, params={"page": 1}, headers=ct_token(sandbox), timeout=10).json()

        assert page["next_page"] is None
        assert len(page["devices"]) == len(sandbox.world.devices(Connector.CT_CLOUD))
        assert {device["last_seen_at"] for device in page["devices"]} == {"2020-11-20T23:31:30+09:00"}


class TestBrCloud:
    def test_readings_are_visible_four_hours_after_their_upload(self, started):
        sandbox = started(plan=None)
        first_s = sandbox.world.period.first_s
        move(sandbox, first_s + 3600 * 4)
        assert br_readings(sandbox, stamp(0)) == []
        move(sandbox, first_s + 3600 * 5)
        readings = br_readings(sandbox, stamp(0))

        assert len(readings) == 2 * len(sandbox.world.devices(Connector.BR_CLOUD))
        assert [reading["no"] for reading in readings] == list(range(1, len(readings) + 1))

    def test_a_day_comes_in_pages_and_resumes_by_the_time_of_upload(self, started):
        sandbox = started(plan=None)
        move(sandbox, sandbox.world.period.first_s + 2 * DAY_S)
        readings = br_readings(sandbox, stamp(0))
        middle = readings[len(readings) // 2]["uploadedAt"]
        resumed = br_readings(sandbox, middle)

        assert len(readings) > 500
        assert resumed == [reading for reading in readings if reading["uploadedAt"] >= middle]

    def test_counts_are_those_of_the_truth_within_a_step(self, started):
        sandbox = started(plan=None)
        move(sandbox, sandbox.world.period.first_s + 2 * DAY_S)
        for device in sandbox.world.devices(Connector.BR_CLOUD):
            own = [r for r in br_readings(sandbox, stamp(0)) if r["gatewayId"] == device.device_id]
            day = {reading["fixedTime"]: reading for reading in own}
            for channel in ("import", "export"):
                begin, end = (day[f"2020-11-{n}T00:00:00+09:00"][channel] for n in (20, 21))
                truth_wh = int(sandbox.world.truth.homes[device.home][channel][:48].sum())
                assert abs((end - begin) * 100 - truth_wh) < 100

    def test_a_wrong_key_is_refused(self, started):
        sandbox = started(plan=None)
        for headers in ({}, {"X-Api-Key": "guess"}):
            answer = requests.get(f"{sandbox.places.br_cloud}/api/gateways", headers=headers, timeout=10)
            assert answer.status_code == 401

    def test_what_is_not_there_is_told_so(self, started):
        url = started(plan=None).places.br_cloud

        assert requests.get(f"{url}/api/secrets", headers=KEY, timeout=10).status_code == 404
        assert requests.post(f"{url}/api/readings", headers=KEY, timeout=10).status_code == 405
        assert requests.get(f"{url}/api/readings?uploadedFrom=x", headers=KEY, timeout=10).status_code == 400


class TestFaultsOfClouds:
    @pytest.mark.parametrize("connector", [Connector.CT_CLOUD, Connector.BR_CLOUD])
    def test_a_cloud_is_down_from_its_beginning_to_its_end(self, started, connector):
        sandbox = started()
        fault = sandbox.world.cloud_faults(connector, FaultKind.CLOUD_DOWN)[0]
        url = sandbox.places.ct_cloud + "/v1/devices"
        if connector is Connector.BR_CLOUD:
            url = sandbox.places.br_cloud + "/api/gateways"
        for at_s, status in ((fault.from_s - 1, 0), (fault.from_s, fault.figures["status"]), (fault.to_s, 0)):
            sandbox.clock.move(at_s)
            headers = KEY
            if connector is Connector.CT_CLOUD and not status:
                headers = ct_token(sandbox)
            assert requests.get(url, headers=headers, timeout=10).status_code == (status or 200)

    def test_a_limited_cloud_answers_one_request_in_so_many(self, started):
        sandbox = started()
        fault = sandbox.world.cloud_faults(Connector.BR_CLOUD, FaultKind.RATE_LIMIT)[0]
        sandbox.clock.move(fault.from_s)
        every = fault.figures["answered_one_in"]
        url = f"{sandbox.places.br_cloud}/api/gateways"
        answers = [requests.get(url, headers=KEY, timeout=10) for _ in range(2 * every)]

        assert [answer.status_code for answer in answers].count(200) == 2
        assert {a.headers.get("Retry-After") for a in answers if a.status_code == 429} == {"1"}

    def test_a_token_ends_before_its_time_once_and_a_new_one_is_taken(self, started):
        sandbox = started()
        fault = sandbox.world.cloud_faults(Connector.CT_CLOUD, FaultKind.TOKEN_EXPIRY)[0]
        url = f"{sandbox.places.ct_cloud}/v1/devices"
        sandbox.clock.move(fault.from_s - 60)
        headers = ct_token(sandbox)
        assert requests.get(url, headers=headers, timeout=10).status_code == 200
        sandbox.clock.move(fault.from_s)

        assert requests.get(url, headers=headers, timeout=10).status_code == 401
        assert requests.get(url, headers=ct_token(sandbox), timeout=10).status_code == 200


class TestContacts:
    def test_in_an_outage_the_last_contact_stands_still_and_readings_do_not_contradict_it(self):
        world = busy_world()
        n_checked = 0
        for fault in world.faults:
            if fault.kind is FaultKind.DEVICE_OUTAGE and fault.connector != Connector.MQTT:
                n_checked += 1
                device = next(d for d in world.devices(Connector(fault.connector)) if d.device_id == fault.device_id)
                before_s, within_s, after_s = (
                    last_contact_s(world, device, at_s)
                    for at_s in (fault.from_s + 1700, fault.to_s - 1, fault.to_s + 1800)
                )
                assert before_s == within_s == last_arrival_s(world, device.device_id, fault.from_s + 1000, within_s)
                assert after_s > fault.to_s
        assert n_checked

    def test_a_home_that_never_connects_was_never_seen(self):
        world = busy_world()
        for fault in world.faults:
            if fault.kind is FaultKind.NEVER_CONNECTED:
                device = next(d for d in world.devices(Connector(fault.connector)) if d.device_id == fault.device_id)
                assert last_contact_s(world, device, world.period.last_s) is None


def last_arrival_s(world: World, device_id: str, until_s: int, contact_s: int) -> int:
    """Give the contact, if nothing that the device sends on time arrived after it and until an instant."""
    for stream in world.streams:
        if stream.device.device_id == device_id:
            is_late = (contact_s < stream.arrival_s) & (stream.arrival_s < until_s) & stream.is_sent
            assert not is_late.any()
    return contact_s


class TestClock:
    def test_time_does_not_run_back_and_a_stamp_needs_an_offset(self, started):
        sandbox = started(plan=None)
        url = f"{sandbox.places.control}/control/clock"
        move(sandbox, sandbox.world.period.first_s)
        back = requests.post(url, json={"now": stamp(sandbox.world.period.first_s - 60)}, timeout=10)
        naive = requests.post(url, json={"now": "2020-11-21T00:00:00"}, timeout=10)
        empty = requests.post(url, data="now", timeout=10)

        assert [answer.status_code for answer in (back, naive, empty)] == [409, 400, 400]

    def test_state_tells_the_time_and_nothing_of_the_truth(self, started):
        sandbox = started()
        move(sandbox, sandbox.world.period.first_s + DAY_S)
        text = requests.get(f"{sandbox.places.control}/control/state", timeout=10).text

        assert datetime.fromisoformat("2020-11-21T00:00:00+09:00").isoformat() in text
        assert "fault" not in text

    def test_a_clock_goes_on_where_its_file_stands(self, tmp_path):
        Clock(tmp_path / "clock.json", 100).move(150)

        assert Clock(tmp_path / "clock.json", 100).now_s == 150
