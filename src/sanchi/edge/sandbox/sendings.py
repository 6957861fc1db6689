"""All that comes through one door, in the order in which it arrives.

Enter: streams. Leave: Sendings. Not here: bytes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sanchi.edge.sandbox.cast import Connector
from sanchi.edge.sandbox.streams import Stream

US_PER_S: Final = 10**6


@dataclass(frozen=True, slots=True, kw_only=True)
class Sendings:
    """Rows of streams as they arrive at a broker or cloud; equal-length arrays in the order of arrival.

    stream_no : position in streams; row_no : position in the stream; arrival_s : Unix seconds. What arrives twice
    stands here twice. lag_s : how long a cloud keeps it before it shows it.
    """

    connector: Connector
    streams: tuple[Stream, ...]
    stream_no: NDArray[np.int32]
    row_no: NDArray[np.int64]
    arrival_s: NDArray[np.int64]
    lag_s: int

    def visible_count(self, now_s: int) -> int:
        """Count what is to be seen at an instant."""
        return int(np.searchsorted(self.arrival_s, now_s - self.lag_s, side="right"))

    def at(self, position: int) -> tuple[Stream, int]:
        """Give the stream and the row of a sending."""
        return self.streams[int(self.stream_no[position])], int(self.row_no[position])

    def table(self) -> pa.Table:
        """Give a row for each sending: what was sent of which home, when it could be seen, and how many readings."""
        counts = [stream.reading_counts() for stream in self.streams]
        picked = list(zip(self.stream_no.tolist(), self.row_no.tolist(), strict=True))
        # A gateway's meter is silent about units that it tells: they are no readings.
        return pa.table(
            {
                "connector": pa.array([self.connector.value] * len(picked), pa.string()),
                "home": pa.array([self.streams[n].device.home for n, _ in picked], pa.string()),
                "device": pa.array([self.streams[n].device.device_id for n, _ in picked], pa.string()),
                "thing": pa.array([self.streams[n].thing.value for n, _ in picked], pa.string()),
                "about": instants_of(np.array([self.streams[n].about_s[row] for n, row in picked], dtype=np.int64)),
                "visible_at": instants_of(self.arrival_s + self.lag_s),
                "reading_count": pa.array([int(counts[n][row]) for n, row in picked], pa.int32()),
                "fault_no": pa.array([int(self.streams[n].fault_no[row]) for n, row in picked], pa.int32()),
            }
        )


def instants_of(at_s: NDArray[np.int64]) -> pa.Array:
    """Write Unix seconds as stamps in JST, as Parquet keeps them."""
    return pa.array(at_s * US_PER_S, pa.int64()).cast(pa.timestamp("us", "Asia/Tokyo"))


def sendings_of(connector: Connector, streams: Sequence[Stream], lag_s: int) -> Sendings:
    """Put the rows of all streams of a door into the order of their arrival."""
    own = tuple(stream for stream in streams if stream.device.connector is connector)
    stream_no, row_no, arrival_s = [], [], []
    for number, stream in enumerate(own):
        rows = np.concatenate((np.flatnonzero(stream.is_sent), np.array(stream.again_rows, dtype=np.int64)))
        again_s = np.array(stream.again_s, dtype=np.int64)
        arrivals = np.concatenate((stream.arrival_s[stream.is_sent], again_s))
        stream_no.append(np.full(rows.size, number, dtype=np.int32))
        row_no.append(rows)
        arrival_s.append(arrivals)
    joined = [np.concatenate([np.empty(0, np.int64), *parts]) for parts in (stream_no, row_no, arrival_s)]
    about_s = np.array([own[n].about_s[row] for n, row in zip(*joined[:2], strict=True)] if own else [], np.int64)
    order = np.lexsort((joined[0], about_s, joined[2]))
    return Sendings(
        connector=connector,
        streams=own,
        stream_no=joined[0][order].astype(np.int32),
        row_no=joined[1][order],
        arrival_s=joined[2][order],
        lag_s=lag_s,
    )
