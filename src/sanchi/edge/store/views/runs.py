"""Reads where days, months and deliveries stand.

Enters: an OpenMarket. Leaves: RunsView. Not here: findings (problems).
"""

from typing import Final

from sanchi.app.views.runs import DeliveryTotal, RunDay, RunMonth, RunsView
from sanchi.core.base.months import Month
from sanchi.edge.store.books import Books
from sanchi.edge.store.views.open_market import OpenMarket

_DAYS_SQL: Final = """
    WITH found AS (SELECT delivery_date, count(*) AS problem_count FROM problem
                   WHERE delivery_date IS NOT NULL GROUP BY ALL)
    SELECT delivery_date, revision_in_force, is_finalised, is_stale, is_home_only, used_row_count, superseded_row_count,
           set_aside_row_count, coalesce(problem_count, 0) AS problem_count, result_digest
    FROM market_day JOIN day_run USING (delivery_date) LEFT JOIN found USING (delivery_date)
    WHERE revision = revision_in_force ORDER BY delivery_date DESC
"""
_MONTHS_SQL: Final = """
    WITH dated AS (SELECT date_trunc('month', delivery_date) AS month, count(*) AS day_count,
                          count(*) FILTER (is_finalised) AS finalised_day_count
                   FROM market_day GROUP BY ALL),
    documented AS (
        SELECT month, count(*) AS statement_count,
               sum(amount_yen) FILTER ((payer_no, payee_no) IN (SELECT (purchaser_no, payee_no) FROM plant))
                   AS payable_to_homes_yen,
               sum(amount_yen) FILTER (payer_no IN (SELECT party_no FROM party WHERE role = 'buyer'))
                   AS receivable_from_buyers_yen
        FROM statement GROUP BY ALL)
    SELECT month, coalesce(is_closed, false) AS is_closed, closed_on, coalesce(day_count, 0) AS day_count,
           coalesce(finalised_day_count, 0) AS finalised_day_count, coalesce(statement_count, 0) AS statement_count,
           coalesce(payable_to_homes_yen, 0) AS payable_to_homes_yen,
           coalesce(receivable_from_buyers_yen, 0) AS receivable_from_buyers_yen
    FROM dated FULL JOIN period USING (month) LEFT JOIN documented USING (month) ORDER BY month DESC
"""
_DELIVERIES_SQL: Final = """
    SELECT file_kind, count(*) AS file_count, sum(row_count) AS row_count,
           sum(accepted_row_count) AS accepted_row_count, sum(rejected_row_count) AS rejected_row_count
    FROM delivery GROUP BY ALL ORDER BY file_kind
"""


def read_runs(market: OpenMarket) -> RunsView:
    """Read the state of every day, month and kind of delivery."""
    books = market.books
    return RunsView(
        market=market.head,
        days=tuple(RunDay(**row) for row in books.records(_DAYS_SQL)),
        months=_months(books),
        deliveries=tuple(DeliveryTotal(**row) for row in books.records(_DELIVERIES_SQL)),
    )


def _months(books: Books) -> tuple[RunMonth, ...]:
    """Read the months, latest first."""
    rows = books.records(_MONTHS_SQL)
    return tuple(RunMonth(**row | {"month": Month.of(row["month"])}) for row in rows)
