"""Environments of their own for software that ours is held against; nothing of sanchi imports what is in them.

Usage: .venv/bin/python -m bench.environments NAME, for requirements/NAME.txt in .cache/NAME-venv. Leaves: the
environment, or the reason why there is none. Not here: what is run in it.
"""

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def home_of(name: str) -> Path:
    """Name the folder of an environment."""
    return ROOT / ".cache" / f"{name}-venv"


def environment_failure(name: str) -> str:
    """Make an environment from its lock if it is not there; give the reason where that fails."""
    lock, home = ROOT / "requirements" / f"{name}.txt", home_of(name)
    stamp = home / "made-from"
    wanted = hashlib.sha256(lock.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted:
        return ""
    uv = str(Path(sys.executable).with_name("uv"))
    steps = (
        [uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)],
        [uv, "pip", "sync", "--quiet", "--python", str(home), "--require-hashes", str(lock)],
    )
    for step in steps:
        ended = subprocess.run(step, cwd=ROOT, capture_output=True, text=True, check=False)
        if ended.returncode != 0:
            return f"{' '.join(step[1:3])} failed: {ended.stderr.strip()}"
    stamp.write_text(wanted)
    return ""


if __name__ == "__main__":
    print(environment_failure(sys.argv[1]) or f"ready: {home_of(sys.argv[1]).relative_to(ROOT)}")
