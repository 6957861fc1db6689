"""What operations on certificates need from the outside beside app.ports, as a Protocol that the edge fulfils.

Every call is bounded by one market. Not here: changing slices and writing operations down (ports.CertificateStore).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Protocol

from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.exporting import ExportLot, LotOrder
from sanchi.core.certificates.operations import DoneEvent
from sanchi.core.certificates.requests import HeldSlice, Selection
from sanchi.core.certificates.reservation import Reservation
from sanchi.core.certificates.state import CertificateState


class RegistryStore(Protocol):
    """What operations on slices refer to, and the slices that they name; slices come oldest first."""

    def slices_of_certificates(
        self, market_id: MarketId, certificate_ids: Collection[CertificateId]
    ) -> tuple[HeldSlice, ...]:
        """Load all slices of certificates, in every state."""

    def slices_selected(
        self, market_id: MarketId, selections: Sequence[Selection], state: CertificateState
    ) -> tuple[HeldSlice, ...]:
        """Load the slices of a state that selections look at, each once."""

    def active_before(self, market_id: MarketId, kind: CertificateKind, before_date: date) -> tuple[HeldSlice, ...]:
        """Load the active slices of a kind of delivery dates before one."""

    def active_of_days(self, market_id: MarketId, dates: Collection[date]) -> tuple[HeldSlice, ...]:
        """Load the active slices of days."""

    def slices_of_holder(self, market_id: MarketId, holder_no: int) -> tuple[HeldSlice, ...]:
        """Load all slices of a holder, in every state."""

    def reserved_slices(self, market_id: MarketId, reservation_no: int) -> tuple[HeldSlice, ...]:
        """Load the slices that a reservation holds now."""

    def lapsed_slices(self, market_id: MarketId, on_date: date) -> tuple[HeldSlice, ...]:
        """Load the slices of reservations that have lapsed by a date."""

    def reservation(self, market_id: MarketId, reservation_id: str) -> Reservation | None:
        """Find a reservation by its id."""

    def next_reservation_no(self, market_id: MarketId) -> int:
        """Give the number of the next reservation."""

    def add_reservation(self, market_id: MarketId, reservation: Reservation) -> None:
        """Insert a reservation (before the slices that point to it)."""

    def latest_lot(self, market_id: MarketId, order: LotOrder) -> ExportLot | None:
        """Find the latest lot of an order's scheme, holder and kind."""

    def lot(self, market_id: MarketId, lot_no: int) -> ExportLot | None:
        """Find a lot by its number."""

    def next_lot_no(self, market_id: MarketId) -> int:
        """Give the number of the next lot."""

    def add_lot(self, market_id: MarketId, lot: ExportLot) -> None:
        """Insert a lot (before the slices that point to it)."""

    def events_of_certificate(self, market_id: MarketId, certificate_id: CertificateId) -> tuple[DoneEvent, ...]:
        """Load what was done with a certificate, in the order of doing."""

    def events_of_holder(self, market_id: MarketId, holder_no: int) -> tuple[DoneEvent, ...]:
        """Load what was done with slices that a party held before or after, in the order of doing."""

    def delivery_dates(
        self, market_id: MarketId, certificate_ids: Collection[CertificateId]
    ) -> dict[CertificateId, date]:
        """Give of which day certificates are; those that are not there are left out."""
