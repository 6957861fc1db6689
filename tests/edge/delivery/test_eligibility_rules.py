"""A file of rules is read as it stands or refused by name: what is wrong, in which rule, and what to do."""

from datetime import date
from pathlib import Path

import pytest

from sanchi.core.eligibility import Certainty, RuleFault, RuleSource, RuleSubject, UnfitRules
from sanchi.edge.delivery.eligibility_rules import FILE_BYTES_MAX, read_rules, rules_of_toml, shipped_rules

RULE = """
[[rule]]
id = "age"
subject = "RE100_AGE"
valid_from = 2024-01-01
certainty = "confirmed"
says_en = "Fifteen years."
says_ja = "15年。"
[rule.parameters]
is_limited = true
years = 15
contracts_from = 2024-01-01
exempt_permille = 150
[[rule.source]]
authority = "RE100"
document = "technical criteria"
dated = 2022-12-12
address = "section 4"
"""
FILE = f"as_of = 2026-11-25\n{RULE}"


def fault_of(text: str) -> tuple[RuleFault, str]:
    with pytest.raises(UnfitRules) as caught:
        rules_of_toml("rules.toml", text.encode())
    assert caught.value.hint
    assert "rules.toml" in caught.value.what
    return caught.value.fault, caught.value.what


class TestRulesOfToml:
    def test_gives_every_key_as_it_stands(self):
        (rule,) = rules_of_toml("rules.toml", FILE.encode()).rules

        assert (rule.rule_id, rule.subject, rule.certainty) == ("age", RuleSubject.RE100_AGE, Certainty.CONFIRMED)
        assert (rule.valid_from, rule.valid_until) == (date(2024, 1, 1), None)
        assert (rule.whole("years"), rule.truth("is_limited")) == (15, True)
        assert rule.day("contracts_from") == date(2024, 1, 1)
        assert rule.sources == (
            RuleSource(authority="RE100", document="technical criteria", dated=date(2022, 12, 12), address="section 4"),
        )

    def test_refuses_rules_that_overlap_and_names_both(self):
        second = RULE.replace('id = "age"', 'id = "age-again"').replace("valid_from = 2024", "valid_from = 2025")

        fault, what = fault_of(FILE + second)

        assert fault is RuleFault.OVERLAP
        assert "rules age and age-again of RE100_AGE are both in force on 2025-01-01" in what

    @pytest.mark.parametrize(
        ("old", "new", "fault", "reason"),
        [
            ("years = 15", "years = ", RuleFault.UNREADABLE, "is not TOML"),
            ("as_of = 2026-11-25", "", RuleFault.UNREADABLE, "expected a day as_of"),
            ("as_of = 2026-11-25", 'as_of = "2026-11-25"', RuleFault.UNREADABLE, "as_of is '2026-11-25'"),
            ("as_of = 2026-11-25", "as_of = 2026-11-25\nmore = 1", RuleFault.UNREADABLE, "and nothing else"),
            ("[[rule]]", "[[rules]]", RuleFault.UNREADABLE, "is not TOML|nothing else"),
            ('id = "age"', "id = 5", RuleFault.UNREADABLE, "id is 5, expected a text"),
            ('id = "age"\n', "", RuleFault.UNREADABLE, "key 'id' is missing"),
            ("says_ja", "says_jp", RuleFault.UNREADABLE, "key 'says_jp' is unknown"),
            ('"RE100_AGE"', '"RE100"', RuleFault.UNREADABLE, "subject is 'RE100', expected one of"),
            ('"confirmed"', '"sure"', RuleFault.UNREADABLE, "certainty is 'sure', expected one of confirmed"),
            ("valid_from = 2024-01-01", 'valid_from = "2024"', RuleFault.UNREADABLE, "valid_from is '2024'"),
            ("valid_from = 2024-01-01", "valid_from = 2024-01-01T00:00:00", RuleFault.UNREADABLE, "without quotes"),
            ("authority =", "author =", RuleFault.UNREADABLE, "source: key 'author' is unknown"),
            ('authority = "RE100"', 'authority = ""', RuleFault.NO_SOURCE, "rule age has no source"),
            ('says_en = "Fifteen years."', 'says_en = ""', RuleFault.NO_SENTENCE, "not told in both languages"),
            ("years = 15", 'years = "15"', RuleFault.PARAMETER, "'years' is '15', expected a whole number"),
            ("years = 15\n", "", RuleFault.PARAMETER, "'years' is missing"),
            ("years = 15", "years = 15\nmonths = 3", RuleFault.PARAMETER, "'months' means nothing for RE100_AGE"),
            (
                "valid_from = 2024-01-01",
                "valid_from = 2024-01-01\nvalid_until = 2024-01-01",
                RuleFault.EMPTY_PERIOD,
                "",
            ),
        ],
    )
    def test_names_what_is_wrong(self, old: str, new: str, fault: RuleFault, reason: str):
        assert old in FILE

        found, what = fault_of(FILE.replace(old, new, 1))

        assert found is fault
        assert any(each in what for each in reason.split("|"))

    @pytest.mark.parametrize("text", ["as_of = 2026-01-01\nrule = 5", "as_of = 2026-01-01\nrule = [5]"])
    def test_refuses_rules_that_are_no_tables(self, text: str):
        assert fault_of(text)[0] is RuleFault.UNREADABLE

    @pytest.mark.parametrize("key", ["parameters = 5", "source = 5", "source = [5]"])
    def test_refuses_parts_that_are_no_tables(self, key: str):
        head, _, _ = FILE.partition("[rule.parameters]")

        assert fault_of(head + key)[0] is RuleFault.UNREADABLE

    def test_refuses_bytes_that_are_no_text(self):
        with pytest.raises(UnfitRules, match="is not TOML"):
            rules_of_toml("rules.toml", b"\xff\xfe")


class TestReadRules:
    def test_reads_the_file(self, tmp_path: Path):
        path = tmp_path / "own.toml"
        path.write_text(FILE, encoding="utf-8")

        assert read_rules(path).as_of == date(2026, 11, 25)

    def test_refuses_a_path_that_is_not_there(self, tmp_path: Path):
        with pytest.raises(UnfitRules, match=r"UNREADABLE: .*nowhere\.toml: it cannot be read"):
            read_rules(tmp_path / "nowhere.toml")

    def test_refuses_a_file_that_is_far_too_large(self, tmp_path: Path):
        path = tmp_path / "large.toml"
        with path.open("wb") as file:
            file.truncate(FILE_BYTES_MAX + 1)

        with pytest.raises(UnfitRules, match="larger than 4 MiB"):
            read_rules(path)


class TestShippedRules:
    def test_are_read_once(self):
        assert shipped_rules() is shipped_rules()
