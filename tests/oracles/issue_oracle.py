"""The issue of a market-day, certificate by certificate and segment by segment, in plain Python.

Enter: rows, plants. Leaves: what issue_day has to give. Slow and obvious; no array is added up here.
"""

from datetime import date
from hashlib import sha256

from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import Certificate, CertifiedPlant, Slice
from sanchi.core.certificates.state import CertificateState

Segment = tuple[CertificateId, int, int, int, int]


def issue_slowly(
    market_id: str,
    delivery_date: date,
    revision: int,
    allocated: AllocatedEnergy,
    plants: list[CertifiedPlant],
    recovered_wh: dict[tuple[int, int], int],
) -> tuple[list[Certificate], list[Slice], list[Segment]]:
    """Give certificates, slices and segments (id, lo, hi, slot, holder), in their order."""
    energy_wh: dict[tuple[int, int], dict[tuple[int, int], int]] = {}
    for row in range(allocated.row_count):
        owner = int(allocated.home_no[row]), int(allocated.kind_no[row])
        place = int(allocated.holder_no[row]), int(allocated.slot_no[row])
        own = energy_wh.setdefault(owner, {})
        own[place] = own.get(place, 0) + int(allocated.energy_wh[row])
    certificates, slices, segments = [], [], []
    for (home_no, kind_no), own in sorted(energy_wh.items()):
        plant = next(each for each in plants if each.home_no == home_no)
        kind = CertificateKind(kind_no)
        name = CertificateId(f"{market_id}/{plant.device_id}/{delivery_date.isoformat()}/{kind.text}/{revision}")
        content, reached_wh = name.encode() + b"\n", 0
        held_wh: dict[int, tuple[int, int]] = {}
        for (holder_no, slot_no), wh in sorted(own.items()):
            segment = (reached_wh, reached_wh + wh, slot_no, holder_no)
            segments.append((name, *segment))
            content += b"".join(number.to_bytes(8, "big", signed=True) for number in segment)
            first_wh, _ = held_wh.get(holder_no, (reached_wh, 0))
            held_wh[holder_no] = first_wh, reached_wh + wh
            reached_wh += wh
        certificates.append(
            Certificate(
                certificate_id=name,
                home_no=home_no,
                device_id=plant.device_id,
                delivery_date=delivery_date,
                kind=kind,
                revision=revision,
                quantity_wh=reached_wh,
                recovered_wh=recovered_wh.get((home_no, kind_no), 0),
                measurement_grade=plant.measurement_grade,
                ct_class_permille=plant.ct_class_permille,
                commissioning_date=plant.commissioning_date,
                fit_end=plant.fit_end,
                segments_digest=sha256(content).hexdigest(),
            )
        )
        slices += [
            Slice(
                certificate_id=name,
                lo_wh=lo_wh,
                hi_wh=hi_wh,
                quantity_wh=reached_wh,
                holder_no=holder_no,
                state=CertificateState.ACTIVE,
                claim_no=None,
            )
            for holder_no, (lo_wh, hi_wh) in held_wh.items()
        ]
    return certificates, slices, segments
