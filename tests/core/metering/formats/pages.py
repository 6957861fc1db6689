"""Pages of the two clouds as they come: good ones, and records that a test alters.

Enter: what a record shall say. Leave: bodies. Not here: what has to become of them.
"""

import json
from datetime import datetime, timedelta
from typing import Any

from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.json_records import CloudPage

NOON = datetime(2020, 12, 1, 12, 0, tzinfo=JST)
RECEIVED_S = int((NOON + timedelta(hours=4)).timestamp())


def block(**changed: Any) -> dict[str, Any]:
    """Give half an hour from noon of one device, everything constant."""
    good = {
        "device_id": "ct-021",
        "from": NOON.isoformat(),
        "minutes": 30,
        "pv_w": [600] * 30,
        "load_w": [400] * 30,
        "grid_w": [-200] * 30,
        "sent_at": (NOON + timedelta(minutes=31)).isoformat(),
        "cloud_received_at": (NOON + timedelta(minutes=31, seconds=2)).isoformat(),
    }
    return good | changed


def reading(**changed: Any) -> dict[str, Any]:
    """Give the counts of one meter at noon."""
    good = {
        "no": 7,
        "gatewayId": "br-021",
        "fixedTime": NOON.isoformat(),
        "import": 1_234,
        "export": 56,
        "unit": "0.1",
        "coefficient": 1,
        "digits": 6,
        "uploadedAt": (NOON + timedelta(minutes=5)).isoformat(),
    }
    return good | changed


def ct_page(*items: Any, received_s: int = RECEIVED_S) -> CloudPage:
    return CloudPage(received_s=received_s, body=json.dumps({"items": list(items), "cursor": "9", "has_more": False}))


def gateway_page(*readings: Any, received_s: int = RECEIVED_S) -> CloudPage:
    return CloudPage(
        received_s=received_s, body=json.dumps({"total": len(readings), "offset": 0, "readings": list(readings)})
    )
