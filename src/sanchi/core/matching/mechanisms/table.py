"""All mechanisms by name, and what each cannot do without.

Enters: a name. Leaves: the mechanism and its terms. Not here: any rule.
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


class MarketTerm(StrEnum):
    """What a mechanism may need beside supplies and capacities."""

    CHOICES = "choices"  # the homes' ranked lists
    STATIC_KEY = "static_key"  # fixed coefficients of the choices
    CLASS_RANK = "class_rank"  # in which class a chosen buyer puts the home
    TARGET_PERMILLE = "target_permille"  # the renewable share that a tenant wants
    USE_WH = "use_wh"  # what a tenant uses
    BIDS = "bids"  # the most that a buyer would pay: its offer
    ASKS = "asks"  # the least that a home would take


_CHOICES: Final = frozenset({MarketTerm.CHOICES})
_BOTH_PRICES: Final = frozenset({MarketTerm.BIDS, MarketTerm.ASKS})

NEEDS: Final[dict[MechanismName, frozenset[MarketTerm]]] = {
    MechanismName.EATING: _CHOICES,
    MechanismName.PRO_RATA: _CHOICES,
    MechanismName.FIXED_SHARE: _CHOICES | {MarketTerm.STATIC_KEY},
    MechanismName.FIXED_SHARE_PASSED_ON: _CHOICES | {MarketTerm.STATIC_KEY},
    MechanismName.TWO_SIDED: _CHOICES | {MarketTerm.CLASS_RANK},
    MechanismName.TARGET_SHARE: _CHOICES | {MarketTerm.TARGET_PERMILLE, MarketTerm.USE_WH},
    MechanismName.UNIFORM_PRICE: _BOTH_PRICES,
    MechanismName.PAY_AS_BID: _BOTH_PRICES,
    MechanismName.MID_MARKET_RATE: _BOTH_PRICES,
    MechanismName.MAX_WELFARE: _CHOICES | _BOTH_PRICES,
}
