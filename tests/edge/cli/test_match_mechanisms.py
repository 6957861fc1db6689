"""Every mechanism at the real command: what it needs, what it conserves, which columns it listens to."""

from collections import Counter
from pathlib import Path

import pytest

from sanchi.app.match_files import TERM_SOURCES
from sanchi.core.matching.mechanisms.table import MECHANISMS, NEEDS, MarketTerm, MechanismName
from tests.edge.cli.matching import run_match
from tests.edge.cli.mechanism_examples import example_tables, read_rows, shown_examples, written_example
from tests.start.homes import Ran

MATCH_DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "reference" / "match.md"
ALL_FILES = ("supply", "capacity", "choices", "offers", "homes", "use")
# The column or file of each term, to be taken away.
COLUMN_OF = {
    MarketTerm.STATIC_KEY: ("choices", "static_key"),
    MarketTerm.CLASS_RANK: ("choices", "class_rank"),
    MarketTerm.TARGET_PERMILLE: ("offers", "target_permille"),
    MarketTerm.ASKS: ("homes", "ask_sen_per_kwh"),
}
FILE_OF = {MarketTerm.CHOICES: "choices", MarketTerm.USE_WH: "use", MarketTerm.BIDS: "offers"}
NEEDED = [(name, term) for name in MechanismName for term in MarketTerm if term in NEEDS[name]]


def write_example(folder: Path, **replaced: str) -> None:
    for name, text in (example_tables() | replaced).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def run_example(folder: Path, mechanism: str, *without: str, **options: str | None) -> Ran:
    files = {name: str(folder / f"{name}.csv") if name not in without else None for name in ALL_FILES}
    return run_match(folder, mechanism=mechanism, **(files | options))


def energies(folder: Path, mechanism: str, **options: str | None) -> dict[tuple[str, str], int]:
    ran = run_example(folder, mechanism, **options)
    assert ran.exit_code == 0, ran.err
    return {(row["home"], row["buyer"]): int(row["energy_wh"]) for row in read_rows(folder / "out.csv")}


def cut_column(text: str, column: str) -> str:
    rows = [line.split(",") for line in text.splitlines()]
    place = rows[0].index(column)
    return "".join(",".join([*row[:place], *row[place + 1 :]]) + "\n" for row in rows)


class TestEveryMechanism:
    @pytest.mark.parametrize("mechanism", MechanismName)
    def test_conserves_energy_and_money_and_gives_what_the_document_shows(self, tmp_path: Path, mechanism: str):
        write_example(tmp_path)

        ran = run_example(tmp_path, mechanism)

        assert ran.exit_code == 0, ran.err
        rows = read_rows(tmp_path / "out.csv")
        given: Counter[str] = Counter()
        taken: Counter[str] = Counter()
        for row in rows:
            given[row["home"]] += int(row["energy_wh"])
            taken[row["buyer"]] += int(row["energy_wh"])
        assert given == {"H01": 900, "H02": 300, "H03": 600}
        assert taken["shop"] <= 700
        assert taken["school"] <= 800
        assert all(
            int(row["payment_e5yen"]) >= int(row["receipt_e5yen"]) >= 0
            and (int(row["receipt_e5yen"]) > 0) == (row["buyer"] != "standard_offer")
            for row in rows
        )
        assert written_example(rows) == shown_examples()[mechanism]

    @pytest.mark.parametrize(("mechanism", "term"), NEEDED)
    def test_without_what_it_needs_is_declined_by_name(self, tmp_path: Path, mechanism: str, term: MarketTerm):
        tables, without = example_tables(), []
        if term in COLUMN_OF:
            name, column = COLUMN_OF[term]
            tables[name] = cut_column(tables[name], column)
        else:
            without = [FILE_OF[term]]
        write_example(tmp_path, **tables)

        ran = run_example(tmp_path, mechanism, *without)

        assert ran.exit_code == 2
        assert mechanism in ran.err
        assert TERM_SOURCES[term] in ran.err
        assert not (tmp_path / "out.csv").exists()

    @pytest.mark.parametrize("mechanism", MechanismName)
    def test_with_what_it_needs_and_nothing_else_runs(self, tmp_path: Path, mechanism: MechanismName):
        tables, needs = example_tables(), NEEDS[mechanism]
        for term, (name, column) in COLUMN_OF.items():
            if term not in needs:
                tables[name] = cut_column(tables[name], column)
        kept = {FILE_OF.get(term) or COLUMN_OF[term][0] for term in needs}
        write_example(tmp_path, **tables)

        ran = run_example(tmp_path, mechanism, *({"choices", "offers", "homes", "use"} - kept))

        assert ran.exit_code == 0, ran.err


class TestColumn:
    """Each column is changed alone; the same result as before would mean that nobody read it."""

    @pytest.mark.parametrize(
        ("mechanism", "name", "before", "after"),
        [
            ("fixed_share", "choices", "H01,1,shop,2,1", "H01,1,shop,0,1"),
            ("fixed_share_passed_on", "choices", "H01,1,shop,2,1", "H01,1,shop,0,1"),
            ("two_sided", "choices", "H02,1,shop,1,0", "H02,1,shop,1,9"),
            ("target_share", "offers", "shop,950,1000,500", "shop,950,1000,0"),
            ("target_share", "use", "shop,25,1000", "shop,25,100"),
            ("uniform_price", "homes", "H03,920", "H03,999"),
            ("pay_as_bid", "homes", "H03,920", "H03,999"),
            ("mid_market_rate", "homes", "H03,920", "H03,999"),
            ("max_welfare", "homes", "H02,850", "H02,1001"),
            ("max_welfare", "offers", "shop,950,1000,500", "shop,700,800,500"),
        ],
    )
    def test_reaches_the_mechanism(self, tmp_path: Path, mechanism: str, name: str, before: str, after: str):
        write_example(tmp_path)
        plain = energies(tmp_path, mechanism)
        text = example_tables()[name]
        assert before in text
        write_example(tmp_path, **{name: text.replace(before, after)})

        assert energies(tmp_path, mechanism) != plain

    def test_pair_quota_bounds_what_a_home_gives_to_a_choice(self, tmp_path: Path):
        first, *rest = example_tables()["choices"].splitlines()
        quotas = {"H01,1,shop,2,1": 100}
        rows = [f"{row},{quotas.get(row, 100_000)}" for row in rest]
        write_example(tmp_path, choices="\n".join([f"{first},pair_quota_wh", *rows]) + "\n")

        assert energies(tmp_path, "two_sided")["H01", "shop"] == 100

    def test_fees_between_places_keep_a_pair_from_trading(self, tmp_path: Path):
        homes, offers = (example_tables()[name].splitlines() for name in ("homes", "offers"))
        write_example(
            tmp_path,
            homes="\n".join([f"{homes[0]},district", *(f"{row},north" for row in homes[1:])]) + "\n",
            offers="\n".join([f"{offers[0]},district", f"{offers[1]},south", f"{offers[2]},north"]) + "\n",
        )

        near = energies(tmp_path, "max_welfare", fees="0,0,0,500")
        free = energies(tmp_path, "max_welfare", fees="0,0,0,0")

        assert {buyer for _, buyer in near} == {"school", "standard_offer"}
        assert {buyer for _, buyer in free} == {"shop", "school", "standard_offer"}


class TestDocuments:
    def test_examples_of_all_mechanisms_are_shown(self):
        assert list(shown_examples()) == list(MECHANISMS)

    def test_reference_lists_what_each_mechanism_needs(self):
        text = MATCH_DOCUMENT.read_text(encoding="utf-8")

        for mechanism in MechanismName:
            needs = ", ".join(f"`{term}`" for term in MarketTerm if term in NEEDS[mechanism])
            assert f"| `{mechanism}` | {needs} |" in text
