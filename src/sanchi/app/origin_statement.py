"""The origin statement of a buyer and month as a value: figures, sources, numbers, corrections.

Enters and leaves: frozen records; energies in [Wh]. Not here: how one is assembled (state_origin), words, layout.
"""

from dataclasses import dataclass
from datetime import date

from sanchi.app.origin_records import CheckpointRef, ClaimLine, Issuer, LostLine, OutsideLine
from sanchi.app.origin_rules import RuledDate, RuledSentence
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.reports.hour_matching import PeriodMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class DistrictLine:
    """What the roofs of a district gave; "" = no district is known."""

    district: str
    home_count: int
    surplus_wh: int
    self_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PlantLine:
    """What one roof gave, by how well it was measured; eligible_until : None = the rules did not judge it."""

    home: PartyRef
    device_id: str
    capacity_w: int
    commissioning_date: date
    fit_end: date
    measurement_grade: str
    ct_class_permille: int
    certificate_count: int
    surplus_wh: int
    self_wh: int
    estimated_wh: int
    eligible_until: RuledDate | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GradeLine:
    """How much of the claims was measured how; ct_class_permille counts for grade ct alone."""

    measurement_grade: str
    ct_class_permille: int
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GainedLine:
    """Watt-hours of a delivery date before the month that are claimed with it: a correction, or a day that waited."""

    delivery_date: date
    home: PartyRef
    kind: CertificateKind
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchedUse:
    """The buyer's use of the month held against what is claimed for its days.

    strict : without watt-hours whose half hour was estimated.
    """

    loose: PeriodMatch
    strict: PeriodMatch


@dataclass(frozen=True, slots=True, kw_only=True)
class SerialLine:
    """Serials of a certificate of one half hour; lo_wh to before hi_wh."""

    delivery_date: date
    slot_no: int
    kind: CertificateKind
    home: PartyRef
    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int
    is_estimated: bool
    claim_no: int

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours."""
        return self.hi_wh - self.lo_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class OriginStatement:
    """One buyer's month; energy_wh = claims = districts = plants = grades = serials = matrix_wh + gained.

    matrix_wh : by day of the month, then slot. use : None where the buyer has no meter of use.
    lost : of these very claims, found since; lost_before : of earlier statements, told here too.
    unclaimed_use_wh : use that neither roofs nor outside certificates covered by volume; None without a meter of use.
    """

    issuer: Issuer
    statement_no: str
    buyer: PartyRef
    month: Month
    claims: tuple[ClaimLine, ...]
    energy_wh: int
    surplus_wh: int
    self_wh: int
    estimated_wh: int
    from_storage_wh: int
    certificate_count: int
    districts: tuple[DistrictLine, ...]
    plants: tuple[PlantLine, ...]
    grades: tuple[GradeLine, ...]
    days: tuple[date, ...]
    matrix_wh: tuple[tuple[int, ...], ...]
    use: MatchedUse | None
    outside: tuple[OutsideLine, ...]
    unclaimed_use_wh: int | None
    gained: tuple[GainedLine, ...]
    lost: tuple[LostLine, ...]
    lost_before: tuple[LostLine, ...]
    passed_on: tuple[tuple[PartyRef, int], ...]
    sentences: tuple[RuledSentence, ...]
    checkpoint: CheckpointRef | None
    serials: tuple[SerialLine, ...]

    @property
    def outside_wh(self) -> int:
        """Count what outside certificates covered; never part of energy_wh."""
        return sum(line.energy_wh for line in self.outside)

    @property
    def gained_wh(self) -> int:
        """Count what is claimed of earlier delivery dates."""
        return sum(line.energy_wh for line in self.gained)

    @property
    def lost_wh(self) -> int:
        """Count what corrections took away of these very claims."""
        return sum(line.energy_wh for line in self.lost)
