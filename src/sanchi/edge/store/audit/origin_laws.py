"""The law of origin statements: with what nobody claimed yet and what corrections took away, they are the allocations.

Enter: certificate, slice, debt, allocations. Leaves: the law. Not here: each claim (certificate_laws).
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Written down here once more: the audit does not ask the code that it judges.
RETIRED: Final = 3
WITHDRAWN: Final = 7

ORIGIN_LAWS: Final = (
    Law(
        law="STATED",
        title="origin statements + what is not claimed yet = allocations + debts, per month and kind",
        sentence="{month_text} {kind_no}: stated {stated_wh} Wh, not claimed {kept_wh} Wh; allocated {given_wh} Wh, "
        "debts {debt_wh} Wh",
        # What came out of a battery was allocated when it went in, and stands there as charged.
        cases_sql=f"""
            WITH live AS (
                SELECT date_trunc('month', delivery_date) AS month, kind_no,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = {RETIRED}), 0) AS stated_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no <> {RETIRED}), 0) AS kept_wh
                FROM slice JOIN (SELECT certificate_id, delivery_date, kind_no FROM certificate WHERE storage_no = 0)
                     USING (certificate_id)
                WHERE state_no <> {WITHDRAWN} GROUP BY ALL),
            given AS (SELECT date_trunc('month', delivery_date) AS month, kind_no, sum(energy_wh) AS given_wh
                      FROM allocations GROUP BY ALL),
            owed AS (SELECT date_trunc('month', delivery_date) AS month, kind_no, sum(debt_wh) AS debt_wh
                     FROM debt GROUP BY ALL)
            SELECT strftime(month, '%Y-%m') AS month_text, kind_no, coalesce(stated_wh, 0) AS stated_wh,
                   coalesce(kept_wh, 0) AS kept_wh, coalesce(given_wh, 0) AS given_wh,
                   coalesce(debt_wh, 0) AS debt_wh,
                   coalesce(stated_wh, 0) + coalesce(kept_wh, 0) = coalesce(given_wh, 0) + coalesce(debt_wh, 0)
                   AS holds
            FROM live FULL JOIN given USING (month, kind_no) FULL JOIN owed USING (month, kind_no)
        """,
    ),
)
