"""Two small vendors' clouds as real HTTP servers, after docs/reference/meter-sources.md, with faults to order.

Enter: items, readings, faults. Leave: addresses, and what was asked. Not here: time-tables of faults (the sandbox).
"""

import json
import logging
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

Fault = Callable[[Request], Any]

logging.getLogger("werkzeug").setLevel(logging.ERROR)


def status(status_no: int, **headers: str) -> Fault:
    """Answer one request with a status."""
    return lambda _request: Response("no", status_no, {name.replace("_", "-"): text for name, text in headers.items()})


def raw(body: bytes, **headers: str) -> Fault:
    """Answer one request with a body of our own making."""
    return lambda _request: Response(body, 200, {name.replace("_", "-"): text for name, text in headers.items()})


def cut(body: bytes, told_bytes: int) -> Fault:
    """Answer one request with fewer bytes than its head tells, and hang up."""
    headers = {"Content-Length": str(told_bytes), "Connection": "close"}
    return lambda _request: Response(iter((body,)), 200, headers)


def moved(place: str) -> Fault:
    """Answer one request with a redirect, its place written as it is."""

    def answer(_environ: Any, start_response: Any) -> list[bytes]:
        start_response("307 Temporary Redirect", [("Location", place), ("Content-Length", "0")])
        return []

    return lambda _request: answer


def fine(_request: Request) -> None:
    """Answer one request as if there were no faults."""
    return


class _Cloud:
    """What both clouds have: faults that wait for the next requests, and a list of what was asked."""

    def __init__(self) -> None:
        self.faults: dict[str, deque[Fault]] = {}
        self.asked: list[str] = []
        self.url = ""

    def plan(self, path: str, *faults: Fault) -> None:
        self.faults.setdefault(path, deque()).extend(faults)

    def asked_of(self, path: str) -> list[str]:
        return [each for each in self.asked if each.partition("?")[0] == path]

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.asked.append(request.full_path.rstrip("?"))
        waiting = self.faults.get(request.path)
        answer = waiting.popleft()(request) if waiting else None
        return (answer or self.answer(request))(environ, start_response)

    def answer(self, request: Request) -> Response:
        raise NotImplementedError


class CtCloudFake(_Cloud):
    """The CT vendor's cloud: a token, pages by cursor."""

    CLIENT_SECRET = "ct-secret-never-to-be-seen"

    def __init__(self) -> None:
        super().__init__()
        self.items: list[dict[str, Any]] = []
        self.devices: list[dict[str, Any]] = []
        self.devices_a_page = 2
        self.token_count = 0
        self.token_life_s = 3_600
        self.token = ""

    def answer(self, request: Request) -> Response:
        if request.path == "/oauth/token":
            if request.form.get("client_secret") != self.CLIENT_SECRET:
                return Response("no", 401)
            self.token_count += 1
            self.token = f"token-{self.token_count}"
            return _json({"access_token": self.token, "token_type": "Bearer", "expires_in": self.token_life_s})
        if not self.token or request.headers.get("Authorization") != f"Bearer {self.token}":
            return Response("no", 401)
        if request.path == "/v1/devices":
            page_no = int(request.args["page"])
            end = page_no * self.devices_a_page
            listed = self.devices[end - self.devices_a_page : end]
            return _json({"devices": listed, "next_page": page_no + 1 if end < len(self.devices) else None})
        start = int(request.args.get("cursor", 0))
        end = min(len(self.items), start + int(request.args["limit"]))
        return _json({"items": self.items[start:end], "cursor": str(end), "has_more": end < len(self.items)})


class GatewayCloudFake(_Cloud):
    """The gateway vendor's cloud: a key, pages by offset from a time of upload on."""

    KEY = "gateway-key-never-to-be-seen"

    def __init__(self) -> None:
        super().__init__()
        self.readings: list[dict[str, Any]] = []
        self.gateways: list[dict[str, Any]] = []
        self.page_readings = 3

    def answer(self, request: Request) -> Response:
        if request.headers.get("X-Api-Key") != self.KEY:
            return Response("no", 401)
        if request.path == "/api/gateways":
            return _json(self.gateways)
        found = [each for each in self.readings if str(each.get("uploadedAt")) >= request.args["uploadedFrom"]]
        offset = int(request.args["offset"])
        page = found[offset : offset + self.page_readings]
        return _json({"total": len(found), "offset": offset, "readings": page})


def _json(document: Any) -> Response:
    return Response(json.dumps(document, ensure_ascii=False), 200, content_type="application/json")


@contextmanager
def served(cloud: _Cloud) -> Iterator[None]:
    """Serve a cloud on loopback while the block lasts."""
    server = make_server("127.0.0.1", 0, cloud, threaded=True)
    cloud.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
