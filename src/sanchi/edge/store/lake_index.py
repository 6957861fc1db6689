"""The database's list of lake files: the only way to find one.

Enter: what a file belongs to. Leaves: rows and paths. Not here: the files (lake).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.edge.store.lake import LakeFileInfo
from sanchi.edge.store.sql import fetch, insert

_COLUMNS: Final = (
    "market", "table_name", "delivery_date", "month", "delivery_no", "revision", "checkpoint_no", "path", "digest",
    "row_count", "byte_count",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class LakeEntry:
    """A file and what it belongs to: a day's revision, or a delivery and perhaps a month of it, or a checkpoint."""

    table_name: str
    info: LakeFileInfo
    delivery_date: date | None = None
    revision: int | None = None
    delivery_no: int | None = None
    month: date | None = None
    checkpoint_no: int | None = None


def add_entries(market_id: MarketId, entries: Sequence[LakeEntry]) -> None:
    """Note files; from the commit on they can be found."""
    rows = [
        (
            market_id,
            each.table_name,
            each.delivery_date,
            each.month,
            each.delivery_no,
            each.revision,
            each.checkpoint_no,
            each.info.path,
            each.info.digest,
            each.info.row_count,
            each.info.byte_count,
        )
        for each in entries
    ]
    insert("lake_file", _COLUMNS, rows)


def day_paths(market_id: MarketId, delivery_date: date, revision: int) -> Mapping[str, str]:
    """Give the paths of a day's revision by table; of several files of a table the one noted last."""
    return dict(
        fetch(
            "SELECT table_name, path FROM lake_file WHERE market = %s AND delivery_date = %s AND revision = %s "
            "ORDER BY lake_file_no",
            [market_id, delivery_date, revision],
        )
    )


def paths_of_day(market_id: MarketId, table_name: str, delivery_date: date) -> list[str]:
    """List the paths of a table over all revisions of a day, oldest first."""
    rows = fetch(
        "SELECT path FROM lake_file WHERE market = %s AND table_name = %s AND delivery_date = %s "
        "ORDER BY revision, lake_file_no",
        [market_id, table_name, delivery_date],
    )
    return [path for (path,) in rows]


def delivered_paths(
    market_id: MarketId, table_name: str, first_month: Month, last_month: Month
) -> list[tuple[int, str]]:
    """List (delivery_no, path) of a table of deliveries over some months, in the order of delivery."""
    return dated_paths(market_id, table_name, first_month.first_date, last_month.first_date)


def dated_paths(market_id: MarketId, table_name: str, first_date: date, last_date: date) -> list[tuple[int, str]]:
    """List (delivery_no, path) of a table of deliveries over the dates that its files are noted under."""
    rows = fetch(
        "SELECT delivery_no, path FROM lake_file WHERE market = %s AND table_name = %s AND month BETWEEN %s AND %s "
        "ORDER BY delivery_no, month, lake_file_no",
        [market_id, table_name, first_date, last_date],
    )
    return [(delivery_no, path) for delivery_no, path in rows]


def log_paths(market_id: MarketId, table_name: str) -> dict[int, str]:
    """Give the path of a table of the log by checkpoint_no."""
    return dict(
        fetch(
            "SELECT checkpoint_no, path FROM lake_file WHERE market = %s AND table_name = %s "
            "AND checkpoint_no IS NOT NULL ORDER BY checkpoint_no",
            [market_id, table_name],
        )
    )


def all_paths() -> frozenset[str]:
    """Name every file that any market has."""
    return frozenset(path for (path,) in fetch("SELECT DISTINCT path FROM lake_file"))
