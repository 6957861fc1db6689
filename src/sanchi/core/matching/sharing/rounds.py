"""What rounds of asking share: buyers take what they are asked, pro rata where it is too much, until none fits.

Enter: what homes ask. Leave: parts, rests, room. Not here: whom a home asks, which each mechanism says.
"""

from dataclasses import replace
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel, inlined
from sanchi.core.matching.offers import Choosers, DayMatchInput, choosers_by_buyer
from sanchi.core.matching.phase import mix_word
from sanchi.core.matching.sharing.phase_shares import common_phase, phase_in_word, write_phase_shares

# One round: what does not fit is not offered again.
ONE_ROUND: Final = 1
# Rounds end when none fits, long before this bound: see write_keyed_slot.
ROUNDS_MAX: Final = 2**31


def choosers_by_key(day: DayMatchInput) -> Choosers:
    """Give the buyers' lists with the homes in the order of their keys: the order that shares are laid out in."""
    by_key = np.argsort(day.home_key, kind="stable")
    choosers = choosers_by_buyer(day.choice_buyer_index[by_key], day.n_buyers)
    return replace(choosers, home_index=by_key[choosers.home_index])


@inlined
def write_slot_words(home_word: NDArray[np.uint64], slot_salt: Any, slot_word: NDArray[np.uint64]) -> None:
    """Mix the words of homes with the salt of the slot; the upper 60 bits are the phases, all 64 are unique."""
    for home in range(len(home_word)):
        slot_word[home] = mix_word(home_word[home] ^ slot_salt)


@inlined
def ask_first_open(rest_wh: IntArray, choices: ChoiceArray, room_wh: IntArray, asks_wh: IntArray) -> None:
    """Let each home ask its best choice that has room to take all it still has."""
    asks_wh[:] = 0
    for home in range(len(rest_wh)):
        choice = 0
        while choice < choices.shape[1] and choices[home, choice] >= 0:
            if room_wh[choices[home, choice]] > 0:
                asks_wh[home, choice] = rest_wh[home]
                break
            choice += 1


@inlined
def ask_by_keys(
    rest_wh: IntArray,
    choices: ChoiceArray,
    choice_key: IntArray,
    room_wh: IntArray,
    slot_word: NDArray[np.uint64],
    asks_wh: IntArray,
) -> None:
    """Let each home cut what it still has by its keys over its choices that have room, the odd Wh by its phase."""
    asks_wh[:] = 0
    open_key = np.empty(choices.shape[1], np.int64)
    for home in range(len(rest_wh)):
        keys_in_all = 0
        for choice in range(choices.shape[1]):
            open_key[choice] = 0
            if choices[home, choice] >= 0 and room_wh[choices[home, choice]] > 0:
                open_key[choice] = choice_key[home, choice]
            keys_in_all += open_key[choice]
        if keys_in_all > 0 and rest_wh[home] > 0:
            write_phase_shares(rest_wh[home], open_key, phase_in_word(slot_word[home]), asks_wh[home])


@inlined
def take_asked(
    asks_wh: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    buyer_first_index: IntArray,
    slot_word: NDArray[np.uint64],
    room_wh: IntArray,
    rest_wh: IntArray,
    parts_wh: IntArray,
    asked_wh: IntArray,
) -> int:
    """Let each buyer take what it is asked, or its room pro rata to what each home asks; give what all took [Wh].

    The next three after the asks are what choosers_by_key gives; the odd Wh go by the common phase of those who ask.
    room_wh, rest_wh, parts_wh : carried on from round to round; asked_wh : int64 (n_buyers,), written.
    """
    all_taken_wh = 0
    for buyer in range(len(room_wh)):
        first, count = buyer_first_index[buyer], 0
        n_choosers = buyer_first_index[buyer + 1] - first
        entry_index = np.empty(n_choosers, np.int64)
        weight_wh = np.empty(n_choosers, np.int64)
        word = np.empty(n_choosers, np.uint64)
        asked_wh[buyer] = 0
        for entry in range(first, first + n_choosers):
            ask_wh = asks_wh[chooser_home_index[entry], chooser_choice_index[entry]]
            if ask_wh > 0:
                asked_wh[buyer] += ask_wh
                entry_index[count] = entry
                weight_wh[count] = ask_wh
                word[count] = slot_word[chooser_home_index[entry]]
                count += 1
        taken_wh = weight_wh[:count]
        if asked_wh[buyer] > room_wh[buyer]:
            taken_wh = np.empty(count, np.int64)
            write_phase_shares(room_wh[buyer], weight_wh[:count], common_phase(word[:count]), taken_wh)
        for place in range(count):
            entry = entry_index[place]
            room_wh[buyer] -= taken_wh[place]
            rest_wh[chooser_home_index[entry]] -= taken_wh[place]
            parts_wh[chooser_home_index[entry], chooser_choice_index[entry]] += taken_wh[place]
            all_taken_wh += taken_wh[place]
    return all_taken_wh


@entry_kernel
def write_keyed_slot(
    choices: ChoiceArray,
    choice_key: IntArray,
    chooser_home_index: IntArray,
    chooser_choice_index: IntArray,
    buyer_first_index: IntArray,
    home_word: NDArray[np.uint64],
    slot_salt: Any,
    rounds_count: int,
    rest_wh: IntArray,
    room_wh: IntArray,
    parts_wh: IntArray,
    asked_wh: IntArray,
) -> None:
    """Share one slot by keys in at most so many rounds; what does not fit is cut anew over the choices with room.

    choice_key : int64 (n_homes, k_max), the keys of a home sum to less than 2^46; the next three are the fields of
    Choosers; rest_wh, room_wh, parts_wh : carried on; asked_wh : int64 (n_buyers,), what the first round asked.
    The first round cuts over all choices with a key, full or not, as a static key says.
    Ends: from the second round on only choices with room are asked, and a home has a rest after a round only if one
    that it asked is full now; so it asks at most k_max + 1 times. The first round in which nobody takes is the last.
    """
    slot_word = np.empty(len(home_word), np.uint64)
    write_slot_words(home_word, slot_salt, slot_word)
    asks_wh = np.zeros(choices.shape, np.int64)
    later_asked_wh = np.zeros(len(room_wh), np.int64)
    choosers = (chooser_home_index, chooser_choice_index, buyer_first_index)
    ask_by_keys(rest_wh, choices, choice_key, np.ones(len(room_wh), np.int64), slot_word, asks_wh)
    take_asked(asks_wh, *choosers, slot_word, room_wh, rest_wh, parts_wh, asked_wh)
    taken_wh, round_no = 1, 1
    while taken_wh > 0 and round_no < rounds_count:
        ask_by_keys(rest_wh, choices, choice_key, room_wh, slot_word, asks_wh)
        taken_wh = take_asked(asks_wh, *choosers, slot_word, room_wh, rest_wh, parts_wh, later_asked_wh)
        round_no += 1
