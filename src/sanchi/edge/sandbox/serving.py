"""A WSGI application behind a socket of this machine, on a thread of its own, with an orderly end.

Enter: an application and a port. Leave: its address. Not here: what is answered.
"""

import errno
import threading
from typing import Any, Final

from waitress import wasyncore
from waitress.server import create_server

from sanchi.core.base.errors import SetupFault

HOST: Final = "127.0.0.1"  # nobody but this machine may see it
N_THREADS: Final = 4
WAIT_S: Final = 1.0


class Server:
    """One server; stop() closes every connection and waits for the thread."""

    def __init__(self, application: Any, port: int) -> None:
        """Listen at a port (0 = any free one) and begin to answer. Raises: SetupFault."""
        self._sockets: dict[int, Any] = {}
        self._ending = threading.Event()
        try:
            self._server = create_server(
                application,
                map=self._sockets,
                host=HOST,
                port=port,
                threads=N_THREADS,
                clear_untrusted_proxy_headers=True,
            )
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
            raise SetupFault(
                f"Port {port} on {HOST} is taken ({error.strerror}).", hint="Choose another port, or 0 for a free one."
            ) from error
        self.url = f"http://{HOST}:{self._server.effective_port}"
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        """Answer until the end; only this thread touches the sockets."""
        while not self._ending.is_set():
            wasyncore.loop(timeout=WAIT_S, use_poll=True, map=self._sockets, count=1)
        self._server.task_dispatcher.shutdown()
        wasyncore.close_all(self._sockets)

    def stop(self) -> None:
        """End; requests that are being answered are answered first."""
        self._ending.set()
        self._server.trigger.pull_trigger()
        self._thread.join()
