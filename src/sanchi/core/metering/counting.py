"""The two formulas of a register: what it counted between two readings, and what the connection can carry.

Enter and leave: integers, or int64 arrays that broadcast. Not here: which readings are compared.
"""

from typing import TypeVar

from sanchi.core.metering.grids import IntArray

_Integers = TypeVar("_Integers", int, IntArray)


def counted_wh(
    earlier_count: _Integers, later_count: _Integers, turn_count: _Integers, unit_wh: _Integers
) -> _Integers:
    """Give the energy [Wh] between two counts; a register that fell has turned over from turn_count to 0.

    >>> counted_wh(999_998, 3, 1_000_000, 100)
    500
    """
    return (later_count - earlier_count) % turn_count * unit_wh


def uncarried_wh_min(n_slots: _Integers, plausible_wh_max: _Integers, unit_wh: _Integers) -> _Integers:
    """Give the smallest counted energy [Wh] that the connection cannot have carried in n_slots.

    A count hides less than one unit at its start, so two counts may show up to one unit more than has flowed.

    >>> uncarried_wh_min(2, 5_000, 100)
    10100
    """
    return n_slots * plausible_wh_max + unit_wh
