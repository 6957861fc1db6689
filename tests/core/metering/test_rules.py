"""The rules of metering are all named, and the reference explains them in their order."""

import re
from pathlib import Path

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.methods import Method
from sanchi.core.metering.rules import RULES
from sanchi.core.metering.versions import PRECEDENCE

# Told of a home's day, not of its meters: whose value it is that they measured.
NOT_OF_METERS = {ProblemCode.INSIDE_OUTSIDE_CLAIM}
REFERENCE = (Path(__file__).parents[3] / "docs" / "reference" / "vee.md").read_text(encoding="utf-8")


def table_under(heading):
    """Give the cells of the table under a heading, code marks taken off."""
    section = REFERENCE.split(f"## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("|")][2:]
    return [[cell.strip().strip("`") for cell in line.strip("|").split("|")] for line in lines]


class TestRules:
    def test_tell_every_code_of_metering(self):
        assert {rule.code for rule in RULES} == set(ProblemCode) - NOT_OF_METERS

    def test_are_explained_in_their_order(self):
        told = [tuple(row[:3]) for row in table_under("The rules")]

        assert told == [(rule.phase, rule.function.__name__, rule.code) for rule in RULES]

    def test_are_documented_where_they_stand(self):
        assert all(rule.function.__doc__ for rule in RULES)


class TestMethods:
    def test_are_all_explained_by_number(self):
        told = [(int(row[0]), row[1]) for row in table_under("Methods")]

        assert told == [(method.value, method.text) for method in Method]


class TestPrecedence:
    def test_is_explained_in_its_order(self):
        names = {"stage": "stage_no", "source": "source_no", "received_at": "received_s", "delivery": "delivery_no"}
        told = [names.get(row[0], "row_no") for row in table_under("Which reading wins")[:5]]

        assert told == list(PRECEDENCE[:5])
        assert re.search(r"`versions\.PRECEDENCE`", REFERENCE)
