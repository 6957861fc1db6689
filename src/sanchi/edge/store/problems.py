"""Writes and reads findings.

Enter: findings of a delivery or of a day's revision. Leaves: rows. Not here: how findings come about.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

from sanchi.app.days import DayProblem
from sanchi.app.deliveries import RowProblem
from sanchi.core.base.ids import MarketId
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.edge.store.sql import execute, fetch, fetch_number, in_batches, insert, placeholders, take_turn

_COLUMNS: Final = (
    "market", "problem_no", "step", "delivery_no", "delivery_date", "revision", "party_no", "code", "severity",
    "where_text", "detail", "hint", "row_count",
)  # fmt: skip


class Step(StrEnum):
    """The steps that find something."""

    INGEST = "ingest"  # about rows of a delivery
    ADD_UP = "add-up"  # about half hours whose minutes are not all there
    SPREAD_MONTHS = "spread-months"  # about months whose values have not come
    CLOSE_DAY = "close-day"  # about a revision of a market-day


@dataclass(frozen=True, slots=True, kw_only=True)
class _Finding:
    """One finding as both steps have it."""

    party_no: int | None
    row_count: int
    problem: Problem


def add_delivery_problems(market_id: MarketId, delivery_no: int, problems: Sequence[RowProblem]) -> None:
    """Note what was found about the rows of a delivery."""
    findings = [_Finding(party_no=each.party_no, row_count=each.row_count, problem=each.problem) for each in problems]
    _add(market_id, Step.INGEST, (delivery_no, None, None), findings)


def replace_slot_problems(market_id: MarketId, places: Sequence[str], problems: Sequence[RowProblem]) -> None:
    """Let these be the findings about incomplete half hours at some places, named by where_text."""
    for batch in in_batches(places):
        execute(
            f"DELETE FROM problem WHERE market = %s AND step = %s AND where_text IN ({placeholders(len(batch))})",
            [market_id, Step.ADD_UP.value, *batch],
        )
    findings = [_Finding(party_no=each.party_no, row_count=each.row_count, problem=each.problem) for each in problems]
    _add(market_id, Step.ADD_UP, (None, None, None), findings)


def replace_month_problems(market_id: MarketId, problems: Sequence[RowProblem]) -> None:
    """Let these be the findings about overdue months; the same ones again keep their rows."""
    rows = fetch(
        "SELECT where_text, detail FROM problem WHERE market = %s AND step = %s ORDER BY problem_no",
        [market_id, Step.SPREAD_MONTHS.value],
    )
    if [tuple(row) for row in rows] == [(each.problem.where, each.problem.detail) for each in problems]:
        return
    execute("DELETE FROM problem WHERE market = %s AND step = %s", [market_id, Step.SPREAD_MONTHS.value])
    findings = [_Finding(party_no=each.party_no, row_count=each.row_count, problem=each.problem) for each in problems]
    _add(market_id, Step.SPREAD_MONTHS, (None, None, None), findings)


def add_day_problems(market_id: MarketId, delivery_date: date, revision: int, problems: Sequence[DayProblem]) -> None:
    """Note what was found about a revision of a market-day."""
    findings = [_Finding(party_no=each.party_no, row_count=each.row_count, problem=each.problem) for each in problems]
    _add(market_id, Step.CLOSE_DAY, (None, delivery_date, revision), findings)


def replace_day_problems(
    market_id: MarketId, delivery_date: date, revision: int, problems: Sequence[DayProblem]
) -> None:
    """Let these be the findings about a revision of a market-day; the same ones again keep their rows."""
    if day_problems(market_id, delivery_date, revision) == tuple(problems):
        return
    execute(
        "DELETE FROM problem WHERE market = %s AND step = %s AND delivery_date = %s AND revision = %s",
        [market_id, Step.CLOSE_DAY.value, delivery_date, revision],
    )
    add_day_problems(market_id, delivery_date, revision, problems)


def day_problems(market_id: MarketId, delivery_date: date, revision: int) -> tuple[DayProblem, ...]:
    """Load the findings about a revision of a market-day, in the order in which they were noted."""
    rows = fetch(
        "SELECT party_no, code, severity, where_text, detail, hint, row_count FROM problem "
        "WHERE market = %s AND delivery_date = %s AND revision = %s ORDER BY problem_no",
        [market_id, delivery_date, revision],
    )
    return tuple(
        DayProblem(
            party_no=party_no,
            problem=Problem(code=ProblemCode(code), severity=Severity(severity), where=where, detail=detail, hint=hint),
            row_count=row_count,
        )
        for party_no, code, severity, where, detail, hint, row_count in rows
    )


def _add(
    market_id: MarketId,
    step: Step,
    place: tuple[int | None, date | None, int | None],
    findings: Sequence[_Finding],
) -> None:
    """Insert findings, numbered on from the last one."""
    take_turn(market_id)
    last_no = fetch_number("SELECT max(problem_no) FROM problem WHERE market = %s", [market_id])
    rows = [
        (
            market_id,
            problem_no,
            step.value,
            *place,
            each.party_no,
            each.problem.code.value,
            each.problem.severity.value,
            each.problem.where,
            each.problem.detail,
            each.problem.hint,
            each.row_count,
        )
        for problem_no, each in enumerate(findings, start=last_no + 1)
    ]
    insert("problem", _COLUMNS, rows)
