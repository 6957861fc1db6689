"""Run `sanchi estimate` over files: counts in, slots and findings out, all results or none.

Enter: EstimateFiles. Leaves: an EstimateRun. Not here: reading blocks, measuring.
"""

import csv
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.csv as arrow_csv
import pyarrow.parquet as pq

from sanchi.app.estimate_tables import CountSummary, EstimatedSlots, EstimateFiles, EstimateRun, MeterCounts
from sanchi.core.base.errors import SetupFault
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import EPOCH_DATE
from sanchi.core.metering.readings import Quality
from sanchi.edge.delivery.count_blocks import CSV, PARQUET, count_blocks
from sanchi.edge.delivery.count_spill import GROUP_ROWS, CountSpill
from sanchi.edge.delivery.match_results import FileMatchTables, UnfitTarget

SCHEMA: Final = pa.schema(
    [
        ("meter", pa.dictionary(pa.int32(), pa.string())),
        ("delivery_date", pa.date32()),
        ("slot_no", pa.int8()),
        ("energy_wh", pa.int64()),
        ("method", pa.dictionary(pa.int8(), pa.string())),
    ]
)
PROBLEM_NAMES: Final = ("code", "severity", "where", "detail", "hint", "row_count")
ROW_HINT: Final = "Correct the row and run again; all others were used."
# Characters that have to stand between quotes in CSV.
QUOTED: Final = frozenset(',"\r\n')
WRITTEN_ROWS: Final = 1 << 20
_UNIX_EPOCH_DAY: Final = (EPOCH_DATE - EPOCH_DATE.replace(year=1970)).days
_METHODS: Final = pa.array([quality.name.lower() for quality in sorted(Quality)])


class FileEstimateTables:
    """Fulfils app.estimate_tables.EstimateTables over files; group_rows : rows and slots in memory at a time."""

    def __init__(self, group_rows: int = GROUP_ROWS) -> None:
        self.group_rows = group_rows

    @contextmanager
    def run(self, files: EstimateFiles) -> Iterator[EstimateRun]:
        """Read the counts; at the end put all results in their places, or none of them."""
        targets = [files.out] if files.problems is None else [files.out, files.problems]
        FileMatchTables().require_writable(targets, [files.readings])
        if files.problems is not None and files.problems.suffix.lower() != CSV:
            raise UnfitTarget(f"{files.problems}: findings are written as CSV.", hint="Name a file that ends in .csv.")
        with ExitStack() as stack:
            try:
                folder = stack.enter_context(
                    tempfile.TemporaryDirectory(dir=files.out.resolve().parent, prefix=f".{files.out.name}.")
                )
            except OSError as error:
                raise SetupFault(
                    f"{files.out} cannot be written ({error.strerror}).",
                    hint="Name a file in a folder that you may write.",
                ) from error
            yield from _run(files, Path(folder), self.group_rows)


def _run(files: EstimateFiles, folder: Path, group_rows: int) -> Iterator[EstimateRun]:
    """Read, let results be written into a folder for scratch, and move them to their places."""
    with ExitStack() as stack:
        run = _FileRun(files, CountSpill(folder=folder, group_rows=group_rows), stack)
        for block in count_blocks(files.readings):
            run.spill.take(block, run.tell_row)
        yield run
        run.finish()
    run.out.replace(files.out.resolve())
    if files.problems is not None:
        run.problems.replace(files.problems.resolve())


class _FileRun:
    """A run on its way; fulfils app.estimate_tables.EstimateRun."""

    def __init__(self, files: EstimateFiles, spill: CountSpill, stack: ExitStack) -> None:
        self.spill = spill
        self.out = spill.folder / f"out{files.out.suffix.lower()}"
        self.problems = spill.folder / "problems.csv"
        self._stack = stack
        self._writer: Any = None
        self._problem_rows: Any = None
        if files.problems is not None:
            target = stack.enter_context(self.problems.open("w", newline="", encoding="utf-8"))
            self._problem_rows = csv.writer(target, lineterminator="\n")
            self._problem_rows.writerow(PROBLEM_NAMES)

    @property
    def summary(self) -> CountSummary:
        """Tell what the file holds."""
        return self.spill.summary

    def meters(self) -> Iterator[MeterCounts]:
        """Give the counts."""
        return self.spill.meters()

    def tell_row(self, code: ProblemCode, where: str, text: str) -> None:
        """Write down a rejected row."""
        if self._problem_rows is not None:
            self._problem_rows.writerow([code, Severity.WATCH, where, text, ROW_HINT, 1])

    def tell(self, problems: Sequence[tuple[Problem, int]]) -> None:
        """Write down findings."""
        if self._problem_rows is not None:
            self._problem_rows.writerows(
                [each.code, each.severity, each.where, each.detail, each.hint, row_count]
                for each, row_count in problems
            )

    def write(self, slots: EstimatedSlots) -> None:
        """Write slots, some at a time, since Arrow needs texts for CSV."""
        writer = self._opened()
        meters = pa.array(slots.meter_texts, pa.string())
        for start in range(0, slots.slot_no.size, WRITTEN_ROWS):
            cut = slice(start, start + WRITTEN_ROWS)
            columns = [
                pa.DictionaryArray.from_arrays(pa.array(slots.meter_index[cut].astype(np.int32)), meters),
                pa.array((slots.delivery_day[cut] + _UNIX_EPOCH_DAY).astype(np.int32)).cast(pa.date32()),
                pa.array(slots.slot_no[cut].astype(np.int8)),
                pa.array(slots.energy_wh[cut]),
                pa.DictionaryArray.from_arrays(pa.array(slots.method_quality[cut]), _METHODS),
            ]
            table = pa.table(columns, schema=SCHEMA)
            writer.write_table(table if self._is_parquet else _plain(table))

    @property
    def _is_parquet(self) -> bool:
        """Tell in which format the slots are written."""
        return self.out.suffix == PARQUET

    def _opened(self) -> Any:
        """Open the file of slots once."""
        if self._writer is None and self._is_parquet:
            self._writer = self._stack.enter_context(
                pq.ParquetWriter(self.out, SCHEMA, compression="zstd", version="2.6")
            )
        elif self._writer is None:
            has_quotes = any(QUOTED.intersection(text) for text in self.spill.code_of)
            schema = _plain(SCHEMA.empty_table()).schema
            target = self._stack.enter_context(self.out.open("wb"))
            target.write((",".join(SCHEMA.names) + "\n").encode())
            options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed" if has_quotes else "none")
            self._writer = self._stack.enter_context(arrow_csv.CSVWriter(target, schema, write_options=options))
        return self._writer

    def finish(self) -> None:
        """Write at least the header, and close everything."""
        self._opened()
        self._stack.close()


def _plain(table: pa.Table) -> pa.Table:
    """Write codes out as texts."""
    coded = {"meter", "method"}
    return pa.table(
        {name: table[name].cast(pa.string()) if name in coded else table[name] for name in table.column_names}
    )
