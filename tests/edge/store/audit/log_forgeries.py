"""One falsification for each law of the log: of the log itself, or of what it sealed.

Enters: a Forger. Leaves: false books. Not here: forgeries that other laws find too (forgeries).
"""

from collections.abc import Callable

import pyarrow as pa

from sanchi.edge.store.sql import fetch
from tests.edge.store.audit.closed_market import Forger, Rows, rows_changed
from tests.edge.store.audit.forging import Forgery, first, sql


def of_log(table: str, change: Callable[[Rows], None]) -> Callable[[Forger], None]:
    """Rewrite the first file of a table of the log."""

    def forge(forger: Forger) -> None:
        ((file_no, path), *_) = fetch(
            f"SELECT lake_file_no, path FROM lake_file WHERE table_name = '{table}' ORDER BY checkpoint_no"
        )
        changed: Callable[[pa.Table], pa.Table] = rows_changed(change)
        info = forger.market.lake.write(table, changed(forger.market.lake.read(path)))
        forger.sql(
            "UPDATE lake_file SET path = %s, digest = %s, row_count = %s, byte_count = %s WHERE lake_file_no = %s",
            *(info.path, info.digest, info.row_count, info.byte_count, file_no),
        )

    return forge


def flip_node(rows: Rows) -> None:
    """Change one bit of a stored node."""
    rows[-1]["hash"] = bytes([rows[-1]["hash"][0] ^ 1]) + rows[-1]["hash"][1:]


def rename_leaf(rows: Rows) -> None:
    """Let a leaf be of another name: its salt, and with it its hash, is another one."""
    rows[0]["leaf_id"] = rows[0]["leaf_id"] + "x"


def lose_leaf(rows: Rows) -> None:
    """Take the last leaf of a checkpoint away, as if it had never been sealed."""
    rows.pop()


LOG_FORGERIES = (
    Forgery(
        law="LOG_GROWS",
        forge=sql("UPDATE checkpoint SET first_leaf_no = first_leaf_no + 1 WHERE checkpoint_no = 2"),
    ),
    Forgery(law="LOG_GROWS", forge=of_log("log_entries", lose_leaf), also=frozenset({"LOG_ROOTS", "LOG_DAYS"})),
    Forgery(law="LOG_ROOTS", forge=of_log("log_nodes", flip_node)),
    Forgery(law="LOG_ROOTS", forge=of_log("log_entries", rename_leaf), also=frozenset({"LOG_CERTIFICATES"})),
    Forgery(
        law="LOG_ROOTS",
        forge=sql("UPDATE checkpoint SET root = replace(root, '0', '1') WHERE checkpoint_no = 1"),
        also=frozenset({"LOG_SIGNED"}),
    ),
    Forgery(
        law="LOG_SIGNED",
        forge=sql("UPDATE checkpoint SET note = replace(note, 'sanchi/', 'other/') WHERE checkpoint_no = 1"),
    ),
    Forgery(law="LOG_CERTIFICATES", forge=sql("UPDATE certificate SET measurement_grade = 'verified'")),
    Forgery(law="LOG_CLAIMS", forge=sql(f"UPDATE claim SET purpose = 'resale' {first('claim', 'claim_no', 'true')}")),
    Forgery(law="LOG_STATEMENTS", forge=sql("UPDATE statement SET tax_permille = tax_permille + 1")),
    Forgery(
        law="LOG_OPERATIONS",
        forge=sql("UPDATE registry_operation SET operation = 'other' WHERE operation_no = 1"),
        also=frozenset({"EVENTS"}),
    ),
    Forgery(law="LOG_DAYS", forge=sql("UPDATE day_run SET result_digest = 'another' WHERE revision = 2")),
)
