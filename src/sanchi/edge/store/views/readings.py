"""Reads the page of a home's readings of a day.

Enters: an OpenMarket, a home, a date. Leaves: ReadingsView. Not here: which readings stand (core.metering).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from itertools import groupby
from typing import Any, Final

from sanchi.app.market import PartyRole
from sanchi.app.views.readings import ChannelReadings, ReadingsView, ReadVersion, SlotDecision, SlotOrigin
from sanchi.core.base.slots import JST, SLOTS_PER_DAY, boundary_ordinal
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.sources import Source, Stage
from sanchi.core.metering.versions import PRECEDENCE
from sanchi.edge.store.books import Books
from sanchi.edge.store.views.open_market import OpenMarket

Series = tuple[int, int]  # meter_no, channel_no

# How long readings usually take is learned from the days around; a reading an hour later than that is late.
_USUAL_DAYS: Final = 7
_LATE_AFTER_S: Final = 60 * 60
_STAMP_S: Final = "(946652400 + boundary * 1800)"  # half hours since 2000-01-01 00:00 JST as Unix seconds
_DAY_SQL: Final = """
    SELECT delivery_date, revision_in_force, is_finalised FROM market_day SEMI JOIN
    (SELECT delivery_date FROM home_day WHERE home_no = $home_no) USING (delivery_date) ORDER BY delivery_date
"""
_METERS_SQL: Final = "SELECT meter_no, meter_id, unit_wh, digits, same_as FROM meter WHERE party_no = $home_no"
_VERSIONS_SQL: Final = f"""
    WITH near AS (
        SELECT *, received_s - {_STAMP_S} AS lag_s FROM readings
        WHERE list_contains($meter_nos, meter_no) AND boundary BETWEEN $usual_first AND $usual_last),
    lagged AS (
        SELECT *, median(lag_s) OVER (PARTITION BY meter_no, channel_no, source_no, stage_no) AS usual_s FROM near),
    of_day AS (SELECT * FROM lagged WHERE boundary BETWEEN $first AND $last)
    SELECT meter_no, channel_no, boundary - $first AS boundary_no, reading, received_s, lag_s,
           lag_s > usual_s + {_LATE_AFTER_S} AS is_late, source_no, stage_no, file_name,
           row_number() OVER (PARTITION BY meter_no, channel_no, boundary
                              ORDER BY {", ".join(f"{name} DESC" for name in PRECEDENCE)}) = 1 AS is_in_force
    FROM of_day LEFT JOIN delivery USING (delivery_no)
    ORDER BY meter_no, channel_no, boundary, received_s, delivery_no, row_no
"""
_SLOTS_SQL: Final = """
    SELECT meter_no, channel_no, slot_no, energy_wh, quality, method_no, source_no, stage_no, original_wh, rule_wh
    FROM slot_values WHERE delivery_date = $day AND party_no = $home_no ORDER BY meter_no, channel_no, slot_no
"""
_DECISIONS_SQL: Final = """
    SELECT meter_no, channel_no, boundary, last(action_no ORDER BY decided_at, delivery_no, row_no),
           last(reason ORDER BY decided_at, delivery_no, row_no),
           last(decided_by ORDER BY decided_at, delivery_no, row_no), max(decided_at)
    FROM slot_decision WHERE boundary BETWEEN $first AND $last GROUP BY ALL
"""


def read_readings(market: OpenMarket, home_id: str, asked_date: date | None) -> ReadingsView:
    """Read what a home's meters said of a day; None = its latest closed day. Raises: UnknownRecord."""
    home = market.parties.named(home_id, PartyRole.HOME)
    books = market.books
    days = {day: (revision, final) for day, revision, final in books.fetch(_DAY_SQL, {"home_no": home.party_no})}
    day = asked_date or max(days, default=None)
    revision, is_finalised = days.get(day, (0, False))
    return ReadingsView(
        market=market.head,
        home=home,
        delivery_date=day,
        revision=revision,
        is_finalised=is_finalised,
        earlier_day=max((each for each in days if day and each < day), default=None),
        later_day=min((each for each in days if day and each > day), default=None),
        channels=() if day is None else tuple(_channels(books, home.party_no, day)),
    )


def _channels(books: Books, home_no: int, day: date) -> Iterable[ChannelReadings]:
    """Lay out every channel of which something is known, by channel, then meter."""
    meters = {row[0]: row for row in books.fetch(_METERS_SQL, {"home_no": home_no})}
    first = boundary_ordinal(day, 0)
    versions = _versions(books, sorted(meters), first)
    slots = _slots(books, home_no, day, _decisions(books, first))
    for meter_no, channel_no in sorted({*versions, *slots}, key=lambda series: (series[1], series[0])):
        _no, meter_id, unit_wh, digits, same_as = meters[meter_no]
        said = versions.get((meter_no, channel_no), ())
        yield ChannelReadings(
            meter_id=meter_id,
            channel=Channel(channel_no),
            unit_wh=unit_wh,
            is_register=digits > 0,
            same_as=same_as,
            # An energy stamped with the first midnight is of the day before.
            versions=tuple(each for each in said if digits > 0 or each.boundary_no > 0),
            slots=slots.get((meter_no, channel_no), ()),
        )


def _versions(books: Books, meter_nos: list[int], first: int) -> dict[Series, tuple[ReadVersion, ...]]:
    """Read all versions of the readings of some meters from the day's first midnight to its last."""
    place = {
        "meter_nos": meter_nos,
        "first": first,
        "last": first + SLOTS_PER_DAY,
        "usual_first": first - _USUAL_DAYS * SLOTS_PER_DAY,
        "usual_last": first + (1 + _USUAL_DAYS) * SLOTS_PER_DAY,
    }
    rows = books.records(_VERSIONS_SQL, place)
    return {
        series: tuple(_version(row) for row in of_series)
        for series, of_series in groupby(rows, key=lambda row: (row["meter_no"], row["channel_no"]))
    }


def _version(row: Mapping[str, Any]) -> ReadVersion:
    """Lay one version out."""
    return ReadVersion(
        boundary_no=row["boundary_no"],
        reading=row["reading"],
        received_at=datetime.fromtimestamp(row["received_s"], JST),
        lag_s=row["lag_s"],
        is_late=row["is_late"],
        source=Source(row["source_no"]),
        stage=Stage(row["stage_no"]),
        file_name=row["file_name"] or "",
        is_in_force=row["is_in_force"],
    )


def _slots(
    books: Books, home_no: int, day: date, decisions: Mapping[tuple[int, int, int], SlotDecision]
) -> dict[Series, tuple[SlotOrigin, ...]]:
    """Read where the energy of each slot of the home comes from."""
    rows = books.records(_SLOTS_SQL, {"home_no": home_no, "day": day})
    return {
        series: tuple(_slot(row, decisions) for row in of_series)
        for series, of_series in groupby(rows, key=lambda row: (row["meter_no"], row["channel_no"]))
    }


def _slot(row: Mapping[str, Any], decisions: Mapping[tuple[int, int, int], SlotDecision]) -> SlotOrigin:
    """Lay one slot out."""
    return SlotOrigin(
        slot_no=row["slot_no"],
        energy_wh=row["energy_wh"],
        quality=Quality(row["quality"]),
        method=Method(row["method_no"]),
        source=Source(row["source_no"]) if row["source_no"] else None,
        stage=Stage(row["stage_no"]) if row["stage_no"] else None,
        original_wh=row["original_wh"] if row["original_wh"] >= 0 else None,
        rule_wh=row["rule_wh"],
        decision=decisions.get((row["meter_no"], row["channel_no"], row["slot_no"])),
    )


def _decisions(books: Books, first: int) -> dict[tuple[int, int, int], SlotDecision]:
    """Read the latest decision about each slot of the day that is not withdrawn, by meter, channel and slot_no."""
    rows = books.fetch(_DECISIONS_SQL, {"first": first + 1, "last": first + SLOTS_PER_DAY})
    return {
        (meter_no, channel_no, boundary - first): SlotDecision(
            action=Action(action_no), reason=reason, decided_by=decided_by, decided_at=decided_at.replace(tzinfo=JST)
        )
        for meter_no, channel_no, boundary, action_no, reason, decided_by, decided_at in rows
        if action_no != Action.WITHDRAW
    }
