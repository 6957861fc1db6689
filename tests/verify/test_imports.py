"""The verifier is a program of its own: an auditor reads it without reading sanchi."""

import ast
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "src" / "sanchi_verify"


def imported(source: Path) -> set[str]:
    """Name the packages that a module imports, wherever it does so."""
    found = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            found.add(str(node.module).partition(".")[0])
    return found


class TestVerifier:
    def test_imports_the_standard_library_and_cryptography_alone(self):
        names = set().union(*(imported(source) for source in FOLDER.rglob("*.py")))

        assert names - sys.stdlib_module_names == {"cryptography", "sanchi_verify"}
