"""Whether a plant's age lets it count, the slow way: counted up year by year, asked day by day.

Enter: days. Leave: truths. Not here: sanchi's own arithmetic of years.
"""

from calendar import isleap
from datetime import date, timedelta


def full_years_lived(begun: date, day: date) -> int:
    """Count how often the day of beginning came round until a day; a leap day comes round on 1 March where it must."""
    years = 0
    for year in range(begun.year + 1, day.year + 1):
        has_day = (begun.month, begun.day) != (2, 29) or isleap(year)
        comes_round = date(year, begun.month, begun.day) if has_day else date(year, 3, 1)
        years += comes_round <= day
    return years


def first_day_too_old(begun: date, years: int, rule_from: date, last_day: date) -> date | None:
    """Find the first day, from the rule's on, on which a plant is too old; None until last_day."""
    day = rule_from
    while day <= last_day:
        if full_years_lived(begun, day) >= years:
            return day
        day += timedelta(days=1)
    return None
