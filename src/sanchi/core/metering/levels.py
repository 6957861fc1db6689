"""Read every slot of a gap at one common level of its own samples.

Enter: samples with whole weights, a level or an energy. Leave: whole numbers. Not here: which samples (see estimation).

Of all fillings that sum to an energy, the one where each slot stands at the same level (quantile) of what it may have
been has the least expected absolute error: where two slots are equally likely to have been more, moving a Wh from one
to the other gains nothing.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np

from sanchi.core.metering.grids import IntArray

# Levels run from 0, the least sample, to LEVEL_TOP, the greatest.
LEVEL_TOP: Final = 1 << 16
# A level is read as the mean over a band around it: a register's counts are steps, what flowed is not.
BAND: Final = LEVEL_TOP // 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Ladder:
    """The samples of slots in rising order; arrays of shape (n_samples + 1, n_slots), row 0 is the foot.

    upper_level : level up to which a row and those below it reach; area_wh : energy x levels, summed up to a row.
    energy_wh : shape (n_samples, n_slots); rung_level : upper_level without the foot, slot after slot in one rising
    row, each slot's above all of the one before.
    """

    energy_wh: IntArray
    upper_level: IntArray
    area_wh: IntArray
    rung_level: IntArray

    @classmethod
    def of(cls, energy_wh: IntArray, weights: IntArray) -> "Ladder":
        """Order samples of shape (n_samples, n_slots); each slot has one of weight above 0 at least."""
        order = np.argsort(energy_wh, axis=0, kind="stable")
        rising_wh = np.take_along_axis(energy_wh, order, axis=0)
        foot = np.zeros((1, energy_wh.shape[1]), dtype=np.int64)
        summed = np.cumsum(np.take_along_axis(weights, order, axis=0), axis=0)
        upper_level = np.concatenate([foot, summed * LEVEL_TOP // summed[-1]])
        area_wh = np.concatenate([foot, np.cumsum(rising_wh * np.diff(upper_level, axis=0), axis=0)])
        rung_level = (upper_level[1:].T + np.arange(energy_wh.shape[1])[:, None] * (LEVEL_TOP + 1)).reshape(-1)
        return cls(energy_wh=rising_wh, upper_level=upper_level, area_wh=area_wh, rung_level=rung_level)

    def at(self, level: int) -> tuple[IntArray, int]:
        """Give the energies at a level times the width of the band, shape (n_slots,), and that width."""
        lower, upper = max(level - BAND, 0), min(level + BAND, LEVEL_TOP)
        return self._area_up_to(upper) - self._area_up_to(lower), upper - lower

    def weights_for(self, energy_wh: int) -> IntArray:
        """Give what slots weigh where they sum to an energy: their energies at the lowest level that reaches it.

        More than even the greatest samples is shared by the mean of the samples: what is greatest is chance.
        """
        banded_wh, width = self.at(LEVEL_TOP)
        if int(banded_wh.sum()) < energy_wh * width:
            whole_wh: IntArray = self.area_wh[-1]
            return whole_wh
        below, reached = -1, LEVEL_TOP
        while reached - below > 1:
            level = (below + reached) // 2
            banded_wh, width = self.at(level)
            if int(banded_wh.sum()) < energy_wh * width:
                below = level
            else:
                reached = level
        return self.at(reached)[0]

    def _area_up_to(self, level: int) -> IntArray:
        """Sum energy x levels from the foot up to a level, shape (n_slots,)."""
        n_samples, n_slots = self.energy_wh.shape
        slot = np.arange(n_slots)
        row = np.searchsorted(self.rung_level, level + slot * (LEVEL_TOP + 1)) - slot * n_samples
        area_wh: IntArray = self.area_wh[row, slot] + (level - self.upper_level[row, slot]) * self.energy_wh[row, slot]
        return area_wh
