"""The cloud of a vendor of current transformers: pages by a cursor that counts on for ever.

Enter: its answers. Leave: bodies as they came, the cursor, events of devices. Not here: what an item says.
"""

from typing import Final

from sanchi.edge.connectors.access import TokenAccess
from sanchi.edge.connectors.asking import AnswerTooLarge, Asker, AskFailed, Asking
from sanchi.edge.connectors.gathering import Gathering
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.paging import OK, list_in, object_of
from sanchi.edge.connectors.polling import Store
from sanchi.edge.connectors.settings import CloudSettings

FILE_KIND: Final = "ctcloud"
MEASUREMENTS_PATH: Final = "/v1/measurements"
DEVICES_PATH: Final = "/v1/devices"
CURSOR: Final = "cursor"
DEVICE_PAGES_MAX: Final = 10_000


class CtCloud:
    """Asks the cloud."""

    def __init__(self, settings: CloudSettings, inbox: Inbox, asker: Asker, gathering: Gathering) -> None:
        """Ask nothing yet."""
        self._settings = settings
        self._asker = asker
        self._access = TokenAccess(
            settings, inbox.now, lambda event, figure: gathering.note(event, settings.name, figure)
        )

    def take_pages(self, store: Store) -> None:
        """Take pages from the cursor on; the state holds the cursor behind what is on disk."""
        n_items = self._settings.page_items
        for _ in range(self._settings.pages_max):
            try:
                has_more = self._take_page(store, n_items)
            except AnswerTooLarge:
                if n_items == 1:
                    raise
                n_items //= 2
                continue
            if store.gathering.is_full:
                store.save()
            if not has_more:
                return

    def _take_page(self, store: Store, n_items: int) -> bool:
        """Take the page behind the cursor and move the cursor. Returns: whether there is more."""
        cursor = store.state.get(CURSOR)
        query = {"limit": str(n_items)} | ({} if cursor is None else {"cursor": cursor})
        body = self._asker.ask(Asking(path=MEASUREMENTS_PATH, query=query), self._access)
        page = object_of(body, MEASUREMENTS_PATH)
        items = list_in(page, "items", MEASUREMENTS_PATH)
        following, has_more = page.get("cursor"), page.get("has_more")
        if not isinstance(following, str) or not isinstance(has_more, bool):
            raise AskFailed(f"{MEASUREMENTS_PATH} answers without cursor and has_more", OK)
        if has_more and following == cursor:
            raise AskFailed(f"{MEASUREMENTS_PATH} names the same cursor again", OK)
        if items:
            store.take_page(FILE_KIND, body)
        store.state[CURSOR] = following
        return has_more

    def look_at_devices(self, store: Store) -> None:
        """Go through the list of devices."""
        page_no = 1
        for _ in range(DEVICE_PAGES_MAX):
            body = self._asker.ask(Asking(path=DEVICES_PATH, query={"page": str(page_no)}), self._access)
            answer = object_of(body, DEVICES_PATH)
            for device in list_in(answer, "devices", DEVICES_PATH):
                if isinstance(device, dict):
                    store.see_device(device.get("device_id"), device.get("last_seen_at"))
            following = answer.get("next_page")
            if following is None:
                return
            if type(following) is not int or following <= page_no:
                raise AskFailed(f"{DEVICES_PATH} names a next page that is none", OK)
            page_no = following
        raise AskFailed(f"{DEVICES_PATH} has more than {DEVICE_PAGES_MAX} pages", OK)
