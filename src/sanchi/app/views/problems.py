"""The work list of findings.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.views.market_head import MarketHead, PartyRef
from sanchi.core.base.ids import PartyId
from sanchi.core.base.problems import ProblemCode, Severity


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemFilter:
    """Which findings are asked for; None = all."""

    severity: Severity | None = None
    code: ProblemCode | None = None
    party_id: PartyId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemRow:
    """One case: a finding, or those of days in a row with the same code, severity, party and meter.

    Source: problem; of a day only its revision in force, of a delivery all. The record (problem_no, where, detail,
    hint) is that of the latest finding; row_count adds all of them up.
    """

    problem_no: int
    code: ProblemCode
    severity: Severity
    party: PartyRef | None
    delivery_date: date | None  # the latest day
    file_name: str | None  # delivery.file_name
    where: str  # problem.where_text
    detail: str
    hint: str
    row_count: int
    first_date: date | None = None  # the earliest day of a case over several days, else None
    finding_count: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemCount:
    """How many findings share a severity and a code, and how many cases they are; counted without any filter."""

    severity: Severity
    code: ProblemCode
    problem_count: int
    case_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemsView:
    """One page of the work list, by severity (act, watch, note), delivery_date descending, problem_no."""

    market: MarketHead
    counts: tuple[ProblemCount, ...]
    parties: tuple[PartyRef, ...]  # every party with a finding, by party_no
    matching_count: int  # findings that pass the filter, over all pages
    case_count: int  # the cases that they are
    rows: tuple[ProblemRow, ...]
    page_no: int
    page_count: int  # at least 1
