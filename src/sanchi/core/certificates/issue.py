"""Issue the certificates of a market-day, cut into slices by holder and segments by slot.

Enter: allocated energy and the plants. Leaves: an Issue. Not here: what was measured, matched or paid.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.ids import CertificateId, MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import (
    Certificate,
    CertifiedPlant,
    SegmentRows,
    Slice,
    are_tiling,
    certificate_id_of,
    segments_digests,
)
from sanchi.core.certificates.state import CertificateState
from sanchi.core.certificates.totals import first_rows, total_energy


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """New certificates in the order of home and kind, with slices and segments in the order of serials."""

    certificates: tuple[Certificate, ...]
    slices: tuple[Slice, ...]
    segments: SegmentRows


def issue_day(
    *,
    market_id: MarketId,
    delivery_date: date,
    revision: int,
    allocated: AllocatedEnergy,
    plants: Iterable[CertifiedPlant],
    recovered_wh: Mapping[tuple[int, int], int],
    storage_nos: Mapping[int, int] = MappingProxyType({}),
) -> Issue:
    """Issue one certificate per home and kind over all allocated energy.

    Serials are given in the order of holder, then slot, so that each holder has one slice.
    allocated : the whole day, or what a corrected home gained; recovered_wh : how much of it comes from
    slots whose shape was estimated, by (home_no, kind_no); absent = 0 [Wh]. storage_nos : by home_no the storage
    account that its energy came out of; absent = it came from the roof.
    Raises: Refused (BEFORE_COMMISSIONING, BEFORE_FIT_END, INSIDE_OUTSIDE_CLAIM, DUPLICATE_ISSUE).
    """
    serials = _number_serials(allocated)
    certificates = _certificates(
        market_id,
        delivery_date,
        revision,
        serials,
        {plant.home_no: plant for plant in plants},
        recovered_wh,
        storage_nos,
    )
    _refuse_duplicates(certificates)
    ids = np.array([certificate.certificate_id for certificate in certificates], dtype=np.object_)
    issue = Issue(
        certificates=certificates,
        slices=tuple(_slices(certificates, serials)),
        segments=SegmentRows(
            certificate_id=np.repeat(ids, np.diff(serials.bounds)),
            lo_wh=serials.lo_wh,
            hi_wh=serials.hi_wh,
            slot_no=serials.slot_no,
            holder_no=serials.holder_no,
        ),
    )
    _check_sums(issue, allocated)
    return issue


@dataclass(frozen=True, slots=True, kw_only=True)
class _Serials:
    """Segments sorted by home, kind, holder and slot; certificate n has the rows bounds[n]..bounds[n + 1]."""

    home_no: NDArray[np.int32]
    kind_no: NDArray[np.int8]
    holder_no: NDArray[np.int32]
    slot_no: NDArray[np.int8]
    lo_wh: NDArray[np.int64]
    hi_wh: NDArray[np.int64]
    bounds: NDArray[np.intp]


def _number_serials(allocated: AllocatedEnergy) -> _Serials:
    """Sort and sum the rows, and number each certificate's watt-hours from 0."""
    totals = total_energy(
        [allocated.home_no, allocated.kind_no, allocated.holder_no, allocated.slot_no], allocated.energy_wh
    )
    home_no, kind_no, holder_no, slot_no = totals.columns
    firsts = first_rows([home_no, kind_no])
    bounds = np.append(firsts, len(home_no))
    hi_wh = np.cumsum(totals.energy_wh)
    lo_wh = hi_wh - totals.energy_wh
    issued_before_wh = np.repeat(lo_wh[firsts], np.diff(bounds))
    return _Serials(
        home_no=home_no.astype(np.int32),
        kind_no=kind_no.astype(np.int8),
        holder_no=holder_no.astype(np.int32),
        slot_no=slot_no.astype(np.int8),
        lo_wh=lo_wh - issued_before_wh,
        hi_wh=hi_wh - issued_before_wh,
        bounds=bounds,
    )


def _certificates(
    market_id: MarketId,
    delivery_date: date,
    revision: int,
    serials: _Serials,
    plant_of: Mapping[int, CertifiedPlant],
    recovered_wh: Mapping[tuple[int, int], int],
    storage_nos: Mapping[int, int],
) -> tuple[Certificate, ...]:
    """Write the certificates over all runs of segments; columns are taken apart once, not once a certificate."""
    firsts, lasts = serials.bounds[:-1], serials.bounds[1:] - 1
    owners = list(zip(serials.home_no[firsts].tolist(), serials.kind_no[firsts].tolist(), strict=True))
    ids = [
        _certificate_id(
            market_id, delivery_date, revision, plant_of, home_no, CertificateKind(kind_no), storage_nos.get(home_no, 0)
        )
        for home_no, kind_no in owners
    ]
    digests = segments_digests(ids, serials.bounds, serials.lo_wh, serials.hi_wh, serials.slot_no, serials.holder_no)
    certificates = []
    quantities_wh = serials.hi_wh[lasts].tolist()
    for (home_no, kind_no), certificate_id, quantity_wh, digest in zip(
        owners, ids, quantities_wh, digests, strict=True
    ):
        plant = plant_of[home_no]
        certificates.append(
            Certificate(
                certificate_id=certificate_id,
                home_no=home_no,
                device_id=plant.device_id,
                delivery_date=delivery_date,
                kind=CertificateKind(kind_no),
                revision=revision,
                quantity_wh=quantity_wh,
                recovered_wh=recovered_wh.get((home_no, kind_no), 0),
                measurement_grade=plant.measurement_grade,
                ct_class_permille=plant.ct_class_permille,
                commissioning_date=plant.commissioning_date,
                fit_end=plant.fit_end,
                segments_digest=digest,
                storage_no=storage_nos.get(home_no, 0),
            )
        )
    return tuple(certificates)


def _certificate_id(
    market_id: MarketId,
    delivery_date: date,
    revision: int,
    plant_of: Mapping[int, CertifiedPlant],
    home_no: int,
    kind: CertificateKind,
    storage_no: int,
) -> CertificateId:
    """Name the certificate of a home and kind, where one may be issued at all."""
    assert home_no in plant_of, f"home {home_no} was allocated energy, but has no plant"
    plant = plant_of[home_no]
    certificate_id = certificate_id_of(
        market_id=market_id,
        device_id=plant.device_id,
        delivery_date=delivery_date,
        kind=kind,
        revision=revision,
        storage_no=storage_no,
    )
    _refuse_early(certificate_id, kind, delivery_date, plant)
    _refuse_claimed(certificate_id, kind, plant)
    return certificate_id


def _refuse_early(
    certificate_id: CertificateId, kind: CertificateKind, delivery_date: date, plant: CertifiedPlant
) -> None:
    """Refuse a day before the plant began, and surplus of a day before its tariff ends."""
    if delivery_date < plant.commissioning_date:
        raise Refused(
            RefusalRule.BEFORE_COMMISSIONING,
            f"{certificate_id} is for a day before the plant began on {plant.commissioning_date}.",
            hint="Nothing is certified of a plant that was not yet there; compare its commissioning_date.",
        )
    if kind is CertificateKind.SURPLUS and delivery_date < plant.fit_end:
        raise Refused(
            RefusalRule.BEFORE_FIT_END,
            f"{certificate_id} is for a day before the feed-in tariff ends on {plant.fit_end}.",
            hint="Until then the value of surplus belongs to those who pay the levy; do not offer it.",
        )


def _refuse_claimed(certificate_id: CertificateId, kind: CertificateKind, plant: CertifiedPlant) -> None:
    """Refuse a kind whose value is somebody else's on the day: one kWh, one instrument."""
    if kind in plant.claimed_by:
        raise Refused(
            RefusalRule.INSIDE_OUTSIDE_CLAIM,
            f"{certificate_id} is of watt-hours that the outside claim {plant.claimed_by[kind]} covers.",
            hint="Their value belongs to another scheme on that day; do not offer them.",
        )


def _slices(certificates: Sequence[Certificate], serials: _Serials) -> Iterator[Slice]:
    """Cut the certificates where the holder changes."""
    firsts = first_rows([serials.home_no, serials.kind_no, serials.holder_no])
    lasts = np.append(firsts, len(serials.home_no))[1:] - 1
    owners = np.searchsorted(serials.bounds, firsts, side="right") - 1
    columns = (owners, serials.lo_wh[firsts], serials.hi_wh[lasts], serials.holder_no[firsts])
    for owner, lo_wh, hi_wh, holder_no in zip(*(column.tolist() for column in columns), strict=True):
        certificate = certificates[owner]
        yield Slice(
            certificate_id=certificate.certificate_id,
            lo_wh=lo_wh,
            hi_wh=hi_wh,
            quantity_wh=certificate.quantity_wh,
            holder_no=holder_no,
            state=CertificateState.ACTIVE,
            claim_no=None,
        )


def _refuse_duplicates(certificates: Sequence[Certificate]) -> None:
    """Refuse two certificates of one device, day, kind and revision: two homes name the same device."""
    home_of: dict[CertificateId, int] = {}
    for certificate in certificates:
        other = home_of.setdefault(certificate.certificate_id, certificate.home_no)
        if other != certificate.home_no:
            raise Refused(
                RefusalRule.DUPLICATE_ISSUE,
                f"{certificate.certificate_id} would be issued to homes {other} and {certificate.home_no}.",
                hint="Give each plant its own device_id.",
            )


def _check_sums(issue: Issue, allocated: AllocatedEnergy) -> None:
    """Check that slices tile certificates, and that certificates hold what was allocated to the Wh."""
    ranges_wh: dict[CertificateId, list[tuple[int, int]]] = {}
    for piece in issue.slices:
        ranges_wh.setdefault(piece.certificate_id, []).append((piece.lo_wh, piece.hi_wh))
    for certificate in issue.certificates:
        assert are_tiling(ranges_wh[certificate.certificate_id], 0, certificate.quantity_wh), (
            f"{certificate.certificate_id}: the slices do not tile it"
        )
    issued_wh = {(each.home_no, int(each.kind)): each.quantity_wh for each in issue.certificates}
    assert issued_wh == allocated.totals_by("home_no", "kind_no"), "certificates differ from allocations"
