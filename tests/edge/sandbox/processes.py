"""A sandbox as a process of its own. Enters: a command. Leaves: the process, ended with its context."""

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def sandbox_process(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """Run a sandbox that ends with its context, whatever happens within."""
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as running:
        try:
            yield running
        finally:
            running.kill()
