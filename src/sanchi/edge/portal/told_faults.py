"""Faults in the reader's language.

Enter: rows of the monitor. Leave: values for the pages. Not here: finding faults (core.metering.faults).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanchi.app.views.connections import FaultRow, RecurringRow
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.ids import PartyId
from sanchi.core.metering.connections.recurring import Rhythm
from sanchi.edge.portal.fault_words import FAULT, LEG, WEEKDAY, FaultWords
from sanchi.edge.portal.formats import duration_text, instant_text


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldFault:
    """One fault with its words; home is None for a connector's own."""

    fault: FaultRow
    home: PartyRef | None
    words: FaultWords
    leg: str | Promise
    place: str  # the device, the meter or the connector, as it is named there
    span: str

    @property
    def is_open(self) -> bool:
        """Tell whether it goes on."""
        return self.fault.last_at is None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldRecurrence:
    """Outages that come again."""

    home: PartyRef
    device: str
    title: str | Promise
    rhythm: str
    count: int
    last_at: datetime


def told_fault(fault: FaultRow, homes: Mapping[PartyId, PartyRef]) -> ToldFault:
    """Tell a fault."""
    return ToldFault(
        fault=fault,
        home=homes.get(fault.home_id) if fault.home_id else None,
        words=FAULT[fault.kind],
        leg=LEG[fault.leg],
        place=fault.meter_id or fault.device or fault.connector,
        span=span_text(fault.first_at, fault.last_at),
    )


def span_text(first_at: datetime, last_at: datetime | None) -> str:
    """Write a span of time, and how long it was if it is over."""
    language = get_language() or "en"
    since = instant_text(first_at, language)
    if last_at is None:
        return _("since %(instant)s") % {"instant": since}
    lasted = duration_text(int((last_at - first_at).total_seconds()), language)
    if last_at == first_at:
        return since
    return _("%(first)s to %(last)s, %(duration)s") % {
        "first": since,
        "last": instant_text(last_at, language),
        "duration": lasted,
    }


def told_recurrence(row: RecurringRow, homes: Mapping[PartyId, PartyRef]) -> ToldRecurrence:
    """Tell outages that come again."""
    if row.rhythm is Rhythm.HOUR:
        rhythm = _("between %(hour)s:00 and %(next)s:00") % {"hour": row.step_index, "next": row.step_index + 1}
    else:
        rhythm = str(WEEKDAY[row.step_index])
    return ToldRecurrence(
        home=homes[row.home_id],
        device=row.device,
        title=FAULT[row.kind].title,
        rhythm=rhythm,
        count=len(row.first_at),
        last_at=max(row.first_at),
    )
