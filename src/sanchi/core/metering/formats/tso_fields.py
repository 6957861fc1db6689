"""Read the fields of a network operator's rows strictly: points, dates, months, slots, decimal kWh.

Enter: texts of elements. Leave: numbers; RecordFault says what is wrong. Not here: which element is which field.
Source: layout of 30分電力量 files as public importers read it; kWh have ten digits, four of them decimals.
"""

import re
from datetime import date
from typing import Final

from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.formats.json_records import RecordFault, shown_text

POINT_DIGITS: Final = 22
GAS_POINT_DIGITS: Final = 17
AREAS: Final = frozenset(f"{number:02d}" for number in range(1, 11))
# Digits of ASCII: a full-width digit is no number of a meter.
_DIGITS: Final = re.compile(r"[0-9]+")
_DATE: Final = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})")
_KWH: Final = re.compile(r"(-?)([0-9]{1,10})(?:\.([0-9]{1,4}))?")
_DECIMALS: Final = 4
# 0.0001 kWh = 0.1 Wh.
_TENTHS_PER_WH: Final = 10


def point_of(text: str) -> str:
    """Read a supply point or feed-in point: 22 digits, the first two the area; hyphens are left out.

    There is no check digit. Raises: RecordFault.
    """
    digits = text.replace("-", "")
    if _DIGITS.fullmatch(digits) is None:
        raise RecordFault(f"supply point {shown_text(text)!r}: not {POINT_DIGITS} digits")
    if len(digits) == GAS_POINT_DIGITS:
        raise RecordFault(f"supply point {digits}: {GAS_POINT_DIGITS} digits are a point of gas, not of power")
    if len(digits) != POINT_DIGITS:
        raise RecordFault(f"supply point {digits}: {len(digits)} digits, expected {POINT_DIGITS}")
    if digits[:2] not in AREAS:
        raise RecordFault(f"supply point {digits}: {digits[:2]} is no grid area (01 to 10)")
    return digits


def date_of(text: str) -> date:
    """Read YYYYMMDD. Raises: RecordFault."""
    found = _DATE.fullmatch(text)
    if found is None:
        raise RecordFault(f"date {shown_text(text)!r}: not YYYYMMDD")
    try:
        return date(*(int(part) for part in found.groups()))
    except ValueError as error:
        raise RecordFault(f"date {text}: {error}") from error


def month_of(text: str) -> Month:
    """Read YYYYMM. Raises: RecordFault.

    >>> str(month_of("202012"))
    '2020-12'
    """
    first_date = date_of(f"{text}01") if len(text) == len("YYYYMM") else None
    if first_date is None:
        raise RecordFault(f"month {shown_text(text)!r}: not YYYYMM")
    return Month.of(first_date)


def slot_no_of(text: str) -> int:
    """Read the number of a slot, 1 to 48. Raises: RecordFault."""
    slot_no = int(text) if _DIGITS.fullmatch(text) and len(text) <= len("48") else 0
    if not 1 <= slot_no <= SLOTS_PER_DAY:
        raise RecordFault(f"slot {shown_text(text)!r}: not 01 to {SLOTS_PER_DAY}")
    return slot_no


def energy_wh_of(text: str) -> int:
    """Read decimal kWh as whole Wh, half a Wh rounded up (round_half_up_wh). Raises: RecordFault.

    >>> energy_wh_of("0000012.3000")
    12300
    """
    found = _KWH.fullmatch(text)
    if found is None:
        raise RecordFault(f"energy {shown_text(text)!r}: not kWh with up to 10 digits and 4 decimals")
    sign, whole, decimals = found.groups()
    if sign:
        raise RecordFault(f"energy {text} kWh is below zero", ProblemCode.NEGATIVE_ENERGY)
    return round_half_up_wh(int(whole + (decimals or "").ljust(_DECIMALS, "0")))


def round_half_up_wh(tenth_wh: int) -> int:
    """Round tenths of a Wh to whole Wh: the one rounding of the operator's decimals, half a Wh upwards.

    >>> round_half_up_wh(125), round_half_up_wh(124)
    (13, 12)
    """
    return (tenth_wh + _TENTHS_PER_WH // 2) // _TENTHS_PER_WH
