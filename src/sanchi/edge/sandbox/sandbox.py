"""A running sandbox: the world, its time, its servers, its files.

Enter: an order. Leave: servers on 127.0.0.1 and a folder. Not here: what is sent (world), command lines.
"""

import json
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.app.sandbox_order import SandboxOrder, SandboxPlaces
from sanchi.core.base.errors import SetupFault, WrongInput
from sanchi.edge.sandbox.br_cloud import API_KEY, BrCloud
from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.clock import Clock
from sanchi.edge.sandbox.control import Control
from sanchi.edge.sandbox.ct_cloud import CLIENT_ID, CLIENT_SECRET, CtCloud
from sanchi.edge.sandbox.gateways import Gateways
from sanchi.edge.sandbox.histories import Histories
from sanchi.edge.sandbox.market import announced_exchanges, write_exchange, write_market
from sanchi.edge.sandbox.period import DAY_S, SLOT_S, date_of, midnight_s, stamp
from sanchi.edge.sandbox.plan import read_plan
from sanchi.edge.sandbox.sendings import instants_of
from sanchi.edge.sandbox.serving import Server
from sanchi.edge.sandbox.tso import NetworkOperator
from sanchi.edge.sandbox.world import World, make_world

TICK_S: Final = 1.0
BROKER_CONF: Final = """\
# A broker for a sandbox: this machine only, nothing dropped while `sanchi collect` is away.
listener {port} 127.0.0.1
allow_anonymous true
max_queued_messages 0
max_inflight_messages 1000
"""


def ordered_world(order: SandboxOrder, sample: Path) -> World:
    """Decide the world that an order asks for. Raises: WrongInput."""
    return make_world(
        sample,
        read_plan(order.plan),
        order.seed_no,
        first_date=order.first_date,
        last_date=order.last_date,
        n_homes=order.home_count,
    )


class Sandbox:
    """The outside world of a market. start() begins, move() lets time pass, stop() ends; all may be repeated."""

    def __init__(self, order: SandboxOrder, world: World, sample: Path) -> None:
        """Write what does not change, and take the time from the folder. Raises: WrongInput, SetupFault."""
        self.order = order
        self.folder = order.folder
        self.world = world
        for name in ("state", "truth", "tso", "announced", "secrets"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        self._claim()
        write_market(self.world, sample, self.folder / "market")
        self.operator = NetworkOperator(self.world)
        self._exchanges = announced_exchanges(self.world)
        self.clock = Clock(self.folder / "state" / "clock.json", self.world.period.first_s - SLOT_S)
        self.histories = Histories(self.world, self.folder / "state" / "history-days.json")
        self.gateways = self._gateways()
        self._servers: list[Server] = []
        self._ending = threading.Event()
        self._places: SandboxPlaces | None = None

    def _claim(self) -> None:
        """Refuse a folder that holds another world: its time and truth would not be this one's."""
        period = self.world.period
        mine = {
            "seed": self.order.seed_no,
            "first_date": str(period.first_date),
            "last_date": str(period.last_date),
            "homes": [cast.home for cast in self.world.casts],
            "faults": [fault.document() for fault in self.world.faults],
        }
        path = self.folder / "state" / "world.json"
        text = json.dumps(mine, ensure_ascii=False, sort_keys=True) + "\n"
        if path.exists() and path.read_text(encoding="utf-8") != text:
            raise SetupFault(
                f"{self.folder} holds a sandbox of another seed, plan or time.", hint="Name an empty --folder."
            )
        if path.exists():
            return
        write_truth(self.world, self.folder / "truth")
        path.write_text(text, encoding="utf-8")

    def _gateways(self) -> Gateways | None:
        """Prepare the gateways where there is a broker."""
        if self.order.broker is None:
            return None
        host, _, port = self.order.broker.rpartition(":")
        if not host or not port.isdigit():
            raise WrongInput(
                f"--broker is {self.order.broker!r}, expected HOST:PORT.", hint="For example 127.0.0.1:1883."
            )
        return Gateways(self.world, self.histories, self.clock, (host, int(port)))

    def start(self) -> SandboxPlaces:
        """Open the servers and connect the gateways; write where everything is. Raises: SetupFault."""
        control = Control(self.clock, self.move, self.state)
        ct_url = self._serve(CtCloud(self.world, self.clock), self.order.ct_port_no)
        br_url = self._serve(BrCloud(self.world, self.clock), self.order.br_port_no)
        control_url = self._serve(control, self.order.control_port_no)
        self._places = SandboxPlaces(
            folder=self.folder,
            ct_cloud=ct_url,
            br_cloud=br_url,
            control=control_url,
            broker=self.order.broker or "",
            now=stamp(self.clock.now_s),
            next_day=stamp(midnight_s(date_of(self.clock.now_s + SLOT_S)) + DAY_S),
            fault_count=len(self.world.faults),
            home_count=len(self.world.casts),
        )
        self._write_places(self._places)
        if self.gateways is not None:
            self.gateways.start(self.clock.now_s)
        # A sandbox that was killed may have lost the files of its last half hour.
        self._drop_files(0)
        return self._places

    @property
    def places(self) -> SandboxPlaces:
        """Tell where the parts of a started sandbox are."""
        assert self._places is not None, "the sandbox was not started"
        return self._places

    def _serve(self, application: Any, port: int) -> str:
        """Serve an application; gives its address."""
        self._servers.append(Server(application, port))
        return self._servers[-1].url

    def end(self) -> None:
        """Let wait() or run_in_real_time() come back; safe from a handler of signals."""
        self._ending.set()

    def wait(self) -> None:
        """Wait until end()."""
        self._ending.wait()

    def stop(self) -> None:
        """Close the servers and disconnect the gateways."""
        self._ending.set()
        if self.gateways is not None:
            self.gateways.stop()
        for server in self._servers:
            server.stop()
        self._servers.clear()

    def move(self, to_s: int) -> Mapping[str, int]:
        """Let time pass, half hour by half hour; each is done before the next begins."""
        counts = {"frames": 0, "files": 0}
        while self.clock.now_s < to_s:
            after_s = self.clock.now_s
            until_s = to_s if self.gateways is None else min(to_s, (after_s // SLOT_S + 1) * SLOT_S)
            if self.gateways is not None:
                counts["frames"] += self.gateways.play(after_s, until_s)
            # What a half hour sends is sent before the clock shows its end: a killed sandbox sends it again.
            self.clock.move(until_s)
            counts["files"] += self._drop_files(after_s)
        return counts

    def run_in_real_time(self) -> None:
        """Let time pass as it does on the wall, until end()."""
        began_s, sandbox_s = time.monotonic(), self.clock.now_s
        while not self._ending.wait(TICK_S):
            self.move(sandbox_s + int(time.monotonic() - began_s))

    def _drop_files(self, after_s: int) -> int:
        """Write the network operator's files and the news of exchanges due after an instant until now."""
        n_files = 0
        for due in self.operator.due:
            path = self.folder / "tso" / due.file_name
            if after_s < due.due_s <= self.clock.now_s and not path.exists():
                beside = path.with_suffix(".part")
                beside.write_bytes(self.operator.content(due))
                beside.replace(path)
                n_files += 1
        for announced_s, fault in self._exchanges:
            if after_s < announced_s <= self.clock.now_s:
                write_exchange(self.world, fault, announced_s, self.folder / "announced")
        return n_files

    def state(self) -> Mapping[str, Any]:
        """Tell what time it is and what was to be had so far; nothing of the truth."""
        now_s = self.clock.now_s
        sent = {name.value: sendings.visible_count(now_s) for name, sendings in self.world.sendings.items()}
        sent[Connector.TSO.value] = sum(due.due_s <= now_s for due in self.operator.due)
        answered = (0, 0)
        if self.gateways is not None:
            answered = (self.gateways.answered_count, self.gateways.answered_reading_count)
        return {
            "now": stamp(now_s),
            "seed": self.order.seed_no,
            "first_date": str(self.world.period.first_date),
            "last_date": str(self.world.period.last_date),
            "sent": sent,
            "answered": {"frames": answered[0], "readings": answered[1]},
        }

    def _write_places(self, places: SandboxPlaces) -> None:
        """Write the addresses for programmes, and a configuration and secrets for `sanchi collect`."""
        told = {"ct_cloud": places.ct_cloud, "br_cloud": places.br_cloud, "control": places.control}
        told |= {"broker": places.broker, "client_id": CLIENT_ID, "client_secret": CLIENT_SECRET, "api_key": API_KEY}
        told |= {"market": "market", "tso": "tso", "announced": "announced"}
        (self.folder / "places.json").write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
        (self.folder / "secrets" / "ct_cloud").write_text(CLIENT_SECRET + "\n", encoding="utf-8")
        (self.folder / "secrets" / "br_cloud").write_text(API_KEY + "\n", encoding="utf-8")
        port = places.broker.rpartition(":")[2] or "1883"
        (self.folder / "mosquitto.conf").write_text(BROKER_CONF.format(port=port), encoding="utf-8")
        (self.folder / "collect.toml").write_text(collect_toml(places), encoding="utf-8")


def collect_toml(places: SandboxPlaces) -> str:
    """Write the configuration with which `sanchi collect` reads this sandbox."""
    ct_lines = ('name = "ct_cloud"', 'kind = "ct_cloud"', f'url = "{places.ct_cloud}"', f'client_id = "{CLIENT_ID}"')
    br_lines = ('name = "br_cloud"', 'kind = "gateway_cloud"', f'url = "{places.br_cloud}"')
    tables = [
        (*ct_lines, 'secret_file = "secrets/ct_cloud"'),
        (*br_lines, 'secret_file = "secrets/br_cloud"'),
        ('name = "tso"', 'kind = "folder"', 'folder = "tso"'),
    ]
    if places.broker:
        host, _, port = places.broker.rpartition(":")
        tables.insert(0, ('name = "mqtt"', 'kind = "mqtt"', f'host = "{host}"', f"port = {port}", "tls = false"))
    return "\n".join("\n".join(("[[connector]]", *lines, "")) for lines in tables)


def write_truth(world: World, folder: Path) -> None:
    """Write what is kept aside: energies, faults, and every sending with its readings."""
    pq.write_table(world.truth.tables(), folder / "energies.parquet")
    lines = [json.dumps(fault.document(), ensure_ascii=False) + "\n" for fault in world.faults]
    (folder / "faults.jsonl").write_text("".join(lines), encoding="utf-8")
    parts = [sendings.table() for sendings in world.sendings.values()]
    pq.write_table(pa.concat_tables([*parts, tso_table(NetworkOperator(world))]), folder / "sent.parquet")


def tso_table(operator: NetworkOperator) -> pa.Table:
    """Give a row for each file of the network operator, in the columns of Sendings.table()."""
    due = operator.due
    instants = instants_of(np.array([each.due_s for each in due], dtype=np.int64))
    n_files = len(due)
    return pa.table(
        {
            "connector": pa.array([Connector.TSO.value] * n_files, pa.string()),
            "home": pa.array([""] * n_files, pa.string()),
            "device": pa.array([each.file_name for each in due], pa.string()),
            "thing": pa.array([each.kind for each in due], pa.string()),
            "about": instants,
            "visible_at": instants,
            "reading_count": pa.array([operator.reading_count(each) for each in due], pa.int32()),
            "fault_no": pa.array([-1] * n_files, pa.int32()),
        }
    )
