"""A private PostgreSQL, reached by its socket alone: made, started, and gone when the block ends.

Enters: nothing. Leaves: the address of a database on it. Flushing is on, unlike in scripts/test.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DATABASE = "sanchi_bench"
LOCALE = ("--encoding", "UTF8", "--locale", "C")  # as scripts/test
# What any guide gives a server of its own; everything else, flushing included, is the default.
SETTINGS = {"shared_buffers": "1GB", "max_wal_size": "4GB"}


def programs() -> Path | None:
    """Find the folder of a server's programs: the newest of Debian's, or else the one in PATH."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: int(folder.parent.name))
    in_path = shutil.which("initdb")
    found = [*([Path(in_path).parent] if in_path else []), *folders]
    return next((folder for folder in reversed(found) if (folder / "initdb").exists()), None)


@contextmanager
def private_server() -> Iterator[str]:
    """Give the address of an empty database. Raises: FileNotFoundError where there is no PostgreSQL."""
    bin_folder = programs()
    if bin_folder is None:
        raise FileNotFoundError("no PostgreSQL on this machine; as root: apt-get install postgresql")
    # The path of a socket is limited to 107 characters, so no long TMPDIR is used.
    folder = Path(tempfile.mkdtemp(prefix="sanchi.", dir="/tmp"))
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
    data, options = str(folder / "data"), f"-h '' -k '{folder}'"
    options += "".join(f" -c {name}={value}" for name, value in SETTINGS.items())
    try:
        _run(folder, [bin_folder / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust", *LOCALE])
        start = [bin_folder / "pg_ctl", "start", "--silent", "--wait", "--pgdata", data, "--log", folder / "log"]
        _run(folder, [*start, "--options", options])
        _run(folder, [bin_folder / "createdb", "--host", folder, "--username", "postgres", DATABASE])
        yield f"postgresql:///{DATABASE}?host={folder}&user=postgres"
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            _run(folder, [bin_folder / "pg_ctl", "stop", "--silent", "--mode", "immediate", "--pgdata", data])
        shutil.rmtree(folder, ignore_errors=True)


def _run(folder: Path, words: list[Path | str]) -> None:
    """Run a program of the server, which refuses to run as root."""
    as_server = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []
    ended = subprocess.run([*as_server, *map(str, words)], cwd=folder, capture_output=True, text=True, check=False)
    if ended.returncode != 0:
        raise SystemExit(f"bench: {Path(words[0]).name} failed: {ended.stderr.strip() or ended.stdout.strip()}")
