"""The made work list and runs."""

from collections import Counter
from functools import cache

from sanchi.app.views.problems import ProblemCount, ProblemFilter, ProblemRow, ProblemsView
from sanchi.app.views.runs import DeliveryTotal, RunDay, RunMonth, RunsView
from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode, Severity
from tests.edge.portal.fake_home import CLOSED_MONTHS
from tests.edge.portal.fake_numbers import CLOSED_DAYS, DATES, N_HOMES
from tests.edge.portal.fake_parties import HEAD, HOMES

ROWS_PER_PAGE = 25
_IN_ORDER = (Severity.ACT, Severity.WATCH, Severity.NOTE)
_MADE = (
    (ProblemCode.METER_SILENT, Severity.ACT, 9),
    (ProblemCode.UNKNOWN_METER, Severity.ACT, 5),
    (ProblemCode.GAP_ESTIMATED, Severity.WATCH, 24),
    (ProblemCode.REGISTER_BACKWARDS, Severity.WATCH, 3),
    (ProblemCode.ENERGY_IMPLAUSIBLE, Severity.WATCH, 6),
    (ProblemCode.GAP_RECOVERED, Severity.NOTE, 41),
    (ProblemCode.STAMP_OUTSIDE_METER_LIFE, Severity.NOTE, 7),
)
_OF_FILES = {ProblemCode.UNKNOWN_METER, ProblemCode.STAMP_OUTSIDE_METER_LIFE}


@cache
def problem_rows() -> tuple[ProblemRow, ...]:
    """Make the findings in their order."""
    rows: list[ProblemRow] = []
    for code, severity, n_rows in _MADE:
        for n in range(n_rows):
            is_of_file = code in _OF_FILES
            home = HOMES[(n * 7 + len(code)) % N_HOMES]
            rows.append(
                ProblemRow(
                    problem_no=len(rows) + 1,
                    code=code,
                    severity=severity,
                    party=None if is_of_file else home,
                    delivery_date=None if is_of_file else DATES[-1 - (n * 3) % len(DATES)],
                    file_name=f"registers-2021-0{1 + n % 2}.csv" if is_of_file else None,
                    where=f"row {n * 311 + 12}" if is_of_file else f"{home.party_id}, slots 17 to 29",
                    detail="13 half hours have no reading of channel export."
                    if not is_of_file
                    else "meter_id M-0999 is not in meters.csv.",
                    hint="Ask the meter operator for the missing readings.",
                    row_count=1 + n % 4,
                    first_date=None if is_of_file or n % 5 else DATES[-8 - (n * 3) % len(DATES)],
                    finding_count=1 if is_of_file or n % 5 else 14,
                )
            )
    return tuple(rows)


def problems_view(wanted: ProblemFilter, page_no: int) -> ProblemsView:
    """Filter and page the findings."""
    rows = [row for row in problem_rows() if _passes(row, wanted)]
    rows.sort(key=lambda row: _IN_ORDER.index(row.severity))
    page_count = max(1, -(-len(rows) // ROWS_PER_PAGE))
    page_no = min(page_no, page_count)
    cases = Counter((row.severity, row.code) for row in problem_rows())
    findings = Counter[tuple[Severity, ProblemCode]]()
    for row in problem_rows():
        findings[row.severity, row.code] += row.finding_count
    parties = {row.party.party_no: row.party for row in problem_rows() if row.party}
    return ProblemsView(
        market=HEAD,
        counts=tuple(
            ProblemCount(severity=severity, code=code, problem_count=findings[severity, code], case_count=n)
            for (severity, code), n in cases.items()
        ),
        parties=tuple(parties[party_no] for party_no in sorted(parties)),
        matching_count=sum(row.finding_count for row in rows),
        case_count=len(rows),
        rows=tuple(rows[(page_no - 1) * ROWS_PER_PAGE : page_no * ROWS_PER_PAGE]),
        page_no=page_no,
        page_count=page_count,
    )


def _passes(row: ProblemRow, wanted: ProblemFilter) -> bool:
    """Tell whether a finding is wanted."""
    return (
        wanted.severity in (None, row.severity)
        and wanted.code in (None, row.code)
        and wanted.party_id in (None, row.party and row.party.party_id)
    )


def runs_view() -> RunsView:
    """Make the state of days, months and deliveries."""
    days = tuple(
        RunDay(
            delivery_date=delivery_date,
            revision_in_force=2 if day % 9 == 4 else 1,
            is_finalised=day < CLOSED_DAYS,
            is_stale=day == len(DATES) - 6,
            is_home_only=day == 13,
            used_row_count=16_640 - day % 7,
            superseded_row_count=48 if day % 9 == 4 else 0,
            set_aside_row_count=day % 3,
            problem_count=day % 4,
            result_digest=f"{day * 2654435761 % 2**32:08x}" * 8,
        )
        for day, delivery_date in enumerate(DATES)
    )
    return RunsView(
        market=HEAD,
        days=days[::-1],
        months=tuple(
            _month(month, days) for month in sorted({Month.of(day.delivery_date) for day in days}, reverse=True)
        ),
        deliveries=(
            _deliveries("energies", 101, 1_234_890, 0),
            _deliveries("registers", 101, 582_433, 31),
        ),
    )


def _month(month: Month, days: tuple[RunDay, ...]) -> RunMonth:
    """Sum a month up."""
    of_month = [day for day in days if Month.of(day.delivery_date) == month]
    is_closed = month in CLOSED_MONTHS
    return RunMonth(
        month=month,
        is_closed=is_closed,
        closed_on=month.next_month.first_date.replace(day=25) if is_closed else None,
        day_count=len(of_month),
        finalised_day_count=sum(day.is_finalised for day in of_month),
        statement_count=68 if is_closed else 0,
        payable_to_homes_yen=41_233 if is_closed else 0,
        receivable_from_buyers_yen=47_902 if is_closed else 0,
    )


def _deliveries(file_kind: str, file_count: int, row_count: int, rejected_row_count: int) -> DeliveryTotal:
    """Count the files of a kind."""
    return DeliveryTotal(
        file_kind=file_kind,
        file_count=file_count,
        row_count=row_count,
        accepted_row_count=row_count - rejected_row_count,
        rejected_row_count=rejected_row_count,
    )
