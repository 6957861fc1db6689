"""What books end as: what two runs of the same world have in common, whatever came twice on the way.

Enter: a chain at its end. Leave: Books, digests by what they are of. Not here: rows that only tell of deliveries.
"""

from hashlib import sha256
from typing import Final

from sanchi.edge.store.sql import fetch
from tests.soak.chain import Chain

Books = dict[str, str]
TABLES: Final = ("allocations", "certificates", "closing-times", "journal", "slot-energy", "slot-values")
ROWS: Final = {
    "days": "SELECT delivery_date, is_stale, is_finalised, result_digest FROM market_day "
    "JOIN day_run USING (market, delivery_date) WHERE market = %s AND revision = revision_in_force ORDER BY 1",
    "statements": "SELECT statement_no, payer_no, payee_no, month, accrued_e5yen, amount_yen, tax_yen, "
    "closing_remainder_e5yen FROM statement WHERE market = %s ORDER BY 1",
    "statement lines": "SELECT statement_no, line_no, kind_no, holder_no, price_sen_per_kwh, energy_wh, amount_e5yen, "
    "corrected_month FROM statement_line WHERE market = %s ORDER BY 1, 2",
}


def books_of(chain: Chain) -> Books:
    """Digest the exported tables, the results of all days, and the statements."""
    size = chain.outside.size
    books = {}
    for table in TABLES:
        target = chain.home_folder / f"{table}.csv"
        chain.installation.exporter.write(chain.market_id, table, size.first_date, size.last_date, "csv", target)
        books[table] = sha256(target.read_bytes()).hexdigest()
    for name, sql in ROWS.items():
        books[name] = sha256(repr(fetch(sql, [chain.market_id])).encode()).hexdigest()
    return books


def different(first: Books, second: Books) -> list[str]:
    """Name what is not the same."""
    return [name for name in first if first[name] != second[name]]
