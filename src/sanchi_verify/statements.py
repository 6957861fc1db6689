"""Holds an origin statement, as the operator wrote it in JSON, against a proof that was found to hold.

Enter: the statement's bytes, a Proof. Leaves: a Finding; NotProven. Of a statement only what was sealed can be
checked: names of people, what a buyer used, CO2 and words are the operator's.
"""

import json
from collections import Counter
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from sanchi_verify.checks import by_half_hour
from sanchi_verify.documents import Proof
from sanchi_verify.findings import CannotCheck, Finding, require

SCHEMA = "sanchi/origin-statement/1"
CHECK = "document"
SURPLUS = "surplus"
SELF_CONSUMPTION = "self_consumption"
SLOTS_PER_DAY = 48

Totals = Counter[tuple[str, str]]


def check_document(content: bytes, proof: Proof) -> Finding:
    """Check what a statement says against what was sealed; CannotCheck where it is no statement."""
    document = _read(content)
    expected = _proven_figures(proof)
    for name, proven in expected.items():
        said = document[name]
        require(CHECK, said == proven, f"it says {name} {said!r}, sealed is {proven!r}")
    require(CHECK, document["buyer"]["party_id"] == proof.claim["beneficiary_id"], "it is of another buyer")
    require(CHECK, document["period"]["month"] == proof.claim["month"], "it is of another month")
    claims = [{name: proof.claim[name] for name in said} for said in document["claims"]]
    require(CHECK, len(claims) == 1, f"it is of {len(claims)} claims, the proof of one")
    require(CHECK, document["claims"] == claims, "its claim is another one")
    _check_plants(document["plants"], proof)
    n_rows = _check_matrix(document["slot_matrix"], proof)
    return Finding(check=CHECK, told=f"{len(expected) + n_rows:,} figures of the statement are what was sealed")


def _read(content: bytes) -> Mapping[str, Any]:
    """Read a statement in its form."""
    try:
        document = json.loads(content)
        is_one = document["schema"] == SCHEMA
        found: Mapping[str, Any] = document
    except (ValueError, TypeError, KeyError):
        is_one = False
    if not is_one:
        raise CannotCheck(f"the statement is none of the form {SCHEMA}")
    return found


def _proven_figures(proof: Proof) -> dict[str, Any]:
    """Work out the figures that a statement has of its claim."""
    totals, _ = _by_device(proof)
    stored = {each["certificate_id"] for each in proof.certificates if each["storage_no"]}
    return {
        "statement_no": proof.claim["statement_no"],
        "energy_wh": proof.claim["energy_wh"],
        "surplus_wh": sum(energy_wh for (_, kind), energy_wh in totals.items() if kind == SURPLUS),
        "self_consumption_wh": sum(energy_wh for (_, kind), energy_wh in totals.items() if kind == SELF_CONSUMPTION),
        "certificate_count": len(proof.certificates),
        "from_storage_wh": sum(
            piece["hi_wh"] - piece["lo_wh"] for piece in proof.slices if piece["certificate_id"] in stored
        ),
    }


def _by_device(proof: Proof) -> tuple[Totals, Counter[str]]:
    """Add the slices up by device and kind [Wh], and count certificates by device."""
    certificate = {each["certificate_id"]: each for each in proof.certificates}
    totals: Totals = Counter()
    for piece in proof.slices:
        own = certificate[piece["certificate_id"]]
        totals[own["device_id"], own["kind"]] += piece["hi_wh"] - piece["lo_wh"]
    return totals, Counter(each["device_id"] for each in proof.certificates)


def _check_plants(plants: list[Mapping[str, Any]], proof: Proof) -> None:
    """Check what each roof gave, and that none is left out or added."""
    totals, counts = _by_device(proof)
    devices = [plant["device_id"] for plant in plants]
    require(CHECK, sorted(devices) == sorted(counts), "its roofs are not those of the certificates")
    for plant in plants:
        device_id = plant["device_id"]
        found = (plant["surplus_wh"], plant["self_consumption_wh"], plant["certificate_count"])
        proven = (totals[device_id, SURPLUS], totals[device_id, SELF_CONSUMPTION], counts[device_id])
        require(CHECK, found == proven, f"of {device_id} it says {found}, sealed is {proven}")


def _check_matrix(matrix: Mapping[str, Any], proof: Proof) -> int:
    """Check the energy of every half hour of the month; returns how many there are."""
    first, energy_wh = date.fromisoformat(matrix["first_date"]), by_half_hour(proof)
    require(CHECK, str(first) == f"{proof.claim['month']}-01", "its half hours begin on another day")
    for number, day in enumerate(matrix["slots_wh"]):
        delivery_date = str(first + timedelta(days=number))
        proven = [energy_wh.get((delivery_date, slot_no), 0) for slot_no in range(1, SLOTS_PER_DAY + 1)]
        require(CHECK, day == proven, f"its half hours of {delivery_date} are others")
    return len(matrix["slots_wh"]) * SLOTS_PER_DAY
