"""What gateways lost on the way is read again from their meters, before anything of it is estimated."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from subprocess import run
from sys import executable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_django import DjangoDbBlocker

import sanchi
from sanchi.app.sandbox_order import SandboxOrder
from sanchi.core.base.slots import JST, SLOTS_PER_DAY
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from sanchi.edge.sandbox.cast import Connector, HomeCast
from sanchi.edge.sandbox.sandbox import Sandbox, ordered_world
from tests.brokers import Broker, own_broker
from tests.start.homes import Home, Ran

__all__ = ["own_broker"]

SAMPLE = Path(sanchi.__file__).parent / "sample"
FIRST, LAST = date(2020, 11, 20), date(2020, 11, 24)
# Every gateway is cut off from its broker about once, keeps nothing meanwhile, and nothing else goes wrong.
PLAN = """
quiet_half_hours = 2
[device_outage]
per_1000_months = 6000
half_hours = [3, 20]
buffered_permille = 0
"""
N_HOMES = 7
SLOT_S = 1_800
UNIT_WH = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A sandbox, a home that collected from it until the morning after the last day, and an inbox."""

    sandbox: Sandbox
    home: Home
    folder: Path

    @property
    def now(self) -> str:
        return datetime.fromtimestamp(self.sandbox.clock.now_s, JST).isoformat()

    def sanchi(self, *arguments: str, given: str | None = None) -> Ran:
        ended = run(
            [executable, "-m", "sanchi", *arguments],
            env=self.home.environment,
            input=given,
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        return Ran(exit_code=ended.returncode, out=ended.stdout, err=ended.stderr)

    def done(self, *arguments: str, given: str | None = None) -> str:
        ran = self.sanchi(*arguments, given=given)
        assert ran.exit_code == 0, f"{arguments}\n{ran.out}{ran.err}"
        return ran.out

    def collect(self, *further: str, given: str | None = None) -> str:
        config = str(self.folder / "box" / "collect.toml")
        inbox = str(self.folder / "inbox")
        where = ("--config", config, "--inbox", inbox, "--connector", "mqtt", "--now", self.now)
        return self.done("collect", *where, *further, given=given)

    def ingest(self) -> None:
        self.done("ingest", "--inbox", str(self.folder / "inbox"))

    def move(self, now: datetime) -> None:
        self.sandbox.move(int(now.timestamp()))

    @property
    def gateway_homes(self) -> list[HomeCast]:
        gateways = {device.device_id for device in self.sandbox.world.devices(Connector.MQTT)}
        return [cast for cast in self.sandbox.world.casts if cast.meter_device.device_id in gateways]

    def counted_wh(self, cast: HomeCast, channel: str) -> NDArray[np.int64]:
        """Give what the meter's register steps by in every slot of the sandbox, from the truth alone."""
        place = ("import", "export").index(channel)
        first_wh = (cast.import_count, cast.export_count)[place] * UNIT_WH + cast.rest_wh[place]
        counts = (first_wh + np.cumsum(np.r_[0, self.sandbox.world.truth.homes[cast.home][channel]])) // UNIT_WH
        return np.diff(counts) * UNIT_WH


@pytest.fixture
def scene(own_broker: Broker, tmp_path: Path, django_db_blocker: DjangoDbBlocker) -> Iterator[Scene]:
    plan = tmp_path / "plan.toml"
    plan.write_text(PLAN)
    order = SandboxOrder(
        folder=tmp_path / "box",
        seed_no=5,
        plan=plan,
        first_date=FIRST,
        last_date=LAST,
        home_count=N_HOMES,
        broker=f"{own_broker.host}:{own_broker.port}",
    )
    sandbox = Sandbox(order, ordered_world(order, SAMPLE), SAMPLE)
    with django_db_blocker.unblock():
        home = Home.made(tmp_path / "home")
        sandbox.start()
        scene = Scene(sandbox=sandbox, home=home, folder=tmp_path)
        try:
            # The broker keeps what comes from the first connection on.
            scene.collect("--once")
            scene.move(datetime(2020, 11, 25, 10, tzinfo=JST))
            scene.collect("--once")
            scene.done("ingest", str(tmp_path / "box" / "market"))
            scene.ingest()
            yield scene
        finally:
            sandbox.stop()
            home.drop()


def slots_of(scene: Scene, day: date) -> dict[tuple[str, str], Any]:
    """Give energy, quality and method of a home's grid meter by (home, channel), each of shape (48,)."""
    with scene.home.opened() as installation:
        (market_id,) = installation.stores.market.market_ids()
        book = installation.stores.market.book(market_id)
        outcome = installation.stores.days.outcome(market_id, day)
    assert outcome is not None
    values = outcome.slot_values
    meter_nos = {meter.meter_no: str(meter.party_id) for meter in book.meters if meter.meter_id.endswith("-grid")}
    found = {}
    for meter_no, home in meter_nos.items():
        for channel in (Channel.IMPORT, Channel.EXPORT):
            taken = (values.meter_no == meter_no) & (values.channel_no == channel)
            found[home, channel.text] = values.energy_wh[taken], values.quality[taken], values.method_no[taken]
    return found


class TestRereads:
    def test_let_lost_half_hours_become_measured_and_equal_to_what_the_meter_counted(self, scene: Scene):
        outages = [
            fault
            for fault in scene.sandbox.world.faults
            if fault.kind is FaultKind.DEVICE_OUTAGE and fault.connector == Connector.MQTT
        ]
        assert outages, "nothing was lost, so nothing is proven"
        days = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
        scene.done("close-day", f"{FIRST}..{LAST}")
        casts = scene.gateway_homes
        is_filled = [
            np.any(slots_of(scene, day)[cast.home, "import"][1] < Quality.MEASURED) for day in days for cast in casts
        ]
        assert any(is_filled), "every slot was measured, so nothing is proven"

        asked = 0
        while lines := scene.done("rereads", "--now", scene.now, "--per-gateway", "20"):
            asked += len(lines.splitlines())
            told = json.loads(scene.collect("--reread", "-", "--json", given=lines))
            assert {each["state"] for each in told} == {"answered"}
            scene.collect("--once")
            scene.ingest()
        scene.done("close-day", "--revise")

        assert asked <= 2 * len(outages) + len(casts)
        for number, day in enumerate(days):
            found = slots_of(scene, day)
            of_day = slice(number * SLOTS_PER_DAY, (number + 1) * SLOTS_PER_DAY)
            for cast in casts:
                for channel in ("import", "export"):
                    energy_wh, quality, method_no = found[cast.home, channel]
                    assert set(quality.tolist()) == {Quality.MEASURED}
                    assert set(method_no.tolist()) == {Method.COUNTS}
                    np.testing.assert_array_equal(energy_wh, scene.counted_wh(cast, channel)[of_day])
        scene.done("verify")

    def test_are_planned_for_days_that_lack_counts_and_rest_while_nothing_comes(self, scene: Scene):
        lines = scene.done("rereads", "--now", scene.now, "--days", "1000", "--per-gateway", "20").splitlines()
        at = datetime.fromisoformat(scene.now)

        assert lines
        lost = {
            (fault.device_id, day)
            for fault in scene.sandbox.world.faults
            if fault.connector == Connector.MQTT
            for day in (
                datetime.fromtimestamp(stamp_s, JST).date() for stamp_s in range(fault.from_s, fault.to_s, SLOT_S)
            )
        }
        assert {(gateway, date.fromisoformat(day)) for gateway, day in (line.split(":") for line in lines)} == lost
        assert scene.done("rereads", "--now", (at + timedelta(minutes=59)).isoformat()) == ""
        hour_later = (at + timedelta(minutes=61)).isoformat()
        assert len(scene.done("rereads", "--now", hour_later, "--days", "1").splitlines()) == 1
