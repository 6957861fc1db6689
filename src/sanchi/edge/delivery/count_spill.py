"""Keep the counts of a file on disk and give them back meter by meter, in memory that does not grow with the file.

Enter: CountBlocks. Leave: a CountSummary, MeterCounts. Not here: formats, measuring.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.estimate_tables import CountSummary, MeterCounts
from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.deriving import UNITS_WH, narrowed_unit_wh
from sanchi.core.metering.intake import BOUNDARY_MAX, BOUNDARY_MIN, EPOCH_S, SLOT_S
from sanchi.edge.delivery.count_blocks import CountBlock
from sanchi.edge.delivery.stamps import US_PER_S

RECORD: Final = np.dtype([("meter", "<i4"), ("boundary", "<i4"), ("reading_wh", "<i8")])
# Rows and slots that are measured at a time: some hundred megabytes with everything that measuring lays out.
GROUP_ROWS: Final = 3_000_000
CHUNK_ROWS: Final = 1 << 20

# Tells a rejected row: code, where it stands, its text.
TellRow = Callable[[ProblemCode, str, str], None]


@dataclass(slots=True, kw_only=True)
class CountSpill:
    """The kept counts of a file, in the order of the file, as records of 16 bytes in a folder for scratch."""

    folder: Path
    group_rows: int
    code_of: dict[str, int] = field(default_factory=dict)
    n_rows: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    first_boundary: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    last_boundary: NDArray[np.int64] = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    rejected: Counter[ProblemCode] = field(default_factory=Counter)
    even_count: int = 0
    uneven_count: int = 0
    between_count: int = 0
    unit_wh: int = UNITS_WH[0]
    reading_wh_max: int = 0

    @property
    def path(self) -> Path:
        """Name the file of all records."""
        return self.folder / "counts"

    def take(self, block: CountBlock, tell: TellRow) -> None:
        """Judge the rows of a block, keep those that slots need, and tell those that break a rule."""
        for text in block.uneven_texts:
            self.rejected[ProblemCode.UNREADABLE_ROW] += 1
            tell(ProblemCode.UNREADABLE_ROW, "a row of another number of fields", text)
        boundary = block.stamp_us // (SLOT_S * US_PER_S) - EPOCH_S // SLOT_S
        is_whole = block.stamp_us % (SLOT_S * US_PER_S) == 0
        in_time = (boundary >= BOUNDARY_MIN) & (boundary <= BOUNDARY_MAX)
        rules = {
            ProblemCode.UNREADABLE_ROW: ~block.is_readable,
            ProblemCode.STAMP_OUTSIDE_METER_LIFE: ~in_time,
            ProblemCode.NEGATIVE_ENERGY: block.reading_wh < 0,
        }
        is_left = np.ones(block.meter_code.size, dtype=np.bool_)
        for code, is_broken in rules.items():
            places = np.flatnonzero(is_left & is_broken)
            is_left[places] = False
            if places.size:
                self.rejected[code] += places.size
                # Where a row of another length stood is not known, so that rows are numbered without those.
                numbers = (self.even_count + 1 + places).tolist()
                for number, text in zip(numbers, block.row_texts(places), strict=True):
                    tell(code, f"row {number}", text)
        self.even_count += block.meter_code.size
        self.uneven_count += len(block.uneven_texts)
        self.between_count += int(np.count_nonzero(is_left & ~is_whole))
        self._keep(block, np.flatnonzero(is_left & is_whole), boundary)

    def _keep(self, block: CountBlock, places: NDArray[np.intp], boundary: NDArray[np.int64]) -> None:
        """Write rows away and note what is known of their meters."""
        if not places.size:
            return
        codes = np.array([self.code_of.setdefault(text, len(self.code_of)) for text in block.meter_texts])
        records = np.empty(places.size, dtype=RECORD)
        records["meter"] = codes[block.meter_code[places]]
        records["boundary"] = boundary[places]
        records["reading_wh"] = block.reading_wh[places]
        self._grow(len(self.code_of))
        self.n_rows += np.bincount(records["meter"], minlength=self.n_rows.size)
        np.minimum.at(self.first_boundary, records["meter"], boundary[places])
        np.maximum.at(self.last_boundary, records["meter"], boundary[places])
        self.unit_wh = narrowed_unit_wh(self.unit_wh, records["reading_wh"])
        self.reading_wh_max = max(self.reading_wh_max, int(records["reading_wh"].max()))
        with self.path.open("ab") as file:
            records.tofile(file)

    def _grow(self, n_meters: int) -> None:
        """Make room for new meters."""
        new = n_meters - self.n_rows.size
        if new:
            self.n_rows = np.append(self.n_rows, np.zeros(new, dtype=np.int64))
            self.first_boundary = np.append(self.first_boundary, np.full(new, BOUNDARY_MAX + 1, dtype=np.int64))
            self.last_boundary = np.append(self.last_boundary, np.zeros(new, dtype=np.int64))

    @property
    def summary(self) -> CountSummary:
        """Tell what was read."""
        return CountSummary(
            row_count=self.even_count + self.uneven_count,
            kept_row_count=int(self.n_rows.sum()),
            between_row_count=self.between_count,
            rejected=dict(sorted(self.rejected.items())),
            meter_count=int(np.count_nonzero(self.n_rows)),
            unit_wh=self.unit_wh,
            reading_wh_max=self.reading_wh_max,
        )

    def meters(self) -> Iterator[MeterCounts]:
        """Give all rows by groups of meters; a group is one meter, or at most group_rows rows and slots."""
        texts = [text for text, code in self.code_of.items() if self.n_rows[code]]
        texts.sort()
        by_name = np.array([self.code_of[text] for text in texts], dtype=np.int64)
        if not texts:
            return
        weight = self.n_rows[by_name] + self.last_boundary[by_name] - self.first_boundary[by_name]
        group = _groups(weight, self.group_rows)
        rank_of_code = np.full(len(self.code_of), -1, dtype=np.int64)
        rank_of_code[by_name] = np.arange(by_name.size)
        if group[-1] == 0:
            yield _counts(tuple(texts), np.fromfile(self.path, dtype=RECORD), rank_of_code, 0)
            return
        self._divide(group[rank_of_code])
        for number in range(int(group[-1]) + 1):
            first, end = np.searchsorted(group, [number, number + 1]).tolist()
            part = self._part(number)
            yield _counts(tuple(texts[first:end]), np.fromfile(part, dtype=RECORD), rank_of_code, first)
            part.unlink()

    def _divide(self, group_of_code: NDArray[np.int64]) -> None:
        """Write the records of each group into a file of its own, in the order of the file."""
        with self.path.open("rb") as file:
            while (records := np.fromfile(file, dtype=RECORD, count=CHUNK_ROWS)).size:
                self._append(records, group_of_code[records["meter"]])
        self.path.unlink()

    def _append(self, records: NDArray[np.void], group: NDArray[np.int64]) -> None:
        """Append records to the files of their groups."""
        order = np.argsort(group, kind="stable")
        numbers, starts = np.unique(group[order], return_index=True)
        for number, piece in zip(numbers.tolist(), np.split(records[order], starts[1:]), strict=True):
            with self._part(number).open("ab") as part:
                piece.tofile(part)

    def _part(self, number: int) -> Path:
        """Name the file of a group."""
        return self.folder / f"group-{number}"


def _groups(weight: NDArray[np.int64], weight_max: int) -> NDArray[np.int64]:
    """Give the number of each one's group: neighbours within a limit together, or one alone."""
    group = np.zeros(weight.size, dtype=np.int64)
    number, total = 0, 0
    for place, one in enumerate(weight.tolist()):
        if total and total + one > weight_max:
            number, total = number + 1, 0
        group[place] = number
        total += one
    return group


def _counts(
    texts: tuple[str, ...], records: NDArray[np.void], rank_of_code: NDArray[np.int64], first_rank: int
) -> MeterCounts:
    """Order the records of a group by meter, then boundary, then place in the file."""
    meter_index = rank_of_code[records["meter"]] - first_rank
    boundary = records["boundary"].astype(np.int64)
    order = np.argsort(meter_index * (BOUNDARY_MAX + 1) + boundary, kind="stable")
    return MeterCounts(
        meter_texts=texts,
        meter_index=meter_index[order],
        boundary=boundary[order],
        reading_wh=records["reading_wh"][order],
        row_no=(order + 1).astype(np.int32),
    )
