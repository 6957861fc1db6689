"""Choose, of metering points that measure the same energy by different ways, the one that counts in each slot.

Enter: points and what each of them says of a day. Leave: which of them counts. Not here: versions within one meter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.grids import BoolArray, IntArray
from sanchi.core.metering.readings import MeteringPoint, Quality
from sanchi.core.metering.sources import RANK_END

# The rule table across ways (docs/reference/vee.md). First: is the energy known, estimated or missing? Of known ones
# the rank decides (stage, then source), then measured before recovered. Then the meter that the others name.
# So a weaker way never takes the place of what a register counted over a gap: it is the shape of it.
KNOWN: Final = 2
STANDING: Final = {Quality.MISSING: 0, Quality.ESTIMATED: 1, Quality.RECOVERED: KNOWN, Quality.MEASURED: KNOWN}


@dataclass(frozen=True, slots=True, kw_only=True)
class Siblings:
    """The points of a market by the energy that they measure.

    energy_index : shape (n_points,), equal for points that measure the same; has_any : whether any two do.
    is_first : shape (n_points,), the point is named by others and names none itself.
    """

    energy_index: IntArray
    is_first: BoolArray
    has_any: bool

    @classmethod
    def of(cls, points: Sequence[MeteringPoint]) -> "Siblings":
        """Gather points by party, channel and the label that they share."""
        n_points = len(points)
        is_first = np.array([not point.same_as for point in points], dtype=np.bool_)
        if is_first.all():
            return cls(energy_index=np.arange(n_points), is_first=is_first, has_any=False)
        index_of: dict[tuple[int, int, str], int] = {}
        keys = [(point.party_no, point.channel, point.same_as or point.label) for point in points]
        energy_index = np.array([index_of.setdefault(key, len(index_of)) for key in keys], dtype=np.int64)
        return cls(energy_index=energy_index, is_first=is_first, has_any=True)

    def of_point(self, point_index: int) -> NDArray[np.intp]:
        """Name the other points that measure the energy of a point."""
        others = np.flatnonzero(self.energy_index == self.energy_index[point_index])
        return np.asarray(others[others != point_index])

    def joined_by(self, is_meant: BoolArray) -> BoolArray:
        """Tell which points measure the energy of any point that is meant, shape (n_points,)."""
        if not self.has_any:
            return is_meant
        energy_is_meant = np.zeros(self.energy_index.size, dtype=np.bool_)
        energy_is_meant[self.energy_index[is_meant]] = True
        return np.asarray(energy_is_meant[self.energy_index])

    def counted(self, quality: NDArray[np.int8], rank: NDArray[np.int8], is_served: BoolArray) -> BoolArray:
        """Tell which point counts in each slot; arrays of shape (n_points, 48).

        is_served : a meter of the point is in service. Returns: one point an energy and slot, none where none serves.
        """
        if not self.has_any:
            return is_served
        n_points = self.energy_index.size
        standing = np.array([STANDING[each] for each in Quality], dtype=np.int64)[quality]
        key = standing * RANK_END + np.where(standing == KNOWN, rank, 0)
        key = (key * 2 + (quality == Quality.MEASURED)) * 2 + self.is_first[:, None]
        # Of equals the one that stands first.
        key = key * n_points + np.arange(n_points - 1, -1, -1)[:, None]
        key[~is_served] = -1
        order = np.argsort(self.energy_index, kind="stable")
        starts = np.flatnonzero(np.diff(self.energy_index[order], prepend=-1))
        best = np.maximum.reduceat(key[order], starts, axis=0)
        return np.asarray(is_served & (key == best[self.energy_index]))
