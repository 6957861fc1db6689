"""Which value of a month was spread over half hours, and by which delivery: the origin of its readings.

Enters and leaves: frozen records. Not here: spreading (spread_months).
"""

from dataclasses import dataclass

from sanchi.core.metering.monthly.spreading import SpreadShape
from sanchi.core.metering.monthly.values import MonthValue


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadMonth:
    """A value, the delivery that carries its half hours, and which ones these are.

    first_boundary closes the first of slot_count half hours; shape, stand_in_count : see MonthSpread.
    """

    delivery_no: int
    value: MonthValue
    first_boundary: int
    slot_count: int
    shape: SpreadShape
    stand_in_count: int

    @property
    def boundaries(self) -> range:
        """Give the boundaries that close the half hours."""
        return range(self.first_boundary, self.first_boundary + self.slot_count)
