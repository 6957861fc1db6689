"""Read alerts.toml: whom to tell, every fault named by its channel and key.

Enter: the file, the environment. Leave: settings of channels. Not here: telling anybody.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from sanchi.core.base.errors import SanchiError

TABLE: Final = "channel"
HINT: Final = "All keys stand in docs/reference/monitor.md."
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
ADDRESS: Final = re.compile(r"[^@\s<>,;\"\\]{1,64}@[A-Za-z0-9.-]{1,253}")
LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
SECRET_KEYS: Final = frozenset({"secret", "password", "passwd", "token", "key", "api_key", "hmac_key"})
SECRET_BYTES_MAX: Final = 4_096
PORT_END: Final = 65_536
TLS_WORDS: Final = ("starttls", "tls", "none")
PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
TRIES_MAX: Final = 10
COMMON: Final = frozenset({"name", "kind", "secret_env", "secret_file", "ca_file"})
KEYS: Final[Mapping[str, frozenset[str]]] = {
    "mail": COMMON | {"host", "port", "tls", "user", "from", "to"},
    "webhook": COMMON | {"url", "tries"},
}


class UnfitAlertSettings(SanchiError):
    """The file that names the channels cannot be followed; nobody was told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MailSettings:
    """A mailbox and the server that takes mail for it; tls: one of TLS_WORDS, user "" = without sign-in."""

    name: str
    host: str
    port: int
    tls: str
    ca_file: Path | None
    user: str
    secret: str = field(repr=False)
    sender: str
    receivers: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WebhookSettings:
    """An address that takes JSON, signed with the secret."""

    name: str
    url: str
    ca_file: Path | None
    secret: str = field(repr=False)
    tries_max: int


ChannelSettings = MailSettings | WebhookSettings


@dataclass(frozen=True, slots=True)
class _Table:
    """One channel of the file."""

    file: Path
    number: int
    entries: Mapping[str, Any]

    def fault(self, what: str) -> UnfitAlertSettings:
        """Word a fault."""
        name = self.entries.get("name")
        whose = repr(name) if isinstance(name, str) else str(self.number)
        return UnfitAlertSettings(f"{self.file}, channel {whose}: {what}", hint=HINT)

    def text(self, key: str, default: str | None = None) -> str:
        """Give a text of one line."""
        value = self.entries.get(key, default)
        if not isinstance(value, str) or not value.isprintable() or (not value and default is None):
            raise self.fault(f"key {key} is missing or no text of one line")
        return value

    def number_of(self, key: str, default: int, least: int, end: int) -> int:
        """Give a whole number."""
        value = self.entries.get(key, default)
        if type(value) is not int or not least <= value < end:
            raise self.fault(f"key {key} is {value!r}, expected a whole number from {least} to {end - 1}")
        return value

    def path(self, key: str) -> Path | None:
        """Give a path, which counts from the folder of the file."""
        return self.file.parent / self.text(key) if key in self.entries else None


def read_alert_settings(file: Path, environment: Mapping[str, str]) -> tuple[ChannelSettings, ...]:
    """Read all channels. Raises: UnfitAlertSettings."""
    try:
        document = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitAlertSettings(f"{file} cannot be read ({error}).", hint="Name it with --config FILE.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnfitAlertSettings(f"{file} is not TOML: {error}.", hint="Correct that place.") from error
    tables = document.get(TABLE)
    if set(document) != {TABLE} or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise UnfitAlertSettings(f"{file}: expected tables [[{TABLE}]] and nothing else.", hint=HINT)
    read: list[ChannelSettings] = []
    for number, entries in enumerate(tables, start=1):
        table = _Table(file, number, entries)
        settings = _settings(table, environment)
        if settings.name in {each.name for each in read}:
            raise table.fault("key name: taken, expected a name of its own")
        read.append(settings)
    return tuple(read)


def _settings(table: _Table, environment: Mapping[str, str]) -> ChannelSettings:
    """Read one channel."""
    for key in table.entries:
        if key.lower() in SECRET_KEYS:
            raise table.fault(f"key {key} would hold a secret, expected secret_env or secret_file")
    kind = table.text("kind")
    if kind not in KEYS:
        raise table.fault(f"key kind is {kind!r}, expected one of {', '.join(KEYS)}")
    for key in table.entries:
        if key not in KEYS[kind]:
            raise table.fault(f"key {key} is unknown, expected one of {', '.join(sorted(KEYS[kind]))}")
    if not NAME.fullmatch(table.text("name")):
        raise table.fault("key name: expected letters, digits, `.`, `_` and `-`")
    return _mail(table, environment) if kind == "mail" else _webhook(table, environment)


def _mail(table: _Table, environment: Mapping[str, str]) -> MailSettings:
    """Read a mailbox."""
    host, secret = table.text("host"), _secret(table, environment)
    tls = table.text("tls", "starttls")
    if tls not in TLS_WORDS:
        raise table.fault(f"key tls is {tls!r}, expected one of {', '.join(TLS_WORDS)}")
    if tls == "none" and host not in LOOPBACK:
        raise table.fault("key tls: mail without encryption goes to this machine alone")
    user = table.text("user", "")
    if bool(user) != bool(secret):
        raise table.fault("user and secret belong together, expected both or neither")
    receivers = table.entries.get("to")
    if not isinstance(receivers, list) or not receivers or not all(_is_address(each) for each in receivers):
        raise table.fault("key to: expected a list of mail addresses")
    sender = table.text("from")
    if not _is_address(sender):
        raise table.fault("key from: expected a mail address")
    return MailSettings(
        name=table.text("name"),
        host=host,
        port=table.number_of("port", PORTS[tls], 1, PORT_END),
        tls=tls,
        ca_file=table.path("ca_file"),
        user=user,
        secret=secret,
        sender=sender,
        receivers=tuple(receivers),
    )


def _is_address(value: object) -> bool:
    """Tell a mail address, in ASCII and of one line."""
    return isinstance(value, str) and value.isascii() and ADDRESS.fullmatch(value) is not None


def _webhook(table: _Table, environment: Mapping[str, str]) -> WebhookSettings:
    """Read an address that takes JSON."""
    url, secret = table.text("url"), _secret(table, environment)
    parts = urlsplit(url)
    is_safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)
    if not is_safe or parts.username or parts.password or not parts.hostname:
        raise table.fault("key url: expected https://HOST, or http:// on this machine, without user")
    if not secret:
        raise table.fault("a webhook is signed, expected secret_env or secret_file")
    return WebhookSettings(
        name=table.text("name"),
        url=url,
        ca_file=table.path("ca_file"),
        secret=secret,
        tries_max=table.number_of("tries", 4, 1, TRIES_MAX + 1),
    )


def _secret(table: _Table, environment: Mapping[str, str]) -> str:
    """Fetch the secret from where the file says it is; "" where it says nothing."""
    variable, file = table.text("secret_env", ""), table.path("secret_file")
    if variable and file:
        raise table.fault("both secret_env and secret_file stand here, expected one of them")
    if variable:
        if not environment.get(variable):
            raise table.fault(f"the environment variable {variable} is not set")
        return environment[variable]
    if file is None:
        return ""
    try:
        with file.open("rb") as opened:
            text = opened.read(SECRET_BYTES_MAX).decode().strip("\r\n")
    except (OSError, UnicodeDecodeError) as error:
        raise table.fault(f"{file} cannot be read as a secret") from error
    if not text:
        raise table.fault(f"{file} is empty, expected a secret")
    return text
