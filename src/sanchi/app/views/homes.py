"""The pages of homes: the list, and a home's own page.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.market import Plant
from sanchi.app.views.market_head import MarketHead, PartyRef, Provenance, SlotCounts, StatementRow
from sanchi.app.views.terms import HomeList
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.matching.eating.explanation import SlotExplanation


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeRow:
    """A home in the list of homes. Sums of home_day."""

    home: PartyRef
    plant: Plant
    pv_wh: int
    self_wh: int
    export_pv_wh: int
    sold_wh: int  # allocations with choice_no > 0, both kinds
    slots: SlotCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class HomesView:
    """One page of the list of homes, by party_no."""

    market: MarketHead
    rows: tuple[HomeRow, ...]
    page_no: int
    page_count: int  # at least 1


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeShare:
    """What one buyer got from this home. Source: allocations with choice_no > 0."""

    buyer: PartyRef
    kind: CertificateKind
    energy_wh: int
    accrued_e5yen: int  # sum of energy_wh x home_price_sen_per_kwh


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeChoice:
    """A rank of the home's list in force on the market's last closed day. Source: choice, preference, offer."""

    kind: CertificateKind
    choice_no: int
    buyer: PartyRef
    home_price_sen_per_kwh: int | None  # None: the buyer has no offer of this kind on that day


@dataclass(frozen=True, slots=True, kw_only=True)
class MeanDay:
    """The home's mean day over the closed days: 48 means [Wh per slot], rounded down. Source: slot_energy."""

    pv_wh: tuple[int, ...]
    use_wh: tuple[int, ...]  # import + pv + discharge - charge - export, at least 0, averaged
    import_wh: tuple[int, ...]
    export_wh: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeDay:
    """One closed day of the home. Source: home_day, allocations (sold, offer, kept), accrual."""

    delivery_date: date
    pv_wh: int
    import_wh: int
    surplus_sold_wh: int
    standard_offer_wh: int
    self_sold_wh: int
    self_kept_wh: int
    accrued_e5yen: int  # accruals of this delivery_date and home from the plant's purchaser to its payee
    slots: SlotCounts


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotSharing:
    """How the home's energy of a kind was shared in a slot, and why.

    Source: explain_slot over choice (in force on the day), closing_times and allocations of the revision in force;
    supply_wh is the sum of the slot's allocations; buyer_no is the buyer's party_no, by which closing_t32 is
    looked up. A home without choices has slots with a rest alone.
    is_corrected : after the month was finalised a correction of this home changed the slot, so that the published
    times no longer tell how its Wh came about.
    """

    kind: CertificateKind
    slot_no: int
    explanation: SlotExplanation
    is_corrected: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeDayDetail:
    """A chosen day of the home in its revision in force."""

    delivery_date: date
    revision: int
    is_finalised: bool
    pv_wh: tuple[int, ...]  # 48 values [Wh], as are the next two. Source: slot_energy
    use_wh: tuple[int, ...]  # as MeanDay.use_wh
    export_wh: tuple[int, ...]
    withheld_wh: int  # kept back for open debts, both kinds
    sharing: tuple[SlotSharing, ...]  # slots with something offered, by kind, then slot_no
    buyers: tuple[PartyRef, ...] = ()  # all that the home's lists of the day name, by party_no


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeMonth:
    """What the home earned in a month."""

    month: Month
    paid_wh: int  # allocations of the month's delivery dates, without self_consumption of choice_no 0
    accrued_e5yen: int  # accruals with this posting_month and home from the plant's purchaser to its payee
    statement: StatementRow | None  # the document purchaser to payee; covers all homes of that payee


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeView:
    """A home's own page."""

    market: MarketHead
    home: PartyRef
    plant: Plant
    payee: PartyRef  # of plant.payee_id; differs from the home where the roof belongs to somebody else
    purchaser: PartyRef  # of plant.purchaser_id
    choices: tuple[HomeChoice, ...]  # by kind, then choice_no
    shares: tuple[HomeShare, ...]  # by energy_wh descending
    standard_offer_wh: int  # allocations of kind surplus with choice_no 0
    self_kept_wh: int  # allocations of kind self_consumption with choice_no 0
    mean_day: MeanDay
    days: tuple[HomeDay, ...]  # closed days in order
    detail: HomeDayDetail | None  # of the asked date; None when that day is not closed for the home
    months: tuple[HomeMonth, ...]  # in order
    slots: SlotCounts
    open_debt_wh: int  # debts less settlements in force, both kinds
    provenances: tuple[Provenance, ...]  # home_count = 1
    lists: tuple[HomeList, ...] = ()  # of the asked date, by kind; without kinds that list and leave out nobody
