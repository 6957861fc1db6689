"""Tasks that kill the process they run in: always, or once.

Enter: a marker file. Leave: a number. Importable on every worker.
"""

import os
import signal
from pathlib import Path
from typing import Any

from sanchi.edge.fleet import tasks


def double(number: int) -> int:
    return 2 * number


def kill_always(_number: int) -> int:
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError


def close_slot_after_kill(marker: str, *arguments: Any) -> Any:
    """Die in the middle of the run the first time, do the work the second."""
    try:
        Path(marker).touch(exist_ok=False)
    except FileExistsError:
        return tasks.close_slot(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError
