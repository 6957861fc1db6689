"""What a falsification is, the days of the closed market that it is made in, and how one is written as SQL.

Enters: statements. Leaves: a Forgery. Not here: the falsifications (forgeries, certificate_forgeries, log_forgeries).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from tests.edge.store.audit.closed_market import Forger

CORRECTED: Final = date(2020, 11, 29)  # finalised, then corrected for one home: revision 2
REVISED: Final = date(2020, 11, 30)  # matched anew before it was finalised: revision 2; revision 1 is withdrawn
OPEN: Final = date(2020, 12, 1)  # closed once, month open
PAYING: Final = date(2020, 12, 2)  # withholds what the correction made a debt

# A certificate of the open day, which is in force.
LIVE_SELF_CONSUMPTION: Final = "kind_no = 2 AND delivery_date = '2020-12-01'"

# The slot at noon: every home generates and exports.
NOON: Final = 25


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgery:
    """What breaks a law, and which further laws break with it."""

    law: str
    forge: Callable[[Forger], None]
    also: frozenset[str] = field(default_factory=frozenset)


def sql(*statements: str) -> Callable[[Forger], None]:
    """Make statements a forgery."""

    def forge(forger: Forger) -> None:
        for statement in statements:
            forger.sql(statement)

    return forge


def first(table: str, column: str, condition: str) -> str:
    """Write the condition that picks one row."""
    return f"WHERE {column} = (SELECT min({column}) FROM {table} WHERE {condition})"
