"""Reads the work list of findings, told as cases.

Enters: an OpenMarket, a filter, a page. Leaves: ProblemsView. Not here: which findings count (books), what is a
case (cases).
"""

from typing import Any, Final

from sanchi.app.views.problems import ProblemCount, ProblemFilter, ProblemRow, ProblemsView
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.edge.store.views.cases import CASES_SQL
from sanchi.edge.store.views.open_market import OpenMarket
from sanchi.edge.store.views.pages import page_place

_SEVERITY_ORDER: Final = "list_position(['act', 'watch', 'note'], severity)"
_WANTED: Final = """
    FROM cases LEFT JOIN party USING (party_no) LEFT JOIN delivery ON delivery.delivery_no = latest.delivery_no
    WHERE severity = coalesce($severity, severity) AND code = coalesce($code, code)
    AND ($party_id IS NULL OR party_id = $party_id)
"""


def read_problems(market: OpenMarket, *, wanted: ProblemFilter, page_no: int) -> ProblemsView:
    """List findings that pass the filter."""
    books = market.books
    wishes = {"severity": wanted.severity, "code": wanted.code, "party_id": wanted.party_id}
    parameters = {name: None if wish is None else str(wish) for name, wish in wishes.items()}
    case_count, matching_count = books.fetch(
        f"WITH {CASES_SQL} SELECT count(*), CAST(coalesce(sum(finding_count), 0) AS BIGINT) {_WANTED}", parameters
    )[0]
    place = page_place(case_count, page_no)
    rows = books.records(
        f"""
        WITH {CASES_SQL}
        SELECT latest.problem_no, code, severity, party_no, delivery_date, first_date, file_name, latest.where_text,
               latest.detail, latest.hint, cases.row_count, finding_count {_WANTED}
        ORDER BY {_SEVERITY_ORDER}, delivery_date DESC NULLS LAST, latest.problem_no
        {place.limit_sql}
        """,
        parameters,
    )
    parties = books.fetch("SELECT DISTINCT party_no FROM problem WHERE party_no IS NOT NULL ORDER BY party_no")
    return ProblemsView(
        market=market.head,
        counts=_counts(market),
        parties=tuple(market.parties.by_no[party_no] for (party_no,) in parties),
        matching_count=matching_count,
        case_count=case_count,
        rows=tuple(_row(market, row) for row in rows),
        page_no=place.page_no,
        page_count=place.page_count,
    )


def _counts(market: OpenMarket) -> tuple[ProblemCount, ...]:
    """Count all findings by severity and code."""
    rows = market.books.fetch(
        f"WITH {CASES_SQL} SELECT severity, code, CAST(sum(finding_count) AS BIGINT), count(*) FROM cases "
        f"GROUP BY severity, code ORDER BY {_SEVERITY_ORDER}, code"
    )
    return tuple(
        ProblemCount(
            severity=Severity(severity), code=ProblemCode(code), problem_count=problem_count, case_count=case_count
        )
        for severity, code, problem_count, case_count in rows
    )


def _row(market: OpenMarket, row: dict[str, Any]) -> ProblemRow:
    """Lay a case out."""
    party_no = row["party_no"]
    return ProblemRow(
        problem_no=row["problem_no"],
        code=ProblemCode(row["code"]),
        severity=Severity(row["severity"]),
        party=None if party_no is None else market.parties.by_no[party_no],
        delivery_date=row["delivery_date"],
        first_date=row["first_date"],
        file_name=row["file_name"],
        where=row["where_text"],
        detail=row["detail"],
        hint=row["hint"],
        row_count=row["row_count"],
        finding_count=row["finding_count"],
    )
