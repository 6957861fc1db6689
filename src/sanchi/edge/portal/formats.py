"""Exact texts of figures and dates, as people read them in English or Japanese.

Enter: integers in [Wh], 1e-5 yen, sen; dates, slot numbers. Leave: texts. No float, nothing rounded up.
"""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Final

from sanchi.core.base.months import Month
from sanchi.core.base.slots import MINUTES_PER_SLOT
from sanchi.core.base.units import E5YEN_PER_YEN, PERMILLE, SEN_PER_YEN, WH_PER_KWH

JAPANESE: Final = "ja"
NOTHING: Final = "–"
MINUS: Final = "−"  # as wide as the digits
_MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_WEEKDAYS_JA: Final = "月火水木金土日"


def count_text(count: int) -> str:
    """Write a count with thousands.

    >>> count_text(-12345)
    '−12,345'
    """
    return f"{_sign(count)}{abs(count):,}"


def kwh_text(energy_wh: int, decimals_count: int = 1) -> str:
    """Write [Wh] as kWh with up to three decimals, cut towards zero.

    >>> kwh_text(18_940_380)
    '18,940.3'
    """
    whole_kwh, rest_wh = divmod(abs(energy_wh), WH_PER_KWH)
    decimals = f"{rest_wh:03d}"[:decimals_count]
    text = f"{whole_kwh:,}.{decimals}" if decimals else f"{whole_kwh:,}"
    return f"{_sign(energy_wh)}{text}"


def yen_text(amount_yen: int, language: str) -> str:
    """Write whole yen.

    >>> yen_text(1234, "en"), yen_text(1234, "ja")
    ('¥1,234', '1,234円')
    """
    return _with_yen(f"{abs(amount_yen):,}", _sign(amount_yen), language)


def floor_yen_text(amount_e5yen: int, language: str) -> str:
    """Write 1e-5 yen as whole yen, rounded down as statements do.

    >>> floor_yen_text(199_999, "en")
    '¥1'
    """
    return yen_text(amount_e5yen // E5YEN_PER_YEN, language)


def exact_yen_text(amount_e5yen: int, language: str) -> str:
    """Write 1e-5 yen with all five decimals.

    >>> exact_yen_text(-41_250, "en")
    '−¥0.41250'
    """
    yen, e5yen = divmod(abs(amount_e5yen), E5YEN_PER_YEN)
    return _with_yen(f"{yen:,}.{e5yen:05d}", _sign(amount_e5yen), language)


def price_text(price_sen_per_kwh: int, language: str) -> str:
    """Write a price per kWh with two decimals.

    >>> price_text(850, "ja")
    '8.50円'
    """
    yen, sen = divmod(abs(price_sen_per_kwh), SEN_PER_YEN)
    return _with_yen(f"{yen:,}.{sen:02d}", _sign(price_sen_per_kwh), language)


def worth_text(worth_millisen_per_kwh: int, language: str) -> str:
    """Write 1e-3 sen per kWh as yen, exact, with two decimals or as many as it has.

    >>> worth_text(900_000, "en"), worth_text(12_345, "ja")
    ('¥9.00', '0.12345円')
    """
    yen, rest = divmod(abs(worth_millisen_per_kwh), E5YEN_PER_YEN)
    decimals = f"{rest:05d}".rstrip("0").ljust(2, "0")
    return _with_yen(f"{yen:,}.{decimals}", _sign(worth_millisen_per_kwh), language)


def permille_text(share_permille: int | None) -> str:
    """Write permille as per cent with one decimal; a dash where there is none.

    >>> permille_text(623)
    '62.3 %'
    """
    if share_permille is None:
        return NOTHING
    return f"{_sign(share_permille)}{abs(share_permille) // 10}.{abs(share_permille) % 10} %"


def share_text(part: int, whole: int) -> str:
    """Write part of whole as per cent with one decimal, rounded down; a dash where whole is zero.

    >>> share_text(2, 3)
    '66.6 %'
    """
    return permille_text(part * PERMILLE // whole if whole else None)


def date_text(day: date, language: str) -> str:
    """Write a date with its month in words.

    >>> date_text(date(2020, 11, 20), "en"), date_text(date(2020, 11, 20), "ja")
    ('20 Nov 2020', '2020年11月20日')
    """
    if language == JAPANESE:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def weekday_text(day: date, language: str) -> str:
    """Write the weekday in short.

    >>> weekday_text(date(2020, 11, 20), "ja")
    '金'
    """
    return (_WEEKDAYS_JA if language == JAPANESE else _WEEKDAYS)[day.weekday()]


def instant_text(instant: datetime, language: str) -> str:
    """Write an instant of Japan to the minute.

    >>> instant_text(datetime(2020, 11, 20, 4, 5), "en"), instant_text(datetime(2020, 11, 20, 4, 5), "ja")
    ('20 Nov 2020 04:05', '2020年11月20日 04:05')
    """
    return f"{date_text(instant.date(), language)} {instant.hour:02d}:{instant.minute:02d}"


def duration_text(duration_s: int, language: str) -> str:
    """Write a duration by its two largest units, cut to whole minutes.

    >>> duration_text(2 * 86400 + 3 * 3600 + 59, "en"), duration_text(14_700, "ja"), duration_text(40, "en")
    ('2 d 3 h', '4時間5分', '0 min')
    """
    minutes = abs(duration_s) // 60
    parts = (minutes // 1440, minutes // 60 % 24, minutes % 60)
    units = ("日", "時間", "分") if language == JAPANESE else (" d", " h", " min")
    told = [f"{number}{unit}" for number, unit in zip(parts, units, strict=True)]
    first = next((place for place, number in enumerate(parts) if number), len(parts) - 1)
    kept = [text for text, number in zip(told[first : first + 2], parts[first : first + 2], strict=True) if number]
    text = ("" if language == JAPANESE else " ").join(kept) or told[-1]
    return f"{_sign(duration_s)}{text}"


def month_text(month: Month, language: str) -> str:
    """Write a month in words.

    >>> month_text(Month(year=2020, month_no=11), "en")
    'Nov 2020'
    """
    if language == JAPANESE:
        return f"{month.year}年{month.month_no}月"
    return f"{_MONTH_NAMES[month.month_no - 1]} {month.year}"


def slot_text(slot_no: int) -> str:
    """Write a slot as its two ends.

    >>> slot_text(31)
    '15:00–15:30'
    """
    return f"{boundary_text(slot_no - 1)}–{boundary_text(slot_no)}"


def listed_text(names: Iterable[str], language: str) -> str:
    """Write names one after the other.

    >>> listed_text(["Koto", "Minato"], "en"), listed_text(["江東区", "港区"], "ja")
    ('Koto, Minato', '江東区、港区')
    """
    return ("、" if language == JAPANESE else ", ").join(names)


def slots_text(first_slot_no: int, last_slot_no: int) -> str:
    """Write slots in a row as the two ends of all.

    >>> slots_text(1, 48)
    '00:00–24:00'
    """
    return f"{boundary_text(first_slot_no - 1)}–{boundary_text(last_slot_no)}"


def boundary_text(boundary_no: int) -> str:
    """Write a half hour of the day, 0..48, as hour and minute.

    >>> boundary_text(48)
    '24:00'
    """
    hours, minutes = divmod(boundary_no * MINUTES_PER_SLOT, 60)
    return f"{hours:02d}:{minutes:02d}"


def _sign(number: int) -> str:
    """Give the minus of a negative number."""
    return MINUS if number < 0 else ""


def _with_yen(digits: str, sign: str, language: str) -> str:
    """Put the yen sign where the language has it."""
    return f"{sign}{digits}円" if language == JAPANESE else f"{sign}¥{digits}"
