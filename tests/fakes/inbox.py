"""A town whose meters have addresses, and files of the inbox for it.

Enter: blocks, readings, events. Leave: paths. Not here: what has to become of them.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.core.metering.formats.pages import block
from tests.fakes.market_folder import FILES, Town, write_market

HEADER, *METERS = FILES["meters.csv"].splitlines()
ADDRESSED_METERS = (
    f"{HEADER},source,address,same_as\n"
    + "".join(
        f"{line},,{'br-021' if line.startswith('S1,') else ''},\n" for line in METERS if not line.startswith("P1,")
    )
    + "P1,H1,pv,1,0,2020-11-20T00:00:00+09:00,,4000,ct,ct-021/pv,\n"
    + "N1,H2,import+export,100,6,2020-11-20T00:00:00+09:00,,10000,b_route,gw-001/028801,S2\n"
    + "G1,H1,import+export,1,0,2020-11-20T00:00:00+09:00,,10000,ct,ct-021/grid,S1\n"
)
RECEIVED_AT = "2020-12-01T16:00:00+09:00"


def addressed_town(folder: Path) -> Town:
    """Give a town that took a market with addresses in."""
    folder.mkdir()
    town = Town()
    town.take(write_market(folder, meters=ADDRESSED_METERS))
    return town


def write_lines(folder: Path, name: str, lines: Sequence[Any]) -> Path:
    """Write a file of JSON lines; a text stands as it is."""
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / name).write_text("".join(f"{text}\n" for text in texts), encoding="utf-8")
    return folder / name


def ct_line(*items: Any, received_at: str = RECEIVED_AT) -> dict[str, Any]:
    """Wrap blocks as a page of the CT cloud."""
    return {"received_at": received_at, "body": json.dumps({"items": list(items), "cursor": "1", "has_more": False})}


def frame_line(frame: str, *, received_at: str = RECEIVED_AT, sent_at: str | None = None) -> dict[str, Any]:
    """Wrap an ECHONET Lite frame of the gateway gw-001."""
    return {"received_at": received_at, "gateway": "gw-001", "sent_at": sent_at, "frame": frame}


def sk_line(line: str, *, received_at: str = RECEIVED_AT) -> dict[str, Any]:
    """Wrap a line of the adapter in gw-001."""
    return {"received_at": received_at, "gateway": "gw-001", "line": line}


def gateway_line(*readings: Any, received_at: str = RECEIVED_AT) -> dict[str, Any]:
    """Wrap readings as a page of the B-route cloud."""
    body = json.dumps({"total": len(readings), "offset": 0, "readings": list(readings)})
    return {"received_at": received_at, "body": body}


def minutes(values: Sequence[int | None], **changed: Any) -> dict[str, Any]:
    """Give a block from noon with these powers of the panels, and nothing of the grid."""
    powers = [*values, *[None] * (30 - len(values))]
    return block(pv_w=powers, load_w=[None] * 30, grid_w=[None] * 30, **changed)
