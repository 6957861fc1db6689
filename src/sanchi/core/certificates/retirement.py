"""Retire what buyers hold for a month: one claim per beneficiary and purpose, every slice in full.

Enter: slices and the buyers. Leaves: a Retirement. Not here: which days are finalised.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Final

from sanchi.core.base.ids import CertificateId, MarketId, StatementNo
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


def origin_statement_no(market_id: MarketId, month: Month, statement_index: int) -> StatementNo:
    """Name the origin statement of one beneficiary of a month, numbered from 1.

    >>> origin_statement_no(MarketId("tokyo"), Month(year=2020, month_no=12), 3)
    'tokyo/2020-12/origin/000003'
    """
    return StatementNo(f"{market_id}/{month}/origin/{statement_index:06d}")


def retire_month(
    *,
    slices: Sequence[Slice],
    buyer_nos: Collection[int],
    month: Month,
    first_claim_no: int,
    purpose: str = RENEWABLE_USE,
    market_id: MarketId | None = None,
    dates: Collection[date] = (),
    date_of: Mapping[CertificateId, date] = MappingProxyType({}),
) -> Retirement:
    """Retire the active slices whose holder is a buyer; all others stay as they are.

    slices : of the days of the month that are finalised. Claims are numbered from first_claim_no.
    market_id : names the origin statements, one a beneficiary, by month and number; None = shown on none.
    dates : the days finalised now; date_of : the delivery date of each certificate. The use period of a claim runs
    over these days and over those of its slices, which a correction can have brought to a day that was final before.
    """
    held: dict[int, list[Slice]] = defaultdict(list)
    for piece in slices:
        if piece.state is CertificateState.ACTIVE and piece.holder_no in buyer_nos:
            held[piece.holder_no].append(piece)
    claims: list[Claim] = []
    changes: list[SliceChange] = []
    for number, (beneficiary_no, pieces) in enumerate(sorted(held.items()), start=1):
        claim_no = first_claim_no + number - 1
        used = {*dates, *(date_of[piece.certificate_id] for piece in pieces if piece.certificate_id in date_of)}
        retired = [piece.in_state(next_state(piece.state, Operation.RETIRE), claim_no) for piece in pieces]
        claims.append(
            Claim(
                claim_no=claim_no,
                beneficiary_no=beneficiary_no,
                month=month,
                purpose=purpose,
                energy_wh=sum(piece.energy_wh for piece in retired),
                used_from=min(used, default=None),
                used_until=max(used, default=None),
                statement_no=None if market_id is None else origin_statement_no(market_id, month, number),
            )
        )
        changes.extend(SliceChange(before=old, after=(new,)) for old, new in zip(pieces, retired, strict=True))
    return Retirement(claims=tuple(claims), changes=tuple(changes))
