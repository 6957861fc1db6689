"""What sanchi has seen of a market in a span: the only thing that the search for faults looks at.

Enter: readings of every version, rejected rows, events and master data. Leaves: Observations. Not here: truth.
"""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.readings import MeterSpec, ReadingRows


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchedSeries:
    """One channel of one meter, with the way that its readings take.

    connector : the subject of the polls' events; device : the subject of the device's or gateway's events.
    capacity_w : rated power of the panels behind a PV series, else 0.
    """

    spec: MeterSpec
    home_no: int
    connector: str
    device: str
    capacity_w: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRows:
    """Delivered rows that are no readings; equal-length arrays that become read-only.

    meter_no : -1 where the meter is not known; device_code : position in device_texts, -1 where not known.
    code_index : position in codes; stamp_s : what the row says, received_s where it says nothing.
    """

    codes: tuple[ProblemCode, ...]
    device_texts: tuple[str, ...]
    meter_no: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    device_code: NDArray[np.int32]
    code_index: NDArray[np.int8]
    stamp_s: NDArray[np.int64]
    received_s: NDArray[np.int64]
    reading: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Assert lengths, and freeze."""
        for name in ("meter_no", "channel_no", "device_code", "code_index", "stamp_s", "received_s", "reading"):
            array = getattr(self, name)
            assert array.shape == self.stamp_s.shape, f"{name}: shape {array.shape}, not {self.stamp_s.shape}"
            array.flags.writeable = False

    @classmethod
    def none(cls) -> "RejectedRows":
        """Make the empty value."""
        return cls(
            codes=(),
            device_texts=(),
            meter_no=np.empty(0, np.int32),
            channel_no=np.empty(0, np.int8),
            device_code=np.empty(0, np.int32),
            code_index=np.empty(0, np.int8),
            stamp_s=np.empty(0, np.int64),
            received_s=np.empty(0, np.int64),
            reading=np.empty(0, np.int64),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PeakRows:
    """The highest mean power of any part of a half hour, where parts were delivered; equal-length arrays.

    Five minutes of nonsense may hide in a half hour that a connection could carry; their power does not.
    """

    meter_no: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    boundary: NDArray[np.int32]
    peak_w: NDArray[np.int64]

    def __post_init__(self) -> None:
        """Assert lengths, and freeze."""
        for name in ("meter_no", "channel_no", "boundary", "peak_w"):
            array = getattr(self, name)
            assert array.shape == self.peak_w.shape, f"{name}: shape {array.shape}, not {self.peak_w.shape}"
            array.flags.writeable = False

    @classmethod
    def none(cls) -> "PeakRows":
        """Make the empty value."""
        empty = np.empty(0, np.int32)
        return cls(meter_no=empty, channel_no=np.empty(0, np.int8), boundary=empty, peak_w=np.empty(0, np.int64))


@dataclass(frozen=True, slots=True, kw_only=True)
class Observations:
    """All that came, or did not, between first_s and now_s (Unix seconds).

    series : those that a device of the home sends; the network operator's files are not watched.
    rows : every version, those delivered twice twice; the order of arrival is received_s, delivery_no, row_no. Where
    parts of half hours are delivered (minutes), a row is what a delivered block made of its half hour.
    """

    series: tuple[WatchedSeries, ...]
    rows: ReadingRows
    rejected: RejectedRows
    events: EventRows
    first_s: int
    now_s: int
    peaks: PeakRows = field(default_factory=PeakRows.none)

    def __post_init__(self) -> None:
        """Assert what a caller that builds them wrongly would break."""
        assert self.first_s < self.now_s, "the span is empty"
        keys = [one.spec.series_key for one in self.series]
        assert len(set(keys)) == len(keys), "a channel of a meter is watched twice"
