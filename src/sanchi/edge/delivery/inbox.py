"""A folder into which connectors drop files, and the two folders in it that files go to.

Enters: a folder. Leaves: an Inbox. Not here: what stands in the files, and whether they are taken.
"""

import os
from collections.abc import Iterator
from filecmp import cmp
from itertools import count
from pathlib import Path
from typing import Final

from sanchi.core.base.errors import UnreadableDelivery

TAKEN: Final = "taken"
REFUSED: Final = "refused"
# Whoever writes a file there gives it its name once it is whole.
BEING_WRITTEN: Final = ".part"
REASON: Final = ".reason.txt"
# Stands beside files of vendors and is read with them.
BESIDE: Final = frozenset({"columns.toml"})


class FolderInbox:
    """Fulfils app.arrivals.Inbox."""

    def __init__(self, folder: Path) -> None:
        """Name the folder."""
        self._folder = folder

    def waiting(self) -> tuple[Path, ...]:
        """List the files that are written whole, in the order of their names."""
        return tuple(
            sorted(
                path
                for path in self._folder.iterdir()
                if path.is_file()
                and not path.name.startswith(".")
                and path.suffix != BEING_WRITTEN
                and path.name not in BESIDE
            )
        )

    def keep_taken(self, path: Path) -> None:
        """Put a file to those that were taken; one that is gone stays gone."""
        _move(path, self._folder / TAKEN)

    def keep_refused(self, path: Path, reason: str) -> None:
        """Put a file to those that were refused, with the reason beside it."""
        kept = _move(path, self._folder / REFUSED)
        if kept is not None:
            kept.with_name(kept.name + REASON).write_text(f"{reason}\n", encoding="utf-8")


def open_inbox(folder: Path) -> FolderInbox:
    """Open a folder as an inbox. Raises: UnreadableDelivery."""
    if not folder.is_dir():
        raise UnreadableDelivery(f"{folder} is no folder.", hint="Name the folder that files are dropped into.")
    return FolderInbox(folder)


def _move(path: Path, folder: Path) -> Path | None:
    """Move a file; another file of its name is left there. Returns: where it lies, None where it was gone."""
    folder.mkdir(exist_ok=True)
    target = next(target for target in _names(path, folder) if not target.exists() or _is_same(path, target))
    try:
        path.replace(target)
    except FileNotFoundError:
        # Another process has moved it since it was listed.
        return None
    for changed in (folder, path.parent):
        _sync(changed)
    return target


def _names(path: Path, folder: Path) -> Iterator[Path]:
    """Give the names that a file may have in a folder: its own, then numbered ones."""
    yield folder / path.name
    yield from (folder / f"{path.name}.{number}" for number in count(2))


def _is_same(path: Path, target: Path) -> bool:
    """Tell whether a file of that name has the same bytes; then moving again does no harm."""
    try:
        return cmp(path, target, shallow=False)
    except FileNotFoundError:
        return True


def _sync(folder: Path) -> None:
    """Make a new name in a folder last."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
