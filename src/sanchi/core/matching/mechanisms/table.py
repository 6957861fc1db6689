"""All mechanisms by name.

Enters: a name. Leaves: the mechanism. Not here: any rule.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sanchi.core.matching.allocation import MechanismResult
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.auctions import mid_market_rate, pay_as_bid, uniform_price
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.max_welfare import max_welfare

Mechanism = Callable[[MatchMarket], MechanismResult]


class MechanismName(StrEnum):
    """What a planner chooses from; docs/mechanisms.md says which to take when."""

    EATING = "eating"  # the default: all homes pour at once into their best open buyer
    UNIFORM_PRICE = "uniform_price"  # all trades of a slot at one price, halfway between the last bid and ask
    PAY_AS_BID = "pay_as_bid"  # best bid meets best ask, each buyer pays its own bid
    MID_MARKET_RATE = "mid_market_rate"  # halfway between export and import price, pro rata
    MAX_WELFARE = "max_welfare"  # most worth on the listed pairs; the yardstick of the others


MECHANISMS: Final[dict[MechanismName, Mechanism]] = {
    MechanismName.EATING: eating,
    MechanismName.UNIFORM_PRICE: uniform_price,
    MechanismName.PAY_AS_BID: pay_as_bid,
    MechanismName.MID_MARKET_RATE: mid_market_rate,
    MechanismName.MAX_WELFARE: max_welfare,
}
