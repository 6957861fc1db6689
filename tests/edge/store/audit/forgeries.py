"""One falsification for each law, as small as it can be, with the further laws that it cannot help breaking.

Enters: a Forger. Leaves: false books. Not here: the audit, and damaged files (test_auditor).
"""

from collections.abc import Callable
from typing import Any, Final

from tests.edge.store.audit.certificate_forgeries import CERTIFICATE_FORGERIES
from tests.edge.store.audit.closed_market import Forger, Rows, rows_changed
from tests.edge.store.audit.forging import (
    NOON,
    OPEN,
    PAYING,
    Forgery,
    first,
    sql,
)


def of_slot(rows: Rows, slot_no: int, **values: Any) -> dict[str, Any]:
    """Find the first row of a slot with these values."""
    return next(
        row for row in rows if row["slot_no"] == slot_no and all(row[name] == value for name, value in values.items())
    )


def raise_slot(column: str) -> Callable[[Forger], None]:
    """Raise a figure of the first home's slot at noon, and its day with it."""

    def change(rows: Rows) -> None:
        of_slot(rows, NOON)[column] += 1

    def forge(forger: Forger) -> None:
        forger.rewrite("slot_energy", OPEN, rows_changed(change), revision=1)
        forger.sql(f"UPDATE home_day SET {column} = {column} + 1 WHERE home_no = 1 AND delivery_date = %s", OPEN)

    return forge


def raise_part(forger: Forger) -> None:
    """Let a minute have carried sixty watt-hours more than it was added up with."""

    def change(rows: Rows) -> None:
        rows[0]["energy_ws"] += 60 * 3_600

    forger.rewrite_delivered("parts", rows_changed(change))


def raise_value(channel_no: int) -> Callable[[Forger], None]:
    """Raise what counts in the first home's slot at noon."""

    def change(rows: Rows) -> None:
        value = of_slot(rows, NOON, channel_no=channel_no)
        value["energy_wh"] += 1
        value["rule_wh"] += 1

    return lambda forger: forger.rewrite("slot_values", OPEN, rows_changed(change), revision=1)


def count_more(forger: Forger) -> None:
    """Let a home have taken more from the grid than its register counted."""
    raise_slot("import_wh")(forger)
    raise_value(channel_no=1)(forger)


def raise_use(forger: Forger) -> None:
    """Let a buyer have used more than its meter says."""

    def change(rows: Rows) -> None:
        of_slot(rows, NOON)["use_wh"] += 1

    forger.rewrite("buyer_use", OPEN, rows_changed(change), revision=1)
    raise_value(channel_no=6)(forger)


def claim_a_decision(forger: Forger) -> None:
    """Let a slot be said to be decided by an operator."""

    def change(rows: Rows) -> None:
        of_slot(rows, NOON, channel_no=3)["method_no"] = 8

    forger.rewrite("slot_values", OPEN, rows_changed(change), revision=1)


def raise_self_consumption(forger: Forger) -> None:
    """Let a home have used more of its generation than was left of it."""

    def change(rows: Rows) -> None:
        of_slot(rows, NOON)["self_wh"] += 1

    forger.rewrite("slot_energy", OPEN, rows_changed(change), revision=1)


def move_between_slots(forger: Forger) -> None:
    """Let a buyer get a watt-hour of a home half an hour later than it did."""

    def change(rows: Rows) -> None:
        given = of_slot(rows, NOON, kind_no=1)
        same = {name: given[name] for name in ("kind_no", "home_no", "choice_no", "holder_no")}
        given["energy_wh"] -= 1
        of_slot(rows, NOON + 1, **same)["energy_wh"] += 1

    forger.rewrite("allocations", OPEN, rows_changed(change), revision=1)


def forget_capacity(forger: Forger) -> None:
    """Let a buyer have had no room for what it got."""

    def change(rows: Rows) -> None:
        of_slot(rows, NOON, kind_no=1)["capacity_wh"] = 0

    forger.rewrite("closing_times", OPEN, rows_changed(change), revision=1)


def at_noon(change: Callable[[Rows], None]) -> Callable[[Forger], None]:
    """Change what the shop passed on to the tower at noon, when the tower has no room and the shop keeps the rest."""

    def forge(forger: Forger) -> None:
        def changed(rows: Rows) -> None:
            change([row for row in rows if row["slot_no"] == NOON])

        forger.rewrite("passed_on", OPEN, rows_changed(changed), revision=1)

    return forge


def name_another_home(rows: Rows) -> None:
    """Let a home have given the owner more than it did, and another less."""
    small, large = sorted(rows, key=lambda row: row["energy_wh"])[:2]
    large["energy_wh"] += small["energy_wh"] - 1
    small["energy_wh"] = 1


def fill_over(rows: Rows) -> None:
    """Let the tenant have got a watt-hour of what the owner kept."""
    min(rows, key=lambda row: row["energy_wh"])["energy_wh"] += 1


def hold_back(rows: Rows) -> None:
    """Let the owner have kept a watt-hour that the tenant had room for."""
    rows[0]["energy_wh"] -= 1


def cap_one_day_of_its_month(forger: Forger) -> None:
    """Let a buyer have agreed on a cap that it exceeds on one day, and on none for the other days of the month."""
    same = (
        "market, buyer_no, kind_no, home_price_sen_per_kwh, buyer_price_sen_per_kwh, capacity_rule, cap_wh_per_slot, "
        "cap_wh_per_day, districts, plant_age_years_min, plant_age_years_max"
    )
    copied = (
        f"INSERT INTO offer ({same}, valid_from, valid_until, cap_wh_per_month) SELECT {same}, %s, %s, %s "
        "FROM offer WHERE capacity_rule = 'cap_only' AND valid_until = %s"
    )
    forger.sql("UPDATE offer SET valid_until = %s WHERE capacity_rule = 'cap_only'", OPEN)
    forger.sql(copied, OPEN, PAYING, 1, OPEN)
    forger.sql(copied, PAYING, None, None, OPEN)


def prefer(favourites: str) -> Callable[[Forger], None]:
    """Let a home have ranked its buyers by worth: at most one, and that one not above the standard offer or another."""
    return sql(
        "INSERT INTO preference (market, home_no, kind_no, valid_from, ranking, money_weight_permille, "
        "points_weight_permille, coupon_weight_permille, favourites, favourite_bonus_sen_per_kwh, "
        "same_district_bonus_sen_per_kwh, choices_max) SELECT market, 1, 1, '2020-11-29', 'by_worth', "
        f"1000, 0, 0, {favourites}, 100, 0, 1 FROM party WHERE party_no = 1"
    )


FORGERIES: Final = (
    Forgery(
        law="INPUTS",
        forge=sql("UPDATE day_run SET readings_digest = 'another' WHERE delivery_date = '2020-11-30'"),
    ),
    Forgery(
        law="LAKE_COMPLETE",
        forge=sql(
            "DELETE FROM lake_file WHERE table_name = 'closing_times' AND revision = 1 AND delivery_date = '2020-11-30'"
        ),
    ),
    Forgery(
        law="REVISIONS",
        forge=sql("DELETE FROM day_run WHERE delivery_date = '2020-11-30' AND revision = 1"),
        also=frozenset({"ROOF"}),
    ),
    Forgery(
        law="ROWS_DELIVERED",
        forge=sql(
            "UPDATE problem SET row_count = row_count + 1 "
            "WHERE delivery_no IN (SELECT delivery_no FROM delivery WHERE file_kind = 'registers')"
        ),
    ),
    Forgery(
        law="ROWS_USED",
        forge=sql("UPDATE day_run SET used_row_count = used_row_count - 1 WHERE delivery_date = '2020-12-01'"),
    ),
    Forgery(
        law="ROWS_USED",
        forge=sql(
            "UPDATE day_run SET used_row_count = used_row_count - 1, set_aside_row_count = set_aside_row_count + 1 "
            "WHERE delivery_date = '2020-12-01'"
        ),
    ),
    Forgery(
        law="RECORDS_DECODED",
        forge=sql("DELETE FROM decoded_delivery WHERE delivery_no IN (SELECT max(delivery_no) FROM decoded_delivery)"),
    ),
    Forgery(law="ROWS_DECODED", forge=sql("UPDATE decoded_delivery SET event_count = event_count + 1")),
    Forgery(law="ROWS_DECODED", forge=sql("DELETE FROM lake_file WHERE table_name = 'events'")),
    Forgery(law="MONTHS_SPREAD", forge=sql("UPDATE month_value SET energy_wh = energy_wh + 1")),
    Forgery(law="MONTHS_IN_FORCE", forge=sql("DELETE FROM month_spread")),
    Forgery(law="SLOTS_ADDED_UP", forge=raise_part),
    Forgery(law="REGISTER_ENERGY", forge=count_more),
    Forgery(law="INTERVAL_ENERGY", forge=raise_use),
    Forgery(law="SLOT_VALUES", forge=raise_slot("import_wh")),
    Forgery(law="SLOT_VALUES", forge=raise_value(channel_no=1), also=frozenset({"REGISTER_ENERGY"})),
    Forgery(law="OPERATOR_DECISIONS", forge=claim_a_decision),
    Forgery(law="HOME_BALANCE", forge=raise_self_consumption, also=frozenset({"HOME_DAYS"})),
    Forgery(law="HOME_DAYS", forge=sql("UPDATE home_day SET charge_wh = charge_wh + 1 WHERE home_no = 2")),
    Forgery(law="SLOT_SPLIT", forge=raise_slot("grid_export_wh")),
    Forgery(law="OFFERED", forge=sql("UPDATE plant SET home_group = 'outside' WHERE home_no = 4")),
    Forgery(law="OFFERED_SPLIT", forge=move_between_slots, also=frozenset({"HELD"})),
    Forgery(law="CAPACITY", forge=forget_capacity),
    Forgery(law="AGREED_LIMITS", forge=sql("UPDATE offer SET cap_wh_per_slot = 1 WHERE capacity_rule = 'cap_only'")),
    Forgery(law="DAY_CAP", forge=sql("UPDATE offer SET cap_wh_per_day = 1 WHERE capacity_rule = 'cap_only'")),
    Forgery(law="MONTH_CAP", forge=sql("UPDATE offer SET cap_wh_per_month = 1 WHERE capacity_rule = 'cap_only'")),
    Forgery(law="MONTH_CAP", forge=cap_one_day_of_its_month),
    Forgery(law="CHOSEN", forge=sql("UPDATE offer SET districts = 'Koto+Minato' WHERE capacity_rule = 'cap_only'")),
    Forgery(law="CHOSEN", forge=sql("UPDATE offer SET plant_age_years_min = 11 WHERE capacity_rule = 'cap_only'")),
    Forgery(law="CHOSEN", forge=prefer("'H9'")),
    Forgery(law="CHOSEN", forge=prefer("'tower'")),
    Forgery(law="CHOSEN", forge=sql("DELETE FROM choice WHERE home_no = 1 AND kind_no = 1 AND choice_no = 1")),
    Forgery(law="CHOSEN", forge=sql("UPDATE offer SET buyer_price_sen_per_kwh = 1 WHERE capacity_rule = 'cap_only'")),
    Forgery(
        law="CHOSEN",
        forge=sql("UPDATE plant SET standard_price_sen_per_kwh = standard_price_sen_per_kwh + 1 WHERE home_no = 2"),
    ),
    Forgery(law="PASSED_ON", forge=at_noon(name_another_home)),
    Forgery(law="TENANT_USE", forge=at_noon(fill_over)),
    Forgery(law="TENANT_LISTED", forge=sql("DELETE FROM passing_on WHERE rank_no = 2")),
    Forgery(law="PASSED_IN_FULL", forge=at_noon(hold_back)),
    Forgery(
        law="PASSED_IN_FULL",
        forge=sql("DELETE FROM lake_file WHERE table_name = 'passed_on' AND delivery_date = '2020-12-01'"),
    ),
    *CERTIFICATE_FORGERIES,
    Forgery(
        law="BALANCES",
        forge=sql(
            "UPDATE account SET debits_posted = debits_posted + 1, credits_posted = credits_posted + 1 "
            "WHERE code = 'cost'"
        ),
    ),
    Forgery(
        law="DOUBLE_ENTRY",
        forge=sql("UPDATE account SET debits_posted = debits_posted + 1 WHERE code = 'cost'"),
        also=frozenset({"BALANCES"}),
    ),
    Forgery(
        law="ACCRUALS_BOOKED",
        forge=sql(f"UPDATE transfer SET value_date = '2020-12-02' {first('transfer', 'sequence_no', 'true')}"),
    ),
    Forgery(
        law="CLOSED_MONTHS",
        forge=sql(f"UPDATE transfer SET sequence_no = 1000000 {first('transfer', 'sequence_no', 'true')}"),
    ),
    Forgery(
        law="PRICED",
        forge=sql("UPDATE accrual SET home_no = home_no %% 3 + 1 WHERE delivery_date = '2020-12-01' AND line_no = 1"),
    ),
    Forgery(law="STATEMENTS", forge=sql("UPDATE statement SET tax_yen = tax_yen + 1")),
    Forgery(
        law="DUE",
        forge=sql(
            "UPDATE account SET credits_posted = credits_posted + 1 " + first("account", "account_id", "code = 'due'"),
            "UPDATE account SET debits_posted = debits_posted + 1 " + first("account", "account_id", "code = 'cost'"),
        ),
        also=frozenset({"BALANCES"}),
    ),
    Forgery(
        law="PAID_IN_FULL",
        forge=sql("DELETE FROM statement WHERE statement_no IN (SELECT max(statement_no) FROM statement)"),
        also=frozenset({"STATEMENTS", "DUE"}),
    ),
)
