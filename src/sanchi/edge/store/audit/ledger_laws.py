"""Laws of the ledger: balances are their transfers, each accrual is booked once, closed months stay closed.

Enter: account, transfer, accrual, period. Not here: what accruals come from, and documents (money_laws).
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

LEDGER_LAWS: Final = (
    Law(
        law="BALANCES",
        title="account balance = opening + sum of its transfers, and not below its floor",
        sentence="{account_id}: {debits_posted} debited and {credits_posted} credited, transfers give {debited} and "
        "{credited} [1e-5 yen]",
        cases_sql="""
            WITH moved AS (
                SELECT debit_account AS account_id, amount_e5yen AS debited, 0 AS credited FROM transfer
                UNION ALL SELECT credit_account, 0, amount_e5yen FROM transfer),
            summed AS (SELECT account_id, sum(debited) AS debited, sum(credited) AS credited FROM moved GROUP BY ALL)
            SELECT account_id, debits_posted, credits_posted, coalesce(debited, 0) AS debited,
                   coalesce(credited, 0) AS credited,
                   debits_posted = coalesce(debited, 0) AND credits_posted = coalesce(credited, 0)
                   AND coalesce(credits_posted - debits_posted >= floor_e5yen, true) AS holds
            FROM account FULL JOIN summed USING (account_id)
        """,
    ),
    Law(
        law="DOUBLE_ENTRY",
        title="all debits = all credits, per currency",
        sentence="{currency}: debits {debits}, credits {credits} [1e-5 yen]",
        cases_sql="""
            WITH summed AS (SELECT currency, sum(debits_posted) AS debits, sum(credits_posted) AS credits
                            FROM account GROUP BY ALL)
            SELECT *, debits = credits AS holds FROM summed
        """,
    ),
    Law(
        law="ACCRUALS_BOOKED",
        title="each accrual is one transfer between its parties, of the same amount, day and month",
        sentence="{transfer_id} of {delivery_date} revision {revision} line {line_no}: accrual {accrued_e5yen}, "
        "transfer {amount_e5yen} from {debit_account} to {credit_account} [1e-5 yen]",
        cases_sql="""
            WITH booked AS (SELECT * FROM transfer WHERE code IN ('accrual', 'carry')),
            named AS (
                SELECT transfer_id, delivery_date, revision, line_no, accrual.amount_e5yen AS accrued_e5yen,
                       energy_wh::HUGEINT * price_sen_per_kwh AS priced_e5yen, accrual.posting_month,
                       'cost:' || payer_no AS cost_account,
                       'accrued:' || payer_no || ':' || payee_no || ':' || strftime(accrual.posting_month, '%Y-%m')
                           AS accrued_account
                FROM accrual)
            SELECT transfer_id, delivery_date, revision, line_no, accrued_e5yen, amount_e5yen, debit_account,
                   credit_account,
                   accrued_e5yen = priced_e5yen AND abs(accrued_e5yen) = amount_e5yen
                   AND named.posting_month = booked.posting_month AND delivery_date = value_date
                   AND debit_account = if(accrued_e5yen > 0, cost_account, accrued_account)
                   AND credit_account = if(accrued_e5yen > 0, accrued_account, cost_account) AS holds
            FROM named FULL JOIN booked USING (transfer_id)
        """,
    ),
    Law(
        law="CLOSED_MONTHS",
        title="nothing is posted in a month after it was closed, and no month before an earlier one",
        sentence="{month_text}: its last document is transfer {closing_no}, its last posting {late_no}; the month "
        "before is {before_text}",
        cases_sql="""
            WITH posted AS (
                SELECT posting_month AS month, max(sequence_no) AS late_no,
                       max(sequence_no) FILTER (code IN ('close', 'document')) AS closing_no
                FROM transfer GROUP BY ALL),
            ordered AS (SELECT month, lag(month) OVER (ORDER BY month) AS before FROM period WHERE is_closed)
            SELECT strftime(month, '%Y-%m') AS month_text, late_no, closing_no,
                   strftime(before, '%Y-%m') AS before_text,
                   coalesce(late_no <= closing_no, true) AND coalesce(before + INTERVAL 1 MONTH = month, true) AS holds
            FROM ordered LEFT JOIN posted USING (month)
        """,
    ),
)
