"""What a Markdown document promises: links to files, and commands with what they print.

Enters: a document's text; leaves: Example values and link targets. Not here: running or judging them.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

BLOCK = re.compile(r"^```(?P<language>[^\n]*)\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?P<target>[^()\s]+)\)")
PROMPT = "$ "
RUN_MARK = "$ sanchi "


@dataclass(frozen=True, kw_only=True)
class Example:
    """One command of a document, without its prompt, and the output shown below it, if any."""

    command: str
    output: str


def examples(text: str) -> Iterator[Example]:
    """Give the commands of each console block that begins with a call of sanchi, in order."""
    for block in BLOCK.finditer(text):
        content = block["content"]
        if block["language"].strip() == "console" and content.startswith(RUN_MARK):
            for part in re.split(r"^\$ ", content, flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield Example(command=command.strip(), output=output.strip())


def matches(shown: str, printed: str) -> bool:
    """Tell whether an output is what a document shows; `...` stands for any text, spaces count as one."""
    pieces = [r"\s+".join(re.escape(word) for word in piece.split()) for piece in shown.split("...")]
    return re.fullmatch(r"\s*" + r".*?".join(rf"\s*{piece}\s*" for piece in pieces), printed, re.DOTALL) is not None


def relative_links(text: str) -> Iterator[str]:
    """Give the files that a document links to, as written, without what stands in code blocks."""
    for link in LINK.finditer(BLOCK.sub("", text)):
        target = link["target"].partition("#")[0]
        if target and "://" not in target and not target.startswith("mailto:"):
            yield target
