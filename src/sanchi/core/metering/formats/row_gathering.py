"""Gather decoded rows, problems and events record by record, and turn them into columns at the end.

Enter: what a decoder found in each record. Leave: DecodedFile, EventRows. Not here: any format.
"""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import ANY_CHANNEL, DecodedFile, DecodedRows, Measure, RecordProblem
from sanchi.core.metering.formats.json_records import RecordFault, shown_text
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage

_NUMBERS: Final = ("address_code", "channel_no", "stamp_s", "reading", "unit_mwh", "received_s", "record_no")


@dataclass(slots=True, kw_only=True)
class RowGathering:
    """Rows of one source, stage, measure and interval as they are found.

    Mutable on purpose, and inside of one call of a decoder only.
    """

    source: Source
    stage: Stage
    measure: Measure
    interval_s: int
    record_count: int = 0
    problems: list[RecordProblem] = field(default_factory=list)
    passed_over: Counter[str] = field(default_factory=Counter)
    left_out: Counter[str] = field(default_factory=Counter)
    _codes: dict[str, int] = field(default_factory=dict)
    _numbers: dict[str, "array[int]"] = field(default_factory=lambda: {name: array("q") for name in _NUMBERS})
    _events: set[tuple[int, int, str, int]] = field(default_factory=set)

    @property
    def row_count(self) -> int:
        """Count the rows so far."""
        return len(self._numbers["record_no"])

    def add_rows(
        self,
        *,
        address: str,
        channel: Channel | None,
        stamps_s: Sequence[int],
        readings: Sequence[int],
        unit_mwh: int,
        received_s: int,
        record_no: int | None = None,
    ) -> None:
        """Add rows of one series, of the record that is being read unless another one is named.

        channel : None = the only one that the meter has.
        """
        numbers, n_rows = self._numbers, len(readings)
        numbers["stamp_s"].extend(stamps_s)
        numbers["reading"].extend(readings)
        constants = {
            "address_code": self._codes.setdefault(address, len(self._codes)) if n_rows else 0,
            "channel_no": ANY_CHANNEL if channel is None else int(channel),
            "unit_mwh": unit_mwh,
            "received_s": received_s,
            "record_no": self.record_count if record_no is None else record_no,
        }
        for name, number in constants.items():
            numbers[name].extend([number] * n_rows)

    def add_event(self, *, at_s: int, event: EventCode, subject: str, figure: int = 0) -> None:
        """Add an event; the same one twice is one."""
        self._events.add((at_s, int(event), subject, figure))

    def add_problem(self, fault: RecordFault, address: str, record: object) -> None:
        """Add a problem of the record that is being read."""
        self.problems.append(
            RecordProblem(
                record_no=self.record_count,
                code=fault.code,
                address=address,
                detail=fault.detail,
                text=shown_text(record),
            )
        )

    def decoded_file(self) -> DecodedFile:
        """Give all records as columns."""
        columns = {name: np.array(numbers, dtype=np.int64) for name, numbers in self._numbers.items()}
        n_rows = columns["record_no"].size
        rows = DecodedRows(
            address_texts=tuple(self._codes),
            address_code=columns["address_code"].astype(np.int32),
            channel_no=columns["channel_no"].astype(np.int8),
            measure_no=np.full(n_rows, self.measure, dtype=np.int8),
            interval_s=np.full(n_rows, self.interval_s, dtype=np.int32),
            stamp_s=columns["stamp_s"],
            reading=columns["reading"],
            unit_mwh=columns["unit_mwh"],
            received_s=columns["received_s"],
            source_no=np.full(n_rows, self.source, dtype=np.int8),
            stage_no=np.full(n_rows, self.stage, dtype=np.int8),
            record_no=columns["record_no"].astype(np.int32),
        )
        return DecodedFile(
            record_count=self.record_count,
            rows=rows,
            problems=tuple(self.problems),
            passed_over=dict(sorted(self.passed_over.items())),
            left_out=dict(sorted(self.left_out.items())),
        )

    def event_rows(self) -> EventRows:
        """Give all events in the order of time."""
        return event_rows(sorted(self._events))


def event_rows(events: list[tuple[int, int, str, int]]) -> EventRows:
    """Lay (at_s, event_no, subject, figure) out as columns, in the order given."""
    codes: dict[str, int] = {}
    subject_code = [codes.setdefault(subject, len(codes)) for _, _, subject, _ in events]
    return EventRows(
        subject_texts=tuple(codes),
        subject_code=np.array(subject_code, dtype=np.int32),
        at_s=_column([each[0] for each in events]),
        event_no=np.array([each[1] for each in events], dtype=np.int8),
        figure=_column([each[3] for each in events]),
    )


def _column(numbers: list[int]) -> NDArray[np.int64]:
    """Make a column of numbers."""
    return np.array(numbers, dtype=np.int64)
