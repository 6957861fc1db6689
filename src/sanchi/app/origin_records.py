"""What the store knows of where a buyer's energy came from, and the port that reads it.

Enters: a market and dates or a month. Leave: SiteSlots, ClaimedMonths. Not here: sums, shares, words.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.ids import CertificateId, MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.reports.claimed_rows import ClaimedRows


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """Who issues a document: the market and its retailer."""

    market_id: MarketId
    name: str
    name_ja: str
    grid_area: str
    retailer: PartyRef


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteSlots:
    """Use and energy of one buyer by delivery date and slot; int64 arrays of shape (n_days, 48) [Wh].

    dates : the closed days, in order; is_metered : the buyer has a meter of use. bought_wh : of roofs that it was
    allocated itself, of which passed_on_wh went on to its tenants; passed_in_wh : what owners passed on to it. The
    part of each whose half hour was estimated is in *_estimated_wh. Revisions in force.
    """

    buyer: PartyRef
    is_metered: bool
    dates: tuple[date, ...]
    use_wh: NDArray[np.int64]
    bought_wh: NDArray[np.int64]
    bought_estimated_wh: NDArray[np.int64]
    passed_on_wh: NDArray[np.int64]
    passed_on_estimated_wh: NDArray[np.int64]
    passed_in_wh: NDArray[np.int64]
    passed_in_estimated_wh: NDArray[np.int64]

    @property
    def received_wh(self) -> NDArray[np.int64]:
        """Give what the site is the final user of: each watt-hour counts at one site alone."""
        return self.bought_wh - self.passed_on_wh + self.passed_in_wh

    @property
    def whole_wh(self) -> NDArray[np.int64]:
        """Give all that the site got, also what it passed on: never to be added to its tenants'."""
        return self.bought_wh + self.passed_in_wh

    @property
    def whole_estimated_wh(self) -> NDArray[np.int64]:
        """Give the part of whole_wh whose half hour was estimated."""
        return self.bought_estimated_wh + self.passed_in_estimated_wh

    @property
    def estimated_wh(self) -> NDArray[np.int64]:
        """Give the part of received_wh whose half hour was estimated."""
        return self.bought_estimated_wh - self.passed_on_estimated_wh + self.passed_in_estimated_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One claim, which is one retirement."""

    claim_no: int
    purpose: str
    site: str
    used_from: date
    used_until: date
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedCertificate:
    """A certificate of which serials were claimed, as it was issued."""

    certificate_id: CertificateId
    home_no: int
    device_id: str
    delivery_date: date
    kind: CertificateKind
    revision: int
    quantity_wh: int
    is_from_storage: bool
    measurement_grade: str
    ct_class_permille: int
    commissioning_date: date
    fit_end: date


@dataclass(frozen=True, slots=True, kw_only=True)
class LostLine:
    """Watt-hours of a claim of claimed_month that a corrected reading took away; the roof owes them (a debt)."""

    debt_no: int
    claimed_month: Month
    delivery_date: date
    slot_no: int
    home: PartyRef
    kind: CertificateKind
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLine:
    """Watt-hours of certificates bought elsewhere that were used up for the month."""

    lot_id: str
    scheme: str
    serial_first: str
    serial_last: str
    lo_wh: int
    hi_wh: int
    generated_from: date
    generated_until: date
    energy_source: str
    plant_name: str
    municipality: str
    facility_id: str
    reference: str
    purpose: str

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours."""
        return self.hi_wh - self.lo_wh


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckpointRef:
    """The sealed state of the log that a document names."""

    checkpoint_no: int
    subject: str
    leaf_count: int
    root: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimedMonth:
    """All that a buyer's origin statement of a month rests on; rows add up to the claims.

    certificates : those of rows, by id; homes : those of certificates, by number; lost : of these claims, and of
    earlier ones that these claims are the first to tell; passed_on_wh : of the month's days, by tenant.
    """

    issuer: Issuer
    statement_no: str
    buyer: PartyRef
    month: Month
    claims: tuple[ClaimLine, ...]
    rows: ClaimedRows
    certificates: Mapping[str, ClaimedCertificate]
    homes: Mapping[int, PartyRef]
    capacity_w: Mapping[int, int]
    site: SiteSlots
    lost: tuple[LostLine, ...]
    outside: tuple[OutsideLine, ...]
    passed_on_wh: tuple[tuple[PartyRef, int], ...]
    checkpoint: CheckpointRef | None


class OriginReader(Protocol):
    """Reads where energy came from; both raise UnknownRecord for what is not there."""

    def sites(self, market_id: MarketId, first_date: date, last_date: date) -> Sequence[SiteSlots]:
        """Give every buyer's closed days between two dates, both included, in the order of buyers."""

    def claimed_months(
        self, market_id: MarketId, month: Month, buyer_id: PartyId | None = None
    ) -> Sequence[ClaimedMonth]:
        """Give what buyers claimed for a month, in the order of beneficiaries; one buyer, or all that claimed."""
