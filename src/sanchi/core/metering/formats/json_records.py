"""Read records of JSON strictly: every field of its own type and inside its bounds, or a fault that says which.

Enter: text and parsed objects. Leave: numbers, instants, texts; RecordFault. Not here: what the fields mean.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sanchi.core.base.problems import ProblemCode

# What a person can read of a record, and what a name may be long.
SHOWN_CHARACTERS_MAX: Final = 200
NAME_CHARACTERS_MAX: Final = 100
# Whoever tells an instant outside of these years has no clock.
FIRST_YEAR: Final = 2000
END_YEAR: Final = 2200
# A longer number is none that a meter shows, and fits into no int64.
NUMBER_MAX: Final = 10**15
_UNIX_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_SECOND: Final = timedelta(seconds=1)


class RecordFault(ValueError):
    """A record is none: the code of its problem and what is wrong with it. Decoders turn it into a RecordProblem."""

    def __init__(self, detail: str, code: ProblemCode = ProblemCode.UNREADABLE_ROW) -> None:
        """Keep the code beside the sentence."""
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True, kw_only=True)
class CloudPage:
    """The body of a page of a vendor's cloud as it came, and when it came (Unix seconds)."""

    received_s: int
    body: str


def parse_object(text: str) -> dict[str, Any]:
    """Parse a text that has to be one JSON object. Raises: RecordFault."""
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
        raise RecordFault(f"no JSON: {shown_text(reason)}") from error
    return object_of(parsed)


def object_of(parsed: object) -> dict[str, Any]:
    """Demand that a parsed value is an object. Raises: RecordFault."""
    if not isinstance(parsed, dict):
        raise RecordFault(f"{_kind(parsed)} where an object belongs")
    return parsed


def list_of(record: Mapping[str, Any], name: str) -> list[Any]:
    """Demand a list. Raises: RecordFault."""
    value = _value(record, name)
    if not isinstance(value, list):
        raise RecordFault(f"{name}: {_kind(value)} where a list belongs")
    return value


def text_of(record: Mapping[str, Any], name: str) -> str:
    """Demand a text of any content. Raises: RecordFault."""
    value = _value(record, name)
    if not isinstance(value, str):
        raise RecordFault(f"{name}: {_kind(value)} where a text belongs")
    return value


def name_of(record: Mapping[str, Any], name: str) -> str:
    """Demand a name: a short printable text that is not empty. Raises: RecordFault."""
    value = text_of(record, name)
    if not value.strip() or len(value) > NAME_CHARACTERS_MAX or not value.isprintable():
        raise RecordFault(f"{name}: empty, longer than {NAME_CHARACTERS_MAX} characters or not printable")
    return value


def number_of(record: Mapping[str, Any], name: str, n_least: int = -NUMBER_MAX, n_most: int = NUMBER_MAX) -> int:
    """Demand a whole number inside its bounds, both included. Raises: RecordFault."""
    value = _value(record, name)
    # A truth value is an int to Python, and none to anybody else.
    if type(value) is not int:
        raise RecordFault(f"{name}: {_kind(value)} where a whole number belongs")
    if not n_least <= value <= n_most:
        raise RecordFault(f"{name}: a number outside {n_least}..{n_most}")
    return value


def number_or_none_of(record: Mapping[str, Any], name: str) -> int | None:
    """Demand a whole number or null; the key has to be there. Raises: RecordFault."""
    return None if _value(record, name) is None else number_of(record, name)


def stamp_s_of(record: Mapping[str, Any], name: str) -> int:
    """Demand the stamp of a reading, which has no fraction of a second. Raises: RecordFault. Returns: Unix seconds."""
    instant = _instant_of(record, name)
    if instant.microsecond:
        raise RecordFault(f"{name}: a fraction of a second", ProblemCode.STAMP_OFF_BOUNDARY)
    return (instant - _UNIX_EPOCH) // _SECOND


def instant_s_of(record: Mapping[str, Any], name: str) -> int:
    """Demand an instant whose fraction of a second orders nothing. Raises: RecordFault. Returns: Unix seconds."""
    return (_instant_of(record, name) - _UNIX_EPOCH) // _SECOND


def instant_s_or_none_of(record: Mapping[str, Any], name: str) -> int | None:
    """Demand an instant or null; the key has to be there. Raises: RecordFault. Returns: Unix seconds."""
    return None if _value(record, name) is None else instant_s_of(record, name)


def _instant_of(record: Mapping[str, Any], name: str) -> datetime:
    """Demand an instant with an offset, of a year that can be."""
    value = _value(record, name)
    if not isinstance(value, str):
        raise RecordFault(f"{name}: {_kind(value)} where a stamp belongs")
    try:
        instant = datetime.fromisoformat(value)
    except ValueError as error:
        raise RecordFault(f"{name}: no ISO 8601 stamp") from error
    if instant.tzinfo is None:
        raise RecordFault(f"{name}: a stamp without an offset")
    if not FIRST_YEAR <= instant.year < END_YEAR:
        raise RecordFault(f"{name}: the year {instant.year} is a broken clock's")
    return instant


def shown_text(value: object) -> str:
    """Write a record as a person can read it and every store can keep it: short, printable.

    >>> shown_text({"a": 1})
    '{"a": 1}'
    """
    try:
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    except RecursionError:
        text = "(nested too deeply to be shown)"
    short = text if len(text) <= SHOWN_CHARACTERS_MAX else f"{text[: SHOWN_CHARACTERS_MAX - 3]}..."
    return printable_text(short)


def printable_text(text: str) -> str:
    """Write a dot for every character that no store keeps or no page shows."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "\N{MIDDLE DOT}" for each in text)


def _value(record: Mapping[str, Any], name: str) -> object:
    """Find a field."""
    if name not in record:
        raise RecordFault(f"{name} is missing")
    return record[name]


def _kind(value: object) -> str:
    """Call a parsed value what JSON calls it."""
    names = {dict: "an object", list: "a list", str: "a text", bool: "a truth value", float: "a fraction"}
    return "nothing" if value is None else names.get(type(value), "a number")
