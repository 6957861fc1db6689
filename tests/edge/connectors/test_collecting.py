"""The command runs all connectors of a configuration, ends when it is told to, and says what failed."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from typer.testing import CliRunner

from sanchi.app.collect import CollectOrder
from sanchi.core.base.errors import SanchiError, UnknownRecord, WrongInput
from sanchi.core.base.slots import JST
from sanchi.edge.cli.root import app
from sanchi.edge.connectors.collecting import Collector, collect
from sanchi.edge.connectors.inbox import Inbox
from sanchi.start.opening import StartOpening
from tests.brokers import Broker
from tests.edge.connectors.small_world import (
    FRAME,
    Publisher,
    broker_settings,
    ct_settings,
    events_of,
    folder_settings,
    gateway_settings,
    item,
    item_numbers,
    lines_of,
    quiet_pace,
    reading,
    reading_numbers,
)
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake

ENOUGH_S = 30


def write_configuration(folder: Path, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, broker: Broker) -> Path:
    (folder / "drop").mkdir()
    (folder / "ct.secret").write_text(ct_cloud.CLIENT_SECRET)
    file = folder / "collect.toml"
    file.write_text(
        f"""
[[connector]]
name = "gateways"
kind = "mqtt"
host = "127.0.0.1"
port = {broker.port}
topic_prefix = "{folder.name}"
client_id = "{folder.name[:30]}"
batch = "1s"

[[connector]]
name = "ct"
kind = "ct_cloud"
url = "{ct_cloud.url}"
client_id = "sanchi"
secret_file = "ct.secret"
tries_max = 1

[[connector]]
name = "br"
kind = "gateway_cloud"
url = "{gateway_cloud.url}"
secret_env = "BR_KEY"

[[connector]]
name = "tso"
kind = "folder"
folder = "drop"
settle = "10ms"
every = "1s"
"""
    )
    return file


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """Give a folder whose name is no other test's, as topics and sessions of the shared broker are named after it."""
    folder = tmp_path / f"world-{time.monotonic_ns()}"
    folder.mkdir()
    return folder


@pytest.fixture
def config(place: Path, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, broker: Broker) -> Path:
    return write_configuration(place, ct_cloud, gateway_cloud, broker)


def command(config: Path, *arguments: str) -> list[str]:
    inbox = str(config.parent / "inbox")
    return [sys.executable, "-m", "sanchi", "collect", "--config", str(config), "--inbox", inbox, *arguments]


def run(config: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(config, *arguments), env=environment(), capture_output=True, text=True, check=False, timeout=ENOUGH_S
    )


def environment() -> dict[str, str]:
    return dict(os.environ) | {"BR_KEY": GatewayCloudFake.KEY, "NO_COLOR": "1"}


class TestOnce:
    def test_takes_one_round_of_every_connector_and_tells_of_it(
        self, config: Path, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, broker: Broker
    ):
        stamp = "2020-12-01T15:30:00+09:00"
        run(config, "--once", "--connector", "gateways")
        gateway = Publisher(broker, config.parent.name)
        gateway.say("gw-001", "echonet", FRAME)
        gateway.close()
        ct_cloud.items = [item(1)]
        gateway_cloud.readings = [reading(2, 0)]
        (config.parent / "drop" / "W41110.zip").write_bytes(b"PK")
        finished = run(config, "--once", "--now", stamp, "--json")
        inbox = config.parent / "inbox"

        assert finished.returncode == 0, finished.stderr
        reports = json.loads(finished.stdout)
        assert [(each["connector"], each["item_count"], each["failure"]) for each in reports] == [
            ("gateways", 1, ""),
            ("ct", 1, ""),
            ("br", 1, ""),
            ("tso", 1, ""),
        ]
        kinds = ("frames", "ctcloud", "gatewaycloud")
        assert [line["received_at"] for kind in kinds for line in lines_of(inbox, kind)] == [stamp] * 3
        assert sum(each["file_count"] for each in reports) == len([file for file in inbox.iterdir() if file.is_file()])
        assert finished.stderr.splitlines()[0].startswith(f"{stamp} INFO ")

    def test_ends_with_another_code_when_a_connector_failed_and_keeps_the_others(
        self, config: Path, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake
    ):
        ct_cloud.plan("/v1/measurements", lambda _request: lambda _environ, _start: 1 / 0)
        gateway_cloud.readings = [reading(2, 0)]
        finished = run(config, "--once")

        assert finished.returncode == 3
        assert "failed" in finished.stdout
        assert finished.stdout.count("done") == 3
        assert reading_numbers(config.parent / "inbox") == [2]

    def test_refuses_a_configuration_before_anything_is_asked(self, config: Path, ct_cloud: CtCloudFake):
        config.write_text(config.read_text().replace("tries_max = 1", 'password = "hunter"'))
        finished = run(config, "--once")

        assert finished.returncode == 2
        assert "key password would hold a secret" in finished.stderr
        assert "hunter" not in finished.stderr
        assert ct_cloud.asked == []

    @pytest.mark.parametrize(
        ("arguments", "words"),
        [
            (("--now", "2020-12-01T15:30:00+09:00"), "--once"),
            (("--once", "--now", "2020-12-01T15:30:00"), "+09:00"),
            (("--once", "--now", "noon"), "no stamp"),
            (("--once", "--every", "often"), "no length of time"),
            (("--once", "--connector", "none"), "gateways, ct, br, tso"),
            (("--reread", "gw-001"), "names no day"),
            (("--reread", "gw+1:2020-12-01"), "names no gateway"),
        ],
    )
    def test_refuses_arguments_with_advice(self, config: Path, arguments: tuple[str, ...], words: str):
        inbox = str(config.parent / "inbox")
        asked = ["collect", "--config", str(config), "--inbox", inbox, *arguments]
        finished = CliRunner().invoke(app, asked, obj=StartOpening(), env=environment())

        assert isinstance(finished.exception, SanchiError)
        assert words in str(finished.exception)


class TestServing:
    def test_has_everything_on_disk_when_it_is_told_to_end(self, config: Path, ct_cloud: CtCloudFake, broker: Broker):
        ct_cloud.items = [item(number) for number in range(3)]
        inbox = config.parent / "inbox"
        process = subprocess.Popen(command(config, "--every", "1s"), env=environment(), stderr=subprocess.PIPE)
        gateway = Publisher(broker, config.parent.name)
        end_s = time.monotonic() + ENOUGH_S
        while not lines_of(inbox, "ctcloud") or not (inbox / ".collect" / "state-br.json").parent.exists():
            assert time.monotonic() < end_s
            time.sleep(0.05)
        time.sleep(0.5)
        (config.parent / "drop" / "W41110.zip").write_bytes(b"PK")
        for number in range(5):
            gateway.say("gw-001", "echonet", bytes([number]))
        gateway.close()
        time.sleep(1.5)
        process.send_signal(signal.SIGTERM)
        _, told = process.communicate(timeout=ENOUGH_S)

        assert process.returncode == 0
        assert item_numbers(inbox) == [0, 1, 2]
        assert [line["frame"] for line in lines_of(inbox, "frames")] == ["00", "01", "02", "03", "04"]
        assert len(list(inbox.glob("W4*"))) == 1
        assert not list(inbox.glob(".*.part"))
        assert GatewayCloudFake.KEY not in told.decode()
        assert CtCloudFake.CLIENT_SECRET not in told.decode()


class TestCollector:
    def test_takes_many_rounds_with_a_clock_that_is_moved(
        self, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, broker: Broker, tmp_path: Path
    ):
        now = [datetime(2020, 12, 1, tzinfo=JST)]
        (tmp_path / "drop").mkdir()
        settings = (
            broker_settings(broker, "moved"),
            ct_settings(ct_cloud),
            gateway_settings(gateway_cloud),
            folder_settings(tmp_path / "drop"),
        )
        with Inbox(tmp_path / "inbox", lambda: now[0]).opened() as inbox:
            collector = Collector(settings, inbox, quiet_pace())
            for number in range(10):
                ct_cloud.items.append(item(number))
                now[0] = now[0].replace(hour=number)
                assert not any(report.failure for report in collector.round())
            collector.close()

        hours = [datetime.fromisoformat(line["received_at"]).hour for line in lines_of(inbox.folder, "ctcloud")]
        assert hours == list(range(10))
        assert ct_cloud.token_count == 10  # a token lasts an hour by the clock that is moved

    def test_lets_no_fault_of_one_connector_end_the_others(
        self, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, tmp_path: Path
    ):
        gateway_cloud.readings = [reading(1, 0)]
        with Inbox(tmp_path / "inbox", lambda: datetime(2020, 12, 1, tzinfo=JST)).opened() as inbox:
            (inbox.state_folder / "state-ct-east.json").write_text("damaged")
            collector = Collector((ct_settings(ct_cloud), gateway_settings(gateway_cloud)), inbox, quiet_pace())
            failed, fine = collector.round()
            collector.close()

        assert "begins anew" in failed.failure
        assert not fine.failure
        assert events_of(inbox.folder) == [("poll_ok", "br", 1)]


class TestOrder:
    def test_of_a_standing_clock_needs_a_single_round(self, tmp_path: Path):
        order = CollectOrder(
            config_file=tmp_path / "collect.toml",
            inbox_folder=tmp_path / "inbox",
            is_once=False,
            received_at=datetime(2020, 12, 1, tzinfo=JST),
        )
        with pytest.raises(WrongInput, match="stands still"):
            collect(order)

    def test_of_an_unknown_connector_lists_the_known(self, tmp_path: Path):
        (tmp_path / "collect.toml").write_text('[[connector]]\nname = "tso"\nkind = "folder"\nfolder = "drop"\n')
        order = CollectOrder(config_file=tmp_path / "collect.toml", inbox_folder=tmp_path, is_once=True)

        with pytest.raises(UnknownRecord, match="there are: tso"):
            collect(replace(order, connector="other"))
