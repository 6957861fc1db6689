"""A poller: rounds in which a cloud is asked for all that is new, each ending with an event.

Enter: what asks one vendor's cloud. Leave: files of the inbox, then the state. Not here: a vendor's paths and keys.
"""

from collections.abc import Callable
from typing import Any, Final, Protocol

from sanchi.app.collect import RoundReport
from sanchi.core.metering.faults.events import EventCode
from sanchi.edge.connectors.asking import AnswerTooLarge, Asker, AskFailed
from sanchi.edge.connectors.gathering import LOG, Gathering, stamp_text
from sanchi.edge.connectors.inbox import Inbox
from sanchi.edge.connectors.pace import Pace
from sanchi.edge.connectors.paging import OK, instant_of
from sanchi.edge.connectors.resuming import StateFile
from sanchi.edge.connectors.settings import CloudSettings

DEVICES: Final = "devices"
LINKS: Final = "links"
METER_EVENTS: Final = {"up": EventCode.METER_JOINED, "down": EventCode.METER_LOST}


class Vendor(Protocol):
    """What knows one vendor's paths; both calls may raise AskFailed after some of the work."""

    def take_pages(self, store: "Store") -> None:
        """Take all measurements that are new."""

    def look_at_devices(self, store: "Store") -> None:
        """Note devices that the cloud heard of since the last look."""


class Store:
    """What a round found, on its way to the disk: first files, then the state that speaks of them."""

    def __init__(self, gathering: Gathering, state_file: StateFile) -> None:
        """Go on from the state on disk."""
        self.gathering = gathering
        self._file = state_file
        self.state: dict[str, Any] = state_file.read()
        self._written = dict(self.state)

    def take_page(self, kind: str, body: bytes) -> None:
        """Keep a body as it came. Raises: AnswerTooLarge when no reader would take it."""
        received_at = stamp_text(self.gathering.inbox.now())
        if not self.gathering.add(kind, {"received_at": received_at, "body": body.decode("utf-8")}):
            raise AnswerTooLarge(f"a page of {len(body)} bytes makes a longer line than readers take", OK)

    def see_device(self, device: Any, heard_at: Any) -> None:
        """Note when the cloud last heard of a device, if that changed."""
        instant = instant_of(heard_at)
        if not isinstance(device, str) or instant is None or self.state.get(DEVICES, {}).get(device) == heard_at:
            return
        self._set(DEVICES, device, heard_at)
        self.gathering.note(EventCode.DEVICE_SEEN, device, at=instant)

    def see_link(self, gateway: Any, link: Any) -> None:
        """Note whether a gateway reaches its meter, if that changed."""
        if not isinstance(gateway, str) or link not in METER_EVENTS or self.state.get(LINKS, {}).get(gateway) == link:
            return
        self._set(LINKS, gateway, link)
        self.gathering.note(METER_EVENTS[link], gateway)

    def save(self) -> None:
        """Write files, then the state. Raises: OSError; nothing of the state moved then."""
        self.gathering.write()
        if self.state != self._written:
            self._file.write(self.state)
            self._written = dict(self.state)

    def _set(self, table: str, key: str, value: str) -> None:
        """Remember one entry; the table is copied once a write, so that what was written stays comparable."""
        if self.state.get(table) is self._written.get(table):
            self.state[table] = dict(self.state.get(table, {}))
        self.state[table][key] = value


class Poller:
    """Polls one cloud."""

    def __init__(
        self,
        settings: CloudSettings,
        inbox: Inbox,
        pace: Pace,
        open_vendor: Callable[[CloudSettings, Inbox, Asker, Gathering], Vendor],
    ) -> None:
        """Ask nothing yet."""
        self.settings = settings
        self._pace = pace
        self._gathering = Gathering(inbox, settings.name, settings.kind)
        self._state_file = StateFile(inbox.state_folder, settings.name)
        self._asker = Asker(settings, pace, lambda event, figure: self._gathering.note(event, settings.name, figure))
        self._vendor = open_vendor(settings, inbox, self._asker, self._gathering)

    def round(self) -> RoundReport:
        """Ask for all that is new; what came before a failure is kept. Raises: OSError when the inbox fails."""
        gathering, name = self._gathering, self.settings.name
        gathering.begin_round()
        self._asker.begin_round()
        # Lines that an inbox without room left behind: the state did not pass them by, so they come again.
        gathering.forget()
        store = Store(gathering, self._state_file)
        failure = ""
        try:
            self._vendor.take_pages(store)
            self._vendor.look_at_devices(store)
        except AskFailed as error:
            failure = error.reason
            LOG.warning("%s round failed: %s", name, failure)
            # A round that we ended ourselves says nothing of the cloud.
            if not self._pace.is_over:
                gathering.note(EventCode.POLL_FAILED, name, error.status_no)
        else:
            gathering.note(EventCode.POLL_OK, name, gathering.item_count)
        store.save()
        return gathering.report(failure)

    def serve(self) -> None:
        """Go round after round until told to end."""
        while not self._pace.is_over:
            begun_s = self._pace.monotonic_s()
            self.round()
            self._pace.wait(max(0, self.settings.every_s - (self._pace.monotonic_s() - begun_s)))

    def close(self) -> None:
        """End the connection."""
        self._asker.close()
