"""How the energy of a slot came about: a number that stands beside it for ever.

Enters and leaves: an enumeration. Not here: what the names are elsewhere (docs/reference/vee.md).
"""

from enum import IntEnum


class Method(IntEnum):
    """What made the energy of a slot; the numbers stand in files and never change."""

    MISSING = 0  # nothing: 0 Wh stand in the slot
    COUNTS = 1  # two counts of a register one slot apart
    DELIVERED = 2  # the energy that a meter delivered for the slot
    SUMMED = 3  # shorter intervals, added up
    RECOVERED_LIKE_DAYS = 4  # counted over a gap, shaped after like days
    RECOVERED_FLAT = 5  # counted over a gap, the same in each slot
    RECOVERED_OTHER_WAY = 6  # counted over a gap, shaped by what another way measured
    ESTIMATED_LIKE_DAYS = 7  # median of like days
    AGREED = 8  # an operator decided, with a reason
    MONTHLY_LIKE_DAYS = 9  # counted over a month, shaped after like homes

    @property
    def text(self) -> str:
        """Give the name used in files and messages.

        >>> Method.RECOVERED_FLAT.text
        'recovered_flat'
        """
        return self.name.lower()
