"""One falsification for each law of certificates, of what is done with them and of what is claimed elsewhere.

Enters: a Forger. Leaves: false books. Not here: the audit, and all other laws (forgeries).
"""

from typing import Final

from tests.edge.store.audit.closed_market import Forger, Rows, rows_changed
from tests.edge.store.audit.forging import LIVE_SELF_CONSUMPTION, OPEN, REVISED, Forgery, first, sql


def shorten_segment(forger: Forger) -> None:
    """Let the last segment of a withdrawn certificate end a watt-hour early."""

    def change(rows: Rows) -> None:
        last = max(
            (row for row in rows if row["certificate_id"] == rows[0]["certificate_id"]), key=lambda row: row["hi_wh"]
        )
        last["hi_wh"] -= 1

    forger.rewrite("segments", REVISED, rows_changed(change), revision=1)


def shift_segment(forger: Forger) -> None:
    """Let watt-hours that count have been generated an hour later."""

    def change(rows: Rows) -> None:
        rows[0]["slot_no"] += 2

    forger.rewrite("segments", OPEN, rows_changed(change), revision=1)


CERTIFICATE_FORGERIES: Final = (
    Forgery(law="ROOF", forge=sql("UPDATE certificate SET device_id = 'another' WHERE home_no = 1")),
    Forgery(law="ROOF", forge=sql("UPDATE plant SET commissioning_date = '2020-12-02' WHERE home_no = 1")),
    Forgery(
        law="SLICES_TILE",
        forge=sql(
            f"UPDATE slice SET hi_wh = hi_wh - 1 {first('slice', 'certificate_id', 'state_no = 7')} AND lo_wh = 0"
        ),
        also=frozenset({"REPLAYED", "STATES_ADD_UP"}),
    ),
    Forgery(law="SEGMENTS_TILE", forge=shorten_segment, also=frozenset({"SEGMENTS_BOUND"})),
    Forgery(law="SEGMENTS_BOUND", forge=sql("UPDATE certificate SET segments_digest = 'another' WHERE home_no = 3")),
    Forgery(
        law="CERTIFIED",
        forge=sql(f"UPDATE slice SET state_no = 7 {first('slice', 'certificate_id', 'state_no = 1')} AND state_no = 1"),
        also=frozenset({"HELD", "REPLAYED", "STATED"}),
    ),
    Forgery(
        law="SETTLED_DEBTS",
        forge=sql(f"UPDATE debt_settlement SET slot_no = 1 {first('debt_settlement', 'debt_no', 'true')}"),
    ),
    Forgery(law="HELD", forge=shift_segment, also=frozenset({"SEGMENTS_BOUND"})),
    Forgery(
        law="CLAIMED", forge=sql(f"UPDATE claim SET energy_wh = energy_wh + 1 {first('claim', 'claim_no', 'true')}")
    ),
    Forgery(
        law="STATED",
        forge=sql(f"UPDATE debt SET debt_wh = debt_wh + 1 {first('debt', 'debt_no', 'true')}"),
        also=frozenset({"CERTIFIED", "HELD", "PRICED", "PAID_IN_FULL"}),
    ),
    Forgery(
        law="CLAIMED",
        forge=sql("UPDATE market_day SET is_finalised = false WHERE delivery_date = '2020-11-30'"),
        also=frozenset({"EXPORT_LOTS"}),
    ),
    Forgery(law="CLAIMED", forge=sql("UPDATE claim SET used_from = used_until WHERE used_from < used_until")),
    Forgery(law="OPERATIONS", forge=sql("UPDATE registry_operation SET event_count = 1 + event_count")),
    Forgery(law="OPERATIONS", forge=sql("UPDATE registry_operation SET operation_no = 100 WHERE operation_id = 's1'")),
    Forgery(law="EVENTS", forge=sql("UPDATE registry_operation SET operation = 'expire' WHERE operation_id = 't1'")),
    Forgery(
        law="EVENTS",
        forge=sql("UPDATE slice_event SET from_holder_no = 1 WHERE to_state_no = 5"),
        also=frozenset({"OPERATIONS"}),
    ),
    Forgery(
        law="REPLAYED",
        forge=sql(
            f"UPDATE slice SET holder_no = 1 + holder_no %% 3 {first('slice', 'certificate_id', 'state_no = 1')} "
            "AND state_no = 1"
        ),
    ),
    Forgery(
        law="STATES_ADD_UP",
        forge=sql("UPDATE slice SET hi_wh = hi_wh - 1 WHERE state_no = 4 AND hi_wh = quantity_wh"),
        also=frozenset({"REPLAYED", "SLICES_TILE", "CERTIFIED", "HELD", "STATED"}),
    ),
    Forgery(law="RESERVED", forge=sql("UPDATE reservation SET energy_wh = energy_wh + 1 WHERE reservation_id = 'r2'")),
    Forgery(law="RESERVED", forge=sql("UPDATE reservation SET party_no = 1 WHERE reservation_id = 'r1'")),
    Forgery(
        law="EXPORT_LOTS",
        forge=sql("UPDATE export_lot SET energy_wh = energy_wh - 1, carry_out_wh = carry_out_wh - 1"),
    ),
    Forgery(law="EXPORT_LOTS", forge=sql("UPDATE export_lot SET month = '2020-10-01'")),
    Forgery(
        law="OUTSIDE_CLAIM",
        forge=sql(
            "INSERT INTO outside_claim (market, claim_id, home_no, kind_no, scheme, first_date, until_date, reference) "
            "SELECT market, 'late', 2, 2, 'CLUB', '2020-11-30', '2020-12-01', '' FROM party WHERE party_no = 1"
        ),
    ),
    Forgery(
        law="GENERATED",
        forge=sql(
            "UPDATE slice SET state_no = 1 WHERE state_no = 7 AND certificate_id IN "
            "(SELECT certificate_id FROM certificate WHERE delivery_date = '2020-11-30')"
        ),
        also=frozenset({"CERTIFIED", "HELD", "REPLAYED", "STATED"}),
    ),
    Forgery(
        law="STORED",
        forge=sql(
            "INSERT INTO storage_account (market, storage_no, home_no, first_date, last_date, carry_in_wh, charged_wh, "
            "discharged_wh, loss_wh, carry_out_wh) SELECT market, 1, 2, '2020-11-29', '2020-11-30', 0, 100, 0, 100, 0 "
            "FROM party WHERE party_no = 1"
        ),
    ),
    Forgery(
        law="STORED_SLOTS",
        forge=sql(
            f"UPDATE certificate SET storage_no = 9 {first('certificate', 'certificate_id', LIVE_SELF_CONSUMPTION)}"
        ),
        also=frozenset({"CERTIFIED", "HELD", "STORED", "STATED"}),
    ),
    Forgery(law="LOTS_USED", forge=sql("UPDATE outside_use SET lo_wh = 1 WHERE lot_no = 1")),
    Forgery(law="LOTS_USED", forge=sql("UPDATE outside_lot SET serial_last = 'A-2' WHERE lot_no = 1")),
    Forgery(law="TOPPED_UP", forge=sql("UPDATE outside_use SET month = '2021-05-01' WHERE lot_no = 1")),
)
