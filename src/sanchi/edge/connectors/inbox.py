"""The inbox: a folder of files as they came, each complete from the moment it has its name.

Enter: kind, connector, lines. Leave: files whose names sort in the order of writing, and the state files beside them.
Not here: who reads them, and what may be forgotten.
"""

import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from pathlib import Path
from threading import Lock
from typing import Final

from sanchi.core.base.errors import SanchiError, SetupFault
from sanchi.edge.connectors.lasting import part_of, remove_parts, sync_folder, write_lasting
from sanchi.edge.connectors.pace import Clock

# Hidden, so that ingest passes over it; in the inbox, so that it lasts and moves together with it.
STATE_FOLDER: Final = ".collect"
LOCK_NAME: Final = "writer.lock"
SEQUENCE_NAME: Final = "sequence.json"
# Numbers are promised to the disk in blocks, so that one is never given twice, however a process ends.
SEQUENCE_BLOCK: Final = 1_000
STAMP_FORMAT: Final = "%Y%m%dT%H%M%SZ"
NAME: Final = re.compile(r".*-(\d{8}T\d{6}Z)-(\d{9})\.jsonl")


class InboxBusy(SanchiError):
    """Another process writes into the inbox; nothing of it was touched."""


class Inbox:
    """Writes files for the connectors of one process, which may be threads."""

    def __init__(self, folder: Path, now: Clock) -> None:
        """Name the folder; `opened` makes it ready."""
        self.folder = folder
        self.state_folder = folder / STATE_FOLDER
        self.now = now
        self._turn = Lock()
        self._sequence_no = 0
        self._sequence_end = 0
        self._stamp = ""

    @contextmanager
    def opened(self) -> Iterator["Inbox"]:
        """Hold the inbox as its only writer. Raises: InboxBusy, SetupFault."""
        try:
            self.state_folder.mkdir(parents=True, exist_ok=True)
            for folder in (self.folder, self.folder.resolve().parent):
                sync_folder(folder)
            descriptor = os.open(self.state_folder / LOCK_NAME, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise SetupFault(
                f"The inbox {self.folder} cannot be written ({error.strerror}).",
                hint="Name a folder that you may write with --inbox DIR.",
            ) from error
        try:
            try:
                flock(descriptor, LOCK_EX | LOCK_NB)
            except BlockingIOError as error:
                raise InboxBusy(
                    f"The inbox {self.folder} is being written by another `sanchi collect`.",
                    hint="End it first, or name another inbox with --inbox DIR.",
                ) from error
            for folder in (self.folder, self.state_folder):
                remove_parts(folder)
            self._resume()
            yield self
        finally:
            os.close(descriptor)

    def write(self, kind: str, connector: str, lines: Sequence[bytes]) -> tuple[str, int]:
        """Write one file of lines; when this returns it is on disk. Returns: its name and size. Raises: OSError."""
        name = self._next_name(kind, connector)
        content = b"".join(lines)
        write_lasting(self.folder, name, content)
        return name, len(content)

    def part(self, name: str) -> Path:
        """Give the place where a file with a name of its own is put together."""
        return part_of(self.folder, name)

    def adopt(self, part: Path, name: str) -> None:
        """Give a file its name, once its bytes are on disk; the same name means the same bytes."""
        part.rename(self.folder / name)
        sync_folder(self.folder)

    def _next_name(self, kind: str, connector: str) -> str:
        """Take the next number and a stamp that never runs backwards, though clocks do."""
        with self._turn:
            if self._sequence_no == self._sequence_end:
                self._promise(self._sequence_no + SEQUENCE_BLOCK)
            number = self._sequence_no
            self._sequence_no += 1
            self._stamp = max(self._stamp, _stamp_of(self.now()))
            return f"{kind}-{connector}-{self._stamp}-{number:09d}.jsonl"

    def _resume(self) -> None:
        """Go on behind every number that was promised or is seen, and not before the last stamp."""
        promised = self._read_promise()
        found = [match for each in self.folder.iterdir() if (match := NAME.fullmatch(each.name))]
        seen_end = max((int(match[2]) + 1 for match in found), default=0)
        self._sequence_no = self._sequence_end = max(promised, seen_end)
        self._stamp = max((match[1] for match in found), default="")

    def _read_promise(self) -> int:
        """Read the first number that no process was promised."""
        file = self.state_folder / SEQUENCE_NAME
        try:
            return int(json.loads(file.read_bytes())["next_no"])
        except FileNotFoundError:
            return 0
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise SetupFault(
                f"{file} cannot be read as the inbox's count of files ({error}).",
                hint="Restore it, or remove it if all files of the inbox are still in their place.",
            ) from error

    def _promise(self, end: int) -> None:
        """Put a block of numbers on disk before the first of them is used."""
        write_lasting(self.state_folder, SEQUENCE_NAME, json.dumps({"next_no": end}).encode())
        self._sequence_end = end


def _stamp_of(instant: datetime) -> str:
    """Write an instant as names carry it: UTC, whole seconds, digits that sort."""
    return instant.astimezone(UTC).strftime(STAMP_FORMAT)
