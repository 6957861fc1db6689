"""What time it is in a sandbox: kept in a file, so that a killed sandbox goes on where it was.

Enter: Unix seconds. Leave: the same. Not here: what happens meanwhile (sandbox).
"""

import json
from pathlib import Path

from sanchi.edge.sandbox.period import stamp


class Clock:
    """The sandbox's time; it only moves forward. Reading is safe from any thread."""

    def __init__(self, path: Path, first_s: int) -> None:
        """Take the time that the file tells, or begin at first_s."""
        self._path = path
        self._now_s = first_s
        if path.exists():
            self._now_s = int(json.loads(path.read_text(encoding="utf-8"))["now_s"])

    @property
    def now_s(self) -> int:
        """Give the time."""
        return self._now_s

    def move(self, to_s: int) -> None:
        """Move forward; the file is whole whenever the process ends."""
        assert to_s >= self._now_s, f"time would run back from {stamp(self._now_s)} to {stamp(to_s)}"
        self._now_s = to_s
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps({"now": stamp(to_s), "now_s": to_s}) + "\n", encoding="utf-8")
        beside.replace(self._path)
