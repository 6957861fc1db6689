"""The only place where ports meet adapters.

Enters: a home folder. Leaves: stores, runner, audit, views. Not here: rules of any kind.
"""

import os
from collections.abc import Callable
from pathlib import Path

from sanchi.app.stores import Installation, Result
from sanchi.core.base.ids import MarketId


def prepare(home: Path) -> None:
    """Set what must stand before the first heavy import: home, settings, Numba's cache; then start Django."""
    os.environ["SANCHI_HOME"] = str(home.resolve())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sanchi.start.settings")
    # In a read-only package without a writable home directory, Numba's default place would not exist.
    os.environ.setdefault("NUMBA_CACHE_DIR", str(home.resolve() / "cache" / "numba"))
    import django

    django.setup()
