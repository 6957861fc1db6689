"""Give compiled kernels a place to stay when no sanchi home is open.

Enters: the environment. Leaves: NUMBA_CACHE_DIR in it. Not here: the kernels.
"""

import os
import tempfile
from hashlib import blake2b
from pathlib import Path

CORE = Path(__file__).resolve().parents[1] / "core"
VARIABLE = "NUMBA_CACHE_DIR"


def prepare_kernels() -> None:
    """Name Numba's cache, unless the environment does: in the user's cache folder, else in one for this process.

    It has to stand before the first kernel is called.
    """
    if VARIABLE in os.environ:
        return
    caches = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
    folder = numba_cache_folder(caches / "sanchi")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        is_writable = os.access(folder, os.W_OK)
    except OSError:
        is_writable = False
    os.environ[VARIABLE] = str(folder) if is_writable else tempfile.mkdtemp(prefix="sanchi-numba-")


def numba_cache_folder(parent: Path, core: Path = CORE) -> Path:
    """Name a folder for compiled kernels that belongs to this state of core's sources alone.

    Numba looks at the age of a kernel's own file only and would keep old code of other files inlined in it.
    """
    digest = blake2b(digest_size=8)
    for source in sorted(core.rglob("*.py")):
        digest.update(f"{source.relative_to(core)}\0".encode())
        digest.update(source.read_bytes())
    return parent / f"numba-{digest.hexdigest()}"
