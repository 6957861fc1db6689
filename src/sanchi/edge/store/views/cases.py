"""Findings told as cases: those of days in a row with the same code, severity, party and meter are one.

Enters: nothing. Leaves: the beginning of a query. Not here: which of them a page shows (problems).
"""

from typing import Final

# The place of a day's finding begins with its meter; one without a meter or a day is a case of its own.
# Days in a row less their number in the row are the same date.
CASES_SQL: Final = """
    placed AS (
        SELECT *, regexp_extract(where_text, '^meter ([^ ,]+)', 1) AS meter_text FROM problem),
    ranked AS (
        SELECT *, CASE WHEN delivery_date IS NULL OR meter_text = '' THEN NULL ELSE
            delivery_date - CAST(dense_rank() OVER (
                PARTITION BY code, severity, party_no, meter_text, delivery_date IS NULL ORDER BY delivery_date
            ) AS INTEGER) END AS run_date FROM placed),
    cases AS (
        SELECT code, severity, party_no, max(delivery_date) AS delivery_date,
               CASE WHEN min(delivery_date) < max(delivery_date) THEN min(delivery_date) END AS first_date,
               count(*) AS finding_count, CAST(sum(row_count) AS BIGINT) AS row_count,
               first(struct_pack(problem_no, delivery_no, where_text, detail, hint)
                     ORDER BY delivery_date DESC, problem_no) AS latest
        FROM ranked
        GROUP BY code, severity, party_no, meter_text, run_date, CASE WHEN run_date IS NULL THEN problem_no END)
"""
