"""The shipped pilot's master data, as far as a sandbox looks at it.

Enters: the folder of the shipped pilot. Leaves: rows as values. Not here: the market that a sandbox tells (market).
"""

import csv
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterRow:
    """A meter of the shipped pilot."""

    meter_id: str
    party_id: str
    channels: tuple[str, ...]
    installed_at: str
    plausible_wh_max: int


def rows_of(path: Path) -> list[dict[str, str]]:
    """Read a CSV file as texts by column."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


def read_meters(sample: Path) -> tuple[MeterRow, ...]:
    """Read the meters of the shipped pilot, in their order."""
    return tuple(
        MeterRow(
            meter_id=row["meter_id"],
            party_id=row["party_id"],
            channels=tuple(row["channels"].split("+")),
            installed_at=row["installed_at"],
            plausible_wh_max=int(row["plausible_wh_max"]),
        )
        for row in rows_of(sample / "pilot" / "meters.csv")
    )
