"""`sanchi monitor` says whom to call and tells lasting faults once; `sanchi onboarding-check` says what to do."""

import json
from pathlib import Path

import pytest

from tests.edge.cli.prepared_home import assert_refused
from tests.fakes.mail_server import served_mail
from tests.start.homes import Home

AS_OF = ("--now", "2020-12-05T00:00:00+09:00")


def monitor(home: Home, *arguments: str) -> str:
    ran = home.run("monitor", *AS_OF, *arguments)
    assert ran.exit_code == 0, ran.err
    return ran.out


def alerts_toml(folder: Path, port: int) -> Path:
    path = folder / "alerts.toml"
    path.write_text(
        f'[[channel]]\nname = "duty"\nkind = "mail"\nhost = "127.0.0.1"\nport = {port}\ntls = "none"\n'
        'from = "sanchi@example.org"\nto = ["duty@example.org"]\n'
    )
    return path


class TestMonitor:
    def test_says_what_is_broken_and_whom_to_call(self, home: Home):
        said = monitor(home)

        assert "Broken now" in said
        assert "call    the home" in said
        assert "half hours that came within their usual time" in said

    def test_machine_form_has_every_home_and_fault(self, home: Home):
        document = json.loads(monitor(home, "--json"))

        assert document["now"] == "2020-12-05T00:00:00+09:00"
        assert {home["state"] for home in document["homes"]} <= {"up", "degraded", "down", "never"}
        assert sum(home["due_slots"] for home in document["homes"]) == document["due_slots"]
        assert any(fault["last"] is None and fault["remedy"] for fault in document["faults"])

    def test_one_home_is_told_leg_by_leg(self, home: Home):
        name = json.loads(monitor(home, "--json"))["homes"][0]["home"]
        said = monitor(home, "--home", name)

        assert "cloud to sanchi" in said
        assert "gateway to meter" in said

    def test_home_that_is_not_there_is_declined(self, home: Home):
        ran = home.run("monitor", *AS_OF, "--home", "nobody")

        assert_refused(ran, "No meter of 'nobody' is watched.", "Name one of the homes that sanchi monitor lists.")


class TestAlerts:
    def test_each_is_told_once_however_often_it_is_looked_at(self, home: Home, tmp_path: Path):
        with served_mail() as server:
            config = str(alerts_toml(tmp_path, server.port))
            first = json.loads(monitor(home, "--alert", "--config", config, "--json"))
            again = json.loads(monitor(home, "--alert", "--config", config, "--json"))

        assert first["opened"]
        assert first["told"] == {"duty": len(first["opened"])}
        assert again["opened"] == []
        assert again["told"] == {"duty": 0}
        assert len(server.mails) == len(first["opened"])

    def test_server_that_is_away_is_told_and_the_mail_waits(self, home: Home, tmp_path: Path):
        with served_mail() as server:
            config = alerts_toml(tmp_path, server.port)
        ran = home.run("monitor", *AS_OF, "--alert", "--config", str(config), "--json")
        assert ran.exit_code == 3
        failed = json.loads(ran.out)

        with served_mail() as server:
            config = alerts_toml(tmp_path, server.port)
            told = json.loads(monitor(home, "--alert", "--config", str(config), "--json"))

        assert list(failed["failed"]) == ["duty"]
        assert told["told"] == {"duty": len(failed["opened"])}

    def test_file_with_a_secret_in_it_is_declined_and_nobody_is_told(self, home: Home, tmp_path: Path):
        config = alerts_toml(tmp_path, 9)
        config.write_text(config.read_text() + 'password = "x"\n')

        ran = home.run("monitor", *AS_OF, "--alert", "--config", str(config))

        assert ran.exit_code == 2
        assert "would hold a secret" in ran.err


class TestOnboarding:
    def test_file_of_homes_is_told_with_the_riskiest_first(self, home: Home, tmp_path: Path):
        table = tmp_path / "homes.csv"
        table.write_text(
            "home,meter_place,wifi_band,router_in_same_room,distance_m,wifi_dbm,tries,answers,lqi\n"
            "H01,outside_wall,2.4_ghz,yes,5,-50,10,10,120\nH02,metal_box,5_ghz_only,no,18,,,,\n"
        )
        ran = home.run("onboarding-check", str(table))

        assert ran.exit_code == 0, ran.err
        assert ran.out.index("H02") < ran.out.index("H01")
        assert "Switch on 2.4 GHz" in ran.out

    @pytest.mark.parametrize(
        ("row", "said"),
        [
            ("H01,roof,2.4_ghz", "meter_place is 'roof'"),
            ("H01,inside,wlan", "wifi_band is 'wlan'"),
            (",inside,cable", "no home is named"),
            ("H01,inside,cable\nH01,inside,cable", "a second time"),
            ("H01,inside,cable,x", "more fields"),
        ],
    )
    def test_file_with_a_fault_is_declined_by_its_line(self, home: Home, tmp_path: Path, row: str, said: str):
        table = tmp_path / "homes.csv"
        table.write_text(f"home,meter_place,wifi_band\n{row}\n")

        ran = home.run("onboarding-check", str(table))

        assert ran.exit_code == 2
        assert said in ran.err
