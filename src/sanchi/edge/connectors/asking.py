"""Ask a cloud over HTTP: one request, as many tries as are allowed, a body of bounded size.

Enter: a path and parameters. Leave: the body, or AskFailed. Not here: pages, cursors, what a body says.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final, Protocol
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError

from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.settings import CloudSettings

CHUNK_BYTES: Final = 65_536
REDIRECTS_MAX: Final = 3
BACKOFF_S_MAX: Final = 60
# A cloud that is patient with none of many pages would stretch a round over hours; the next round goes on as well.
ROUND_WAIT_S_MAX: Final = 900
# An answer that drips keeps every single wait short; the whole is bounded by this many of them.
ANSWER_WAITS_MAX: Final = 6
NO_ANSWER: Final = 0
PATIENCE_ASKED: Final = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.SERVICE_UNAVAILABLE})
WHOLE_NUMBER: Final = re.compile(r"[0-9]{1,18}")
REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


class AskFailed(Exception):
    """A request that stays without a usable answer in this round; status_no 0 = no answer at all."""

    def __init__(self, reason: str, status_no: int = NO_ANSWER) -> None:
        """Keep what happened in words and as a number."""
        super().__init__(reason)
        self.reason = reason
        self.status_no = status_no


class AnswerTooLarge(AskFailed):
    """An answer above the limit; a smaller page may help."""


class _Passing(AskFailed):
    """A failure that another try may find gone; pause_s = what the cloud asked for, or None."""

    def __init__(self, reason: str, status_no: int = NO_ANSWER, pause_s: int | None = None) -> None:
        """Keep the pause beside the failure."""
        super().__init__(reason, status_no)
        self.pause_s = pause_s


class Access(Protocol):
    """What lets us in: headers, and another attempt at them after a 401."""

    def headers(self, asker: "Asker") -> Mapping[str, str]:
        """Give the headers, fetching a token if there is none."""

    def renew(self) -> bool:
        """Forget what was refused; False when there is nothing to renew."""


class _Headers(AuthBase):
    """Sets our headers, and keeps requests from adding a name and password of its own choice (netrc)."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        """Keep the headers."""
        self._headers = headers

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put them on."""
        request.headers.update(self._headers)
        return request


class _Session(requests.Session):
    """A session that never looks where a redirect leads: to do so it would read the whole body, however long."""

    def get_redirect_target(self, resp: requests.Response) -> None:
        """Say that there is none; we look ourselves."""
        del resp


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One request: its path below the cloud's address, parameters of the query, or a form to send."""

    path: str
    query: Mapping[str, str]
    form: Mapping[str, str] | None = None


class Asker:
    """Asks one cloud; holds the connection between requests."""

    def __init__(self, settings: CloudSettings, pace: Pace, note: Callable[[EventCode, int], None]) -> None:
        """Open nothing yet."""
        self._settings = settings
        self._pace = pace
        self._note = note
        self._session = _Session()
        # Whom we ask, and how we prove them, stands in the configuration alone.
        self._session.trust_env = False
        self._session.verify = str(settings.ca_file) if settings.ca_file else True
        # A packed body could unfold beyond the limit in one step.
        self._session.headers["Accept-Encoding"] = "identity"
        self._origin = _origin_of(settings.url)
        self._waited_s = 0.0

    def begin_round(self) -> None:
        """Grant a new round its patience."""
        self._waited_s = 0.0

    def close(self) -> None:
        """End the connection."""
        self._session.close()

    def ask(self, asking: Asking, access: Access | None) -> bytes:
        """Give the body of a 200, after patience and further tries where they help. Raises: AskFailed."""
        failure_count = 0
        while True:
            try:
                return self._let_in(asking, access)
            except _Passing as failure:
                failure_count += 1
                if failure_count >= self._settings.tries_max or self._pace.is_over:
                    raise AskFailed(failure.reason, failure.status_no) from failure
                self._be_patient(failure, failure_count)

    def _be_patient(self, failure: _Passing, failure_count: int) -> None:
        """Wait as long as the cloud asks, or longer each time; leave the round where it takes more than we grant."""
        if failure.pause_s is None:
            pause_s = self._pace.backoff_s(failure_count, self._settings.backoff_s, BACKOFF_S_MAX)
        else:
            pause_s = failure.pause_s + self._pace.chance()
        if failure.pause_s is not None and failure.pause_s > self._settings.patience_s:
            raise AskFailed(f"{failure.reason}: asks for {failure.pause_s} s", failure.status_no) from failure
        self._waited_s += pause_s
        if self._waited_s > ROUND_WAIT_S_MAX:
            raise AskFailed(f"{failure.reason}: the round has waited enough", failure.status_no) from failure
        self._pace.wait(pause_s)

    def _let_in(self, asking: Asking, access: Access | None) -> bytes:
        """Send the request, and once more with renewed access when it is refused."""
        headers = access.headers(self) if access else {}
        status_no, body = self._answer(asking, headers)
        if status_no == HTTPStatus.UNAUTHORIZED and access is not None and access.renew():
            status_no, body = self._answer(asking, access.headers(self))
        if status_no != HTTPStatus.OK:
            raise AskFailed(f"{asking.path} answers {status_no}", status_no)
        return body

    def _answer(self, asking: Asking, headers: Mapping[str, str]) -> tuple[int, bytes]:
        """Send one request, follow redirects inside the cloud. Raises: AskFailed, or _Passing where a try may help."""
        url, query = self._settings.url + asking.path, asking.query
        for _ in range(REDIRECTS_MAX + 1):
            found = self._answer_or_place(url, query, asking, headers)
            if not isinstance(found, str):
                return found
            url, query = found, {}
        raise AskFailed(f"{asking.path} leads from one redirect to the next", HTTPStatus.FOUND)

    def _answer_or_place(
        self, url: str, query: Mapping[str, str], asking: Asking, headers: Mapping[str, str]
    ) -> tuple[int, bytes] | str:
        """Give status and body, or the address that a redirect leads to."""
        try:
            with self._sent(url, query, asking, headers) as response:
                if response.status_code in REDIRECTS:
                    return self._next_url(response, asking)
                return response.status_code, self._body(response, asking.path)
        except requests.exceptions.SSLError as error:
            raise AskFailed("the certificate of the cloud is not to be trusted") from error
        except (requests.RequestException, HTTPError, OSError) as error:
            # The text of such an error repeats the address; its kind says enough.
            raise _Passing(f"{asking.path}: no whole answer ({type(error).__name__})") from error

    def _sent(
        self, url: str, query: Mapping[str, str], asking: Asking, headers: Mapping[str, str]
    ) -> requests.Response:
        """Send a request and read the head of its answer."""
        return self._session.request(
            "GET" if asking.form is None else "POST",
            url,
            params=query,
            data=asking.form,
            auth=_Headers(headers),
            allow_redirects=False,
            stream=True,
            timeout=self._settings.answer_s,
        )

    def _next_url(self, response: requests.Response, asking: Asking) -> str:
        """Follow a redirect, but carry our key to nobody else."""
        url = _joined(response.url, response.headers.get("Location", ""))
        if _origin_of(url) != self._origin or asking.form is not None:
            raise AskFailed(f"{asking.path} leads to another place, which is not followed", response.status_code)
        return url

    def _body(self, response: requests.Response, path: str) -> bytes:
        """Read the body of a 200, never more than the limit; other answers are told by their status alone."""
        status_no = response.status_code
        if status_no in PATIENCE_ASKED:
            pause_s = _whole_number(response.headers.get("Retry-After"))
            if status_no == HTTPStatus.TOO_MANY_REQUESTS:
                self._note(EventCode.RATE_LIMITED, pause_s or 0)
            raise _Passing(f"{path} answers {status_no}", status_no, pause_s)
        if status_no >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise _Passing(f"{path} answers {status_no}", status_no)
        if status_no != HTTPStatus.OK:
            return b""
        if response.headers.get("Content-Encoding", "identity") != "identity":
            raise AskFailed(f"{path} answers packed, which was not asked for", status_no)
        return self._bounded(response, path)

    def _bounded(self, response: requests.Response, path: str) -> bytes:
        """Read to the end, or to the limit of size or time."""
        size_max = self._settings.body_bytes_max
        end_s = self._pace.monotonic_s() + ANSWER_WAITS_MAX * self._settings.answer_s
        if (_whole_number(response.headers.get("Content-Length")) or 0) > size_max:
            raise AnswerTooLarge(f"{path} answers more than {size_max} bytes", response.status_code)
        body = bytearray()
        while chunk := response.raw.read1(CHUNK_BYTES, decode_content=False):
            body += chunk
            if len(body) > size_max:
                raise AnswerTooLarge(f"{path} answers more than {size_max} bytes", response.status_code)
            if self._pace.monotonic_s() > end_s or self._pace.is_over:
                raise _Passing(f"{path}: the answer does not end")
        return bytes(body)


def _origin_of(url: str) -> tuple[str, str | None, int | None]:
    """Give scheme, host and port: the bounds within which a redirect may lead."""
    try:
        parts = urlsplit(url)
        return parts.scheme, parts.hostname, parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    except ValueError:
        return "", None, None


def _joined(url: str, place: str) -> str:
    """Complete the place of a redirect; one that is no address leads nowhere."""
    try:
        return urljoin(url, place)
    except ValueError:
        return ""


def _whole_number(text: str | None) -> int | None:
    """Read a whole number of a header; None where there is none that we understand."""
    return int(text) if text and WHOLE_NUMBER.fullmatch(text) else None
