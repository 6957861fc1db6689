"""`sanchi override` decides about one slot as a delivered file does, and shows reason and person ever after."""

import csv

from tests.start.homes import Home

SLOT = ("P1", "pv", "2020-11-30T12:30:00+09:00")


class TestOverride:
    def test_changes_the_slot_once_its_day_is_closed_again(self, home: Home, tmp_path):
        decided = home.run("override", *SLOT, "set", "--energy-wh", "7", "--reason", "seen on site", "--by", "op1")
        closed = home.run("close-day", "stale")
        exported = home.run("export", "slot-values", "--out", str(tmp_path / "values.csv"))
        audited = home.run("verify")

        assert [ran.exit_code for ran in (decided, closed, exported, audited)] == [0] * 4, audited.out
        assert "1 row  1 day to close again" in decided.out
        with (tmp_path / "values.csv").open(newline="", encoding="utf-8") as file:
            rows = [row for row in csv.DictReader(file) if row["method"] == "agreed"]
        (row,) = rows
        assert (row["meter_id"], row["delivery_date"], row["slot_no"]) == ("P1", "2020-11-30", "25")
        assert (row["energy_wh"], row["quality"], row["reason"], row["decided_by"]) == (
            "7",
            "recovered",
            "seen on site",
            "op1",
        )
        assert row["original_wh"] == row["rule_wh"] != "7"
        assert "P1 pv 2020-11-30 12:30: set to 7 Wh, by op1 on" in audited.out
        assert "seen on site" in audited.out

    def test_without_a_reason_is_refused(self, home: Home):
        ran = home.run("override", *SLOT, "withdraw", "--reason", "", "--by", "op1")

        assert ran.exit_code == 2
        assert "reason is empty, expected a text" in ran.err
