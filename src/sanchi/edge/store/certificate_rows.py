"""Certificates, slices, claims and debts as rows of the database, and back.

Enter and leave: rows in the order of the tuples below, and records of core.certificates. Nothing is stored here.
"""

from typing import Final

import numpy as np
import pyarrow as pa

from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.debts import Debt, DebtSettlement
from sanchi.core.certificates.retirement import Claim
from sanchi.core.certificates.state import CertificateState
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, SEGMENTS
from sanchi.edge.store.sql import Row

CERTIFICATE: Final = (
    "market", "certificate_id", "home_no", "device_id", "delivery_date", "kind_no", "revision", "quantity_wh",
    "zero_wh", "recovered_wh", "measurement_grade", "ct_class_permille", "commissioning_date", "fit_end",
    "segments_digest", "storage_no",
)  # fmt: skip
SLICE: Final = (
    "market", "certificate_id", "lo_wh", "hi_wh", "quantity_wh", "holder_no", "state_no", "claim_no", "reservation_no",
    "export_lot_no", "storage_no",
)  # fmt: skip
CLAIM: Final = (
    "market", "claim_no", "beneficiary_no", "month", "purpose", "energy_wh", "site", "used_from", "used_until",
    "statement_no",
)  # fmt: skip
DEBT: Final = (
    "market", "debt_no", "home_no", "kind_no", "delivery_date", "slot_no", "holder_no", "debt_wh",
    "home_price_sen_per_kwh", "buyer_price_sen_per_kwh", "revision",
)  # fmt: skip
_STATES: Final = {int(state): state for state in CertificateState}
SETTLEMENT: Final = ("market", "delivery_date", "revision", "debt_no", "slot_no", "settled_wh")


def certificate_row(market_id: MarketId, each: Certificate) -> Row:
    """Lay a certificate out."""
    return (
        market_id,
        each.certificate_id,
        each.home_no,
        each.device_id,
        each.delivery_date,
        int(each.kind),
        each.revision,
        each.quantity_wh,
        0,
        each.recovered_wh,
        each.measurement_grade,
        each.ct_class_permille,
        each.commissioning_date,
        each.fit_end,
        each.segments_digest,
        each.storage_no,
    )


def certificate(row: Row) -> Certificate:
    """Read a certificate."""
    stored = dict(zip(CERTIFICATE, row, strict=True))
    del stored["market"], stored["zero_wh"]
    return Certificate(kind=CertificateKind(stored.pop("kind_no")), **stored)


def slice_row(market_id: MarketId, each: Slice) -> Row:
    """Lay a slice out."""
    return (
        market_id,
        each.certificate_id,
        each.lo_wh,
        each.hi_wh,
        each.quantity_wh,
        each.holder_no,
        int(each.state),
        each.claim_no,
        each.reservation_no,
        each.export_lot_no,
        each.storage_no,
    )


def slice_of(row: Row) -> Slice:
    """Read a slice; by its places, for slices are read by the hundred thousand."""
    _, certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no, *references = row
    claim_no, reservation_no, export_lot_no, storage_no = references
    return Slice(
        certificate_id=certificate_id,
        lo_wh=lo_wh,
        hi_wh=hi_wh,
        quantity_wh=quantity_wh,
        holder_no=holder_no,
        state=_STATES[state_no],
        claim_no=claim_no,
        reservation_no=reservation_no,
        export_lot_no=export_lot_no,
        storage_no=storage_no,
    )


def claim_row(market_id: MarketId, each: Claim) -> Row:
    """Lay a claim out."""
    return (
        market_id,
        each.claim_no,
        each.beneficiary_no,
        each.month.first_date,
        each.purpose,
        each.energy_wh,
        each.site,
        each.used_from,
        each.used_until,
        each.statement_no,
    )


def debt_row(market_id: MarketId, each: Debt) -> Row:
    """Lay a debt out."""
    return (
        market_id,
        each.debt_no,
        each.home_no,
        int(each.kind),
        each.delivery_date,
        each.slot_no,
        each.holder_no,
        each.debt_wh,
        each.home_price_sen_per_kwh,
        each.buyer_price_sen_per_kwh,
        each.revision,
    )


def debt(row: Row) -> Debt:
    """Read a debt."""
    stored = dict(zip(DEBT, row, strict=True))
    del stored["market"]
    return Debt(kind=CertificateKind(stored.pop("kind_no")), **stored)


def settlement(row: Row) -> DebtSettlement:
    """Read a settlement from debt_no, slot_no, settled_wh."""
    debt_no, slot_no, settled_wh = row
    return DebtSettlement(debt_no=debt_no, slot_no=slot_no, settled_wh=settled_wh)


def segments_table(segments: SegmentRows) -> pa.Table:
    """Lay segments out for the lake, in their own order."""
    schema = LAKE_SCHEMAS[SEGMENTS]
    return pa.table({name: getattr(segments, name) for name in schema.names}, schema=schema)


def segments(table: pa.Table) -> SegmentRows:
    """Read segments."""
    ids = np.array(table.column("certificate_id").to_pylist(), dtype=np.object_)
    numbers = {name: table.column(name).to_numpy() for name in table.column_names if name != "certificate_id"}
    return SegmentRows(certificate_id=ids, **numbers)
