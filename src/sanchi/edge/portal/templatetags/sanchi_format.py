"""The filters of the templates: figures, dates and words in the language of the page.

Enter: values of the read model. Leave: texts. Not here: how a figure is written (formats), words (words).
"""

from collections.abc import Iterable
from datetime import date, datetime
from enum import Enum
from typing import Any, Final

from django import template
from django.utils.translation import get_language

from sanchi.app.market import CapacityRule, HomeGroup, MeasurementGrade, PerkKind
from sanchi.app.views.market_head import PartyRef, Provenance, ProvenanceLabel, ProvenanceSubject
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.base.units import PERMILLE
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.kinds import Leg
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.portal import fault_words, formats, meter_words, words
from sanchi.edge.portal.names import company, monogram, named
from sanchi.edge.portal.palette import colour_classes
from sanchi.edge.portal.problem_words import words_of

register = template.Library()
register.filter(named)
register.filter(company)
register.filter(monogram)

_WORDS: Final[dict[type[Enum], dict[Any, Any]]] = {
    CertificateKind: words.KIND,
    HomeGroup: words.GROUP,
    MeasurementGrade: words.GRADE,
    CapacityRule: words.CAPACITY_RULE,
    Severity: words.SEVERITY,
    ProvenanceLabel: words.PROVENANCE,
    ProvenanceSubject: words.SUBJECT,
    PerkKind: words.PERK_KIND,
    Channel: meter_words.CHANNEL,
    Leg: fault_words.LEG,
    LegState: fault_words.LEG_STATE,
    Method: meter_words.METHOD,
    Source: meter_words.SOURCE,
    Stage: meter_words.STAGE,
}


def language() -> str:
    """Give the language of the page."""
    return get_language() or "en"


@register.filter
def count(number: int) -> str:
    """Write a count."""
    return formats.count_text(number)


@register.filter
def kwh(energy_wh: int, decimals_count: int = 1) -> str:
    """Write [Wh] as kWh."""
    return formats.kwh_text(energy_wh, decimals_count)


@register.filter
def kw(power_w: int, decimals_count: int = 1) -> str:
    """Write [W] as kW."""
    return formats.kwh_text(power_w, decimals_count)


@register.filter
def yen(amount_yen: int) -> str:
    """Write whole yen."""
    return formats.yen_text(amount_yen, language())


@register.filter
def floor_yen(amount_e5yen: int) -> str:
    """Write 1e-5 yen as whole yen, rounded down."""
    return formats.floor_yen_text(amount_e5yen, language())


@register.filter
def exact_yen(amount_e5yen: int) -> str:
    """Write 1e-5 yen exactly."""
    return formats.exact_yen_text(amount_e5yen, language())


@register.filter
def price(price_sen_per_kwh: int) -> str:
    """Write a price per kWh."""
    return formats.price_text(price_sen_per_kwh, language())


@register.filter
def worth(worth_millisen_per_kwh: int) -> str:
    """Write a worth per kWh in yen, exactly."""
    return formats.worth_text(worth_millisen_per_kwh, language())


@register.filter
def share_of(part: int, whole: int) -> str:
    """Write part of whole as per cent."""
    return formats.share_text(part, whole)


@register.filter
def total(numbers: Iterable[int]) -> int:
    """Add integers."""
    return sum(numbers)


@register.filter
def width_of(part: int, whole: int) -> int:
    """Give part of whole in permille, for the width of a bar."""
    return part * PERMILLE // whole if whole else 0


@register.filter
def permille(share_permille: int | None) -> str:
    """Write permille as per cent."""
    return formats.permille_text(share_permille)


@register.filter
def day(delivery_date: date | None) -> str:
    """Write a date."""
    return formats.NOTHING if delivery_date is None else formats.date_text(delivery_date, language())


@register.filter
def instant(moment: datetime) -> str:
    """Write an instant of Japan to the minute."""
    return formats.instant_text(moment, language())


@register.filter
def duration(duration_s: int) -> str:
    """Write a duration by its two largest units."""
    return formats.duration_text(duration_s, language())


@register.filter
def clock(boundary_no: int) -> str:
    """Write a half hour of the day as hour and minute."""
    return formats.boundary_text(boundary_no)


@register.filter
def weekday(delivery_date: date) -> str:
    """Write a weekday in short."""
    return formats.weekday_text(delivery_date, language())


@register.filter
def month(value: Month) -> str:
    """Write a month."""
    return formats.month_text(value, language())


@register.filter
def slot(slot_no: int) -> str:
    """Write a slot as its two ends."""
    return formats.slot_text(slot_no)


@register.filter
def hue(party: PartyRef) -> str:
    """Give the CSS classes of a party's colour."""
    return colour_classes(party)


@register.filter
def word(member: Enum) -> Any:
    """Give the word of a member of a closed set."""
    return _WORDS[type(member)][member]


@register.filter
def meaning(member: Enum) -> Any:
    """Give the sentence that explains a provenance or a severity."""
    if isinstance(member, ProvenanceLabel):
        return words.PROVENANCE_MEANING[member]
    assert isinstance(member, Severity), f"{member!r} has no meaning in words"
    return words.SEVERITY_MEANING[member]


@register.filter
def by_subject(provenances: Iterable[Provenance]) -> list[tuple[ProvenanceSubject, list[ProvenanceLabel]]]:
    """Join the labels of each subject, in their fixed order."""
    rows = list(provenances)
    joined = {
        subject: {label for row in rows if row.subject is subject for label in row.labels}
        for subject in ProvenanceSubject
    }
    return [
        (subject, [label for label in ProvenanceLabel if label in joined[subject]])
        for subject in joined
        if joined[subject]
    ]


@register.filter
def title(code: ProblemCode) -> Any:
    """Give a finding's title."""
    return words_of(code).title


@register.filter
def advice(code: ProblemCode) -> Any:
    """Give what to do about a finding."""
    return words_of(code).advice


@register.filter
def grid_area(area: str) -> Any:
    """Give a grid area's name; a number that is not known stays as it is."""
    return words.GRID_AREA.get(area, area)


@register.filter
def file_kind(kind: str) -> Any:
    """Give the name of a kind of delivered file."""
    return words.FILE_KIND.get(kind, kind)
