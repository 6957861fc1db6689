"""Answers about homes from a table or a TOML file, checked field by field.

Enters: a CSV or TOML file. Leave: surveys by home. Not here: the judgement (core.metering.connections.onboarding).
"""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any, Final, TypeVar

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.connections.onboarding import HomeSurvey, MeterPlace, WifiBand

HOME: Final = "home"
COLUMNS: Final = (
    HOME, "meter_place", "wifi_band", "router_in_same_room", "distance_m", "wifi_dbm", "tries", "answers", "lqi",
)  # fmt: skip
NEEDED: Final = (HOME, "meter_place", "wifi_band")
# What the devices can measure at all: anything else is a slip of the pen.
RANGES: Final[Mapping[str, tuple[int, int]]] = {
    "distance_m": (0, 1_000),
    "wifi_dbm": (-120, 0),
    "tries": (0, 10_000),
    "answers": (0, 10_000),
    "lqi": (0, 255),
}
TRUTHS: Final = {"yes": True, "no": False, "true": True, "false": False, "": False}
FILE_BYTES_MAX: Final = 16 << 20
HINT: Final = "All columns stand in docs/reference/onboarding.md."

Word = TypeVar("Word", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Answers:
    """The fields of one home, as texts, and where they stand."""

    place: str
    fields: Mapping[str, str]

    def fault(self, what: str) -> UnreadableDelivery:
        """Word a fault."""
        return UnreadableDelivery(f"{self.place}: {what}.", hint=HINT)

    def word(self, name: str, words: type[Word]) -> Word:
        """Give one of several words."""
        text = self.fields.get(name, "")
        if text not in list(words):
            raise self.fault(f"{name} is {text!r}, expected one of {', '.join(words)}")
        return words(text)

    def number(self, name: str) -> int | None:
        """Give a whole number within what can be, None where the field is empty."""
        text = self.fields.get(name, "")
        if not text:
            return None
        least, most = RANGES[name]
        is_whole = text.removeprefix("-").isdecimal() and text.isascii() and len(text) <= len("-10000")
        if not is_whole or not least <= int(text) <= most:
            raise self.fault(f"{name} is {text!r}, expected a whole number from {least} to {most}")
        return int(text)

    def truth(self, name: str) -> bool:
        """Give yes or no."""
        text = self.fields.get(name, "").lower()
        if text not in TRUTHS:
            raise self.fault(f"{name} is {text!r}, expected yes or no")
        return TRUTHS[text]

    def survey(self) -> HomeSurvey:
        """Check all fields."""
        tries, answers = self.number("tries") or 0, self.number("answers") or 0
        if answers > tries:
            raise self.fault(f"{answers} answers to {tries} tries")
        return HomeSurvey(
            meter_place=self.word("meter_place", MeterPlace),
            wifi_band=self.word("wifi_band", WifiBand),
            has_router_in_same_room=self.truth("router_in_same_room"),
            distance_m=self.number("distance_m"),
            wifi_dbm=self.number("wifi_dbm"),
            tries_count=tries,
            answers_count=answers,
            lqi=self.number("lqi"),
        )


def survey_of(place: str, fields: Mapping[str, str]) -> HomeSurvey:
    """Check the answers about one home. Raises: UnreadableDelivery."""
    return _Answers(place, fields).survey()


def read_surveys(file: Path) -> dict[str, HomeSurvey]:
    """Read a file of homes, each once. Raises: UnreadableDelivery."""
    try:
        if file.stat().st_size > FILE_BYTES_MAX:
            raise UnreadableDelivery(f"{file} is larger than {FILE_BYTES_MAX >> 20} MiB.", hint="Cut it into parts.")
        text = file.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDelivery(f"{file} cannot be read ({error}).", hint="Name a CSV or TOML file.") from error
    rows = _toml_rows(file, text) if file.suffix == ".toml" else _csv_rows(file, text)
    surveys: dict[str, HomeSurvey] = {}
    for row in rows:
        home = row.fields.get(HOME, "")
        if not home:
            raise row.fault("no home is named")
        if home in surveys:
            raise row.fault(f"{home} stands here a second time")
        surveys[home] = row.survey()
    return surveys


def _csv_rows(file: Path, text: str) -> list[_Answers]:
    """Read the lines of a table."""
    try:
        reader = csv.DictReader(text.splitlines(), strict=True)
        names = reader.fieldnames or ()
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UnreadableDelivery(f"{file} is no table of CSV: {error}.", hint=HINT) from error
    _refuse_names(file, names, [name for name in NEEDED if name not in names])
    result = []
    for line_no, row in rows:
        answers = _Answers(f"{file}, line {line_no}", {name: (row[name] or "").strip() for name in names})
        # DictReader keeps what is too much under None.
        if None in row:
            raise answers.fault("more fields than the header has")
        result.append(answers)
    return result


def _toml_rows(file: Path, text: str) -> list[_Answers]:
    """Read the tables [[home]]."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDelivery(f"{file} is not TOML: {error}.", hint="Correct that place.") from error
    tables = document.get(HOME)
    if set(document) != {HOME} or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise UnreadableDelivery(f"{file}: expected tables [[{HOME}]] and nothing else.", hint=HINT)
    result = []
    for number, table in enumerate(tables, start=1):
        _refuse_names(file, tuple(table), [])
        fields = {name: _toml_text(value) for name, value in table.items()}
        result.append(_Answers(f"{file}, home {number}", fields))
    return result


def _toml_text(value: Any) -> str:
    """Write a value of TOML as a table would have it."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _refuse_names(file: Path, names: Sequence[str], missing: Sequence[str]) -> None:
    """Refuse columns that mean nothing, and the absence of those that are needed."""
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise UnreadableDelivery(f"{file}: column {unknown[0]!r} is unknown.", hint=f"Columns: {', '.join(COLUMNS)}.")
    if missing:
        raise UnreadableDelivery(f"{file}: column {missing[0]!r} is missing.", hint=f"Columns: {', '.join(COLUMNS)}.")
