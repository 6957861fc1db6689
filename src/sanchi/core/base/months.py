"""Calendar months as values: the period of statements and of the ledger's closing.

Enters and leaves: dates and `YYYY-MM` texts. Not here: any clock.
"""

from dataclasses import dataclass
from datetime import date, timedelta

MONTHS_PER_YEAR = 12


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Month:
    """One calendar month of delivery dates."""

    year: int
    month_no: int

    def __post_init__(self) -> None:
        """Refuse month numbers outside 1..12: a programme that asks for one is wrong."""
        assert 1 <= self.month_no <= MONTHS_PER_YEAR, f"month_no {self.month_no} is not in 1..12"

    def __str__(self) -> str:
        """Write the month as `YYYY-MM`, its form in files, commands and account names."""
        return f"{self.year:04d}-{self.month_no:02d}"

    @classmethod
    def of(cls, delivery_date: date) -> "Month":
        """Name the month that a delivery date lies in.

        >>> str(Month.of(date(2021, 2, 28)))
        '2021-02'
        """
        return cls(year=delivery_date.year, month_no=delivery_date.month)

    @classmethod
    def parse(cls, text: str) -> "Month":
        """Read `YYYY-MM`.

        Raises
        ------
        ValueError
            When the text is not a year, a hyphen and a month 01..12.
        """
        year_text, hyphen, month_text = text.partition("-")
        well_formed = len(year_text) == 4 and len(month_text) == 2 and hyphen  # noqa: PLR2004 - widths of YYYY-MM
        if not (well_formed and (year_text + month_text).isdecimal() and 1 <= int(month_text) <= MONTHS_PER_YEAR):
            message = f"{text!r} is not a month; write it as YYYY-MM, for example 2020-12"
            raise ValueError(message)
        return cls(year=int(year_text), month_no=int(month_text))

    @property
    def next_month(self) -> "Month":
        """Give the month that follows."""
        year_step, month_index = divmod(self.month_no, MONTHS_PER_YEAR)
        return Month(year=self.year + year_step, month_no=month_index + 1)

    @property
    def first_date(self) -> date:
        """Give the first delivery date of the month."""
        return date(self.year, self.month_no, 1)

    @property
    def last_date(self) -> date:
        """Give the last delivery date of the month."""
        return self.next_month.first_date - timedelta(days=1)
