"""The documents tell the truth: examples run, links lead somewhere, commands and words are all explained."""

import ast
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer

from sanchi.edge.cli.root import app
from tests.tidy.documents import Example, examples, matches, relative_links

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
NAMED_BASES = {"StrEnum", "IntEnum", "Enum", "NamedTuple"}


def run(example: Example, folder: Path) -> str:
    """Run one example in a folder and give what it printed; a failure of the command fails the test."""
    program, *arguments = shlex.split(example.command)
    assert program == "sanchi", f"only sanchi runs from a document, not '{program}'"
    environment = {name: text for name, text in os.environ.items() if not name.startswith("SANCHI_")}
    finished = subprocess.run(
        [sys.executable, "-m", "sanchi", *arguments],
        cwd=folder,
        env=environment | {"COLUMNS": "110", "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert finished.returncode == 0, f"'{example.command}' failed:\n{finished.stdout}"
    return finished.stdout


def public_types(source: Path) -> Iterator[str]:
    """Give the public records and closed sets that a module defines."""
    for node in ast.parse(source.read_text()).body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            marks = {ast.unparse(mark).split("(")[0] for mark in node.decorator_list}
            bases = {ast.unparse(base).split(".")[-1] for base in node.bases}
            if "dataclass" in marks or bases & NAMED_BASES:
                yield node.name


def named(word: str, text: str) -> bool:
    """Tell whether a text names a word as a whole."""
    return re.search(rf"(?<![\w-]){re.escape(word)}(?![\w-])", text) is not None


class TestDocument:
    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
    def test_examples_run_and_print_what_is_shown(self, document: Path, tmp_path: Path):
        for example in examples(document.read_text()):
            printed = run(example, tmp_path)

            assert not example.output or matches(example.output, printed), (
                f"'{example.command}' prints otherwise than shown:\n{printed}"
            )

    @pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
    def test_relative_links_lead_to_files(self, document: Path):
        dead = [link for link in relative_links(document.read_text()) if not (document.parent / link).exists()]

        assert not dead

    def test_readme_shows_at_least_one_example(self):
        assert list(examples((ROOT / "README.md").read_text()))


class TestReference:
    def test_commands_are_all_explained(self):
        text = (ROOT / "docs" / "reference" / "commands.md").read_text()
        root = typer.main.get_group(app)
        names = root.list_commands(root.make_context("sanchi", [], resilient_parsing=True))

        assert names
        assert [name for name in names if f"sanchi {name}" not in text] == []


class TestGlossary:
    def test_public_types_of_core_are_all_explained(self):
        text = (ROOT / "docs" / "glossary.md").read_text()
        names = [name for source in sorted(ROOT.glob("src/sanchi/core/**/*.py")) for name in public_types(source)]

        assert names
        assert [name for name in names if not named(name, text)] == []


class TestExamples:
    TEXT = (
        "```console\n$ sanchi init\nmade  ...\n$ sanchi verify\n```\n"
        "```console\n$ scripts/setup\n```\n"
        "```sh\n$ sanchi serve\n```\n"
    )

    def test_blocks_that_begin_with_sanchi_are_read(self):
        assert list(examples(self.TEXT)) == [
            Example(command="sanchi init", output="made  ..."),
            Example(command="sanchi verify", output=""),
        ]

    def test_dots_stand_for_any_text(self):
        assert matches("made ... home\nnext  ...", "made  the new home\nnext sanchi\ningest\n")
        assert matches("made  home", "made home\n")

    def test_other_output_is_noticed(self):
        assert not matches("made  home", "made  house\n")
        assert not matches("made", "made  home\n")

    def test_failing_command_is_noticed(self, tmp_path: Path):
        with pytest.raises(AssertionError, match="failed"):
            run(Example(command="sanchi no-such-command", output=""), tmp_path)

    def test_other_programs_are_not_run(self, tmp_path: Path):
        with pytest.raises(AssertionError, match="only sanchi"):
            run(Example(command="rm -r x", output=""), tmp_path)


class TestRelativeLinks:
    def test_addresses_anchors_and_code_are_left_out(self):
        text = "[a](a.md#x) [b](#y) [c](https://example.org)\n```\n[d](d.md)\n```\n![e](img/e.png)\n"

        assert list(relative_links(text)) == ["a.md", "img/e.png"]
