"""Static keys: what a home supplies is cut by fixed coefficients over its choices.

Enters: a MatchMarket with static_key. Leaves: allocation and what buyers were asked. Not here: the rounds.
"""

from sanchi.core.matching.allocation import FactName, MechanismResult, allocation_of_parts
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import facts_by_buyer
from sanchi.core.matching.sharing.keyed import KeyedDay
from sanchi.core.matching.sharing.rounds import ONE_ROUND, ROUNDS_MAX


def fixed_share(market: MatchMarket) -> MechanismResult:
    """Cut each home's supply by its keys; what a choice cannot take goes to the standard offer.

    A key counts against the sum of the home's keys, whether or not its buyer has room in the slot; a home whose keys
    are all 0 gives to none. Where the shares of a buyer exceed its capacity, it takes pro rata to them.
    Source: static coefficients of Royal Decree 244/2019 (Spain, annex I); "clé statique" of collective
    self-consumption in France (ENEDIS).
    Properties: exact supplies, no capacity exceeded; where nothing is full each part is less than 1 Wh from
    supply * key / keys. Room may stay beside a rest: that is what static keys cost.
    Raises: MissingTerms.
    """
    return _shared(market, "fixed_share", ONE_ROUND)


def fixed_share_passed_on(market: MatchMarket) -> MechanismResult:
    """Cut each home's supply by its keys; what a choice cannot take is cut anew over the others, until none fits.

    Source and first round as in fixed_share; at most k_max more rounds.
    Properties: as there, and nothing fits at the end: no home has a rest while a choice of it with a key has room.
    Raises: MissingTerms.
    """
    return _shared(market, "fixed_share_passed_on", ROUNDS_MAX)


def _shared(market: MatchMarket, name: str, rounds_count: int) -> MechanismResult:
    """Share every slot by the same keys."""
    choice_key = market.needed(name, "static_key")
    keyed = KeyedDay.opened(market.day)
    for slot_index in keyed.sunny_slots():
        keyed.share_slot(slot_index, choice_key, rounds_count)
    return MechanismResult(
        allocation=allocation_of_parts(market, keyed.parts_wh),
        facts=facts_by_buyer({FactName.ASKED_WH: keyed.asked_wh}),
    )
