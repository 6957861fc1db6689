"""The part of `sanchi monitor` that opens, closes and tells alerts.

Enters: a ConnectionWatch and the file of channels. Leaves: lines, exit code 3 where a channel failed.
"""

from pathlib import Path
from typing import Any, Final

import typer
from rich.markup import escape

from sanchi.app.alert_records import KnownAlert
from sanchi.app.alerts import AlertReport, run_alerts
from sanchi.app.stores import Installation
from sanchi.app.views.connections import ConnectionWatch
from sanchi.app.watch_connections import instant
from sanchi.core.base.ids import PartyId
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.monitor_text import stamp
from sanchi.edge.cli.opening import Opening

EXIT_UNTOLD: Final = 3


def tell_alerts(
    door: Opening, installation: Installation, watch: ConnectionWatch, config: Path, *, as_json: bool
) -> None:
    """Open, close and tell alerts, and say what was done."""
    report = run_alerts(installation, watch, door.alert_channels(config))
    names = {home.home_no: home.home_id for home in watch.homes}
    if as_json:
        print_json(_document(report, names))
    else:
        _print(report, names)
    if report.failures:
        raise typer.Exit(EXIT_UNTOLD)


def _print(report: AlertReport, names: dict[int, PartyId]) -> None:
    """Tell what was opened, closed and told."""
    for title, alerts in (("opened", report.opened), ("closed", report.closed), ("open", report.open_alerts)):
        OUT.print(f"[bold]{title}[/]  {len(alerts) or 'none'}")
        for known in alerts:
            whom = names.get(known.alert.home_no, known.alert.connector)
            since = stamp(instant(known.alert.first_s))
            OUT.print(f"  {known.alert.alert_id}  {escape(whom)}  {known.alert.kind.replace('_', ' ')} since {since}")
    for name, count in report.told_counts.items():
        failure = f"  [red]failed[/]  {escape(report.failures[name])}" if name in report.failures else ""
        OUT.print(f"[bold]{escape(name)}[/]  {count} told{failure}")


def _document(report: AlertReport, names: dict[int, PartyId]) -> dict[str, Any]:
    """Lay a report out for a machine."""
    return {
        "opened": [_alert_document(known, names) for known in report.opened],
        "closed": [_alert_document(known, names) for known in report.closed],
        "open": [_alert_document(known, names) for known in report.open_alerts],
        "told": report.told_counts,
        "failed": report.failures,
    }


def _alert_document(known: KnownAlert, names: dict[int, PartyId]) -> dict[str, Any]:
    """Lay an alert out."""
    return {
        "alert": known.alert.alert_id,
        "kind": known.alert.kind.value,
        "home": names.get(known.alert.home_no),
        "connector": known.alert.connector,
        "device": known.alert.device,
        "devices": known.alert.device_count,
        "first": instant(known.alert.first_s).isoformat(),
        "opened": known.opened_at.isoformat(),
        "closed": None if known.closed_at is None else known.closed_at.isoformat(),
    }
