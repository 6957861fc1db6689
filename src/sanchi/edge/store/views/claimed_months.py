"""Reads what buyers claimed for a month, down to the half hour and roof of every serial.

Enter: Books, Parties, a month. Leave: ClaimedMonths. Not here: sums, shares, words (app/origin_statement).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from sanchi.app.log_entries import month_subject
from sanchi.app.market import PartyRole
from sanchi.app.origin_records import (
    CheckpointRef,
    ClaimedCertificate,
    ClaimedMonth,
    ClaimLine,
    Issuer,
    LostLine,
    OutsideLine,
)
from sanchi.app.views.market_head import PartyRef
from sanchi.core.base.ids import CertificateId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.reports.claimed_rows import ClaimedRows
from sanchi.edge.store.books import Books
from sanchi.edge.store.sql import Row
from sanchi.edge.store.views.parties import Parties
from sanchi.edge.store.views.site_slots import SHAPES_SQL, read_sites

_ROWS_SQL: Final = f"""
    WITH {SHAPES_SQL},
    used_up AS (
        SELECT certificate_id, lo_wh, hi_wh, claim_no FROM slice JOIN claim USING (claim_no)
        WHERE claim.month = $month AND beneficiary_no = $buyer_no)
    SELECT date_diff('day', DATE '2000-01-01', delivery_date), slot_no, kind_no, home_no, certificate_id,
           greatest(used_up.lo_wh, segments.lo_wh) AS lo_wh, least(used_up.hi_wh, segments.hi_wh) AS hi_wh,
           coalesce(is_estimated, true), claim_no
    FROM used_up JOIN certificate USING (certificate_id)
    JOIN (SELECT certificate_id, lo_wh, hi_wh, slot_no FROM segments) AS segments USING (certificate_id)
    LEFT JOIN shapes USING (delivery_date, home_no, slot_no, kind_no)
    WHERE used_up.lo_wh < segments.hi_wh AND segments.lo_wh < used_up.hi_wh
    ORDER BY delivery_date, slot_no, kind_no, home_no, certificate_id, 6
"""
_CERTIFICATES_SQL: Final = """
    SELECT DISTINCT certificate_id, home_no, device_id, delivery_date, kind_no, revision, certificate.quantity_wh,
           certificate.storage_no, measurement_grade, ct_class_permille, commissioning_date, fit_end
    FROM certificate JOIN slice USING (certificate_id) JOIN claim USING (claim_no)
    WHERE claim.month = $month AND beneficiary_no = $buyer_no ORDER BY certificate_id
"""
# Debts move no money, so the books do not tell when one came about: it is told to the claim that had used the
# watt-hours up, and once more by the next claim, or by the first one after other parts of its revision were booked.
_LOST_SQL: Final = """
    WITH claimed AS (
        SELECT home_no, delivery_date, kind_no, slice.holder_no, min(claim.month) AS claimed_month
        FROM slice JOIN certificate USING (certificate_id) JOIN claim USING (claim_no) GROUP BY ALL),
    booked AS (SELECT delivery_date, revision, min(posting_month) AS booked_month FROM accrual GROUP BY ALL),
    lost AS (
        SELECT debt.*, coalesce(claimed_month, date_trunc('month', delivery_date))::DATE AS claimed_month,
               booked_month
        FROM debt LEFT JOIN claimed USING (home_no, delivery_date, kind_no, holder_no)
        LEFT JOIN booked USING (delivery_date, revision) WHERE holder_no = $buyer_no),
    told AS (
        SELECT debt_no, min(claim.month) AS told_month
        FROM lost JOIN claim ON beneficiary_no = holder_no AND claim.month > claimed_month
             AND claim.month >= coalesce(booked_month, claimed_month) GROUP BY ALL)
    SELECT debt_no, delivery_date, slot_no, home_no, kind_no, debt_wh, claimed_month
    FROM lost LEFT JOIN told USING (debt_no)
    WHERE claimed_month = $month OR told_month = $month ORDER BY debt_no
"""
_OUTSIDE_SQL: Final = """
    SELECT lot_id, scheme, serial_first, serial_last, lo_wh, hi_wh, generated_from, generated_until, energy_source,
           plant_name, municipality, facility_id, reference, purpose
    FROM outside_use JOIN outside_lot USING (lot_no)
    WHERE month = $month AND beneficiary_no = $buyer_no ORDER BY lot_no, lo_wh
"""
_PASSED_ON_SQL: Final = """
    SELECT tenant_no, sum(energy_wh) FROM passed_on
    WHERE owner_no = $buyer_no AND delivery_date BETWEEN $first_date AND $last_date GROUP BY ALL ORDER BY tenant_no
"""


def read_claimed_months(
    books: Books, parties: Parties, month: Month, buyer_id: PartyId | None
) -> tuple[ClaimedMonth, ...]:
    """Read the claims of a month, of one buyer or of all that have any. Raises: UnknownRecord."""
    asked = None if buyer_id is None else parties.named(buyer_id, PartyRole.BUYER).party_no
    issuer = read_issuer(books, parties)
    numbers = _statement_numbers(books, issuer, month)
    sites = {site.buyer.party_no: site for site in read_sites(books, parties, month.first_date, month.last_date)}
    checkpoint = _checkpoint(books, month)
    return tuple(
        ClaimedMonth(
            issuer=issuer,
            statement_no=statement_no,
            buyer=parties.by_no[buyer_no],
            month=month,
            site=sites[buyer_no],
            checkpoint=checkpoint,
            **_of_buyer(books, parties.by_no, month, buyer_no),
        )
        for buyer_no, statement_no in numbers.items()
        if asked in {None, buyer_no}
    )


def read_issuer(books: Books, parties: Parties) -> Issuer:
    """Read who issues documents of the market."""
    terms = books.records("SELECT market_id, name, name_ja, grid_area, retailer_id FROM market")[0]
    return Issuer(retailer=parties.named(terms.pop("retailer_id")), **terms)


def _statement_numbers(books: Books, issuer: Issuer, month: Month) -> dict[int, str]:
    """Give the number of each beneficiary's statement: as its claims carry it, or else by beneficiary."""
    rows = books.fetch(
        "SELECT beneficiary_no, min(statement_no) FROM claim WHERE month = ? GROUP BY ALL ORDER BY beneficiary_no",
        [month.first_date],
    )
    return {
        buyer_no: kept_no or f"{issuer.market_id}/{month}/origin/{place:06d}"
        for place, (buyer_no, kept_no) in enumerate(rows, start=1)
    }


def _of_buyer(books: Books, by_no: Mapping[int, PartyRef], month: Month, buyer_no: int) -> dict[str, Any]:
    """Read what one buyer's claims of the month rest on, as fields of ClaimedMonth."""
    of_buyer = {"month": month.first_date, "buyer_no": buyer_no}
    days = {"first_date": month.first_date, "last_date": month.last_date}
    certificates = [_certificate(row) for row in books.fetch(_CERTIFICATES_SQL, of_buyer)]
    first_date = min((each.delivery_date for each in certificates), default=month.first_date)
    last_date = max((each.delivery_date for each in certificates), default=month.last_date)
    shaped = {"first_date": first_date, "last_date": last_date}
    home_nos = sorted({each.home_no for each in certificates})
    capacities: dict[int, int] = dict(books.fetch("SELECT home_no, capacity_w FROM plant ORDER BY home_no"))
    return {
        "claims": _claims(books, month, buyer_no),
        "rows": ClaimedRows.of_rows(books.fetch(_ROWS_SQL, of_buyer | shaped)),
        "certificates": {each.certificate_id: each for each in certificates},
        "homes": {home_no: by_no[home_no] for home_no in home_nos},
        "capacity_w": {home_no: capacities[home_no] for home_no in home_nos},
        "lost": tuple(_lost(row, by_no) for row in books.fetch(_LOST_SQL, of_buyer)),
        "outside": tuple(OutsideLine(**record) for record in books.records(_OUTSIDE_SQL, of_buyer)),
        "passed_on_wh": tuple(
            (by_no[tenant_no], int(energy_wh))
            for tenant_no, energy_wh in books.fetch(_PASSED_ON_SQL, {"buyer_no": buyer_no} | days)
        ),
    }


def _claims(books: Books, month: Month, buyer_no: int) -> tuple[ClaimLine, ...]:
    """List the claims; what was claimed for the month as a whole was used in all of it."""
    rows: Sequence[Row] = books.fetch(
        "SELECT claim_no, purpose, site, used_from, used_until, energy_wh FROM claim "
        "WHERE month = ? AND beneficiary_no = ? ORDER BY claim_no",
        [month.first_date, buyer_no],
    )
    return tuple(
        ClaimLine(
            claim_no=claim_no,
            purpose=purpose,
            site=site,
            used_from=used_from or month.first_date,
            used_until=used_until or month.last_date,
            energy_wh=energy_wh,
        )
        for claim_no, purpose, site, used_from, used_until, energy_wh in rows
    )


def _certificate(row: Row) -> ClaimedCertificate:
    """Make a record of a row of _CERTIFICATES_SQL."""
    certificate_id, home_no, device_id, delivery_date, kind_no, revision, quantity_wh, storage_no, *plant = row
    grade, ct_class_permille, commissioning_date, fit_end = plant
    return ClaimedCertificate(
        certificate_id=CertificateId(certificate_id),
        home_no=home_no,
        device_id=device_id,
        delivery_date=delivery_date,
        kind=CertificateKind(kind_no),
        revision=revision,
        quantity_wh=quantity_wh,
        is_from_storage=storage_no != 0,
        measurement_grade=grade,
        ct_class_permille=ct_class_permille,
        commissioning_date=commissioning_date,
        fit_end=fit_end,
    )


def _lost(row: Row, by_no: Mapping[int, PartyRef]) -> LostLine:
    """Make a record of a row of _LOST_SQL."""
    debt_no, delivery_date, slot_no, home_no, kind_no, debt_wh, claimed_month = row
    day: date = delivery_date
    return LostLine(
        debt_no=debt_no,
        claimed_month=Month.of(claimed_month),
        delivery_date=day,
        slot_no=slot_no,
        home=by_no[home_no],
        kind=CertificateKind(kind_no),
        energy_wh=debt_wh,
    )


def _checkpoint(books: Books, month: Month) -> CheckpointRef | None:
    """Give the checkpoint that sealed the month's close, or else the latest; None where the log has none."""
    found = books.records(
        "SELECT checkpoint_no, subject, tree_size AS leaf_count, root FROM checkpoint "
        "ORDER BY (subject = ?) DESC, checkpoint_no DESC LIMIT 1",
        [month_subject(month)],
    )
    return CheckpointRef(**found[0]) if found else None
