"""A real Mosquitto for tests: its own configuration, a free port, nobody else's process.

Enters: a folder. Leaves: a running broker that ends with its context.
"""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PLACES = ("/usr/sbin/mosquitto", "/usr/local/sbin/mosquitto")


def mosquitto_path() -> str | None:
    """Find the program; Debian keeps it beside the administrator's."""
    return shutil.which("mosquitto") or next((place for place in PLACES if Path(place).exists()), None)


def free_port() -> int:
    """Ask the system for a port that nobody uses."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def running_broker(folder: Path) -> Iterator[str]:
    """Run a broker and give its "host:port"."""
    program = mosquitto_path()
    assert program, "mosquitto is missing: scripts/test installs it"
    port = free_port()
    configuration = folder / "mosquitto.conf"
    configuration.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nmax_queued_messages 0\nmax_inflight_messages 1000\n"
    )
    with subprocess.Popen(
        [program, "-c", str(configuration)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as broker:
        try:
            _wait_for(port)
            yield f"127.0.0.1:{port}"
        finally:
            broker.terminate()


def _wait_for(port: int) -> None:
    """Wait until somebody listens."""
    for _ in range(200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise AssertionError(f"nobody listens at {port}")
