"""The limit of a fleet's day: read the same supply, pass over it once, write the same rows; a program of its own.

Usage: python -m bench.matching_parts.fleet_limit FLEET MATCHED SCRATCH THREADS. Prints JSON: wall_s, cpu_s, and what
it read and wrote. The rows to write are loaded beforehand, a block of files at a time, outside the measured time.
"""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.matching_parts.limit_pass import total_wh
from bench.matching_parts.parquet_settings import settings_of

SUPPLY = "supply"
ALLOCATION = "allocation"
ENERGY_END = "_wh"


def files_named(folder: Path, word: str) -> list[Path]:
    """Give the Parquet files of a folder in whose path a word stands, in order."""
    return [path for path in sorted(folder.rglob("*.parquet")) if word in str(path.relative_to(folder))]


def measured_limit(fleet: Path, matched: Path, scratch: Path, n_threads: int) -> dict[str, float | int]:
    """Measure block by block, a block being a file a thread; CPU seconds are those of all threads."""
    supplies, allocations = files_named(fleet, SUPPLY), files_named(matched, ALLOCATION)
    total_wh(np.zeros(1, dtype=np.int64))
    total_wh(np.zeros(1, dtype=np.int32))
    sums: dict[str, float | int] = dict.fromkeys(
        ("wall_s", "cpu_s", "supply_rows", "supply_wh", "rows", "energy_wh", "written_bytes"), 0
    )
    with ThreadPoolExecutor(n_threads) as pool:
        for first in range(0, max(len(supplies), len(allocations)), n_threads):
            block = slice(first, first + n_threads)
            tables = [pq.read_table(path) for path in allocations[block]]
            settings = [
                settings_of(pq.read_metadata(path)) if len(table) else {}
                for path, table in zip(allocations[block], tables, strict=True)
            ]
            targets = [scratch / f"{first + place}.parquet" for place in range(len(tables))]
            cpu_before, before = time.process_time(), time.perf_counter()
            read = list(pool.map(_read, supplies[block]))
            list(pool.map(_write, tables, targets, settings))
            sums["wall_s"] += time.perf_counter() - before
            sums["cpu_s"] += time.process_time() - cpu_before
            sums["supply_rows"] += sum(n_rows for n_rows, _ in read)
            sums["supply_wh"] += sum(wh for _, wh in read)
            sums["rows"] += sum(map(len, tables))
            sums["energy_wh"] += sum(_energy_wh(table) for table in tables)
            for target in targets:
                sums["written_bytes"] += target.stat().st_size
                target.unlink()
    return sums


def _read(path: Path) -> tuple[int, int]:
    """Read a file and pass over its energies once; give its rows and Wh."""
    table = pq.read_table(path, use_threads=False)
    return len(table), _energy_wh(table)


def _energy_wh(table: pa.Table) -> int:
    """Add the energy columns up, list columns flattened."""
    wh = 0
    for name in table.column_names:
        for chunk in table[name].chunks if name.endswith(ENERGY_END) else ():
            numbers = chunk.flatten() if pa.types.is_nested(chunk.type) else chunk
            wh += int(total_wh(numbers.to_numpy(zero_copy_only=False)))
    return wh


def _write(table: pa.Table, target: Path, settings: dict) -> None:
    """Write rows as their own file was written."""
    pq.write_table(table, target, **settings)


if __name__ == "__main__":
    FLEET, MATCHED, SCRATCH, THREADS = sys.argv[1:]
    print(json.dumps(measured_limit(Path(FLEET), Path(MATCHED), Path(SCRATCH), int(THREADS))))
