"""One home on one closed day, as the books have it: its list, what it supplied, what each choice got, the table.

Enters: stores, a home, a date. Leaves: ClosedHomeDay with the home's own arrays. Not here: why (explain_home).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from sanchi.app.days import DayOutcome, MarketDay
from sanchi.app.market import MarketBook, Party, PartyRole, Plant
from sanchi.app.roster import Roster, call_roster
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeKindDay:
    """One kind of one revision, of this home alone; int64 arrays of shape (48,) or (48, n_choices) [Wh].

    supply_wh = offered_wh - withheld_wh = parts_wh.sum(axis=1) + rest_wh.
    closing_t32, rounding_phi60 : the published table, by buyer_no, arrays of shape (48,).
    """

    kind: CertificateKind
    choices: tuple[int, ...]  # buyer_nos, best first
    offered_wh: NDArray[np.int64]
    withheld_wh: NDArray[np.int64]
    parts_wh: NDArray[np.int64]
    rest_wh: NDArray[np.int64]
    amount_e5yen: NDArray[np.int64]  # (48, 1 + n_choices): of the rest, then of each choice
    closing_t32: Mapping[int, NDArray[np.int64]]
    rounding_phi60: Mapping[int, NDArray[np.int64]]

    @property
    def supply_wh(self) -> NDArray[np.int64]:
        """Give what was shared."""
        supply_wh: NDArray[np.int64] = self.offered_wh - self.withheld_wh
        return supply_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedHomeDay:
    """A home on a closed day: master data in force, and its revisions from the matched one to the one in force."""

    book: MarketBook
    home: Party
    plant: Plant
    day: MarketDay
    roster: Roster
    revisions: tuple[DayOutcome, ...]

    @property
    def matched(self) -> DayOutcome:
        """Give the revision in which the day was matched last; later ones correct homes one by one."""
        return self.revisions[0]

    @property
    def in_force(self) -> DayOutcome:
        """Give the revision in force."""
        return self.revisions[-1]

    @property
    def home_index(self) -> int:
        """Give the home's place in the roster."""
        return int(np.searchsorted(self.roster.home_no, self.home.party_no))

    def of_kind(self, outcome: DayOutcome, kind: CertificateKind) -> HomeKindDay:
        """Lay out one kind of a revision for this home. Raises: Refused (CHOICES_CHANGED)."""
        choices = self._choices(kind)
        energy, home_no = outcome.slot_energy, self.home.party_no
        row = int(np.searchsorted(energy.home_no, home_no))
        is_surplus = kind is CertificateKind.SURPLUS
        own = outcome.allocated.of_home(home_no).of_kind(kind)
        is_listed = [
            choice_no == REST_CHOICE_NO or choices[choice_no - 1 : choice_no] == (holder_no,)
            for choice_no, holder_no in zip(own.choice_no.tolist(), own.holder_no.tolist(), strict=True)
        ]
        tables = {buyer_no: _table_of(outcome, kind, buyer_no) for buyer_no in choices}
        if not all(is_listed) or any(table is None for table in tables.values()):
            raise Refused(
                RefusalRule.CHOICES_CHANGED,
                f"the {kind.text} list of {self.home.party_id} on file is not the one that "
                f"{outcome.delivery_date} was matched with.",
                hint="A list or an offer was delivered for that day after its close. Let a list begin on a later day.",
            )
        energy_wh = np.zeros((SLOTS_PER_DAY, 1 + len(choices)), dtype=np.int64)
        amount_e5yen = np.zeros_like(energy_wh)
        energy_wh[own.slot_no - 1, own.choice_no] = own.energy_wh
        amount_e5yen[own.slot_no - 1, own.choice_no] = own.energy_wh * own.home_price_sen_per_kwh
        offered = energy.surplus_offered_wh if is_surplus else energy.self_offered_wh
        withheld = energy.surplus_withheld_wh if is_surplus else energy.self_withheld_wh
        found = {buyer_no: table for buyer_no, table in tables.items() if table is not None}
        laid = HomeKindDay(
            kind=kind,
            choices=choices,
            offered_wh=offered[row],
            withheld_wh=withheld[row],
            parts_wh=energy_wh[:, 1:],
            rest_wh=energy_wh[:, REST_CHOICE_NO],
            amount_e5yen=amount_e5yen,
            closing_t32={buyer_no: table[0] for buyer_no, table in found.items()},
            rounding_phi60={buyer_no: table[1] for buyer_no, table in found.items()},
        )
        assert (energy_wh.sum(axis=1) == laid.supply_wh).all(), "what was shared is not what was supplied"
        return laid

    def _choices(self, kind: CertificateKind) -> tuple[int, ...]:
        """List the home's buyers of a kind by party_no, best first."""
        positions = self.roster.choices[kind][self.home_index]
        return tuple(int(self.roster.buyer_no[position]) for position in positions if position >= 0)


def load_closed_home_day(stores: Stores, market_id: MarketId, home_id: str, delivery_date: date) -> ClosedHomeDay:
    """Load a home's closed day.

    Raises: UnknownRecord for a home that is not there, has no roof or had no meter on the day; Refused
    (DAY_NOT_CLOSED).
    """
    book = stores.market.book(market_id)
    home = _home(book, home_id)
    plant = _plant(book, home)
    days = stores.days.market_days(market_id, delivery_date, delivery_date)
    if not days:
        terms = book.terms
        raise Refused(
            RefusalRule.DAY_NOT_CLOSED,
            f"{delivery_date} of market {market_id} is not closed, so nothing was shared yet.",
            hint=f"Close it first: sanchi close-day {delivery_date}"
            if terms.first_delivery_date <= delivery_date <= terms.last_delivery_date
            else f"The market trades from {terms.first_delivery_date} to {terms.last_delivery_date}.",
        )
    revisions = _revisions(stores, market_id, delivery_date)
    seats = {*revisions[-1].slot_energy.home_no.tolist(), *revisions[-1].buyer_use.buyer_no.tolist()}
    if home.party_no not in seats:
        raise UnknownRecord(
            f"{home.party_id} has no figures on {delivery_date}: it had no meter in service when the day was closed.",
            hint="Ask for a day on which it took part.",
        )
    return ClosedHomeDay(
        book=book,
        home=home,
        plant=plant,
        day=days[0],
        roster=call_roster(book, delivery_date, seats),
        revisions=revisions,
    )


def _home(book: MarketBook, home_id: str) -> Party:
    """Find the home."""
    for party in book.parties:
        if party.party_id == home_id and party.role is PartyRole.HOME:
            return party
    raise UnknownRecord(
        f"There is no home {home_id!r} in market {book.terms.market_id}.",
        hint="Write its party_id as it was delivered, for example --home H01.",
    )


def _plant(book: MarketBook, home: Party) -> Plant:
    """Find its roof."""
    for plant in book.plants:
        if plant.home_id == home.party_id:
            return plant
    raise UnknownRecord(f"The roof of {home.party_id} is not described yet.", hint="Deliver a plants file that has it.")


def _revisions(stores: Stores, market_id: MarketId, delivery_date: date) -> tuple[DayOutcome, ...]:
    """Load the revision in force and those before it, back to the one that was matched as a whole."""
    revisions = [stores.days.outcome(market_id, delivery_date)]
    while revisions[0] is not None and revisions[0].is_home_only:
        revisions.insert(0, stores.days.outcome(market_id, delivery_date, revisions[0].revision - 1))
    assert None not in revisions, f"a revision of {delivery_date} is missing"
    return tuple(revision for revision in revisions if revision is not None)


def _table_of(
    outcome: DayOutcome, kind: CertificateKind, buyer_no: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]] | None:
    """Give a buyer's closing times and rounding numbers of the day; None when the table does not have it."""
    table = outcome.closing
    rows = np.flatnonzero((table.kind_no == kind) & (table.buyer_no == buyer_no))
    if rows.size != SLOTS_PER_DAY:
        return None
    rows = rows[np.argsort(table.slot_no[rows])]
    return table.closing_t32[rows], table.rounding_phi60[rows]
