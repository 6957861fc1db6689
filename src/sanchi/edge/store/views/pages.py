"""Cuts long lists into pages.

Enter: a number of rows, a page asked for. Leaves: which rows to show. Not here: any list.
"""

from dataclasses import dataclass
from typing import Final

ROWS_PER_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class PagePlace:
    """One page of a list: page_no is 1..page_count, and there is at least one."""

    page_no: int
    page_count: int

    @property
    def limit_sql(self) -> str:
        """Write the end of a query that gives the rows of this page alone."""
        return f"LIMIT {ROWS_PER_PAGE} OFFSET {(self.page_no - 1) * ROWS_PER_PAGE}"


def page_place(row_count: int, wanted_page_no: int) -> PagePlace:
    """Find the page asked for; below the first it is the first, beyond the last the last.

    >>> page_place(250, 9)
    PagePlace(page_no=3, page_count=3)
    """
    page_count = max(1, -(-row_count // ROWS_PER_PAGE))
    return PagePlace(page_no=min(max(wanted_page_no, 1), page_count), page_count=page_count)
