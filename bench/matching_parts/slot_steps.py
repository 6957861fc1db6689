"""One slot of any number of homes by the steps of the kernel: sort and tree, table of the slot, rows of its homes.

Enters: a day with one sunny slot, or a number of homes. Leaves: functions to be measured. Not here: the kernel.
"""

import numpy as np

from bench.matching_parts.ours import DELIVERY_DATE
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.eating.block_parts import block_rows
from sanchi.core.matching.eating.choice_tree import ChoiceTree, build_choice_tree
from sanchi.core.matching.eating.slot_table import slot_table
from sanchi.core.matching.phase import day_salts, home_words

NOON = 24
BLOCK_HOMES = 100_000


class SlotSteps:
    """A noon slot in memory: supply_wh int32 (n_homes,), choices int32 (n_homes, k_max), capacity_wh int64."""

    def __init__(self, supply_wh: np.ndarray, choices: np.ndarray, capacity_wh: np.ndarray) -> None:
        self.supply_wh, self.choices, self.capacity_wh = supply_wh, choices, capacity_wh
        self.words, self.salts = home_words(np.arange(len(supply_wh))), day_salts(DELIVERY_DATE)
        block = min(len(supply_wh), BLOCK_HOMES)
        # Room for a block, which holds all slots of its homes as a file does, and for a day's table; noon is filled.
        self.blocks_wh = np.zeros((block, SLOTS_PER_DAY), dtype=np.int32)
        self.day_table = np.zeros((2, len(capacity_wh), SLOTS_PER_DAY), dtype=np.int64)

    def tree(self) -> ChoiceTree:
        """Sort the homes by their lists; once a day."""
        return build_choice_tree(self.choices, len(self.capacity_wh))

    def table(self, tree: ChoiceTree) -> tuple[np.ndarray, np.ndarray]:
        """Bring the slot into list order and give its table."""
        order = tree.home_order
        return slot_table(tree, self.supply_wh[order], self.capacity_wh, self.words[order], self.salts[NOON])

    def rows(self, table: tuple[np.ndarray, np.ndarray]) -> int:
        """Lay the slot out as rows, block by block, and count them."""
        closing_t32, rounding_phi60 = self.day_table
        closing_t32[:, NOON], rounding_phi60[:, NOON] = table
        n_rows = 0
        for first in range(0, len(self.supply_wh), BLOCK_HOMES):
            homes = slice(first, first + BLOCK_HOMES)
            supply_wh = self.blocks_wh[: len(self.supply_wh[homes])]
            supply_wh[:, NOON] = self.supply_wh[homes]
            rows = block_rows(
                supply_wh,
                self.choices[homes],
                self.words[homes],
                self.salts,
                closing_t32,
                rounding_phi60,
                with_rest=True,
            )
            n_rows += len(rows.energy_wh)
        return n_rows

    def sorted_table(self) -> tuple[np.ndarray, np.ndarray]:
        """Do all up to the published table."""
        return self.table(self.tree())

    def whole(self) -> int:
        """Do all: sort, table, rows."""
        return self.rows(self.sorted_table())
