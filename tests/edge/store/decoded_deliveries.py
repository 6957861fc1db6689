"""Decoded deliveries as arrays, for a stored market.

Enter: stamps, events. Leave: what was recorded. Not here: files and their decoding.
"""

from collections.abc import Sequence
from datetime import datetime, time

import numpy as np

from sanchi.app.deliveries import DecodedCounts, Delivery, FileKind, RowProblem
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import JST
from sanchi.core.metering.faults.events import EventCode
from sanchi.core.metering.formats.row_gathering import event_rows
from sanchi.core.metering.parts.rows import PartRows
from sanchi.core.metering.readings import CHANNEL_END
from tests.edge.store.deliveries import RECEIVED_S, delivered
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

Event = tuple[int, int, str, int]
MIDNIGHT_S = int(datetime.combine(DAY, time(), JST).timestamp())
SEEN = (MIDNIGHT_S + 90, int(EventCode.DEVICE_SEEN), "ct-021", 0)


def parts(stamps_s: list[int], *, meter_no: int = 1, energy_ws: int = 36_000) -> PartRows:
    n_rows = len(stamps_s)
    return PartRows(
        series_key=np.full(n_rows, meter_no * CHANNEL_END + 3, dtype=np.int64),
        stamp_s=np.array(stamps_s, dtype=np.int64),
        interval_s=np.full(n_rows, 60, dtype=np.int32),
        energy_ws=np.full(n_rows, energy_ws, dtype=np.int64),
        received_s=np.full(n_rows, RECEIVED_S, dtype=np.int64),
        delivery_no=np.zeros(n_rows, dtype=np.int32),
        row_no=np.arange(1, n_rows + 1, dtype=np.int32),
    )


def deliver_decoded(
    market: StoredMarket,
    digest: str,
    delivered_parts: PartRows,
    events: Sequence[Event] = (SEEN,),
) -> Delivery:
    """Deliver parts and events of a file of one record."""
    n_parts = delivered_parts.row_count
    counts = DecodedCounts(
        record_count=1,
        carrying_record_count=1,
        row_count=n_parts,
        part_row_count=n_parts,
        event_count=len(events),
    )
    with market.step():
        draft = market.home.stores.readings.draft_delivery(MARKET)
        draft.add_parts(delivered_parts)
        draft.add_events(event_rows(sorted(events)), ("ctcloud",) * len(events))
        return draft.save(delivered(digest, n_parts, FileKind.CT_CLOUD), counts, ())


def incomplete(where: str, slot_count: int = 1) -> RowProblem:
    problem = Problem(
        code=ProblemCode.INCOMPLETE_SLOT, severity=Severity.WATCH, where=where, detail="slots 3", hint="Wait."
    )
    return RowProblem(party_no=1, row_count=slot_count, problem=problem)
