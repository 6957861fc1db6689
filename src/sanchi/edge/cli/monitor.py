"""`sanchi monitor`: how the connections of a market stand, whom to call, and alerts to those who asked for them."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Annotated, Final

import typer

from sanchi.app.stores import Installation
from sanchi.app.views.connections import ConnectionWatch
from sanchi.app.watch_connections import watch_connections
from sanchi.core.base.errors import UnknownRecord, WrongInput
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import JST
from sanchi.edge.cli.console import print_json
from sanchi.edge.cli.markets import chosen_market, parsed_date
from sanchi.edge.cli.monitor_text import print_home, print_watch, watch_document
from sanchi.edge.cli.opening import DEFAULT_HOME, FolderOption, JsonOption, MarketOption, opening

# What an operator looks back over, unless told otherwise; a fault that began earlier is seen from its first day on.
USUAL_DAYS: Final = 28

FromOption = Annotated[str | None, typer.Option("--from", help="The first delivery date; usually 28 days back.")]
ToOption = Annotated[str | None, typer.Option("--to", help="The last delivery date; usually today, or the market's.")]
WhoOption = Annotated[str | None, typer.Option("--home", help="This home alone, with every leg of its way.")]
NowOption = Annotated[
    str | None, typer.Option("--now", metavar="STAMP", help="As it was known then; usually now, or the end of --to.")
]
AlertOption = Annotated[bool, typer.Option("--alert", help="Open and close alerts, and tell new ones.")]
ConfigOption = Annotated[
    Path, typer.Option("--config", help="With --alert: whom to tell, by which way (docs/reference/monitor.md).")
]


def run(
    ctx: typer.Context,
    folder: FolderOption = DEFAULT_HOME,
    first: FromOption = None,
    last: ToOption = None,
    home: WhoOption = None,
    now: NowOption = None,
    market: MarketOption = None,
    config: ConfigOption = Path("alerts.toml"),
    *,
    alert: AlertOption = False,
    as_json: JsonOption = False,
) -> None:
    """Tell how homes are connected: what is broken, since when, the likely cause, what to do and whom to call.

    With `--alert` faults that last open alerts, and new alerts are told by mail and webhook as `--config` says: run
    it every few minutes. Nothing of it changes readings, days or money.
    """
    door = opening(ctx)
    installation = door.installation(folder)
    market_id = chosen_market(installation, market)
    watch = watch_of(installation, market_id, first, last, now)
    if alert:
        from sanchi.edge.cli.alerts import tell_alerts

        tell_alerts(door, installation, watch, config, as_json=as_json)
    elif home is not None:
        if watch.of_home(PartyId(home)) is None:
            raise UnknownRecord(
                f"No meter of {home!r} is watched.", hint="Name one of the homes that sanchi monitor lists."
            )
        document = watch_document(watch, PartyId(home))
        print_json(document) if as_json else print_home(watch, PartyId(home))
    else:
        print_json(watch_document(watch, None)) if as_json else print_watch(watch)


def watch_of(
    installation: Installation, market_id: MarketId, first: str | None, last: str | None, now: str | None
) -> ConnectionWatch:
    """Watch a market over the dates that were typed, or the usual ones."""
    from sanchi.edge.cli.collect import parsed_stamp

    instant = datetime.now(JST) if now is None else parsed_stamp(now).astimezone(JST)
    terms = installation.stores.market.book(market_id).terms
    last_date = min(instant.date(), terms.last_delivery_date) if last is None else parsed_date(last)
    first_date = _first_date(terms.first_delivery_date, last_date) if first is None else parsed_date(first)
    if last_date < first_date:
        raise WrongInput(f"{last_date} lies before {first_date}.", hint="Write the earlier date as --from.")
    return watch_connections(installation.stores, market_id, first_date, last_date, instant)


def _first_date(market_first: date, last_date: date) -> date:
    """Look back as far as is usual, but not beyond the market's beginning."""
    return max(market_first, last_date - timedelta(days=USUAL_DAYS - 1))
