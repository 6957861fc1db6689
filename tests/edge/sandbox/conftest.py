"""A broker for the tests of the sandbox, and running sandboxes that end with their test."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sanchi.edge.sandbox.sandbox import Sandbox
from tests.edge.sandbox.brokers import running_broker
from tests.edge.sandbox.worlds import SAMPLE, busy_world, order_of, quiet_world


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_broker(tmp_path_factory.mktemp("broker")) as address:
        yield address


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., Sandbox]]:
    """Give a function that starts a sandbox in a folder; all of them end with the test."""
    running: list[Sandbox] = []

    def start(name: str = "sandbox", **options: Any) -> Sandbox:
        world = quiet_world() if "plan" in options and options["plan"] is None else busy_world()
        sandbox = Sandbox(order_of(tmp_path / name, **options), world, SAMPLE)
        running.append(sandbox)
        sandbox.start()
        return sandbox

    yield start
    for sandbox in running:
        sandbox.stop()
