"""Reads the checkpoints of a market's log.

Enters: an OpenMarket, the log's store. Leaves: LogView. Not here: entries and nodes.
"""

from typing import Final

from sanchi.app.log_port import TransparencyLog
from sanchi.app.views.log import CheckpointRow, LogView
from sanchi.core.base.errors import SetupFault
from sanchi.edge.store.views.open_market import OpenMarket

_CHECKPOINTS_SQL: Final = """
    SELECT checkpoint_no, subject, tree_size AS leaf_count, root,
           note || coalesce(string_agg(signature_line, '' ORDER BY witness), '') AS note,
           coalesce(list(witness ORDER BY witness) FILTER (witness IS NOT NULL), []) AS witnesses
    FROM checkpoint LEFT JOIN witness_signature USING (checkpoint_no)
    GROUP BY checkpoint_no, subject, tree_size, root, note ORDER BY checkpoint_no DESC
"""


def read_log(market: OpenMarket, log: TransparencyLog) -> LogView:
    """Read the checkpoints, latest first."""
    rows = market.books.records(_CHECKPOINTS_SQL)
    try:
        key_text = log.operator_key(market.head.market_id).text
    except SetupFault:
        # A copy of the books without the operator's keys still shows what was signed with them.
        key_text = ""
    return LogView(
        market=market.head,
        key_text=key_text,
        checkpoints=tuple(CheckpointRow(**row | {"witnesses": tuple(row["witnesses"])}) for row in rows),
    )
