"""Keeps what operations on slices refer to, and finds the slices that they name.

Enter and leave: records of core.certificates. Not here: changing slices (certificates), events (operations).
"""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any, Final

from django.db import connection

from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.exporting import ExportLot, LotOrder
from sanchi.core.certificates.operations import DoneEvent, SliceEvent
from sanchi.core.certificates.requests import HeldSlice, Selection
from sanchi.core.certificates.reservation import Reservation
from sanchi.core.certificates.state import CertificateState, Operation
from sanchi.edge.store import certificate_rows
from sanchi.edge.store.sql import Row, fetch, fetch_number, in_batches, insert, placeholders

_HELD: Final = (
    f"SELECT {', '.join(f'slice.{column}' for column in certificate_rows.SLICE)}, certificate.delivery_date, kind_no, "
    "home_no, market_day.is_finalised, reservation.party_no, reservation.expires_on FROM certificate "
    "JOIN slice ON slice.certificate_id = certificate.certificate_id "
    "LEFT JOIN market_day ON market_day.market = certificate.market "
    "AND market_day.delivery_date = certificate.delivery_date "
    "LEFT JOIN reservation ON reservation.market = slice.market "
    "AND reservation.reservation_no = slice.reservation_no "
    "WHERE certificate.market = %s AND "
)
_RESERVATION: Final = ("reservation_no", "reservation_id", "party_no", "expires_on", "energy_wh")
_LOT: Final = (
    "lot_no", "scheme", "holder_no", "kind_no", "month", "unit_wh", "unit_count", "energy_wh", "carry_in_wh",
    "carry_out_wh", "previous_lot_no",
)  # fmt: skip
_DONE: Final = (
    "SELECT operation_no, operation_id, operation, actor, reason, event_no, certificate_id, lo_wh, hi_wh, "
    "from_state_no, to_state_no, from_holder_no, to_holder_no, reference_no FROM registry_operation "
    "JOIN slice_event USING (market, operation_no) WHERE market = %s AND "
)


class DjangoRegistryStore:
    """Fulfils app.registry_store.RegistryStore."""

    def slices_of_certificates(
        self, market_id: MarketId, certificate_ids: Collection[CertificateId]
    ) -> tuple[HeldSlice, ...]:
        """Load all slices of certificates, in every state, oldest first."""
        return tuple(
            each
            for batch in in_batches(sorted(certificate_ids))
            for each in _held(market_id, f"certificate.certificate_id IN ({placeholders(len(batch))})", batch)
        )

    def slices_selected(
        self, market_id: MarketId, selections: Sequence[Selection], state: CertificateState
    ) -> tuple[HeldSlice, ...]:
        """Load the slices of a state that selections look at, each once, oldest first."""
        wanted: dict[tuple[int, CertificateKind], list[Selection]] = {}
        for each in selections:
            wanted.setdefault((each.holder_no, each.kind), []).append(each)
        return tuple(
            each
            for (holder_no, kind), asked in wanted.items()
            for each in _held(
                market_id,
                "slice.holder_no = %s AND kind_no = %s AND state_no = %s "
                "AND certificate.delivery_date BETWEEN %s AND %s",
                [
                    holder_no,
                    int(kind),
                    int(state),
                    min(each.first_date for each in asked),
                    max(each.last_date for each in asked),
                ],
            )
        )

    def active_before(self, market_id: MarketId, kind: CertificateKind, before_date: date) -> tuple[HeldSlice, ...]:
        """Load the active slices of a kind of delivery dates before one, oldest first."""
        chosen = "kind_no = %s AND state_no = %s AND certificate.delivery_date < %s"
        return _held(market_id, chosen, [int(kind), int(CertificateState.ACTIVE), before_date])

    def active_of_days(self, market_id: MarketId, dates: Collection[date]) -> tuple[HeldSlice, ...]:
        """Load the active slices of days, oldest first."""
        return tuple(
            each
            for batch in in_batches(sorted(dates))
            for each in _held(
                market_id,
                f"certificate.delivery_date IN ({placeholders(len(batch))}) AND state_no = %s",
                [*batch, int(CertificateState.ACTIVE)],
            )
        )

    def reserved_slices(self, market_id: MarketId, reservation_no: int) -> tuple[HeldSlice, ...]:
        """Load the slices that a reservation holds now, oldest first."""
        return _held(market_id, "slice.reservation_no = %s", [reservation_no])

    def lapsed_slices(self, market_id: MarketId, on_date: date) -> tuple[HeldSlice, ...]:
        """Load the slices of reservations that have lapsed by a date, oldest first."""
        return _held(market_id, "reservation.expires_on <= %s", [on_date])

    def reservation(self, market_id: MarketId, reservation_id: str) -> Reservation | None:
        """Find a reservation by its id."""
        rows = fetch(
            f"SELECT {', '.join(_RESERVATION)} FROM reservation WHERE market = %s AND reservation_id = %s",
            [market_id, reservation_id],
        )
        return Reservation(**dict(zip(_RESERVATION, rows[0], strict=True))) if rows else None

    def next_reservation_no(self, market_id: MarketId) -> int:
        """Give the number of the next reservation."""
        return 1 + fetch_number("SELECT max(reservation_no) FROM reservation WHERE market = %s", [market_id])

    def add_reservation(self, market_id: MarketId, reservation: Reservation) -> None:
        """Insert a reservation (before the slices that point to it)."""
        row = (market_id, *(getattr(reservation, column) for column in _RESERVATION))
        insert("reservation", ("market", *_RESERVATION), [row])

    def latest_lot(self, market_id: MarketId, order: LotOrder) -> ExportLot | None:
        """Find the latest lot of an order's scheme, holder and kind."""
        rows = fetch(
            f"SELECT {', '.join(_LOT)} FROM export_lot WHERE market = %s AND scheme = %s AND holder_no = %s "
            "AND kind_no = %s ORDER BY month DESC LIMIT 1",
            [market_id, order.scheme, order.holder_no, int(order.kind)],
        )
        return _lot(rows[0]) if rows else None

    def lot(self, market_id: MarketId, lot_no: int) -> ExportLot | None:
        """Find a lot by its number."""
        rows = fetch(f"SELECT {', '.join(_LOT)} FROM export_lot WHERE market = %s AND lot_no = %s", [market_id, lot_no])
        return _lot(rows[0]) if rows else None

    def next_lot_no(self, market_id: MarketId) -> int:
        """Give the number of the next lot."""
        return 1 + fetch_number("SELECT max(lot_no) FROM export_lot WHERE market = %s", [market_id])

    def add_lot(self, market_id: MarketId, lot: ExportLot) -> None:
        """Insert a lot (before the slices that point to it)."""
        row = (
            market_id,
            lot.lot_no,
            lot.scheme,
            lot.holder_no,
            int(lot.kind),
            lot.month.first_date,
            lot.unit_wh,
            lot.unit_count,
            lot.energy_wh,
            lot.carry_in_wh,
            lot.carry_out_wh,
            lot.previous_lot_no,
        )
        insert("export_lot", ("market", *_LOT), [row])

    def slices_of_holder(self, market_id: MarketId, holder_no: int) -> tuple[HeldSlice, ...]:
        """Load all slices of a holder, in every state, oldest first."""
        return _held(market_id, "slice.holder_no = %s", [holder_no])

    def events_of_certificate(self, market_id: MarketId, certificate_id: CertificateId) -> tuple[DoneEvent, ...]:
        """Load what was done with a certificate, in the order of doing."""
        return _done(market_id, "certificate_id = %s", [certificate_id])

    def events_of_holder(self, market_id: MarketId, holder_no: int) -> tuple[DoneEvent, ...]:
        """Load what was done with slices that a party held before or after, in the order of doing."""
        return _done(market_id, "%s IN (from_holder_no, to_holder_no)", [holder_no])

    def delivery_dates(
        self, market_id: MarketId, certificate_ids: Collection[CertificateId]
    ) -> dict[CertificateId, date]:
        """Give of which day certificates are; those that are not there are left out."""
        return dict(
            row
            for batch in in_batches(sorted(certificate_ids))
            for row in fetch(
                "SELECT certificate_id, delivery_date FROM certificate WHERE market = %s "
                f"AND certificate_id IN ({placeholders(len(batch))})",
                [market_id, *batch],
            )
        )


def _held(market_id: MarketId, chosen: str, parameters: Iterable[Any]) -> tuple[HeldSlice, ...]:
    """Load slices with what their certificates say; by id they stand in the order of bytes, in any locale."""
    collation = '"C"' if connection.vendor == "postgresql" else "BINARY"
    in_order = f" ORDER BY certificate.delivery_date, revision, slice.certificate_id COLLATE {collation}, slice.lo_wh"
    return tuple(map(_held_slice, fetch(_HELD + chosen + in_order, [market_id, *parameters])))


def _held_slice(row: Row) -> HeldSlice:
    """Read a slice with its day, kind, home, whether that day is final, and whom it is promised to."""
    *piece, delivery_date, kind_no, home_no, is_finalised, promised_to_no, promised_until = row
    return HeldSlice(
        piece=certificate_rows.slice_of(tuple(piece)),
        delivery_date=delivery_date,
        kind=CertificateKind(kind_no),
        home_no=home_no,
        is_finalised=bool(is_finalised),
        promised_to_no=promised_to_no,
        promised_until=promised_until,
    )


def _lot(row: Row) -> ExportLot:
    """Read a lot."""
    stored = dict(zip(_LOT, row, strict=True))
    return ExportLot(kind=CertificateKind(stored.pop("kind_no")), month=Month.of(stored.pop("month")), **stored)


def _done(market_id: MarketId, chosen: str, parameters: Sequence[Any]) -> tuple[DoneEvent, ...]:
    """Load events with what their operation says."""
    rows = fetch(f"{_DONE}{chosen} ORDER BY operation_no, event_no", [market_id, *parameters])
    return tuple(map(_done_event, rows))


def _done_event(row: Row) -> DoneEvent:
    """Read an event with its operation."""
    operation_no, operation_id, operation, actor, reason, event_no, certificate_id, lo_wh, hi_wh, *changed = row
    from_state_no, to_state_no, from_holder_no, to_holder_no, reference_no = changed
    return DoneEvent(
        operation_no=operation_no,
        operation_id=operation_id,
        operation=Operation(operation),
        actor=actor,
        reason=reason,
        event_no=event_no,
        event=SliceEvent(
            certificate_id=certificate_id,
            lo_wh=lo_wh,
            hi_wh=hi_wh,
            from_state=CertificateState(from_state_no),
            to_state=CertificateState(to_state_no),
            from_holder_no=from_holder_no,
            to_holder_no=to_holder_no,
            reference_no=reference_no,
        ),
    )
