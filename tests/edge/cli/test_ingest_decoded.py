"""`sanchi ingest` takes what connectors collected into a real home, says so, and `verify` finds nothing to object."""

import json
from pathlib import Path

from tests.edge.cli.prepared_home import assert_refused
from tests.fakes.inbox import ct_line, minutes, write_lines
from tests.start.homes import Home

METER = "CT9,H1,pv,1,0,2020-12-05T00:00:00+09:00,,4000,ct,ct-009/pv,"
COLUMNS = "meter_id,party_id,channels,unit_wh,digits,installed_at,removed_at,plausible_wh_max,source,address,same_as"
PLACE = {"device_id": "ct-009", "from": "2020-12-25T12:00:00+09:00"}


def fill(inbox: Path) -> None:
    """Drop a meter, minutes of it in two files, and a file that is none."""
    inbox.mkdir()
    write_lines(inbox, "ctcloud-1.jsonl", [ct_line(minutes([-5, *[600] * 19], **PLACE)), "no line"])
    write_lines(inbox, "ctcloud-2.jsonl", [ct_line(minutes([None] * 20 + [1_200] * 10, **PLACE))])
    write_lines(inbox, "ctcloud-3.jsonl.part", ["{"])
    write_lines(inbox, "a-letter.txt", ["Good morning"])


def with_meter(home: Home, folder: Path) -> Home:
    path = folder / "meters-ct.csv"
    path.write_text(f"{COLUMNS}\n{METER}\n", encoding="utf-8")
    assert home.run("ingest", str(path)).exit_code == 0
    return home


class TestInbox:
    def test_is_told_file_by_file(self, home: Home, tmp_path: Path):
        fill(tmp_path / "inbox")

        ran = with_meter(home, tmp_path).run("ingest", "--inbox", str(tmp_path / "inbox"))

        assert ran.exit_code == 0, ran.err
        told = [line for line in ran.out.splitlines() if not line.startswith(" ")]
        assert told[0].startswith("a-letter.txt  refused: ")
        assert told[1:] == [
            "ctcloud-1.jsonl  2 records: 19 minutes  2 rejected",
            "ctcloud-2.jsonl  1 record: 10 minutes, 1 half hour",
        ]
        assert "INCOMPLETE_SLOT  meter CT9 pv, 2020-12-25: 1 half hour lacks more than 5 minutes" in ran.out
        assert sorted(path.name for path in (tmp_path / "inbox").iterdir()) == [
            "ctcloud-3.jsonl.part",
            "refused",
            "taken",
        ]

    def test_keeps_every_law(self, home: Home, tmp_path: Path):
        fill(tmp_path / "inbox")
        with_meter(home, tmp_path).run("ingest", "--inbox", str(tmp_path / "inbox"))

        laws = {law["law"]: law for law in json.loads(home.run("verify", "--json").out)}

        assert [name for name, law in laws.items() if not law["holds"]] == []
        assert (laws["RECORDS_DECODED"]["checked"], laws["SLOTS_ADDED_UP"]["checked"]) == (2, 1)

    def test_tells_a_machine_the_same(self, home: Home, tmp_path: Path):
        fill(tmp_path / "inbox")

        ran = with_meter(home, tmp_path).run("ingest", "--inbox", str(tmp_path / "inbox"), "--json")

        refused, first, second = json.loads(ran.out)
        assert refused["file"] == "a-letter.txt"
        assert first["decoded"]["parts"] == 19
        assert [each["code"] for each in first["incomplete"]] == ["INCOMPLETE_SLOT"]
        assert (second["decoded"]["half_hours"], second["incomplete"]) == (1, [])

    def test_and_a_path_are_not_taken_together(self, home: Home, tmp_path: Path):
        for arguments in (("--inbox", str(tmp_path), str(tmp_path)), ()):
            ran = home.run("ingest", *arguments)

            assert_refused(ran, "Name either PATH or --inbox.", "sanchi ingest PATH, or sanchi ingest --inbox FOLDER.")
