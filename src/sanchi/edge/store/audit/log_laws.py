"""Laws of the log: it only grew, its roots follow from its leaves, and what is in the books is what was sealed.

Enter: checkpoint, log_entries, log_found (see log_findings). Not here: hashing; what the figures mean.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law


def _found(law: str, title: str) -> Law:
    """Make a law of cases that no query can judge."""
    return Law(
        law=law,
        title=title,
        sentence="{subject}: {finding}",
        cases_sql=f"SELECT subject, finding, holds FROM log_found WHERE law = '{law}'",
    )


LOG_LAWS: Final = (
    Law(
        law="LOG_GROWS",
        title="each checkpoint begins where the one before ended, and its leaves are all there",
        sentence="checkpoint {checkpoint_no}: leaves {first_leaf_no} to {tree_size}, {entry_count} entries, the one "
        "before ended at {previous_size}",
        cases_sql="""
            WITH kept AS (SELECT checkpoint_no, count(*) AS entry_count, count(DISTINCT leaf_no) AS leaf_count,
                                 min(leaf_no) AS first_no, max(leaf_no) AS last_no FROM log_entries GROUP BY ALL),
            sealed AS (SELECT checkpoint_no, first_leaf_no, tree_size,
                              lag(tree_size, 1, 0) OVER (ORDER BY checkpoint_no) AS previous_size,
                              row_number() OVER (ORDER BY checkpoint_no) AS place FROM checkpoint)
            SELECT checkpoint_no, first_leaf_no, tree_size, entry_count, previous_size,
                   place = checkpoint_no AND first_leaf_no = previous_size AND first_no = first_leaf_no
                   AND last_no = tree_size - 1 AND entry_count = tree_size - first_leaf_no
                   AND leaf_count = entry_count AS holds
            FROM sealed FULL JOIN kept USING (checkpoint_no)
        """,
    ),
    _found("LOG_ROOTS", "the root and nodes of each checkpoint follow from the leaves"),
    _found("LOG_SIGNED", "each checkpoint is signed by the operator, each countersignature fits"),
    _found("LOG_CERTIFICATES", "each certificate is in the log as it stands in the books"),
    _found("LOG_CLAIMS", "each claim is in the log with the slices that it used up"),
    _found("LOG_STATEMENTS", "each statement is in the log as it stands in the books"),
    _found("LOG_DAYS", "each revision of a day is in the log, the one in force with its sums"),
)
