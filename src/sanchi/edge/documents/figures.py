"""Figures and dates as documents write them, in Japanese and English.

Enter: integers, dates. Leave: texts. Not here: sentences (statement_words).
"""

from datetime import date
from typing import Final

from sanchi.app.documents import Language
from sanchi.core.base.months import Month
from sanchi.core.base.units import WH_PER_KWH

NOTHING: Final = "–"
_MONTH_NAMES: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def exact_kwh_text(energy_wh: int) -> str:
    """Write [Wh] as kWh with three decimals: every watt-hour of it.

    >>> exact_kwh_text(-1_516_649)
    '−1,516.649'
    """
    whole_kwh, rest_wh = divmod(abs(energy_wh), WH_PER_KWH)
    return f"{'−' if energy_wh < 0 else ''}{whole_kwh:,}.{rest_wh:03d}"


def percent_text(share_permille: int | None) -> str:
    """Write permille as per cent with one decimal; a dash where there is none.

    >>> percent_text(1_000), percent_text(76)
    ('100.0 %', '7.6 %')
    """
    return NOTHING if share_permille is None else f"{share_permille // 10}.{share_permille % 10} %"


def date_text(day: date, language: Language) -> str:
    """Write a date with its month in words.

    >>> date_text(date(2020, 11, 20), Language.EN), date_text(date(2020, 11, 20), Language.JA)
    ('20 Nov 2020', '2020年11月20日')
    """
    if language is Language.JA:
        return f"{day.year}年{day.month}月{day.day}日"
    return f"{day.day} {_MONTH_NAMES[day.month - 1]} {day.year}"


def month_text(month: Month, language: Language) -> str:
    """Write a month in words.

    >>> month_text(Month(year=2020, month_no=12), Language.EN), month_text(Month(year=2020, month_no=12), Language.JA)
    ('Dec 2020', '2020年12月')
    """
    if language is Language.JA:
        return f"{month.year}年{month.month_no}月"
    return f"{_MONTH_NAMES[month.month_no - 1]} {month.year}"
