"""The page of a whole market.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.views.market_head import MarketHead, PartyRef
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.reports.pilot_summary import PilotSummary


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerTotal:
    """What a buyer got from the roofs. Source: allocations with choice_no > 0 and this holder_no."""

    buyer: PartyRef
    surplus_wh: int
    self_wh: int
    home_count: int  # distinct homes behind it, both kinds


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketDayFlow:
    """Where one day's power went. Source: allocations, rows of the day by kind and choice_no."""

    delivery_date: date
    surplus_by_buyer_wh: tuple[int, ...]  # kind surplus, choice_no > 0, in the order of OverviewView.buyers
    standard_offer_wh: int  # kind surplus, choice_no 0
    self_sold_wh: int  # kind self_consumption, choice_no > 0
    self_kept_wh: int  # kind self_consumption, choice_no 0


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictFlow:
    """Energy from a district's homes to a buyer. Source: allocations joined to the home's party.district."""

    district: str  # may be empty: no district given
    kind: CertificateKind
    # None is choice_no 0: the standard offer (surplus), or kept by the owner (self_consumption).
    buyer: PartyRef | None
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OverviewView:
    """The market as a whole."""

    market: MarketHead
    summary: PilotSummary  # core.reports.pilot_summary over all closed days
    accrued_from_buyers_e5yen: int  # accrual.amount_e5yen whose payer is a buyer, all revisions
    receivable_from_buyers_yen: int  # sum of statement.amount_yen whose payer is a buyer
    buyers: tuple[BuyerTotal, ...]  # every buyer, by surplus_wh + self_wh descending
    days: tuple[MarketDayFlow, ...]  # closed days in order
    flows: tuple[DistrictFlow, ...]  # energy_wh > 0 only, by energy_wh descending
