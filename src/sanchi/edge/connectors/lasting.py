"""Write files that are whole or not there at all, and that last once the call returns.

Enter: a folder, a name, bytes. Leaves: the file, on disk with its name. Not here: what is in it.
"""

import os
from pathlib import Path
from typing import Final

# The dot keeps a file that is being written from the eyes of `sanchi ingest`.
PART_PREFIX: Final = "."
PART_SUFFIX: Final = ".part"


def write_lasting(folder: Path, name: str, content: bytes) -> None:
    """Write under another name, let it reach the disk, give it its name, let that reach the disk. Raises: OSError."""
    part = part_of(folder, name)
    try:
        with part.open("wb") as output:
            output.write(content)
            output.flush()
            os.fsync(output.fileno())
        part.rename(folder / name)
    except OSError:
        # A full disk stays full while the half of a file lies on it.
        part.unlink(missing_ok=True)
        raise
    sync_folder(folder)


def part_of(folder: Path, name: str) -> Path:
    """Give the name of a file while it is being written."""
    return folder / f"{PART_PREFIX}{name}{PART_SUFFIX}"


def remove_parts(folder: Path) -> None:
    """Remove what a process that was killed left half written; only the one writer of the folder may do so."""
    for part in folder.glob(f"{PART_PREFIX}*{PART_SUFFIX}"):
        part.unlink(missing_ok=True)


def sync_folder(folder: Path | int) -> None:
    """Make the names in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY) if isinstance(folder, Path) else folder
    try:
        os.fsync(descriptor)
    finally:
        if isinstance(folder, Path):
            os.close(descriptor)
