"""Sharing by keys over a day: what a home supplies is cut over its choices, in one round or until none fits.

Enter: a DayMatchInput and keys. Leave: parts by choice. Not here: where the keys come from.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.offers import Choosers, DayMatchInput
from sanchi.core.matching.phase import day_salts, home_words
from sanchi.core.matching.sharing.rounds import choosers_by_key, write_keyed_slot


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyedDay:
    """A day that is being shared by keys; rest, room and parts are written slot by slot, round by round.

    rest_wh : int64 (48, n_homes) [Wh]; room_wh, asked_wh : int64 (48, n_buyers) [Wh], asked_wh from the first round
    of the latest call; parts_wh : int64 (48, n_homes, k_max) [Wh].
    """

    day: DayMatchInput
    choosers: Choosers
    home_word: NDArray[np.uint64]
    salt: NDArray[np.uint64]
    rest_wh: IntArray
    room_wh: IntArray
    parts_wh: IntArray
    asked_wh: IntArray

    @classmethod
    def opened(cls, day: DayMatchInput) -> "KeyedDay":
        """Begin with whole supplies and capacities."""
        return cls(
            day=day,
            choosers=choosers_by_key(day),
            home_word=home_words(day.home_key),
            salt=day_salts(day.delivery_date),
            rest_wh=day.supply_wh.copy(),
            room_wh=day.capacity_wh.copy(),
            parts_wh=np.zeros((len(day.supply_wh), *day.choice_buyer_index.shape), dtype=np.int64),
            asked_wh=np.zeros_like(day.capacity_wh),
        )

    def sunny_slots(self) -> Iterator[int]:
        """Give the slots in which something is supplied."""
        return iter(np.flatnonzero(self.day.supply_wh.any(axis=1)).tolist())

    def share_slot(self, slot_index: int, choice_key: IntArray, rounds_count: int) -> None:
        """Share what is left of a slot by keys, int64 (n_homes, k_max), in at most so many rounds."""
        write_keyed_slot(
            self.day.choice_buyer_index,
            choice_key,
            self.choosers.home_index,
            self.choosers.choice_index,
            self.choosers.buyer_first_index,
            self.home_word,
            self.salt[slot_index],
            rounds_count,
            self.rest_wh[slot_index],
            self.room_wh[slot_index],
            self.parts_wh[slot_index],
            self.asked_wh[slot_index],
        )
