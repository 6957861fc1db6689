"""The files of a sandbox: market, network operator, news of exchanges, truth, and what makes two runs alike."""

import csv
import json
import signal
import sys
import threading
import time
import tomllib
import zipfile
from collections import Counter
from pathlib import Path
from xml.etree import ElementTree as ET

import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
import requests

from sanchi.core.base.errors import SetupFault, WrongInput
from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import Connector, Way
from sanchi.edge.sandbox.period import stamp
from sanchi.edge.sandbox.plan import plan_of
from sanchi.edge.sandbox.sandbox import Sandbox
from sanchi.edge.sandbox.tso import home_points
from sanchi.edge.sandbox.world import make_world
from tests.edge.sandbox.processes import sandbox_process
from tests.edge.sandbox.worlds import BUSY, SAMPLE, SEED, busy_world, order_of, quiet_world

DAY_S = 86_400


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def document_of(path: Path) -> ET.Element:
    with zipfile.ZipFile(path) as archive:
        (name,) = archive.namelist()
        assert name == path.name.replace(".zip", ".xml")
        return ET.fromstring(archive.read(name))


def bytes_below(folder: Path) -> dict[str, bytes]:
    skipped = {"places.json", "collect.toml"}  # ports are of the run
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name not in skipped
    }


class TestMarket:
    def test_every_home_has_meters_with_addresses_of_its_way(self, started):
        sandbox = started(plan=None)
        meters = rows_of(sandbox.folder / "market" / "meters.csv")
        addresses = [row["address"] for row in meters]

        assert len(set(addresses)) == len(addresses)
        for cast in sandbox.world.casts:
            own = {row["meter_id"]: row for row in meters if row["party_id"] == cast.home}
            grid = own[f"{cast.home}-grid"]
            assert (grid["unit_wh"], grid["digits"], grid["source"]) == ("100", "6", "b_route")
            twins = {name for name, row in own.items() if row["same_as"] == f"{cast.home}-grid"}
            if cast.way is Way.GATEWAY:
                assert grid["address"] == f"{cast.meter_device.device_id}/028801"
                assert not twins
                assert (f"{cast.home}-battery" in own) == cast.has_battery
            else:
                assert grid["address"] == cast.meter_device.device_id
                assert len(twins) == (3 if cast.way is Way.CLOUDS_TSO else 1)

    def test_master_data_are_those_of_the_homes_that_take_part(self, started):
        sandbox = started(plan=None)
        homes = {cast.home for cast in sandbox.world.casts}
        plants = {row["home_id"] for row in rows_of(sandbox.folder / "market" / "plants.csv")}
        terms = tomllib.loads((sandbox.folder / "market" / "market.toml").read_text())["market"]

        assert plants == homes
        assert {row["home_id"] for row in rows_of(sandbox.folder / "market" / "choices.csv")} <= homes
        assert str(terms["last_delivery_date"]) == "2020-12-03"

    def test_collect_finds_every_door_in_its_configuration(self, started):
        sandbox = started(plan=None)
        document = tomllib.loads((sandbox.folder / "collect.toml").read_text())

        assert [table["kind"] for table in document["connector"]] == ["ct_cloud", "gateway_cloud", "folder"]
        assert {table.get("url") for table in document["connector"]} >= {
            sandbox.places.ct_cloud,
            sandbox.places.br_cloud,
        }
        for table in document["connector"]:
            if "secret_file" in table:
                assert (sandbox.folder / table["secret_file"]).read_text().strip()

    def test_an_exchange_is_announced_when_it_is_said_to_and_not_before(self, started):
        sandbox = started()
        told = [f for f in sandbox.world.faults if f.kind is FaultKind.EXCHANGE]
        announced = [f for f in told if f.figures["announced_after_s"] >= 0]
        assert announced
        fault = announced[0]
        at_s = fault.to_s + fault.figures["announced_after_s"]
        sandbox.move(at_s - 1)
        assert not list((sandbox.folder / "announced").glob(f"*-{fault.home}"))
        sandbox.move(at_s)
        (folder,) = (sandbox.folder / "announced").glob(f"*-{fault.home}")
        old, new = rows_of(folder / "meters.csv")
        counts = {
            (r["meter_id"], r["channel"]): int(r["register_count"]) for r in rows_of(folder / "registers-exchange.csv")
        }
        stream = next(
            s for s in sandbox.world.streams if s.device.device_id == fault.device_id and "import" in s.numbers
        )
        row = int((stream.about_s < fault.from_s).sum())

        assert old["removed_at"] == new["installed_at"] == stamp(fault.from_s)
        assert old["address"] == new["address"]
        assert counts[new["meter_id"], "import"] == stream.numbers["import"][row]
        # The energy of the last half hour of the old meter is what its last two counts say.
        truth_wh = int(sandbox.world.truth.homes[fault.home]["import"][row - 1])
        step_wh = (counts[old["meter_id"], "import"] - int(stream.held["import"][row - 1])) % 10**6 * 100
        assert abs(step_wh - truth_wh) < 100

    def test_an_exchange_that_nobody_tells_of_stays_untold(self, started):
        sandbox = started()
        silent = [
            f for f in sandbox.world.faults if f.kind is FaultKind.EXCHANGE and f.figures["announced_after_s"] < 0
        ]
        assert silent
        sandbox.move(sandbox.world.period.last_s + 30 * DAY_S)
        told = {path.name[11:] for path in (sandbox.folder / "announced").iterdir()}

        assert told == {f.home for f in sandbox.world.faults if f.kind is FaultKind.EXCHANGE and f not in silent}


class TestNetworkOperator:
    def test_daily_files_come_at_three_of_the_next_day(self, started):
        sandbox = started(plan=None)
        first_s = sandbox.world.period.first_s
        sandbox.move(first_s + DAY_S + 3 * 3600 - 1)
        assert not list((sandbox.folder / "tso").iterdir())
        sandbox.move(first_s + DAY_S + 3 * 3600)

        names = sorted(path.name for path in (sandbox.folder / "tso").iterdir())
        assert names == ["W401202020112000000001.zip", "W411202020112000000001.zip"]

    def test_a_day_of_the_low_voltage_is_the_truth_within_a_step(self, started):
        sandbox = started(plan=None)
        sandbox.move(sandbox.world.period.first_s + 2 * DAY_S)
        root = document_of(sandbox.folder / "tso" / "W411202020112000000001.zip")
        slots = root.findall("JPMGRP/JPTRM/JPM00010/JPMR00010")
        assert [slot.findtext("JP06219") for slot in slots] == [f"{n:02d}" for n in range(1, 49)]
        sums = Counter()
        for detail in root.iter("JPMR00011"):
            assert detail.findtext("JP06122") == "0"
            whole, _, part = (detail.findtext("JP06125") or "").partition(".")
            point = detail.findtext("JP06400") or ""
            sums[point] += int(whole) * 1000 + int(part) // 10
        casts = [cast for cast in sandbox.world.casts if cast.way is Way.CLOUDS_TSO]

        assert len(sums) == 2 * len(casts)
        for cast in casts:
            energies = sandbox.world.truth.homes[cast.home]
            assert abs(sums[cast.import_point] - energies["import"][:48].sum()) < 100
            assert abs(sums[cast.export_point] - energies["export"][:48].sum()) < 100

    def test_the_use_of_buyers_is_the_truth_to_the_watt_hour(self, started):
        sandbox = started(plan=None)
        sandbox.move(sandbox.world.period.first_s + 2 * DAY_S)
        root = document_of(sandbox.folder / "tso" / "W401202020112000000001.zip")
        meters = {r["address"]: r["meter_id"] for r in rows_of(sandbox.folder / "market" / "meters.csv")}
        sums = Counter()
        for detail in root.iter("JPMR00011"):
            whole, _, part = (detail.findtext("JP06123") or "").partition(".")
            meter_id = meters[detail.findtext("JP06400") or ""]
            sums[meter_id] += int(whole) * 1000 + int(part) // 10

        assert sums == {name: int(wh[:48].sum()) for name, wh in sandbox.world.truth.uses.items()}

    def test_the_confirmed_month_comes_on_the_fifth_working_day_and_agrees_with_its_days(self, started):
        sandbox = started(plan=None)
        sandbox.move(sandbox.world.period.first_s + 17 * DAY_S + 3 * 3600 - 1)  # Monday, 7 December 2020
        assert not list((sandbox.folder / "tso").glob("W5*"))
        sandbox.move(sandbox.clock.now_s + 1)
        root = document_of(sandbox.folder / "tso" / "W51220202011010000001.zip")
        cast = next(cast for cast in sandbox.world.casts if cast.way is Way.CLOUDS_TSO)
        row = next(r for r in root.iter("JPMR00010") if r.findtext("JP06400") == cast.import_point)
        told = [float(slot.findtext("JP06424") or "") * 1000 for slot in row.iter("JPMR00014")]

        assert row.findtext("JP06405") == "0"
        assert [day.findtext("JP06423") for day in row.iter("JPMR00013")] == [f"202011{n}" for n in range(20, 31)]
        assert [round(wh) for wh in told] == home_points(cast, sandbox.world)[0].energy_wh[: 11 * 48].tolist()


class TestTruth:
    def test_truth_tells_energies_faults_and_everything_that_is_sent(self, started):
        sandbox = started()
        truth = sandbox.folder / "truth"
        faults = [json.loads(line) for line in (truth / "faults.jsonl").read_text().splitlines()]
        energies = pq.read_table(truth / "energies.parquet")
        sent = pq.read_table(truth / "sent.parquet")

        assert [fault["fault_no"] for fault in faults] == list(range(len(sandbox.world.faults)))
        assert {fault["kind"] for fault in faults} == {kind.value for kind in FaultKind}
        assert energies.column_names == ["home", "channel", "delivery_date", "slot_no", "energy_wh"]
        for connector, sendings in sandbox.world.sendings.items():
            assert pc.sum(pc.equal(sent["connector"], connector.value)).as_py() == sendings.arrival_s.size

    def test_what_is_served_until_an_instant_is_what_truth_says_is_visible(self, started):
        sandbox = started()
        sandbox.move(sandbox.world.period.first_s + 6 * DAY_S)
        sent = pq.read_table(sandbox.folder / "truth" / "sent.parquet")
        told = requests.get(f"{sandbox.places.control}/control/state", timeout=10).json()["sent"]
        visible = pc.less_equal(sent["visible_at"].cast("int64"), sandbox.clock.now_s * 10**6)
        for connector in Connector:
            own = pc.and_(pc.equal(sent["connector"], connector.value), visible)
            assert pc.sum(own).as_py() == told[connector.value] > 0


class TestSameBytes:
    def test_the_same_seed_and_plan_give_the_same_files(self, started):
        bytes_of = []
        for name in ("one", "two"):
            sandbox = started(name)
            sandbox.move(sandbox.world.period.last_s)
            bytes_of.append(bytes_below(sandbox.folder))

        assert bytes_of[0] == bytes_of[1]
        assert len(bytes_of[0]) > 30

    def test_a_world_made_anew_is_the_same_world(self):
        world = busy_world()
        again = make_world(
            SAMPLE, plan_of(BUSY, "plan"), SEED, first_date=world.period.first_date,
            last_date=world.period.last_date, n_homes=len(world.casts),
        )  # fmt: skip

        assert again.casts == world.casts
        assert again.faults == world.faults
        assert again.truth.tables().equals(world.truth.tables())
        for connector, sendings in world.sendings.items():
            assert again.sendings[connector].table().equals(sendings.table())
        for stream, other in zip(world.streams, again.streams, strict=True):
            assert all((number == other.numbers[name]).all() for name, number in stream.numbers.items())

    def test_a_folder_of_another_world_is_refused(self, started, tmp_path):
        started("one")
        with pytest.raises(SetupFault, match="another seed"):
            Sandbox(order_of(tmp_path / "one", plan=None), quiet_world(), SAMPLE)

    def test_a_sandbox_started_again_answers_the_same_bytes(self, started):
        first = started("one")
        first.move(first.world.period.first_s + 3 * DAY_S)

        def told(sandbox: Sandbox) -> list[bytes]:
            key = {"X-Api-Key": "sandbox-key"}
            urls = (f"{sandbox.places.br_cloud}/api/gateways", f"{sandbox.places.br_cloud}/api/readings?offset=700")
            return [requests.get(url, headers=key, timeout=10).content for url in urls]

        before = told(first)
        first.stop()
        second = started("one")

        assert second.clock.now_s == first.clock.now_s
        assert told(second) == before
        assert len(before[1]) > 10_000


class TestCommand:
    def test_it_tells_where_everything_is_and_goes_on_after_a_kill(self, tmp_path):
        command = [
            sys.executable, "-m", "sanchi", "sandbox", "meters", "--folder", str(tmp_path / "sandbox"), "--seed", "7",
            "--homes", "3", "--to", "2020-11-22", "--json",
        ]  # fmt: skip
        for n, signal_no in enumerate((signal.SIGKILL, signal.SIGTERM)):
            with sandbox_process(command) as running:
                assert running.stdout is not None
                places = json.loads(running.stdout.readline())
                assert places["now"] == ("2020-11-19T23:30:00+09:00", "2020-11-21T00:00:00+09:00")[n]
                moved = requests.post(
                    f"{places['control']}/control/clock", json={"now": "2020-11-21T00:00:00+09:00"}, timeout=60
                )
                assert moved.status_code == 200
                running.send_signal(signal_no)
                running.wait(30)
            assert running.returncode == (0 if signal_no is signal.SIGTERM else -signal.SIGKILL)

    def test_real_time_moves_by_itself(self, started):
        sandbox = started(plan=None)
        begun_s = sandbox.clock.now_s
        moving = threading.Thread(target=sandbox.run_in_real_time)
        moving.start()
        for _ in range(200):
            if sandbox.clock.now_s > begun_s:
                break
            time.sleep(0.05)
        sandbox.stop()
        moving.join()

        assert begun_s < sandbox.clock.now_s < begun_s + 60


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"n_homes": 2}, "2 homes"),
        ({"n_homes": 53}, "53 homes"),
        (
            {"first_date": busy_world().period.last_date, "last_date": busy_world().period.first_date},
            "cannot be played",
        ),
    ],
)
def test_what_cannot_be_played_is_refused(options, named):
    with pytest.raises(WrongInput, match=named):
        make_world(SAMPLE, plan_of("", "plan"), 1, **options)
