"""What lies in the home folder of an installation, and under which names.

Enters: a home folder. Leaves: its parts. Not here: the content of database and lake.
"""

import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from django.core.management.utils import get_random_secret_key

from sanchi.core.base.errors import SetupFault

DATABASE_FILE_NAME: Final = "sanchi.sqlite3"
SECRET_FILE_NAME: Final = "secret_key"  # noqa: S105 - a name, not a secret
LOG_SIGNING_KEY_FILE_NAME: Final = "log_signing_key"
LOG_SALT_KEY_FILE_NAME: Final = "log_salt_key"
LAKE_FOLDER_NAME: Final = "lake"

_OWNER_ONLY: Final = 0o600
_KEY_BYTES: Final = 32


def keep_secret_key(home: Path) -> None:
    """Write a secret key of the home's own, readable by its owner alone; a key that is there stays."""
    try:
        secret_file = os.open(home / SECRET_FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        return
    with os.fdopen(secret_file, "w") as text:
        text.write(get_random_secret_key() + "\n")


@dataclass(frozen=True, slots=True, kw_only=True)
class LogKeys:
    """The operator's keys of the log: the Ed25519 seed that signs checkpoints, and the key that salts come from."""

    signing_seed: bytes = field(repr=False)
    salt_key: bytes = field(repr=False)


def keep_log_keys(home: Path) -> None:
    """Write the keys of the log, readable by their owner alone; keys that are there stay."""
    for name in (LOG_SIGNING_KEY_FILE_NAME, LOG_SALT_KEY_FILE_NAME):
        if not (home / name).exists():
            _keep_key(home / name)


def has_log_keys(home: Path) -> bool:
    """Tell whether both keys are there."""
    return all((home / name).is_file() for name in (LOG_SIGNING_KEY_FILE_NAME, LOG_SALT_KEY_FILE_NAME))


def read_log_keys(home: Path) -> LogKeys:
    """Read the keys of the log. Raises: SetupFault."""
    signing_seed, salt_key = (_read_key(home / name) for name in (LOG_SIGNING_KEY_FILE_NAME, LOG_SALT_KEY_FILE_NAME))
    return LogKeys(signing_seed=signing_seed, salt_key=salt_key)


def _keep_key(file: Path) -> None:
    """Write a key so that after a power cut it is there whole or not at all, and never over another one."""
    being_written = file.with_suffix(f".{os.getpid()}.being-written")
    with os.fdopen(os.open(being_written, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _OWNER_ONLY), "w") as text:
        text.write(secrets.token_hex(_KEY_BYTES) + "\n")
        text.flush()
        os.fsync(text.fileno())
    try:
        file.hardlink_to(being_written)
    except FileExistsError:
        # Another init was faster; its key counts.
        pass
    finally:
        being_written.unlink()


def _read_key(file: Path) -> bytes:
    """Read a key that was written as hex."""
    try:
        key = bytes.fromhex(file.read_text().strip())
    except FileNotFoundError as error:
        raise SetupFault(
            f"The key {file} is missing: nothing can be sealed or proven without it.",
            hint="Restore it from a backup of the home folder; where nothing was ever sealed, sanchi init makes it.",
        ) from error
    except ValueError as error:
        raise SetupFault(f"The key {file} is damaged.", hint="Restore it from a backup of the home folder.") from error
    if len(key) != _KEY_BYTES:
        raise SetupFault(f"The key {file} is damaged.", hint="Restore it from a backup of the home folder.")
    return key
