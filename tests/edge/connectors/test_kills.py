"""A collector that is killed at any instant loses nothing; what it was busy with comes twice at most."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.brokers import Broker
from tests.edge.connectors.small_world import Publisher, item, item_numbers, lines_of, reading, reading_numbers
from tests.fakes.clouds import CtCloudFake, GatewayCloudFake

ROOT = Path(__file__).resolve().parents[3]
NEVER = 10_000
STEPS_MAX = 60


def configuration(folder: Path, text: str) -> Path:
    file = folder / "collect.toml"
    file.write_text(text)
    return file


def environment() -> dict[str, str]:
    return dict(os.environ) | {
        "PYTHONPATH": str(ROOT),
        "CT_SECRET": CtCloudFake.CLIENT_SECRET,
        "BR_KEY": GatewayCloudFake.KEY,
    }


class Rounds:
    """Rounds of one configuration, each killed after so many steps."""

    def __init__(self, config: Path, inbox: Path) -> None:
        self._program = subprocess.Popen(
            [sys.executable, "-m", "tests.edge.connectors.killed_collector", str(config), str(inbox)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def take(self, step_count: int) -> int:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(f"{step_count}\n")
        self._program.stdin.flush()
        return int(self._program.stdout.readline())

    def close(self) -> None:
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.close()
        self._program.wait(20)
        self._program.stdout.close()


@contextmanager
def rounds_of(folder: Path, text: str) -> Iterator[Rounds]:
    rounds = Rounds(configuration(folder, text), folder / "inbox")
    try:
        yield rounds
    finally:
        rounds.close()


def die_at_every_step(rounds: Rounds, bring: Callable[[int], None]) -> int:
    """Bring something, let a round die one step later than the last, take a whole one. Returns: how many died."""
    for step_count in range(STEPS_MAX):
        bring(step_count)
        ended = rounds.take(step_count)
        assert ended in {-signal.SIGKILL, 0}
        assert rounds.take(NEVER) == 0
        if ended == 0:
            return step_count
    raise AssertionError("a round had more steps than were tried")


def assert_once_or_twice(came: list[int], expected: range) -> None:
    counts = Counter(came)

    assert sorted(counts) == list(expected)
    assert max(counts.values()) <= 2


class TestDeathAtEveryStep:
    def test_loses_no_item_of_a_cursor(self, ct_cloud: CtCloudFake, tmp_path: Path):
        text = (
            f'[[connector]]\nname = "ct"\nkind = "ct_cloud"\nurl = "{ct_cloud.url}"\nclient_id = "sanchi"\n'
            'secret_env = "CT_SECRET"\npage_items = 2\n'
        )

        def bring(_step_no: int) -> None:
            ct_cloud.items += [item(len(ct_cloud.items) + more) for more in range(5)]
            ct_cloud.devices = [{"device_id": "ct-1", "last_seen_at": f"2020-12-01T15:{_step_no:02d}:00+09:00"}]

        with rounds_of(tmp_path, text) as rounds:
            died_count = die_at_every_step(rounds, bring)

        assert died_count >= 10
        assert_once_or_twice(item_numbers(tmp_path / "inbox"), range(len(ct_cloud.items)))
        seen = [line["at"] for line in lines_of(tmp_path / "inbox", "events") if line["event"] == "device_seen"]
        assert len(set(seen)) == died_count + 1

    def test_loses_no_reading_of_a_time_of_upload(self, gateway_cloud: GatewayCloudFake, tmp_path: Path):
        text = (
            f'[[connector]]\nname = "br"\nkind = "gateway_cloud"\nurl = "{gateway_cloud.url}"\nsecret_env = "BR_KEY"\n'
        )

        def bring(step_no: int) -> None:
            count = len(gateway_cloud.readings)
            gateway_cloud.readings += [reading(count + more, minute=step_no // 2) for more in range(4)]

        with rounds_of(tmp_path, text) as rounds:
            died_count = die_at_every_step(rounds, bring)

        assert died_count >= 10
        counts = Counter(reading_numbers(tmp_path / "inbox"))
        assert sorted(counts) == list(range(len(gateway_cloud.readings)))

    def test_loses_no_message_of_a_broker(self, broker: Broker, tmp_path: Path):
        text = (
            f'[[connector]]\nname = "kills"\nkind = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\n'
            'topic_prefix = "kills"\nbatch_messages = 3\n'
        )
        sent_count = 0
        gateway = Publisher(broker, "kills")

        def bring(_step_no: int) -> None:
            nonlocal sent_count
            for _ in range(5):
                gateway.say("gw-001", "echonet", sent_count.to_bytes(4, "big"))
                sent_count += 1

        with rounds_of(tmp_path, text) as rounds:
            assert rounds.take(NEVER) == 0
            died_count = die_at_every_step(rounds, bring)
        gateway.close()

        assert died_count >= 10
        frames = [int(line["frame"], 16) for line in lines_of(tmp_path / "inbox", "frames")]
        assert_once_or_twice(frames, range(sent_count))

    def test_loses_no_dropped_file_and_doubles_none(self, tmp_path: Path):
        text = '[[connector]]\nname = "tso"\nkind = "folder"\nfolder = "drop"\n'
        drop = tmp_path / "drop"
        drop.mkdir()

        def bring(step_no: int) -> None:
            (drop / f"W4-{step_no}.zip").write_text(f"{step_no}")
            (drop / f"W4-{step_no}.zip.done").touch()

        with rounds_of(tmp_path, text) as rounds:
            died_count = die_at_every_step(rounds, bring)

        assert died_count >= 10
        came = sorted(int(file.read_text()) for file in (tmp_path / "inbox").glob("W4-*"))
        assert came == list(range(died_count + 1))
        assert [file.name for file in drop.iterdir()] == ["collected"]


class TestDeathAtRandomInstants:
    def test_of_a_serving_process_loses_nothing(
        self, ct_cloud: CtCloudFake, gateway_cloud: GatewayCloudFake, broker: Broker, tmp_path: Path
    ):
        config = configuration(
            tmp_path,
            f'[[connector]]\nname = "any"\nkind = "mqtt"\nhost = "127.0.0.1"\nport = {broker.port}\n'
            'topic_prefix = "any"\nbatch_messages = 7\nbatch = "1s"\n'
            f'[[connector]]\nname = "ct"\nkind = "ct_cloud"\nurl = "{ct_cloud.url}"\nclient_id = "sanchi"\n'
            'secret_env = "CT_SECRET"\npage_items = 50\nevery = "1s"\n'
            f'[[connector]]\nname = "br"\nkind = "gateway_cloud"\nurl = "{gateway_cloud.url}"\n'
            'secret_env = "BR_KEY"\nevery = "1s"\n',
        )
        inbox = tmp_path / "inbox"
        command = [sys.executable, "-m", "sanchi", "collect", "--config", str(config), "--inbox", str(inbox)]
        gateway_cloud.page_readings = 50
        chance = random.Random(4)
        gateway = Publisher(broker, "any")
        subprocess.run([*command, "--once"], cwd=ROOT, env=environment(), check=True, capture_output=True)
        sent_count = 0
        for _ in range(4):
            process = subprocess.Popen(command, cwd=ROOT, env=environment(), stderr=subprocess.DEVNULL)
            end_s = time.monotonic() + 0.6 + chance.random()
            while time.monotonic() < end_s:
                gateway.say("gw-001", "echonet", sent_count.to_bytes(4, "big"))
                ct_cloud.items.append(item(sent_count))
                gateway_cloud.readings.append(reading(sent_count, minute=sent_count // 9))
                sent_count += 1
                time.sleep(0.01)
            process.kill()
            process.wait()
        gateway.close()
        subprocess.run([*command, "--once"], cwd=ROOT, env=environment(), check=True, capture_output=True)

        frames = {int(line["frame"], 16) for line in lines_of(inbox, "frames")}
        assert frames == set(range(sent_count))
        assert set(item_numbers(inbox)) == set(range(sent_count))
        assert set(reading_numbers(inbox)) == set(range(sent_count))
        assert sent_count > 50
