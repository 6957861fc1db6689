"""Certificates bought elsewhere in memory, under the contract of app.outside_ports.OutsideStore.

Enter and leave: lots and uses. Not here: persistence.
"""

from collections.abc import Sequence

from sanchi.app.market import OutsideLot
from sanchi.app.outside_ports import OutsideUse, RegisteredLot
from sanchi.core.base.ids import MarketId


class MemoryOutsideStore:
    """Keeps the lots and uses of one market."""

    def __init__(self) -> None:
        self._lots: list[RegisteredLot] = []
        self._uses: list[OutsideUse] = []

    def lots(self, market_id: MarketId) -> tuple[RegisteredLot, ...]:
        del market_id
        return tuple(self._lots)

    def add_lots(self, market_id: MarketId, lots: Sequence[OutsideLot]) -> None:
        del market_id
        for lot in lots:
            self._lots.append(RegisteredLot(lot_no=len(self._lots) + 1, lot=lot))

    def uses(self, market_id: MarketId) -> tuple[OutsideUse, ...]:
        del market_id
        return tuple(self._uses)

    def add_uses(self, market_id: MarketId, uses: Sequence[OutsideUse]) -> None:
        del market_id
        self._uses += uses
