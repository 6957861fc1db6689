"""Decisions of an operator for a stored market.

Enter: decisions. Leave: what was recorded. Not here: files and their judgement.
"""

from sanchi.app.deliveries import FileKind
from sanchi.core.metering.decisions import Action, Decision
from sanchi.core.metering.readings import Channel
from tests.edge.store.deliveries import delivered
from tests.edge.store.stored_market import MARKET, StoredMarket, meter

DECIDED = Decision(
    meter_no=1,
    channel=Channel.IMPORT,
    boundary=366_000,
    action=Action.SET,
    energy_wh=300,
    reason="表示を読んだ",
    decided_by="op1",
    decided_s=1_600_000_000,
    delivery_no=0,
    row_no=1,
)


def decide(market: StoredMarket, *decisions: Decision) -> None:
    stores = market.home.stores
    with market.step():
        stores.market.save_meters(MARKET, [meter("M1", "H01")])
        stores.readings.add_decisions(MARKET, delivered("d1", len(decisions), FileKind.OVERRIDES), decisions)
