"""What lies in the home folder of an installation, and under which names.

Enters: a home folder. Leaves: its parts. Not here: the content of database and lake.
"""

import os
from pathlib import Path
from typing import Final

from django.core.management.utils import get_random_secret_key

DATABASE_FILE_NAME: Final = "sanchi.sqlite3"
SECRET_FILE_NAME: Final = "secret_key"  # noqa: S105 - a name, not a secret
LAKE_FOLDER_NAME: Final = "lake"

_OWNER_ONLY: Final = 0o600


def keep_secret_key(home: Path) -> None:
    """Write a secret key of the home's own, readable by its owner alone; a key that is there stays."""
    try:
        secret_file = os.open(home / SECRET_FILE_NAME, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _OWNER_ONLY)
    except FileExistsError:
        return
    with os.fdopen(secret_file, "w") as text:
        text.write(get_random_secret_key() + "\n")
