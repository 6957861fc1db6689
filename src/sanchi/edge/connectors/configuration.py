"""Read collect.toml: which connectors there are, every fault named by line, key and what was expected.

Enter: the file, the environment. Leave: settings of connectors. Not here: what the keys mean (settings, rules).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from sanchi.core.base.errors import SanchiError
from sanchi.edge.connectors.configuration_rules import (
    KEY_RULES,
    LOOPBACK,
    NEEDED,
    SECRET_KEYS,
    KeyRule,
    duration_s,
)
from sanchi.edge.connectors.settings import (
    BrokerSettings,
    CloudSettings,
    ConnectorKind,
    ConnectorSettings,
    FolderSettings,
    Secret,
)
from sanchi.edge.connectors.toml_lines import line_of

TABLE: Final = "connector"
EVERY_S: Final = 1_800
EVERY_OF_FOLDERS_S: Final = 10
SECRET_BYTES_MAX: Final = 4_096
BYTES_PER_KIB: Final = 2**10
BYTES_PER_MIB: Final = 2**20
HINT: Final = "All keys stand in docs/reference/collect.md."


class UnfitConfiguration(SanchiError):
    """The configuration cannot be followed; no connector was started."""


@dataclass(frozen=True, slots=True)
class _Table:
    """One table of the file, and how to name a place in it."""

    file: Path
    text: str
    table_no: int
    entries: Mapping[str, Any]

    def fault(self, key: str, what: str, hint: str = HINT) -> UnfitConfiguration:
        """Word a fault: file, line, connector, key, what."""
        line_no = line_of(self.text, TABLE, self.table_no, key)
        name = self.entries.get("name")
        whose = f"connector {name!r}" if isinstance(name, str) else f"connector {self.table_no}"
        return UnfitConfiguration(f"{self.file}, line {line_no}, {whose}: {what}", hint=hint)

    def path(self, text: str | None) -> Path | None:
        """Read a path, which counts from the folder of the file."""
        return None if text is None else (self.file.parent / text)


def read_configuration(
    file: Path, environment: Mapping[str, str], every_s: int | None = None
) -> tuple[ConnectorSettings, ...]:
    """Read all connectors; every_s, where given, stands above what the file says. Raises: UnfitConfiguration."""
    try:
        text = file.read_text("utf-8")
        document = tomllib.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise UnfitConfiguration(f"{file} cannot be read ({error}).", hint="Name it with --config FILE.") from error
    except tomllib.TOMLDecodeError as error:
        raise UnfitConfiguration(f"{file} is not TOML: {error}.", hint="Correct that place.") from error
    general_s = _general_every_s(file, text, document)
    tables = document.get(TABLE)
    if not isinstance(tables, list) or not tables or not all(isinstance(each, dict) for each in tables):
        raise UnfitConfiguration(f"{file} names no connector: expected tables [[{TABLE}]].", hint=HINT)
    read: list[ConnectorSettings] = []
    for table_no, entries in enumerate(tables, start=1):
        table = _Table(file, text, table_no, entries)
        settings = _settings(table, environment, every_s, general_s)
        # Folders of files do not tell A from a.
        if settings.name.lower() in {each.name.lower() for each in read}:
            raise table.fault("name", f"key name: {settings.name!r} is taken, expected a name of its own")
        read.append(settings)
    return tuple(read)


def _general_every_s(file: Path, text: str, document: Mapping[str, Any]) -> int:
    """Read what stands above the tables: `every`, and nothing else."""
    for key in document:
        if key not in {TABLE, "every"}:
            line_no = line_of(text, "", 0, key)
            raise UnfitConfiguration(
                f"{file}, line {line_no}: key {key} is unknown, expected `every` or [[{TABLE}]]", hint=HINT
            )
    value = document.get("every", f"{EVERY_S}s")
    length_s = duration_s(value)
    if not length_s:
        line_no = line_of(text, "", 0, "every")
        raise UnfitConfiguration(
            f'{file}, line {line_no}: key every is {value!r}, expected a length of time such as "30m"', hint=HINT
        )
    return length_s


def _settings(table: _Table, environment: Mapping[str, str], every_s: int | None, general_s: int) -> ConnectorSettings:
    """Read one connector."""
    _refuse_secrets(table)
    word = table.entries.get("kind")
    if word not in list(ConnectorKind):
        kinds = ", ".join(ConnectorKind)
        raise table.fault("kind", f"key kind is {word!r}, expected one of {kinds}")
    kind = ConnectorKind(word)
    checked = _checked(table, KEY_RULES[kind])
    if kind is ConnectorKind.MQTT:
        return _broker(table, checked, environment)
    if kind is ConnectorKind.FOLDER:
        return _folder(table, checked)
    own_s = checked["every"] or general_s
    return _cloud(table, kind, checked, environment, every_s if every_s is not None else own_s)


def _refuse_secrets(table: _Table) -> None:
    """Refuse a secret in the file without repeating it."""
    for key in table.entries:
        if key.lower() in SECRET_KEYS:
            raise table.fault(
                key,
                f"key {key} would hold a secret, expected secret_env or secret_file",
                "Take it out of the file, name the environment variable or the file that holds it, and change the "
                "secret: it was readable here.",
            )


def _checked(table: _Table, rules: Mapping[str, KeyRule]) -> dict[str, Any]:
    """Check every key of a table by its rule."""
    for key in table.entries:
        if key not in rules:
            raise table.fault(key, f"key {key} is unknown, expected one of {', '.join(rules)}")
    checked = {}
    for key, rule in rules.items():
        if key not in table.entries:
            if rule.default is NEEDED:
                raise table.fault(key, f"key {key} is missing, expected {rule.expected}")
            checked[key] = rule.default
            continue
        checked[key] = rule.check(table.entries[key])
        if checked[key] is None:
            # The value of an address may hold a password, so it is not repeated.
            shown = "unfit" if key == "url" else f"{table.entries[key]!r}"
            raise table.fault(key, f"key {key} is {shown}, expected {rule.expected}")
    return checked


def _secret(table: _Table, checked: Mapping[str, Any], environment: Mapping[str, str]) -> Secret | None:
    """Fetch the secret from where the file says it is."""
    variable, file = checked["secret_env"], table.path(checked["secret_file"])
    if variable and file:
        raise table.fault("secret_file", "both secret_env and secret_file stand here, expected one of them")
    if variable:
        text = environment.get(variable, "")
        if not text:
            raise table.fault(
                "secret_env", f"the environment variable {variable} is not set", "Set it for this process alone."
            )
    elif file:
        try:
            with file.open("rb") as opened:
                text = opened.read(SECRET_BYTES_MAX).decode().strip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise table.fault("secret_file", f"{file} cannot be read as a secret", "Look at its rights.") from error
        if not text:
            raise table.fault("secret_file", f"{file} is empty, expected a secret")
    else:
        return None
    if not text.isprintable() or not text.isascii():
        raise table.fault("name", "the secret has signs that no header carries, expected printable ASCII")
    return Secret(text)


def _broker(table: _Table, checked: Mapping[str, Any], environment: Mapping[str, str]) -> BrokerSettings:
    """Put the settings of a broker together."""
    secret = _secret(table, checked, environment)
    if bool(checked["user"]) != (secret is not None):
        raise table.fault("user", "user and secret belong together, expected both or neither")
    is_tls = checked["host"] not in LOOPBACK if checked["tls"] is None else checked["tls"]
    return BrokerSettings(
        name=checked["name"],
        host=checked["host"],
        port=checked["port"],
        is_tls=is_tls,
        ca_file=table.path(checked["ca_file"]),
        user=checked["user"],
        secret=secret,
        client_id=checked["client_id"] or f"sanchi-collect-{checked['name']}",
        topic_prefix=checked["topic_prefix"].strip("/"),
        session_s=checked["session"],
        batch_messages=checked["batch_messages"],
        batch_s=checked["batch"],
        is_marking=checked["mark"],
        drain_s=checked["drain"],
        reread_answer_s=checked["reread_answer"],
        reread_pause_s=checked["reread_pause"],
    )


def _cloud(
    table: _Table, kind: ConnectorKind, checked: Mapping[str, Any], environment: Mapping[str, str], every_s: int
) -> CloudSettings:
    """Put the settings of a cloud together."""
    secret = _secret(table, checked, environment)
    if secret is None:
        raise table.fault("secret_env", "the cloud needs a secret, expected secret_env or secret_file")
    return CloudSettings(
        name=checked["name"],
        kind=kind,
        url=checked["url"],
        ca_file=table.path(checked["ca_file"]),
        client_id=checked.get("client_id", ""),
        secret=secret,
        every_s=every_s,
        page_items=checked.get("page_items", 0),
        pages_max=checked["pages_max"],
        body_bytes_max=checked["body_kib_max"] * BYTES_PER_KIB,
        tries_max=checked["tries_max"],
        backoff_s=checked["backoff"],
        patience_s=checked["patience"],
        answer_s=checked["answer"],
        begin_at=checked.get("begin_at", ""),
    )


def _folder(table: _Table, checked: Mapping[str, Any]) -> FolderSettings:
    """Put the settings of a folder together."""
    return FolderSettings(
        name=checked["name"],
        folder=table.file.parent / checked["folder"],
        patterns=tuple(checked["patterns"]),
        every_s=checked["every"] or EVERY_OF_FOLDERS_S,
        settle_ms=checked["settle"],
        file_bytes_max=checked["file_mib_max"] * BYTES_PER_MIB,
    )
