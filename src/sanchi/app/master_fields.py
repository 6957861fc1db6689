"""Read the fields of one master data record, noting every fault instead of stopping at the first.

Enters: a MasterRow. Leaves: checked values, or a stand-in and a noted fault. Not here: what records refer to.
"""

import re
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Final, TypeVar

from sanchi.app.arrivals import MasterRow
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import EPOCH_DATE, JST, MINUTES_PER_SLOT

Member = TypeVar("Member", bound=StrEnum)
Numbered = TypeVar("Numbered", bound=IntEnum)

# Names become parts of certificate ids (divided by "/") and account names (divided by ":").
NAME: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z._-]{0,63}")
WHOLE_NUMBER: Final = re.compile(r"-?[0-9]{1,18}")
DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
TEXT_LENGTH_MAX: Final = 200
SLOT: Final = timedelta(minutes=MINUTES_PER_SLOT)
# Roofs and meters of any market that this can serve; keeps every date far from the ends of the calendar.
YEARS: Final = range(1950, 2200)
# What stands in for a date or instant that could not be read; its record is never used.
NO_DAY: Final = EPOCH_DATE
NO_INSTANT: Final = datetime(EPOCH_DATE.year, EPOCH_DATE.month, EPOCH_DATE.day, tzinfo=JST)


class FieldReader:
    """Reads the columns of one record; `faults` collects a sentence for each that breaks its definition."""

    __slots__ = ("_row", "faults")

    def __init__(self, row: MasterRow) -> None:
        self._row = row
        self.faults: list[str] = []

    def note(self, fault: str) -> None:
        """Note a fault of this record."""
        self.faults.append(f"{self._row.place}: {fault}")

    def is_empty(self, column: str) -> bool:
        """Tell whether the field was left empty."""
        return not self._row.fields[column]

    def name(self, column: str) -> str:
        """Read the name of a thing: letters, digits and . _ - only, at most 64 of them."""
        found = self._row.fields[column]
        if not NAME.fullmatch(found):
            self._expect(column, "a name of 1 to 64 letters, digits and . _ - (first a letter or digit)")
        return found

    def text(self, column: str) -> str:
        """Read a text that may not be empty."""
        if self.is_empty(column):
            self._expect(column, "a text")
        return self.free_text(column)

    def free_text(self, column: str) -> str:
        """Read a text that may be empty."""
        found = self._row.fields[column]
        if len(found) > TEXT_LENGTH_MAX or not found.isprintable():
            self._expect(column, f"at most {TEXT_LENGTH_MAX} printable characters")
        return found

    def lines(self, column: str) -> str:
        """Read printable lines, none of them longer than any other text; possibly none at all."""
        kept = [line.strip() for line in self._row.fields[column].splitlines() if line.strip()]
        if any(len(line) > TEXT_LENGTH_MAX or not line.isprintable() for line in kept):
            self._expect(column, f"lines of at most {TEXT_LENGTH_MAX} printable characters")
        return "\n".join(kept)

    def integer(self, column: str, n_min: int, n_max: int) -> int:
        """Read a whole number from n_min to n_max."""
        found = self._row.fields[column]
        if WHOLE_NUMBER.fullmatch(found) and n_min <= int(found) <= n_max:
            return int(found)
        self._expect(column, f"a whole number from {n_min} to {n_max}")
        return n_min

    def integer_or_none(self, column: str, n_min: int, n_max: int) -> int | None:
        """Read a whole number from n_min to n_max, None where the field is empty."""
        return None if self.is_empty(column) else self.integer(column, n_min, n_max)

    def day(self, column: str) -> date:
        """Read a date, YYYY-MM-DD."""
        found = self._row.fields[column]
        try:
            day = date.fromisoformat(found)
        except ValueError:
            day = date.min
        # Python reads other forms of ISO 8601 too; one form in all files is easier to look through.
        if DAY.fullmatch(found) and day.year in YEARS:
            return day
        self._expect(column, "a date YYYY-MM-DD")
        return NO_DAY

    def boundary_instant(self, column: str) -> datetime:
        """Read an instant with an offset that lies on a half hour; leaves it in Japan Standard Time."""
        try:
            instant = datetime.fromisoformat(self._row.fields[column])
        except ValueError:
            instant = datetime.min  # noqa: DTZ901 - naive on purpose: refused in the next line
        if instant.tzinfo is None or instant.year not in YEARS or (instant - NO_INSTANT) % SLOT:
            self._expect(column, "a half hour as 2020-11-20T00:00:00+09:00")
            return NO_INSTANT
        return instant.astimezone(JST)

    def instant(self, column: str) -> datetime:
        """Read an instant with an offset; leaves it in Japan Standard Time."""
        try:
            instant = datetime.fromisoformat(self._row.fields[column])
        except ValueError:
            instant = datetime.min  # noqa: DTZ901 - naive on purpose: refused in the next line
        if instant.tzinfo is None or instant.year not in YEARS:
            self._expect(column, "an instant as 2020-11-20T09:12:00+09:00")
            return NO_INSTANT
        return instant.astimezone(JST)

    def word(self, column: str, words: Collection[str]) -> str:
        """Read one of a closed set of words."""
        found = self._row.fields[column]
        if found not in words:
            self._expect(column, "one of " + ", ".join(sorted(words)))
        return found

    def member(self, column: str, members: type[Member]) -> Member:
        """Read one of a closed set of words."""
        found = self._row.fields[column]
        for member in members:
            if member.value == found:
                return member
        self._expect(column, "one of " + ", ".join(members))
        return next(iter(members))

    def word_or_none(self, column: str, members: Mapping[str, Numbered]) -> Numbered | None:
        """Read one of a closed set of words that stand for numbers, None where the field is empty."""
        found = self._row.fields[column]
        if found and found not in members:
            self._expect(column, "one of " + ", ".join(members) + ", or empty")
        return members.get(found)

    def kind(self, column: str) -> CertificateKind:
        """Read a kind of certificate."""
        found = self._row.fields[column]
        for kind in CertificateKind:
            if kind.text == found:
                return kind
        self._expect(column, "one of " + ", ".join(kind.text for kind in CertificateKind))
        return CertificateKind.SURPLUS

    def words(self, column: str, known: frozenset[str]) -> tuple[str, ...]:
        """Read words joined by "+", each known and none twice."""
        found = tuple(self._row.fields[column].split("+"))
        if not known.issuperset(found) or len(set(found)) != len(found):
            self._expect(column, 'one or more of {} joined by "+"'.format(", ".join(sorted(known))))
        return found

    def texts(self, column: str) -> tuple[str, ...]:
        """Read texts joined by "+", none empty or twice; possibly no text at all."""
        found = self._row.fields[column]
        if not found:
            return ()
        texts = tuple(self.free_text(column).split("+"))
        if "" in texts or len(set(texts)) != len(texts):
            self._expect(column, 'texts joined by "+", none of them empty or twice')
        return texts

    def _expect(self, column: str, expected: str) -> None:
        """Note what stands in a column and what was expected there."""
        found = self._row.fields[column]
        shown = f"{found[:40]!r}" if found else "empty"
        self.note(f"{column} is {shown}, expected {expected}")
