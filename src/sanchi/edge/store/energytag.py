"""Gives certificates out as EnergyTag has them: one bundle a certificate, half hour and slice, ids inclusive, UTC.

Enters: Books, delivery dates. Leaves: a JSON document, bundle by bundle. Schema: schemas/energytag.schema.json;
attributes: docs/reference/exports.md. Not here: files (exports).
"""

import json
from collections.abc import Iterator
from datetime import UTC, date
from typing import Any, Final, TextIO

from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SlotId
from sanchi.core.certificates.state import CertificateState
from sanchi.core.metering.readings import Quality
from sanchi.edge.store.books import Books
from sanchi.edge.store.sql import Row

SCHEMA_NAME: Final = "sanchi/energytag/1"
# Certificates beside the official schemes, not in their stead: the scheme's configuration 2.
CONFIGURATION: Final = 2

STATUS: Final = {
    CertificateState.ACTIVE: "Active",
    CertificateState.RESERVED: "Reserved",
    CertificateState.RETIRED: "Claimed",
    CertificateState.EXPIRED: "Expired",
    CertificateState.IN_EXPORT_LOT: "Locked",  # left for another scheme, which alone may use it
    CertificateState.CHARGED: "Cancelled",  # cancelled for storage
    CertificateState.WITHDRAWN: "Withdrawn",
}
_DISCLOSED: Final = frozenset({CertificateState.ACTIVE, CertificateState.RESERVED, CertificateState.RETIRED})

_MARKET_SQL: Final = """
    SELECT market_id, name, name_ja, grid_area, retailer_id FROM market
"""
_DATES_SQL: Final = """
    SELECT DISTINCT delivery_date FROM certificate WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date
"""
_DEVICES_SQL: Final = """
    SELECT DISTINCT plant.device_id, party_id, district, plant.capacity_w, plant.commissioning_date, plant.fit_end,
           plant.measurement_grade, plant.ct_class_permille, battery_capacity_wh
    FROM plant JOIN party ON party_no = plant.home_no
    WHERE plant.home_no IN (SELECT home_no FROM certificate WHERE delivery_date BETWEEN $first_date AND $last_date)
    ORDER BY plant.device_id
"""
_BUNDLES_SQL: Final = f"""
    WITH issued AS (SELECT * FROM certificate WHERE delivery_date BETWEEN $first_date AND $last_date),
    shapes AS (
        SELECT delivery_date, party_no AS home_no, slot_no,
               export_quality < {Quality.MEASURED.value} AS surplus_estimated,
               least(export_quality, pv_quality) < {Quality.MEASURED.value} AS self_estimated
        FROM slot_energy WHERE delivery_date BETWEEN $first_date AND $last_date),
    ranges AS (SELECT certificate_id, slot_no, lo_wh AS segment_lo_wh, hi_wh AS segment_hi_wh FROM segments),
    held AS (SELECT certificate_id, lo_wh, hi_wh, state_no, holder_no, claim_no FROM slice)
    SELECT certificate_id, issued.device_id, issued.delivery_date, ranges.slot_no, kind_no, issued.revision,
           greatest(lo_wh, segment_lo_wh) AS first_wh, least(hi_wh, segment_hi_wh) AS end_wh, state_no,
           (SELECT party_id FROM party WHERE party_no = held.holder_no) AS holder_id,
           (SELECT party_id FROM party WHERE party_no = claim.beneficiary_no) AS beneficiary_id,
           held.claim_no, claim.purpose, claim.month, claim.statement_no, issued.storage_no, issued.quantity_wh,
           segments_digest,
           if(kind_no = {CertificateKind.SURPLUS.value}, surplus_estimated, self_estimated) AS is_estimated
    FROM issued JOIN ranges USING (certificate_id) JOIN held USING (certificate_id)
    LEFT JOIN claim ON claim.claim_no = held.claim_no
    LEFT JOIN shapes ON shapes.delivery_date = issued.delivery_date AND shapes.home_no = issued.home_no
         AND shapes.slot_no = ranges.slot_no
    WHERE lo_wh < segment_hi_wh AND segment_lo_wh < hi_wh
    ORDER BY issued.delivery_date, certificate_id, first_wh
"""


def write_bundles(books: Books, first_date: date, last_date: date, text: TextIO) -> int:
    """Write the bundles of some delivery dates, one a line, below the market and the devices; returns how many."""
    between = {"first_date": first_date, "last_date": last_date}
    market = books.records(_MARKET_SQL)[0]
    head = {
        "schema": SCHEMA_NAME,
        "issuer": market["retailer_id"],
        "market_id": market["market_id"],
        "grid_area": market["grid_area"],
        "configuration": CONFIGURATION,
        "first_date": str(first_date),
        "last_date": str(last_date),
        "devices": [_device(record, market["grid_area"]) for record in books.records(_DEVICES_SQL, between)],
    }
    text.write(json.dumps(head, ensure_ascii=False)[:-1] + ', "bundles": [')
    count = 0
    # Day by day, since a month of a large retailer has millions of bundles.
    for (day,) in books.fetch(_DATES_SQL, between):
        rows = books.fetch(_BUNDLES_SQL, {"first_date": day, "last_date": day})
        for bundle in _bundles(rows, market["retailer_id"]):
            text.write(f"{',' if count else ''}\n{json.dumps(bundle, ensure_ascii=False)}")
            count += 1
    text.write("\n]}\n")
    return count


def _device(record: dict[str, Any], grid_area: str) -> dict[str, Any]:
    """Lay a roof out; where it stands is known by district alone."""
    return {
        "device_id": record["device_id"],
        "device_name": record["party_id"],
        "energy_source": "solar",
        "technology": "rooftop photovoltaic",
        "capacity_w": record["capacity_w"],
        "commissioning_date": str(record["commissioning_date"]),
        "support_end": str(record["fit_end"]),
        "location": {"municipality": record["district"], "grid_area": grid_area, "coordinates": None},
        "measurement_grade": record["measurement_grade"],
        "ct_class_permille": record["ct_class_permille"] if record["measurement_grade"] == "ct" else None,
        "has_storage": record["battery_capacity_wh"] > 0,
    }


def _bundles(rows: list[Row], issuer: str) -> Iterator[dict[str, Any]]:
    """Lay rows of _BUNDLES_SQL out."""
    for row in rows:
        (
            certificate_id,
            device_id,
            delivery_date,
            slot_no,
            kind_no,
            revision,
            lo_wh,
            hi_wh,
            state_no,
            holder_id,
            *rest,
        ) = row
        beneficiary_id, claim_no, purpose, month, statement_no, storage_no, quantity_wh, digest, is_estimated = rest
        slot = SlotId(delivery_date=delivery_date, slot_no=slot_no)
        state = CertificateState(state_no)
        yield {
            "bundle_id": f"{certificate_id}#{lo_wh}-{hi_wh - 1}",
            "issuance_id": f"{device_id}-{slot.slot_start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "certificate_id": certificate_id,
            "certificate_quantity_wh": quantity_wh,
            "revision": revision,
            # The serials [lo, hi) of the certificate; EnergyTag's ranges include their end.
            "bundle_id_range_start": lo_wh,
            "bundle_id_range_end": hi_wh - 1,
            "bundle_quantity_wh": hi_wh - lo_wh,
            "energy_carrier": "electricity",
            "energy_source": "solar",
            "value_kind": CertificateKind(kind_no).text,
            "face_value_wh": 1,
            "device_id": device_id,
            "production_starting_interval": f"{slot.slot_start.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "production_ending_interval": f"{slot.slot_end.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}",
            "issuer": issuer,
            # The books keep the order of what happened, and no clock.
            "issuance_datestamp": None,
            "is_from_storage": storage_no != 0,
            "is_after_conversion": False,
            "is_usable_for_disclosure": state in _DISCLOSED,
            "is_shape_estimated": is_estimated is not False,
            "certificate_bundle_status": STATUS[state],
            "account_id": holder_id,
            "beneficiary": None
            if claim_no is None
            else {
                "party_id": beneficiary_id,
                "claim_no": claim_no,
                "purpose": purpose,
                "month": f"{month:%Y-%m}",
                "statement_no": statement_no,
            },
            "segments_digest": digest,
        }
