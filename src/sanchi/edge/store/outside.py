"""Keeps certificates bought elsewhere and accounts of batteries in the database.

Enter and leave: records of app.outside_ports. Not here: which use is allowed (core, and the database's chain of keys).
"""

from collections.abc import Sequence
from typing import Any, Final

from sanchi.app.market import OutsideLot
from sanchi.app.outside_ports import OutsideUse, RegisteredLot, StorageAccount
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.months import Month
from sanchi.core.certificates.topping_up import LotUse
from sanchi.edge.store.sql import fetch, fetch_number, insert, take_turn

_LOT: Final = (
    "lot_id", "buyer_no", "scheme", "serial_first", "serial_last", "quantity_wh", "generated_from", "generated_until",
    "energy_source", "plant_name", "municipality", "facility_id", "reference",
)  # fmt: skip
_USE: Final = ("lot_no", "lo_wh", "hi_wh", "quantity_wh", "month", "beneficiary_no", "purpose", "site")
_ACCOUNT: Final = (
    "storage_no", "home_no", "first_date", "last_date", "carry_in_wh", "charged_wh", "discharged_wh", "loss_wh",
    "carry_out_wh", "previous_storage_no",
)  # fmt: skip


class DjangoOutsideStore:
    """Fulfils app.outside_ports.OutsideStore."""

    def lots(self, market_id: MarketId) -> tuple[RegisteredLot, ...]:
        """Load all lots in the order of their numbers."""
        ids: dict[int, PartyId] = dict(fetch("SELECT party_no, party_id FROM party WHERE market = %s", [market_id]))
        rows = fetch(
            f"SELECT lot_no, {', '.join(_LOT)} FROM outside_lot WHERE market = %s ORDER BY lot_no", [market_id]
        )
        lots = []
        for lot_no, *fields in rows:
            stored: dict[str, Any] = dict(zip(_LOT, fields, strict=True))
            lots.append(RegisteredLot(lot_no=lot_no, lot=OutsideLot(buyer_id=ids[stored.pop("buyer_no")], **stored)))
        return tuple(lots)

    def add_lots(self, market_id: MarketId, lots: Sequence[OutsideLot]) -> None:
        """Register lots under the next numbers."""
        take_turn(market_id)
        nos: dict[PartyId, int] = dict(fetch("SELECT party_id, party_no FROM party WHERE market = %s", [market_id]))
        last_no = fetch_number("SELECT max(lot_no) FROM outside_lot WHERE market = %s", [market_id])
        rows = [
            (
                market_id,
                lot_no,
                *(nos[lot.buyer_id] if column == "buyer_no" else getattr(lot, column) for column in _LOT),
            )
            for lot_no, lot in enumerate(lots, start=last_no + 1)
        ]
        insert("outside_lot", ("market", "lot_no", *_LOT), rows)

    def uses(self, market_id: MarketId) -> tuple[OutsideUse, ...]:
        """Load all uses in the order of lot and watt-hour."""
        rows = fetch(f"SELECT {', '.join(_USE)} FROM outside_use WHERE market = %s ORDER BY lot_no, lo_wh", [market_id])
        return tuple(
            OutsideUse(
                use=LotUse(lot_no=lot_no, lo_wh=lo_wh, hi_wh=hi_wh, quantity_wh=quantity_wh),
                month=Month.of(month),
                beneficiary_no=beneficiary_no,
                purpose=purpose,
                site=site,
            )
            for lot_no, lo_wh, hi_wh, quantity_wh, month, beneficiary_no, purpose, site in rows
        )

    def add_uses(self, market_id: MarketId, uses: Sequence[OutsideUse]) -> None:
        """Add uses; each begins where the last one of its lot ended."""
        rows = [
            (
                market_id,
                each.use.lot_no,
                each.use.lo_wh,
                each.use.hi_wh,
                each.use.quantity_wh,
                each.month.first_date,
                each.beneficiary_no,
                each.purpose,
                each.site,
            )
            for each in uses
        ]
        insert("outside_use", ("market", *_USE), rows)


class DjangoStorageStore:
    """Fulfils app.outside_ports.StorageStore."""

    def accounts(self, market_id: MarketId) -> tuple[StorageAccount, ...]:
        """Load all accounts in the order of their numbers."""
        rows = fetch(
            f"SELECT {', '.join(_ACCOUNT)} FROM storage_account WHERE market = %s ORDER BY storage_no", [market_id]
        )
        return tuple(StorageAccount(**dict(zip(_ACCOUNT, row, strict=True))) for row in rows)

    def next_storage_no(self, market_id: MarketId) -> int:
        """Give the number of the next account; nobody else numbers one until the transaction ends."""
        take_turn(market_id)
        return 1 + fetch_number("SELECT max(storage_no) FROM storage_account WHERE market = %s", [market_id])

    def add_accounts(self, market_id: MarketId, accounts: Sequence[StorageAccount]) -> None:
        """Add accounts, before the slices and certificates that point to them."""
        rows = [(market_id, *(getattr(each, column) for column in _ACCOUNT)) for each in accounts]
        insert("storage_account", ("market", *_ACCOUNT), rows)
