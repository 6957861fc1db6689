"""The corpus: a file an entry, in a folder a target; hexadecimal for bytes, text for lines.

Enter: the name of a target. Leave: its entries as bytes. Not here: what is done with them (targets).
"""

from pathlib import Path

CORPUS = Path(__file__).parent / "corpus"


def corpus_of(name: str) -> list[bytes]:
    """Give the entries of a target, ordered by the names of their files."""
    return [read_entry(file) for file in sorted((CORPUS / name).iterdir())]


def read_entry(file: Path) -> bytes:
    """Read an entry: `.hex` is hexadecimal, anything else stands for itself."""
    return bytes.fromhex(file.read_text()) if file.suffix == ".hex" else file.read_bytes()
