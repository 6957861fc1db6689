"""Read what is claimed or was bought outside: outside_claims and outside_lots files.

Enter: MasterRows and what is known already. Leave: records, or one UnreadableDelivery naming every fault. Not here:
lots that are registered already (app.top_up).
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import date
from itertools import pairwise
from typing import Final

from sanchi.app.arrivals import MasterRows
from sanchi.app.market import MarketBook, OutsideClaim, OutsideLot, OutsideScheme, PartyRole
from sanchi.app.master_fields import FieldReader
from sanchi.app.master_reading import Known, read_records
from sanchi.app.master_rules import Placed, repeated, roles_of, wrong_role
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.ids import PartyId
from sanchi.core.certificates.serials import serial_range

# More than any power station makes in a year.
LOT_WH_MAX: Final = 10**15


def read_outside_claims(rows: MasterRows, known: Known) -> tuple[OutsideClaim, ...]:
    """Read which homes' value of a kind is somebody else's."""
    return read_records(rows, _claim, lambda placed: faults_of_claims(placed, known.book, known.final_dates))


def read_outside_lots(rows: MasterRows, known: Known) -> tuple[OutsideLot, ...]:
    """Read which certificates buyers bought elsewhere."""
    return read_records(rows, _lot, lambda placed: faults_of_lots(placed, known.book))


def faults_of_claims(
    placed: Sequence[Placed[OutsideClaim]], book: MarketBook, final_dates: Collection[date]
) -> Iterator[str]:
    """Check parties, that no two claims have the same value on a day, and that final days stay as they are."""
    yield from repeated([(each.place, each.record.claim_id) for each in placed], "claim")
    roles = roles_of(book)
    for each in placed:
        claim = each.record
        yield from wrong_role(each.place, claim.home_id, roles, (PartyRole.HOME,))
        changed = dates_changed_by_claims([claim], book, final_dates)
        if changed:
            yield (
                f"{each.place}: claim {claim.claim_id} would change days that are final (first: {changed[0]}); "
                "what was certified of them stands"
            )
    merged = {claim.claim_id: claim for claim in book.outside_claims} | {
        each.record.claim_id: each.record for each in placed
    }
    for earlier, later in pairwise(sorted(merged.values(), key=_claim_key)):
        is_same = (earlier.home_id, earlier.kind) == (later.home_id, later.kind)
        if is_same and (earlier.until_date is None or earlier.until_date > later.first_date):
            yield (
                f"the claims {earlier.claim_id} and {later.claim_id} on {later.kind.text} of {later.home_id} overlap "
                f"on {later.first_date}: one kWh can have one instrument alone"
            )


def dates_changed_by_claims(
    claims: Sequence[OutsideClaim], book: MarketBook, dates: Collection[date]
) -> tuple[date, ...]:
    """Name those of some dates on which claims say anything else of a home than the market knows, in order."""
    known = {claim.claim_id: claim for claim in book.outside_claims}
    return tuple(
        day
        for day in sorted(dates)
        if any(_covered(claim, day) != _covered(known.get(claim.claim_id), day) for claim in claims)
    )


def faults_of_lots(placed: Sequence[Placed[OutsideLot]], book: MarketBook) -> Iterator[str]:
    """Check that lots have names of their own and are of buyers."""
    yield from repeated([(each.place, each.record.lot_id) for each in placed], "lot")
    roles = roles_of(book)
    for each in placed:
        yield from wrong_role(each.place, each.record.buyer_id, roles, (PartyRole.BUYER,))


def _covered(claim: OutsideClaim | None, day: date) -> tuple[PartyId, int] | None:
    """Give the home and kind that a claim covers on a day, if any."""
    return (claim.home_id, int(claim.kind)) if claim is not None and claim.covers(day) else None


def _claim_key(claim: OutsideClaim) -> tuple[PartyId, int, date]:
    """Give the order in which claims on the same value follow each other."""
    return claim.home_id, int(claim.kind), claim.first_date


def _claim(reader: FieldReader) -> OutsideClaim:
    """Read a claim; until_date is the first day that it no longer covers."""
    claim = OutsideClaim(
        claim_id=reader.name("claim_id"),
        home_id=PartyId(reader.name("home_id")),
        kind=reader.kind("kind"),
        scheme=reader.member("scheme", OutsideScheme),
        first_date=reader.day("first_date"),
        until_date=None if reader.is_empty("until_date") else reader.day("until_date"),
        reference=reader.free_text("reference"),
    )
    if claim.until_date is not None and claim.until_date <= claim.first_date:
        reader.note("until_date (the first day that is no longer claimed) does not lie after first_date")
    return claim


def _lot(reader: FieldReader) -> OutsideLot:
    """Read a lot of certificates."""
    lot = OutsideLot(
        lot_id=reader.name("lot_id"),
        buyer_id=PartyId(reader.name("buyer_id")),
        scheme=reader.name("scheme"),
        serial_first=reader.text("serial_first"),
        serial_last=reader.text("serial_last"),
        quantity_wh=reader.integer("quantity_wh", 1, LOT_WH_MAX),
        generated_from=reader.day("generated_from"),
        generated_until=reader.day("generated_until"),
        energy_source=reader.text("energy_source"),
        plant_name=reader.text("plant_name"),
        municipality=reader.free_text("municipality"),
        facility_id=reader.free_text("facility_id"),
        reference=reader.free_text("reference"),
    )
    if lot.generated_until < lot.generated_from:
        reader.note("generated_until lies before generated_from")
    try:
        serial_range(lot.scheme, lot.serial_first, lot.serial_last)
    except WrongInput as wrong:
        reader.note(str(wrong))
    return lot
