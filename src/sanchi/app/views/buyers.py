"""The pages of buyers: the list, and a buyer's own page.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.market import Offer
from sanchi.app.views.market_head import MarketHead, PartyRef, StatementRow
from sanchi.app.views.overview import BuyerTotal
from sanchi.app.views.terms import BuyerTerms
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.reports.hour_matching import PeriodMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyersView:
    """The list of buyers, by order_no."""

    market: MarketHead
    rows: tuple[BuyerTotal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceHome:
    """What one home gave to the buyer. Source: allocations with choice_no > 0 and this holder."""

    home: PartyRef
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerDay:
    """One closed day of the buyer. Source: allocations and buyer_use."""

    delivery_date: date
    surplus_wh: int
    self_wh: int
    use_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedHour:
    """An hour of a day: metered use, and the part that roofs covered slot by slot.

    matched_wh = sum over the hour's two slots of min(use_wh, surplus + self received in the slot), what owners passed
    on to the buyer included.
    """

    delivery_date: date
    hour_no: int  # 1..24; hour 1 is 00:00-01:00
    use_wh: int
    matched_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MonthCover:
    """How much of a month's metered use roofs covered by half hours, hours and volume; strict leaves out energy whose
    half hour was estimated. Source: as of MatchedHour.
    """

    month: Month
    loose: PeriodMatch
    strict: PeriodMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateMonth:
    """The buyer's certificates of a month of delivery and a kind. Source: slice joined to certificate."""

    month: Month
    kind: CertificateKind
    certificate_count: int  # distinct certificates behind active and retired slices
    active_wh: int
    retired_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantTotal:
    """What the buyer, as an owner, passed on to one tenant over all closed days. Source: passed_on."""

    tenant: PartyRef
    home_count: int
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TenantDay:
    """What the buyer, as an owner, passed on to one tenant on one day. Source: passed_on."""

    delivery_date: date
    tenant: PartyRef
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnerHome:
    """What the buyer, as a tenant, got of one home through one owner over all closed days. Source: passed_on."""

    owner: PartyRef
    home: PartyRef
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuyerView:
    """A buyer's own page."""

    market: MarketHead
    buyer: PartyRef
    offers: tuple[Offer, ...]  # all of the buyer, by kind, then valid_from
    sources: tuple[SourceHome, ...]  # by surplus_wh + self_wh descending
    days: tuple[BuyerDay, ...]  # closed days in order
    hours: tuple[MatchedHour, ...]  # by delivery_date, hour_no; empty for a buyer without a meter of use
    statements: tuple[StatementRow, ...]  # payer = this buyer, by month
    certificates: tuple[CertificateMonth, ...]  # by month, then kind
    tenants: tuple[TenantTotal, ...] = ()  # by surplus_wh + self_wh descending; empty for who passes nothing on
    tenant_days: tuple[TenantDay, ...] = ()  # by delivery_date, then tenant
    owner_homes: tuple[OwnerHome, ...] = ()  # by owner, then surplus_wh + self_wh descending; empty for no tenant
    months: tuple[MonthCover, ...] = ()  # by month; empty for a buyer without a meter of use
    terms: BuyerTerms | None = None  # of the asked date; None when nothing is asked and no day is closed
