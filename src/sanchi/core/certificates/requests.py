"""How requests name watt-hours, and the slices that are loaded to answer them.

Enter and leave: values. Not here: what is done with them (cutting, and the verbs).
"""

from dataclasses import dataclass
from datetime import date

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.certificate import Slice


@dataclass(frozen=True, slots=True, kw_only=True)
class Serials:
    """The watt-hours [lo_wh, hi_wh) of a certificate."""

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int

    def __post_init__(self) -> None:
        """Refuse to name nothing: WrongInput."""
        if not 0 <= self.lo_wh < self.hi_wh:
            raise WrongInput(
                f"{self.certificate_id}: [{self.lo_wh}, {self.hi_wh}) names no watt-hours.",
                hint="Give 0 <= lo < hi.",
            )

    def body(self) -> list[object]:
        """Lay it out for the digest of a request."""
        return [self.certificate_id, self.lo_wh, self.hi_wh]

    def __str__(self) -> str:
        """Write it for people."""
        return f"{self.certificate_id} [{self.lo_wh}, {self.hi_wh})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The oldest watt-hours that a holder has of a kind, of delivery dates from first_date to last_date.

    energy_wh : how many, oldest first; None = all there are, at least one.
    """

    holder_no: int
    kind: CertificateKind
    first_date: date
    last_date: date
    energy_wh: int | None = None

    def __post_init__(self) -> None:
        """Refuse to name nothing: WrongInput."""
        if self.last_date < self.first_date or (self.energy_wh is not None and self.energy_wh <= 0):
            raise WrongInput(f"{self} names no watt-hours.", hint="Give an energy above 0, and the earlier date first.")

    def body(self) -> list[object]:
        """Lay it out for the digest of a request."""
        dates = [self.first_date.isoformat(), self.last_date.isoformat()]
        return [self.holder_no, int(self.kind), *dates, self.energy_wh]

    def __str__(self) -> str:
        """Write it for people."""
        energy = "all" if self.energy_wh is None else f"{self.energy_wh}"
        return f"{energy} Wh of {self.kind.text} of {self.first_date}..{self.last_date}"


Named = Serials | Selection


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldSlice:
    """A slice as it stands, with what its certificate says: of which day, kind and home it is.

    is_finalised : no close issues the day anew; promised_to_no, promised_until : whom the reservation of a
    reserved slice is for, and the day on which it lapses.
    """

    piece: Slice
    delivery_date: date
    kind: CertificateKind
    home_no: int
    is_finalised: bool
    promised_to_no: int | None = None
    promised_until: date | None = None
