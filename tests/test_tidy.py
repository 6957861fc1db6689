"""The house rules hold for every file of the project, and each rule finds the fault that it is there for."""

from pathlib import Path, PurePosixPath

import pytest

from tests.tidy.planted import CLEAN, FAULTS
from tests.tidy.rules import RULES, Rule
from tests.tidy.source import Source, is_binary, project_sources

ROOT = Path(__file__).resolve().parent.parent
RULE_BY_NAME = {rule.__name__: rule for rule in RULES}


@pytest.fixture(scope="module")
def sources() -> list[Source]:
    return project_sources(ROOT)


class TestProject:
    @pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
    def test_rule_holds_in_every_file(self, sources: list[Source], rule: Rule):
        findings = [
            f"{source.path}:{line_no}: {rule.__name__}: {reason}"
            for source in sources
            for line_no, reason in rule(source)
        ]

        assert not findings, "\n" + "\n".join(findings)

    def test_sources_are_read(self, sources: list[Source]):
        paths = {str(source.path) for source in sources}

        assert {"pyproject.toml", "scripts/setup", "src/sanchi/__init__.py", "tests/test_tidy.py"} <= paths

    def test_documents_that_hold_no_text_are_passed_over(self):
        assert is_binary(b"%PDF-1.7\n%\xe2\xe3")
        assert is_binary(b"PK\x03\x04\0")
        assert not is_binary("産地".encode())


class TestRule:
    @pytest.mark.parametrize(("name", "path", "line_no", "text"), FAULTS)
    def test_finds_its_fault_on_its_line(self, name: str, path: str, line_no: int, text: str):
        source = Source(path=PurePosixPath(path), text=text)

        assert [found for found, _ in RULE_BY_NAME[name](source)] == [line_no]

    @pytest.mark.parametrize(("name", "path", "text"), CLEAN)
    def test_lets_the_faultless_neighbour_pass(self, name: str, path: str, text: str):
        source = Source(path=PurePosixPath(path), text=text)

        assert list(RULE_BY_NAME[name](source)) == []

    def test_is_proven_on_a_fault_and_on_a_neighbour(self):
        assert {name for name, *_ in FAULTS} == set(RULE_BY_NAME)
        assert {name for name, *_ in CLEAN} == set(RULE_BY_NAME)
