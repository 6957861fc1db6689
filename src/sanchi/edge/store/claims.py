"""Reads claims and what they used up, as they are kept.

Enters: a market. Leaves: Claims and their slices. Not here: making claims (certificates).
"""

from sanchi.app.log_port import ClaimedSlice
from sanchi.core.base.ids import MarketId, StatementNo
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.certificates.retirement import Claim
from sanchi.edge.store.sql import Row, fetch


class DjangoClaimReader:
    """Fulfils app.log_port.ClaimReader."""

    def claims(self, market_id: MarketId) -> tuple[Claim, ...]:
        """List the claims by number."""
        rows = fetch(
            "SELECT claim_no, beneficiary_no, month, purpose, energy_wh, site, used_from, used_until, statement_no "
            "FROM claim WHERE market = %s ORDER BY claim_no",
            [market_id],
        )
        return tuple(map(_claim, rows))

    def slices_of_claim(self, market_id: MarketId, claim_no: int) -> tuple[ClaimedSlice, ...]:
        """Load what a claim used up, by certificate and first serial."""
        rows = fetch(
            "SELECT slice.certificate_id, lo_wh, hi_wh, delivery_date, revision, kind_no FROM slice "
            "JOIN certificate ON certificate.certificate_id = slice.certificate_id "
            "WHERE slice.market = %s AND slice.claim_no = %s",
            [market_id, claim_no],
        )
        # Sorted here: databases order text by rules of their own.
        return tuple(
            ClaimedSlice(
                certificate_id=certificate_id,
                lo_wh=lo_wh,
                hi_wh=hi_wh,
                delivery_date=delivery_date,
                revision=revision,
                kind=CertificateKind(kind_no),
            )
            for certificate_id, lo_wh, hi_wh, delivery_date, revision, kind_no in sorted(rows)
        )


def _claim(row: Row) -> Claim:
    """Read a row of the table."""
    claim_no, beneficiary_no, month, purpose, energy_wh, site, used_from, used_until, statement_no = row
    return Claim(
        claim_no=claim_no,
        beneficiary_no=beneficiary_no,
        month=Month.of(month),
        purpose=purpose,
        energy_wh=energy_wh,
        site=site,
        used_from=used_from,
        used_until=used_until,
        statement_no=None if statement_no is None else StatementNo(statement_no),
    )
