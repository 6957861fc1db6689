"""One kWh has one instrument: which serials of a certificate took which, and the refusal of a second one.

Enter: ranges of serials. Leave: a tuple of takings, or a refusal. Not here: whether a roof may have it (instruments).
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass

from sanchi.core.base.errors import RefusalRule, Refused, WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.eligibility.instruments import Instrument


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Taking:
    """The serials [lo_wh, hi_wh) of a certificate took an instrument. Raises: WrongInput for an empty range."""

    certificate_id: CertificateId
    lo_wh: int
    hi_wh: int
    instrument: Instrument

    def __post_init__(self) -> None:
        """Refuse serials that no certificate has."""
        if not 0 <= self.lo_wh < self.hi_wh:
            raise WrongInput(
                f"{self.certificate_id}: [{self.lo_wh}, {self.hi_wh}) holds no watt-hour.",
                hint="Give lo_wh of 0 or more and hi_wh above it.",
            )

    @property
    def energy_wh(self) -> int:
        """Count the watt-hours."""
        return self.hi_wh - self.lo_wh


def take(taken: Sequence[Taking], asked: Taking) -> tuple[Taking, ...]:
    """Add a taking to those there are, which stand in order and do not overlap; the result does so too.

    Raises: Refused (INSTRUMENT_TAKEN) when any of the watt-hours took an instrument before, the same one or another.
    """
    place = bisect_left(taken, (asked.certificate_id, asked.lo_wh), key=lambda each: (each.certificate_id, each.lo_wh))
    for neighbour in taken[max(place - 1, 0) : place + 1]:
        is_same = neighbour.certificate_id == asked.certificate_id
        if is_same and neighbour.lo_wh < asked.hi_wh and asked.lo_wh < neighbour.hi_wh:
            lo_wh, hi_wh = max(neighbour.lo_wh, asked.lo_wh), min(neighbour.hi_wh, asked.hi_wh)
            raise Refused(
                RefusalRule.INSTRUMENT_TAKEN,
                f"{asked.certificate_id}: the serials [{lo_wh}, {hi_wh}) became {neighbour.instrument} already and "
                f"cannot become {asked.instrument}.",
                hint="One kWh has one instrument: ask for serials that took none.",
            )
    return (*taken[:place], asked, *taken[place:])
