"""`sanchi statement` and `sanchi accounting` tell a finalised month, and refuse what is not there by name."""

import csv
import json
from pathlib import Path

import pytest

from tests.edge.cli.prepared_home import assert_refused
from tests.start.homes import Home

FACTORS = """
[[factor]]
fiscal_year = 2020
menu = "standard"
kind = "adjusted"
co2_g_per_kwh = 441
source = "the retailer's list"
"""


@pytest.fixture
def finalised(home: Home) -> Home:
    """Finalise November."""
    ran = home.run("close-month", "2020-11")
    assert ran.exit_code == 0, ran.err
    return home


class TestStatement:
    def test_writes_a_file_a_buyer_and_format(self, finalised: Home, tmp_path: Path):
        out = tmp_path / "new" / "folder"

        ran = finalised.run(
            "statement", "--month", "2020-11", "--out", str(out), "--format", "csv", "--format", "json", "--json"
        )

        assert ran.exit_code == 0, ran.err
        told = json.loads(ran.out)
        assert sorted(each["file"] for each in told) == sorted(str(path) for path in out.iterdir())
        assert len(told) == 6
        for each in told:
            text = Path(each["file"]).read_text()
            if each["file"].endswith(".json"):
                assert json.loads(text)["energy_wh"] == each["energy_wh"]
            else:
                rows = csv.DictReader(text.splitlines())
                assert sum(int(row["energy_wh"]) for row in rows) == each["energy_wh"]

    def test_writes_one_buyer_in_english(self, finalised: Home, tmp_path: Path):
        ran = finalised.run(
            "statement", "--month", "2020-11", "--buyer", "shop", "--out", str(tmp_path), "--lang", "en"
        )

        assert ran.exit_code == 0, ran.err
        (file,) = tmp_path.glob("*.pdf")
        assert file.name == "small-2020-11-origin-000001.en.pdf"
        assert file.read_bytes().startswith(b"%PDF-")

    def test_of_a_month_without_claims_is_refused(self, home: Home, tmp_path: Path):
        ran = home.run("statement", "--month", "2020-11", "--out", str(tmp_path / "out"))

        assert_refused(
            ran,
            "Nothing was claimed by anybody for 2020-11.",
            "Statements stand on the claims that a month's close makes: sanchi close-month 2020-11",
        )
        assert not (tmp_path / "out").exists()

    def test_into_a_file_is_refused(self, finalised: Home, tmp_path: Path):
        (tmp_path / "file").touch()

        ran = finalised.run("statement", "--month", "2020-11", "--out", str(tmp_path / "file"), "--format", "json")

        assert ran.exit_code == 2
        assert "cannot be written" in ran.err


class TestAccounting:
    def test_prints_shares_and_says_that_there_is_no_factor(self, home: Home):
        ran = home.run("accounting", "--month", "2020-11")

        assert ran.exit_code == 0, ran.err
        assert "with tenants" in ran.out
        assert "no factor for fiscal year 2020" in ran.out

    def test_takes_the_factors_of_the_home(self, home: Home):
        (home.folder / "co2_factors.toml").write_text(FACTORS, encoding="utf-8")

        ran = home.run("accounting", "--month", "2020-11", "--json")

        told = json.loads(ran.out)
        for account in told["accounts"]:
            (co2,) = account["co2"]
            assert co2["uncovered_wh"] == account["total"]["uncovered_wh"]
            assert co2["co2_mg"] == 441 * co2["uncovered_wh"]
            assert account["without_factor_wh"] == {}

    def test_tells_each_hour_and_their_sum(self, home: Home):
        ran = home.run("accounting", "--fiscal-year", "2020", "--buyer", "shop", "--json")

        account = next(each for each in json.loads(ran.out)["accounts"] if each["scope"] == "final")
        assert sum(map(sum, account["hours"]["use_wh"])) == account["total"]["use_wh"]
        assert sum(map(sum, account["hours"]["covered_wh"])) == account["total"]["slot_covered_wh"]
        assert account["hours"]["dates"] == ["2020-11-29", "2020-11-30"]

    def test_writes_every_half_hour_so_that_it_adds_up(self, home: Home, tmp_path: Path):
        ran = home.run("accounting", "--year", "2020", "--csv", str(tmp_path / "slots.csv"))

        assert ran.exit_code == 0, ran.err
        rows = list(csv.DictReader((tmp_path / "slots.csv").read_text().splitlines()))
        assert len(rows) == 4 * 2 * 48
        for row in rows:
            assert int(row["covered_wh"]) + int(row["uncovered_wh"]) == int(row["use_wh"])
            assert int(row["covered_wh"]) + int(row["excess_wh"]) == int(row["received_wh"])

    @pytest.mark.parametrize("period", [(), ("--month", "2020-11", "--year", "2020")])
    def test_without_one_period_is_refused(self, home: Home, period: tuple[str, ...]):
        assert_refused(
            home.run("accounting", *period),
            "Name one period.",
            "Give --month YYYY-MM, --year YYYY or --fiscal-year YYYY.",
        )

    def test_of_an_unknown_buyer_is_refused(self, home: Home):
        ran = home.run("accounting", "--month", "2020-11", "--buyer", "nobody")

        assert_refused(ran, "There is no buyer nobody in this market.", "Its buyers: builder, shop, tower.")
