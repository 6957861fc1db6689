"""A folder into which somebody drops files: complete ones are copied into the inbox, then set aside.

Enter: files. Leave: the same bytes in the inbox, under their own name and digest. Not here: what a file says.
"""

import hashlib
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import BinaryIO, Final

from sanchi.app.collect import RoundReport
from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.gathering import LOG, Gathering
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.lasting import sync_folder
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.settings import ConnectorKind, FolderSettings

COLLECTED: Final = "collected"
DONE_SUFFIX: Final = ".done"
CHUNK_BYTES: Final = 2**20
DIGEST_LETTERS: Final = 16
STEM_LETTERS_MAX: Final = 150
UNFIT: Final = re.compile(r"[^A-Za-z0-9._-]")
MS_PER_S: Final = 1_000
# A link is never followed, and a pipe with nobody at its other end never waited for.
OPEN_FLAGS: Final = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC


class NotTaken(Exception):
    """A file that stays where it is."""


@dataclass(frozen=True, slots=True)
class _Look:
    """What a look saw of a file; equal looks at different times mean that nobody writes."""

    inode_no: int
    size: int
    changed_ns: int


class WatchedFolder:
    """Takes what is dropped into one folder."""

    def __init__(self, settings: FolderSettings, inbox: Inbox, pace: Pace) -> None:
        """Look at nothing yet."""
        self.settings = settings
        self._inbox = inbox
        self._pace = pace
        self._gathering = Gathering(inbox, settings.name, ConnectorKind.FOLDER)
        self._is_out_of_reach = False

    def round(self) -> RoundReport:
        """Take what is complete now. Raises: OSError when the inbox fails."""
        self._gathering.begin_round()
        failure = ""
        try:
            with _folder(self.settings.folder) as folder:
                failure = self._take_complete(folder)
        except NotTaken as error:
            failure = str(error)
        self._tell(failure)
        self._gathering.write()
        return self._gathering.report(failure)

    def serve(self) -> None:
        """Look again and again until told to end."""
        while not self._pace.is_over:
            self.round()
            self._pace.wait(self.settings.every_s)

    def close(self) -> None:
        """Nothing stays open between two looks."""

    def _tell(self, failure: str) -> None:
        """Note files that came, and a folder that fails once each time that it begins to."""
        if failure:
            LOG.warning("%s %s", self.settings.name, failure)
            if not self._is_out_of_reach:
                self._gathering.note(EventCode.POLL_FAILED, self.settings.name)
        elif self._gathering.item_count or self._is_out_of_reach:
            self._gathering.note(EventCode.POLL_OK, self.settings.name, self._gathering.item_count)
        self._is_out_of_reach = bool(failure)

    def _take_complete(self, folder: int) -> str:
        """Take each file that two looks saw alike, or that its sender called done; tell why others stay."""
        names = set(os.listdir(folder))
        before = {name: look for name in names if self._is_meant(name) and (look := _look(folder, name))}
        if any(name + DONE_SUFFIX not in names for name in before):
            self._pace.wait(self.settings.settle_ms / MS_PER_S)
        reasons = []
        for name in sorted(before):
            if _look(folder, name) != before[name]:
                continue  # somebody still writes: the next look decides
            try:
                self._take(folder, name, before[name])
            except NotTaken as error:
                reasons.append(f"{name!a} stays: {error}")
        return "; ".join(reasons)

    def _is_meant(self, name: str) -> bool:
        """Tell whether a name is one that we were sent for."""
        is_visible = not name.startswith(".") and not name.endswith(DONE_SUFFIX)
        return is_visible and any(fnmatchcase(name, pattern) for pattern in self.settings.patterns)

    def _take(self, folder: int, name: str, look: _Look) -> None:
        """Copy a file into the inbox, and only then move it to the files that were collected.

        A process that ends in between copies it again under the same name, which changes nothing.
        """
        part = self._inbox.part(f"{self.settings.name}-copy")
        try:
            with _opened(folder, name) as source:
                digest = self._copy(source, part, look)
            target = _name_in_inbox(name, digest)
            self._gathering.file_count += not (self._inbox.folder / target).exists()
            # Adopted also where it is there already: its name may not have reached the disk.
            self._inbox.adopt(part, target)
            self._gathering.item_count += 1
            self._gathering.byte_count += look.size
        finally:
            part.unlink(missing_ok=True)
        _set_aside(folder, name, digest)
        LOG.info("%s took %s", self.settings.name, ascii(name))

    def _copy(self, source: BinaryIO, part: os.PathLike[str], look: _Look) -> str:
        """Copy as many bytes as the look saw, to the disk. Returns: their digest."""
        if look.size > self.settings.file_bytes_max:
            raise NotTaken(f"{look.size} bytes are more than the {self.settings.file_bytes_max} allowed")
        digest, left = hashlib.sha256(), look.size
        with open(part, "wb") as output:  # noqa: PTH123 - any path will do
            while left and (chunk := source.read(min(CHUNK_BYTES, left))):
                digest.update(chunk)
                output.write(chunk)
                left -= len(chunk)
            output.flush()
            os.fsync(output.fileno())
        if _look_of(os.fstat(source.fileno())) != look:
            raise NotTaken("it changed while it was read")
        return digest.hexdigest()


@contextmanager
def _folder(path: os.PathLike[str]) -> Iterator[int]:
    """Hold a folder, so that all names below are looked up in it and nowhere else."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise NotTaken(f"the folder cannot be read ({error.strerror})") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def _opened(folder: int, name: str) -> Iterator[BinaryIO]:
    """Open a file of the folder itself."""
    try:
        descriptor = os.open(name, OPEN_FLAGS, dir_fd=folder)
    except OSError as error:
        raise NotTaken(f"it cannot be read ({error.strerror})") from error
    with os.fdopen(descriptor, "rb") as source:
        yield source


def _look(folder: int, name: str) -> _Look | None:
    """Look at a file; None for what is no plain file, or gone."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except OSError:
        return None
    return _look_of(found) if stat.S_ISREG(found.st_mode) else None


def _look_of(found: os.stat_result) -> _Look:
    """Keep what would change if somebody wrote."""
    return _Look(found.st_ino, found.st_size, found.st_mtime_ns)


def _name_in_inbox(name: str, digest: str) -> str:
    """Put the digest behind the stem, so that the same name with other bytes is another file.

    >>> _name_in_inbox("W41110202012011530A001.zip", "3f2a9c81b2d4e5f60718")
    'W41110202012011530A001-3f2a9c81b2d4e5f6.zip'
    """
    path = PurePath(UNFIT.sub("_", name))
    return f"{path.stem[:STEM_LETTERS_MAX]}-{digest[:DIGEST_LETTERS]}{path.suffix[:16]}"


def _set_aside(folder: int, name: str, digest: str) -> None:
    """Move a file to the collected ones, beside another one of its name if need be."""
    try:
        os.mkdir(COLLECTED, 0o755, dir_fd=folder)
        os.fsync(folder)
    except FileExistsError:
        pass
    except OSError as error:
        raise NotTaken(f"{COLLECTED}/ cannot be made ({error.strerror})") from error
    try:
        collected = os.open(COLLECTED, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    except OSError as error:
        raise NotTaken(f"{COLLECTED}/ is no folder of its own ({error.strerror})") from error
    try:
        # The mark goes first: one that is left behind would call a later file of the name done before it is.
        _remove_done_mark(folder, name)
        is_taken = _look(collected, name) is not None
        target = f"{name}.{digest[:DIGEST_LETTERS]}" if is_taken else name
        os.rename(name, target, src_dir_fd=folder, dst_dir_fd=collected)
        sync_folder(collected)
        sync_folder(folder)
    except OSError as error:
        raise NotTaken(f"it cannot be moved to {COLLECTED}/ ({error.strerror})") from error
    finally:
        os.close(collected)


def _remove_done_mark(folder: int, name: str) -> None:
    """Remove the mark of a file that is in the inbox."""
    try:
        os.unlink(name + DONE_SUFFIX, dir_fd=folder)
    except FileNotFoundError:
        return
