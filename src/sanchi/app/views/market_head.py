"""What several pages of a market share: who, what the figures rest on, slot counts, statements.

Enters and leaves: frozen records. Not here: what one page alone shows.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from sanchi.app.market import PartyRole
from sanchi.core.base.ids import MarketId, PartyId, StatementNo
from sanchi.core.base.months import Month


class ProvenanceSubject(StrEnum):
    """Which series of a home a provenance speaks of (plant.load_, pv_, battery_provenance)."""

    USE = "use"  # what the home used
    GENERATION = "generation"  # what its roof generated
    BATTERY = "battery"  # what its battery took and gave


class ProvenanceLabel(StrEnum):
    """How a series came about; a series may carry several."""

    MEASURED = "measured"  # read from a real meter
    MODELLED = "modelled"  # calculated, for example from weather and plant data
    RE_DATED = "re-dated"  # measured at another time and moved to these dates
    REPEATED = "repeated"  # one series used more than once


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """The labels of one subject, and how many homes share them.

    Source: plant, the text split at `+`. Homes with battery_capacity_wh = 0 count in no BATTERY row.
    """

    subject: ProvenanceSubject
    labels: tuple[ProvenanceLabel, ...]
    home_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartyRef:
    """Who somebody is, as far as a page names them. Source: party."""

    party_no: int
    party_id: PartyId
    role: PartyRole
    order_no: int  # 1.. among the market's parties of this role, by party_no; gives a buyer its colour
    name: str
    name_ja: str
    company: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketHead:
    """What stands above and below every page of a market, and in the list of markets."""

    market_id: MarketId  # market, as are name, name_ja, grid_area (two digits)
    name: str
    name_ja: str
    grid_area: str
    retailer: PartyRef
    first_date: date | None  # earliest market_day, None before the first close
    last_date: date | None  # latest market_day
    day_count: int  # rows of market_day
    home_count: int  # parties with role home
    buyer_count: int  # parties with role buyer
    act_problem_count: int  # cases as on the page of problems, severity act
    provenances: tuple[Provenance, ...]  # of all homes, by subject, then home_count descending
    credits: tuple[str, ...]  # whom to name for the data, each as its source asks; empty for own meters


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotCounts:
    """How many slots had which quality. Source: home_day, columns of the same names."""

    measured_slot_count: int
    recovered_slot_count: int
    estimated_slot_count: int
    missing_slot_count: int

    @property
    def slot_count(self) -> int:
        """Give the slots that ought to have been measured."""
        certain_slot_count = self.measured_slot_count + self.recovered_slot_count
        return certain_slot_count + self.estimated_slot_count + self.missing_slot_count


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRow:
    """One document of one month between a payer and a payee. Source: statement, columns of the same names."""

    statement_no: StatementNo
    month: Month
    payer: PartyRef
    payee: PartyRef
    opening_remainder_e5yen: int
    accrued_e5yen: int
    amount_yen: int
    tax_yen: int
    closing_remainder_e5yen: int
