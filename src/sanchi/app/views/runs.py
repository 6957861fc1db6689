"""Where the market's days, months and deliveries stand.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.views.market_head import MarketHead
from sanchi.core.base.months import Month


@dataclass(frozen=True, slots=True, kw_only=True)
class RunDay:
    """Where a market-day stands. Source: market_day, and day_run of its revision in force."""

    delivery_date: date
    revision_in_force: int
    is_finalised: bool
    is_stale: bool
    is_home_only: bool
    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int
    problem_count: int  # of the revision in force, every severity
    result_digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RunMonth:
    """Where a month of the books stands. Source: period (absent = open), statement, market_day."""

    month: Month
    is_closed: bool
    closed_on: date | None
    day_count: int  # market_day rows in the month
    finalised_day_count: int
    statement_count: int
    payable_to_homes_yen: int  # statement.amount_yen from a plant's purchaser to its payee
    receivable_from_buyers_yen: int  # statement.amount_yen whose payer is a buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTotal:
    """What was delivered of one kind of file. Source: delivery, summed by file_kind."""

    file_kind: str
    file_count: int
    row_count: int
    accepted_row_count: int
    rejected_row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RunsView:
    """The market's days, months and deliveries."""

    market: MarketHead
    days: tuple[RunDay, ...]  # latest first
    months: tuple[RunMonth, ...]  # every month with a closed day or a period, latest first
    deliveries: tuple[DeliveryTotal, ...]  # by file_kind
