"""How clouds know us: a token that is fetched and renewed, or a key.

Enter: settings, a clock. Leave: headers. Not here: when a request is sent.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.asking import Asker, AskFailed, Asking
from sanchi.edge.connectors.pace import Clock
from sanchi.edge.connectors.paging import object_of
from sanchi.edge.connectors.settings import CloudSettings

TOKEN_PATH: Final = "/oauth/token"  # noqa: S105 - a path
# A token that ends while its request is under way would be refused.
MARGIN: Final = timedelta(seconds=30)
LIFE_S_MAX: Final = 10 * 365 * 86_400
UNAUTHORIZED: Final = 401


class TokenAccess:
    """A bearer token by client credentials; kept in memory alone."""

    def __init__(self, settings: CloudSettings, now: Clock, note: Callable[[EventCode, int], None]) -> None:
        """Begin without a token."""
        self._settings = settings
        self._now = now
        self._note = note
        self._token = ""
        self._ends_at: datetime | None = None

    def headers(self, asker: Asker) -> Mapping[str, str]:
        """Give the header, with a token that lasts a little longer. Raises: AskFailed."""
        if not self._token or (self._ends_at is not None and self._now() >= self._ends_at - MARGIN):
            self._fetch(asker)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        """Forget a token that was refused, and tell of it if its time was not over."""
        if self._ends_at is None or self._now() < self._ends_at:
            self._note(EventCode.TOKEN_REFUSED, UNAUTHORIZED)
        self._token = ""
        return True

    def _fetch(self, asker: Asker) -> None:
        """Ask for a token."""
        form = {
            "grant_type": "client_credentials",
            "client_id": self._settings.client_id,
            "client_secret": self._settings.secret.text,
        }
        answer = object_of(asker.ask(Asking(path=TOKEN_PATH, query={}, form=form), None), TOKEN_PATH)
        token, life_s = answer.get("access_token"), answer.get("expires_in")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
            raise AskFailed(f"{TOKEN_PATH} answers without a token", 200)
        self._token = token
        # A cloud that tells no life of its token will say 401 when it is over.
        self._ends_at = None
        if isinstance(life_s, int) and 0 < life_s <= LIFE_S_MAX:
            self._ends_at = self._now() + timedelta(seconds=life_s)


class KeyAccess:
    """A key in a header."""

    def __init__(self, settings: CloudSettings) -> None:
        """Keep the key."""
        self._headers = {"X-Api-Key": settings.secret.text}

    def headers(self, asker: Asker) -> Mapping[str, str]:
        """Give the header."""
        del asker
        return self._headers

    def renew(self) -> bool:
        """Say that a key that is refused stays refused."""
        return False
