"""Runs tasks on threads, processes or a Dask cluster; a worker that dies costs a repetition.

Enter: tasks. Leave: their results in order. Not here: what the tasks do.
A task whose worker died runs again alone, so that the one that kills is told from those that stood beside it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import get_context
from typing import Any, Final

from sanchi.core.base.errors import SanchiError, SetupFault

# How often a task may lose its worker while no other task runs beside it.
TRIES_ALONE_MAX: Final = 3
# How long to wait for a scheduler and its first worker.
CLUSTER_WAIT_S: Final = 30


class TaskKillsWorker(SanchiError):
    """A task ends its worker process each time it runs; the message names the task."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A call of an importable function, with a name that people understand: `slot 24`, `block of home 500000`."""

    name: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]


@dataclass(kw_only=True)
class TaskRunner:
    """Runs tasks on an executor, never more at once than it has workers.

    open_executor : makes an executor anew when the one before it broke; n_at_once : how many workers there are now;
    worker_died : what an executor raises when a worker died, tries_alone_max : how often that may happen to a task.
    """

    open_executor: Callable[[], Executor]
    n_at_once: Callable[[], int]
    worker_died: tuple[type[BaseException], ...] = ()
    tries_alone_max: int = TRIES_ALONE_MAX
    _executor: Executor | None = field(default=None, init=False)

    def run(self, tasks: Sequence[Task]) -> list[Any]:
        """Give the results in the order of the tasks. Raises: TaskKillsWorker, and what a task raises."""
        results: dict[int, Any] = {}
        lost = self._run_together(tasks, results)
        for index in sorted(lost):
            results[index] = self._run_alone(tasks[index])
        return [results[index] for index in range(len(tasks))]

    def close(self) -> None:
        """Let go of the workers once they have ended what they are at."""
        if self._executor is not None:
            self._executor.shutdown(wait=True)
            self._executor = None

    def _run_together(self, tasks: Sequence[Task], results: dict[int, Any]) -> set[int]:
        """Run all tasks side by side; give those whose worker died, or a neighbour of theirs."""
        waiting = deque(range(len(tasks)))
        running: dict[Future[Any], int] = {}
        lost: set[int] = set()
        while waiting or running:
            while waiting and len(running) < max(self.n_at_once(), 1):
                index = waiting.popleft()
                running[self._submit(tasks[index])] = index
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                index = running.pop(future)
                error = future.exception()
                if isinstance(error, self.worker_died):
                    self._executor = None
                    lost.add(index)
                elif error is not None:
                    _cancel(running)
                    raise error
                else:
                    results[index] = future.result()
        return lost

    def _run_alone(self, task: Task) -> Any:
        """Run a task while nothing else runs. Raises: TaskKillsWorker."""
        for _ in range(self.tries_alone_max):
            try:
                return self._submit(task).result()
            except self.worker_died:
                self._executor = None
        raise TaskKillsWorker(
            f"{task.name}: its worker died {self.tries_alone_max} times while no other task ran beside it.",
            hint="Look at the worker's log; give it more memory, or run with fewer workers.",
        )

    def _submit(self, task: Task) -> "Future[Any]":
        """Hand a task to the executor; a pool that broke before it took the task is a worker that died."""
        try:
            if self._executor is None:
                self._executor = self.open_executor()
            return self._executor.submit(task.function, *task.arguments)
        except self.worker_died as error:
            failed: Future[Any] = Future()
            failed.set_exception(error)
            return failed


def _cancel(futures: Iterable["Future[Any]"]) -> None:
    """Drop what has not begun: its result is no longer wanted."""
    for future in futures:
        future.cancel()


@contextmanager
def local_threads(n_workers: int) -> Iterator[TaskRunner]:
    """Run tasks on threads of this process; kernels and Parquet let go of the interpreter's lock."""
    runner = TaskRunner(open_executor=lambda: ThreadPoolExecutor(n_workers), n_at_once=lambda: n_workers)
    try:
        yield runner
    finally:
        runner.close()


@contextmanager
def local_processes(n_workers: int) -> Iterator[TaskRunner]:
    """Run tasks on processes of this machine, begun afresh: a fork would copy the locks of running threads."""
    context = get_context("spawn")
    runner = TaskRunner(
        open_executor=lambda: ProcessPoolExecutor(n_workers, mp_context=context),
        n_at_once=lambda: n_workers,
        worker_died=(BrokenProcessPool,),
    )
    try:
        yield runner
    finally:
        runner.close()


@contextmanager
def dask_cluster(address: str, *, wait_s: float = CLUSTER_WAIT_S) -> Iterator[TaskRunner]:
    """Run tasks on the workers of a Dask scheduler. Raises: SetupFault when none answers."""
    from distributed import Client, KilledWorker  # noqa: PLC0415 - slow to import, and only a cluster needs it
    from distributed.comm import get_address_host  # noqa: PLC0415 - as above

    try:
        # A client that fails on an address without a port leaves a thread that never lets the process end.
        get_address_host(address)
        client = Client(address, timeout=wait_s, set_as_default=False)
    except (OSError, ValueError) as error:
        raise SetupFault(
            f"No Dask scheduler answers at {address} ({error}).", hint="Start one: dask scheduler"
        ) from error
    with client:
        try:
            client.wait_for_workers(1, timeout=wait_s)
        except TimeoutError as error:
            raise SetupFault(
                f"The Dask scheduler at {address} has no workers.", hint=f"Start one: dask worker {address}"
            ) from error
        # The scheduler itself tries a task on several workers before it gives up; alone, once more is enough.
        runner = TaskRunner(
            open_executor=lambda: client.get_executor(pure=False),
            n_at_once=lambda: sum(client.nthreads().values()),
            worker_died=(KilledWorker,),
            tries_alone_max=1,
        )
        try:
            yield runner
        finally:
            runner.close()
