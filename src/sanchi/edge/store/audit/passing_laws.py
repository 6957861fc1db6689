"""Laws of the second level: owners pass on what they have, to the tenants of their lists, who use it.

Enter: passed_on, allocations, debt, buyer_use, passing_on. Not here: the first level, money.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law
from sanchi.edge.store.audit.matching_laws import TAKEN_SQL

# What a tenant got of owners, and what it got itself of both kinds.
_GOT: Final = f"""
    {TAKEN_SQL},
    own AS (SELECT delivery_date, slot_no, buyer_no AS tenant_no, sum(taken_wh) AS own_wh FROM taken GROUP BY ALL),
    through AS (SELECT delivery_date, slot_no, tenant_no, sum(energy_wh)::HUGEINT AS passed_wh
                FROM passed_on GROUP BY ALL),
    used AS (SELECT delivery_date, slot_no, party_no AS tenant_no, use_wh FROM buyer_use)
"""
_LISTS: Final = """
    begun AS (
        SELECT delivery_date, passing_on.*,
               max(valid_from) OVER (PARTITION BY delivery_date, owner_no, kind_no) AS latest_from
        FROM market_day JOIN passing_on ON valid_from <= delivery_date),
    listed AS (SELECT delivery_date, kind_no, owner_no, tenant_no, rule, static_key
               FROM begun WHERE valid_from = latest_from AND tenant_no IS NOT NULL)
"""

PASSING_LAWS: Final = (
    Law(
        law="PASSED_ON",
        title="no more of a home is passed on than its owner got of it, per slot and kind",
        sentence="home {home_no} {delivery_date} slot {slot_no} {kind_no}: {passed_wh} Wh passed on by {owner_no}, "
        "which got {given_wh} Wh",
        cases_sql="""
            WITH given AS (
                SELECT delivery_date, slot_no, kind_no, home_no, holder_no AS owner_no, sum(energy_wh) AS given_wh
                FROM allocations WHERE choice_no > 0 GROUP BY ALL),
            passed AS (
                SELECT delivery_date, slot_no, kind_no, home_no, owner_no, sum(energy_wh) AS passed_wh,
                       min(energy_wh) AS smallest_wh, count(*) = count(DISTINCT tenant_no) AS is_once
                FROM passed_on GROUP BY ALL)
            SELECT delivery_date, slot_no, kind_no, home_no, owner_no, passed_wh, coalesce(given_wh, 0) AS given_wh,
                   smallest_wh > 0 AND is_once AND passed_wh <= coalesce(given_wh, 0) AS holds
            FROM passed LEFT JOIN given USING (delivery_date, slot_no, kind_no, home_no, owner_no)
        """,
    ),
    Law(
        law="TENANT_USE",
        title="no tenant has more of its own and of owners than it used, per slot",
        sentence="tenant {tenant_no} {delivery_date} slot {slot_no}: {own_wh} Wh of its own and {passed_wh} Wh passed "
        "on to it, {use_wh} Wh used",
        cases_sql=f"""
            WITH {_GOT}
            SELECT delivery_date, slot_no, tenant_no, coalesce(own_wh, 0) AS own_wh, passed_wh,
                   coalesce(use_wh, 0) AS use_wh, coalesce(own_wh, 0) + passed_wh <= coalesce(use_wh, 0) AS holds
            FROM through LEFT JOIN own USING (delivery_date, slot_no, tenant_no)
            LEFT JOIN used USING (delivery_date, slot_no, tenant_no)
        """,
    ),
    Law(
        law="TENANT_LISTED",
        title="energy is passed on to the tenants of the owner's list in force alone",
        sentence="{owner_no} {delivery_date} {kind_no}: passed on to {tenant_no}, who is not in its list",
        cases_sql=f"""
            WITH {_LISTS},
            passed AS (SELECT DISTINCT delivery_date, kind_no, owner_no, tenant_no FROM passed_on)
            SELECT delivery_date, kind_no, owner_no, tenant_no, rule IS NOT NULL AS holds
            FROM passed LEFT JOIN listed USING (delivery_date, kind_no, owner_no, tenant_no)
        """,
    ),
    Law(
        law="PASSED_IN_FULL",
        title="an owner keeps nothing that a tenant of its list had room for, per slot and kind",
        sentence="{owner_no} {delivery_date} slot {slot_no} {kind_no}: keeps {kept_wh} Wh, {tenant_no} had room for "
        "{room_wh} Wh",
        # After finalising what a correction adds stays with the owner, so whole closes alone are looked at.
        cases_sql=f"""
            WITH {_GOT}, {_LISTS},
            whole AS (
                SELECT delivery_date FROM market_day JOIN day_run USING (delivery_date)
                WHERE revision = revision_in_force AND NOT is_home_only),
            gone AS (SELECT delivery_date, slot_no, kind_no, owner_no AS buyer_no, sum(energy_wh)::HUGEINT AS gone_wh
                     FROM passed_on GROUP BY ALL),
            remaining AS (
                SELECT delivery_date, slot_no, kind_no, buyer_no AS owner_no, taken_wh - coalesce(gone_wh, 0) AS kept_wh
                FROM taken JOIN whole USING (delivery_date)
                LEFT JOIN gone USING (delivery_date, slot_no, kind_no, buyer_no))
            SELECT delivery_date, slot_no, kind_no, owner_no, tenant_no, kept_wh,
                   greatest(coalesce(use_wh, 0) - coalesce(own_wh, 0) - coalesce(passed_wh, 0), 0) AS room_wh,
                   kept_wh <= 0 OR room_wh = 0 AS holds
            FROM remaining JOIN listed USING (delivery_date, kind_no, owner_no)
            LEFT JOIN used USING (delivery_date, slot_no, tenant_no)
            LEFT JOIN own USING (delivery_date, slot_no, tenant_no)
            LEFT JOIN through USING (delivery_date, slot_no, tenant_no)
            WHERE rule <> 'by_key' OR static_key > 0
        """,
    ),
)
