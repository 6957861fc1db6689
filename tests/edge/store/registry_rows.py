"""One row for each table of the registry, for a stored market with a closed day.

Enters: a StoredMarket. Leaves: rows. Not here: how they come about for real.
"""

from typing import Any, Final

from sanchi.edge.store.sql import insert
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

MONTH_START: Final = DAY.replace(day=1)


def fill_registry(market: StoredMarket) -> None:
    """Insert a row of each table that refers to no slice."""
    with market.step():
        for table, row in _rows(market).items():
            insert(table, ("market", *row), [(MARKET, *row.values())])


def _rows(market: StoredMarket) -> dict[str, dict[str, Any]]:
    """Lay the rows out by table, each after those that it refers to."""
    buyer_no = int(market.buyer_no[0])
    return {**_promised_and_carried(buyer_no), **_bought_and_logged(buyer_no)}


def _promised_and_carried(buyer_no: int) -> dict[str, dict[str, Any]]:
    """Lay out what slices can refer to."""
    nothing_carried = {"carry_in_wh": 0, "previous_lot_no": None}
    return {
        "reservation": {
            "reservation_no": 1,
            "reservation_id": "promise",
            "party_no": buyer_no,
            "expires_on": DAY,
            "energy_wh": 5,
        },
        "export_lot": {
            "lot_no": 1,
            "scheme": "non_fossil",
            "holder_no": buyer_no,
            "kind_no": 1,
            "month": MONTH_START,
            "unit_wh": 1_000,
            "unit_count": 1,
            "energy_wh": 1_250,
            "carry_out_wh": 250,
            **nothing_carried,
        },
        "storage_account": {
            "storage_no": 1,
            "home_no": 1,
            "first_date": DAY,
            "last_date": DAY,
            "carry_in_wh": 0,
            "charged_wh": 100,
            "discharged_wh": 80,
            "loss_wh": 15,
            "carry_out_wh": 5,
            "previous_storage_no": None,
        },
    }


def _bought_and_logged(buyer_no: int) -> dict[str, dict[str, Any]]:
    """Lay out what was bought elsewhere, and the log."""
    return {
        "outside_lot": {
            "lot_no": 1,
            "lot_id": "lot-1",
            "buyer_no": buyer_no,
            "scheme": "green_power",
            "serial_first": "A-1",
            "serial_last": "A-9",
            "quantity_wh": 9_000,
            "generated_from": MONTH_START,
            "generated_until": DAY,
            "energy_source": "solar",
            "plant_name": "",
            "municipality": "",
            "facility_id": "",
            "reference": "",
        },
        "outside_use": {
            "lot_no": 1,
            "lo_wh": 0,
            "hi_wh": 4_000,
            "quantity_wh": 9_000,
            "month": MONTH_START,
            "beneficiary_no": buyer_no,
            "site": "",
            "purpose": "top-up",
        },
        "checkpoint": {
            "checkpoint_no": 1,
            "subject": "close-day",
            "first_leaf_no": 0,
            "tree_size": 3,
            "root": "00",
            "note": "signed",
        },
        "witness_signature": {"checkpoint_no": 1, "witness": "auditor", "key_text": "key", "signature_line": "line"},
    }
