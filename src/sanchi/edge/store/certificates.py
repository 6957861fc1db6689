"""Keeps certificates, their slices, claims and debts in the database, segments in the lake.

Enter and leave: records of core.certificates. Not here: which change is allowed (core, and the database's triggers).
"""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Final

from django.db import IntegrityError

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.debts import Debt, DebtSettlement
from sanchi.core.certificates.operations import OperationHead, OperationRecord
from sanchi.core.certificates.retirement import Claim
from sanchi.core.certificates.state import CertificateState, Operation, is_possible
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.edge.store import certificate_rows
from sanchi.edge.store.lake import Lake
from sanchi.edge.store.lake_index import LakeEntry, add_entries, paths_of_day
from sanchi.edge.store.lake_schemas import SEGMENTS
from sanchi.edge.store.operations import find_operation, record_changes, record_state_change
from sanchi.edge.store.sql import (
    Row,
    execute,
    execute_given,
    fetch,
    fetch_number,
    in_batches,
    insert,
    placeholders,
)

_SLICES_OF_DAYS: Final = (
    f"SELECT {', '.join(f'slice.{column}' for column in certificate_rows.SLICE)} "
    "FROM certificate JOIN slice ON slice.certificate_id = certificate.certificate_id "
    "WHERE certificate.market = %s AND certificate.delivery_date IN ({dates}) AND slice.state_no {states} "
    "ORDER BY certificate.delivery_date, certificate.revision, slice.certificate_id, slice.lo_wh"
)
# What a day withheld counts while the revision that did so is in force.
_SETTLED_IN_FORCE: Final = (
    "debt_settlement JOIN market_day ON market_day.market = debt_settlement.market "
    "AND market_day.delivery_date = debt_settlement.delivery_date "
    "AND market_day.revision_in_force = debt_settlement.revision"
)
_CHANGED: Final = (
    "certificate_id", "lo_wh", "old_hi_wh", "old_state_no", "hi_wh", "holder_no", "state_no", "claim_no",
    "reservation_no", "export_lot_no", "storage_no",
)  # fmt: skip
_WITHDRAWABLE: Final = tuple(int(state) for state in CertificateState if is_possible(state, Operation.WITHDRAW))


class LakeCertificateStore:
    """Fulfils app.ports.CertificateStore."""

    def __init__(self, lake: Lake) -> None:
        """Keep the lake that segments go to."""
        self._lake = lake

    def add_issue(
        self,
        market_id: MarketId,
        delivery_date: date,
        revision: int,
        certificates: Sequence[Certificate],
        slices: Sequence[Slice],
        segments: SegmentRows,
    ) -> None:
        """Insert newly issued certificates with their slices and the day's segments file. Raises: Refused."""
        rows = [certificate_rows.certificate_row(market_id, each) for each in certificates]
        try:
            insert("certificate", certificate_rows.CERTIFICATE, rows)
        except IntegrityError as error:
            raise _refused_issue(delivery_date, revision, error) from error
        insert("slice", certificate_rows.SLICE, [certificate_rows.slice_row(market_id, each) for each in slices])
        info = self._lake.write(SEGMENTS, certificate_rows.segments_table(segments))
        entry = LakeEntry(table_name=SEGMENTS, info=info, delivery_date=delivery_date, revision=revision)
        add_entries(market_id, [entry])

    def slices_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Slice, ...]:
        """Load the slices of a day that are not withdrawn."""
        return _slices(market_id, [delivery_date], f"<> {int(CertificateState.WITHDRAWN)}")

    def active_slices(self, market_id: MarketId, dates: Collection[date]) -> tuple[Slice, ...]:
        """Load the active slices of the days."""
        return _slices(market_id, dates, f"= {int(CertificateState.ACTIVE)}")

    def certificates_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[Certificate, ...]:
        """Load all certificates of a day, every revision."""
        rows = fetch(
            f"SELECT {', '.join(certificate_rows.CERTIFICATE)} FROM certificate "
            "WHERE market = %s AND delivery_date = %s ORDER BY revision, home_no, kind_no",
            [market_id, delivery_date],
        )
        return tuple(map(certificate_rows.certificate, rows))

    def segments_of_day(self, market_id: MarketId, delivery_date: date) -> SegmentRows:
        """Load the segments of all certificates of a day, every revision, oldest first."""
        paths = paths_of_day(market_id, SEGMENTS, delivery_date)
        return SegmentRows.joined([certificate_rows.segments(self._lake.read(path)) for path in paths])

    def done(self, market_id: MarketId, head: OperationHead) -> OperationRecord | None:
        """Give what was done under an id before. Raises: Refused (IDEMPOTENCY_CONFLICT)."""
        return find_operation(market_id, head)

    def apply_changes(
        self, market_id: MarketId, head: OperationHead, changes: Sequence[SliceChange]
    ) -> OperationRecord:
        """Replace slices by the slices that tile the same range, and write down who did what and why.

        Each must stand as it did when it was loaded. What was done under the id before is not done again.
        Raises: Refused (IDEMPOTENCY_CONFLICT).
        """
        if (before := find_operation(market_id, head)) is not None:
            return before
        n_changed = execute_given(
            "UPDATE slice SET hi_wh = given.hi_wh, holder_no = given.holder_no, state_no = given.state_no, "
            "claim_no = CAST(given.claim_no AS bigint), reservation_no = CAST(given.reservation_no AS bigint), "
            "export_lot_no = CAST(given.export_lot_no AS bigint), storage_no = CAST(given.storage_no AS bigint) "
            "FROM {given} WHERE slice.certificate_id = given.certificate_id "
            "AND slice.lo_wh = given.lo_wh AND slice.hi_wh = given.old_hi_wh AND slice.state_no = given.old_state_no",
            _CHANGED,
            [_change_row(each) for each in changes],
        )
        assert n_changed == len(changes), (
            f"{len(changes) - n_changed} slices of {market_id} are not as they were loaded"
        )
        cut_off = [piece for each in changes for piece in each.after[1:]]
        insert("slice", certificate_rows.SLICE, [certificate_rows.slice_row(market_id, piece) for piece in cut_off])
        return record_changes(market_id, head, changes)

    def withdraw_active(self, market_id: MarketId, head: OperationHead, delivery_date: date) -> OperationRecord:
        """Withdraw every active or reserved slice of a day that is not finalised, and write it down.

        What was done under the id before is not done again. Raises: Refused (IDEMPOTENCY_CONFLICT).
        """
        if (before := find_operation(market_id, head)) is not None:
            return before
        chosen = (
            "certificate_id IN (SELECT certificate_id FROM certificate WHERE market = %s AND delivery_date = %s) "
            f"AND state_no IN ({placeholders(len(_WITHDRAWABLE))})"
        )
        parameters = [market_id, delivery_date, *_WITHDRAWABLE]
        withdrawn_no = int(CertificateState.WITHDRAWN)
        record = record_state_change(market_id, head, withdrawn_no, chosen, parameters)
        execute(f"UPDATE slice SET state_no = {withdrawn_no}, reservation_no = NULL WHERE {chosen}", parameters)
        return record

    def add_claims(self, market_id: MarketId, claims: Sequence[Claim]) -> None:
        """Insert claims (before the slices that point to them). Raises: Refused (DUPLICATE_ISSUE)."""
        try:
            insert("claim", certificate_rows.CLAIM, [certificate_rows.claim_row(market_id, each) for each in claims])
        except IntegrityError as error:
            raise _refused_claim(claims, error) from error

    def next_claim_no(self, market_id: MarketId) -> int:
        """Give the number of the next claim."""
        return 1 + fetch_number("SELECT max(claim_no) FROM claim WHERE market = %s", [market_id])

    def debts(self, market_id: MarketId) -> tuple[Debt, ...]:
        """Load all debts of the market, oldest first."""
        rows = fetch(
            f"SELECT {', '.join(certificate_rows.DEBT)} FROM debt WHERE market = %s ORDER BY debt_no", [market_id]
        )
        return tuple(map(certificate_rows.debt, rows))

    def open_debts(self, market_id: MarketId, kind: CertificateKind, before_date: date) -> tuple[Debt, ...]:
        """Load debts of earlier delivery dates with what is still open (settlements in force of other days deducted).

        Settlements of `before_date` itself are not deducted: that day is being closed anew.
        """
        columns = ", ".join("open_wh AS debt_wh" if column == "debt_wh" else column for column in certificate_rows.DEBT)
        rows = fetch(
            f"WITH settled AS (SELECT debt_no, sum(settled_wh) AS settled_wh FROM {_SETTLED_IN_FORCE} "
            "WHERE debt_settlement.market = %s AND debt_settlement.delivery_date <> %s GROUP BY debt_no), "
            "opened AS (SELECT debt.*, debt_wh - CAST(coalesce(settled_wh, 0) AS bigint) AS open_wh "
            "FROM debt LEFT JOIN settled ON settled.debt_no = debt.debt_no "
            "WHERE market = %s AND kind_no = %s AND delivery_date < %s) "
            f"SELECT {columns} FROM opened WHERE open_wh > 0 ORDER BY debt_no",
            [market_id, before_date, market_id, int(kind), before_date],
        )
        return tuple(map(certificate_rows.debt, rows))

    def add_debts(self, market_id: MarketId, debts: Sequence[Debt]) -> None:
        """Insert debts."""
        insert("debt", certificate_rows.DEBT, [certificate_rows.debt_row(market_id, each) for each in debts])

    def next_debt_no(self, market_id: MarketId) -> int:
        """Give the number of the next debt."""
        return 1 + fetch_number("SELECT max(debt_no) FROM debt WHERE market = %s", [market_id])

    def settlements_of_day(self, market_id: MarketId, delivery_date: date) -> tuple[DebtSettlement, ...]:
        """Load what the revision in force of a day withheld, in the order in which it was withheld."""
        rows = fetch(
            f"SELECT debt_no, slot_no, settled_wh FROM {_SETTLED_IN_FORCE} "
            "WHERE debt_settlement.market = %s AND debt_settlement.delivery_date = %s ORDER BY debt_no, slot_no",
            [market_id, delivery_date],
        )
        return tuple(map(certificate_rows.settlement, rows))

    def add_settlements(
        self, market_id: MarketId, delivery_date: date, revision: int, settlements: Sequence[DebtSettlement]
    ) -> None:
        """Insert the withholdings of a day's revision; they count while that revision is in force."""
        rows = [
            (market_id, delivery_date, revision, each.debt_no, each.slot_no, each.settled_wh) for each in settlements
        ]
        insert("debt_settlement", certificate_rows.SETTLEMENT, rows)


def _slices(market_id: MarketId, dates: Collection[date], states: str) -> tuple[Slice, ...]:
    """Load the slices of days in some states, oldest certificate first."""
    rows = [
        row
        for batch in in_batches(sorted(dates))
        for row in fetch(_SLICES_OF_DAYS.format(dates=placeholders(len(batch)), states=states), [market_id, *batch])
    ]
    return tuple(map(certificate_rows.slice_of, rows))


def _change_row(change: SliceChange) -> Row:
    """Lay out how a slice stands and how its first successor, which begins where it began, will stand."""
    before, first = change.before, change.after[0]
    return (
        before.certificate_id,
        before.lo_wh,
        before.hi_wh,
        int(before.state),
        first.hi_wh,
        first.holder_no,
        int(first.state),
        first.claim_no,
        first.reservation_no,
        first.export_lot_no,
        first.storage_no,
    )


def _refused_claim(claims: Sequence[Claim], error: IntegrityError) -> Exception:
    """Word why the database took no claim; what no rule explains stays as it is."""
    if "statement" not in str(error).lower():
        return error
    shown = ", ".join(sorted({str(each.statement_no) for each in claims}))
    return Refused(
        RefusalRule.DUPLICATE_ISSUE,
        f"the statement {shown} shows a claim of the same site and purpose already.",
        hint="Give each claim a statement number of its own.",
    )


def _refused_issue(delivery_date: date, revision: int, error: IntegrityError) -> Exception:
    """Word why the database took no certificate; what no rule explains stays as it is."""
    what = f"revision {revision} of {delivery_date}: {error}"
    if "certificate_after_commissioning" in str(error):
        return Refused(RefusalRule.BEFORE_COMMISSIONING, what, hint="Compare the plant's commissioning_date.")
    if "certificate_surplus_after_fit" in str(error):
        return Refused(RefusalRule.BEFORE_FIT_END, what, hint="Until then the value of surplus is not the home's.")
    if "unique" in str(error).lower():
        return Refused(RefusalRule.DUPLICATE_ISSUE, what, hint="A changed day is issued under a new revision.")
    return error
