"""Reads the second level of a buyer's page: what it passed on to tenants, what owners passed on to it.

Enters: an OpenMarket, a buyer. Leave: TenantTotal, TenantDay, OwnerHome. Not here: what it bought itself.
"""

from typing import Final

from sanchi.app.views.buyers import OwnerHome, TenantDay, TenantTotal
from sanchi.app.views.market_head import PartyRef
from sanchi.edge.store.views.open_market import OpenMarket

_KINDS_SQL: Final = """
    coalesce(sum(energy_wh) FILTER (kind_no = 1), 0) AS surplus_wh,
    coalesce(sum(energy_wh) FILTER (kind_no = 2), 0) AS self_wh
"""


def read_tenants(market: OpenMarket, owner: PartyRef) -> tuple[TenantTotal, ...]:
    """Sum up by tenant what a buyer passed on, largest first."""
    rows = market.books.records(
        f"""
        SELECT tenant_no, count(DISTINCT home_no) AS home_count, {_KINDS_SQL} FROM passed_on WHERE owner_no = ?
        GROUP BY ALL ORDER BY surplus_wh + self_wh DESC, tenant_no
        """,
        [owner.party_no],
    )
    return tuple(TenantTotal(tenant=market.parties.by_no[row.pop("tenant_no")], **row) for row in rows)


def read_tenant_days(market: OpenMarket, owner: PartyRef) -> tuple[TenantDay, ...]:
    """Sum up by day and tenant what a buyer passed on."""
    rows = market.books.records(
        f"""
        SELECT delivery_date, tenant_no, {_KINDS_SQL} FROM passed_on WHERE owner_no = ?
        GROUP BY ALL ORDER BY delivery_date, tenant_no
        """,
        [owner.party_no],
    )
    return tuple(TenantDay(tenant=market.parties.by_no[row.pop("tenant_no")], **row) for row in rows)


def read_owner_homes(market: OpenMarket, tenant: PartyRef) -> tuple[OwnerHome, ...]:
    """Sum up by owner and home what was passed on to a buyer, largest first."""
    rows = market.books.records(
        f"""
        SELECT owner_no, home_no, {_KINDS_SQL} FROM passed_on WHERE tenant_no = ?
        GROUP BY ALL ORDER BY owner_no, surplus_wh + self_wh DESC, home_no
        """,
        [tenant.party_no],
    )
    by_no = market.parties.by_no
    return tuple(OwnerHome(owner=by_no[row.pop("owner_no")], home=by_no[row.pop("home_no")], **row) for row in rows)
