"""Tell alerts to a program: JSON, signed, tried a few times.

Enter: settings, an AlertMessage. Leaves: a request that was answered with 2xx. Not here: when to tell.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable
from datetime import datetime
from typing import Final

import requests

from sanchi.app.alerts import AlertMessage, ChannelFailed
from sanchi.core.base.slots import JST
from sanchi.edge.alerts.settings import WebhookSettings
from sanchi.edge.alerts.words import document_of

ANSWER_S: Final = 10
FIRST_PAUSE_S: Final = 1
PAUSE_S_MAX: Final = 30
OK_FIRST: Final = 200
OK_END: Final = 300
# What another try may mend: too early, too many, and faults of the server.
PASSING: Final = frozenset({408, 425, 429})
SERVER_FIRST: Final = 500


def signature_of(secret: str, stamp: str, body: bytes) -> str:
    """Sign a body with its stamp, so that an old request cannot be sent again as a new one.

    >>> signature_of("key", "0", b"{}")[:16]
    'sha256=7314351dd'
    """
    digest = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    return f"sha256={digest}"


def machine_stamp() -> str:
    """Give this machine's time as Unix seconds."""
    return str(int(datetime.now(JST).timestamp()))


class WebhookChannel:
    """Fulfils app.alerts.Channel."""

    def __init__(
        self,
        settings: WebhookSettings,
        *,
        sleep: Callable[[float], object] = time.sleep,
        stamp: Callable[[], str] = machine_stamp,
    ) -> None:
        """Keep the settings; sleep and stamp may be a test's own."""
        self._settings = settings
        self._sleep = sleep
        self._stamp = stamp

    @property
    def name(self) -> str:
        """Name the channel."""
        return self._settings.name

    def tell(self, message: AlertMessage) -> None:
        """Post the message until it is answered with 2xx, a few times at most. Raises: ChannelFailed."""
        body = json.dumps(document_of(message), ensure_ascii=False, sort_keys=True).encode()
        failure = ""
        for try_no in range(self._settings.tries_max):
            if try_no:
                self._sleep(min(FIRST_PAUSE_S * 2 ** (try_no - 1), PAUSE_S_MAX))
            failure, may_pass = self._post(message.message_id, body)
            if not failure:
                return
            if not may_pass:
                break
        raise ChannelFailed(f"{self.name}: {failure}", hint="Look at the program that receives the webhook.")

    def _post(self, message_id: str, body: bytes) -> tuple[str, bool]:
        """Send once; gives what went wrong ("" = nothing) and whether another try may mend it."""
        stamp = self._stamp()
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Sanchi-Id": message_id,
            "X-Sanchi-Stamp": stamp,
            "X-Sanchi-Signature": signature_of(self._settings.secret, stamp, body),
        }
        verify = True if self._settings.ca_file is None else str(self._settings.ca_file)
        try:
            # What stands in an answer is nobody's concern, and may be of any size: only its status is read.
            with requests.post(
                self._settings.url,
                data=body,
                headers=headers,
                timeout=ANSWER_S,
                verify=verify,
                allow_redirects=False,
                stream=True,
            ) as answer:
                status = answer.status_code
        except requests.RequestException as error:
            return type(error).__name__, True
        if OK_FIRST <= status < OK_END:
            return "", False
        return f"answered {status}", status in PASSING or status >= SERVER_FIRST
