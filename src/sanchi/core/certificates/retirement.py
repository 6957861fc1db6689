"""Retire what buyers hold for a month: one claim per beneficiary and purpose, every slice in full.

Enter: slices and the buyers. Leaves: a Retirement. Not here: which days are finalised.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sanchi.core.base.ids import StatementNo
from sanchi.core.base.months import Month
from sanchi.core.certificates.certificate import Slice
from sanchi.core.certificates.state import CertificateState, Operation, next_state
from sanchi.core.certificates.withdrawal import SliceChange

# What a buyer claims in public reports: that it used power from these roofs, or its value.
RENEWABLE_USE: Final = "renewable electricity use"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A use of retired watt-hours, by one beneficiary for one purpose in one month.

    site : where they were used, "" = at all of its places; used_from, used_until : the days of use, both included;
    statement_no : the origin statement that shows the claim.
    """

    claim_no: int
    beneficiary_no: int
    month: Month
    purpose: str
    energy_wh: int
    site: str = ""
    used_from: date | None = None
    used_until: date | None = None
    statement_no: StatementNo | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Retirement:
    """Claims in the order of beneficiaries, and the slices that they use up."""

    claims: tuple[Claim, ...]
    changes: tuple[SliceChange, ...]


def retire_month(
    *,
    slices: Sequence[Slice],
    buyer_nos: Collection[int],
    month: Month,
    first_claim_no: int,
    purpose: str = RENEWABLE_USE,
) -> Retirement:
    """Retire the active slices whose holder is a buyer; all others stay as they are.

    slices : of the days of the month that are finalised. Claims are numbered from first_claim_no.
    """
    held: dict[int, list[Slice]] = defaultdict(list)
    for piece in slices:
        if piece.state is CertificateState.ACTIVE and piece.holder_no in buyer_nos:
            held[piece.holder_no].append(piece)
    claims: list[Claim] = []
    changes: list[SliceChange] = []
    for claim_no, (beneficiary_no, pieces) in enumerate(sorted(held.items()), start=first_claim_no):
        retired = [piece.in_state(next_state(piece.state, Operation.RETIRE), claim_no) for piece in pieces]
        claims.append(
            Claim(
                claim_no=claim_no,
                beneficiary_no=beneficiary_no,
                month=month,
                purpose=purpose,
                energy_wh=sum(piece.energy_wh for piece in retired),
            )
        )
        changes.extend(SliceChange(before=old, after=(new,)) for old, new in zip(pieces, retired, strict=True))
    return Retirement(claims=tuple(claims), changes=tuple(changes))
