"""What is known of a gap in each case, and the ways to fill it that are compared.

Enter: Homes and positions of gaps. Leave: errors of each method over all slots of all gaps. Not here: printing.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from bench.vee_parts.homes import Homes
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.estimation import History
from sanchi.core.metering.filling import fill_gap
from sanchi.core.metering.gaps import Gap
from sanchi.core.metering.readings import Channel, MeterSpec
from sanchi.core.metering.windows import WINDOW_DAYS

Values = NDArray[np.float64]
SLOTS_PER_WEEK = 7 * SLOTS_PER_DAY
LIKE_DAYS = 8
FRIDAY_END = 5


@dataclass(frozen=True, kw_only=True)
class Error:
    """Errors of one method, gap by gap, in the order of the gaps.

    gap_wh : mean absolute error of a gap's slots; bias_percent : energy too much, in percent of what there was.
    """

    gap_wh: Values
    mean_wh: float
    bias_percent: float

    @property
    def percent(self) -> float:
        """Give the mean absolute error in percent of the mean load."""
        return float(100 * self.gap_wh.mean() / self.mean_wh)

    def beside(self, other: "Error") -> tuple[float, float]:
        """Give how far this error is above another's as a share of it, and the standard error of that."""
        ratio = self.gap_wh.mean() / other.gap_wh.mean()
        spread = (self.gap_wh - ratio * other.gap_wh).std(ddof=1) / other.gap_wh.mean()
        return float(ratio - 1), float(spread / np.sqrt(self.gap_wh.size))


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """One gap as it is seen: counted_wh of all slots (the gap's too), and what sanchi is given."""

    counted_wh: NDArray[np.int64]
    first: int
    n_slots: int
    first_day: int
    energy_wh: int | None
    gap: Gap
    history: History
    is_live: bool

    def fill(self) -> Values:
        """Fill the gap as the core does, day by day."""
        days = range(self.gap.first_boundary // SLOTS_PER_DAY, (self.gap.last_boundary - 1) // SLOTS_PER_DAY + 1)
        fills = [fill for day in days for fill in fill_gap(self.gap, self.history, day * SLOTS_PER_DAY)]
        return np.concatenate([fill.energy_wh for fill in fills]).astype(float)

    def like_days(self) -> Values:
        """Take the mean of the 8 nearest weekdays, or days of weekends, 4 on either side; live all 8 before."""
        slots = np.arange(self.first, self.first + self.n_slots)
        first_day, last_day = self.first // SLOTS_PER_DAY, int(slots[-1]) // SLOTS_PER_DAY
        n_before = LIKE_DAYS if self.is_live else LIKE_DAYS // 2
        found = []
        for day, slot in zip(slots // SLOTS_PER_DAY, slots % SLOTS_PER_DAY, strict=True):
            before = [one for one in range(first_day - 1, first_day - 30, -1) if _is_weekend(one) == _is_weekend(day)]
            after = [one for one in range(last_day + 1, last_day + 30) if _is_weekend(one) == _is_weekend(day)]
            days = np.array(before[:n_before] + after[: LIKE_DAYS - n_before])
            found.append(self.counted_wh[days * SLOTS_PER_DAY + slot].mean())
        return self.scaled(np.array(found))

    def scaled(self, shape_wh: Values) -> Values:
        """Scale a shape to the register's energy, if that is known; flat where the shape has none."""
        if self.energy_wh is None:
            return shape_wh
        if shape_wh.sum() <= 0:
            return np.full(self.n_slots, self.energy_wh / self.n_slots)
        return shape_wh * self.energy_wh / shape_wh.sum()

    def line(self) -> Values:
        """Draw a line from the slot before to the slot after; live the slot before stays."""
        before = float(self.counted_wh[self.first - 1])
        after = before if self.is_live else float(self.counted_wh[self.first + self.n_slots])
        return np.linspace(before, after, self.n_slots + 2)[1:-1]

    def earlier(self, n_slots: int) -> Values:
        """Take what was measured so many slots earlier."""
        return self.counted_wh[self.first - n_slots : self.first - n_slots + self.n_slots].astype(float)


METHODS: dict[str, Callable[[Prepared], Values]] = {
    "linear": Prepared.line,
    "previous day": lambda seen: seen.earlier(SLOTS_PER_DAY),
    "previous week": lambda seen: seen.earlier(SLOTS_PER_WEEK),
    "flat": lambda seen: seen.scaled(np.zeros(seen.n_slots)),
    "like-day mean": Prepared.like_days,
    "sanchi": Prepared.fill,
}


@dataclass(frozen=True, kw_only=True)
class Case:
    """unit_wh : what a count of the register stands for; is_live : nothing behind the gap is there yet."""

    title: str
    unit_wh: int
    is_live: bool
    is_energy_known: bool

    def prepare(self, homes: Homes, gap: tuple[int, int], n_slots: int) -> Prepared:
        """Let the home's register count, and lose the slots of a gap."""
        home, first = gap
        counts = np.concatenate([[0], np.cumsum(homes.energy_wh[home])]) // self.unit_wh
        counted_wh = np.diff(counts) * self.unit_wh
        first_day = max(first // SLOTS_PER_DAY - WINDOW_DAYS, 0)
        end_day = min((first + n_slots - 1) // SLOTS_PER_DAY + WINDOW_DAYS + 1, counted_wh.size // SLOTS_PER_DAY)
        window = slice(first_day * SLOTS_PER_DAY, end_day * SLOTS_PER_DAY)
        is_measured = homes.is_measured[home].copy()
        is_measured[first : None if self.is_live else first + n_slots] = False
        is_measured = is_measured[window]
        energy_wh = int(counted_wh[first : first + n_slots].sum()) if self.is_energy_known else None
        boundary = homes.first_day * SLOTS_PER_DAY + first
        by_day = (end_day - first_day, SLOTS_PER_DAY)
        return Prepared(
            counted_wh=counted_wh,
            first=first,
            n_slots=n_slots,
            first_day=homes.first_day,
            energy_wh=energy_wh,
            gap=Gap(
                spec=_register(self.unit_wh),
                first_boundary=boundary,
                last_boundary=boundary + n_slots,
                energy_wh=energy_wh,
            ),
            history=History(
                channel=Channel.IMPORT,
                first_day=homes.first_day + first_day,
                energy_wh=np.where(is_measured, counted_wh[window], 0).reshape(by_day),
                is_measured=is_measured.reshape(by_day),
                step_wh=np.full(by_day, self.unit_wh),
            ),
            is_live=self.is_live,
        )


CASES = (
    Case(title="settlement, registers of 1 Wh", unit_wh=1, is_live=False, is_energy_known=True),
    Case(title="settlement, registers of 0.1 kWh", unit_wh=100, is_live=False, is_energy_known=True),
    Case(title="just closed: days before alone, energy known", unit_wh=1, is_live=True, is_energy_known=True),
    Case(title="live: days before alone, energy unknown", unit_wh=1, is_live=True, is_energy_known=False),
)


def errors_of(case: Case, homes: Homes, gaps: list[tuple[int, int]], n_slots: int) -> dict[str, Error]:
    """Fill each gap in every way and hold it against what the home took."""
    found: dict[str, list[float]] = {name: [] for name in METHODS}
    excess_wh = dict.fromkeys(METHODS, 0.0)
    total_wh = 0
    for home, first in gaps:
        seen = case.prepare(homes, (home, first), n_slots)
        true_wh = homes.energy_wh[home, first : first + n_slots]
        total_wh += int(true_wh.sum())
        for name, method in METHODS.items():
            if name == "flat" and not case.is_energy_known:
                continue
            filled_wh = method(seen)
            if name == "sanchi" and seen.energy_wh is not None:
                assert filled_wh.sum() == seen.energy_wh, "a gap does not hold what its register counted"
            found[name].append(float(np.abs(filled_wh - true_wh).mean()))
            excess_wh[name] += float((filled_wh - true_wh).sum())
    mean_wh = float(np.mean([homes.mean_wh[home] for home, _ in gaps]))
    return {
        name: Error(gap_wh=np.array(errors), mean_wh=mean_wh, bias_percent=100 * excess_wh[name] / total_wh)
        for name, errors in found.items()
        if errors
    }


def _is_weekend(day: int) -> bool:
    """Tell the kind of a day; FIRST_DATE is a Monday."""
    return day % 7 >= FRIDAY_END


def _register(unit_wh: int) -> MeterSpec:
    """Describe a register that turns over long after any gap."""
    return MeterSpec(
        meter_no=1,
        meter_id="M1",
        channel=Channel.IMPORT,
        unit_wh=unit_wh,
        digits=8,
        installed_boundary=0,
        removed_boundary=None,
        plausible_wh_max=100_000,
    )
