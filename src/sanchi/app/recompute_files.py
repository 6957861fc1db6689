"""Recompute a home from plain files: the published table, its supply and its choices; no platform is needed.

Enters: paths in the forms of `sanchi match`. Leaves: HomeRecomputation. Not here: formats (edge/delivery).
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sanchi.app.match_tables import (
    CHOICES,
    ENERGY_WH_MAX,
    SUPPLY,
    MatchTable,
    MatchTables,
    NumberRange,
    TableForm,
)
from sanchi.app.recompute_home import HomeRecomputation, PublishedSlot, recompute_published
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.closing import NEVER_CLOSED_T32
from sanchi.core.matching.home_keys import key_of_name
from sanchi.core.matching.parts import ROUNDING_PHI60_MAX, TAKES_NOTHING_PHI60

# The buyer of what no choice took, in the allocation that `sanchi match` writes.
STANDARD_OFFER: Final = "standard_offer"

_SLOT: Final = NumberRange(lowest_count=1, highest_count=SLOTS_PER_DAY)
_ENERGY: Final = NumberRange(lowest_count=0, highest_count=ENERGY_WH_MAX)
_TIMES: Final = {
    "slot_no": _SLOT,
    "closing_time": NumberRange(lowest_count=0, highest_count=NEVER_CLOSED_T32),
    "rounding": NumberRange(lowest_count=TAKES_NOTHING_PHI60, highest_count=ROUNDING_PHI60_MAX),
}
TABLE: Final = TableForm(names=("buyer",), numbers=_TIMES)
EXPORTED_TABLE: Final = TableForm(
    names=("kind", "delivery_date", "buyer_id"), numbers={**_TIMES, "capacity_wh": _ENERGY}
)
BOOKED: Final = TableForm(names=("home", "buyer"), numbers={"slot_no": _SLOT, "energy_wh": _ENERGY})

Row = tuple[str, int, tuple[int, ...]]  # buyer, slot_no, further numbers


class HomeNotInFile(WrongInput):
    """A file has no row of the home that is asked for."""


class RepeatedRow(WrongInput):
    """A file says the same thing twice."""


class BuyerNotInTable(WrongInput):
    """The published table has no row of a buyer that the home chose."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RecomputeFiles:
    """Where the figures lie. kind : set where the table is what `sanchi export closing-times` writes."""

    table: Path
    supply: Path
    choices: Path
    booked: Path | None = None
    kind: CertificateKind | None = None


def recompute_files(
    tables: MatchTables, files: RecomputeFiles, home_id: str, delivery_date: date, slot_no: int | None
) -> HomeRecomputation:
    """Recompute a home's day, or one slot of it, from files.

    Raises: UnreadableDelivery, HomeNotInFile, RepeatedRow, BuyerNotInTable and what reading a table raises.
    """
    supply_wh = _supply_wh(tables.read(files.supply, SUPPLY), home_id)
    choices = _choices(tables.read(files.choices, CHOICES), home_id)
    times = _times(tables, files, delivery_date)
    booked = None if files.booked is None else _booked_wh(tables.read(files.booked, BOOKED), home_id)
    slots = []
    for slot, energy_wh in sorted(supply_wh.items()):
        if energy_wh and slot_no in {None, slot}:
            _require_buyers(files.table.name, times, choices, slot)
            slots.append(
                PublishedSlot(
                    kind=files.kind,
                    slot_no=slot,
                    supply_wh=energy_wh,
                    choices=choices,
                    closing_t32={buyer: times[buyer, slot][0] for buyer in choices},
                    rounding_phi60={buyer: times[buyer, slot][1] for buyer in choices},
                    booked_wh=None if booked is None else booked.get(slot, {}),
                )
            )
    return recompute_published(home_id=home_id, home_key=key_of_name(home_id), delivery_date=delivery_date, slots=slots)


def _rows_of(table: MatchTable, name: str, numbers: Sequence[str]) -> Iterator[Row]:
    """Give a table row by row: a name, then numbers with slot_no first."""
    column = table.names[name]
    columns = [table.numbers[number].tolist() for number in numbers]
    for code, slot_no, *rest in zip(column.code.tolist(), *columns, strict=True):
        yield column.texts[code], slot_no, tuple(rest)


def _require_home(table: MatchTable, home_id: str) -> None:
    """Refuse a table without the home."""
    if home_id not in table.names["home"].texts:
        raise HomeNotInFile(
            f"{table.file_name} has no row of home {home_id!r}.", hint="Write the home as it stands in the file."
        )


def _supply_wh(table: MatchTable, home_id: str) -> dict[int, int]:
    """Give the home's supply by slot [Wh]."""
    _require_home(table, home_id)
    own = [
        (slot, energy) for home, slot, (energy,) in _rows_of(table, "home", ("slot_no", "supply_wh")) if home == home_id
    ]
    _refuse_repeats(table.file_name, [f"home {home_id} in slot {slot}" for slot, _ in own])
    return dict(own)


def _choices(table: MatchTable, home_id: str) -> tuple[str, ...]:
    """Give the home's buyers, best first; none where it has no row."""
    homes, buyers = table.names["home"], table.names["buyer"]
    own = sorted(
        (rank, buyers.texts[buyer])
        for home, rank, buyer in zip(
            homes.code.tolist(), table.numbers["rank"].tolist(), buyers.code.tolist(), strict=True
        )
        if homes.texts[home] == home_id
    )
    _refuse_repeats(table.file_name, [f"rank {rank} of home {home_id}" for rank, _ in own])
    _refuse_repeats(table.file_name, [f"buyer {buyer} of home {home_id}" for _, buyer in own])
    return tuple(buyer for _, buyer in own)


def _times(tables: MatchTables, files: RecomputeFiles, delivery_date: date) -> dict[tuple[str, int], tuple[int, ...]]:
    """Give closing time and rounding number by buyer and slot."""
    is_exported = files.kind is not None
    table = tables.read(files.table, EXPORTED_TABLE if is_exported else TABLE)
    rows = list(_rows_of(table, "buyer_id" if is_exported else "buyer", ("slot_no", "closing_time", "rounding")))
    if files.kind is not None:
        kinds, dates = table.names["kind"], table.names["delivery_date"]
        wanted = (files.kind.text, delivery_date.isoformat())
        places = zip(kinds.code.tolist(), dates.code.tolist(), strict=True)
        rows = [
            row
            for row, (kind, day) in zip(rows, places, strict=True)
            if (kinds.texts[kind], dates.texts[day]) == wanted
        ]
    _refuse_repeats(table.file_name, [f"buyer {buyer} in slot {slot}" for buyer, slot, _ in rows])
    return {(buyer, slot): numbers for buyer, slot, numbers in rows}


def _booked_wh(table: MatchTable, home_id: str) -> dict[int, dict[str | None, int]]:
    """Give what a home is said to have given by slot, then buyer; what no choice took has the name None."""
    buyers = table.names["buyer"]
    booked: dict[int, dict[str | None, int]] = {}
    own = _rows_of(table, "home", ("slot_no", "energy_wh"))
    for (home, slot, (energy_wh,)), code in zip(own, buyers.code.tolist(), strict=True):
        if home == home_id:
            buyer = None if buyers.texts[code] == STANDARD_OFFER else buyers.texts[code]
            in_slot = booked.setdefault(slot, {})
            _refuse_repeats(table.file_name, [f"{buyers.texts[code]} in slot {slot}"] * (1 + (buyer in in_slot)))
            in_slot[buyer] = energy_wh
    return booked


def _refuse_repeats(file_name: str, told: Sequence[str]) -> None:
    """Refuse what is said twice."""
    twice = [text for text, times in Counter(told).items() if times > 1]
    if twice:
        raise RepeatedRow(f"{file_name} has {twice[0]} twice.", hint="Keep one row of each.")


def _require_buyers(
    file_name: str, times: dict[tuple[str, int], tuple[int, ...]], choices: Sequence[str], slot_no: int
) -> None:
    """Refuse a table that lacks one of the home's buyers in a slot."""
    missing = [buyer for buyer in choices if (buyer, slot_no) not in times]
    if missing:
        raise BuyerNotInTable(
            f"{file_name} has no row of buyer {missing[0]!r} in slot {slot_no}.",
            hint="Take the table of the same day, market and kind as the choices.",
        )
