"""The port that gives tables out as files.

Enters: a market, a table, delivery dates, a file to write. Leaves: the number of rows. Not here: any format.
"""

from datetime import date
from pathlib import Path
from typing import Protocol


class TableExporter(Protocol):
    """Writes the revisions in force of a table to a file: same books, same bytes."""

    def write(
        self, market_id: str, table: str, first_date: date, last_date: date, file_format: str, target: Path
    ) -> int:
        """Write the rows of both dates and all between, in a fixed order; returns how many rows there are.

        Raises: UnknownRecord for a market or table that is not there, SetupFault for an unwritable target.
        """
