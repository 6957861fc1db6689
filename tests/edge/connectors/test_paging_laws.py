"""However readings arrive, pages are cut, rounds fail and the disk fills up: nothing is left out or invented."""

import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

from hypothesis import given
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from sanchi.edge.connectors.asking import AskFailed, Asking
from sanchi.edge.connectors.ct_cloud import CtCloud
from sanchi.edge.connectors.gateway_cloud import GatewayCloud
from sanchi.edge.connectors.gathering import Gathering
from sanchi.edge.connectors.polling import Store, Vendor
from tests.edge.connectors.small_world import RECEIVED_AT, ct_settings, gateway_settings, item, reading
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake

# A round: how many readings are new, by how many minutes each is later than the last, and the steps that fail.
Round = tuple[list[int], set[int], set[int]]
ROUNDS = st.lists(
    st.tuples(
        st.lists(st.integers(0, 2), max_size=9),
        st.sets(st.integers(0, 6), max_size=2),
        st.sets(st.integers(0, 3), max_size=2),
    ),
    min_size=1,
    max_size=6,
)


class MemoryInbox:
    """An inbox in memory that is full at certain writes."""

    def __init__(self) -> None:
        self.lines: list[tuple[str, dict[str, Any]]] = []
        self.full_at: set[int] = set()
        self.write_count = 0
        self.state: dict[str, Any] = {}

    @staticmethod
    def now() -> Any:
        return RECEIVED_AT

    def write(self, kind: str, _connector: str, lines: Sequence[bytes]) -> tuple[str, int]:
        self._begin()
        self.lines += [(kind, json.loads(line)) for line in lines]
        return kind, sum(map(len, lines))

    def read_state(self) -> dict[str, Any]:
        return json.loads(json.dumps(self.state))

    def write_state(self, state: dict[str, Any]) -> None:
        self._begin()
        self.state = json.loads(json.dumps(state))

    def bodies(self) -> list[Any]:
        return [json.loads(line["body"]) for kind, line in self.lines if kind != "events"]

    def _begin(self) -> None:
        self.write_count += 1
        if self.write_count - 1 in self.full_at:
            raise OSError(28, "full")


class MemoryState:
    def __init__(self, inbox: MemoryInbox) -> None:
        self.read = inbox.read_state
        self.write = inbox.write_state


class MemoryAsker:
    """Asks a cloud without a socket; certain requests of a round fail."""

    def __init__(self, answer: Callable[[Request], Any]) -> None:
        self._answer = answer
        self.failing_at: set[int] = set()
        self.asked_count = 0

    def ask(self, asking: Asking, access: Any) -> bytes:
        self.asked_count += 1
        if self.asked_count - 1 in self.failing_at:
            raise AskFailed("drawn", 500)
        headers = dict(access.headers(self)) if access else {}
        form = dict(asking.form) if asking.form else None
        builder = EnvironBuilder(asking.path, query_string=urlencode(asking.query), headers=headers, data=form)
        if form:
            builder.method = "POST"
        return bytes(self._answer(Request(builder.get_environ())).get_data())


def take(inbox: MemoryInbox, asker: MemoryAsker, vendor: Vendor, gathering: Gathering) -> None:
    """Take a round as a poller does, in a process that ends when the disk is full."""
    gathering.forget()
    store = Store(gathering, MemoryState(inbox))  # type: ignore[arg-type]
    try:
        with suppress(AskFailed):
            vendor.take_pages(store)
        store.save()
    except OSError:
        return


def play(rounds: list[Round], bring: Callable[[int], None], world: tuple[MemoryInbox, MemoryAsker, Vendor, Gathering]):
    """Play rounds with their failures, then one without."""
    inbox, asker, vendor, gathering = world
    for steps, failing_at, full_at in [*rounds, ([], set(), set())]:
        for step in steps:
            bring(step)
        asker.failing_at, asker.asked_count = failing_at, 0
        inbox.full_at, inbox.write_count = full_at, 0
        take(inbox, asker, vendor, gathering)


@given(ROUNDS, st.integers(1, 4))
def test_every_reading_of_a_time_of_upload_comes(rounds: list[Round], page_readings: int):
    cloud, inbox, minute = GatewayCloudFake(), MemoryInbox(), [0]
    cloud.page_readings = page_readings
    asker = MemoryAsker(cloud.answer)
    gathering = Gathering(inbox, "br", "gateway_cloud")  # type: ignore[arg-type]
    settings = gateway_settings(cloud)
    vendor = GatewayCloud(settings, inbox, asker, gathering)  # type: ignore[arg-type]

    def bring(later_minutes: int) -> None:
        minute[0] += later_minutes
        # Numbers tell nothing of the order of uploads: what a gateway sends late has an early one.
        cloud.readings.append(reading(len(cloud.readings) * 7_919 % 1_009, minute[0]))
        cloud.readings.sort(key=lambda each: (each["uploadedAt"], each["no"]))

    play(rounds, bring, (inbox, asker, vendor, gathering))

    came = {json.dumps(each) for body in inbox.bodies() for each in body["readings"]}
    assert came == {json.dumps(each) for each in cloud.readings}


@given(ROUNDS, st.integers(1, 4))
def test_every_item_of_a_cursor_comes(rounds: list[Round], page_items: int):
    cloud, inbox = CtCloudFake(), MemoryInbox()
    asker = MemoryAsker(cloud.answer)
    gathering = Gathering(inbox, "ct", "ct_cloud")  # type: ignore[arg-type]
    settings = ct_settings(cloud, page_items=page_items)
    vendor = CtCloud(settings, inbox, asker, gathering)  # type: ignore[arg-type]
    play(rounds, lambda _step: cloud.items.append(item(len(cloud.items))), (inbox, asker, vendor, gathering))

    came = [each["number"] for body in inbox.bodies() for each in body["items"]]
    assert set(came) == set(range(len(cloud.items)))
    if not any(full_at for _, _, full_at in rounds):
        assert came == sorted(set(came))
