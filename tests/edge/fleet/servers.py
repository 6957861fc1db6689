"""Servers on loopback for tests: a Dask scheduler with two worker processes, and an S3 API.

Enter: a folder for their files. Leave: addresses. Each is ended by the process that began it.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
ANSWER_WAIT_S = 60


@contextmanager
def process(*command: str, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program in a group of its own, and end the whole group."""
    known = dict(os.environ) | {"PYTHONPATH": str(ROOT)} | environment
    running = subprocess.Popen(
        [sys.executable, *command],
        env=known,
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        yield running
    finally:
        os.killpg(running.pid, 15)
        try:
            running.wait(20)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, 9)
            running.wait()


@contextmanager
def dask_cluster_of_two(folder: Path) -> Iterator[str]:
    """Run a scheduler and two workers with one thread each; give the scheduler's address."""
    from distributed import Client

    scheduler_file = str(folder / "scheduler.json")
    quiet = {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "1"}
    with ExitStack() as stack:
        scheduler = ("-m", "distributed.cli.dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        stack.enter_context(process(*scheduler, "--scheduler-file", scheduler_file, **quiet))
        worker = ("-m", "distributed.cli.dask_worker", "--nthreads", "1", "--nworkers", "1", "--no-dashboard")
        places = ("--local-directory", str(folder), "--scheduler-file", scheduler_file)
        for _ in range(2):
            stack.enter_context(process(*worker, *places))
        # Reading the file waits until the scheduler has written it.
        with Client(scheduler_file=scheduler_file, timeout=ANSWER_WAIT_S, set_as_default=False) as client:
            client.wait_for_workers(2, timeout=ANSWER_WAIT_S)
            yield client.scheduler.address
