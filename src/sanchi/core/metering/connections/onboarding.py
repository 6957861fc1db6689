"""What an installer sees before installation, and how likely it is that the connection will not hold.

Enter: a HomeSurvey. Leave: a Forecast with reasons. Not here: measuring. These are rules of experience: they are not
fitted to data, and the points are steps of an order, not chances.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

# The adapter's own formula: RSSI = 0.275 LQI - 104.27 dBm; here in hundredths of a decibel.
LQI_SLOPE_CENTIDB: Final = 27.5
LQI_BASE_CENTIDB: Final = -10_427
# A 920 MHz receiver loses frames from about -95 dBm on; ten decibels beside it are a door or a wet day.
WEAK_DBM: Final = -85
LOST_DBM: Final = -95
WIFI_WEAK_DBM: Final = -70
WIFI_LOST_DBM: Final = -80
TRIES_COUNT_MIN: Final = 10
ANSWERED_GOOD_PERMILLE: Final = 950
ANSWERED_POOR_PERMILLE: Final = 700
FAR_M: Final = 15
VERY_FAR_M: Final = 30
MIDDLE_POINTS: Final = 2
HIGH_POINTS: Final = 4


class MeterPlace(StrEnum):
    """Where the smart meter stands."""

    OUTSIDE_WALL = "outside_wall"
    METAL_BOX = "metal_box"  # a meter box of metal, or a meter room of an apartment house
    INSIDE = "inside"
    OTHER_FLOOR = "other_floor"  # floors lie between meter and gateway


class WifiBand(StrEnum):
    """What the router offers at the gateway's place."""

    BAND_2_4 = "2.4_ghz"
    BAND_5_ONLY = "5_ghz_only"
    NO_WIFI = "none"
    CABLE = "cable"


class Risk(StrEnum):
    """How likely it is that the connection will not hold."""

    LOW = "low"
    MIDDLE = "middle"
    HIGH = "high"


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeSurvey:
    """Answers about a home; None = not asked or not measured.

    distance_m : from the smart meter to where the gateway will stand. tries_count, answers_count : of a trial reading.
    """

    meter_place: MeterPlace
    wifi_band: WifiBand
    has_router_in_same_room: bool
    distance_m: int | None = None
    wifi_dbm: int | None = None
    tries_count: int = 0
    answers_count: int = 0
    lqi: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RiskReason:
    """One thing that speaks for trouble: how much, what it is, what to do before installation."""

    points_count: int
    what: str
    remedy: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """The risk of a home with its reasons, the heaviest first."""

    risk: Risk
    reasons: tuple[RiskReason, ...]


def rssi_dbm(lqi: int) -> float:
    """Give the strength that a link quality stands for, by the adapter's own formula.

    >>> round(rssi_dbm(100), 2)
    -76.77
    """
    return (LQI_SLOPE_CENTIDB * lqi + LQI_BASE_CENTIDB) / 100


def assess(survey: HomeSurvey) -> Forecast:
    """Judge a home: a trial reading says most; without one the place of meter, gateway and router has to do.

    Points add up: 4 or more are a high risk, 2 or 3 a middle one. A trial of ten tries or more that went well takes
    the place's points away.
    """
    trial = _trial_reasons(survey)
    is_proven = survey.tries_count >= TRIES_COUNT_MIN and not trial
    reasons = [*trial, *([] if is_proven else _place_reasons(survey)), *_wifi_reasons(survey)]
    points = sum(reason.points_count for reason in reasons)
    risk = Risk.HIGH if points >= HIGH_POINTS else Risk.MIDDLE if points >= MIDDLE_POINTS else Risk.LOW
    return Forecast(risk=risk, reasons=tuple(sorted(reasons, key=lambda reason: -reason.points_count)))


def _trial_reasons(survey: HomeSurvey) -> list[RiskReason]:
    """Judge the trial reading and the strength of the meter's signal."""
    reasons = []
    nearer = "Move the gateway towards the meter, to a window on its side, and try again."
    if survey.tries_count:
        share = 1000 * survey.answers_count // survey.tries_count
        if share < ANSWERED_POOR_PERMILLE:
            reasons.append(_reason(4, f"{survey.answers_count} of {survey.tries_count} tries were answered", nearer))
        elif share < ANSWERED_GOOD_PERMILLE:
            reasons.append(_reason(2, f"{survey.answers_count} of {survey.tries_count} tries were answered", nearer))
    if survey.lqi is not None:
        strength_dbm = rssi_dbm(survey.lqi)
        if strength_dbm < LOST_DBM:
            reasons.append(_reason(4, f"the meter is heard at {strength_dbm:.0f} dBm", nearer))
        elif strength_dbm < WEAK_DBM:
            reasons.append(_reason(2, f"the meter is heard at {strength_dbm:.0f} dBm", nearer))
    return reasons


def _place_reasons(survey: HomeSurvey) -> list[RiskReason]:
    """Judge what stands between meter and gateway."""
    reasons = []
    if survey.meter_place is MeterPlace.METAL_BOX:
        reasons.append(
            _reason(2, "the meter stands in a box of metal", "Make a trial reading before anything is sent.")
        )
    elif survey.meter_place is MeterPlace.OTHER_FLOOR:
        reasons.append(_reason(1, "floors lie between meter and gateway", "Plan the gateway on the meter's floor."))
    if survey.distance_m is not None and survey.distance_m >= FAR_M:
        points = 2 if survey.distance_m >= VERY_FAR_M else 1
        reasons.append(_reason(points, f"{survey.distance_m} m to the meter", "Find a socket nearer to the meter."))
    if survey.tries_count < TRIES_COUNT_MIN:
        reasons.append(
            _reason(1, "no trial reading of ten tries", "Let the installer read ten times before he leaves.")
        )
    return reasons


def _wifi_reasons(survey: HomeSurvey) -> list[RiskReason]:
    """Judge the way from the gateway to the router."""
    if survey.wifi_band is WifiBand.CABLE:
        return []
    if survey.wifi_band is WifiBand.NO_WIFI:
        return [_reason(4, "there is no Wi-Fi", "Lay a cable, or send a gateway with a mobile line.")]
    reasons = []
    if survey.wifi_band is WifiBand.BAND_5_ONLY:
        reasons.append(
            _reason(4, "the router offers 5 GHz only", "Switch on 2.4 GHz: most gateways know no other band.")
        )
    if survey.wifi_dbm is not None and survey.wifi_dbm < WIFI_WEAK_DBM:
        points = 4 if survey.wifi_dbm < WIFI_LOST_DBM else 2
        reasons.append(_reason(points, f"Wi-Fi at {survey.wifi_dbm} dBm", "Move the router, or add a repeater."))
    elif survey.wifi_dbm is None and not survey.has_router_in_same_room:
        reasons.append(
            _reason(1, "the router stands in another room", "Measure the Wi-Fi where the gateway will stand.")
        )
    return reasons


def _reason(points: int, what: str, remedy: str) -> RiskReason:
    """Make a reason."""
    return RiskReason(points_count=points, what=what, remedy=remedy)
