"""What must hold right after an operation and cannot be seen later, asked of the database in SQL of its own.

Enters: the database of the home. Leave: sentences, one a fault. Not here: what can be seen at any time (model).
"""

from datetime import date

from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.store.sql import fetch

BOOKED_LATER = """
    SELECT transfer_id, posting_month FROM transfer
    WHERE market = %s AND posting_month > %s AND code IN ('accrual', 'carry') AND value_date < %s
"""
IN_FORCE = """
    debt_settlement JOIN market_day ON market_day.market = debt_settlement.market
    AND market_day.delivery_date = debt_settlement.delivery_date AND revision_in_force = debt_settlement.revision
"""
WITHHELD_TOO_LITTLE = f"""
    WITH settled AS (SELECT debt_no, sum(settled_wh) AS settled_wh FROM {IN_FORCE}
                     WHERE market_day.market = %s GROUP BY debt_no),
    owed AS (SELECT home_no, kind_no, sum(debt_wh - coalesce(settled_wh, 0)) AS open_wh
             FROM debt LEFT JOIN settled ON settled.debt_no = debt.debt_no WHERE market = %s AND delivery_date < %s
             GROUP BY home_no, kind_no)
    SELECT owed.home_no, kind_no, open_wh, surplus_offered_wh, surplus_withheld_wh, self_offered_wh, self_withheld_wh
    FROM owed JOIN home_day ON home_day.home_no = owed.home_no
    JOIN market_day ON market_day.market = home_day.market AND market_day.delivery_date = home_day.delivery_date
    AND revision_in_force = home_day.revision
    WHERE home_day.market = %s AND home_day.delivery_date = %s AND open_wh > 0
    AND CASE kind_no WHEN 1 THEN surplus_offered_wh > surplus_withheld_wh ELSE self_offered_wh > self_withheld_wh END
"""
NOT_RETIRED = """
    SELECT certificate.certificate_id, holder_no, sum(hi_wh - lo_wh)
    FROM slice JOIN certificate ON certificate.certificate_id = slice.certificate_id
    JOIN market_day ON market_day.market = slice.market AND market_day.delivery_date = certificate.delivery_date
    JOIN party ON party.market = slice.market AND party_no = holder_no
    WHERE slice.market = %s AND is_finalised AND state_no = 1 AND role = 'buyer'
    GROUP BY certificate.certificate_id, holder_no
"""


def posting_faults(market_id: MarketId, open_month: Month) -> list[str]:
    """Nothing is booked in a later month than the first that is open, unless it was delivered later."""
    rows = fetch(BOOKED_LATER, [market_id, open_month.first_date, open_month.next_month.first_date])
    return [f"{transfer_id} is posted in {month}, but {open_month} is open" for transfer_id, month in rows]


def withholding_faults(market_id: MarketId, delivery_date: date) -> list[str]:
    """A day that is closed withholds all that is owed of earlier days, as far as it offers."""
    rows = fetch(WITHHELD_TOO_LITTLE, [market_id, market_id, delivery_date, market_id, delivery_date])
    return [f"{delivery_date}: home, kind, open, offered and withheld of both kinds {row}" for row in rows]


def retiring_faults(market_id: MarketId) -> list[str]:
    """When a month is closed, buyers hold nothing of final days that is not retired for them."""
    rows = fetch(NOT_RETIRED, [market_id])
    return [f"{certificate_id}: {wh} Wh of {holder_no} are active" for certificate_id, holder_no, wh in rows]
