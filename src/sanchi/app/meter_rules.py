"""What meters demand of each other, of the records known already and of closed days.

Enter: records with their places, and a MarketBook. Leave: sentences, one a fault; dates. Not here: single fields.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Final

from sanchi.app.market import MarketBook, Meter, PartyRole
from sanchi.app.master_rules import Placed, repeated, roles_of, wrong_role
from sanchi.core.base.ids import MeterId
from sanchi.core.base.slots import JST
from sanchi.core.metering.monthly.values import MONTHLY_CHANNELS
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.windows import WINDOW_DAYS

USE_WORD: Final = Channel.USE.text  # the one channel that buyers measure
MONTHLY_WORDS: Final = frozenset(channel.text for channel in MONTHLY_CHANNELS)


def faults_of_meters(placed: Sequence[Placed[Meter]], book: MarketBook, last_closed_date: date | None) -> Iterator[str]:
    """Check that meters are unique and measure what their party has: buyers use, homes everything else."""
    yield from repeated([(each.place, each.record.meter_id) for each in placed], "meter")
    roles = roles_of(book)
    for each in placed:
        role = PartyRole.BUYER if USE_WORD in each.record.channels else PartyRole.HOME
        yield from wrong_role(each.place, each.record.party_id, roles, (role,))
        if USE_WORD in each.record.channels and len(each.record.channels) > 1:
            yield f"{each.place}: the channel use of a buyer stands alone on its meter"
    places = {each.record.meter_id: f"{each.place}: " for each in placed}
    meters = {meter.meter_id: meter for meter in book.meters} | {each.record.meter_id: each.record for each in placed}
    known = {meter.meter_id: meter for meter in book.meters}
    for each in placed:
        yield from _wrong_cadence(each, known.get(each.record.meter_id), list(meters.values()), last_closed_date)
    for meter in meters.values():
        yield from (f"{places.get(meter.meter_id, '')}{fault}" for fault in _wrong_twin(meter, meters))
    yield from _shared_addresses(list(meters.values()), places)


def _wrong_cadence(
    placed: Placed[Meter], before: Meter | None, meters: Sequence[Meter], last_closed_date: date | None
) -> Iterator[str]:
    """Say what is wrong with how often a meter is read."""
    place, meter = placed.place, placed.record
    if before is not None and before.cadence is not meter.cadence:
        yield (
            f"{place}: {meter.meter_id} is of cadence {before.cadence} and stays so; end it by removed_at, and begin "
            "another meter at that instant"
        )
    if not meter.is_monthly:
        return
    if len(meter.channels) > 1 or meter.channels[0] not in MONTHLY_WORDS:
        yield f"{place}: {meter.meter_id} is monthly, so it measures either import or export"
    if (meter.unit_wh, meter.digits) != (1, 0):
        yield f"{place}: {meter.meter_id} is monthly, so its unit_wh is 1 and its digits are 0"
    if meter.same_as is not None or any(each.same_as == meter.meter_id for each in meters):
        yield f"{place}: {meter.meter_id} is monthly, so nothing is the same as it"
    is_new = before is None or before.installed_at > meter.installed_at
    has_others = any(each.party_id == meter.party_id and not each.is_monthly for each in meters)
    installed_date = meter.installed_at.astimezone(JST).date()
    if is_new and has_others and last_closed_date is not None and installed_date <= last_closed_date:
        yield (
            f"{place}: {meter.meter_id} is monthly and begins on {installed_date}, but {meter.party_id} chose its "
            f"buyers on days up to {last_closed_date}, which are closed"
        )


def _wrong_twin(meter: Meter, meters: Mapping[MeterId, Meter]) -> Iterator[str]:
    """Say what is wrong with the meter whose energy this one measures by another way."""
    if meter.same_as is None:
        return
    twin = meters.get(meter.same_as)
    if twin is None:
        yield f"same_as of {meter.meter_id}: {meter.same_as} is not one of the market's meters"
    elif twin.same_as is not None:
        yield f"same_as of {meter.meter_id}: {twin.meter_id} itself is the same as {twin.same_as}; name that one"
    elif twin.party_id != meter.party_id:
        yield f"same_as of {meter.meter_id}: {twin.meter_id} belongs to {twin.party_id}, not to {meter.party_id}"
    elif set(twin.channels).isdisjoint(meter.channels):
        yield f"same_as of {meter.meter_id}: {twin.meter_id} has no channel in common with it"


def _shared_addresses(meters: Sequence[Meter], places: Mapping[MeterId, str]) -> Iterator[str]:
    """Name meters in service at once that a source would know by the same address."""
    known: defaultdict[str, list[Meter]] = defaultdict(list)
    for meter in sorted(meters, key=_installed_at):
        earlier = next((each for each in known[meter.address] if _serve_at_once(each, meter)), None)
        if meter.address and earlier is not None:
            place = places.get(meter.meter_id) or places.get(earlier.meter_id, "")
            yield (
                f"{place}address {meter.address!r} belongs to {earlier.meter_id} and {meter.meter_id}, "
                "which are in service at once"
            )
        known[meter.address].append(meter)


def _installed_at(meter: Meter) -> datetime:
    """Give the instant by which meters are sorted."""
    return meter.installed_at


def _serve_at_once(earlier: Meter, later: Meter) -> bool:
    """Tell whether a meter is still in service when another one begins; that one begins no earlier."""
    return earlier.removed_at is None or earlier.removed_at > later.installed_at


def dates_changed_by_meters(
    meters: Sequence[Meter], book: MarketBook, closed_dates: Collection[date], gaps: Mapping[date, Collection[int]]
) -> tuple[date, ...]:
    """Name the closed days whose measurement new or changed meters can alter, in order.

    gaps : for each closed day the party_nos with a gap on it. A change counts from its instant on. Where the
    party has a gap, it counts on days that look as far as the instant too: it may bound the gap, or change like days.
    """
    known = {meter.meter_id: _measuring(meter) for meter in book.meters}
    party_nos = {party.party_id: party.party_no for party in book.parties}
    changed: set[date] = set()
    for meter in map(_measuring, meters):
        before = known.get(meter.meter_id)
        if before == meter:
            continue
        concerned = {party_nos[meter.party_id], party_nos[meter.party_id if before is None else before.party_id]}
        first_date = _changed_from(before, meter)
        first_gap_date = first_date - timedelta(days=WINDOW_DAYS)
        changed |= {
            day
            for day in closed_dates
            if day >= first_date or (day >= first_gap_date and not concerned.isdisjoint(gaps.get(day, ())))
        }
    return tuple(sorted(changed))


def _measuring(meter: Meter) -> Meter:
    """Keep what measuring looks at: what readings were taken in with stays, and a name measures nothing."""
    return replace(meter, meter_no=0, source=None, address="")


def _changed_from(before: Meter | None, after: Meter) -> date:
    """Give the first day whose measurement a new meter, or a change of one, can alter without any gap."""
    if before is None:
        return after.installed_at.astimezone(JST).date()
    removals = [meter.removed_at for meter in (before, after) if meter.removed_at is not None]
    only_removal_differs = replace(before, removed_at=None) == replace(after, removed_at=None)
    instant = min(removals) if only_removal_differs else min(before.installed_at, after.installed_at)
    # The count at midnight closes the day before.
    return instant.astimezone(JST).date() - timedelta(days=1)
