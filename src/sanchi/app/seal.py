"""Seal what a close did: one checkpoint of the log, in the transaction of the close.

Enter: stores, what was just saved. Leaves: a SealedCheckpoint. A close that changed nothing is not sealed.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from functools import partial

from sanchi.app.days import DayOutcome
from sanchi.app.log_entries import (
    PartyIds,
    SealedOperation,
    certificate_entries,
    claim_entry,
    day_entry,
    day_subject,
    month_entry,
    month_subject,
    operation_entry,
    statement_entry,
)
from sanchi.app.log_records import SealedCheckpoint
from sanchi.app.market import MarketBook
from sanchi.app.roster import Roster
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.issue import Issue
from sanchi.core.certificates.retirement import Retirement
from sanchi.core.settlement.statement import Statement


def seal_day(
    stores: Stores,
    market_id: MarketId,
    roster: Roster,
    outcome: DayOutcome,
    issue: Issue,
    operations: Sequence[SealedOperation] = (),
) -> SealedCheckpoint:
    """Seal a day's revision: what it did with older slices, then its certificates, then the day."""
    party_ids = {party_no: party_id for party_id, party_no in roster.party_nos.items()}
    entries = [
        *map(operation_entry, operations),
        *certificate_entries(issue, party_ids, partial(stores.log.part_salt, market_id)),
        day_entry(outcome, issue, party_ids),
    ]
    return stores.log.append(market_id, day_subject(outcome.delivery_date, outcome.revision), entries)


def seal_month(
    stores: Stores,
    book: MarketBook,
    month: Month,
    *,
    closed_on: date,
    final_dates: Sequence[date],
    retirement: Retirement,
    statements: Sequence[Statement],
    operations: Sequence[SealedOperation] = (),
) -> SealedCheckpoint:
    """Seal a closed month: what it did with slices, its claims with what they used up, its statements, the month."""
    party_ids: PartyIds = {party.party_no: party.party_id for party in book.parties}
    used_up = slices_by_claim(retirement)
    entries = [
        *map(operation_entry, operations),
        *(claim_entry(claim, used_up[claim.claim_no], party_ids) for claim in retirement.claims),
        *(statement_entry(statement, party_ids) for statement in statements),
        month_entry(
            month,
            closed_on=closed_on,
            final_dates=final_dates,
            n_claims=len(retirement.claims),
            n_statements=len(statements),
        ),
    ]
    return stores.log.append(book.terms.market_id, month_subject(month), entries)


def seal_operation(
    stores: Stores,
    book: MarketBook,
    operation: SealedOperation,
    *,
    retirement: Retirement | None = None,
    issues: Sequence[Issue] = (),
) -> SealedCheckpoint:
    """Seal something done with slices between closes, with the claims and certificates that it made."""
    market_id = book.terms.market_id
    party_ids: PartyIds = {party.party_no: party.party_id for party in book.parties}
    entries = [operation_entry(operation)]
    for issue in issues:
        entries += certificate_entries(issue, party_ids, partial(stores.log.part_salt, market_id))
    if retirement is not None:
        used_up = slices_by_claim(retirement)
        entries += [claim_entry(claim, used_up[claim.claim_no], party_ids) for claim in retirement.claims]
    return stores.log.append(market_id, f"operation/{operation.operation_id}", entries)


def slices_by_claim(retirement: Retirement) -> dict[int, list[Slice]]:
    """Group the retired slices by the claim that used them up."""
    used_up: dict[int, list[Slice]] = defaultdict(list)
    for change in retirement.changes:
        for piece in change.after:
            if piece.claim_no is not None:
                used_up[piece.claim_no].append(piece)
    return used_up
