"""`sanchi top-up`: what it declines changes nothing, what it covers it covers once."""

import json
from pathlib import Path

import pytest

from sanchi.app.deliveries import FileKind
from sanchi.app.master_data import MASTER_COLUMNS
from tests.edge.cli.prepared_home import assert_refused, untouched
from tests.start.homes import Home

LOT = "L1,shop,NFC,A-001,A-100,100000,2020-10-01,2020-10-31,solar,Solar park,Chiba,F1,invoice 7"


@pytest.fixture
def lots(tmp_path: Path) -> Path:
    return write(tmp_path / "outside_lots.csv", LOT)


def write(path: Path, *rows: str) -> Path:
    path.write_text("\n".join([",".join(MASTER_COLUMNS[FileKind.OUTSIDE_LOTS]), *rows, ""]), encoding="utf-8")
    return path


def close_november(home: Home) -> None:
    ran = home.run("close-month", "2020-11", "--on", "2021-01-31")
    assert ran.exit_code == 0, ran.err


class TestDeclined:
    def test_without_anything_to_do(self, home: Home):
        with untouched(home):
            ran = home.run("top-up")

        assert_refused(ran, "Neither lots nor a month were named.", "Name --lots FILE, --month YYYY-MM, or both.")

    def test_of_a_month_that_is_open(self, home: Home, lots: Path):
        assert home.run("top-up", "--lots", str(lots)).exit_code == 0

        with untouched(home):
            ran = home.run("top-up", "--month", "2020-11")

        assert_refused(
            ran,
            "MONTH_NOT_CLOSED: 2020-11 is not closed yet, so what roofs cover of it may still change.",
            "Close it first: sanchi close-month 2020-11",
        )

    @pytest.mark.parametrize("buyer", ["nobody", "H1", "R01"])
    def test_of_no_buyer(self, home: Home, buyer: str):
        with untouched(home):
            ran = home.run("top-up", "--month", "2020-11", "--buyer", buyer)

        assert_refused(ran, f"Market small has no buyer {buyer}.", "Name a party_id with the role buyer.")

    @pytest.mark.parametrize("month", ["2020-13", "November", "2020-11-01"])
    def test_of_no_month(self, home: Home, lots: Path, month: str):
        with untouched(home):
            ran = home.run("top-up", "--lots", str(lots), "--month", month)

        assert_refused(ran, f"'{month}' is not a month.", "Write it as YYYY-MM, for example 2020-12.")

    def test_of_a_buyer_without_a_month(self, home: Home, lots: Path):
        with untouched(home):
            ran = home.run("top-up", "--lots", str(lots), "--buyer", "shop")

        assert_refused(ran, "--buyer belongs to a month.", "Name it with --month YYYY-MM.")

    def test_of_a_file_of_another_kind(self, home: Home, tmp_path: Path):
        path = tmp_path / "outside_claims.csv"
        path.write_text(",".join(MASTER_COLUMNS[FileKind.OUTSIDE_CLAIMS]) + "\n")

        with untouched(home):
            ran = home.run("top-up", "--lots", str(path))

        assert_refused(ran, f"{path} is no file of lots.", "Name it outside_lots.csv (docs/formats.md).")

    def test_of_a_lot_told_otherwise(self, home: Home, lots: Path, tmp_path: Path):
        assert home.run("top-up", "--lots", str(lots)).exit_code == 0
        other = write(tmp_path / "outside_lots-2.csv", LOT.replace("100000", "200000"))

        with untouched(home):
            ran = home.run("top-up", "--lots", str(other))

        assert_refused(
            ran,
            "IDEMPOTENCY_CONFLICT: the lot L1 is registered already, with another content.",
            "A lot never changes; register what is new under a lot_id of its own.",
        )

    def test_of_serials_that_are_registered(self, home: Home, lots: Path, tmp_path: Path):
        assert home.run("top-up", "--lots", str(lots)).exit_code == 0
        other = write(tmp_path / "outside_lots-2.csv", LOT.replace("L1", "L2").replace("A-001,A-100", "A-100,A-101"))

        with untouched(home):
            ran = home.run("top-up", "--lots", str(other))

        assert_refused(
            ran,
            "SERIALS_OVERLAP: serials of NFC from A-100 on stand in more than one lot: L1 and L2.",
            "Each certificate of a scheme can be registered once; compare the serials with its account.",
        )


class TestTopUp:
    def test_covers_a_closed_month_once(self, home: Home, lots: Path):
        close_november(home)

        first = json.loads(home.run("top-up", "--lots", str(lots), "--month", "2020-11", "--json").out)
        with untouched(home):
            again = json.loads(home.run("top-up", "--month", "2020-11", "--json").out)

        (before,), (after,) = (
            [each for each in told["month"]["buyers"] if each["buyer_id"] == "shop"] for told in (first, again)
        )
        covered_wh = before["covered_now_wh"]
        assert 0 < covered_wh <= before["needed_wh"] < before["use_wh"]
        assert covered_wh + before["uncovered_wh"] == before["needed_wh"]
        assert (after["covered_before_wh"], after["covered_now_wh"]) == (covered_wh, 0)
        assert home.run("verify").exit_code == 0

    def test_tells_what_stays_uncovered_and_which_lots_do_not_fit(self, home: Home, tmp_path: Path):
        close_november(home)
        old = write(tmp_path / "outside_lots.csv", LOT.replace("2020-10", "2018-10"))

        ran = home.run("top-up", "--lots", str(old), "--month", "2020-11", "--buyer", "shop")

        assert "topped up 0.000, uncovered " in ran.out
        assert "100.000 kWh of its lots are too old or too new for 2020-11" in ran.out
        wider = home.run("top-up", "--month", "2020-11", "--buyer", "shop", "--vintage-months", "25")
        assert "topped up 0.000" not in wider.out
