"""The shipped sample as tables: what the tests of this folder read.

Enters: the checkout; leaves: CSV rows and Arrow tables. Not here: any expectation.
"""

import csv
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "src" / "sanchi" / "sample"
ROUNDS = ("pilot", "late", "after_final")
MASTER_FILES = ("parties.csv", "plants.csv", "meters.csv", "offers.csv", "choices.csv")


def csv_rows(name: str) -> list[dict[str, str]]:
    """Read a master data file."""
    with (SAMPLE / "pilot" / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def market() -> dict[str, Any]:
    """Read the market's terms."""
    return tomllib.loads((SAMPLE / "pilot" / "market.toml").read_text(encoding="utf-8"))["market"]


def files_of(kind: str, *rounds: str) -> list[Path]:
    """List the files of a kind in some rounds."""
    return [path for folder in rounds for path in sorted((SAMPLE / folder).glob(f"{kind}-*.parquet"))]


@cache
def rows_of(kind: str, *rounds: str) -> pa.Table:
    """Read all rows of a kind, in the order of files."""
    return pa.concat_tables([pq.read_table(path) for path in files_of(kind, *rounds)])


@cache
def series_of(kind: str, *rounds: str) -> dict[tuple[str, str], tuple[np.ndarray, np.ndarray]]:
    """Give the readings in force per meter and channel: stamps [Unix s] in order, and readings."""
    table = rows_of(kind, *rounds)
    names = table.column_names
    meters, channels = (table.column(name).to_pylist() for name in names[:2])
    stamps, received = (
        table.column(name).cast(pa.timestamp("s", "Asia/Tokyo")).cast(pa.int64()).to_numpy()
        for name in (names[2], names[4])
    )
    readings = table.column(names[3]).to_numpy()
    in_force: dict[tuple[str, str], dict[int, int]] = {}
    for row in np.argsort(received, kind="stable").tolist():
        in_force.setdefault((meters[row], channels[row]), {})[int(stamps[row])] = int(readings[row])
    return {
        key: (np.array(sorted(found)), np.array([found[stamp] for stamp in sorted(found)]))
        for key, found in in_force.items()
    }
