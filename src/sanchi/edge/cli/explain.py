"""`sanchi explain`: why a home got what it got, in words and figures; its Wh recomputed from the published table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields, is_dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from sanchi.app.explain_home import HomeQuestion, explain_home
from sanchi.app.recompute_files import RecomputeFiles, recompute_files
from sanchi.app.recompute_home import HomeRecomputation, RecomputedSlot, recompute_home
from sanchi.core.base.errors import AuditFailed, SetupFault, UnknownRecord, WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.edge.cli.console import print_json
from sanchi.edge.cli.explain_sentences import time_text
from sanchi.edge.cli.explain_text import Teller
from sanchi.edge.cli.explain_words import Language
from sanchi.edge.cli.markets import chosen_market, parsed_date
from sanchi.edge.cli.opening import DEFAULT_HOME, FolderOption, JsonOption, MarketOption, opening

HomeIdOption = Annotated[str, typer.Option("--home", help="The participating home: its party_id, for example H01.")]
DayOption = Annotated[str, typer.Option("--day", help="The delivery date, YYYY-MM-DD.")]
SlotOption = Annotated[int | None, typer.Option("--slot", help="One half hour, 1 to 48; by default the whole day.")]
KindOption = Annotated[str | None, typer.Option("--kind", help="surplus or self_consumption; by default both.")]
LangOption = Annotated[str, typer.Option("--lang", help="en or ja.")]
RecomputeOption = Annotated[bool, typer.Option("--recompute", help="Recompute the Wh from the published table alone.")]
TableOption = Annotated[
    Path | None,
    typer.Option("--table", help="Without a platform: buyer, slot_no, closing_time, rounding (.csv or .parquet)."),
]
SupplyOption = Annotated[Path | None, typer.Option("--supply", help="With --table: home, slot_no, supply_wh.")]
ChoicesOption = Annotated[Path | None, typer.Option("--choices", help="With --table: home, rank, buyer.")]
BookedOption = Annotated[
    Path | None, typer.Option("--booked", help="With --table, to compare: home, slot_no, buyer, energy_wh.")
]


def run(
    ctx: typer.Context,
    home: HomeIdOption,
    day: DayOption,
    slot: SlotOption = None,
    kind: KindOption = None,
    lang: LangOption = Language.EN,
    folder: FolderOption = DEFAULT_HOME,
    market: MarketOption = None,
    *,
    recompute: RecomputeOption = False,
    table: TableOption = None,
    supply: SupplyOption = None,
    choices: ChoicesOption = None,
    booked: BookedOption = None,
    as_json: JsonOption = False,
) -> None:
    """Tell why a home got what it got on a closed day, and what another order of its choices would have brought.

    Here --home names the home that takes part, and --folder the installation. With --recompute the home's Wh are
    worked out anew from the published table and compared with the books: exit code 1 when they differ. With --table,
    --supply and --choices it does so from plain files, without an installation (see docs/reference/explain.md).
    """
    language = _member(Language, lang, "language")
    kinds = _kinds(kind)
    question = HomeQuestion(home_id=home, delivery_date=parsed_date(day), slot_no=slot, kinds=kinds)
    question.slot_indices  # noqa: B018 - a slot that no day has is refused before anything is opened
    if recompute or table is not None:
        files = _files(table, supply, choices, booked, None if kind is None else kinds[0])
        told = (
            _recomputed(ctx, folder, market, question)
            if files is None
            else recompute_files(opening(ctx).match_tables(), files, home, question.delivery_date, slot)
        )
        if as_json:
            print_json(document(told))
        else:
            Teller(language=language).recomputation(told)
        require_agreement(told)
        return
    with _advising(home):
        installation = opening(ctx).installation(folder)
        explanation = explain_home(installation.stores, chosen_market(installation, market), question)
    if as_json:
        print_json(document(explanation))
    else:
        Teller(language=language).explanation(explanation)


def _recomputed(ctx: typer.Context, folder: Path, market: str | None, question: HomeQuestion) -> HomeRecomputation:
    """Recompute from the books of an installation."""
    with _advising(question.home_id):
        installation = opening(ctx).installation(folder)
        return recompute_home(installation.stores, chosen_market(installation, market), question)


@contextmanager
def _advising(home: str) -> Iterator[None]:
    """Let refusals speak of --folder, and say it where somebody named a folder as a home."""
    try:
        yield
    except (UnknownRecord, SetupFault) as error:
        if "/" in home or Path(home).is_dir():
            raise WrongInput(
                f"--home {home} is a folder, not a home that takes part.",
                hint="Here --home is a home of the market, for example H01; name the folder with --folder DIR.",
            ) from error
        if isinstance(error, SetupFault):
            raise SetupFault(
                error.what, hint=error.hint.replace("one with --home DIR", "one with --folder DIR")
            ) from error
        raise


def require_agreement(told: HomeRecomputation) -> None:
    """Raise AuditFailed, with the first difference, when the books are not what the table gives."""
    slot = told.first_difference
    if slot is not None:
        raise AuditFailed(
            f"The books differ from the published table: {_difference(told, slot)}.",
            hint="Run sanchi verify; and look whether lists or offers were delivered for that day after its close.",
        )


def _difference(told: HomeRecomputation, slot: RecomputedSlot) -> str:
    """Say where a slot first differs."""
    kind = "" if slot.kind is None else f" {slot.kind.text}"
    place = f"{told.home_id} on {told.delivery_date}, {time_text(slot.slot_no)} (slot {slot.slot_no}){kind}"
    for choice in slot.choices:
        if choice.recomputed_wh != choice.booked_wh:
            return f"{place}, {choice.buyer_id}: recomputed {choice.recomputed_wh} Wh, booked {choice.booked_wh} Wh"
    if slot.rest_recomputed_wh != slot.rest_booked_wh:
        return f"{place}, the rest: recomputed {slot.rest_recomputed_wh} Wh, booked {slot.rest_booked_wh} Wh"
    return f"{place}: a buyer outside the home's list got something"


def _files(
    table: Path | None, supply: Path | None, choices: Path | None, booked: Path | None, kind: CertificateKind | None
) -> RecomputeFiles | None:
    """Gather the files of the stand-alone form; None where none is named."""
    if table is None and supply is None and choices is None and booked is None:
        return None
    if table is None or supply is None or choices is None:
        raise WrongInput(
            "Recomputing from files needs --table, --supply and --choices.",
            hint="Name all three, or none to recompute from an installation.",
        )
    return RecomputeFiles(table=table, supply=supply, choices=choices, booked=booked, kind=kind)


def _kinds(text: str | None) -> tuple[CertificateKind, ...]:
    """Read a kind; None is both."""
    if text is None:
        return tuple(CertificateKind)
    try:
        return (CertificateKind.parse(text),)
    except KeyError as error:
        listed = " or ".join(kind.text for kind in CertificateKind)
        raise WrongInput(f"There is no kind {text!r}.", hint=f"Write {listed}.") from error


def _member(members: type[Language], text: str, noun: str) -> Language:
    """Read a member of a closed set."""
    try:
        return members(text)
    except ValueError as error:
        raise WrongInput(f"There is no {noun} {text!r} here.", hint=f"Write {' or '.join(members)}.") from error


def document(value: Any) -> Any:
    """Lay values out for a machine: records as objects, kinds by their text, dates as YYYY-MM-DD."""
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: document(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, CertificateKind):
        return value.text
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [document(part) for part in value]
    return str(value) if isinstance(value, StrEnum) else value
