"""`sanchi registry` does all of it or nothing, once an id, and says which item cannot be done."""

import json
from pathlib import Path

from tests.start.homes import Home

ASKED = ("--actor", "op1", "--reason", "sold")
GIFT = ("--holder", "R01", "--kind", "surplus", "--energy-wh", "9", "--to", "tower")


def done(home: Home, *arguments: str) -> list[dict]:
    """Run a verb and read what it says to machines."""
    ran = home.run("registry", *arguments, "--json")
    assert ran.exit_code == 0, ran.err
    return json.loads(ran.out)


def shown(home: Home, *arguments: str) -> dict:
    """Read what stands and what was done."""
    return json.loads(home.run("registry", "show", *arguments, "--json").out)


class TestRegistry:
    def test_transfers_once_an_id_and_shows_the_lineage(self, home: Home):
        first = done(home, "transfer", "--id", "t1", *ASKED, *GIFT)

        assert done(home, "transfer", "--id", "t1", *ASKED, *GIFT) == first
        (event,) = [each for each in shown(home, "--holder", "tower")["events"] if each["operation"] == "transfer"]
        assert (event["from_holder_id"], event["to_holder_id"], event["actor"]) == ("R01", "tower", "op1")
        pieces = shown(home, "--certificate", event["certificate_id"])["slices"]
        assert [each["hi_wh"] for each in pieces[:-1]] == [each["lo_wh"] for each in pieces[1:]]
        assert home.run("verify").exit_code == 0

    def test_refuses_another_request_under_an_id(self, home: Home):
        done(home, "transfer", "--id", "t1", *ASKED, *GIFT)

        ran = home.run("registry", "transfer", "--id", "t1", *ASKED, *GIFT[:-1], "shop")

        assert ran.exit_code == 2
        assert "IDEMPOTENCY_CONFLICT" in ran.err

    def test_says_which_item_of_a_file_cannot_be_done_and_does_none(self, home: Home, tmp_path: Path):
        file = tmp_path / "items.jsonl"
        items = [{"holder_id": "R01", "kind": "surplus", "energy_wh": wh, "to_id": "tower"} for wh in (5, 10**9)]
        file.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
        before = shown(home, "--holder", "R01")

        ran = home.run("registry", "transfer", "--id", "t1", *ASKED, "--file", str(file))

        assert ran.exit_code == 2
        assert "NOT_ENOUGH: item 2 of 2" in ran.err
        assert shown(home, "--holder", "R01") == before

    def test_promises_splits_and_gives_up(self, home: Home):
        promise = ("--holder", "R01", "--kind", "surplus", "--energy-wh", "6", "--to", "tower", "--until", "2021-01-31")
        done(home, "reserve", "--id", "r1", *ASKED, *promise, "--today", "2020-12-01")
        (piece,) = [each for each in shown(home, "--holder", "R01")["slices"] if each["state"] == "reserved"]
        cut = ("--lo-wh", str(piece["lo_wh"]), "--hi-wh", str(piece["lo_wh"] + 2))

        (split,) = done(
            home, "split", "--id", "s1", *ASKED, "--certificate", piece["certificate_id"], "--holder", "R01", *cut
        )
        (released,) = done(home, "release", "--id", "r2", *ASKED, "--reservation", "r1")

        assert (split["events"], released["events"], released["energy_wh"]) == (0, 2, 6)

    def test_retires_and_exports_only_what_is_final(self, home: Home):
        use = ("--from", "2020-11-29", "--until", "2020-11-30")
        retire = home.run("registry", "retire", "--id", "c1", *ASKED, "--holder", "tower", "--kind", "surplus",
                          "--to", "tower", *use)  # fmt: skip
        export = home.run("registry", "export", "--id", "e1", *ASKED, "--scheme", "non_fossil", "--holder", "R01",
                          "--kind", "surplus", "--month", "2020-11")  # fmt: skip

        for ran in (retire, export):
            assert ran.exit_code == 2
            assert "WRONG_DAY" in ran.err

    def test_needs_what_its_verb_needs(self, home: Home):
        assert "Nothing is named" in home.run("registry", "transfer", "--id", "t", *ASKED).err
        assert "--until is missing" in home.run("registry", "reserve", "--id", "r", *ASKED, *GIFT).err
        assert "needs an id" in home.run("registry", "transfer", *ASKED, *GIFT).err
        assert "no party nobody" in home.run("registry", "show", "--holder", "nobody").err
