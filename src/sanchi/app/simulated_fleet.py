"""What a simulated fleet is asked for, and what came of it.

Enters: figures of a request. Leaves: FleetPlan, checked. Not here: how a fleet is made and where it is written.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import EPOCH_DATE

HOMES_MAX: Final = 50_000_000
BUYERS_MAX: Final = 100_000
DAYS_MAX: Final = 366
CHOICES_MAX: Final = 5
SEED_MAX: Final = 2**62 - 1
# Draws count the days from here on, and the model of the sky knows no later ones.
FIRST_DATE_MIN: Final = EPOCH_DATE
LAST_DATE_MAX: Final = date(2199, 12, 31)


class UnfitPlan(WrongInput):
    """A figure of a fleet's plan lies outside what can be simulated."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPlan:
    """How large a fleet to make, and from which seed; the same plan gives the same bytes."""

    home_count: int
    buyer_count: int
    n_days: int
    seed_no: int
    first_date: date
    choice_count_max: int = 3

    def __post_init__(self) -> None:
        """Refuse figures outside their ranges. Raises: UnfitPlan."""
        for option, figure, lowest, highest in (
            ("homes", self.home_count, 1, HOMES_MAX),
            ("buyers", self.buyer_count, 1, BUYERS_MAX),
            ("days", self.n_days, 1, DAYS_MAX),
            ("seed", self.seed_no, 0, SEED_MAX),
            ("choices-max", self.choice_count_max, 1, min(CHOICES_MAX, self.buyer_count)),
        ):
            if not lowest <= figure <= highest:
                raise UnfitPlan(f"--{option} is {figure}, expected {lowest}..{highest}.", hint="Choose another figure.")
        latest_first = LAST_DATE_MAX - timedelta(days=self.n_days - 1)
        if not FIRST_DATE_MIN <= self.first_date <= latest_first:
            raise UnfitPlan(
                f"--first-date is {self.first_date}, expected {FIRST_DATE_MIN}..{latest_first} for {self.n_days} days.",
                hint="Choose another date.",
            )

    @property
    def dates(self) -> tuple[date, ...]:
        """List the delivery dates."""
        return tuple(self.first_date + timedelta(days=day) for day in range(self.n_days))


@dataclass(frozen=True, slots=True, kw_only=True)
class SimulatedFleet:
    """What was written. supply_row_count : slots with surplus, of slot_count in all."""

    slot_count: int
    supply_row_count: int
    supply_wh: int
    choice_row_count: int
