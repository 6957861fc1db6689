"""All mechanisms by name.

Enters: a name. Leaves: the mechanism. Not here: any rule.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import Final

from sanchi.core.matching.allocation import MechanismResult
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import eating

Mechanism = Callable[[MatchMarket], MechanismResult]


class MechanismName(StrEnum):
    """What a planner chooses from; docs/mechanisms.md says which to take when."""

    EATING = "eating"  # the default: all homes pour at once into their best open buyer


MECHANISMS: Final[dict[MechanismName, Mechanism]] = {
    MechanismName.EATING: eating,
}
