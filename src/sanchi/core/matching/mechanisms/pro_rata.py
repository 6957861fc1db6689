"""Share by demand: over-asked buyers take pro rata to what they are asked, leftovers are offered again.

Enters: a MatchMarket. Leaves: allocation and what buyers were asked at first. Not here: the sharing of odd Wh.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.allocation import FactName, MechanismResult, allocation_of_parts
from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel
from sanchi.core.matching.market import MatchMarket
from sanchi.core.matching.mechanisms.eating import facts_by_buyer
from sanchi.core.matching.phase import day_salts, home_words
from sanchi.core.matching.sharing.rounds import ask_first_open, choosers_by_key, take_asked, write_slot_words


def pro_rata(market: MatchMarket) -> MechanismResult:
    """Let homes offer all they have to their first choice with room, round by round, until nothing fits.

    A buyer that is asked for more than its room takes pro rata to what each home asks and is full; its homes offer
    what they have left to their next choice with room. There are at most k_max rounds, as no home asks a buyer twice.
    Source: the dynamic default key of collective self-consumption in France (ENEDIS, "clé de répartition dynamique
    par défaut"), which shares by demand in each metering step, with offers of leftovers to the next choice.
    Properties: exact supplies, no capacity exceeded, nothing fits at the end; within a round each part is less than
    1 Wh from its exact share; pro rata where every home names one buyer. A home whose first choice is full in the
    first round comes late to its second: unlike `eating`, the rule does not exclude envy.
    """
    day = market.day
    choices = day.choice_buyer_index
    choosers = choosers_by_key(day)
    slot_index = np.flatnonzero(day.supply_wh.any(axis=1))
    asked_wh = np.zeros_like(day.capacity_wh)
    parts_wh = np.zeros((len(day.supply_wh), *choices.shape), dtype=np.int64)
    _write_days_rounds(
        slot_index,
        day.supply_wh,
        choices,
        day.capacity_wh,
        choosers.home_index,
        choosers.choice_index,
        choosers.buyer_first_index,
        home_words(day.home_key),
        day_salts(day.delivery_date),
        asked_wh,
        parts_wh,
    )
    return MechanismResult(
        allocation=allocation_of_parts(market, parts_wh), facts=facts_by_buyer({FactName.ASKED_WH: asked_wh})
    )


@entry_kernel
def _write_days_rounds(
    slot_index: IntArray,
    supply_wh: IntArray,
    choices: ChoiceArray,
    capacity_wh: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    buyer_first_index: IntArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    asked_wh: IntArray,
    parts_wh: IntArray,
) -> None:
    """Write the parts of the listed slots, int64 (48, n_homes, k_max), and what the first round asked each buyer."""
    choosers = (chooser_home_index, chooser_choice_index, buyer_first_index)
    slot_word = np.empty(len(home_word), np.uint64)
    asks_wh = np.zeros(choices.shape, np.int64)
    later_asked_wh = np.zeros(capacity_wh.shape[1], np.int64)
    for slot in slot_index:
        slot_salt: Any = salt[slot]
        write_slot_words(home_word, slot_salt, slot_word)
        rest_wh = supply_wh[slot].copy()
        room_wh = capacity_wh[slot].copy()
        ask_first_open(rest_wh, choices, room_wh, asks_wh)
        taken_wh = take_asked(asks_wh, *choosers, slot_word, room_wh, rest_wh, parts_wh[slot], asked_wh[slot])
        while taken_wh > 0:
            ask_first_open(rest_wh, choices, room_wh, asks_wh)
            taken_wh = take_asked(asks_wh, *choosers, slot_word, room_wh, rest_wh, parts_wh[slot], later_asked_wh)
