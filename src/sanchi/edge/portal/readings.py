"""The page of a home's readings of a day.

Enters: ReadingsView. Leaves: a page. Not here: its charts (readings_charts).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from django.http import HttpRequest, HttpResponse

from sanchi.app.views.market_views import MarketViews
from sanchi.app.views.readings import ChannelReadings, SlotDecision, SlotOrigin
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.metering.methods import Method
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.portal.asked_day import asked_date
from sanchi.edge.portal.charts import Chart
from sanchi.edge.portal.formats import slots_text
from sanchi.edge.portal.frame import rendered
from sanchi.edge.portal.meter_words import method_classes
from sanchi.edge.portal.readings_charts import register_chart


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotRun:
    """Slots in a row that came about in the same way."""

    when: str
    method: Method
    colour_classes: str
    source: Source | None
    stage: Stage | None
    decision: SlotDecision | None
    slot_count: int
    energy_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldChannel:
    """One channel of one meter with all that the page says of it."""

    channel: ChannelReadings
    chart: Chart | None  # None where there is nothing to draw
    runs: tuple[SlotRun, ...]
    rows: tuple[tuple[SlotOrigin, str], ...]  # with the classes of the method's colour
    late_count: int
    superseded_count: int


def show_readings(views: MarketViews, request: HttpRequest, market_id: MarketId, home_id: PartyId) -> HttpResponse:
    """Show what a home's meters said of a day (?day=YYYY-MM-DD), and what stands in each slot."""
    view = views.readings(market_id, home_id, delivery_date=asked_date(request))
    channels = [told_channel(place, channel) for place, channel in enumerate(view.channels, start=1)]
    content = {"view": view, "channels": channels, "earlier_day": view.earlier_day, "later_day": view.later_day}
    return rendered(request, "readings.html", content, market=view.market, active="homes")


def told_channel(place: int, channel: ChannelReadings) -> ToldChannel:
    """Tell one channel; place numbers it on the page."""
    return ToldChannel(
        channel=channel,
        chart=register_chart(f"meter-{place}", channel) if channel.versions or channel.slots else None,
        runs=tuple(runs_of(channel.slots)),
        rows=tuple((slot, method_classes(slot.method)) for slot in channel.slots),
        late_count=sum(version.is_late for version in channel.versions),
        superseded_count=sum(not version.is_in_force for version in channel.versions),
    )


def runs_of(slots: Sequence[SlotOrigin]) -> list[SlotRun]:
    """Join slots in a row with the same method, source, stage and decision."""
    runs = []
    for _key, members in groupby(enumerate(slots), key=_story):
        run = [slot for _place, slot in members]
        runs.append(
            SlotRun(
                when=slots_text(run[0].slot_no, run[-1].slot_no),
                method=run[0].method,
                colour_classes=method_classes(run[0].method),
                source=run[0].source,
                stage=run[0].stage,
                decision=run[0].decision,
                slot_count=len(run),
                energy_wh=sum(slot.energy_wh for slot in run),
            )
        )
    return runs


def _story(numbered: tuple[int, SlotOrigin]) -> tuple[object, ...]:
    """Give what slots in a row have to share to be told together."""
    place, slot = numbered
    decided = slot.decision and (slot.decision.action, slot.decision.reason, slot.decision.decided_by)
    return slot.slot_no - place, slot.method, slot.source, slot.stage, decided
