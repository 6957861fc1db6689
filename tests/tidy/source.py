"""A tracked text file of the project and what rules ask of it: its syntax tree, its comments, its place.

Enters: a folder under git; leaves: Source values. Not here: any rule.
"""

import ast
import io
import subprocess
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath


@dataclass(frozen=True, kw_only=True)
class Source:
    """One file: its path inside the project and its text."""

    path: PurePosixPath
    text: str

    @property
    def is_python(self) -> bool:
        """Whether the file is a module."""
        return self.path.suffix == ".py"

    @property
    def is_generated(self) -> bool:
        """Whether Django wrote the file."""
        return "migrations" in self.path.parts

    @cached_property
    def tree(self) -> ast.Module:
        """The syntax tree of a module; an empty one for other files."""
        return ast.parse(self.text if self.is_python else "", str(self.path))

    def lies_in(self, *folders: str) -> bool:
        """Tell whether the file lies below one of the folders."""
        return any(self.path.is_relative_to(folder) for folder in folders)

    def lines(self) -> Iterator[tuple[int, str]]:
        """Give each line with its number."""
        return enumerate(self.text.splitlines(), start=1)

    def comments(self) -> Iterator[tuple[int, str]]:
        """Give each comment of a module with its line number; of other files, every line."""
        if not self.is_python:
            yield from self.lines()
            return
        for token in tokenize.generate_tokens(io.StringIO(self.text).readline):
            if token.type == tokenize.COMMENT:
                yield token.start[0], token.string

    def functions(self) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
        """Give every function of a module, methods and nested ones included."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield node


def project_sources(root: Path) -> list[Source]:
    """Read the text files that git tracks, or would track when added."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=root,
        check=True,
        capture_output=True,
        text=True,
    )
    names = sorted(name for name in listed.stdout.split("\0") if (root / name).is_file())
    contents = ((name, (root / name).read_bytes()) for name in names)
    return [
        Source(path=PurePosixPath(name), text=content.decode()) for name, content in contents if not is_binary(content)
    ]


def is_binary(content: bytes) -> bool:
    """Tell, as git does, whether a zero byte stands near the start; a PDF may have its first one far behind."""
    return b"\0" in content[:8000] or content.startswith(b"%PDF-")
