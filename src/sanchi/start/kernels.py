"""Give compiled kernels a place to stay when no sanchi home is open.

Enters: the environment. Leaves: NUMBA_CACHE_DIR in it. Not here: the kernels.
"""

import os
import tempfile
from pathlib import Path

from sanchi import __version__

VARIABLE = "NUMBA_CACHE_DIR"


def prepare_kernels() -> None:
    """Name Numba's cache, unless the environment does: in the user's cache folder, else in one for this process.

    It has to stand before the first kernel is called.
    """
    if VARIABLE in os.environ:
        return
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = caches / "sanchi" / f"numba-{__version__}"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(folder, os.W_OK)
    except OSError:
        is_writable = False
    os.environ[VARIABLE] = str(folder) if is_writable else tempfile.mkdtemp(prefix="sanchi-numba-")
