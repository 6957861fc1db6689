"""A cloud is asked with patience and within limits: of tries, of waiting, of bytes, of places."""

import socket
from collections.abc import Iterator
from threading import Thread

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Response

from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.asking import Asker, AskFailed, Asking
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.settings import ConnectorKind
from tests.edge.connectors.small_world import QuietPace, cloud_settings, ct_settings
from tests.fakes.clouds import CtCloudFake, cut, moved, raw, status

PATH = "/page"
PAGE = Asking(path=PATH, query={})


class Opened:
    """An asker, and what it noted."""

    def __init__(self, cloud: CtCloudFake, pace: Pace, **further: int) -> None:
        self.events: list[tuple[EventCode, int]] = []
        self.asker = Asker(
            ct_settings(cloud, **further), pace, lambda event, figure: self.events.append((event, figure))
        )

    def lead_to(self, url: str, pace: Pace) -> None:
        settings = cloud_settings(ConnectorKind.CT_CLOUD, url, "secret")
        self.asker = Asker(settings, pace, lambda _event, _figure: None)

    def ask(self, query: dict[str, str] | None = None) -> bytes:
        return self.asker.ask(Asking(path=PATH, query=query or {}), None)


@pytest.fixture
def opened(ct_cloud: CtCloudFake, pace: QuietPace) -> Iterator[Opened]:
    made = Opened(ct_cloud, pace)
    yield made
    made.asker.close()


class TestTries:
    def test_end_with_the_first_good_answer(self, ct_cloud: CtCloudFake, opened: Opened, pace: QuietPace):
        ct_cloud.plan(PATH, status(500), status(502), raw(b"good"))

        assert opened.ask() == b"good"
        assert pace.waited_s == [2, 4]

    def test_are_bounded(self, ct_cloud: CtCloudFake, opened: Opened, pace: QuietPace):
        ct_cloud.plan(PATH, *[status(500)] * 10)

        with pytest.raises(AskFailed) as failed:
            opened.ask()

        assert failed.value.status_no == 500
        assert len(ct_cloud.asked) == 4
        assert pace.waited_s == [2, 4, 8]

    def test_are_not_spent_on_what_no_other_try_mends(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, status(404), raw(b"good"))

        with pytest.raises(AskFailed, match="404"):
            opened.ask()

        assert len(ct_cloud.asked) == 1

    def test_help_against_a_body_that_was_cut(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, cut(b"half", told_bytes=8), raw(b"whole"))

        assert opened.ask() == b"whole"

    def test_meet_nobody_at_a_closed_port(self, ct_cloud: CtCloudFake, pace: QuietPace):
        opened = Opened(ct_cloud, pace)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            opened.lead_to(f"http://127.0.0.1:{taken.getsockname()[1]}", pace)
            with pytest.raises(AskFailed) as failed:
                opened.ask()

        assert failed.value.status_no == 0
        assert len(pace.waited_s) == 3

    def test_pauses_have_chance_in_them_and_a_limit(self):
        certain, lucky = Pace(chance=lambda: 0.0), Pace(chance=lambda: 0.999)

        assert [certain.backoff_s(count, 2, 60) for count in (1, 2, 3, 10, 10_000)] == [2, 4, 8, 60, 60]
        assert 30 < lucky.backoff_s(10, 2, 60) < 31


class TestPatience:
    @pytest.mark.parametrize("status_no", [429, 503])
    def test_lasts_as_long_as_the_cloud_asks(self, ct_cloud: CtCloudFake, opened: Opened, pace, status_no: int):
        ct_cloud.plan(PATH, status(status_no, Retry_After="17"), raw(b"good"))

        assert opened.ask() == b"good"
        assert pace.waited_s == [17]

    def test_ends_where_the_cloud_asks_for_too_much(self, ct_cloud: CtCloudFake, opened: Opened, pace: QuietPace):
        ct_cloud.plan(PATH, status(429, Retry_After="61"), raw(b"good"))

        with pytest.raises(AskFailed, match="asks for 61 s"):
            opened.ask()

        assert pace.waited_s == []

    def test_of_a_whole_round_has_an_end_until_the_next_begins(
        self, ct_cloud: CtCloudFake, opened: Opened, pace: QuietPace
    ):
        ct_cloud.plan(PATH, *[status(429, Retry_After="60"), raw(b"good")] * 15, status(429, Retry_After="60"))
        for _ in range(15):
            opened.ask()
        with pytest.raises(AskFailed, match="waited enough"):
            opened.ask()
        assert sum(pace.waited_s) == 900

        opened.asker.begin_round()
        ct_cloud.plan(PATH, status(503), raw(b"good"))
        assert opened.ask() == b"good"

    @pytest.mark.parametrize("text", ["soon", "-5", "", "1e9", "９", "Tue, 01 Dec 2020 06:30:00 GMT"])
    def test_falls_back_to_its_own_pause_where_it_understands_nothing(
        self, ct_cloud: CtCloudFake, opened: Opened, pace: QuietPace, text: str
    ):
        ct_cloud.plan(PATH, status(503, **({"Retry_After": text} if text.isascii() else {})), raw(b"good"))

        assert opened.ask() == b"good"
        assert pace.waited_s == [2]

    def test_of_429_is_an_event(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, status(429, Retry_After="17"), status(503), raw(b"good"))
        opened.ask()

        assert opened.events == [(EventCode.RATE_LIMITED, 17)]


class TestBody:
    def test_is_refused_by_the_length_that_it_tells(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, cut(b"some", told_bytes=1_000_000_000))

        with pytest.raises(AskFailed, match="more than 100000 bytes"):
            opened.ask()

    def test_of_a_gigabyte_is_refused_while_it_streams(self, ct_cloud: CtCloudFake, opened: Opened):
        sent = 0

        def gigabyte() -> Iterator[bytes]:
            nonlocal sent
            for _ in range(16_384):
                sent += 65_536
                yield bytes(65_536)

        ct_cloud.plan(PATH, lambda _request: Response(gigabyte(), 200))

        with pytest.raises(AskFailed, match="more than 100000 bytes"):
            opened.ask()

        # What lies in the buffers of the sockets was sent as well; a thousandth of the whole is far above that.
        assert sent < 16 * 2**20

    def test_that_drips_for_ever_is_left(self, ct_cloud: CtCloudFake):
        instants = iter(range(0, 100_000, 10))
        opened = Opened(ct_cloud, QuietPace(monotonic_s=lambda: float(next(instants)), sleep=lambda _pause_s: None))
        ct_cloud.plan(PATH, *[lambda _request: Response((b"x" for _ in range(1_000)), 200)] * 4)

        with pytest.raises(AskFailed, match="does not end"):
            opened.ask()

    def test_that_is_packed_is_refused(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, raw(b"\x1f\x8b", Content_Encoding="gzip"))

        with pytest.raises(AskFailed, match="packed"):
            opened.ask()

    def test_of_the_limit_itself_is_taken(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, raw(bytes(100_000)))

        assert len(opened.ask()) == 100_000

    def test_may_have_no_length(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, lambda _request: Response((b"part" for _ in range(3)), 200))

        assert opened.ask() == b"part" * 3


class TestRedirect:
    def test_inside_the_cloud_is_followed_with_our_headers(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, moved("/there?a=1"))
        ct_cloud.plan("/there", raw(b"good"))

        assert opened.ask({"b": "2"}) == b"good"
        assert ct_cloud.asked == ["/page?b=2", "/there?a=1"]

    @pytest.mark.parametrize(
        "place",
        ["http://localhost:1/", "https://127.0.0.1/", "//example.org/page", "http://[", "file:///etc/passwd"],
    )
    def test_to_another_place_is_not_followed(self, ct_cloud: CtCloudFake, opened: Opened, place: str):
        ct_cloud.plan(PATH, moved(place))

        with pytest.raises(AskFailed, match="not followed"):
            opened.ask()

    def test_carries_no_secret_of_a_form_elsewhere(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, moved("/there"))

        with pytest.raises(AskFailed, match="not followed"):
            opened.asker.ask(Asking(path=PATH, query={}, form={"client_secret": "x"}), None)

        assert len(ct_cloud.asked) == 1

    def test_is_not_read(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, lambda _request: Response(iter(lambda: bytes(65_536), b""), 302, {"Location": "/there"}))
        ct_cloud.plan("/there", raw(b"good"))

        assert opened.ask() == b"good"

    def test_to_itself_ends(self, ct_cloud: CtCloudFake, opened: Opened):
        ct_cloud.plan(PATH, *[moved(PATH)] * 10)

        with pytest.raises(AskFailed, match="from one redirect to the next"):
            opened.ask()

        assert len(ct_cloud.asked) == 4


class TestCertificate:
    def test_is_looked_at(self, ct_cloud: CtCloudFake, pace: QuietPace, tls_server: str):
        opened = Opened(ct_cloud, pace)
        opened.lead_to(tls_server, pace)

        with pytest.raises(AskFailed, match="not to be trusted"):
            opened.ask()


@pytest.fixture
def tls_server() -> Iterator[str]:
    """Serve TLS with a certificate that nobody signed."""
    server = make_server("127.0.0.1", 0, CtCloudFake(), threaded=True, ssl_context="adhoc")
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield f"https://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()
