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
from sanchi.core.matching.mechanisms.fixed_share import fixed_share, fixed_share_passed_on
from sanchi.core.matching.mechanisms.max_welfare import max_welfare
from sanchi.core.matching.mechanisms.pro_rata import pro_rata
from sanchi.core.matching.mechanisms.target_share import target_share
from sanchi.core.matching.mechanisms.two_sided import two_sided

Mechanism = Callable[[MatchMarket], MechanismResult]


class MechanismName(StrEnum):
    """What a planner chooses from; docs/mechanisms.md says which to take when."""

    EATING = "eating"  # the default: all homes pour at once into their best open buyer
    PRO_RATA = "pro_rata"  # share by demand; what did not fit is offered to the next choice
    FIXED_SHARE = "fixed_share"  # static keys; what did not fit goes to the standard offer
    FIXED_SHARE_PASSED_ON = "fixed_share_passed_on"  # static keys; what did not fit is cut anew over the others
    TWO_SIDED = "two_sided"  # stable: buyers rank classes of homes
    TARGET_SHARE = "target_share"  # a building's energy over its tenants, towards each one's renewable share
    UNIFORM_PRICE = "uniform_price"  # all trades of a slot at one price, halfway between the last bid and ask
    PAY_AS_BID = "pay_as_bid"  # best bid meets best ask, each buyer pays its own bid
    MID_MARKET_RATE = "mid_market_rate"  # halfway between export and import price, pro rata
    MAX_WELFARE = "max_welfare"  # most worth on the listed pairs; the yardstick of the others


MECHANISMS: Final[dict[MechanismName, Mechanism]] = {
    MechanismName.EATING: eating,
    MechanismName.PRO_RATA: pro_rata,
    MechanismName.FIXED_SHARE: fixed_share,
    MechanismName.FIXED_SHARE_PASSED_ON: fixed_share_passed_on,
    MechanismName.TWO_SIDED: two_sided,
    MechanismName.TARGET_SHARE: target_share,
    MechanismName.UNIFORM_PRICE: uniform_price,
    MechanismName.PAY_AS_BID: pay_as_bid,
    MechanismName.MID_MARKET_RATE: mid_market_rate,
    MechanismName.MAX_WELFARE: max_welfare,
}
