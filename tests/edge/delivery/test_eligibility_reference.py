"""docs/reference/eligibility.md tells the rules that the package ships, all of them and no others."""

from pathlib import Path

from sanchi.edge.delivery.eligibility_rules import shipped_rules
from tests.edge.delivery.rule_table import fact_names, rule_lines, subject_lines

PAGE = (Path(__file__).parents[3] / "docs" / "reference" / "eligibility.md").read_text(encoding="utf-8")


def table_under(heading: str) -> list[str]:
    """Give the lines of the first table under a heading, without its head."""
    _, _, below = PAGE.partition(f"## {heading}\n")
    lines = below.partition("\n## ")[0].splitlines()
    return [line for line in lines if line.startswith("|")][2:]


class TestReference:
    def test_tells_every_rule_with_its_dates_certainty_and_sources(self):
        expected = list(rule_lines(shipped_rules()))

        assert table_under("The rules") == expected, "\n".join(["The table should be:", *expected])

    def test_tells_every_subject_with_its_parameters(self):
        expected = list(subject_lines())

        assert table_under("A file of rules") == expected, "\n".join(["The table should be:", *expected])

    def test_tells_every_fact_about_a_pair(self):
        told = [line.split(" | ")[0].removeprefix("| ") for line in table_under("May a pair be matched?")]

        assert told == list(fact_names())

    def test_tells_as_of_when_the_rules_are(self):
        assert f"as they were known on {shipped_rules().as_of}" in PAGE
