"""`sanchi override`: decide what stands in one slot, as a delivered overrides file would."""

import csv
from collections.abc import Iterator
from dataclasses import fields
from datetime import datetime
from hashlib import sha256
from io import StringIO
from typing import Annotated

import typer

from sanchi.app.arrivals import ArrivedFile, MasterRow, MasterRows, OpenedDelivery
from sanchi.app.deliveries import DeliveredFile, FileKind
from sanchi.app.ingest import ingest_delivery
from sanchi.app.overrides import SlotOverride
from sanchi.core.base.ids import MarketId
from sanchi.core.base.slots import JST
from sanchi.edge.cli.console import print_json, tell_all
from sanchi.edge.cli.ingest import print_report, report_document
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening

MeterArgument = Annotated[str, typer.Argument(metavar="METER", help="The meter_id.")]
ChannelArgument = Annotated[
    str, typer.Argument(metavar="CHANNEL", help="import, export, pv, charge, discharge or use.")
]
SlotEndArgument = Annotated[str, typer.Argument(metavar="SLOT_END", help="As 2020-12-01T15:30:00+09:00.")]
ActionArgument = Annotated[str, typer.Argument(metavar="ACTION", help="set, accept_estimate or withdraw.")]
EnergyOption = Annotated[int | None, typer.Option("--energy-wh", help="What the slot is set to [Wh].")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it stands beside the slot for ever.")]
ByOption = Annotated[str, typer.Option("--by", help="The short name of who decides.")]


def run(
    ctx: typer.Context,
    meter: MeterArgument,
    channel: ChannelArgument,
    slot_end: SlotEndArgument,
    action: ActionArgument,
    reason: ReasonOption,
    by: ByOption,
    energy_wh: EnergyOption = None,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Decide what stands in one half hour of a meter, with a reason; a closed day has to be closed again.

    Nothing is overwritten: the reading and what the rules made of it stand beside the decision, and a later decision
    replaces an earlier one.
    """
    installation = opening(ctx).installation(home)
    decided = {
        "meter_id": meter,
        "channel": channel,
        "slot_end": slot_end,
        "action": action,
        "energy_wh": "" if energy_wh is None else str(energy_wh),
        "reason": reason,
        "decided_by": by,
        "decided_at": datetime.now(JST).isoformat(timespec="seconds"),
    }
    reports = list(ingest_delivery(installation, _delivery(decided), None if market is None else MarketId(market)))
    if as_json:
        print_json([report_document(report) for report in reports])
    else:
        tell_all(iter(reports), print_report)


def _delivery(decided: dict[str, str]) -> OpenedDelivery:
    """Make the delivery of a file of one row, as if it had been written down."""
    names = [field.name for field in fields(SlotOverride)]
    text = StringIO()
    csv.writer(text, lineterminator="\n").writerows([names, [decided[name] for name in names]])
    digest = sha256(text.getvalue().encode()).hexdigest()
    file_name = f"overrides-{digest[:12]}.csv"
    arrived = ArrivedFile(
        delivered=DeliveredFile(file_name=file_name, file_digest=digest, file_kind=FileKind.OVERRIDES, row_count=1),
        content=MasterRows(file_name=file_name, rows=(MasterRow(place="the decision", fields=decided),)),
    )
    return OpenedDelivery(file_names=(file_name,), passed_over_names=(), files=_once(arrived))


def _once(arrived: ArrivedFile) -> Iterator[ArrivedFile]:
    """Give one file."""
    yield arrived
