"""Certificates of origin of a device's day, their slices by holder and state, and their segments by slot.

Enter: values. Leave: records checked at construction. Not here: how they come about (issue) and change.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.state import CertificateState


@dataclass(frozen=True, slots=True, kw_only=True)
class CertifiedPlant:
    """What a certificate says about the roof that it comes from.

    claimed_by : of the kinds whose value is somebody else's on the day, which outside claim says so.
    """

    home_no: int
    device_id: str
    commissioning_date: date
    fit_end: date
    measurement_grade: str
    ct_class_permille: int
    claimed_by: Mapping[CertificateKind, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """The origin of quantity_wh watt-hours: one device, delivery date, kind and revision. Never changed.

    Its watt-hours have the serials [0, quantity_wh). recovered_wh of them come from slots whose shape was
    estimated; segments_digest binds what slot and holder each serial was issued for. storage_no : 0 = from the
    roof, else the storage account that the watt-hours came out of.
    """

    certificate_id: CertificateId
    home_no: int
    device_id: str
    delivery_date: date
    kind: CertificateKind
    revision: int
    quantity_wh: int
    recovered_wh: int
    measurement_grade: str
    ct_class_permille: int
    commissioning_date: date
    fit_end: date
    segments_digest: str
    storage_no: int = 0

    def __post_init__(self) -> None:
        """Refuse an empty certificate, and more recovered watt-hours than it has."""
        assert self.quantity_wh > 0, f"{self.certificate_id}: {self.quantity_wh} Wh certify nothing"
        assert 0 <= self.recovered_wh <= self.quantity_wh, (
            f"{self.certificate_id}: {self.recovered_wh} of {self.quantity_wh} Wh cannot be recovered"
        )


def certificate_id_of(
    *,
    market_id: MarketId,
    device_id: str,
    delivery_date: date,
    kind: CertificateKind,
    revision: int,
    storage_no: int = 0,
) -> CertificateId:
    """Name a certificate after all that makes it unique; storage_no : as of the certificate.

    >>> certificate_id_of(market_id=MarketId("tokyo"), device_id="PV-7", delivery_date=date(2020, 11, 20),
    ...                   kind=CertificateKind.SURPLUS, revision=1)
    'tokyo/PV-7/2020-11-20/surplus/1'
    >>> certificate_id_of(market_id=MarketId("tokyo"), device_id="PV-7", delivery_date=date(2020, 11, 20),
    ...                   kind=CertificateKind.SELF_CONSUMPTION, revision=1, storage_no=3)
    'tokyo/PV-7/2020-11-20/self_consumption/1/stored-3'
    """
    stored = f"/stored-{storage_no}" if storage_no else ""
    return CertificateId(f"{market_id}/{device_id}/{delivery_date}/{kind.text}/{revision}{stored}")


# Which number a state refers to; all other states refer to nothing.
_REFERENCES: Final = {
    CertificateState.RETIRED: "claim_no",
    CertificateState.RESERVED: "reservation_no",
    CertificateState.IN_EXPORT_LOT: "export_lot_no",
    CertificateState.CHARGED: "storage_no",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Slice:
    """The serials [lo_wh, hi_wh) of a certificate of quantity_wh, in one hand and one state.

    claim_no : the claim that used it up; set for retired slices and for no others. So are reservation_no for
    reserved slices, export_lot_no for those in an export lot, storage_no for charged ones.
    """

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int
    quantity_wh: int
    holder_no: int
    state: CertificateState
    claim_no: int | None
    reservation_no: int | None = None
    export_lot_no: int | None = None
    storage_no: int | None = None

    def __post_init__(self) -> None:
        """Refuse serials that the certificate does not have, and a reference that the state does not have."""
        assert 0 <= self.lo_wh < self.hi_wh <= self.quantity_wh, (
            f"{self.certificate_id}: [{self.lo_wh}, {self.hi_wh}) does not lie in [0, {self.quantity_wh})"
        )
        state = self.state
        if (
            (self.claim_no is None) is (state is CertificateState.RETIRED)
            or (self.reservation_no is None) is (state is CertificateState.RESERVED)
            or (self.export_lot_no is None) is (state is CertificateState.IN_EXPORT_LOT)
            or (self.storage_no is None) is (state is CertificateState.CHARGED)
        ):
            raise AssertionError(self._wrong_reference())

    def _wrong_reference(self) -> str:
        """Say which reference the state does not have, or lacks."""
        wrong = [
            f"the {column} {getattr(self, column)}"
            for state, column in _REFERENCES.items()
            if (self.state is state) is (getattr(self, column) is None)
        ]
        return f"{self.certificate_id}: a {self.state.text} slice has {', '.join(wrong)}"

    @property
    def reference_no(self) -> int | None:
        """Give the claim, reservation, export lot or storage account that the state refers to."""
        number: int | None = getattr(self, _REFERENCES[self.state]) if self.state in _REFERENCES else None
        return number

    def part(self, lo_wh: int, hi_wh: int) -> "Slice":
        """Give some of its serials, as they stand."""
        # Written out: dataclasses.replace takes several times as long, and a bulk has many parts.
        return Slice(
            certificate_id=self.certificate_id,
            lo_wh=lo_wh,
            hi_wh=hi_wh,
            quantity_wh=self.quantity_wh,
            holder_no=self.holder_no,
            state=self.state,
            claim_no=self.claim_no,
            reservation_no=self.reservation_no,
            export_lot_no=self.export_lot_no,
            storage_no=self.storage_no,
        )

    def in_state(self, state: CertificateState, reference_no: int | None = None) -> "Slice":
        """Give the same serials in another state, with what it refers to and nothing of the state before."""
        return Slice(
            certificate_id=self.certificate_id,
            lo_wh=self.lo_wh,
            hi_wh=self.hi_wh,
            quantity_wh=self.quantity_wh,
            holder_no=self.holder_no,
            state=state,
            claim_no=reference_no if state is CertificateState.RETIRED else None,
            reservation_no=reference_no if state is CertificateState.RESERVED else None,
            export_lot_no=reference_no if state is CertificateState.IN_EXPORT_LOT else None,
            storage_no=reference_no if state is CertificateState.CHARGED else None,
        )

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours of the slice."""
        return self.hi_wh - self.lo_wh


def are_tiling(ranges_wh: Iterable[tuple[int, int]], lo_wh: int, hi_wh: int) -> bool:
    """Tell whether half-open ranges, in any order, cover [lo_wh, hi_wh) without gap or overlap.

    >>> are_tiling([(5, 9), (0, 5)], 0, 9)
    True
    """
    reached_wh = lo_wh
    for range_lo_wh, range_hi_wh in sorted(ranges_wh):
        if range_lo_wh != reached_wh or range_hi_wh <= range_lo_wh:
            return False
        reached_wh = range_hi_wh
    return reached_wh == hi_wh


class UnfitSegments(WrongInput):
    """Columns of segments break their definition."""


_DTYPES: Final = (
    ("certificate_id", np.object_), ("lo_wh", np.int64), ("hi_wh", np.int64), ("slot_no", np.int8),
    ("holder_no", np.int32),
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentRows:
    """Which slot and which first holder each serial was issued for; equal-length arrays, made read-only.

    certificate_id : array of str objects; lo_wh, hi_wh : the serials [lo_wh, hi_wh). Raises: UnfitSegments.
    """

    certificate_id: NDArray[np.object_]
    lo_wh: NDArray[np.int64]
    hi_wh: NDArray[np.int64]
    slot_no: NDArray[np.int8]
    holder_no: NDArray[np.int32]

    def __post_init__(self) -> None:
        """Check types, lengths and ranges; then freeze."""
        for name, dtype in _DTYPES:
            array = getattr(self, name)
            if array.dtype != dtype or array.shape != (self.row_count,):
                expected = f"expected {np.dtype(dtype)} of shape ({self.row_count},)"
                raise UnfitSegments(f"{name}: {array.dtype} of shape {array.shape}, {expected}.")
            array.setflags(write=False)
        is_empty = (self.lo_wh < 0) | (self.hi_wh <= self.lo_wh)
        is_off_day = (self.slot_no < 1) | (self.slot_no > SLOTS_PER_DAY)
        if (is_empty | is_off_day).any():
            row = int(np.argmax(is_empty | is_off_day))
            raise UnfitSegments(
                f"row {row} of {self.certificate_id[row]}: [{self.lo_wh[row]}, {self.hi_wh[row]}) in slot "
                f"{self.slot_no[row]}; expected 0 <= lo < hi and a slot 1..{SLOTS_PER_DAY}."
            )

    @classmethod
    def joined(cls, parts: Sequence["SegmentRows"]) -> "SegmentRows":
        """Put several values one behind the other; no part gives no rows."""
        columns: dict[str, Any] = {
            name: np.concatenate([np.empty(0, dtype), *(getattr(part, name) for part in parts)])
            for name, dtype in _DTYPES
        }
        return cls(**columns)

    @property
    def row_count(self) -> int:
        """Count the rows."""
        return int(self.lo_wh.shape[0])

    def of_certificate(self, certificate_id: CertificateId) -> "SegmentRows":
        """Take the segments of one certificate, in the order of their serials."""
        rows = np.flatnonzero(self.certificate_id == certificate_id)
        in_order = rows[np.argsort(self.lo_wh[rows], kind="stable")]
        columns: dict[str, Any] = {name: getattr(self, name)[in_order] for name, _ in _DTYPES}
        return SegmentRows(**columns)

    def by_certificate(self) -> dict[CertificateId, "SegmentRows"]:
        """Part the segments by certificate, each in the order of its serials: of_certificate for all at once."""
        order = np.lexsort((self.lo_wh, self.certificate_id.astype(np.str_)))
        ids = self.certificate_id[order]
        begins = np.flatnonzero(np.append(True, ids[1:] != ids[:-1])) if self.row_count else np.empty(0, np.intp)
        columns = {name: getattr(self, name)[order] for name, _ in _DTYPES}
        bounds = [*begins.tolist(), self.row_count]
        return {
            CertificateId(ids[first]): SegmentRows(**{name: column[first:end] for name, column in columns.items()})
            for first, end in pairwise(bounds)
        }

    def digest_of(self, certificate_id: CertificateId) -> str:
        """Digest the segments of one certificate, to be compared with its segments_digest."""
        own = self.of_certificate(certificate_id)
        return segments_digest(certificate_id, own.lo_wh, own.hi_wh, own.slot_no, own.holder_no)


def segments_digest(
    certificate_id: CertificateId,
    lo_wh: NDArray[np.int64],
    hi_wh: NDArray[np.int64],
    slot_no: NDArray[np.int8],
    holder_no: NDArray[np.int32],
) -> str:
    """Digest a certificate's segments, given in the order of their serials.

    Bytes: the certificate's id in UTF-8, one line feed, then for each segment lo_wh, hi_wh, slot_no and
    holder_no as signed 64-bit integers, most significant byte first. Returns: SHA-256 as 64 hex digits.
    """
    return segments_digests([certificate_id], np.array([0, len(lo_wh)]), lo_wh, hi_wh, slot_no, holder_no)[0]


def segments_digests(
    certificate_ids: Sequence[CertificateId],
    first_row_nos: NDArray[np.intp],
    lo_wh: NDArray[np.int64],
    hi_wh: NDArray[np.int64],
    slot_no: NDArray[np.int8],
    holder_no: NDArray[np.int32],
) -> list[str]:
    """Digest the segments of many certificates, as segments_digest does those of one.

    first_row_nos : (n_certificates + 1,); certificate n has the rows first_row_nos[n]..first_row_nos[n + 1].
    """
    rows = np.empty((len(lo_wh), 4), dtype=">i8")
    for place, column in enumerate((lo_wh, hi_wh, slot_no, holder_no)):
        rows[:, place] = column
    content, ends = memoryview(rows.tobytes()), (first_row_nos * rows.itemsize * 4).tolist()
    digests = []
    for certificate_id, (first, end) in zip(certificate_ids, pairwise(ends), strict=True):
        digest = sha256(certificate_id.encode() + b"\n")
        digest.update(content[first:end])
        digests.append(digest.hexdigest())
    return digests
