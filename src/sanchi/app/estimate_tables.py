"""What `sanchi estimate` needs from outside: counts of a file, some meters at a time, and a place for results.

Enter and leave: frozen records and ports. Not here: measuring (estimate_readings), formats.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import Problem, ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateFiles:
    """The files of one run; problems None: findings are counted, not written."""

    readings: Path
    out: Path
    problems: Path | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CountSummary:
    """What a file holds: row_count = kept_row_count + rejected + between_row_count.

    between_row_count : readable counts between half hours, which no slot needs.
    unit_wh : the largest unit of meters that divides every count; reading_wh_max : the highest count.
    """

    row_count: int
    kept_row_count: int
    between_row_count: int
    rejected: Mapping[ProblemCode, int]
    meter_count: int
    unit_wh: int
    reading_wh_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterCounts:
    """All counts of some meters, ordered by meter, boundary and place in the file; arrays of shape (n_rows,).

    meter_index : position in meter_texts, every one of which has rows.
    row_no : rises with the place in the file, among these rows.
    """

    meter_texts: tuple[str, ...]
    meter_index: NDArray[np.int64]
    boundary: NDArray[np.int64]
    reading_wh: NDArray[np.int64]
    row_no: NDArray[np.int32]


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimatedSlots:
    """Slots of some meters, ordered by meter, date and slot; arrays of shape (n_slots,).

    delivery_day : ordinal of the delivery date; method : members of Quality.
    """

    meter_texts: tuple[str, ...]
    meter_index: NDArray[np.int64]
    delivery_day: NDArray[np.int64]
    slot_no: NDArray[np.int64]
    energy_wh: NDArray[np.int64]
    method_quality: NDArray[np.int8]


class EstimateRun(Protocol):
    """A file of counts that was read once, and results on their way."""

    @property
    def summary(self) -> CountSummary:
        """Tell what the file holds."""

    def meters(self) -> Iterator[MeterCounts]:
        """Give the counts, in the order of the meters' names, as many meters at a time as memory allows."""

    def write(self, slots: EstimatedSlots) -> None:
        """Add slots to the result."""

    def tell(self, problems: Sequence[tuple[Problem, int]]) -> None:
        """Add findings and how many rows each sets aside."""


class EstimateTables(Protocol):
    """Opens runs."""

    def run(self, files: EstimateFiles) -> AbstractContextManager[EstimateRun]:
        """Read the counts; at the end put all results in their places, or none of them.

        Raises: UnreadableDelivery, or UnfitTarget before anything is read.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class EstimateReport:
    """What became of the rows and what the slots rest on; by method: slots, Wh.

    summary.kept_row_count = used + superseded + set aside + outside, where outside are rows that close no slot of
    the dates asked for.
    """

    summary: CountSummary
    unit_wh: int
    digits: int
    plausible_wh_min: int
    plausible_wh_max: int
    used_row_count: int
    superseded_row_count: int
    set_aside_row_count: int
    outside_row_count: int
    slots: Mapping[str, tuple[int, int]]
    findings: Mapping[ProblemCode, int]
    first_date: date | None
    last_date: date | None
