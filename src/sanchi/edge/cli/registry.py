"""`sanchi registry`: transfer, promise, retire, cut, export and show certificates."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Annotated, Final

import typer

from sanchi.app.registry.expire import ExpiryReport, expire
from sanchi.app.registry.export_lot import export_lot
from sanchi.app.registry.order import OperationOrder
from sanchi.app.registry.release import release
from sanchi.app.registry.reserve import reserve
from sanchi.app.registry.retire import retire, retire_reservation
from sanchi.app.registry.show import certificate_lineage, holder_lineage
from sanchi.app.registry.split import split
from sanchi.app.registry.transfer import transfer
from sanchi.app.stores import Installation
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import CertificateId, MarketId, StatementNo
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import JST
from sanchi.core.certificates.claiming import ClaimedUse
from sanchi.core.certificates.exporting import LotOrder
from sanchi.core.certificates.operations import OperationRecord
from sanchi.core.certificates.retirement import RENEWABLE_USE
from sanchi.edge.cli.console import OUT, print_json
from sanchi.edge.cli.markets import chosen_market, parsed_date, parsed_month
from sanchi.edge.cli.opening import DEFAULT_HOME, HomeOption, JsonOption, MarketOption, opening
from sanchi.edge.cli.registry_items import (
    Fields,
    ItemReader,
    parsed_kind,
    read_items,
    required_date,
    required_items,
    validity,
)
from sanchi.edge.cli.registry_text import print_lineage, record_document

STEP: Final = "registry"


class Verb(StrEnum):
    """What can be asked of the registry."""

    TRANSFER = "transfer"
    RESERVE = "reserve"
    RELEASE = "release"
    EXPIRE = "expire"
    RETIRE = "retire"
    SPLIT = "split"
    EXPORT = "export"
    SHOW = "show"


VerbArgument = Annotated[Verb, typer.Argument(metavar="VERB", help=", ".join(Verb) + ".")]
IdOption = Annotated[str, typer.Option("--id", help="The id under which this happens once.")]
ActorOption = Annotated[str, typer.Option("--actor", help="The short name of who asks.")]
ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it stands beside the operation for ever.")]
FileOption = Annotated[Path | None, typer.Option("--file", help="Items in bulk: CSV, or .jsonl; all of them or none.")]
CertificateOption = Annotated[str | None, typer.Option("--certificate", help="A certificate_id.")]
LoOption = Annotated[int | None, typer.Option("--lo-wh", help="First serial.")]
HiOption = Annotated[int | None, typer.Option("--hi-wh", help="Serial behind the last one.")]
SlotsOption = Annotated[str | None, typer.Option("--slots", help="split: around these slots, as 24+25.")]
HolderOption = Annotated[str | None, typer.Option("--holder", help="Who holds it.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="surplus or self_consumption.")]
FromOption = Annotated[str | None, typer.Option("--from", help="First delivery date, or first day of use (retire).")]
UntilOption = Annotated[str | None, typer.Option("--until", help="Last one; for reserve the day on which it lapses.")]
EnergyOption = Annotated[int | None, typer.Option("--energy-wh", help="How many Wh, oldest first; else all.")]
ToOption = Annotated[str | None, typer.Option("--to", help="Whom it is given or promised to, or who used it.")]
ReservationOption = Annotated[str | None, typer.Option("--reservation", help="The id of a reservation.")]
SiteOption = Annotated[str, typer.Option("--site", help="retire: where it was used.")]
PurposeOption = Annotated[str, typer.Option("--purpose", help="retire: what for.")]
StatementOption = Annotated[str | None, typer.Option("--statement", help="retire: the statement that shows it.")]
SchemeOption = Annotated[str | None, typer.Option("--scheme", help="export: the scheme outside.")]
MonthOption = Annotated[str | None, typer.Option("--month", help="export: YYYY-MM.")]
UnitOption = Annotated[int, typer.Option("--unit-wh", help="export: 1000 or 1000000.")]
SurplusMonthsOption = Annotated[int | None, typer.Option("--surplus-months", help="expire: validity of surplus.")]
SelfMonthsOption = Annotated[int | None, typer.Option("--self-months", help="expire: of self-consumption.")]
TodayOption = Annotated[str | None, typer.Option("--today", metavar="DATE", help="The present, for replays.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What was typed, with what it is asked of."""

    installation: Installation
    market_id: MarketId
    reader: ItemReader
    order: OperationOrder
    items: list[Fields]
    options: Mapping[str, str | None]
    unit_wh: int
    validity_months: Mapping[CertificateKind, int]
    today: date

    @property
    def to_no(self) -> int:
        """Give the party that --to names."""
        return self.reader.party_no(self.options["to"], "The party (--to)")

    def done(self, use_case: Callable[..., OperationRecord], *arguments: object, **named: object) -> OperationRecord:
        """Run a use case under its lock, in one transaction."""
        stores = self.installation.stores
        step = partial(use_case, stores, self.market_id, self.order, *arguments, **named)
        return self.installation.run_step(self.market_id, STEP, self.order.operation_id, step)


def run(
    ctx: typer.Context,
    verb: VerbArgument,
    home: HomeOption = DEFAULT_HOME,
    market: MarketOption = None,
    operation_id: IdOption = "",
    actor: ActorOption = "",
    reason: ReasonOption = "",
    file: FileOption = None,
    certificate: CertificateOption = None,
    lo_wh: LoOption = None,
    hi_wh: HiOption = None,
    slots: SlotsOption = None,
    holder: HolderOption = None,
    kind: KindOption = None,
    first: FromOption = None,
    until: UntilOption = None,
    energy_wh: EnergyOption = None,
    to: ToOption = None,
    reservation: ReservationOption = None,
    site: SiteOption = "",
    purpose: PurposeOption = RENEWABLE_USE,
    statement: StatementOption = None,
    scheme: SchemeOption = None,
    month: MonthOption = None,
    unit_wh: UnitOption = 1_000,
    surplus_months: SurplusMonthsOption = None,
    self_months: SelfMonthsOption = None,
    today: TodayOption = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Do something with certificates, all of it or nothing; the same --id again changes nothing and answers the same.

    Watt-hours are named by serials (--certificate, --lo-wh, --hi-wh) or as the oldest that --holder has of a --kind.
    With --file many items are done at once; a refusal says which item it is about, and then none is done.
    """
    installation = opening(ctx).installation(home)
    market_id = chosen_market(installation, market)
    given = {
        "certificate_id": certificate, "lo_wh": lo_wh, "hi_wh": hi_wh, "slots": slots, "holder_id": holder,
        "kind": kind, "first_date": first, "last_date": until, "energy_wh": energy_wh, "to_id": to,
    }  # fmt: skip
    options = {
        "to": to, "holder": holder, "kind": kind, "from": first, "until": until, "reservation": reservation,
        "site": site, "purpose": purpose, "statement": statement, "scheme": scheme, "month": month,
    }  # fmt: skip
    if verb is Verb.SHOW:
        _show(installation, market_id, certificate, holder, as_json=as_json)
        return
    asked = _Asked(
        installation=installation,
        market_id=market_id,
        reader=ItemReader(book=installation.stores.market.book(market_id)),
        order=OperationOrder(operation_id=operation_id, actor=actor, reason=reason),
        items=[_one_item(verb, given)] if file is None else read_items(file),
        options=options,
        unit_wh=unit_wh,
        validity_months=validity(surplus_months, self_months),
        today=datetime.now(JST).date() if today is None else parsed_date(today),
    )
    _tell(_VERBS[verb](asked), as_json=as_json)


def _one_item(verb: Verb, given: Mapping[str, str | int | None]) -> Fields:
    """Make an item of options; the day on which a promise lapses chooses no delivery dates."""
    is_promise = verb is Verb.RESERVE
    return {
        name: str(value)
        for name, value in given.items()
        if value is not None and not (is_promise and name == "last_date")
    }


def _tell(records: Sequence[OperationRecord], *, as_json: bool) -> None:
    """Print what was done."""
    if as_json:
        print_json([record_document(record) for record in records])
        return
    for record in records:
        OUT.print(
            f"{record.operation_id}: {record.operation} of {record.energy_wh:,} Wh in {record.event_count:,} "
            f"ranges, operation {record.operation_no}"
        )


def _transfer(asked: _Asked) -> list[OperationRecord]:
    """Give watt-hours away."""
    return [asked.done(transfer, [asked.reader.transfer(item) for item in required_items(asked.items)])]


def _reserve(asked: _Asked) -> list[OperationRecord]:
    """Promise watt-hours."""
    expires_on = required_date(asked.options["until"], "--until")
    promises = [asked.reader.promise(item) for item in required_items(asked.items)]
    return [asked.done(reserve, promises, party_no=asked.to_no, expires_on=expires_on, today=asked.today)]


def _release(asked: _Asked) -> list[OperationRecord]:
    """Give a promise up."""
    return [asked.done(release, _named(asked, "reservation"))]


def _expire(asked: _Asked) -> list[OperationRecord]:
    """Let lapse what is old."""
    step: Callable[[], ExpiryReport] = partial(
        expire,
        asked.installation.stores,
        asked.market_id,
        asked.order,
        validity_months=asked.validity_months,
        on_date=asked.today,
        today=asked.today,
    )
    report = asked.installation.run_step(asked.market_id, STEP, asked.order.operation_id, step)
    return [report.released, report.expired]


def _retire(asked: _Asked) -> list[OperationRecord]:
    """Retire for a claim."""
    statement_no = asked.options["statement"]
    use = ClaimedUse(
        beneficiary_no=asked.to_no,
        used_from=required_date(asked.options["from"], "--from"),
        used_until=required_date(asked.options["until"], "--until"),
        site=asked.options["site"] or "",
        purpose=asked.options["purpose"] or RENEWABLE_USE,
        statement_no=None if statement_no is None else StatementNo(statement_no),
    )
    if asked.options["reservation"] is not None:
        return [asked.done(retire_reservation, asked.options["reservation"], use, today=asked.today)]
    named = [asked.reader.named(item) for item in required_items(asked.items)]
    return [asked.done(retire, named, use, today=asked.today)]


def _split(asked: _Asked) -> list[OperationRecord]:
    """Cut slices."""
    return [asked.done(split, [asked.reader.cut(item) for item in required_items(asked.items)])]


def _export(asked: _Asked) -> list[OperationRecord]:
    """Put a month into a lot."""
    wanted = LotOrder(
        scheme=_named(asked, "scheme"),
        holder_no=asked.reader.party_no(asked.options["holder"], "The holder (--holder)"),
        kind=parsed_kind(asked.options["kind"]),
        month=parsed_month(_named(asked, "month")),
        unit_wh=asked.unit_wh,
    )
    return [asked.done(export_lot, wanted)]


def _named(asked: _Asked, option: str) -> str:
    """Give an option that a verb needs. Raises: WrongInput."""
    text = asked.options[option]
    if not text:
        raise WrongInput(f"--{option} is missing.", hint=f"Give --{option}.")
    return text


_VERBS: Final[dict[Verb, Callable[[_Asked], list[OperationRecord]]]] = {
    Verb.TRANSFER: _transfer,
    Verb.RESERVE: _reserve,
    Verb.RELEASE: _release,
    Verb.EXPIRE: _expire,
    Verb.RETIRE: _retire,
    Verb.SPLIT: _split,
    Verb.EXPORT: _export,
}


def _show(
    installation: Installation,
    market_id: MarketId,
    certificate: str | None,
    holder: str | None,
    *,
    as_json: bool,
) -> None:
    """Print what stands of a certificate or a holder, and what was done with it."""
    reader = ItemReader(book=installation.stores.market.book(market_id))
    if certificate is not None:
        lineage = certificate_lineage(installation.stores, market_id, CertificateId(certificate))
    elif holder is not None:
        lineage = holder_lineage(installation.stores, market_id, reader.party_no(holder, "The holder (--holder)"))
    else:
        raise WrongInput("Nothing is named to be shown.", hint="Give --certificate or --holder.")
    print_lineage(lineage, reader.party_id, as_json=as_json)
