"""A webhook is signed, tried a few times where that may help, and never follows elsewhere."""

import hashlib
import hmac
import json
import logging
from collections import deque
from collections.abc import Iterator
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from sanchi.app.alert_records import AlertNews
from sanchi.app.alerts import ChannelFailed
from sanchi.edge.alerts.settings import WebhookSettings
from sanchi.edge.alerts.webhook import WebhookChannel
from tests.edge.alerts.messages import message

SECRET = "hook-secret-never-to-be-seen"

logging.getLogger("werkzeug").setLevel(logging.ERROR)


class Receiver:
    """A program that receives webhooks; answers wait for the next requests, then it is content."""

    def __init__(self) -> None:
        self.answers: deque[int] = deque()
        self.requests: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    def __call__(self, environ: Any, start_response: Any) -> Any:
        request = Request(environ)
        self.requests.append((dict(request.headers), request.get_data()))
        status = self.answers.popleft() if self.answers else 204
        headers = {"Location": "/elsewhere"} if status == 307 else {}
        return Response("", status, headers)(environ, start_response)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    server = make_server("127.0.0.1", 0, receiver, threaded=True)
    receiver.url = f"http://127.0.0.1:{server.server_port}/hook"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield receiver
    server.shutdown()
    thread.join()
    server.server_close()


def channel(url: str, waited_s: list[float]) -> WebhookChannel:
    settings = WebhookSettings(name="hook", url=url, ca_file=None, secret=SECRET, tries_max=4)
    return WebhookChannel(settings, sleep=waited_s.append, stamp=lambda: "1606791600")


class TestWebhook:
    def test_carries_the_alert_its_id_and_a_signature_over_stamp_and_body(self, receiver: Receiver):
        channel(receiver.url, []).tell(message())

        ((headers, body),) = receiver.requests
        expected = hmac.new(SECRET.encode(), b"1606791600." + body, hashlib.sha256).hexdigest()
        assert headers["X-Sanchi-Signature"] == f"sha256={expected}"
        assert headers["X-Sanchi-Stamp"] == "1606791600"
        assert headers["X-Sanchi-Id"] == json.loads(body)["id"] == "town-a1b2c3d4e5f60718-opened"
        assert json.loads(body)["home"] == "H3"
        assert SECRET not in str(receiver.requests)

    def test_closing_tells_when(self, receiver: Receiver):
        channel(receiver.url, []).tell(message(AlertNews.CLOSED))

        ((_, body),) = receiver.requests
        assert json.loads(body)["closed"] == "2020-12-02T09:00:00+09:00"

    @pytest.mark.parametrize("status", [500, 503, 429, 408])
    def test_what_may_pass_is_tried_again_under_the_same_id(self, receiver: Receiver, status: int):
        receiver.answers.extend([status, status])
        waited_s: list[float] = []

        channel(receiver.url, waited_s).tell(message())

        assert len(receiver.requests) == 3
        assert len({headers["X-Sanchi-Id"] for headers, _ in receiver.requests}) == 1
        assert waited_s == [1, 2]


class TestFailure:
    def test_tries_come_to_an_end(self, receiver: Receiver):
        receiver.answers.extend([500] * 9)

        with pytest.raises(ChannelFailed, match="answered 500"):
            channel(receiver.url, []).tell(message())

        assert len(receiver.requests) == 4

    @pytest.mark.parametrize("status", [400, 401, 404, 410])
    def test_refusal_is_not_tried_again(self, receiver: Receiver, status: int):
        receiver.answers.append(status)

        with pytest.raises(ChannelFailed, match=str(status)):
            channel(receiver.url, []).tell(message())

        assert len(receiver.requests) == 1

    def test_redirect_is_not_followed(self, receiver: Receiver):
        receiver.answers.append(307)

        with pytest.raises(ChannelFailed, match="answered 307"):
            channel(receiver.url, []).tell(message())

        assert len(receiver.requests) == 1

    def test_nobody_there_is_tried_and_told_without_the_secret(self):
        waited_s: list[float] = []
        with pytest.raises(ChannelFailed) as failed:
            channel("http://127.0.0.1:9/hook", waited_s).tell(message())

        assert len(waited_s) == 3
        assert SECRET not in str(failed.value)
