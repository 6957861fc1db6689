"""What has to be known of a roof and of the claims on it; None = not known, which never helps to a yes.

Enter and leave: frozen records. Not here: rules and answers.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind


class MeterGrade(StrEnum):
    """What the meter of the generation may be used for (計量法, 特定計量制度); the words of plants files."""

    VERIFIED = "verified"  # 検定付き計量器
    NOTIFIED = "notified"  # 特例計量器 of a notified specified metering
    CT = "ct"  # a current transformer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantFacts:
    """A roof; fit_end is the first day after the feed-in tariff, repowered_on the last repowering, if any."""

    commissioning_date: date | None = None
    fit_end: date | None = None
    grade: MeterGrade | None = None
    capacity_w: int | None = None
    has_battery: bool | None = None
    repowered_on: date | None = None
    grid_area: str | None = None

    @property
    def age_counts_from(self) -> date | None:
        """Give the day from which the plant's age counts: its repowering, else its commissioning."""
        return self.repowered_on or self.commissioning_date


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueClaim:
    """Value of a roof's kind that is somebody else's from first_date until before until_date (None = open end).

    scheme: FIT, J_CREDIT, GREEN_CERT, PPA, CLUB or any other word; reference: what the other scheme calls it.
    """

    scheme: str
    kind: CertificateKind
    first_date: date
    until_date: date | None
    reference: str = ""

    def covers(self, kind: CertificateKind, day: date) -> bool:
        """Tell whether the value of a kind is claimed on a day."""
        return self.kind is kind and self.first_date <= day and (self.until_date is None or day < self.until_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """The days first_date <= day < until_date. Raises: WrongInput when there is none."""

    first_date: date
    until_date: date

    def __post_init__(self) -> None:
        """Refuse a period without a day."""
        if self.until_date <= self.first_date:
            raise WrongInput(
                f"The period from {self.first_date} until before {self.until_date} has no day.",
                hint="until_date is the first day after the period.",
            )

    def covers(self, day: date) -> bool:
        """Tell whether a day lies in the period."""
        return self.first_date <= day < self.until_date


def years_after(day: date, years: int) -> date:
    """Give the day some years later; the 29th of February comes round on the 1st of March.

    A year counted in years ends with the day before the one of the same name, or with its month where there is none
    (民法第143条), so that the first day after is the 1st of March.

    >>> years_after(date(2012, 2, 29), 15)
    datetime.date(2027, 3, 1)
    """
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return date(day.year + years, 3, 1)


def months_after(day: date, months: int) -> date:
    """Give the day some months later (earlier below 0), or the last of that month where it has no such day.

    >>> months_after(date(2026, 8, 31), -6)
    datetime.date(2026, 2, 28)
    """
    year, month_index = divmod(day.year * 12 + day.month - 1 + months, 12)
    for day_no in range(day.day, 27, -1):
        try:
            return date(year, month_index + 1, day_no)
        except ValueError:
            continue
    return date(year, month_index + 1, min(day.day, 28))
