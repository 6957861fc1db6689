"""What top-up and battery storage need from the outside, as Protocols that the edge fulfils.

Every call is bounded by one market. Nothing here commits.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from sanchi.app.market import OutsideLot
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.certificates.topping_up import LotUse


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredLot:
    """A lot under the number that the store gave it."""

    lot_no: int
    lot: OutsideLot


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideUse:
    """What a beneficiary used up of a lot for a month and a purpose; site : "" = all of its places."""

    use: LotUse
    month: Month
    beneficiary_no: int
    purpose: str
    site: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageAccount:
    """A battery over the days first_date to last_date, both included, as core.certificates.storage counts it [Wh].

    previous_storage_no : the account of the same home that carried carry_in_wh on; None = the first one.
    """

    storage_no: int
    home_no: int
    first_date: date
    last_date: date
    carry_in_wh: int
    charged_wh: int
    discharged_wh: int
    loss_wh: int
    carry_out_wh: int
    previous_storage_no: int | None


class OutsideStore(Protocol):
    """Certificates bought elsewhere, and what of them was used: append-only."""

    def lots(self, market_id: MarketId) -> tuple[RegisteredLot, ...]:
        """Load all lots in the order of their numbers."""

    def add_lots(self, market_id: MarketId, lots: Sequence[OutsideLot]) -> None:
        """Register lots under the next numbers."""

    def uses(self, market_id: MarketId) -> tuple[OutsideUse, ...]:
        """Load all uses in the order of lot and watt-hour."""

    def add_uses(self, market_id: MarketId, uses: Sequence[OutsideUse]) -> None:
        """Add uses; each begins where the last one of its lot ended."""


class StorageStore(Protocol):
    """Accounts of batteries: append-only."""

    def accounts(self, market_id: MarketId) -> tuple[StorageAccount, ...]:
        """Load all accounts in the order of their numbers."""

    def next_storage_no(self, market_id: MarketId) -> int:
        """Give the number of the next account; nobody else numbers one until the transaction ends."""

    def add_accounts(self, market_id: MarketId, accounts: Sequence[StorageAccount]) -> None:
        """Add accounts, before the slices and certificates that point to them."""
