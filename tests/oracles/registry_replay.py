"""The books of the registry read row by row, past sanchi: do slices tile, and are they what segments and events tell?

Enter: rows of a database, segments of the lake's files. Leave: sentences, one a broken certificate. Slow and obvious.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

# What a watt-hour is: its holder, its state, and the number that its state refers to (0 = none).
WattHour = tuple[int, int, int]
Fetch = Callable[[str], Sequence[tuple[Any, ...]]]
ACTIVE = 1


def slices_by_watt_hour(fetch: Fetch, names: Collection[str] = ()) -> tuple[dict[str, list[WattHour]], list[str]]:
    """Spread every slice over its watt-hours; tells certificates that their slices do not tile.

    names : the certificates to read, () = all.
    """
    quoted = ", ".join("'" + name.replace("'", "''") + "'" for name in names)
    chosen = f" WHERE certificate_id IN ({quoted})" if names else ""
    references = "coalesce(claim_no, reservation_no, export_lot_no, storage_no, 0)"
    columns = f"certificate_id, lo_wh, hi_wh, quantity_wh, holder_no, state_no, {references}"
    quantities_wh: dict[str, int] = dict(fetch(f"SELECT certificate_id, quantity_wh FROM certificate{chosen}"))
    found: dict[str, list[WattHour]] = {name: [] for name in quantities_wh}
    faults = []
    for name, lo_wh, hi_wh, quantity_wh, *what in fetch(
        f"SELECT {columns} FROM slice{chosen} ORDER BY certificate_id, lo_wh"
    ):
        lines = found[name]
        if lo_wh != len(lines) or quantity_wh != quantities_wh[name]:
            faults.append(f"{name}: a slice [{lo_wh}, {hi_wh}) of {quantity_wh} stands at {len(lines)}")
        lines += [tuple(what)] * (hi_wh - lo_wh)
    faults += [
        f"{name}: {len(found[name])} Wh in slices, {quantity_wh} certified"
        for name, quantity_wh in quantities_wh.items()
        if len(found[name]) != quantity_wh
    ]
    return found, faults


def segments_by_watt_hour(fetch: Fetch, lake: Path) -> dict[str, list[WattHour]]:
    """Give every watt-hour to its first holder."""
    rows: dict[str, list[tuple[int, int, int]]] = defaultdict(list)
    for (path,) in fetch("SELECT path FROM lake_file WHERE table_name = 'segments'"):
        for row in pq.read_table(lake / path).to_pylist():
            rows[row["certificate_id"]].append((row["lo_wh"], row["hi_wh"], row["holder_no"]))
    return {
        name: [(holder_no, ACTIVE, 0) for lo_wh, hi_wh, holder_no in sorted(own) for _ in range(lo_wh, hi_wh)]
        for name, own in rows.items()
    }


def replayed(fetch: Fetch, lake: Path) -> tuple[dict[str, list[WattHour]], list[str]]:
    """Replay all events over the first holders; tells events that do not fit what was before."""
    found, faults = segments_by_watt_hour(fetch, lake), []
    columns = (
        "certificate_id, lo_wh, hi_wh, from_state_no, to_state_no, from_holder_no, to_holder_no, "
        "coalesce(reference_no, 0)"
    )
    events = fetch(f"SELECT operation_no, event_no, {columns} FROM slice_event ORDER BY market, operation_no, event_no")
    for operation_no, event_no, name, lo_wh, hi_wh, from_state_no, to_state_no, giver_no, taker_no, number in events:
        for serial in range(lo_wh, hi_wh):
            if found[name][serial][:2] != (giver_no, from_state_no):
                faults.append(f"{name}: event {operation_no}/{event_no} does not fit serial {serial}")
                break
        found[name][lo_wh:hi_wh] = [(taker_no, to_state_no, number)] * (hi_wh - lo_wh)
    return found, faults


def broken_certificates(fetch: Fetch, lake: Path) -> Iterator[str]:
    """Tell everything that does not hold."""
    slices, untiled = slices_by_watt_hour(fetch)
    told, unfit = replayed(fetch, lake)
    yield from untiled
    yield from unfit
    for name in sorted({*slices, *told}):
        if slices.get(name) != told.get(name):
            yield f"{name}: slices are not what segments and events tell"
