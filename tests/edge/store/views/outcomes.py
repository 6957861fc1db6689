"""The closed market's days as the day store gives them back: what the pages are compared with.

Enters: a ClosedMarket. Leaves: outcomes, and sums over their rows in plain Python. Not here: any page.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from sanchi.app.days import DayOutcome
from sanchi.core.base.kinds import CertificateKind
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.markets.small_market import MARKET_ID

SURPLUS, SELF_CONSUMPTION = CertificateKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One row of allocations of a day in force."""

    day_index: int
    kind_no: int
    home_no: int
    slot_no: int
    choice_no: int
    holder_no: int
    energy_wh: int
    home_price_sen_per_kwh: int


def outcomes(market: ClosedMarket) -> list[DayOutcome]:
    """Load every day in force."""
    loaded = [market.installation.stores.days.outcome(MARKET_ID, day) for day in MARKET.dates]
    return [outcome for outcome in loaded if outcome is not None]


def parts(market: ClosedMarket) -> list[Part]:
    """List all allocations in force."""
    return list(_parts(market))


def _parts(market: ClosedMarket) -> Iterator[Part]:
    for day_index, outcome in enumerate(outcomes(market)):
        given = outcome.allocated
        columns = (
            given.kind_no, given.home_no, given.slot_no, given.choice_no, given.holder_no, given.energy_wh,
            given.home_price_sen_per_kwh,
        )  # fmt: skip
        for row in zip(*(column.tolist() for column in columns), strict=True):
            kind_no, home_no, slot_no, choice_no, holder_no, energy_wh, price = row
            yield Part(
                day_index=day_index,
                kind_no=kind_no,
                home_no=home_no,
                slot_no=slot_no,
                choice_no=choice_no,
                holder_no=holder_no,
                energy_wh=energy_wh,
                home_price_sen_per_kwh=price,
            )
