"""Laws of money: what is accrued and documented is what was allocated, at its price.

Enter: accrual, account, statement, statement_line, period, allocations, debt, plant. Not here: the ledger's own laws.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Both legs of what a delivery date earned: the holder pays the purchaser, the purchaser pays the payee.
_PRICED: Final = """
    owed AS (
        SELECT delivery_date, home_no, holder_no, kind_no, energy_wh::HUGEINT AS energy_wh, home_price_sen_per_kwh,
               buyer_price_sen_per_kwh
        FROM allocations
        UNION ALL
        SELECT delivery_date, home_no, holder_no, kind_no, debt_wh, home_price_sen_per_kwh, buyer_price_sen_per_kwh
        FROM debt),
    legs AS (
        SELECT delivery_date, home_no, holder_no, kind_no, purchaser_no AS payer_no, payee_no,
               energy_wh * home_price_sen_per_kwh AS leg_e5yen FROM owed LEFT JOIN plant USING (home_no)
        UNION ALL
        SELECT delivery_date, home_no, holder_no, kind_no, holder_no, purchaser_no, energy_wh * buyer_price_sen_per_kwh
        FROM owed LEFT JOIN plant USING (home_no)),
    priced AS (
        SELECT delivery_date, home_no, holder_no, kind_no, payer_no, payee_no, sum(leg_e5yen) AS priced_e5yen
        FROM legs WHERE leg_e5yen <> 0 AND payer_no <> payee_no GROUP BY ALL)
"""

MONEY_LAWS: Final = (
    Law(
        law="PRICED",
        title="accruals = allocations in force and debts at their prices, per home, day, holder and kind",
        sentence="home {home_no} {delivery_date} {kind_no} held by {holder_no}, {payer_no} pays {payee_no}: priced "
        "{priced_e5yen}, accrued {accrued_e5yen} [1e-5 yen]",
        cases_sql=f"""
            WITH {_PRICED},
            accrued AS (
                SELECT delivery_date, home_no, holder_no, kind_no, payer_no, payee_no,
                       sum(amount_e5yen) AS accrued_e5yen
                FROM accrual GROUP BY ALL)
            SELECT delivery_date, home_no, holder_no, kind_no, payer_no, payee_no,
                   coalesce(priced_e5yen, 0) AS priced_e5yen, coalesce(accrued_e5yen, 0) AS accrued_e5yen,
                   coalesce(priced_e5yen, 0) = coalesce(accrued_e5yen, 0) AS holds
            FROM priced FULL JOIN accrued USING (delivery_date, home_no, holder_no, kind_no, payer_no, payee_no)
        """,
    ),
    Law(
        law="STATEMENTS",
        title="statement = remainder carried in + accruals = whole yen + remainder carried on",
        sentence="{month_text}, {payer_no} pays {payee_no}: carried in {opening_remainder_e5yen} (before: "
        "{carried_e5yen}), accrued {accrued_e5yen} (lines {lines_e5yen}, booked {posted_e5yen}) [1e-5 yen]; "
        "{amount_yen} yen with {tax_yen} yen tax, {closing_remainder_e5yen} carried on",
        cases_sql="""
            WITH posted AS (SELECT posting_month AS month, payer_no, payee_no, sum(amount_e5yen) AS posted_e5yen
                            FROM accrual JOIN period ON month = posting_month
                            WHERE is_closed GROUP BY ALL HAVING sum(amount_e5yen) <> 0),
            lines AS (
                SELECT statement_no, sum(amount_e5yen) AS lines_e5yen,
                       bool_and(amount_e5yen = energy_wh::HUGEINT * price_sen_per_kwh) AS is_priced
                FROM statement_line GROUP BY ALL),
            chained AS (
                SELECT *, lag(closing_remainder_e5yen, 1, 0) OVER (PARTITION BY payer_no, payee_no ORDER BY month)
                              AS carried_e5yen
                FROM statement)
            SELECT strftime(month, '%Y-%m') AS month_text, payer_no, payee_no, opening_remainder_e5yen, carried_e5yen,
                   accrued_e5yen, coalesce(lines_e5yen, 0) AS lines_e5yen, coalesce(posted_e5yen, 0) AS posted_e5yen,
                   amount_yen, tax_yen, closing_remainder_e5yen,
                   opening_remainder_e5yen = carried_e5yen AND is_priced
                   AND accrued_e5yen = coalesce(posted_e5yen, 0) AND accrued_e5yen = coalesce(lines_e5yen, 0)
                   AND opening_remainder_e5yen + accrued_e5yen = amount_yen::HUGEINT * 100000 + closing_remainder_e5yen
                   AND amount_yen >= 0 AND closing_remainder_e5yen < 100000
                   AND (amount_yen = 0 OR closing_remainder_e5yen >= 0)
                   AND tax_yen = amount_yen * tax_permille // (1000 + tax_permille) AS holds
            FROM chained LEFT JOIN lines USING (statement_no) FULL JOIN posted USING (month, payer_no, payee_no)
        """,
    ),
    Law(
        law="DUE",
        title="balances due and carried = whole yen and remainders of the statements, per pair",
        sentence="{payer_no} pays {payee_no}: statements {document_e5yen} due and {remainder_e5yen} carried, booked "
        "{due_e5yen} and {carried_e5yen}, left in closed months {left_e5yen} [1e-5 yen]",
        cases_sql="""
            WITH documented AS (
                SELECT payer_no, payee_no, sum(amount_yen)::HUGEINT * 100000 AS document_e5yen,
                       arg_max(closing_remainder_e5yen, month) AS remainder_e5yen
                FROM statement GROUP BY ALL),
            balance AS (SELECT payer_no, payee_no, code, month, credits_posted::HUGEINT - debits_posted AS balance_e5yen
                        FROM account),
            booked AS (
                SELECT payer_no, payee_no, coalesce(sum(balance_e5yen) FILTER (code = 'due'), 0) AS due_e5yen,
                       coalesce(sum(balance_e5yen) FILTER (code = 'remainder'), 0) AS carried_e5yen,
                       coalesce(sum(balance_e5yen) FILTER (code = 'accrued' AND is_closed), 0) AS left_e5yen
                FROM balance LEFT JOIN period USING (month) WHERE code <> 'cost' GROUP BY ALL)
            SELECT payer_no, payee_no, coalesce(document_e5yen, 0) AS document_e5yen,
                   coalesce(remainder_e5yen, 0) AS remainder_e5yen, due_e5yen, carried_e5yen, left_e5yen,
                   coalesce(document_e5yen, 0) = due_e5yen AND coalesce(remainder_e5yen, 0) = carried_e5yen
                   AND left_e5yen = 0 AS holds
            FROM documented FULL JOIN booked USING (payer_no, payee_no)
        """,
    ),
    Law(
        law="PAID_IN_FULL",
        title="statements + remainder + open accruals = allocations and debts at their prices, per pair",
        sentence="{payer_no} pays {payee_no}: {documented_e5yen} in statements and remainders, {open_e5yen} not yet; "
        "allocations and debts are worth {priced_e5yen} [1e-5 yen]",
        cases_sql=f"""
            WITH {_PRICED},
            worth AS (SELECT payer_no, payee_no, sum(priced_e5yen) AS priced_e5yen FROM priced GROUP BY ALL),
            documented AS (
                SELECT payer_no, payee_no, sum(amount_yen)::HUGEINT * 100000
                                           + arg_max(closing_remainder_e5yen, month) AS documented_e5yen
                FROM statement GROUP BY ALL),
            pending AS (
                SELECT payer_no, payee_no, sum(amount_e5yen) AS open_e5yen
                FROM accrual LEFT JOIN period ON month = posting_month
                WHERE is_closed IS NOT TRUE GROUP BY ALL),
            totals AS (
                SELECT payer_no, payee_no, coalesce(priced_e5yen, 0) AS priced_e5yen,
                       coalesce(documented_e5yen, 0) AS documented_e5yen, coalesce(open_e5yen, 0) AS open_e5yen
                FROM worth FULL JOIN documented USING (payer_no, payee_no) FULL JOIN pending USING (payer_no, payee_no))
            SELECT *, priced_e5yen = documented_e5yen + open_e5yen AS holds FROM totals
        """,
    ),
)
