"""A simulated day of many meters as files: registers of 0.1 kWh steps, some of them with gaps of several lengths.

Enters: how many meters. Leave: files in two layouts, each as CSV and Parquet. Not here: measuring anything.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.intake import EPOCH_S

DAY = date(2026, 5, 13)
SEED = 1
UNIT_WH = 100
GAP_EVERY = 100
GAP_SLOTS = (1, 2, 8, 16, 48, 96, 240)
DAYS_AROUND = 10


@dataclass(frozen=True, kw_only=True)
class MeterDayFiles:
    """Where the same counts stand: in sanchi's layout, in that of `sanchi estimate`, and in some vendor's."""

    registers: dict[str, Path]
    readings: dict[str, Path]
    vendor: Path
    n_rows: int


def meter_names(n_meters: int) -> list[str]:
    """Name the meters."""
    return [f"M{n:06d}" for n in range(1, n_meters + 1)]


def make_files(folder: Path, n_meters: int) -> MeterDayFiles:
    """Write the files where they are not there yet; the rows stand in the order of time, as deliveries do."""
    folder.mkdir(parents=True, exist_ok=True)
    files = {
        name: {suffix: folder / f"{name}-{n_meters}{suffix}" for suffix in (".parquet", ".csv")}
        for name in ("registers", "readings")
    }
    vendor = folder / f"vendor-{n_meters}.csv"
    if not all(path.exists() for path in (vendor, *(path for paths in files.values() for path in paths.values()))):
        meter, boundary, count = counts(n_meters)
        stamp = pa.array((EPOCH_S + boundary * 1_800) * 1_000_000).cast(pa.timestamp("us", "Asia/Tokyo"))
        names = pa.DictionaryArray.from_arrays(pa.array(meter.astype(np.int32)), pa.array(meter_names(n_meters)))
        received = pa.array(np.full(meter.size, EPOCH_S + boundary.max() * 1_800)).cast(pa.timestamp("s", "Asia/Tokyo"))
        channel = pa.DictionaryArray.from_arrays(pa.array(np.zeros(meter.size, np.int32)), pa.array(["export"]))
        tables = {
            "registers": pa.table(
                {
                    "meter_id": names,
                    "channel": channel,
                    "read_at": stamp,
                    "register_count": count,
                    "received_at": received,
                }
            ),
            "readings": pa.table({"meter": names, "read_at": stamp, "register_wh": count * UNIT_WH}),
        }
        for name, table in tables.items():
            pq.write_table(table, files[name][".parquet"], compression="zstd")
            _write_csv(table, files[name][".csv"])
        _write_vendor(folder, vendor, names, stamp, count)
    n_rows = pq.ParquetFile(files["readings"][".parquet"]).metadata.num_rows
    return MeterDayFiles(registers=files["registers"], readings=files["readings"], vendor=vendor, n_rows=n_rows)


def counts(n_meters: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Give meter index, boundary and count of every row: the day of all, days around it of those with gaps."""
    rng = np.random.default_rng(SEED)
    day_boundary = boundary_ordinal(DAY, 0)
    n_slots = (2 * DAYS_AROUND + 1) * 48
    first = day_boundary - DAYS_AROUND * 48
    has_gap = np.arange(n_meters) % GAP_EVERY == 0
    slot_of_day = np.arange(n_slots) % 48
    shape = 150 + 350 * np.exp(-(((slot_of_day - 38) / 5.0) ** 2)) + 120 * np.exp(-(((slot_of_day - 14) / 4.0) ** 2))
    parts = []
    for start in range(0, n_meters, 10_000):
        index = np.arange(start, min(start + 10_000, n_meters))
        step_wh = (shape * rng.gamma(2.0, 0.5, (index.size, n_slots))).astype(np.int64)
        start_wh = rng.integers(0, 30_000_000, index.size)
        count = (start_wh[:, None] + np.concatenate([np.zeros((index.size, 1), np.int64), step_wh.cumsum(1)], 1)) // 100
        boundary = first + np.arange(n_slots + 1)
        kept = has_gap[index][:, None] | ((boundary >= day_boundary - 1) & (boundary <= day_boundary + 49))
        for row in np.flatnonzero(has_gap[index]):
            length = GAP_SLOTS[(index[row] // GAP_EVERY) % len(GAP_SLOTS)]
            opens = day_boundary + int(rng.integers(1, 47)) - first
            kept[row, max(opens - length // 2, 1) : max(opens - length // 2, 1) + length] = False
        meter, place = np.nonzero(kept)
        parts.append((index[meter], boundary[place], count[kept]))
    meter, boundary, count = (np.concatenate(columns) for columns in zip(*parts, strict=True))
    order = np.lexsort((meter, boundary))
    return meter[order], boundary[order], count[order]


def _write_csv(table: pa.Table, path: Path) -> None:
    """Write CSV as a vendor's export has it: stamps with their offset, nothing in quotes."""
    with path.open("wb") as file:
        file.write((",".join(table.column_names) + "\n").encode())
        options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
        for start in range(0, table.num_rows, 1_000_000):
            piece = table.slice(start, 1_000_000)
            columns = [_as_text(piece.column(name)) for name in piece.column_names]
            pyarrow.csv.write_csv(pa.table(columns, piece.column_names), file, options)


MAPPING = """
meter = "meter no"
stamp = "time"
stamp_format = "%Y/%m/%d %H:%M"
utc_offset = "+09:00"
stamp_means = "end"
measure = "count"
source = "b_route"
stage = "flash"

[[series]]
column = "sell kWh"
channel = "export"
unit = "kWh"
decimals = 1
"""


def _write_vendor(folder: Path, path: Path, names: pa.Array, stamp: pa.Array, count: np.ndarray) -> None:
    """Write the table of a vendor: a stamp without an offset, decimal kWh, columns that nobody asked for."""
    (folder / "columns.toml").write_text(MAPPING, encoding="utf-8")
    options = pyarrow.csv.WriteOptions(include_header=False, quoting_style="none")
    with path.open("wb") as file:
        file.write(b"meter no,firmware,time,sell kWh\n")
        for start in range(0, count.size, 1_000_000):
            piece = slice(start, start + 1_000_000)
            tenths = pa.array(count[piece])
            whole = pa.compute.divide(tenths, 10).cast(pa.string())
            last = pa.array(count[piece] % 10).cast(pa.string())
            local = pa.compute.local_timestamp(stamp[piece]).cast(pa.timestamp("s"))
            columns = [
                names[piece].cast(pa.string()),
                pa.repeat("2.1", len(tenths)),
                pa.compute.strftime(local, "%Y/%m/%d %H:%M"),
                pa.compute.binary_join_element_wise(whole, last, "."),
            ]
            pyarrow.csv.write_csv(pa.table(columns, ["m", "f", "t", "k"]), file, options)


def _as_text(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Give stamps as ISO 8601 in Japanese time; names as plain texts."""
    if pa.types.is_timestamp(column.type):
        local = pa.compute.local_timestamp(column)
        return pa.compute.binary_join_element_wise(
            pa.compute.strftime(local.cast(pa.timestamp("s")), "%Y-%m-%dT%H:%M:%S"), "+09:00", ""
        )
    return column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column


def next_day() -> date:
    """Give the day after the measured one."""
    return DAY + timedelta(days=1)
