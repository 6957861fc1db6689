"""Plan which days gateways ask their meters for again, and note that they were asked for.

Enters: stores, a market, the present. Leaves: a RereadPlan. Not here: the rules (core.metering.rereading), asking.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sanchi.app.market import Meter
from sanchi.app.roster import metering_points
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST, MINUTES_PER_SLOT, boundary_ordinal
from sanchi.core.metering.readings import MeteringPoint
from sanchi.core.metering.rereading import KEPT_DAYS, AskedDay, MissingDay, missing_days, plan_rereads

# Gateway / smart meter, as docs/reference/meter-sources.md names it; other objects keep no history.
METER_ADDRESS: Final = re.compile(r"(?P<gateway>[^/]+)/0288[0-9A-Fa-f]{2}")
# What a gateway keeps over a short outage comes by itself; so old has a count to be before it is missed.
USUAL_DELAY: Final = timedelta(hours=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class RereadPlan:
    """The days to ask for now, most valuable first, and how many days with missing counts wait for a later round."""

    days: tuple[MissingDay, ...]
    waiting_count: int


def plan_market_rereads(
    stores: Stores,
    market_id: MarketId,
    now: datetime,
    *,
    days_max: int,
    gateway_days_max: int,
    is_noted: bool,
) -> RereadPlan:
    """Choose the days of a round; is_noted : they will be asked for, so that the next round lets them rest."""
    book = stores.market.book(market_id)
    points = metering_points(book.meters, {party.party_id: party.party_no for party in book.parties})
    gateways = {meter.meter_no: gateway for meter in book.meters if (gateway := gateway_of(meter)) is not None}
    watched = _watched(points, gateways.keys())
    # Days before the market began are measured by nobody.
    first_date = max(now.astimezone(JST).date() - timedelta(days=KEPT_DAYS), book.terms.first_delivery_date)
    last_date = book.terms.last_delivery_date + timedelta(days=1)
    # The first count after the last day closes it.
    last_boundary = min(_boundary_before(now - USUAL_DELAY), boundary_ordinal(last_date, 0))
    meter_nos = {spec.meter_no for point in watched for spec in point.meters}
    rows = stores.readings.rows_between(market_id, boundary_ordinal(first_date, 0) - 1, last_boundary + 2, meter_nos)
    missing = missing_days(rows, watched, gateways, first_date, last_boundary)
    now_s = int(now.timestamp())
    asked = stores.readings.reread_asks(market_id, first_date)
    days = plan_rereads(missing, asked, now_s, days_max, gateway_days_max)
    if is_noted and days:
        asks = [
            AskedDay(
                gateway=day.gateway,
                delivery_date=day.delivery_date,
                missing_count=day.missing_count,
                asked_s=now_s,
            )
            for day in days
        ]
        stores.readings.add_reread_asks(market_id, asks)
    return RereadPlan(days=days, waiting_count=len(missing) - len(days))


def gateway_of(meter: Meter) -> str | None:
    """Name the gateway that can ask a meter for its history; None where there is none."""
    found = METER_ADDRESS.fullmatch(meter.address)
    return found["gateway"] if found and meter.digits else None


def _watched(points: tuple[MeteringPoint, ...], meter_nos: Collection[int]) -> tuple[MeteringPoint, ...]:
    """Take the points that a gateway reads, and those that measure their energy by another way."""
    labels = {
        (point.party_no, point.channel, point.same_as or point.label)
        for point in points
        if any(spec.meter_no in meter_nos for spec in point.meters)
    }
    return tuple(point for point in points if (point.party_no, point.channel, point.same_as or point.label) in labels)


def _boundary_before(instant: datetime) -> int:
    """Give the last boundary at or before an instant."""
    local = instant.astimezone(JST)
    return boundary_ordinal(local.date(), (local.hour * 60 + local.minute) // MINUTES_PER_SLOT)
