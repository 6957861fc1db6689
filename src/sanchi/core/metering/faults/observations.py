"""What sanchi has seen of a market in a span: the only thing that the search for faults looks at.

Enter: readings of every version, rejected rows, events and master data. Leaves: Observations. Not here: truth.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventRows
from sanchi.core.metering.readings import MeterSpec, ReadingRows


def device_of_address(address: str) -> str:
    """Give the device or gateway in an address by which a source knows a meter.

    >>> device_of_address("gw-001/028801"), device_of_address("br-021")
    ('gw-001', 'br-021')
    """
    return address.partition("/")[0]


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

    @classmethod
    def joined(cls, blocks: Sequence["RejectedRows"]) -> "RejectedRows":
        """Put several values one behind the other, with codes and devices of their own numbering."""
        blocks = [cls.none(), *blocks]
        codes = sorted({code for block in blocks for code in block.codes})
        devices = sorted({text for block in blocks for text in block.device_texts})
        code_index = [_renumbered(block.code_index, block.codes, codes) for block in blocks]
        device_code = [_renumbered(block.device_code, block.device_texts, devices) for block in blocks]
        return cls(
            codes=tuple(codes),
            device_texts=tuple(devices),
            meter_no=np.concatenate([block.meter_no for block in blocks]),
            channel_no=np.concatenate([block.channel_no for block in blocks]),
            device_code=np.concatenate(device_code).astype(np.int32),
            code_index=np.concatenate(code_index).astype(np.int8),
            stamp_s=np.concatenate([block.stamp_s for block in blocks]),
            received_s=np.concatenate([block.received_s for block in blocks]),
            reading=np.concatenate([block.reading for block in blocks]),
        )

    def received_between(self, first_s: int, end_s: int) -> "RejectedRows":
        """Take the rows that were received at first_s <= received_s < end_s."""
        return self.take((first_s <= self.received_s) & (self.received_s < end_s))

    def take(self, taken: NDArray[np.bool_]) -> "RejectedRows":
        """Take rows by mask."""
        return RejectedRows(
            codes=self.codes,
            device_texts=self.device_texts,
            meter_no=self.meter_no[taken],
            channel_no=self.channel_no[taken],
            device_code=self.device_code[taken],
            code_index=self.code_index[taken],
            stamp_s=self.stamp_s[taken],
            received_s=self.received_s[taken],
            reading=self.reading[taken],
        )


def _renumbered(index: NDArray[Any], own: Sequence[str], common: Sequence[str]) -> NDArray[np.int64]:
    """Turn positions in a list of texts into positions in another one that has them all; -1 stays."""
    place = {text: number for number, text in enumerate(common)}
    number: NDArray[np.int64] = np.array([*(place[text] for text in own), -1], dtype=np.int64)[index]
    return number


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
    """All that came, or did not, of the half hours between first_s and now_s (Unix seconds).

    Faults are told as of now_s. Of a span that is over, rows that came after it stand here too: late, not missing.

    series : those that a device of the home sends; the network operator's files are not watched.
    rows : every version, those delivered twice twice; the order of arrival is received_s, delivery_no, row_no. Where
    parts of half hours are delivered (minutes), a row is what a delivered block made of its half hour.
    spoken_devices : those that had delivered something before the span: they are away, not never connected.
    """

    series: tuple[WatchedSeries, ...]
    rows: ReadingRows
    rejected: RejectedRows
    events: EventRows
    first_s: int
    now_s: int
    peaks: PeakRows = field(default_factory=PeakRows.none)
    spoken_devices: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        """Assert what a caller that builds them wrongly would break."""
        assert self.first_s < self.now_s, "the span is empty"
        keys = [one.spec.series_key for one in self.series]
        assert len(set(keys)) == len(keys), "a channel of a meter is watched twice"
