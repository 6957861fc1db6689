"""A ConnectionWatch as text that an operator acts on, and as one document for machines.

Enters: a ConnectionWatch. Leaves: lines on stdout, a document. Not here: what is watched.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from rich.markup import escape
from rich.table import Table

from sanchi.app.views.connections import ConnectionWatch, FaultRow, HomeConnection, LegRow, RecurringRow
from sanchi.core.base.ids import PartyId
from sanchi.core.metering.connections.recurring import Rhythm
from sanchi.core.metering.connections.states import LegState
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.edge.cli.console import OUT, permille_text, print_pairs

# Who can do something about a kind of fault; kinds that are absent need nobody.
WHOM: Final[Mapping[FaultKind, str]] = {
    FaultKind.DEVICE_OUTAGE: "the home",
    FaultKind.METER_OUTAGE: "the home, then the installer",
    FaultKind.NEVER_CONNECTED: "the installer, then the home",
    FaultKind.CLOUD_DOWN: "the vendor of the cloud or broker",
    FaultKind.TOKEN_EXPIRY: "the vendor, if it comes again",
    FaultKind.RATE_LIMIT: "the vendor, if it comes again",
    FaultKind.CLOCK_SKEW: "the vendor of the device",
    FaultKind.STUCK: "the installer",
    FaultKind.SPIKE: "the installer, if it comes again",
    FaultKind.NEGATIVE: "the installer",
    FaultKind.EXCHANGE: "the network operator, for both counts",
    FaultKind.TRUNCATED_FRAME: "the installer, if it goes on",
}
LEG_WORDS: Final[Mapping[Leg, str]] = {
    Leg.METER: "meter",
    Leg.GATEWAY_METER: "gateway to meter",
    Leg.DEVICE_CLOUD: "home to cloud",
    Leg.CLOUD_SANCHI: "cloud to sanchi",
}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
STATE_WORDS: Final[Mapping[LegState, str]] = {
    LegState.NEVER: "never connected",
    LegState.DOWN: "down",
    LegState.DEGRADED: "degraded",
    LegState.UP: "up",
}
RECENT: Final = timedelta(days=1)
ENDED_ROWS_MAX: Final = 20


def print_watch(watch: ConnectionWatch) -> None:
    """Tell of a whole market: what goes on first, then how well it holds."""
    states = Counter(home.state for home in watch.homes)
    told = ", ".join(f"{states[state]} {STATE_WORDS[state]}" for state in STATE_WORDS if states[state])
    n_homes = len(watch.homes)
    print_pairs(
        f"Connections of {escape(watch.market_id)}, {_span(watch)}",
        [
            ("homes", f"{n_homes}: {told}" if told else "none is watched"),
            ("half hours that came within their usual time", permille_text(watch.rate_permille)),
            ("homes without any outage", f"{len(watch.homes_without_outage)} of {n_homes}"),
        ],
    )
    _print_open(watch)
    _print_connectors(watch)
    _print_recent(watch)
    _print_recurring(watch.recurring)
    for roof in watch.weak_roofs:
        share = f"{permille_text(roof.share_permille)} of what {roof.peer_count} roofs like it give"
        OUT.print(
            f"\n[bold]{escape(roof.home_id)}[/]  panels give {share}, since {roof.first_date}: call the installer"
        )
    _print_homes(watch)


def print_home(watch: ConnectionWatch, home_id: PartyId) -> None:
    """Tell of one home: every leg, every fault."""
    home = watch.of_home(home_id)
    assert home is not None, "only watched homes are told of"
    print_pairs(
        f"{escape(home_id)}, {_span(watch)}",
        [
            ("state", STATE_WORDS[home.state]),
            ("half hours that came within their usual time", permille_text(home.rate_permille)),
            ("outages", str(home.outage_count)),
        ],
    )
    OUT.print("\n[bold]The way of its readings[/]")
    for leg in home.legs:
        OUT.print(_leg_line(leg, watch.now))
        for text in (*leg.evidence, leg.cause, leg.remedy) if leg.kind else ():
            OUT.print(f"    [dim]{escape(text)}[/]")
    own = [one for one in watch.faults if one.home_id == home_id]
    OUT.print(f"\n[bold]Faults[/]  {len(own) or 'none'}")
    for one in own:
        OUT.print(f"  {_fault_line(one, watch.now)}")
        OUT.print(f"    [dim]{escape('; '.join(one.evidence))}[/]")
    _print_recurring([one for one in watch.recurring if one.home_id == home_id])


def _span(watch: ConnectionWatch) -> str:
    """Say of which days, and as of when."""
    return f"{watch.first_date} to {watch.last_date}, as known at {stamp(watch.now)}"


def _print_open(watch: ConnectionWatch) -> None:
    """Tell what goes on, with cause, remedy and whom to call."""
    if not watch.open_faults:
        OUT.print("\n[bold]Nothing is broken now.[/]")
        return
    OUT.print(f"\n[bold]Broken now[/]  {len(watch.open_faults)}")
    for one in watch.open_faults:
        OUT.print(f"\n  {_fault_line(one, watch.now)}")
        OUT.print(f"    seen    {escape('; '.join(one.evidence))}")
        OUT.print(f"    likely  {escape(one.cause)}")
        OUT.print(f"    do      {escape(one.remedy)}")
        OUT.print(f"    call    {WHOM.get(one.kind, 'nobody')}")


def _print_connectors(watch: ConnectionWatch) -> None:
    """Tell how clouds and brokers stand."""
    for one in watch.connectors:
        state = "does not answer" if one.is_down else "answers"
        now = f", {one.kind.replace('_', ' ')} since {stamp(one.since_at)}" if one.kind and one.since_at else ""
        OUT.print(f"\n[bold]{escape(one.connector)}[/]  {state}{now}  [dim]{one.device_count} devices[/]")


def _print_recent(watch: ConnectionWatch) -> None:
    """Tell what ended within the last day."""
    ended = [one for one in watch.faults if one.last_at is not None and watch.now - one.last_at < RECENT]
    if ended:
        OUT.print(f"\n[bold]Ended within a day[/]  {len(ended)}")
    for one in ended[:ENDED_ROWS_MAX]:
        OUT.print(f"  {_fault_line(one, watch.now)}")
    if len(ended) > ENDED_ROWS_MAX:
        OUT.print(f"  [dim]and {len(ended) - ENDED_ROWS_MAX} more: --json tells all[/]")


def _print_recurring(recurring: Sequence[RecurringRow]) -> None:
    """Tell outages that come again."""
    if recurring:
        OUT.print("\n[bold]Comes again[/]  ask the home what happens then")
    for one in recurring:
        hour = f"between {one.step_index:02d}:00 and {one.step_index + 1:02d}:00"
        when = hour if one.rhythm is Rhythm.HOUR else f"on a {WEEKDAYS[one.step_index]}"
        kind = one.kind.replace("_", " ")
        OUT.print(
            f"  [bold]{escape(one.home_id)}[/]  {kind} {when}, {len(one.first_at)} times  [dim]{escape(one.device)}[/]"
        )


def _print_homes(watch: ConnectionWatch) -> None:
    """List all homes, the worst connected first."""
    OUT.print("")
    table = Table(box=None, pad_edge=False, header_style="dim")
    for title in ("home", "state"):
        table.add_column(title)
    for title in ("in time", "late", "missing", "outages"):
        table.add_column(title, justify="right")
    for home in sorted(watch.homes, key=lambda one: (one.rate_permille, one.home_no)):
        late, missing = home.known_slots - home.timely_slots, home.due_slots - home.known_slots
        counts = (f"{late:,}", f"{missing:,}", str(home.outage_count))
        table.add_row(escape(home.home_id), STATE_WORDS[home.state], permille_text(home.rate_permille), *counts)
    OUT.print(table)


def _leg_line(leg: LegRow, now: datetime) -> str:
    """Tell one leg in a line."""
    since = f" since {stamp(leg.since_at)}, {length(now - leg.since_at)}" if leg.since_at else ""
    kind = f"  {leg.kind.replace('_', ' ')}" if leg.kind else ""
    device = escape(leg.device)
    return f"  [bold]{device}[/]  {LEG_WORDS[leg.leg]:16}  {STATE_WORDS[leg.state]}{since}{kind}"


def _fault_line(one: FaultRow, now: datetime) -> str:
    """Tell a fault in a line: who, what, since or from when to when."""
    who = escape(one.home_id or one.connector)
    what = one.kind.replace("_", " ")
    if one.last_at is None:
        when = f"since {stamp(one.first_at)}, {length(now - one.first_at)}"
    else:
        when = f"{stamp(one.first_at)} to {stamp(one.last_at)}, {length(one.last_at - one.first_at)}"
    of_meter = f" {escape(one.meter_id)}" if one.meter_id else ""
    where = f"{LEG_WORDS[one.leg]}, {escape(one.device)}{of_meter}" if one.device else LEG_WORDS[one.leg]
    return f"[bold]{who}[/]  {what} {when}  [dim]{where}[/]"


def stamp(instant: datetime) -> str:
    """Write an instant of Japan Standard Time."""
    return f"{instant:%Y-%m-%d %H:%M}"


def length(lasted: timedelta) -> str:
    """Write how long something lasted, in two units at most.

    >>> length(timedelta(hours=26, minutes=5))
    '1 d 2 h'
    """
    minutes = int(lasted.total_seconds()) // 60
    days, hours = divmod(minutes // 60, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes % 60} min" if hours else f"{minutes} min"


def watch_document(watch: ConnectionWatch, home_id: PartyId | None) -> dict[str, Any]:
    """Lay a watch, or one home of it, out for a machine."""
    homes = [home for home in watch.homes if home_id in {None, home.home_id}]
    faults = [one for one in watch.faults if home_id in {None, one.home_id}]
    return {
        "market": watch.market_id,
        "first_date": watch.first_date.isoformat(),
        "last_date": watch.last_date.isoformat(),
        "now": watch.now.isoformat(),
        "rate_permille": watch.rate_permille,
        "due_slots": watch.due_slots,
        "timely_slots": watch.timely_slots,
        "homes_without_outage": list(watch.homes_without_outage),
        "homes": [_home_document(home, watch) for home in homes],
        "connectors": [
            {
                "connector": one.connector,
                "devices": one.device_count,
                "is_down": one.is_down,
                "since": _stamp_or_none(one.since_at),
                "kind": one.kind,
            }
            for one in watch.connectors
        ],
        "faults": [fault_document(one) for one in faults],
        "recurring": [
            {
                "home": one.home_id,
                "device": one.device,
                "kind": one.kind,
                "rhythm": one.rhythm,
                "step": one.step_index,
                "first": [each.isoformat() for each in one.first_at],
            }
            for one in watch.recurring
            if home_id in {None, one.home_id}
        ],
        "weak_roofs": [
            {
                "home": one.home_id,
                "first_date": one.first_date.isoformat(),
                "share_permille": one.share_permille,
                "peers": one.peer_count,
            }
            for one in watch.weak_roofs
            if home_id in {None, one.home_id}
        ],
    }


def _home_document(home: HomeConnection, watch: ConnectionWatch) -> dict[str, Any]:
    """Lay a home out."""
    days = zip(watch.dates, home.days, strict=True)
    return {
        "home": home.home_id,
        "state": home.state,
        "rate_permille": home.rate_permille,
        "due_slots": home.due_slots,
        "timely_slots": home.timely_slots,
        "known_slots": home.known_slots,
        "outages": home.outage_count,
        "legs": [
            {
                "connector": leg.connector,
                "device": leg.device,
                "leg": leg.leg,
                "state": leg.state,
                "since": _stamp_or_none(leg.since_at),
                "kind": leg.kind,
                "evidence": list(leg.evidence),
                "cause": leg.cause,
                "remedy": leg.remedy,
            }
            for leg in home.legs
        ],
        "days": {
            day.isoformat(): [counts.timely_slots, counts.late_slots, counts.missing_slots]
            for day, counts in days
            if counts is not None
        },
    }


def fault_document(one: FaultRow) -> dict[str, Any]:
    """Lay a fault out."""
    return {
        "kind": one.kind,
        "leg": one.leg,
        "home": one.home_id,
        "connector": one.connector,
        "device": one.device,
        "meter": one.meter_id,
        "channel": one.channel,
        "first": one.first_at.isoformat(),
        "last": _stamp_or_none(one.last_at),
        "figure": one.figure,
        "evidence": list(one.evidence),
        "cause": one.cause,
        "remedy": one.remedy,
        "call": WHOM.get(one.kind, ""),
    }


def _stamp_or_none(instant: datetime | None) -> str | None:
    """Write an instant for a machine."""
    return None if instant is None else instant.isoformat()
