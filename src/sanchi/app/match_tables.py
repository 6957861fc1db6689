"""The tables of `sanchi match` as columns, what each has to hold, and who reads and writes them.

Enter and leave: names as codes, numbers as int64. Not here: files (edge/delivery), what the tables mean together.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.market import PRICE_SEN_PER_KWH_MAX, STATIC_KEY_MAX
from sanchi.core.matching.offers import HOME_SUPPLY_WH_MAX

# Capacities, quotas and uses beyond this are slips of units: it is more than a country uses in a half hour.
ENERGY_WH_MAX: Final = 2**46 - 1
CLASS_RANK_MAX: Final = 2**31 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberRange:
    """What a column of whole numbers may hold, both ends included."""

    lowest_count: int
    highest_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TableForm:
    """The columns of one kind of table.

    names : columns of names, never empty. numbers : columns of whole numbers with their ranges.
    places : names that may be empty. optional : columns that may be absent altogether.
    """

    names: tuple[str, ...]
    numbers: Mapping[str, NumberRange]
    places: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def columns(self) -> tuple[str, ...]:
        """List all columns, those that have to be there first."""
        every = (*self.names, *self.numbers, *self.places)
        return tuple(sorted(every, key=lambda column: column in self.optional))


_SLOT: Final = NumberRange(lowest_count=1, highest_count=SLOTS_PER_DAY)
_ENERGY: Final = NumberRange(lowest_count=0, highest_count=ENERGY_WH_MAX)
_PRICE: Final = NumberRange(lowest_count=0, highest_count=PRICE_SEN_PER_KWH_MAX)
PLACE_COLUMNS: Final = ("building", "district", "grid_area")

SUPPLY: Final = TableForm(
    names=("home",),
    numbers={"slot_no": _SLOT, "supply_wh": NumberRange(lowest_count=0, highest_count=HOME_SUPPLY_WH_MAX)},
)
CAPACITY: Final = TableForm(names=("buyer",), numbers={"slot_no": _SLOT, "capacity_wh": _ENERGY})
USE: Final = TableForm(names=("buyer",), numbers={"slot_no": _SLOT, "use_wh": _ENERGY})
CHOICES: Final = TableForm(
    names=("home", "buyer"),
    numbers={
        "rank": NumberRange(lowest_count=1, highest_count=CLASS_RANK_MAX),
        "static_key": NumberRange(lowest_count=0, highest_count=STATIC_KEY_MAX),
        "class_rank": NumberRange(lowest_count=0, highest_count=CLASS_RANK_MAX),
        "pair_quota_wh": _ENERGY,
    },
    optional=frozenset({"static_key", "class_rank", "pair_quota_wh"}),
)
OFFERS: Final = TableForm(
    names=("buyer",),
    numbers={
        "home_price_sen_per_kwh": _PRICE,
        "buyer_price_sen_per_kwh": _PRICE,
        "target_permille": NumberRange(lowest_count=0, highest_count=PERMILLE),
    },
    places=PLACE_COLUMNS,
    optional=frozenset({"target_permille", *PLACE_COLUMNS}),
)
TENANTS: Final = TableForm(
    names=("owner", "tenant"),
    numbers={
        "rank": NumberRange(lowest_count=1, highest_count=CLASS_RANK_MAX),
        "static_key": NumberRange(lowest_count=0, highest_count=STATIC_KEY_MAX),
    },
    optional=frozenset({"static_key"}),
)
HOMES: Final = TableForm(
    names=("home",),
    numbers={"ask_sen_per_kwh": _PRICE},
    places=PLACE_COLUMNS,
    optional=frozenset({"ask_sen_per_kwh", *PLACE_COLUMNS}),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NameColumn:
    """Names of rows: the distinct texts, and each row's position among them (int32; -1 = empty)."""

    texts: tuple[str, ...]
    code: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchTable:
    """One table as read: its columns, and where it came from. Numbers are int64 and inside their ranges."""

    file_name: str
    row_count: int
    names: Mapping[str, NameColumn]
    numbers: Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResultTable:
    """One table to write; a column is int64, or names as a NameColumn (code -1 = nobody)."""

    columns: Mapping[str, NDArray[np.int64] | NameColumn]


class MatchTables(Protocol):
    """Reads and writes tables as CSV or Parquet, whichever the file's suffix says."""

    def read(self, path: Path, form: TableForm) -> MatchTable:
        """Read a table; UnreadableDelivery or a subclass of WrongInput names the file, the row and the fault."""

    def require_writable(self, paths: Sequence[Path], read_paths: Sequence[Path]) -> None:
        """Refuse targets of an unknown format, targets that are inputs, and a target named twice."""

    def write(self, tables: Mapping[Path, ResultTable]) -> None:
        """Write all tables or none; SetupFault when one cannot be written."""
