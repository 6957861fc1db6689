"""`sanchi match` at the real command: what it writes, and what it declines by name without writing anything."""

import csv
import json
import re
from datetime import date
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sanchi.core.matching import recompute_parts
from sanchi.core.matching.home_keys import key_of_name
from tests.edge.cli.matching import CAPACITY, CHOICES, OFFERS, SUPPLY, run_match, write_files

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "match.md"
EATEN = (
    "home,slot_no,buyer,energy_wh\n"
    "H01,25,shop,450\nH01,25,school,250\nH01,25,standard_offer,200\nH02,25,shop,150\nH02,25,standard_offer,150\n"
)


class TestMatch:
    def test_writes_who_got_what_and_the_standard_offer_last(self, tmp_path: Path):
        write_files(tmp_path)

        ran = run_match(tmp_path)

        assert (ran.exit_code, ran.out) == (0, "")
        assert (tmp_path / "out.csv").read_text() == EATEN
        assert ran.err == (
            "2 homes  2 buyers  2 of them closed in some slot\n"
            "supplied 1,200 Wh  matched 850 Wh  standard offer 350 Wh\n"
        )

    def test_rows_in_another_order_give_the_same_bytes(self, tmp_path: Path):
        shuffled = {
            name: "\n".join([text.splitlines()[0], *reversed(text.splitlines()[1:])]) + "\n"
            for name, text in (("supply", SUPPLY), ("capacity", CAPACITY), ("choices", CHOICES))
        }
        write_files(tmp_path, **shuffled)

        assert run_match(tmp_path).exit_code == 0
        assert (tmp_path / "out.csv").read_text() == EATEN

    def test_parquet_with_whole_numbers_as_names_gives_whole_numbers(self, tmp_path: Path):
        write_files(tmp_path)
        pq.write_table(
            pa.table({"home": [10, 9], "slot_no": [25, 25], "supply_wh": [900, 300]}), tmp_path / "s.parquet"
        )
        pq.write_table(pa.table({"home": [10, 9], "rank": [1, 1], "buyer": ["shop", "shop"]}), tmp_path / "c.parquet")
        out = tmp_path / "out.parquet"

        ran = run_match(tmp_path, supply=str(tmp_path / "s.parquet"), choices=str(tmp_path / "c.parquet"), out=str(out))

        assert ran.exit_code == 0, ran.err
        rows = pq.read_table(out)
        assert rows.schema.field("home").type == pa.int64()
        assert rows["home"].to_pylist() == [9, 9, 10, 10]
        assert rows["energy_wh"].to_pylist() == [150, 150, 450, 450]

    def test_closing_times_recompute_every_part(self, tmp_path: Path):
        rng = np.random.default_rng(7)
        supply_wh = rng.integers(0, 2500, (40, 3))
        choices = [rng.permutation(5)[: home % 4].tolist() for home in range(40)]
        rows = [f"H{home},{slot + 20},{supply_wh[home, slot]}" for home in range(40) for slot in range(3)]
        ranked = [f"H{home},{rank},B{buyer}" for home in range(40) for rank, buyer in enumerate(choices[home], start=1)]
        capacity = [f"B{buyer},{slot + 20},{6000 + buyer}" for buyer in range(5) for slot in range(3)]
        write_files(
            tmp_path,
            supply="\n".join(["home,slot_no,supply_wh", *rows]),
            choices="\n".join(["home,rank,buyer", *ranked]),
            capacity="\n".join(["buyer,slot_no,capacity_wh", *capacity]),
        )

        assert run_match(tmp_path, closing_times=str(tmp_path / "times.csv")).exit_code == 0

        table = {(row["buyer"], row["slot_no"]): row for row in read_rows(tmp_path / "times.csv")}
        assert len(table) == 5 * 48
        got = {
            (row["home"], row["slot_no"], row["buyer"]): int(row["energy_wh"])
            for row in read_rows(tmp_path / "out.csv")
        }
        n_closed = 0
        for home in range(40):
            for slot in range(3):
                slot_no = str(slot + 20)
                published = [table[f"B{buyer}", slot_no] for buyer in range(5)]
                n_closed += sum(int(row["closing_time"]) < 2**32 for row in published)
                parts = recompute_parts(
                    supply_wh=int(supply_wh[home, slot]),
                    choices=choices[home],
                    closing_t32=[int(row["closing_time"]) for row in published],
                    rounding_phi60=[int(row["rounding"]) for row in published],
                    home_key=key_of_name(f"H{home}"),
                    delivery_date=date(2026, 4, 1),
                    slot_no=slot + 20,
                )
                written = [got.get((f"H{home}", slot_no, f"B{buyer}"), 0) for buyer in choices[home]]
                assert written == list(parts)
                assert sum(written) + got.get((f"H{home}", slot_no, "standard_offer"), 0) == supply_wh[home, slot]
        assert n_closed

    def test_without_a_date_it_tells_whose_phases_settled_the_odd_wh(self, tmp_path: Path):
        write_files(tmp_path)

        ran = run_match(tmp_path, delivery_date=None, mechanism=None)

        assert ran.exit_code == 0
        assert ran.err.endswith("odd Wh settled by the phases of 2000-01-01, as no --delivery-date was given\n")

    def test_offers_add_what_buyers_pay_and_homes_get(self, tmp_path: Path):
        write_files(tmp_path, offers=OFFERS)

        ran = run_match(tmp_path, offers=str(tmp_path / "offers.csv"))

        assert ran.exit_code == 0, ran.err
        first, *_, last = read_rows(tmp_path / "out.csv")
        assert (first["payment_e5yen"], first["receipt_e5yen"]) == ("450000", "405000")
        assert (last["buyer"], last["payment_e5yen"]) == ("standard_offer", "0")

    def test_facts_hold_all_that_eating_publishes(self, tmp_path: Path):
        write_files(tmp_path)

        assert run_match(tmp_path, facts=str(tmp_path / "facts.csv")).exit_code == 0

        rows = read_rows(tmp_path / "facts.csv")
        assert {row["fact"] for row in rows} == {"closing_t32", "rounding_phi60"}
        noon = [row["figure"] for row in rows if row["slot_no"] == "25" and row["fact"] == "closing_t32"]
        assert noon == ["3340530119", "2147483648"]

    def test_owners_pass_on_to_tenants(self, tmp_path: Path):
        tenants = "owner,tenant,rank\nshop,cafe,1\nshop,school,2\n"
        write_files(tmp_path, capacity=CAPACITY + "cafe,25,500\n", tenants=tenants)
        passed = tmp_path / "passed.csv"

        ran = run_match(tmp_path, "--json", passing_on=str(tmp_path / "tenants.csv"), passed_on=str(passed))

        # The school has no room left beside what H01 gave it; which home the cafe's 500 Wh come of, the phases say.
        document = json.loads(ran.out)
        assert (document["passed_on_wh"], document["kept_wh"]) == (500, 100)
        assert passed.read_text() == (
            "home,slot_no,owner,tenant,energy_wh\nH01,25,shop,cafe,450\nH02,25,shop,cafe,50\n"
        )
        assert (tmp_path / "out.csv").read_text() == EATEN

    def test_home_without_choices_goes_to_the_standard_offer(self, tmp_path: Path):
        write_files(tmp_path, choices="home,rank,buyer\nH01,1,shop\n")

        assert run_match(tmp_path).exit_code == 0
        assert [row["buyer"] for row in read_rows(tmp_path / "out.csv") if row["home"] == "H02"] == ["standard_offer"]

    def test_choices_of_a_home_that_left_are_a_problem_and_change_nothing(self, tmp_path: Path):
        write_files(tmp_path, choices=CHOICES + "H99,1,shop\nH99,2,school\n")

        ran = run_match(tmp_path, "--json")

        assert ran.exit_code == 0
        assert json.loads(ran.out)["problems"] == [
            "choices.csv: 2 rows passed over; home H99 gave no supply, so its choices do nothing"
        ]
        assert (tmp_path / "out.csv").read_text() == EATEN


DECLINED = {
    "a column is missing": ({"supply": "home,slot_no\nH01,1\n"}, "supply.csv misses supply_wh."),
    "a column is unknown": ({"choices": "home,rank,buyer,x\nH01,1,shop,1\n"}, "choices.csv has besides x."),
    "a column is repeated": ({"capacity": "buyer,slot_no,capacity_wh,buyer\na,1,1,a\n"}, "capacity.csv repeats buyer."),
    "a table is empty": ({"supply": ""}, "supply.csv is empty."),
    "a table has no rows": ({"capacity": "buyer,slot_no,capacity_wh\n"}, "capacity.csv has no rows."),
    "a row is short": ({"supply": SUPPLY + "H03,1\n"}, "supply.csv is not CSV: CSV parse error: Row #4: Expected 3"),
    "a quote stays open": ({"supply": SUPPLY + '"H03,1,5\n'}, "supply.csv is not CSV: "),
    "a buyer is unknown": (
        {"choices": CHOICES + "H02,2,mill\n"},
        "choices.csv, row 4: buyer mill has no row in the capacity table.",
    ),
    "a buyer is named twice": (
        {"choices": CHOICES + "H02,2,shop\n"},
        "choices.csv, row 3: home H02 names buyer shop twice.",
    ),
    "a rank is left out": (
        {"choices": CHOICES + "H02,3,school\n"},
        "choices.csv, row 4: home H02 has rank 3 where rank 2 is expected.",
    ),
    "a rank comes twice": ({"choices": CHOICES + "H02,1,school\n"}, "choices.csv, row 4: home H02 has rank 1 twice."),
    "a rank is nought": ({"choices": CHOICES + "H02,0,school\n"}, "choices.csv, row 4: rank is '0', expected a whole"),
    "a supply is negative": (
        {"supply": SUPPLY + "H03,1,-5\n"},
        "supply.csv, row 3: supply_wh is '-5', expected a whole number 0..2147483647.",
    ),
    "a supply is beyond 32 bits": ({"supply": SUPPLY + "H03,1,2147483648\n"}, "supply.csv, row 3: supply_wh is '21474"),
    "a supply is beyond 64 bits": ({"supply": SUPPLY + f"H03,1,{2**64}\n"}, "supply.csv, row 3: supply_wh is '1844"),
    "a capacity is beyond its bound": (
        {"capacity": CAPACITY + f"mill,1,{2**46}\n"},
        "capacity.csv, row 3: capacity_wh",
    ),
    "a number has a fraction": ({"supply": SUPPLY + "H03,1,5.0\n"}, "supply.csv, row 3: supply_wh is '5.0', expected"),
    "a number is NaN": ({"supply": SUPPLY + "H03,1,NaN\n"}, "supply.csv, row 3: supply_wh is 'NaN', expected"),
    "a number is empty": ({"supply": SUPPLY + "H03,1,\n"}, "supply.csv, row 3: supply_wh is empty, expected"),
    "a number is hexadecimal": (
        {"supply": SUPPLY + "H03,1,0x10\n"},
        "supply.csv, row 3: supply_wh is '0x10', ",
    ),
    "a number has blanks": ({"supply": SUPPLY + "H03,1, 5\n"}, "supply.csv, row 3: supply_wh is ' 5', expected"),
    "a name is NULL": ({"supply": SUPPLY + "NULL,1,5\n"}, "supply.csv, row 3: home is 'NULL', expected a name."),
    "a name is empty": ({"supply": SUPPLY + ",1,5\n"}, "supply.csv, row 3: home is empty, expected a name."),
    "a name ends in a blank": (
        {"supply": SUPPLY + "H01 ,1,5\n"},
        "supply.csv, row 3: home is 'H01 ', expected",
    ),
    "a slot is 0": (
        {"supply": SUPPLY + "H03,0,5\n"},
        "supply.csv, row 3: slot_no is '0', expected a whole number 1..",
    ),
    "a slot is 49": ({"capacity": CAPACITY + "mill,49,5\n"}, "capacity.csv, row 3: slot_no is '49', expected a whole"),
    "a home has a slot twice": (
        {"supply": SUPPLY + "H01,25,900\n"},
        "supply.csv, row 3: home H01 has its slot in row 1 already.",
    ),
    "a buyer has a slot twice": (
        {"capacity": CAPACITY + "school,25,1\n"},
        "capacity.csv, row 3: buyer school has its slot in row 2 already.",
    ),
    "a buyer bears the reserved name": (
        {"capacity": CAPACITY + "standard_offer,1,5\n"},
        "capacity.csv: a buyer is named standard_offer.",
    ),
}


class TestDeclined:
    @pytest.mark.parametrize(("texts", "what"), DECLINED.values(), ids=DECLINED)
    def test_by_file_and_row_and_nothing_is_written_when(self, tmp_path: Path, texts: dict[str, str], what: str):
        write_files(tmp_path, **texts)

        assert_declined(tmp_path, run_match(tmp_path, closing_times=str(tmp_path / "times.csv")), what)

    def test_text_that_is_not_utf_8(self, tmp_path: Path):
        write_files(tmp_path)
        (tmp_path / "supply.csv").write_bytes("home,slot_no,supply_wh\n家,1,5\n".encode("shift_jis"))

        assert_declined(tmp_path, run_match(tmp_path), "supply.csv is not UTF-8 text: byte 0x89 in line 2.")

    def test_parquet_with_floats(self, tmp_path: Path):
        write_files(tmp_path)
        path = tmp_path / "supply.parquet"
        pq.write_table(pa.table({"home": ["H01"], "slot_no": [1], "supply_wh": [5.0]}), path)

        assert_declined(
            tmp_path, run_match(tmp_path, supply=str(path)), "supply.parquet: supply_wh is double, expected int64."
        )

    def test_parquet_with_a_null(self, tmp_path: Path):
        write_files(tmp_path)
        path = tmp_path / "supply.parquet"
        pq.write_table(pa.table({"home": ["H01", "H02"], "slot_no": [1, 1], "supply_wh": [5, None]}), path)

        assert_declined(tmp_path, run_match(tmp_path, supply=str(path)), "supply.parquet, row 2: supply_wh is empty")

    def test_parquet_that_was_cut_off(self, tmp_path: Path):
        write_files(tmp_path)
        path = tmp_path / "supply.parquet"
        pq.write_table(pa.table({"home": ["H01"], "slot_no": [1], "supply_wh": [5]}), path)
        path.write_bytes(path.read_bytes()[:-20])

        assert_declined(tmp_path, run_match(tmp_path, supply=str(path)), "supply.parquet is not a whole Parquet file: ")

    def test_file_that_is_not_there(self, tmp_path: Path):
        write_files(tmp_path)

        assert_declined(tmp_path, run_match(tmp_path, supply=str(tmp_path / "no.csv")), "No such file or directory.")

    @pytest.mark.parametrize(
        ("replaced", "what"),
        [
            ({"mechanism": "lottery"}, "There is no mechanism 'lottery'."),
            ({"delivery_date": "1 April"}, "'1 April' is not a date."),
            ({"fees": "1,2,3"}, "--fees '1,2,3' is not four whole numbers."),
            ({"fees": "0,0,0,99999999999999999999"}, "--fees '0,0,0,99999999999999999999' is not four whole numbers."),
            ({"fees": "1,2,3,4"}, "--fees needs to know where homes and buyers are."),
        ],
    )
    def test_option_that_says_nothing_known(self, tmp_path: Path, replaced: dict[str, str], what: str):
        write_files(tmp_path)

        assert_declined(tmp_path, run_match(tmp_path, **replaced), what)

    def test_target_that_is_a_folder_leaves_no_other_file_behind(self, tmp_path: Path):
        write_files(tmp_path)
        (tmp_path / "closing.csv").mkdir()

        ran = run_match(tmp_path, closing_times=str(tmp_path / "closing.csv"))

        assert ran.exit_code == 2
        assert "closing.csv is a folder." in ran.err
        assert not (tmp_path / "out.csv").exists()

    @pytest.mark.parametrize("target", ["supply.csv", "./choices.csv", "out.txt"])
    def test_target_that_is_an_input_or_of_no_format(self, tmp_path: Path, target: str):
        write_files(tmp_path)

        assert_declined(tmp_path, run_match(tmp_path, out=f"{tmp_path}/{target}"), target.removeprefix("./"))
        assert (tmp_path / "supply.csv").read_text() == SUPPLY

    def test_two_tables_into_one_file(self, tmp_path: Path):
        write_files(tmp_path)

        assert_declined(tmp_path, run_match(tmp_path, facts=f"{tmp_path}/out.csv"), "is named for two tables.")

    def test_folder_that_is_not_there_leaves_the_other_tables_unwritten(self, tmp_path: Path):
        write_files(tmp_path)

        assert_declined(tmp_path, run_match(tmp_path, facts=f"{tmp_path}/no/facts.csv"), "cannot be written")

    def test_offers_that_leave_a_buyer_out(self, tmp_path: Path):
        write_files(tmp_path, offers="\n".join(OFFERS.splitlines()[:2]))

        ran = run_match(tmp_path, offers=f"{tmp_path}/offers.csv")

        assert_declined(tmp_path, ran, "offers.csv: buyer school has no row (1 in all).")


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as records."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def assert_declined(folder: Path, ran, what: str) -> None:
    """Check that a run was declined for a reason, with advice, and that it wrote nothing."""
    assert ran.exit_code == 2, ran
    assert ran.err.startswith("declined  "), ran.err
    assert what in ran.err.splitlines()[0]
    assert ran.err.splitlines()[1].startswith("what to do  ")
    written = {path.name for path in folder.iterdir()} - {"supply.csv", "capacity.csv", "choices.csv", "offers.csv"}
    assert not {name for name in written if name != "supply.parquet"}


class TestDocument:
    def test_example_of_the_command_gives_what_is_shown(self, tmp_path: Path):
        text = DOCUMENT.read_text()
        shown = dict(re.findall(r"^`(\w+)\.csv`\n\n```text\n(.*?)^```$", text, re.MULTILINE | re.DOTALL))
        command, _, said = text.partition("```text\n$ sanchi match ")[2].partition("\n")
        for name in ("supply", "capacity", "choices"):
            (tmp_path / f"{name}.csv").write_text(shown[name])

        ran = run_match(tmp_path)

        assert command.endswith("--mechanism eating --delivery-date 2026-04-01 --out out.csv")
        assert (tmp_path / "out.csv").read_text() == shown["out"]
        assert said.startswith(ran.err)

    def test_example_in_python_runs(self):
        (example,) = re.findall(r"^```python\n(.*?)^```$", DOCUMENT.read_text(), re.MULTILINE | re.DOTALL)

        exec(compile(example, str(DOCUMENT), "exec"), {})
