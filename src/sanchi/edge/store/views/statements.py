"""Statements as pages show them.

Enters: an OpenMarket. Leaves: StatementRows. Not here: their lines.
"""

from sanchi.app.views.market_head import StatementRow
from sanchi.core.base.months import Month
from sanchi.edge.store.views.open_market import OpenMarket


def read_statements(
    market: OpenMarket, *, payer_no: int | None = None, payee_no: int | None = None
) -> tuple[StatementRow, ...]:
    """List the statements of a payer, a payee or both, by month, then number."""
    rows = market.books.records(
        """
        SELECT statement_no, month, payer_no, payee_no, opening_remainder_e5yen, accrued_e5yen, amount_yen, tax_yen,
               closing_remainder_e5yen
        FROM statement
        WHERE payer_no = coalesce($payer_no, payer_no) AND payee_no = coalesce($payee_no, payee_no)
        ORDER BY month, statement_no
        """,
        {"payer_no": payer_no, "payee_no": payee_no},
    )
    by_no = market.parties.by_no
    return tuple(
        StatementRow(
            month=Month.of(row.pop("month")),
            payer=by_no[row.pop("payer_no")],
            payee=by_no[row.pop("payee_no")],
            **row,
        )
        for row in rows
    )
