"""Which database an installation uses: SQLite in its home, or a PostgreSQL named by an address.

Enters: the text of SANCHI_DATABASE_URL and the home. Leaves: Django's settings of it. Nothing is connected.
"""

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlsplit

from sanchi.core.base.errors import SetupFault
from sanchi.edge.store.home import DATABASE_FILE_NAME

# One writer at a time: a second one waits this long before it is told so.
WAIT_FOR_WRITER_S: Final = 60
_SERVER_PARTS: Final = ("host", "port", "user", "password")


def database_settings(url: str, home: Path) -> dict[str, Any]:
    """Give Django's settings of the database.

    url : empty for SQLite, or postgresql://user:password@host:port/name, each part also as ?host=...&user=...
    Raises: SetupFault.
    """
    if not url:
        return _sqlite(home / DATABASE_FILE_NAME)
    parts = urlsplit(url)
    name = unquote(parts.path.removeprefix("/"))
    if parts.scheme != "postgresql" or not name:
        # The address may hold a password, so it is not repeated.
        raise SetupFault(
            "SANCHI_DATABASE_URL is not the address of a PostgreSQL database.",
            hint="Write postgresql://USER@HOST/NAME or postgresql:///NAME?host=FOLDER; leave it empty for SQLite.",
        )
    options = dict(parse_qsl(parts.query))
    named = {
        "host": parts.hostname,
        "port": parts.port,
        "user": parts.username and unquote(parts.username),
        "password": parts.password and unquote(parts.password),
    }
    server = {part.upper(): str(options.pop(part, None) or named[part] or "") for part in _SERVER_PARTS}
    return {"ENGINE": "django.db.backends.postgresql", "NAME": name, "OPTIONS": options, **server}


def _sqlite(database_file: Path) -> dict[str, Any]:
    """Give the settings of a SQLite file that survives a power cut and lets readers read while one writes."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": database_file,
        "OPTIONS": {
            "timeout": WAIT_FOR_WRITER_S,
            # Asking for the write lock at the beginning: two readers that both go on to write cannot deadlock.
            "transaction_mode": "IMMEDIATE",
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA recursive_triggers=ON;",
        },
    }
