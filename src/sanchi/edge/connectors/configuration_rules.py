"""What may stand in collect.toml: per kind of connector its keys, what each expects, and what holds without it.

Enters: a value of TOML. Leaves: the checked value, or what was expected. Not here: where the value stands.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlsplit

from sanchi.edge.connectors.settings import ConnectorKind

NEEDED: Final = object()  # the default of a key that has none

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._]{0,31}(-[A-Za-z0-9._]{1,16}){0,3}")
HOST: Final = re.compile(r"[A-Za-z0-9._:-]{1,253}")
TOPIC: Final = re.compile(r"[A-Za-z0-9._/-]{1,100}")
DURATION: Final = re.compile(r"([1-9]\d{0,5}|0)(s|m|h|d)")
ENVIRONMENT: Final = re.compile(r"[A-Za-z_]\w*")
SECONDS: Final = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})

# Whatever such a key holds would be a secret in a file that is copied, shown and kept in version control.
SECRET_KEYS: Final = frozenset(
    {"secret", "password", "passwd", "client_secret", "token", "access_token", "api_key", "key", "apikey"}
)


@dataclass(frozen=True, slots=True)
class KeyRule:
    """One key: how its value is checked (None = unfit), what is expected in words, what holds without it."""

    check: Callable[[Any], Any]
    expected: str
    default: Any = NEEDED


def duration_s(value: Any) -> int | None:
    """Read a length of time.

    >>> duration_s("30m")
    1800
    """
    found = DURATION.fullmatch(value) if isinstance(value, str) else None
    return int(found[1]) * SECONDS[found[2]] if found else None


def duration_ms(value: Any) -> int | None:
    """Read a length of time, which may also be in milliseconds."""
    if isinstance(value, str) and (found := re.fullmatch(r"(\d{1,6})ms", value)):
        return int(found[1])
    length_s = duration_s(value)
    return None if length_s is None else length_s * 1_000


def _matching(pattern: re.Pattern[str]) -> Callable[[Any], str | None]:
    """Check a text as a whole."""
    return lambda value: value if isinstance(value, str) and pattern.fullmatch(value) else None


def _whole(least: int, most: int) -> Callable[[Any], int | None]:
    """Check a whole number within bounds; true and false are none."""
    return lambda value: value if type(value) is int and least <= value <= most else None


def _text(value: Any) -> str | None:
    """Check a text that says something."""
    return value if isinstance(value, str) and value.strip() and value.isprintable() else None


def _truth(value: Any) -> bool | None:
    """Check true or false."""
    return value if isinstance(value, bool) else None


def _stamp(value: Any) -> str | None:
    """Check a stamp with an offset, and give it as it was written."""
    try:
        instant = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return instant.isoformat() if instant.tzinfo is not None else None


def _patterns(value: Any) -> tuple[str, ...] | None:
    """Check a list of patterns of file names."""
    is_list = isinstance(value, list) and value and all(_text(each) and "/" not in each for each in value)
    return tuple(value) if is_list else None


def _address(value: Any) -> str | None:
    """Check the address of a cloud: https, or http on this machine; nobody's name or secret in it."""
    if not isinstance(value, str):
        return None
    try:
        parts = urlsplit(value)
        parts.port  # noqa: B018 - asking is the check
    except ValueError:
        return None
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    is_bare = not (parts.username or parts.password or parts.query or parts.fragment)
    return value.rstrip("/") if is_safe and is_bare and parts.hostname else None


_EVERY: Final = KeyRule(duration_s, 'a length of time such as "30m"', None)
_CA_FILE: Final = KeyRule(_text, "the path of a file with certificates", None)
_SECRET: Final = {
    "secret_env": KeyRule(_matching(ENVIRONMENT), "the name of an environment variable", None),
    "secret_file": KeyRule(_text, "the path of a file that holds the secret alone", None),
}
_COMMON: Final = {
    "name": KeyRule(_matching(NAME), "letters, digits, `.` and `_`, in up to four parts joined by `-`"),
    "kind": KeyRule(_text, "one of " + ", ".join(ConnectorKind)),
}
_CLOUD: Final = _COMMON | _SECRET | {
    "url": KeyRule(_address, "https://HOST, or http:// on this machine, without user, query or fragment"),
    "ca_file": _CA_FILE,
    "every": _EVERY,
    "pages_max": KeyRule(_whole(1, 1_000_000), "a whole number of pages from 1", 1_000),
    "body_kib_max": KeyRule(_whole(1, 65_536), "a whole number of KiB from 1 to 65536", 1_024),
    "tries_max": KeyRule(_whole(1, 20), "a whole number from 1 to 20", 5),
    "backoff": KeyRule(duration_s, 'a length of time such as "2s"', 2),
    "patience": KeyRule(duration_s, 'a length of time such as "5m"', 300),
    "answer": KeyRule(duration_s, 'a length of time such as "20s"', 20),
}  # fmt: skip

KEY_RULES: Final[dict[ConnectorKind, dict[str, KeyRule]]] = {
    ConnectorKind.MQTT: _COMMON | _SECRET | {
        "host": KeyRule(_matching(HOST), "the name or number of a host"),
        "port": KeyRule(_whole(1, 65_535), "a whole number from 1 to 65535", 8_883),
        "tls": KeyRule(_truth, "true or false", None),
        "ca_file": _CA_FILE,
        "user": KeyRule(_text, "a text", ""),
        "client_id": KeyRule(_matching(NAME), "a name that no other client of the broker has", None),
        "topic_prefix": KeyRule(_matching(TOPIC), "the first part of the topics", "sanchi"),
        "session": KeyRule(duration_s, 'a length of time such as "30d"', 30 * 86_400),
        "batch_messages": KeyRule(_whole(1, 20_000), "a whole number from 1 to 20000", 500),
        "batch": KeyRule(duration_s, 'a length of time such as "10s"', 10),
        "mark": KeyRule(_truth, "true or false", True),  # noqa: FBT003 - a default among others
        "drain": KeyRule(duration_s, 'a length of time such as "5s"', 5),
        "reread_answer": KeyRule(duration_s, 'a length of time such as "30s"', 30),
        "reread_pause": KeyRule(duration_s, 'a length of time such as "5s"', 5),
    },
    ConnectorKind.CT_CLOUD: _CLOUD | {
        "client_id": KeyRule(_text, "the name under which the cloud knows us"),
        "page_items": KeyRule(_whole(1, 100_000), "a whole number of items from 1", 500),
    },
    ConnectorKind.GATEWAY_CLOUD: _CLOUD | {
        "begin_at": KeyRule(_stamp, "a stamp with an offset", "1970-01-01T00:00:00+09:00"),
    },
    ConnectorKind.FOLDER: _COMMON | {
        "folder": KeyRule(_text, "the path of a folder"),
        "patterns": KeyRule(_patterns, 'a list of patterns such as ["W4*.zip"]', ("W4*.zip", "W5*.zip")),
        "every": KeyRule(duration_s, 'a length of time such as "10s"', None),
        "settle": KeyRule(duration_ms, 'a length of time such as "2s" or "500ms"', 2_000),
        "file_mib_max": KeyRule(_whole(1, 1_048_576), "a whole number of MiB from 1", 1_024),
    },
}  # fmt: skip
