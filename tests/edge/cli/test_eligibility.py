"""`sanchi eligibility` as people type it: the roofs of a market, one roof, a pair, the rules."""

import json
from pathlib import Path

import pytest

from sanchi.core.eligibility import Certainty, Instrument, Verdict
from sanchi.edge.cli import eligibility_text
from sanchi.edge.delivery.eligibility_rules import SHIPPED, shipped_rules
from tests.edge.cli.prepared_home import assert_refused, untouched
from tests.start.homes import Home, Ran

DAY = "2026-11-25"
GRID = ("is_value_alone=no", "is_same_supply_point=no", "has_private_line=no", "has_self_wheeling=no")
SPLIT = (*GRID, "home_retailer=R01", "buyer_retailers=R01+R02", "has_split_supply_contract=yes", "voltage=high")


def asked(home: Home, *arguments: str, on: str = DAY) -> Ran:
    return home.run("eligibility", *arguments, "--on", on)


class TestPlants:
    def test_are_told_as_a_table_of_every_roof_and_change_nothing(self, home: Home):
        with untouched(home):
            ran = asked(home, "--no-other-claims")

        assert ran.exit_code == 0, ran.err
        rows = [line.split() for line in ran.out.splitlines() if line.startswith("H")]
        assert [row[0] for row in rows] == [f"H{number}" for number in range(1, 7)]
        assert {len(row) for row in rows} == {13}

    def test_are_told_as_one_document_with_rules_dates_and_sources(self, home: Home):
        told = json.loads(asked(home, "--json", "--home-id", "H1").out)

        (plant,) = told["plants"]
        assert (told["on_date"], plant["home_id"]) == (DAY, "H1")
        assert [each["instrument"] for each in plant["instruments"]] == [*Instrument, *Instrument]
        for each in plant["instruments"]:
            assert each["answer"]["verdict"] in set(Verdict)
            for ground in each["answer"]["grounds"]:
                assert {"rule_id", "valid_from", "valid_until", "certainty", "sources"} <= set(ground["rule"])
                assert ground["reason"]["ja"]

    def test_of_one_home_are_told_with_their_grounds_in_the_language_asked_for(self, home: Home):
        english, japanese = (asked(home, "--home-id", "H1", "--lang", lang).out for lang in ("en", "ja"))

        assert "nobody has asked yet whether somebody else claims the value  outside-claim" in english
        assert "他者による環境価値の主張の有無が未確認です" in japanese
        assert "re100-age-2024, 2024-01-01.. confirmed" in english

    def test_follow_the_day_that_is_asked_about(self, home: Home):
        plants = json.loads(asked(home, "--json", on="2023-12-31").out)["plants"]

        grounds = [ground for plant in plants for ground in plant["re100"]["answer"]["grounds"]]
        assert {ground["rule"]["rule_id"] for ground in grounds if "-age-" in ground["rule"]["rule_id"]} == {
            "re100-age-before-2024"
        }

    def test_are_asked_about_today_without_a_day(self, home: Home):
        assert home.run("eligibility").exit_code == 0

    @pytest.mark.parametrize(
        ("arguments", "what", "advice"),
        [
            (
                ["--home-id", "H99"],
                "'H99' is no home with a roof in the market small.",
                "Name one as plants.csv does, for example H01, or leave --home-id away for all.",
            ),
            (["--lang", "fr"], "There is no language 'fr' here.", "Write en or ja."),
            (["roofs"], "There is no question 'roofs' here.", "Write plants or pair or rules."),
            (["plants", "x=1"], "plants takes no facts, but 'x=1' was given.", "Facts are for `pair`."),
        ],
    )
    def test_refuse_what_cannot_be_asked(self, home: Home, arguments: list[str], what: str, advice: str):
        assert_refused(asked(home, *arguments), what, advice)


class TestPair:
    @pytest.mark.parametrize(("day", "verdict"), [("2024-09-30", "no"), ("2024-10-01", "yes"), ("2024-10-02", "yes")])
    def test_is_told_with_its_type_on_either_side_of_a_change(self, tmp_path: Path, day: str, verdict: str):
        ran = asked(Home(folder=tmp_path / "nowhere"), "pair", *SPLIT, on=day)

        assert ran.exit_code == 0, ran.err
        assert ran.out.startswith(f"type ⑧  {day}\n  may be matched: {verdict}\n")

    def test_is_read_from_a_file_as_from_words(self, tmp_path: Path):
        nowhere = Home(folder=tmp_path / "nowhere")
        file = tmp_path / "pair.toml"
        file.write_text(
            "[pair]\nis_value_alone = false\nis_same_supply_point = false\nhas_private_line = false\n"
            'has_self_wheeling = false\nhome_retailer = "R01"\nbuyer_retailers = ["R01", "R02"]\n'
            'has_split_supply_contract = true\nvoltage = "high"\n',
            encoding="utf-8",
        )

        by_file, by_words = (json.loads(asked(nowhere, "pair", *facts, "--json").out) for facts in ([str(file)], SPLIT))

        assert by_file == by_words
        assert (by_file["p2p_type"], by_file["answer"]["verdict"]) == ("⑧", "yes")

    def test_without_facts_is_told_what_to_find_out(self, tmp_path: Path):
        ran = asked(Home(folder=tmp_path / "nowhere"), "pair")

        assert ran.out.startswith(f"type not known  {DAY}\n  may be matched: confirm\n")
        assert "(is_value_alone)" in ran.out

    def test_without_electricity_falls_under_no_type(self, tmp_path: Path):
        ran = asked(Home(folder=tmp_path / "nowhere"), "pair", "is_value_alone=yes")

        assert ran.out.startswith(f"no type  {DAY}\n  may be matched: yes\n")

    @pytest.mark.parametrize(
        ("facts", "reason"),
        [
            (["nowhere.toml"], "nowhere.toml cannot be read"),
            (["a=1", "b"], "'b' is no fact."),
            (["voltage=low", "voltage=high"], "The fact voltage was given twice."),
            (["volts=5"], "pair: there is no fact 'volts'."),
        ],
    )
    def test_refuses_facts_that_are_none(self, tmp_path: Path, facts: list[str], reason: str):
        ran = asked(Home(folder=tmp_path / "nowhere"), "pair", *facts)

        assert ran.exit_code == 2
        assert reason in ran.err
        assert "what to do" in ran.err

    @pytest.mark.parametrize("text", ["pair = 5", "[pairs]", "[pair]\n[more]", "[pair"])
    def test_refuses_a_file_that_holds_no_pair(self, tmp_path: Path, text: str):
        (tmp_path / "pair.toml").write_text(text, encoding="utf-8")

        ran = asked(Home(folder=tmp_path / "nowhere"), "pair", str(tmp_path / "pair.toml"))

        assert ran.exit_code == 2
        assert "expected one table [pair]" in ran.err or "is not TOML" in ran.err


class TestRules:
    def test_are_all_told_with_dates_certainty_and_sources(self, tmp_path: Path):
        nowhere = Home(folder=tmp_path / "nowhere")

        document = json.loads(asked(nowhere, "rules", "--json").out)
        text = asked(nowhere, "rules", "--lang", "ja").out

        assert [rule["rule_id"] for rule in document["rules"]] == [rule.rule_id for rule in shipped_rules().rules]
        assert all(rule["says"]["ja"] in text for rule in document["rules"])
        assert text.count("未確認\n") == sum(rule.certainty is Certainty.UNCONFIRMED for rule in shipped_rules().rules)

    def test_can_be_those_of_another_file(self, tmp_path: Path):
        text = (Path(__file__).parents[3] / "src/sanchi/edge/delivery" / SHIPPED).read_text(encoding="utf-8")
        own = tmp_path / "own.toml"
        own.write_text(text.replace("valid_from = 2024-10-01", "valid_from = 2024-11-01"), encoding="utf-8")

        ran = asked(Home(folder=tmp_path / "nowhere"), "pair", *SPLIT, "--rules", str(own), on="2024-10-15")

        assert "may be matched: confirm" in ran.out
        assert "no rule about P2P_8 is known for 2024-10-15" in ran.out

    def test_that_overlap_are_refused_by_name(self, tmp_path: Path):
        text = (Path(__file__).parents[3] / "src/sanchi/edge/delivery" / SHIPPED).read_text(encoding="utf-8")
        wrong = tmp_path / "wrong.toml"
        wrong.write_text(text.replace("valid_until = 2024-10-01", "valid_until = 2024-10-02"), encoding="utf-8")

        ran = asked(Home(folder=tmp_path / "nowhere"), "rules", "--rules", str(wrong))

        assert_refused(
            ran,
            "OVERLAP: wrong.toml: rules p2p-8-before-split-supply and p2p-8-split-supply of P2P_8 are both in force "
            "on 2024-10-01.",
            "End the earlier one with valid_until on the day on which the later one begins.",
        )


class TestWords:
    @pytest.mark.parametrize(
        ("words", "members"),
        [
            (eligibility_text.VERDICT, Verdict),
            (eligibility_text.STYLE, Verdict),
            (eligibility_text.INSTRUMENT, Instrument),
            (eligibility_text.SHORT, Instrument),
            (eligibility_text.CERTAINTY, Certainty),
        ],
    )
    def test_are_there_for_every_member(self, words, members):
        assert set(words) == set(members)
