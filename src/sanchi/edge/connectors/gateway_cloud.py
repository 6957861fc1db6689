"""The cloud of a vendor of B-route gateways: pages by offset, resumed by the time of upload.

Enter: its answers. Leave: bodies as they came, how far we are, events of gateways. Not here: what a reading says.
"""

from typing import Any, Final

from sanchi.edge.connectors.access import KeyAccess
from sanchi.edge.connectors.asking import Asker, AskFailed, Asking
from sanchi.edge.connectors.gathering import Gathering
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.paging import OK, instant_of, json_of, list_in, object_of
from sanchi.edge.connectors.polling import Store
from sanchi.edge.connectors.settings import CloudSettings

FILE_KIND: Final = "gatewaycloud"
READINGS_PATH: Final = "/api/readings"
GATEWAYS_PATH: Final = "/api/gateways"
UPLOADED_FROM: Final = "uploaded_from"
# Numbers of the readings uploaded at that very instant: it is asked again, since more may have come in it.
SEEN_NOS: Final = "seen_nos"


class GatewayCloud:
    """Asks the cloud."""

    def __init__(self, settings: CloudSettings, inbox: Inbox, asker: Asker, gathering: Gathering) -> None:
        """Ask nothing yet."""
        del inbox, gathering
        self._settings = settings
        self._asker = asker
        self._access = KeyAccess(settings)

    def take_pages(self, store: Store) -> None:
        """Take pages from the last time of upload on.

        A page is kept when any of its readings is new, and then as it came: readings of the last instant may stand in
        it again. The state moves with each page, so that a long round that fails goes on from there.
        """
        uploaded_from, offset = store.state.get(UPLOADED_FROM, self._settings.begin_at), 0
        for _ in range(self._settings.pages_max):
            query = {"uploadedFrom": uploaded_from, "offset": str(offset)}
            body = self._asker.ask(Asking(path=READINGS_PATH, query=query), self._access)
            page = object_of(body, READINGS_PATH)
            readings, total = list_in(page, "readings", READINGS_PATH), page.get("total")
            if type(total) is not int:
                raise AskFailed(f"{READINGS_PATH} answers without total", OK)
            if not readings:
                return
            self._take_page(store, body, readings)
            offset += len(readings)
            if store.gathering.is_full:
                store.save()
            if offset >= total:
                return

    def _take_page(self, store: Store, body: bytes, readings: list[Any]) -> None:
        """Keep a page unless all of it was seen, and move the state to its last time of upload.

        A reading without number or time of upload holds nothing up: its page is kept, its neighbours move the state.
        """
        seen = set(store.state.get(SEEN_NOS, []))
        uploads = [(_number_of(each), each.get("uploadedAt")) for each in readings if isinstance(each, dict)]
        if len(uploads) < len(readings) or any(number not in seen for number, _ in uploads):
            store.take_page(FILE_KIND, body)
        last = next((stamp for _, stamp in reversed(uploads) if instant_of(stamp)), None)
        if last is None:
            return
        at_last = {number for number, stamp in uploads if stamp == last and number is not None}
        if last == store.state.get(UPLOADED_FROM):
            at_last |= seen
        store.state[UPLOADED_FROM] = last
        store.state[SEEN_NOS] = sorted(at_last)

    def look_at_devices(self, store: Store) -> None:
        """Go through the list of gateways."""
        gateways = json_of(self._asker.ask(Asking(path=GATEWAYS_PATH, query={}), self._access), GATEWAYS_PATH)
        if not isinstance(gateways, list):
            raise AskFailed(f"{GATEWAYS_PATH} answers no list", OK)
        for gateway in gateways:
            if isinstance(gateway, dict):
                store.see_device(gateway.get("gatewayId"), gateway.get("lastContact"))
                store.see_link(gateway.get("gatewayId"), gateway.get("meterLink"))


def _number_of(reading: Any) -> int | None:
    """Give the number by which the cloud counts a reading; None where it has none."""
    number = reading.get("no") if isinstance(reading, dict) else None
    return number if type(number) is int else None
