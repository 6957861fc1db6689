"""The figures of a whole pilot, as its operator reports them.

Enter: per-home and per-market totals. Leaves: PilotSummary. Not here: how totals are read, and any layout.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sanchi.core.base.units import PERMILLE


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeTotals:
    """One home over the reported days, revisions in force."""

    home_id: str
    capacity_w: int
    has_battery: bool
    is_outside: bool
    pv_wh: int
    self_wh: int
    export_pv_wh: int
    measured_slot_count: int
    recovered_slot_count: int
    estimated_slot_count: int
    missing_slot_count: int

    @property
    def generated_wh(self) -> int:
        """Give what the books count as generated: used under the roof or exported."""
        return self.self_wh + self.export_pv_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTotals:
    """What became of the offered energy, and the money that follows, over the reported days."""

    n_days: int
    surplus_offered_wh: int
    surplus_allocated_wh: int
    standard_offer_wh: int
    self_offered_wh: int
    self_allocated_wh: int
    self_kept_wh: int
    withheld_wh: int
    open_debt_wh: int
    accrued_to_homes_e5yen: int
    payable_to_homes_yen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Mean, smallest and largest of the homes' totals, and the total per kW of installed PV."""

    mean_wh: int
    min_wh: int
    max_wh: int
    per_kw_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PilotSummary:
    """The pilot in figures; shares in permille, None where there is nothing to divide by."""

    n_homes: int
    n_homes_connected: int
    totals: MarketTotals
    surplus_wh: int
    self_wh: int
    per_home: Spread
    self_share_with_battery_permille: int | None
    self_share_without_battery_permille: int | None
    connection_permille: int | None


def summarise(homes: Sequence[HomeTotals], totals: MarketTotals) -> PilotSummary:
    """Sum the homes up; homes that never delivered count in the connection rate and nowhere else.

    Means and rates are whole Wh and whole permille, rounded down: they are for reading, no money follows from them.
    """
    connected = [home for home in homes if home.measured_slot_count + home.recovered_slot_count > 0]
    return PilotSummary(
        n_homes=len(homes),
        n_homes_connected=len(connected),
        totals=totals,
        surplus_wh=sum(home.export_pv_wh for home in connected),
        self_wh=sum(home.self_wh for home in connected),
        per_home=_spread(connected),
        self_share_with_battery_permille=_self_share(home for home in connected if home.has_battery),
        self_share_without_battery_permille=_self_share(home for home in connected if not home.has_battery),
        connection_permille=_share(
            sum(home.measured_slot_count for home in homes), sum(map(_expected_slot_count, homes))
        ),
    )


def _spread(homes: Sequence[HomeTotals]) -> Spread:
    """Spread the homes' generation."""
    generated_wh = [home.generated_wh for home in homes] or [0]
    capacity_w = sum(home.capacity_w for home in homes)
    return Spread(
        mean_wh=sum(generated_wh) // len(generated_wh),
        min_wh=min(generated_wh),
        max_wh=max(generated_wh),
        per_kw_wh=sum(generated_wh) * 1_000 // capacity_w if capacity_w else 0,
    )


def _self_share(homes: Iterable[HomeTotals]) -> int | None:
    """Give the part of the generation that the homes used themselves."""
    group = list(homes)
    return _share(sum(home.self_wh for home in group), sum(home.generated_wh for home in group))


def _expected_slot_count(home: HomeTotals) -> int:
    """Count the slots that a home's meters ought to have covered."""
    return home.measured_slot_count + home.recovered_slot_count + home.estimated_slot_count + home.missing_slot_count


def _share(part: int, whole: int) -> int | None:
    """Give part of whole in permille, rounded down."""
    return part * PERMILLE // whole if whole else None
