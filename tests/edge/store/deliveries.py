"""Deliveries of readings as arrays, for a stored market.

Enter: meters, boundaries, readings. Leave: what was recorded. Not here: files and their judgement.
"""

import numpy as np

from sanchi.app.deliveries import DeliveredFile, Delivery, FileKind, RejectedRows, RowProblem
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.metering.readings import ReadingRows
from sanchi.core.metering.sources import Source, Stage
from tests.edge.store.stored_market import MARKET, StoredMarket

NOTHING_REJECTED = RejectedRows(row_no=(), code=(), row_text=(), problems=())


def delivered(digest: str, row_count: int, file_kind: FileKind = FileKind.REGISTERS) -> DeliveredFile:
    return DeliveredFile(
        file_name=f"{file_kind}-{digest}.csv", file_digest=digest, file_kind=file_kind, row_count=row_count
    )


RECEIVED_S = 1_600_000_000


def rows(boundaries: list[int], *, meter_no: int = 1, channel_no: int = 1, received_s: int = RECEIVED_S) -> ReadingRows:
    n_rows = len(boundaries)
    return ReadingRows(
        meter_no=np.full(n_rows, meter_no, dtype=np.int32),
        channel_no=np.full(n_rows, channel_no, dtype=np.int8),
        boundary=np.array(boundaries, dtype=np.int32),
        reading=np.array(boundaries, dtype=np.int64) * 10 + meter_no,
        received_s=np.full(n_rows, received_s, dtype=np.int64),
        delivery_no=np.zeros(n_rows, dtype=np.int32),
        row_no=np.arange(1, n_rows + 1, dtype=np.int32),
        source_no=np.full(n_rows, Source.B_ROUTE, dtype=np.int8),
        stage_no=np.full(n_rows, Stage.FLASH, dtype=np.int8),
    )


def deliver(market: StoredMarket, digest: str, delivered_rows: ReadingRows) -> Delivery:
    with market.step():
        return market.home.stores.readings.add_delivery(
            MARKET, delivered(digest, delivered_rows.row_count), delivered_rows, NOTHING_REJECTED
        )


def deliver_nothing(market: StoredMarket) -> Delivery:
    """Deliver one row that cannot be taken."""
    problem = Problem(
        code=ProblemCode.UNKNOWN_METER, severity=Severity.ACT, where="line 2", detail="M9", hint="Deliver meters.csv."
    )
    rejected = RejectedRows(
        row_no=(2,),
        code=(ProblemCode.UNKNOWN_METER,),
        row_text=("M9,import,2020-12-05T00:30:00+09:00,7,",),
        problems=(RowProblem(party_no=None, row_count=1, problem=problem),),
    )
    with market.step():
        return market.home.stores.readings.add_delivery(
            MARKET, delivered("nothing", 1), ReadingRows.joined([]), rejected
        )
