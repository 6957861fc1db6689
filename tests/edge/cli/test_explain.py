"""`sanchi explain` as people type it: on a small closed market, on plain files, and on the shipped sample."""

import csv
import json
import re
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from string import Formatter

import pyarrow as pa
import pyarrow.compute as pc
import pytest
from django.db import transaction

from sanchi.app.home_explanation import OrdersVerdict, RestPlace
from sanchi.app.recompute_home import RecomputeVerdict
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.eating.explanation import ChoiceOutcome
from sanchi.edge.cli import explain_words
from sanchi.edge.cli.explain_words import Language, Words
from sanchi.edge.cli.root import COMMANDS
from tests.edge.cli.matching import run_match, write_files
from tests.edge.cli.prepared_home import assert_refused, untouched
from tests.edge.store.audit.closed_market import ClosedMarket, Forger
from tests.start.homes import Home, Ran

DAY = "2020-11-30"
# These need no installation.
STAND_ALONE = {"collect", "decode", "estimate", "match", "match-fleet", "onboarding-check", "sandbox", "simulate"}
JAPANESE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")


def explained(home: Home, *more: str, of: str = "H1", day: str = DAY) -> Ran:
    return home.run("explain", "--home", of, "--day", day, *more)


def all_words() -> dict[str, Words]:
    found: dict[str, Words] = {}
    for name, value in vars(explain_words).items():
        if isinstance(value, Words):
            found[name] = value
        elif isinstance(value, dict):
            found |= {f"{name}.{key}": words for key, words in value.items() if isinstance(words, Words)}
    return found


class TestWords:
    @pytest.mark.parametrize(
        ("words", "members"),
        [
            (explain_words.OUTCOME, ChoiceOutcome),
            (explain_words.OUTCOME_SHORT, ChoiceOutcome),
            (explain_words.VERDICT, OrdersVerdict),
            (explain_words.REST_PLACE, RestPlace),
            (explain_words.REST_SENTENCE, RestPlace),
            (explain_words.NO_CHOICES, RestPlace),
            (explain_words.KIND, CertificateKind),
            (explain_words.KIND_SHORT, CertificateKind),
            (explain_words.RECOMPUTED_VERDICT, RecomputeVerdict),
            (explain_words.RECOMPUTED_SUM, RecomputeVerdict),
        ],
    )
    def test_are_there_for_every_member(self, words, members):
        assert set(words) == set(members)

    @pytest.mark.parametrize("name", all_words())
    def test_are_there_in_both_languages_with_the_same_figures(self, name: str):
        words = all_words()[name]
        places = [
            sorted({place for _, place, _, _ in Formatter().parse(text) if place}) for text in (words.en, words.ja)
        ]

        assert places[0] == places[1]
        assert words.en
        assert not JAPANESE.search(words.en)
        # What is made of figures and marks alone needs no Japanese.
        assert JAPANESE.search(words.ja) or name in {"AND", "HEAD", "REASON", "THEN"}

    def test_are_those_of_the_glossary(self):
        japanese = "".join(words.ja for words in all_words().values())

        for word in ("満了時刻", "標準買取", "希望順位", "コマ", "余剰電力", "自家消費", "端数調整数", "位相", "確定"):
            assert word in japanese


class TestDay:
    def test_is_told_in_english(self, home: Home):
        ran = explained(home)

        assert ran.exit_code == 0, ran.err
        for sentence in (
            "Home 1 (H1)  30 Nov 2020  the whole day",
            "Surplus: solar power that went out to the grid",
            "First choice, Shop: full in ",
            "1 Wh more or less by rounding",
            "The rest: what no choice took goes to the standard offer of Retailer.",
            "Self-consumption: the environmental value of solar power used at home",
        ):
            assert sentence in ran.out
        assert "PHI" not in ran.out

    def test_is_told_in_japanese(self, home: Home):
        ran = explained(home, "--lang", "ja")

        assert ran.exit_code == 0, ran.err
        for sentence in ("家1（H1）  2020年11月30日  1日全体", "第1希望・店：出番のあった", "標準買取", "満了時刻"):
            assert sentence in ran.out
        assert re.findall(r"[A-Za-z]{2,}", re.sub(r"Wh|kWh|H1", "", ran.out)) == []

    def test_names_no_other_home(self, home: Home):
        for more in ((), ("--lang", "ja"), ("--recompute",), ("--json",)):
            assert re.findall(r"\bH[2-6]\b|Home [2-6]|家[2-6]", explained(home, *more).out) == []

    def test_changes_nothing(self, home: Home):
        with untouched(home):
            assert explained(home).exit_code == 0
            assert explained(home, "--recompute").exit_code == 0

    def test_of_one_kind_leaves_the_other_out(self, home: Home):
        out = explained(home, "--kind", "surplus").out

        assert "Surplus: " in out
        assert "Self-consumption: " not in out

    def test_lines_fit_a_pipe(self, home: Home):
        for language in Language:
            assert max(map(len, explained(home, "--lang", language).out.splitlines())) <= 120

    def test_adds_up_for_a_machine(self, home: Home):
        document = json.loads(explained(home, "--json").out)

        assert (document["delivery_date"], document["home"]["party_id"]) == (DAY, "H1")
        assert [kind["kind"] for kind in document["kinds"]] == ["surplus", "self_consumption"]
        for kind in document["kinds"]:
            parts_wh = sum(choice["part_wh"] for choice in kind["choices"])
            assert parts_wh + kind["rest_wh"] == kind["offered_wh"] - kind["withheld_wh"] > 0


class TestSlot:
    def test_is_told_choice_by_choice(self, home: Home):
        out = explained(home, "--slot", "25", "--kind", "surplus").out

        assert "12:00-12:30 (slot 25)" in out
        assert re.search(r"First choice, Shop: was full at \d+ % of the half hour\. Until then it took \d+ Wh\.", out)
        assert re.search(r"^2 > 1 .*[+-]\d+\.\d\d", out, re.MULTILINE)

    def test_at_night_has_nothing_to_tell(self, home: Home):
        assert explained(home, "--slot", "1").out.count("Nothing was offered.") == 2


class TestCorrectedDay:
    def test_says_that_it_was_corrected_and_is_recomputed_by_the_rule(self, home: Home, deliveries: Path):
        for arguments in (
            ["close-month", "2020-11"],
            ["ingest", str(deliveries / "after_final")],
            ["close-day", "stale"],
        ):
            ran = home.run(*arguments)
            assert ran.exit_code == 0, ran.err

        corrected = explained(home, day="2020-11-29")
        other = explained(home, of="H2", day="2020-11-29")
        again = explained(home, "--recompute", day="2020-11-29")

        assert "late corrections changed this day home by home" in corrected.out
        assert re.search(r"This home was corrected in \d+ half hours", corrected.out)
        assert "This home's own figures were not changed by it." in other.out
        assert again.exit_code == 0, again.err
        assert "corrected after finalising, by the rule" in again.out


class TestRecompute:
    @pytest.mark.parametrize("language", Language)
    def test_shows_table_recomputed_and_booked(self, home: Home, language: Language):
        ran = explained(home, "--recompute", "--lang", language)

        assert ran.exit_code == 0, ran.err
        assert "PHI" in ran.out
        assert {"en": "agree to the Wh in all", "ja": "Wh単位で一致しました"}[language] in ran.out

    def test_counts_the_first_difference_as_a_failed_audit(self, home: Home):
        def falsified(table: pa.Table) -> pa.Table:
            halved = pc.divide(table["closing_t32"], 2)
            return table.set_column(table.column_names.index("closing_t32"), table.schema.field("closing_t32"), halved)

        with home.opened() as installation, transaction.atomic():
            forger = Forger(market=ClosedMarket(home=home, installation=installation))
            forger.thaw()
            forger.rewrite("closing_times", date.fromisoformat(DAY), falsified, revision=1)
            forger.freeze()
        ran = explained(home, "--recompute")

        assert ran.exit_code == 1
        assert re.search(
            r"declined  The books differ from the published table: H1 on 2020-11-30, .* recomputed", ran.err
        )
        assert "DIFFERS" in ran.out


class TestPlainFiles:
    @pytest.fixture
    def files(self, tmp_path: Path) -> Path:
        write_files(tmp_path)
        ran = run_match(tmp_path, closing_times=str(tmp_path / "closing.csv"))
        assert ran.exit_code == 0, ran.err
        return tmp_path

    @pytest.fixture
    def recompute(self, files: Path) -> Callable[..., Ran]:
        nowhere = Home(folder=files / "nowhere")

        def run(*more: str, of: str = "H01", **replaced: str) -> Ran:
            paths = {"table": "closing.csv", "supply": "supply.csv", "choices": "choices.csv", "booked": "out.csv"}
            options = [
                part for name, path in (paths | replaced).items() if path for part in (f"--{name}", str(files / path))
            ]
            return nowhere.run("explain", "--recompute", "--home", of, "--day", "2026-04-01", *options, *more)

        return run

    @pytest.mark.parametrize("home", ["H01", "H02"])
    def test_give_what_match_gave(self, recompute: Callable[..., Ran], home: str):
        ran = recompute("--json", of=home)

        assert ran.exit_code == 0, ran.err
        (slot,) = json.loads(ran.out)["slots"]
        assert slot["verdict"] == "AGREES"
        assert sum(choice["recomputed_wh"] for choice in slot["choices"]) + slot["rest_recomputed_wh"] > 0

    def test_give_the_watt_hours_alone_where_nothing_is_booked(self, recompute: Callable[..., Ran]):
        ran = recompute(booked="")

        assert ran.exit_code == 0, ran.err
        assert "nothing booked to compare" in ran.out

    def test_that_differ_end_with_exit_code_1(self, files: Path, recompute: Callable[..., Ran]):
        rows = list(csv.reader((files / "out.csv").read_text().splitlines()))
        rows[1][3] = str(int(rows[1][3]) + 1)
        (files / "other.csv").write_text("\n".join(",".join(row) for row in rows) + "\n")

        ran = recompute(booked="other.csv")

        assert ran.exit_code == 1
        assert "H01 on 2026-04-01, 12:00-12:30 (slot 25)" in ran.err

    @pytest.mark.parametrize(
        ("name", "text", "what"),
        [
            ("supply", "home,slot_no,supply_wh\nH02,25,300\n", "supply.csv has no row of home 'H01'."),
            ("supply", "home,slot_no,supply_wh\nH01,25,3\nH01,25,4\n", "supply.csv has home H01 in slot 25 twice."),
            ("choices", "home,rank,buyer\nH01,1,shop\nH01,1,school\n", "choices.csv has rank 1 of home H01 twice."),
            ("choices", "home,rank,buyer\nH01,1,shop\nH01,2,shop\n", "choices.csv has buyer shop of home H01 twice."),
            ("choices", "home,rank,buyer\nH01,1,castle\n", "closing.csv has no row of buyer 'castle' in slot 25."),
        ],
    )
    def test_that_contradict_each_other_are_refused(
        self, files: Path, recompute: Callable[..., Ran], name: str, text: str, what: str
    ):
        (files / f"{name}.csv").write_text(text)

        ran = recompute()

        assert ran.exit_code == 2
        assert f"declined  {what}\n" in ran.err

    @pytest.mark.parametrize(
        ("rounding", "exit_code"), [(3 * 2**60, 0), (-(4 * 2**60), 0), (3 * 2**60 + 1, 2), (10**19, 2), (2**63, 2)]
    )
    def test_take_every_rounding_number_that_there_can_be(
        self, files: Path, recompute: Callable[..., Ran], rounding: int, exit_code: int
    ):
        rows = [f"{buyer},25,{2**31},{rounding}\n" for buyer in ("shop", "school")]
        (files / "closing.csv").write_text("buyer,slot_no,closing_time,rounding\n" + "".join(rows))

        ran = recompute(booked="")

        assert ran.exit_code == exit_code, ran.err
        assert exit_code == 0 or f"rounding is '{rounding}', expected a whole number" in ran.err

    def test_are_needed_together(self, recompute: Callable[..., Ran]):
        assert_refused(
            recompute(supply=""),
            "Recomputing from files needs --table, --supply and --choices.",
            "Name all three, or none to recompute from an installation.",
        )

    def test_of_the_exported_table_give_what_the_platform_booked(self, home: Home, tmp_path: Path):
        closing, energy = tmp_path / "closing-times.csv", tmp_path / "slot-energy.csv"
        for table, path in (("closing-times", closing), ("slot-energy", energy)):
            assert home.run("export", table, "--from", DAY, "--to", DAY, "--out", str(path)).exit_code == 0
        with energy.open() as file:
            own = [row for row in csv.DictReader(file) if row["home_id"] == "H1"]
        (tmp_path / "supply.csv").write_text(
            "home,slot_no,supply_wh\n"
            + "".join(f"small/H1,{row['slot_no']},{row['surplus_offered_wh']}\n" for row in own)
        )
        (tmp_path / "choices.csv").write_text("home,rank,buyer\nsmall/H1,1,shop\nsmall/H1,2,tower\n")

        ran = home.run(
            *("explain", "--recompute", "--home", "small/H1", "--day", DAY, "--kind", "surplus", "--json"),
            *("--table", str(closing)),
            *(part for name in ("supply", "choices") for part in (f"--{name}", str(tmp_path / f"{name}.csv"))),
        )
        booked = json.loads(explained(home, "--kind", "surplus", "--recompute", "--json").out)

        assert ran.exit_code == 0, ran.err
        alone = json.loads(ran.out)
        assert alone["home_key"] == booked["home_key"]
        assert [[choice["recomputed_wh"] for choice in slot["choices"]] for slot in alone["slots"]] == [
            [choice["booked_wh"] for choice in slot["choices"]] for slot in booked["slots"]
        ]


class TestFolder:
    @pytest.mark.parametrize("command", [name for name in COMMANDS if name not in STAND_ALONE])
    def test_is_a_second_name_of_home_in_every_command(self, home: Home, command: str):
        assert "--folder" in home.run(command, "--help").out

    def test_names_the_installation(self, home: Home):
        told = subprocess.run(
            [sys.executable, "-m", "sanchi", "report", "--json", "--folder", str(home.folder)],
            env=home.environment | {"SANCHI_HOME": str(home.folder / "nowhere")},
            capture_output=True,
            text=True,
            check=True,
        )

        assert json.loads(told.stdout)["totals"]["n_days"] == 2

    def test_is_asked_for_where_a_folder_is_named_as_the_home(self, home: Home):
        assert_refused(
            explained(home, of=str(home.folder)),
            f"--home {home.folder} is a folder, not a home that takes part.",
            "Here --home is a home of the market, for example H01; name the folder with --folder DIR.",
        )

    def test_that_is_no_installation_is_refused(self, home: Home, tmp_path: Path):
        ran = explained(home, "--folder", str(tmp_path / "nowhere"))

        assert ran.exit_code == 2
        assert "Name one with --folder DIR" in ran.err


class TestRefusal:
    @pytest.mark.parametrize(
        ("arguments", "what"),
        [
            (["--home", "H9", "--day", DAY], "There is no home 'H9' in market small."),
            (["--home", "shop", "--day", DAY], "There is no home 'shop' in market small."),
            (["--home", "H1", "--day", DAY, "--slot", "49"], "There is no slot 49: a day has the slots 1 to 48."),
            (["--home", "H1", "--day", DAY, "--kind", "wind"], "There is no kind 'wind'."),
            (["--home", "H1", "--day", DAY, "--lang", "fr"], "There is no language 'fr' here."),
            (["--home", "H1", "--day", "yesterday"], "'yesterday' is not a date."),
            (["--home", "H1", "--day", "2020-12-05"], "DAY_NOT_CLOSED: 2020-12-05 of market small is not closed"),
        ],
    )
    @pytest.mark.parametrize("more", [[], ["--recompute"]])
    def test_names_what_is_wrong(self, home: Home, arguments: list[str], what: str, more: list[str]):
        ran = home.run("explain", *arguments, *more)

        assert ran.exit_code == 2
        assert f"declined  {what}" in ran.err
        assert "what to do  " in ran.err
