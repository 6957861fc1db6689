"""Origin statements as JSON: every figure in whole Wh, names in clear (schema: schemas/origin_statement.schema.json).

Enters: an OriginStatement. Leaves: a document of plain values. Not here: serials by half hour (statement_csv).
"""

from typing import Any, Final

from sanchi.app.origin_records import CheckpointRef, LostLine, OutsideLine
from sanchi.app.origin_statement import GainedLine, MatchedUse, OriginStatement, PlantLine
from sanchi.app.views.market_head import PartyRef
from sanchi.core.reports.hour_matching import PeriodMatch, share_permille
from sanchi.core.reports.label_sentence import LABEL_SENTENCE_EN, LABEL_SENTENCE_JA

SCHEMA_NAME: Final = "sanchi/origin-statement/1"


def statement_document(statement: OriginStatement, serials_sha256: str) -> dict[str, Any]:
    """Lay a statement out; serials_sha256 binds the CSV of its serials."""
    return {
        "schema": SCHEMA_NAME,
        "statement_no": statement.statement_no,
        **_head(statement),
        **_energies(statement),
        "use": None if statement.use is None else use_document(statement.use),
        "outside": {"energy_wh": statement.outside_wh, "lines": [_outside(line) for line in statement.outside]},
        "unclaimed_use": {
            "energy_wh": statement.unclaimed_use_wh,
            "sentence_ja": LABEL_SENTENCE_JA,
            "sentence_en": LABEL_SENTENCE_EN,
        },
        "corrections": {
            "gained": [_gained(line) for line in statement.gained],
            "lost": [_lost(line) for line in statement.lost],
            "lost_before": [_lost(line) for line in statement.lost_before],
        },
        "passed_on": [
            {"tenant": party_document(tenant), "energy_wh": energy_wh} for tenant, energy_wh in statement.passed_on
        ],
        "rules": [
            {
                "text_ja": sentence.text_ja,
                "text_en": sentence.text_en,
                "rule": sentence.rule,
                "rule_date": str(sentence.rule_date),
            }
            for sentence in statement.sentences
        ],
        "checkpoint": None if statement.checkpoint is None else _checkpoint(statement.checkpoint),
        "serials_sha256": serials_sha256,
    }


def _head(statement: OriginStatement) -> dict[str, Any]:
    """Say whose statement it is, of whom, when, and by which claims."""
    issuer, month = statement.issuer, statement.month
    return {
        "issuer": {
            "market_id": issuer.market_id,
            "name": issuer.name,
            "name_ja": issuer.name_ja,
            "grid_area": issuer.grid_area,
            "retailer": party_document(issuer.retailer),
        },
        "buyer": party_document(statement.buyer),
        "period": {
            "month": str(month),
            "first_date": str(month.first_date),
            "last_date": str(month.last_date),
            "utc_offset": "+09:00",
        },
        "claims": [
            {
                "claim_no": claim.claim_no,
                "purpose": claim.purpose,
                "site": claim.site,
                "used_from": str(claim.used_from),
                "used_until": str(claim.used_until),
                "energy_wh": claim.energy_wh,
            }
            for claim in statement.claims
        ],
    }


def _energies(statement: OriginStatement) -> dict[str, Any]:
    """Lay the claimed energy out by kind, place, roof, measurement and half hour."""
    return {
        "energy_wh": statement.energy_wh,
        "surplus_wh": statement.surplus_wh,
        "self_consumption_wh": statement.self_wh,
        "measured_wh": statement.energy_wh - statement.estimated_wh,
        "estimated_shape_wh": statement.estimated_wh,
        "from_storage_wh": statement.from_storage_wh,
        "certificate_count": statement.certificate_count,
        "districts": [
            {
                "district": line.district,
                "home_count": line.home_count,
                "surplus_wh": line.surplus_wh,
                "self_consumption_wh": line.self_wh,
            }
            for line in statement.districts
        ],
        "plants": [_plant(line) for line in statement.plants],
        "grades": [
            {
                "measurement_grade": line.measurement_grade,
                "ct_class_permille": line.ct_class_permille if line.measurement_grade == "ct" else None,
                "energy_wh": line.energy_wh,
            }
            for line in statement.grades
        ],
        "slot_matrix": {
            "first_date": str(statement.month.first_date),
            "slots_wh": [list(day) for day in statement.matrix_wh],
        },
    }


def _checkpoint(checkpoint: CheckpointRef) -> dict[str, Any]:
    """Name the sealed state of the log."""
    return {
        "checkpoint_no": checkpoint.checkpoint_no,
        "subject": checkpoint.subject,
        "tree_size": checkpoint.leaf_count,
        "root": checkpoint.root,
    }


def party_document(party: PartyRef) -> dict[str, str]:
    """Name a party."""
    return {
        "party_id": party.party_id,
        "name": party.name,
        "name_ja": party.name_ja,
        "company": party.company,
        "district": party.district,
    }


def use_document(use: MatchedUse) -> dict[str, Any]:
    """Lay out use and cover; shares in permille, rounded down."""
    return {"matched": match_document(use.loose), "strict": match_document(use.strict)}


def match_document(match: PeriodMatch) -> dict[str, int | None]:
    """Lay out the sums of a period; shares in permille, rounded down."""
    return {
        "use_wh": match.use_wh,
        "received_wh": match.received_wh,
        "left_out_wh": match.left_out_wh,
        "slot_covered_wh": match.slot_covered_wh,
        "hour_covered_wh": match.hour_covered_wh,
        "period_covered_wh": match.period_covered_wh,
        "uncovered_wh": match.uncovered_wh,
        "slot_share_permille": share_permille(match.slot_share),
        "hour_share_permille": share_permille(match.hour_share),
        "period_share_permille": share_permille(match.period_share),
    }


def _plant(line: PlantLine) -> dict[str, Any]:
    """Lay out what a roof gave."""
    until = line.eligible_until
    return {
        "home_id": line.home.party_id,
        "device_id": line.device_id,
        "district": line.home.district,
        "capacity_w": line.capacity_w,
        "commissioning_date": str(line.commissioning_date),
        "fit_end": str(line.fit_end),
        "measurement_grade": line.measurement_grade,
        "ct_class_permille": line.ct_class_permille if line.measurement_grade == "ct" else None,
        "certificate_count": line.certificate_count,
        "surplus_wh": line.surplus_wh,
        "self_consumption_wh": line.self_wh,
        "estimated_shape_wh": line.estimated_wh,
        "re100_eligible": None
        if until is None
        else {
            "until": None if until.until is None else str(until.until),
            "rule": until.rule,
            "rule_date": str(until.rule_date),
        },
    }


def _outside(line: OutsideLine) -> dict[str, Any]:
    """Lay out a use of outside certificates."""
    return {
        "lot_id": line.lot_id,
        "scheme": line.scheme,
        "serial_first": line.serial_first,
        "serial_last": line.serial_last,
        "lo_wh": line.lo_wh,
        "hi_wh": line.hi_wh,
        "energy_wh": line.energy_wh,
        "generated_from": str(line.generated_from),
        "generated_until": str(line.generated_until),
        "energy_source": line.energy_source,
        "plant_name": line.plant_name,
        "municipality": line.municipality,
        "facility_id": line.facility_id,
        "reference": line.reference,
        "purpose": line.purpose,
    }


def _gained(line: GainedLine) -> dict[str, Any]:
    """Lay out what is claimed of an earlier date."""
    return {
        "delivery_date": str(line.delivery_date),
        "home_id": line.home.party_id,
        "kind": line.kind.text,
        "energy_wh": line.energy_wh,
    }


def _lost(line: LostLine) -> dict[str, Any]:
    """Lay out what a correction took away."""
    return {
        "debt_no": line.debt_no,
        "claimed_month": str(line.claimed_month),
        "delivery_date": str(line.delivery_date),
        "slot_no": line.slot_no,
        "home_id": line.home.party_id,
        "kind": line.kind.text,
        "energy_wh": line.energy_wh,
    }
