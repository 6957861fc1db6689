"""A program that takes rounds in processes which kill themselves at a given step on the way to the disk.

Enter on stdin: how many steps to live, a line a round. Leave on stdout: how the round's process ended. Steps are all
calls that make something last, or tell the broker so; a process dies before one, so to die after it is the next one.
"""

import os
import signal
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sanchi.app.collect import CollectOrder
from sanchi.edge.connectors import collecting
from sanchi.edge.connectors.broker import Connection

left_count = 0


def dying_before(act: Callable[..., Any]) -> Callable[..., Any]:
    def act_or_die(*arguments: Any, **further: Any) -> Any:
        global left_count  # noqa: PLW0603 - one count for all steps of a process
        left_count -= 1
        if left_count < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return act(*arguments, **further)

    return act_or_die


def take_round(order: CollectOrder) -> int:
    os.fsync = dying_before(os.fsync)
    os.rename = dying_before(os.rename)
    Path.rename = dying_before(Path.rename)  # type: ignore[method-assign]
    Connection.acknowledge = dying_before(Connection.acknowledge)  # type: ignore[method-assign]
    return int(any(report.failure for report in collecting.collect(order)))


def main() -> None:
    global left_count  # noqa: PLW0603 - as above
    order = CollectOrder(
        config_file=Path(sys.argv[1]),
        inbox_folder=Path(sys.argv[2]),
        is_once=True,
        received_at=datetime.fromisoformat("2020-12-01T15:30:00+09:00"),
    )
    for line in sys.stdin:
        left_count = int(line)
        child = os.fork()
        if child == 0:
            os._exit(take_round(order))
        _, status = os.waitpid(child, 0)
        print(os.waitstatus_to_exitcode(status), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
