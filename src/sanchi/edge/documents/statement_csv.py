"""The serials of an origin statement as CSV: one row a half hour, roof, certificate and claim.

Enters: an OriginStatement. Leaves: bytes, the same each time. Columns: docs/reference/statement.md.
"""

import csv
import io
from typing import Final

from sanchi.app.origin_statement import OriginStatement
from sanchi.core.base.slots import SlotId

COLUMNS: Final = (
    "statement_no", "claim_no", "buyer_id", "delivery_date", "slot_no", "slot_start", "kind", "home_id", "district",
    "certificate_id", "lo_wh", "hi_wh", "energy_wh", "is_shape_estimated",
)  # fmt: skip


def statement_csv(statement: OriginStatement) -> bytes:
    """Write the serials in UTF-8 with a header and line feeds; the energies add up to the statement."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(COLUMNS)
    for line in statement.serials:
        slot = SlotId(delivery_date=line.delivery_date, slot_no=line.slot_no)
        rows.writerow(
            (
                statement.statement_no,
                line.claim_no,
                statement.buyer.party_id,
                line.delivery_date,
                line.slot_no,
                slot.slot_start.isoformat(),
                line.kind.text,
                line.home.party_id,
                line.home.district,
                line.certificate_id,
                line.lo_wh,
                line.hi_wh,
                line.energy_wh,
                int(line.is_estimated),
            )
        )
    return text.getvalue().encode()
