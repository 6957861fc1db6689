"""Match the tables of anybody with any mechanism: read, match, write.

Enter: tables by a port, a mechanism, a delivery date. Leaves: a MatchReport, and tables written. Not here: formats.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np

from sanchi.app.match_market import STANDARD_OFFER, MatchInputs, NamedMarket, named_market
from sanchi.app.match_passing import PassedTable, pass_named_on
from sanchi.app.match_tables import (
    CAPACITY,
    CHOICES,
    HOMES,
    OFFERS,
    SUPPLY,
    TENANTS,
    USE,
    MatchTable,
    MatchTables,
    NameColumn,
    ResultTable,
)
from sanchi.core.base.errors import WrongInput
from sanchi.core.matching.allocation import (
    Allocation,
    FactName,
    MechanismResult,
    PublishedFacts,
    check_allocation,
)
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MissingTerms
from sanchi.core.matching.mechanisms.table import MECHANISMS, NEEDS, MarketTerm, MechanismName

EATING: Final = "eating"
# Where each term stands, for whom it is missing.
TERM_SOURCES: Final[dict[MarketTerm, str]] = {
    MarketTerm.CHOICES: "--choices FILE",
    MarketTerm.STATIC_KEY: "the column static_key of --choices",
    MarketTerm.CLASS_RANK: "the column class_rank of --choices",
    MarketTerm.TARGET_PERMILLE: "the column target_permille of --offers",
    MarketTerm.USE_WH: "--use FILE",
    MarketTerm.BIDS: "--offers FILE",
    MarketTerm.ASKS: "the column ask_sen_per_kwh of --homes",
}


class UnknownMechanism(WrongInput):
    """There is no mechanism of that name."""


class UnfitRequest(WrongInput):
    """An option is missing that another one needs, or does not fit the mechanism."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchFiles:
    """The files of one run; None where none is given."""

    supply: Path
    capacity: Path
    out: Path
    choices: Path | None = None
    offers: Path | None = None
    homes: Path | None = None
    use: Path | None = None
    closing_times: Path | None = None
    facts: Path | None = None
    passing_on: Path | None = None
    passed_on: Path | None = None

    @property
    def read(self) -> tuple[Path, ...]:
        """List the files that are read."""
        asked = (self.supply, self.capacity, self.choices, self.offers, self.homes, self.use, self.passing_on)
        return tuple(path for path in asked if path is not None)

    @property
    def written(self) -> tuple[Path, ...]:
        """List the files that are written."""
        told = (self.out, self.closing_times, self.facts, self.passed_on)
        return tuple(path for path in told if path is not None)


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchReport:
    """What a run came to; supplied = matched + standard offer [Wh].

    closed_count : buyers that were full in at least one slot, None where the mechanism closes none.
    passed_on_wh, kept_wh : what owners passed on and kept [Wh], None where nobody was asked to pass anything on.
    """

    home_count: int
    buyer_count: int
    supplied_wh: int
    matched_wh: int
    standard_offer_wh: int
    closed_count: int | None
    problems: tuple[str, ...]
    passed_on_wh: int | None = None
    kept_wh: int | None = None


def match_files(
    tables: MatchTables,
    files: MatchFiles,
    mechanism_name: str,
    delivery_date: date,
    fee_sen_per_kwh: tuple[int, ...] | None = None,
    passing_rule: str = "in_order",
) -> MatchReport:
    """Read the tables, run the mechanism, write the result; nothing is written unless all of it is right."""
    mechanism = _mechanism(mechanism_name)
    _check_request(files, mechanism, fee_sen_per_kwh)
    tables.require_writable(files.written, files.read)
    inputs = MatchInputs(
        supply=tables.read(files.supply, SUPPLY),
        capacity=tables.read(files.capacity, CAPACITY),
        choices=None if files.choices is None else tables.read(files.choices, CHOICES),
        offers=None if files.offers is None else tables.read(files.offers, OFFERS),
        homes=None if files.homes is None else tables.read(files.homes, HOMES),
        use=None if files.use is None else tables.read(files.use, USE),
        fee_sen_per_kwh=fee_sen_per_kwh,
    )
    _require_terms(mechanism, _given_terms(inputs))
    named = named_market(inputs, delivery_date)
    result = MECHANISMS[mechanism](named.market)
    check_allocation(named.market.day, result.allocation)
    passed = None
    if files.passing_on is not None:
        passed = pass_named_on(tables.read(files.passing_on, TENANTS), named, result.allocation, passing_rule)
    tables.write(_result_tables(files, named, result, passed))
    return _report(named, result, passed)


def _mechanism(name: str) -> MechanismName:
    """Find a mechanism; UnknownMechanism lists all."""
    if name not in set(MechanismName):
        raise UnknownMechanism(f"There is no mechanism {name!r}.", hint=f"Choose one of {', '.join(MechanismName)}.")
    return MechanismName(name)


def _check_request(files: MatchFiles, mechanism: MechanismName, fee_sen_per_kwh: tuple[int, ...] | None) -> None:
    """Refuse options that do not go together."""
    if files.choices is None and MarketTerm.CHOICES in NEEDS[mechanism]:
        raise UnfitRequest(f"{mechanism} follows the homes' choices.", hint="Give them: --choices FILE.")
    if files.closing_times is not None and mechanism != EATING:
        raise UnfitRequest(
            f"{mechanism} has no closing times.", hint="Ask for --facts FILE: all that a mechanism publishes."
        )
    if (files.passing_on is None) != (files.passed_on is None):
        raise UnfitRequest(
            "--passing-on and --passed-on go together.", hint="Give the owners' lists and the file to write."
        )
    if fee_sen_per_kwh is not None and (files.homes is None or files.offers is None):
        raise UnfitRequest("--fees needs to know where homes and buyers are.", hint="Give --homes and --offers.")


def _given_terms(inputs: MatchInputs) -> frozenset[MarketTerm]:
    """List the terms that the tables hold. Without offers there is nothing that an ask could meet."""
    is_given = {
        MarketTerm.CHOICES: inputs.choices is not None,
        MarketTerm.STATIC_KEY: _has(inputs.choices, "static_key"),
        MarketTerm.CLASS_RANK: _has(inputs.choices, "class_rank"),
        MarketTerm.TARGET_PERMILLE: _has(inputs.offers, "target_permille"),
        MarketTerm.USE_WH: inputs.use is not None,
        MarketTerm.BIDS: inputs.offers is not None,
        MarketTerm.ASKS: _has(inputs.homes, "ask_sen_per_kwh"),
    }
    return frozenset(term for term, has in is_given.items() if has)


def _has(table: MatchTable | None, column: str) -> bool:
    """Tell whether a table is there and has a column of numbers."""
    return table is not None and column in table.numbers


def _require_terms(mechanism: MechanismName, given: frozenset[MarketTerm]) -> None:
    """Refuse a mechanism that lacks a term; an ask that nobody named would otherwise count as 0."""
    missing = [term for term in MarketTerm if term in NEEDS[mechanism] - given]
    if missing:
        sources = " and ".join(TERM_SOURCES[term] for term in missing)
        raise MissingTerms(
            f"Mechanism {mechanism} needs {' and '.join(missing)}, which the tables do not hold.",
            hint=f"Give {sources}.",
        )


def _result_tables(
    files: MatchFiles, named: NamedMarket, result: MechanismResult, passed: PassedTable | None
) -> dict[Path, ResultTable]:
    """Lay out what is to be written."""
    tables = {files.out: _allocation_table(named, result.allocation)}
    if files.closing_times is not None:
        tables[files.closing_times] = _closing_table(named, result.facts)
    if files.facts is not None:
        tables[files.facts] = _facts_table(named, result.facts)
    if files.passed_on is not None and passed is not None:
        tables[files.passed_on] = passed.table
    return tables


def _allocation_table(named: NamedMarket, rows: Allocation) -> ResultTable:
    """Join what buyers got and what stays for the standard offer: by home, slot, rank; the standard offer last."""
    day = named.market.day
    rest_wh = rows.rest_wh(day)
    rest_slot, rest_home = np.nonzero(rest_wh)
    standard = len(named.buyers)
    last_rank = day.choice_buyer_index.shape[1]
    home = np.concatenate([rows.home_index, rest_home])
    slot = np.concatenate([rows.slot_index, rest_slot])
    rank = np.concatenate([rows.choice_index, np.full(len(rest_home), last_rank)])
    buyer = np.concatenate([rows.buyer_index, np.full(len(rest_home), standard)])
    energy_wh = np.concatenate([rows.energy_wh, rest_wh[rest_slot, rest_home]])
    order = np.argsort(((home * day.supply_wh.shape[0] + slot) * (last_rank + 2) + rank + 1) * (standard + 1) + buyer)
    columns: dict[str, IntArray | NameColumn] = {
        "home": _name_column(named.homes, home[order]),
        "slot_no": slot[order] + 1,
        "buyer": _name_column((*named.buyers, STANDARD_OFFER), buyer[order]),
        "energy_wh": energy_wh[order],
    }
    if named.market.prices is not None:
        # What the standard offer pays is said in the purchase contract, not here.
        nothing = np.zeros(len(rest_home), dtype=np.int64)
        columns["payment_e5yen"] = np.concatenate([rows.payment_e5yen, nothing])[order]
        columns["receipt_e5yen"] = np.concatenate([rows.receipt_e5yen, nothing])[order]
    return ResultTable(columns=columns)


def _closing_table(named: NamedMarket, facts: PublishedFacts) -> ResultTable:
    """Lay out closing times and rounding numbers by buyer, then slot."""
    tables = {}
    for fact in (FactName.CLOSING_T32, FactName.ROUNDING_PHI60):
        is_asked = facts.fact_no == fact
        table = np.full((len(named.buyers), named.market.day.capacity_wh.shape[0]), NEVER_CLOSED_T32, dtype=np.int64)
        table[facts.buyer_index[is_asked], facts.slot_index[is_asked]] = facts.figure[is_asked]
        tables[fact] = table
    n_buyers, n_slots = tables[FactName.CLOSING_T32].shape
    return ResultTable(
        columns={
            "buyer": _name_column(named.buyers, np.repeat(np.arange(n_buyers), n_slots)),
            "slot_no": np.tile(np.arange(1, n_slots + 1), n_buyers),
            "closing_time": tables[FactName.CLOSING_T32].ravel(),
            "rounding": tables[FactName.ROUNDING_PHI60].ravel(),
        }
    )


def _facts_table(named: NamedMarket, facts: PublishedFacts) -> ResultTable:
    """Lay out every published figure in its order; an empty buyer means the whole slot."""
    fact_names = tuple(fact.name.lower() for fact in FactName)
    position_of: Mapping[int, int] = {fact.value: place for place, fact in enumerate(FactName)}
    place = np.zeros(max(FactName) + 1, dtype=np.int64)
    place[list(position_of)] = list(position_of.values())
    return ResultTable(
        columns={
            "slot_no": facts.slot_index + 1,
            "buyer": _name_column(named.buyers, facts.buyer_index),
            "fact": _name_column(fact_names, place[facts.fact_no]),
            "figure": facts.figure,
        }
    )


def _name_column(texts: tuple[str, ...], index: IntArray) -> NameColumn:
    """Name rows by positions."""
    return NameColumn(texts=texts, code=index.astype(np.int32))


def _report(named: NamedMarket, result: MechanismResult, passed: PassedTable | None) -> MatchReport:
    """Add the run up."""
    supplied_wh = int(named.market.day.supply_wh.sum())
    matched_wh = int(result.allocation.energy_wh.sum())
    facts = result.facts
    is_closing = facts.fact_no == FactName.CLOSING_T32
    closed = np.unique(facts.buyer_index[is_closing & (facts.figure < NEVER_CLOSED_T32)])
    return MatchReport(
        home_count=len(named.homes),
        buyer_count=len(named.buyers),
        supplied_wh=supplied_wh,
        matched_wh=matched_wh,
        standard_offer_wh=supplied_wh - matched_wh,
        closed_count=len(closed) if is_closing.any() else None,
        problems=named.problems,
        passed_on_wh=None if passed is None else passed.passed_on_wh,
        kept_wh=None if passed is None else passed.kept_wh,
    )
