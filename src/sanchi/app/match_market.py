"""Make the market of `sanchi match` from its tables: names become positions, rows become arrays.

Enter: MatchTables as read. Leaves: a NamedMarket, or a refusal that names file, row and fault. Not here: files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final
from unicodedata import normalize

import numpy as np
from numpy.typing import NDArray

from sanchi.app.match_tables import PLACE_COLUMNS, MatchTable, NameColumn
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.home_keys import WHOLE_NUMBER_NAME, key_of_name
from sanchi.core.matching.kernel import ChoiceArray, IntArray
from sanchi.core.matching.market import MatchMarket, MatchPlaces, MatchPrices
from sanchi.core.matching.offers import (
    SLOT_SUPPLY_WH_MAX,
    ChoiceGap,
    DayMatchInput,
    ExcessiveSupply,
    RepeatedChoice,
    UnknownBuyer,
)

STANDARD_OFFER: Final = "standard_offer"
CHOICE_TERMS: Final = ("static_key", "class_rank", "pair_quota_wh")
NAMES_SHOWN_MAX: Final = 5
# Homes times the longest list; the parts of a day take 384 bytes for each.
CHOICE_CELLS_MAX: Final = 2**24


class RepeatedRow(WrongInput):
    """Two rows of a table speak of the same thing."""


class MissingRow(WrongInput):
    """A home or buyer has no row in a table that has to tell of all."""


class ReservedName(WrongInput):
    """A buyer bears the name that stands for the standard offer, or one that reads like it."""


class ExcessiveChoices(WrongInput):
    """Homes and the longest of their lists need more memory than a run of files may take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchInputs:
    """The tables of one run as read; None where none was given."""

    supply: MatchTable
    capacity: MatchTable
    choices: MatchTable | None = None
    offers: MatchTable | None = None
    homes: MatchTable | None = None
    use: MatchTable | None = None
    fee_sen_per_kwh: tuple[int, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedMarket:
    """A market with the names of its homes and buyers, and what was found and passed over."""

    market: MatchMarket
    homes: tuple[str, ...]
    buyers: tuple[str, ...]
    problems: tuple[str, ...]


def named_market(inputs: MatchInputs, delivery_date: date) -> NamedMarket:
    """Judge the tables together and lay them out.

    Homes are those of the supply, buyers those of the capacity, whole numbers ascending, then texts ascending.
    A home and slot, or buyer and slot, without a row has 0 Wh.
    Raises: RepeatedRow, MissingRow, ReservedName, UnknownBuyer, RepeatedChoice, ChoiceGap, and what core refuses.
    """
    homes = ordered_names(inputs.supply.names["home"])
    buyers = ordered_names(inputs.capacity.names["buyer"])
    reserved = [name for name in buyers if normalize("NFKC", name).casefold() == STANDARD_OFFER]
    if reserved:
        raise ReservedName(
            f"{inputs.capacity.file_name}: a buyer is named {reserved[0]}.",
            hint=f"Give the buyer another name: this one reads as {STANDARD_OFFER}.",
        )
    problems: list[str] = []
    choices, terms = _choice_arrays(inputs.choices, homes, buyers, problems)
    day = DayMatchInput(
        home_key=np.array([key_of_name(home) for home in homes], dtype=np.int64),
        choice_buyer_index=choices,
        supply_wh=_supply_wh(inputs.supply, homes),
        capacity_wh=_by_slot(inputs.capacity, "buyer", buyers, "capacity_wh"),
        delivery_date=delivery_date,
    )
    home_rows = _rows_of_all(inputs.homes, "home", homes, problems)
    buyer_rows = _rows_of_all(inputs.offers, "buyer", buyers, problems)
    target = None if inputs.offers is None else inputs.offers.numbers.get("target_permille")
    market = MatchMarket(
        day=day,
        prices=_prices(inputs, home_rows, buyer_rows, len(homes)),
        places=_places(inputs, home_rows, buyer_rows),
        target_permille=None if target is None else target[buyer_rows],
        use_wh=None if inputs.use is None else _by_slot(inputs.use, "buyer", buyers, "use_wh"),
        static_key=terms.get("static_key"),
        class_rank=None if "class_rank" not in terms else terms["class_rank"].astype(np.int32),
        pair_quota_wh=terms.get("pair_quota_wh"),
    )
    return NamedMarket(market=market, homes=homes, buyers=buyers, problems=tuple(problems))


def ordered_names(column: NameColumn) -> tuple[str, ...]:
    """List the names that rows bear: whole numbers ascending, then texts by their code points."""
    used = np.unique(column.code)
    return tuple(sorted((column.texts[code] for code in used[used >= 0].tolist()), key=_name_order))


def _name_order(name: str) -> tuple[bool, int, str]:
    """Give what names are sorted by."""
    is_number = WHOLE_NUMBER_NAME.fullmatch(name) is not None
    return (not is_number, int(name) if is_number else 0, name)


def _positions(column: NameColumn, names: tuple[str, ...]) -> NDArray[np.int64]:
    """Give each row's position among names; -1 where it is none of them, or empty."""
    place_of = {name: place for place, name in enumerate(names)}
    places = np.array([*(place_of.get(text, -1) for text in column.texts), -1], dtype=np.int64)
    positions: NDArray[np.int64] = places[column.code]
    return positions


def _refuse_repeats(table: MatchTable, keys: NDArray[np.int64], noun: str) -> None:
    """Refuse a table in which two rows have the same key."""
    _, first_rows, counts = np.unique(keys, return_index=True, return_counts=True)
    if (counts > 1).any():
        first = int(first_rows[counts > 1].min())
        row = int(np.flatnonzero(keys == keys[first])[1])
        names = ", ".join(f"{name} {column.texts[column.code[row]]}" for name, column in table.names.items())
        raise RepeatedRow(
            f"{table.file_name}, row {row + 1}: {names} has its {noun} in row {first + 1} already.",
            hint="Keep one of the rows; nothing is added up.",
        )


def _by_slot(table: MatchTable, party: str, names: tuple[str, ...], energy: str) -> IntArray:
    """Lay energies out by slot and party, int64 of shape (48, n_names) [Wh]; 0 where no row is."""
    position = _positions(table.names[party], names)
    if (position < 0).any():
        raise _unknown_buyer(table, int(np.flatnonzero(position < 0)[0]))
    slot_index = table.numbers["slot_no"] - 1
    keys = slot_index * len(names) + position
    if len(keys) > SLOTS_PER_DAY * len(names) or (np.bincount(keys, minlength=1) > 1).any():
        _refuse_repeats(table, keys, "slot")
    energy_wh = np.zeros((SLOTS_PER_DAY, len(names)), dtype=np.int64)
    energy_wh[slot_index, position] = table.numbers[energy]
    return energy_wh


def _supply_wh(table: MatchTable, homes: tuple[str, ...]) -> IntArray:
    """Lay supplies out; refuse a slot that sums beyond the arithmetic by its file."""
    supply_wh = _by_slot(table, "home", homes, "supply_wh")
    slot_wh = supply_wh.sum(axis=1)
    if slot_wh.max(initial=0) > SLOT_SUPPLY_WH_MAX:
        slot_index = int(slot_wh.argmax())
        rows = table.numbers["slot_no"] == slot_index + 1
        row = int(np.where(rows, table.numbers["supply_wh"], -1).argmax())
        raise ExcessiveSupply(
            f"{table.file_name}: the supplies of slot {slot_index + 1} sum to {slot_wh[slot_index]} Wh, expected at "
            f"most {SLOT_SUPPLY_WH_MAX}; the largest is in row {row + 1}.",
            hint="Check the meters' multipliers, or split the market.",
        )
    return supply_wh


def _unknown_buyer(table: MatchTable, row: int) -> UnknownBuyer:
    """Word that a row names a buyer without capacity."""
    column = table.names["buyer"]
    return UnknownBuyer(
        f"{table.file_name}, row {row + 1}: buyer {column.texts[column.code[row]]} has no row in the capacity table.",
        hint="Give its capacity, 0 Wh if it takes nothing, or take the row out.",
    )


def _choice_arrays(
    table: MatchTable | None, homes: tuple[str, ...], buyers: tuple[str, ...], problems: list[str]
) -> tuple[ChoiceArray, dict[str, IntArray]]:
    """Lay the choices and what is said of them out; homes without supply are told and passed over."""
    if table is None:
        return np.full((len(homes), 0), -1, dtype=np.int32), {}
    buyer = _positions(table.names["buyer"], buyers)
    if (buyer < 0).any():
        raise _unknown_buyer(table, int(np.flatnonzero(buyer < 0)[0]))
    _check_ranks(table, len(buyers), buyer)
    home = _positions(table.names["home"], homes)
    column = table.names["home"]
    _tell_passed_over(table, "home", column, home, "gave no supply, so its choices do nothing", problems)
    is_here = home >= 0
    home, choice = home[is_here], table.numbers["rank"][is_here] - 1
    shape = (len(homes), int(choice.max(initial=-1)) + 1)
    if shape[0] * shape[1] > CHOICE_CELLS_MAX:
        raise ExcessiveChoices(
            f"{table.file_name}: {shape[0]} homes with up to {shape[1]} choices, expected at most {CHOICE_CELLS_MAX} "
            f"as homes times the longest list.",
            hint="Shorten the longest lists, split the market, or take sanchi match-fleet.",
        )
    choices = np.full(shape, -1, dtype=np.int32)
    choices[home, choice] = buyer[is_here]
    terms = {}
    for name in CHOICE_TERMS:
        if name in table.numbers:
            terms[name] = np.zeros(shape, dtype=np.int64)
            terms[name][home, choice] = table.numbers[name][is_here]
    return choices, terms


def _check_ranks(table: MatchTable, n_buyers: int, buyer: NDArray[np.int64]) -> None:
    """Refuse a home that has a rank or a buyer twice, or a gap before a rank."""
    home, rank = table.names["home"].code.astype(np.int64), table.numbers["rank"]
    _, first_rows, counts = np.unique(home * n_buyers + buyer, return_index=True, return_counts=True)
    if (counts > 1).any():
        row, buyers = int(first_rows[counts > 1].min()), table.names["buyer"]
        raise RepeatedChoice(
            f"{_place(table, row)} names buyer {buyers.texts[buyers.code[row]]} twice.",
            hint="Keep the better rank only.",
        )
    order = np.lexsort((rank, home))
    starts = np.flatnonzero(np.diff(home[order], prepend=-1))
    counted = np.arange(len(order)) - np.repeat(starts, np.diff(starts, append=len(order))) + 1
    off = np.flatnonzero(rank[order] != counted)
    if not off.size:
        return
    row, wanted = int(order[off[0]]), int(counted[off[0]])
    if rank[row] < wanted:
        raise RepeatedRow(f"{_place(table, row)} has rank {rank[row]} twice.", hint="Give each choice its own rank.")
    raise ChoiceGap(
        f"{_place(table, row)} has rank {rank[row]} where rank {wanted} is expected.",
        hint="Number each home's choices 1, 2, ... without a gap.",
    )


def _place(table: MatchTable, row: int) -> str:
    """Say where a row of choices stands."""
    column = table.names["home"]
    return f"{table.file_name}, row {row + 1}: home {column.texts[column.code[row]]}"


def _tell_passed_over(
    table: MatchTable, noun: str, column: NameColumn, position: NDArray[np.int64], why: str, problems: list[str]
) -> None:
    """Add one problem for all rows of names that the market does not have."""
    is_away = position < 0
    if not is_away.any():
        return
    names = sorted((column.texts[code] for code in np.unique(column.code[is_away]).tolist()), key=_name_order)
    shown = ", ".join(names[:NAMES_SHOWN_MAX])
    more = f" and {len(names) - NAMES_SHOWN_MAX} more" if len(names) > NAMES_SHOWN_MAX else ""
    problems.append(f"{table.file_name}: {int(is_away.sum())} rows passed over; {noun} {shown}{more} {why}")


def _rows_of_all(
    table: MatchTable | None, party: str, names: tuple[str, ...], problems: list[str]
) -> NDArray[np.int64]:
    """Find the row of each party; each needs exactly one, and rows of others are told and passed over."""
    if table is None:
        return np.empty(0, dtype=np.int64)
    column = table.names[party]
    position = _positions(column, names)
    _refuse_repeats(table, column.code.astype(np.int64), "row")
    row_of = np.full(len(names), -1, dtype=np.int64)
    row_of[position[position >= 0]] = np.flatnonzero(position >= 0)
    if (row_of < 0).any():
        bare = names[int(np.flatnonzero(row_of < 0)[0])]
        raise MissingRow(
            f"{table.file_name}: {party} {bare} has no row ({int((row_of < 0).sum())} in all).",
            hint=f"Give each {party} of the market one row.",
        )
    _tell_passed_over(table, party, column, position, "is not in the market", problems)
    return row_of


def _prices(
    inputs: MatchInputs, home_rows: NDArray[np.int64], buyer_rows: NDArray[np.int64], n_homes: int
) -> MatchPrices | None:
    """Give the prices where there are offers. Mechanisms that look at asks were refused without them before."""
    if inputs.offers is None:
        return None
    asks = None if inputs.homes is None else inputs.homes.numbers.get("ask_sen_per_kwh")
    return MatchPrices(
        home_price_sen_per_kwh=inputs.offers.numbers["home_price_sen_per_kwh"][buyer_rows],
        buyer_price_sen_per_kwh=inputs.offers.numbers["buyer_price_sen_per_kwh"][buyer_rows],
        ask_sen_per_kwh=np.zeros(n_homes, dtype=np.int64) if asks is None else asks[home_rows],
    )


def _places(inputs: MatchInputs, home_rows: NDArray[np.int64], buyer_rows: NDArray[np.int64]) -> MatchPlaces | None:
    """Give places and fees where both tables and the fees are there."""
    if inputs.fee_sen_per_kwh is None or inputs.homes is None or inputs.offers is None:
        return None
    both = [(inputs.homes.names.get(level), inputs.offers.names.get(level)) for level in PLACE_COLUMNS]
    return MatchPlaces(
        home_place_no=_place_numbers([(mine, theirs) for mine, theirs in both], home_rows),
        buyer_place_no=_place_numbers([(theirs, mine) for mine, theirs in both], buyer_rows),
        fee_sen_per_kwh=np.array(inputs.fee_sen_per_kwh, dtype=np.int64),
    )


def _place_numbers(levels: list[tuple[NameColumn | None, NameColumn | None]], rows: NDArray[np.int64]) -> ChoiceArray:
    """Write places as numbers by the names of both sides, so that a name is one number; -1 = unknown or not told."""
    numbered = np.full((len(rows), len(levels)), -1, dtype=np.int32)
    for level, (own, other) in enumerate(levels):
        if own is not None and other is not None:
            shared: Mapping[str, None] = dict.fromkeys(sorted({*own.texts, *other.texts} - {""}))
            numbered[:, level] = _positions(own, tuple(shared))[rows]
    return numbered
