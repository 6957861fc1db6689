"""What the use cases need from the outside, as Protocols that the edge fulfils.

Every call is bounded by one market. Nothing here commits: the runner in `start` opens one transaction a use case.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from typing import Protocol

from sanchi.app.alert_records import AlertNews, KnownAlert
from sanchi.app.audit import LawResult
from sanchi.app.days import DayOutcome, DayProblem, MarketDay, RowCounts, SlotValueTable
from sanchi.app.deliveries import (
    ConnectorOfDelivery,
    DecodedCounts,
    DeliveredFile,
    Delivery,
    RejectedRows,
    RowProblem,
)
from sanchi.app.market import Choice, MarketBook, MarketTerms, Meter, Offer, Party, PassingOn, Perk, Plant, Preference
from sanchi.app.month_spreads import SpreadMonth
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.debts import Debt, DebtSettlement
from sanchi.core.certificates.operations import OperationHead, OperationRecord
from sanchi.core.certificates.retirement import Claim
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.core.ledger.transfer import Transfer
from sanchi.core.metering.decisions import Decision
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import ReadingRows
from sanchi.core.metering.rereading import AskedDay
from sanchi.core.settlement.accruals import Accrual
from sanchi.core.settlement.statement import Statement


class MarketStore(Protocol):
    """Master data. Saving the same record again changes nothing; a changed record replaces the old one."""

    def market_ids(self) -> tuple[MarketId, ...]:
        """List the markets of this installation."""

    def book(self, market_id: MarketId) -> MarketBook:
        """Load all master data of a market; UnknownRecord when there is no such market."""

    def save_terms(self, terms: MarketTerms) -> None:
        """Insert or replace the market's terms."""

    def save_parties(self, market_id: MarketId, parties: Sequence[Party]) -> None:
        """Insert or replace parties by party_id; party_no of the argument is ignored, new ones are numbered on."""

    def save_plants(self, market_id: MarketId, plants: Sequence[Plant]) -> None:
        """Insert or replace plants by home_id."""

    def save_meters(self, market_id: MarketId, meters: Sequence[Meter]) -> None:
        """Insert or replace meters by meter_id; meter_no as party_no."""

    def save_offers(self, market_id: MarketId, offers: Sequence[Offer]) -> None:
        """Insert or replace offers by (buyer_id, kind, valid_from)."""

    def save_choices(self, market_id: MarketId, choices: Sequence[Choice]) -> None:
        """Replace, for each (home_id, kind, valid_from) in the argument, the list of choices."""

    def save_perks(self, market_id: MarketId, perks: Sequence[Perk]) -> None:
        """Replace, for each offer (buyer_id, kind, valid_from) in the argument, the list of its perks."""

    def save_preferences(self, market_id: MarketId, preferences: Sequence[Preference]) -> None:
        """Insert or replace preferences by (home_id, kind, valid_from)."""

    def save_passing_on(self, market_id: MarketId, passing_on: Sequence[PassingOn]) -> None:
        """Replace, for each (owner_id, kind, valid_from) in the argument, the list of tenants."""


class DeliveryDraft(Protocol):
    """A delivery that is being taken in, block by block; nothing of it can be found before it is saved."""

    def add_readings(self, rows: ReadingRows) -> None:
        """Add accepted readings; their row_no goes on."""

    def add_parts(self, parts: PartRows) -> None:
        """Add parts of half hours."""

    def add_months(self, months: Sequence[MonthValue]) -> None:
        """Add values of months; delivery_no of the argument is ignored."""

    def add_events(self, events: EventRows, connectors: Sequence[str]) -> None:
        """Add events and who noticed each of them."""

    def add_rejected(self, rejected: RejectedRows) -> None:
        """Add rejected rows; their findings are given when the draft is saved."""

    def parts_between(self, first_boundary: int, last_boundary: int) -> PartRows:
        """Give the parts added so far of slots that close at first_boundary <= boundary <= last_boundary."""

    def save(self, delivered: DeliveredFile, counts: DecodedCounts | None, problems: Sequence[RowProblem]) -> Delivery:
        """Record the delivery under its number (delivery_no is given here), and what became of a decoded file."""


class ReadingStore(Protocol):
    """Deliveries and readings: append-only, every version kept."""

    def draft_delivery(self, market_id: MarketId) -> DeliveryDraft:
        """Begin a delivery that comes in blocks; one at a time."""

    def decoded_counts(self, market_id: MarketId, delivery_no: int) -> DecodedCounts | None:
        """Give what became of a decoded file; None for a delivery of another kind."""

    def decoded_totals(self, market_id: MarketId) -> DecodedCounts:
        """Add up what became of all decoded files."""

    def parts_between(
        self, market_id: MarketId, first_boundary: int, last_boundary: int, meter_nos: Collection[int]
    ) -> PartRows:
        """Load the parts, every version, of slots that close at first_boundary <= boundary <= last_boundary."""

    def replace_slot_findings(self, market_id: MarketId, places: Sequence[str], findings: Sequence[RowProblem]) -> None:
        """Let these be the findings about incomplete half hours at some places (Problem.where); none = all whole."""

    def replace_month_findings(self, market_id: MarketId, findings: Sequence[RowProblem]) -> None:
        """Let these be the findings about months of monthly meters; none = nothing is overdue."""

    def month_values(self, market_id: MarketId) -> tuple[MonthValue, ...]:
        """Load the values of months, every version, in the order of delivery and row."""

    def month_spreads(self, market_id: MarketId) -> tuple[SpreadMonth, ...]:
        """Load which values were spread over half hours by which delivery, in the order of delivery."""

    def add_month_spreads(self, market_id: MarketId, spreads: Sequence[SpreadMonth]) -> None:
        """Note which values a delivery spread; the delivery and the values are there already."""

    def reread_asks(self, market_id: MarketId, first_date: date) -> tuple[AskedDay, ...]:
        """Load what gateways were to ask their meters for, of delivery dates from one on, as it was asked."""

    def add_reread_asks(self, market_id: MarketId, asks: Sequence[AskedDay]) -> None:
        """Note that days are asked for."""

    def events_between(self, market_id: MarketId, first_s: int, end_s: int) -> EventRows:
        """Load events with first_s <= at_s < end_s in the order of time; one that came twice counts once."""

    def rejected_between(self, market_id: MarketId, first_s: int, end_s: int) -> RejectedColumns:
        """Load the rejected rows that say when they are of, received at first_s <= received_s < end_s."""

    def connectors(self, market_id: MarketId) -> tuple[ConnectorOfDelivery, ...]:
        """Name the connector of each delivery of a kind that connectors write, in the order of delivery."""

    def delivery_by_digest(self, market_id: MarketId, file_digest: str) -> Delivery | None:
        """Find an earlier delivery of the same bytes."""

    def add_delivery(
        self, market_id: MarketId, delivered: DeliveredFile, rows: ReadingRows | None, rejected: RejectedRows
    ) -> Delivery:
        """Record a delivered file with its accepted readings and rejected rows (delivery_no is given here)."""

    def rows_between(
        self,
        market_id: MarketId,
        first_boundary: int,
        last_boundary: int,
        meter_nos: Collection[int] | None = None,
    ) -> ReadingRows:
        """Load readings of every version with first_boundary <= boundary <= last_boundary."""

    def add_decisions(self, market_id: MarketId, delivered: DeliveredFile, decisions: Sequence[Decision]) -> Delivery:
        """Record a delivered file of decisions; delivery_no of the argument is ignored, the delivery gives it."""

    def decisions_between(self, market_id: MarketId, first_boundary: int, last_boundary: int) -> tuple[Decision, ...]:
        """Load all decisions, replaced and withdrawn ones too, with first_boundary <= boundary <= last_boundary."""

    def parties_with_gaps(self, market_id: MarketId, first_date: date, last_date: date) -> dict[date, set[int]]:
        """Name, for each closed day, the party_nos with a problem of a code GAP_* or METER_SILENT in force."""


class DayStore(Protocol):
    """Market-days and their revisions."""

    def market_days(self, market_id: MarketId, first_date: date, last_date: date) -> tuple[MarketDay, ...]:
        """List the closed days in order."""

    def outcome(self, market_id: MarketId, delivery_date: date, revision: int | None = None) -> DayOutcome | None:
        """Load a revision, by default the one in force; None when there is no such one."""

    def save_outcome(self, market_id: MarketId, outcome: DayOutcome) -> None:
        """Write a new revision (lake files, home_day rows, problems) and put it in force; clears is_stale."""

    def mark_stale(self, market_id: MarketId, dates: Collection[date]) -> int:
        """Mark closed days as waiting for another close; returns how many were newly marked."""

    def mark_fresh(
        self,
        market_id: MarketId,
        delivery_date: date,
        row_counts: RowCounts,
        problems: Sequence[DayProblem],
        slot_values: SlotValueTable,
    ) -> None:
        """Take the mark away, and let row counts, findings and slot values of the revision in force be these.

        For a close that changed no energy: the same ones again change nothing.
        """

    def bought_wh(
        self, market_id: MarketId, first_date: date, last_date: date
    ) -> dict[date, dict[tuple[int, int], int]]:
        """Sum, per closed day, what buyers got by (kind_no, buyer_no) [Wh], revisions in force, debts left out.

        Until the transaction ends, nobody else closes a day of the market: a budget is read from one state.
        """

    def residuals_wh(self, market_id: MarketId, first_date: date, last_date: date) -> dict[int, tuple[int, int]]:
        """Sum ct_meter_residual_wh and export_pv_wh per home_no over closed days, revisions in force."""

    def mark_finalised(self, market_id: MarketId, dates: Collection[date]) -> None:
        """Finalise days: from now on only home-only revisions."""


class CertificateStore(Protocol):
    """Certificates, slices, claims, debts."""

    def add_issue(
        self,
        market_id: MarketId,
        delivery_date: date,
        revision: int,
        certificates: Sequence[Certificate],
        slices: Sequence[Slice],
        segments: SegmentRows,
    ) -> None:
        """Insert newly issued certificates with their slices and the day's segments file."""

    def slices_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Slice, ...]:
        """Load the slices of a day that are not withdrawn."""

    def active_slices(self, market_id: MarketId, dates: Collection[date]) -> tuple[Slice, ...]:
        """Load the active slices of the days."""

    def certificates_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Certificate, ...]:
        """Load all certificates of a day, every revision."""

    def segments_of_day(self, market_id: MarketId, delivery_date: date) -> SegmentRows:
        """Load the segments of all certificates of a day, every revision."""

    def done(self, market_id: MarketId, head: OperationHead) -> OperationRecord | None:
        """Give what was done under an id before, None where nothing was; the same id with another body is Refused."""

    def apply_changes(
        self, market_id: MarketId, head: OperationHead, changes: Sequence[SliceChange]
    ) -> OperationRecord:
        """Replace slices by the slices that tile the same range, with one event a changed range; once an id."""

    def withdraw_active(self, market_id: MarketId, head: OperationHead, delivery_date: date) -> OperationRecord:
        """Withdraw every active or reserved slice of a day that is not finalised, with its events; once an id."""

    def add_claims(self, market_id: MarketId, claims: Sequence[Claim]) -> None:
        """Insert claims (before the slices that point to them)."""

    def next_claim_no(self, market_id: MarketId) -> int:
        """Give the number of the next claim."""

    def debts(self, market_id: MarketId) -> tuple[Debt, ...]:
        """Load all debts of the market, oldest first."""

    def open_debts(self, market_id: MarketId, kind: CertificateKind, before_date: date) -> tuple[Debt, ...]:
        """Load debts of earlier delivery dates with what is still open (settlements in force of other days deducted).

        Settlements of `before_date` itself are not deducted: that day is being closed anew.
        """

    def add_debts(self, market_id: MarketId, debts: Sequence[Debt]) -> None:
        """Insert debts."""

    def next_debt_no(self, market_id: MarketId) -> int:
        """Give the number of the next debt."""

    def settlements_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[DebtSettlement, ...]:
        """Load what the revision in force of a day withheld, in the order in which it was added."""

    def add_settlements(
        self, market_id: MarketId, delivery_date: date, revision: int, settlements: Sequence[DebtSettlement]
    ) -> None:
        """Insert the withholdings of a day's revision; they count while that revision is in force."""


class LedgerStore(Protocol):
    """Accruals, transfers, balances, periods and statements."""

    def latest_closed_month(self, market_id: MarketId) -> Month | None:
        """Give the latest closed month, or None: every month after it is open."""

    def accruals_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Accrual, ...]:
        """Load the accruals of a delivery date, all revisions."""

    def accruals_of_month(self, market_id: MarketId, posting_month: Month) -> tuple[Accrual, ...]:
        """Load the accruals posted in a month."""

    def add_accruals(self, market_id: MarketId, accruals: Sequence[Accrual]) -> None:
        """Insert accrual lines, after the transfers that they name."""

    def post(self, market_id: MarketId, transfers: Sequence[Transfer]) -> None:
        """Insert transfers, opening accounts as needed, and net their balances; same id twice = one effect."""

    def balances(self, market_id: MarketId) -> dict[str, int]:
        """Give credits minus debits per account_id [1e-5 yen]."""

    def add_statements(self, market_id: MarketId, statements: Sequence[Statement]) -> None:
        """Insert statements with their lines."""

    def remainders_e5yen(self, market_id: MarketId) -> dict[tuple[int, int], int]:
        """Give the carried remainder per (payer_no, payee_no) after the latest statements."""

    def close_period(self, market_id: MarketId, month: Month, closed_on: date) -> None:
        """Close a month: no transfer may be posted in it again."""


class AlertStore(Protocol):
    """Alerts of connections, and by which channel each was told."""

    def open_alerts(self, market_id: MarketId) -> tuple[KnownAlert, ...]:
        """Load the alerts that are open, oldest first."""

    def save(self, market_id: MarketId, alerts: Sequence[KnownAlert]) -> None:
        """Insert or replace alerts by alert_id."""

    def ask_to_tell(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        """Write down that each channel has to tell the opening of these; what is written down already stays."""

    def ask_to_tell_closed(self, market_id: MarketId, alert_ids: Sequence[str], channels: Sequence[str]) -> None:
        """Write down that each channel which has, or had, to tell their opening has to tell their closing too."""

    def untold(self, market_id: MarketId, channel: str) -> tuple[tuple[KnownAlert, AlertNews], ...]:
        """Load what a channel still has to tell, oldest first, an opening before its closing."""

    def mark_told(self, market_id: MarketId, alert_id: str, news: AlertNews, channel: str, told_at: datetime) -> None:
        """Cross out what was told."""


class Auditor(Protocol):
    """The independent audit: other code than that which wrote."""

    def laws(self, market_id: MarketId) -> Sequence[LawResult]:
        """Check every law and give each with its count."""

    def decisions(self, market_id: MarketId) -> Sequence[str]:
        """Tell each decision of an operator, replaced and withdrawn ones too, in the order of deciding."""
