"""Read all records of a master data file, or refuse it with every fault found.

Enter: MasterRows, how a record is read, what records demand of each other. Leave: records. Not here: any kind of
record (master_data, outside_data).
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar

from sanchi.app.arrivals import MasterRows
from sanchi.app.market import MarketBook
from sanchi.app.master_fields import FieldReader
from sanchi.app.master_rules import Placed
from sanchi.core.base.errors import UnreadableDelivery

Record = TypeVar("Record")

FAULTS_SHOWN_MAX: Final = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What a new file has to agree with: the market's records, its last closed day, if any, and its final days."""

    book: MarketBook
    last_closed_date: date | None
    final_dates: frozenset[date] = frozenset()


def read_records(
    rows: MasterRows,
    read_record: Callable[[FieldReader], Record],
    faults_between: Callable[[Sequence[Placed[Record]]], Iterable[str]],
) -> tuple[Record, ...]:
    """Read every record and check them against each other; raise UnreadableDelivery with all faults found."""
    faults: list[str] = []
    placed: list[Placed[Record]] = []
    for row in rows.rows:
        reader = FieldReader(row)
        record = read_record(reader)
        faults.extend(reader.faults)
        if not reader.faults:
            placed.append(Placed(place=row.place, record=record))
    faults.extend(faults_between(placed))
    if faults:
        raise _refusal(rows.file_name, faults)
    return tuple(each.record for each in placed)


def _refusal(file_name: str, faults: Sequence[str]) -> UnreadableDelivery:
    """Tell the first faults and the number of the others."""
    count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
    shown = [f"  {fault}" for fault in faults[:FAULTS_SHOWN_MAX]]
    if len(faults) > FAULTS_SHOWN_MAX:
        shown.append(f"  and {len(faults) - FAULTS_SHOWN_MAX} more")
    what = "\n".join([f"{file_name} has {count}, so nothing of it was taken:", *shown, ""])
    return UnreadableDelivery(what, hint="Correct the file and deliver it again.")
