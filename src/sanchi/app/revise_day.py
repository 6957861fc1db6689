"""Revise a finalised day: only the corrected homes change; closing times, other homes and final slices stand.

Enters: the revision in force and the energy measured anew. Leaves: the new DayOutcome, saved and booked.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from sanchi.app.book_day import book_accruals, issue_certificates
from sanchi.app.day_budgets import read_budgets
from sanchi.app.day_energy import DayEnergy
from sanchi.app.day_matching import allocated_parts
from sanchi.app.day_passing import passed_on_wh, revised_passing
from sanchi.app.day_withholding import keep_withheld
from sanchi.app.days import DayOutcome, MarketDay, SlotValueTable
from sanchi.app.result_digest import result_digest
from sanchi.app.roster import Roster
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO, AllocatedEnergy
from sanchi.core.certificates.correction import Correction, Removal, correction_between
from sanchi.core.certificates.debts import Debt
from sanchi.core.certificates.operations import PLATFORM, OperationHead, OperationRecord, body_digest_of
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.withdrawal import SliceChange, withdraw_excess
from sanchi.core.matching.budget import first_gains_wh
from sanchi.core.matching.capacity import NO_CAP_WH
from sanchi.core.matching.revision import revise_home


@dataclass(frozen=True, slots=True, kw_only=True)
class RevisedDay:
    """The revision in force now, and what was done with the certificates of those before."""

    outcome: DayOutcome
    operations: tuple[OperationRecord, ...]


def revise_finalised_day(
    stores: Stores, market_id: MarketId, roster: Roster, energy: DayEnergy, day: MarketDay
) -> RevisedDay:
    """Correct a finalised day; gives the revision in force, with the findings of now, where no energy changed."""
    before = stores.days.outcome(market_id, day.delivery_date)
    assert before is not None, f"{day.delivery_date} is finalised without a revision"
    standing = keep_withheld(stores.certificates, market_id, roster, energy)
    allocated = _revised_allocation(
        roster,
        before,
        energy,
        standing.withheld_wh,
        stores.certificates.debts(market_id),
        read_budgets(stores, market_id, roster).budget_wh,
    )
    slot_energy = energy.slot_energy_with(standing.withheld_wh)
    passed_on = revised_passing(roster, before.passed_on, allocated)
    slot_values = _slot_values(roster, before, energy)
    digest = result_digest(slot_energy, before.buyer_use, allocated, before.closing, passed_on)
    if digest == day.result_digest:
        stores.days.mark_fresh(market_id, day.delivery_date, energy.row_counts, energy.problems, slot_values)
        same = replace(before, row_counts=energy.row_counts, problems=energy.problems, slot_values=slot_values)
        return RevisedDay(outcome=same, operations=())
    after = replace(
        before,
        revision=day.revision_in_force + 1,
        is_home_only=True,
        result_digest=digest,
        row_counts=energy.row_counts,
        slot_energy=slot_energy,
        allocated=allocated,
        problems=energy.problems,
        passed_on=passed_on,
        slot_values=slot_values,
    )
    stores.days.save_outcome(market_id, after)
    stores.certificates.add_settlements(market_id, day.delivery_date, after.revision, standing.settlements)
    correction = correction_between(before.allocated, allocated)
    operations = _take_back(stores, market_id, correction, after)
    issue_certificates(stores, market_id, roster, after, correction.increase)
    book_accruals(stores, market_id, roster, after)
    return RevisedDay(outcome=after, operations=operations)


def _slot_values(roster: Roster, before: DayOutcome, energy: DayEnergy) -> SlotValueTable:
    """Give where the homes' energy comes from now; what buyers used stands as it was."""
    homes = energy.slot_values.of_parties(roster.home_no)
    return SlotValueTable.joined([homes, before.slot_values.of_parties(roster.home_no, others=True)])


def _revised_allocation(
    roster: Roster,
    before: DayOutcome,
    energy: DayEnergy,
    withheld_wh: dict[CertificateKind, NDArray[np.int64]],
    debts: Sequence[Debt],
    budget_wh: Mapping[CertificateKind, NDArray[np.int64]],
) -> AllocatedEnergy:
    """Give the day's allocation with the corrected homes' parts revised, home after home."""
    intake_wh = {kind: _intake_wh(roster, before, kind, debts) for kind in CertificateKind}
    tables = []
    for kind in CertificateKind:
        open_capacity_wh = _open_capacity_wh(roster, before, kind, intake_wh)
        left_wh = np.maximum(budget_wh[kind] - intake_wh[kind].sum(axis=0), 0)
        parts = _Parts.of(roster, before, kind, open_capacity_wh, left_wh)
        supply_wh = energy.offered_wh(kind) - withheld_wh[kind]
        for row in np.flatnonzero((parts.supply_wh != supply_wh.T).any(axis=0)):
            parts.revise(int(row), supply_wh[row], roster.choices[kind][row])
        intake_wh[kind] = intake_wh[kind] + open_capacity_wh - parts.open_capacity_wh
        tables.append(allocated_parts(roster, kind, parts.parts_wh, parts.rest_wh))
    return AllocatedEnergy.joined(tables)


def _intake_wh(roster: Roster, before: DayOutcome, kind: CertificateKind, debts: Sequence[Debt]) -> NDArray[np.int64]:
    """Give what each buyer got of a kind, int64 (48, n_buyers) [Wh].

    Watt-hours that became debt stay with their buyer, so they go on filling its capacity.
    """
    rows = before.allocated.of_kind(kind)
    bought = rows.take(rows.choice_no != REST_CHOICE_NO)
    intake_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    np.add.at(
        intake_wh,
        (bought.slot_no - 1, np.searchsorted(roster.buyer_no, bought.holder_no)),
        bought.energy_wh,
    )
    buyer_index = {buyer.party_no: index for index, buyer in enumerate(roster.buyers)}
    for debt in debts:
        if debt.kind is kind and debt.delivery_date == before.delivery_date:
            intake_wh[debt.slot_no - 1, buyer_index[debt.holder_no]] += debt.debt_wh
    return intake_wh


def _open_capacity_wh(
    roster: Roster, before: DayOutcome, kind: CertificateKind, intake_wh: Mapping[CertificateKind, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Give what each buyer can still take of a kind, int64 (48, n_buyers) [Wh].

    The published capacities are laid out by buyer: one that joined since then has none on this day. They leave
    out what another kind may gain now, so a buyer that follows its use takes no more than this of both together.
    """
    closing, use = before.closing, before.buyer_use
    of_kind = closing.kind_no == kind
    open_wh = -intake_wh[kind]
    buyer_index = np.searchsorted(roster.buyer_no, closing.buyer_no[of_kind])
    open_wh[closing.slot_no[of_kind] - 1, buyer_index] += closing.capacity_wh[of_kind]
    unused_wh = np.zeros_like(open_wh)
    unused_wh[:, np.searchsorted(roster.buyer_no, use.buyer_no)] = use.use_wh.T
    unused_wh -= intake_wh[CertificateKind.SURPLUS]
    if kind is CertificateKind.SELF_CONSUMPTION:
        unused_wh -= intake_wh[kind]
    else:
        other = CertificateKind.SELF_CONSUMPTION
        unused_wh -= np.where(roster.follows_use(other), intake_wh[other], 0)
    open_in_use_wh = np.minimum(open_wh, np.maximum(unused_wh, 0))
    still_open_wh: NDArray[np.int64] = np.where(roster.follows_use(kind), open_in_use_wh, open_wh)
    return np.minimum(still_open_wh, _open_to_tenants_wh(roster, before, intake_wh))


def _open_to_tenants_wh(
    roster: Roster, before: DayOutcome, intake_wh: Mapping[CertificateKind, NDArray[np.int64]]
) -> NDArray[np.int64]:
    """Give what a tenant that got anything from an owner may still buy itself, int64 (48, n_buyers) [Wh].

    What was passed on to it stays, so what it gains of its own must fit into the rest of its use.
    """
    use_wh = np.zeros((SLOTS_PER_DAY, len(roster.buyers)), dtype=np.int64)
    use_wh[:, np.searchsorted(roster.buyer_no, before.buyer_use.buyer_no)] = before.buyer_use.use_wh.T
    passed_wh = passed_on_wh(roster, before.passed_on)
    left_wh = np.maximum(use_wh - passed_wh - sum(intake_wh.values()), 0)
    open_wh: NDArray[np.int64] = np.where(passed_wh > 0, left_wh, NO_CAP_WH)
    return open_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parts:
    """One kind of a day as arrays, revised in place: parts (48, n_homes, k), rest (48, n_homes), open capacity.

    left_wh : what each buyer's budgets of day and month still allow over all slots.
    """

    parts_wh: NDArray[np.int64]
    rest_wh: NDArray[np.int64]
    open_capacity_wh: NDArray[np.int64]  # (48, n_buyers)
    left_wh: NDArray[np.int64]  # (n_buyers,)

    @classmethod
    def of(
        cls,
        roster: Roster,
        before: DayOutcome,
        kind: CertificateKind,
        open_capacity_wh: NDArray[np.int64],
        left_wh: NDArray[np.int64],
    ) -> "_Parts":
        """Lay out what was allocated; open_capacity_wh and left_wh are copied."""
        rows = before.allocated.of_kind(kind)
        choices = roster.choices[kind]
        laid_wh = np.zeros((SLOTS_PER_DAY, len(roster.homes), choices.shape[1] + 1), dtype=np.int64)
        home_index = np.searchsorted(roster.home_no, rows.home_no)
        laid_wh[rows.slot_no - 1, home_index, rows.choice_no] = rows.energy_wh
        return cls(
            parts_wh=laid_wh[:, :, 1:].copy(),
            rest_wh=laid_wh[:, :, REST_CHOICE_NO].copy(),
            open_capacity_wh=open_capacity_wh.copy(),
            left_wh=left_wh.copy(),
        )

    @property
    def supply_wh(self) -> NDArray[np.int64]:
        """Give what the homes had to share, int64 (48, n_homes) [Wh]."""
        supply_wh: NDArray[np.int64] = self.parts_wh.sum(axis=2) + self.rest_wh
        return supply_wh

    def revise(self, row: int, new_supply_wh: NDArray[np.int64], choices: NDArray[np.int32]) -> None:
        """Revise one home; what it gains is no longer open for the next one."""
        old_wh = self.parts_wh[:, row].copy()
        old_supply_wh, open_wh = self.supply_wh[:, row], self.open_capacity_wh.copy()
        new_wh = revise_home(old_wh, old_supply_wh, new_supply_wh, choices, open_wh)
        for choice_index in np.flatnonzero(choices >= 0):
            buyer = choices[choice_index]
            gained_wh = np.maximum(new_wh - old_wh, 0)[:, choice_index]
            if gained_wh.sum() > self.left_wh[buyer]:
                # What the budget does not allow goes on to the next choices, so those are asked anew.
                open_wh[:, buyer] = gained_wh = first_gains_wh(gained_wh, int(self.left_wh[buyer]))
                new_wh = revise_home(old_wh, old_supply_wh, new_supply_wh, choices, open_wh)
            self.open_capacity_wh[:, buyer] -= gained_wh
            self.left_wh[buyer] -= gained_wh.sum()
        self.parts_wh[:, row] = new_wh
        self.rest_wh[:, row] = new_supply_wh - new_wh.sum(axis=1)


def _take_back(
    stores: Stores, market_id: MarketId, correction: Correction, after: DayOutcome
) -> tuple[OperationRecord, ...]:
    """Withdraw what corrected homes lost; what is final becomes debt."""
    if not correction.removals:
        return ()
    certificates = stores.certificates.certificates_of_day(market_id, after.delivery_date)
    slices = stores.certificates.slices_of_day(market_id, after.delivery_date)
    segments = stores.certificates.segments_of_day(market_id, after.delivery_date)
    changes: list[SliceChange] = []
    debts: list[Debt] = []
    first_debt_no = stores.certificates.next_debt_no(market_id)
    for home_no, kind in sorted({(each.home_no, each.kind) for each in correction.removals}):
        own = [each for each in certificates if each.home_no == home_no and each.kind is kind]
        names = {each.certificate_id for each in own}
        withdrawal = withdraw_excess(
            certificates=own,
            slices=[each for each in slices if each.certificate_id in names],
            segments=segments,
            removals=_of(correction, home_no, kind),
            revision=after.revision,
            first_debt_no=first_debt_no + len(debts),
        )
        changes.extend(withdrawal.changes)
        debts.extend(withdrawal.debts)
    subject = {"delivery_date": after.delivery_date, "revision": after.revision}
    head = OperationHead(
        operation_id=f"revise-day/{after.delivery_date}/{after.revision}",
        operation=Operation.WITHDRAW,
        actor=PLATFORM,
        reason=f"revision {after.revision} corrects a finalised day",
        body_digest=body_digest_of({**subject, "result_digest": after.result_digest}),
    )
    record = stores.certificates.apply_changes(market_id, head, changes)
    stores.certificates.add_debts(market_id, debts)
    return (record,)


def _of(correction: Correction, home_no: int, kind: CertificateKind) -> list[Removal]:
    """Take the removals of one home and kind."""
    return [each for each in correction.removals if each.home_no == home_no and each.kind is kind]
