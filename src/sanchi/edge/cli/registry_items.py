"""Items of a registry command: rows of a file, or one row of options, as requests of core.

Enter: texts by column. Leave: requests. Not here: what is done with them.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

from sanchi.app.market import MarketBook
from sanchi.app.registry.split import SlotCut
from sanchi.core.base.errors import UnknownRecord, UnreadableDelivery, WrongInput
from sanchi.core.base.ids import CertificateId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.requests import Named, Selection, Serials
from sanchi.core.certificates.reservation import Promise
from sanchi.core.certificates.splitting import Cut
from sanchi.core.certificates.transfer import Transfer
from sanchi.edge.cli.markets import parsed_date

COLUMNS: Final = (
    "certificate_id", "lo_wh", "hi_wh", "slots", "holder_id", "kind", "first_date", "last_date", "energy_wh", "to_id",
)  # fmt: skip
Fields = Mapping[str, str]


def read_items(path: Path) -> list[Fields]:
    """Read a CSV file with a header, or JSON objects a line (.jsonl). Raises: UnreadableDelivery."""
    try:
        text = path.read_text(encoding="utf-8-sig")
        if path.suffix == ".jsonl":
            rows = [json.loads(line) for line in text.splitlines() if line.strip()]
            items: list[Fields] = [{name: _text(value) for name, value in row.items()} for row in rows]
        else:
            items = [dict(row) for row in csv.DictReader(text.splitlines(), strict=True, restval="", restkey="?")]
    except (OSError, ValueError, AttributeError, csv.Error) as error:
        raise UnreadableDelivery(
            f"{path} cannot be read as items ({error}).",
            hint=f"Write CSV with the header {','.join(COLUMNS)}, or .jsonl with these names; leave out unused ones.",
        ) from error
    unknown = sorted({str(name) for item in items for name in item} - set(COLUMNS))
    if unknown or not items:
        raise UnreadableDelivery(
            f"{path} has {f'the unknown columns {unknown}' if unknown else 'no items'}.",
            hint=f"Columns are {', '.join(COLUMNS)}.",
        )
    return items


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemReader:
    """Turns fields into requests of one market."""

    book: MarketBook

    def party_no(self, party_id: str | None, what: str) -> int:
        """Give the number of a party. Raises: WrongInput where none is named, UnknownRecord."""
        if not party_id:
            raise WrongInput(f"{what} is not named.", hint="Give its id.")
        for party in self.book.parties:
            if party.party_id == party_id:
                return party.party_no
        raise UnknownRecord(f"There is no party {party_id} in {self.book.terms.market_id}.", hint="Compare its id.")

    def party_id(self, party_no: int) -> str:
        """Give the id of a party."""
        return next((party.party_id for party in self.book.parties if party.party_no == party_no), str(party_no))

    def named(self, item: Fields) -> Named:
        """Read which watt-hours are meant: serials of a certificate, or the oldest of a holder."""
        if item.get("certificate_id"):
            return self._serials(item)
        first, last = item.get("first_date"), item.get("last_date")
        return Selection(
            holder_no=self.holder_no(item),
            kind=parsed_kind(item.get("kind")),
            first_date=parsed_date(first) if first else self.book.terms.first_delivery_date,
            last_date=parsed_date(last) if last else self.book.terms.last_delivery_date,
            energy_wh=_number(item, "energy_wh") if item.get("energy_wh") else None,
        )

    def holder_no(self, item: Fields) -> int:
        """Read who holds what is meant."""
        return self.party_no(item.get("holder_id"), "The holder (holder_id)")

    def transfer(self, item: Fields) -> Transfer:
        """Read a transfer."""
        to_no = self.party_no(item.get("to_id"), "The new holder (to_id)")
        return Transfer(named=self.named(item), from_holder_no=self.holder_no(item), to_holder_no=to_no)

    def promise(self, item: Fields) -> Promise:
        """Read what is to be reserved."""
        return Promise(named=self.named(item), holder_no=self.holder_no(item))

    def cut(self, item: Fields) -> Cut | SlotCut:
        """Read where to cut: around serials, or around slots as 24+25+26."""
        if item.get("slots"):
            try:
                slot_nos = tuple(int(text) for text in item["slots"].split("+"))
            except ValueError as error:
                raise WrongInput(f"{item['slots']!r} names no slots.", hint="Write slots as 24+25+26.") from error
            certificate_id = CertificateId(item.get("certificate_id", ""))
            return SlotCut(certificate_id=certificate_id, slot_nos=slot_nos, holder_no=self.holder_no(item))
        return Cut(named=self._serials(item), holder_no=self.holder_no(item))

    def _serials(self, item: Fields) -> Serials:
        """Read serials."""
        return Serials(
            certificate_id=CertificateId(item.get("certificate_id", "")),
            lo_wh=_number(item, "lo_wh"),
            hi_wh=_number(item, "hi_wh"),
        )


def parsed_kind(text: str | None) -> CertificateKind:
    """Read a kind. Raises: WrongInput."""
    try:
        return CertificateKind.parse(text or "")
    except KeyError as error:
        raise WrongInput(f"{text!r} is no kind.", hint="Write surplus or self_consumption.") from error


def validity(surplus_months: int | None, self_months: int | None) -> dict[CertificateKind, int]:
    """Give the months of validity by kind; a kind without never expires."""
    given = {CertificateKind.SURPLUS: surplus_months, CertificateKind.SELF_CONSUMPTION: self_months}
    return {kind: n_months for kind, n_months in given.items() if n_months is not None}


def required_date(text: str | None, option: str) -> date:
    """Read the date of an option that this command needs. Raises: WrongInput."""
    if text is None:
        raise WrongInput(f"{option} is missing.", hint=f"Give {option} DATE.")
    return parsed_date(text)


def required_items(items: Sequence[Fields]) -> Sequence[Fields]:
    """Refuse a command without items: WrongInput."""
    if not any(items):
        raise WrongInput(
            "Nothing is named.",
            hint="Give --file, or --certificate with --lo-wh and --hi-wh, or --holder with --kind.",
        )
    return items


def _number(item: Fields, name: str) -> int:
    """Read a whole number."""
    try:
        return int(item.get(name) or "")
    except ValueError as error:
        raise WrongInput(f"{name} is {item.get(name)!r}, no whole number.", hint="Write watt-hours as 1500.") from error


def _text(value: object) -> str:
    """Give a JSON value as it would stand in a CSV file."""
    if isinstance(value, list):
        return "+".join(map(str, value))
    return "" if value is None else str(value)
