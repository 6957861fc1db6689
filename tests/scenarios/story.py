"""Reads what happens in a story, and writes its short deliveries out as meters deliver them.

Enters: a story's folder. Leaves: steps, and delivered files in docs/formats.md's form. Not here: running anything.
"""

import csv
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from sanchi.core.base.slots import JST

HALF_HOUR = timedelta(minutes=30)
# A later step is received later: nothing else of the times of receipt matters.
RECEIVED_FROM = datetime(2021, 6, 1, tzinfo=JST)
REGISTERS, ENERGIES = "registers", "energies"
STAMP_COLUMN = {REGISTERS: "read_at", ENERGIES: "slot_end"}
READING_COLUMN = {REGISTERS: "register_count", ENERGIES: "energy_wh"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One command of a story; the argument of `ingest` is a folder beside steps.csv."""

    step_no: int
    command: str
    argument: str


def read_table(path: Path) -> tuple[list[str], list[list[str]]]:
    """Read a CSV file as columns and rows."""
    with path.open(newline="", encoding="utf-8") as file:
        columns, *rows = csv.reader(file)
    return columns, rows


def steps_of(story: Path) -> list[Step]:
    """List the steps of a story in their order."""
    _, rows = read_table(story / "when" / "steps.csv")
    steps = [Step(step_no=int(step_no), command=command, argument=argument) for step_no, command, argument in rows]
    assert [step.step_no for step in steps] == [*range(1, len(steps) + 1)], "the steps are not numbered 1, 2, ..."
    return steps


def write_out(delivery: Path, target: Path, step_no: int) -> None:
    """Copy a delivery; in its files of readings put in the rows that the story leaves out."""
    target.mkdir()
    received_at = (RECEIVED_FROM + step_no * timedelta(hours=1)).isoformat()
    for path in sorted(delivery.iterdir()):
        kind = path.stem.partition("-")[0]
        if kind in STAMP_COLUMN:
            _write_readings(path, target / path.name, kind, received_at)
        else:
            shutil.copy(path, target / path.name)


def _write_readings(short: Path, full: Path, kind: str, received_at: str) -> None:
    """Write a file of readings out: between two rows of a meter registers stand still and energies are 0.

    Columns behind the reading (source, stage) hold the same in all rows of a meter and channel.
    """
    columns, rows = read_table(short)
    assert columns[:4] == ["meter_id", "channel", STAMP_COLUMN[kind], READING_COLUMN[kind]], f"{short}: {columns}"
    with full.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*columns, "received_at"])
        for meter_id, channel in dict.fromkeys((row[0], row[1]) for row in rows):
            ways = next(row[4:] for row in rows if row[:2] == [meter_id, channel])
            told = {_instant(row[2]): row[3] for row in rows if row[:2] == [meter_id, channel]}
            for stamp, reading in _filled(told, kind):
                writer.writerow([meter_id, channel, stamp.isoformat(), reading, *ways, received_at])


def _filled(told: dict[datetime, str], kind: str) -> Iterator[tuple[datetime, str]]:
    """Give a reading for each half hour from the first one told to the last."""
    stamp, reading = min(told), ""
    while stamp <= max(told):
        reading = told.get(stamp, "0" if kind == ENERGIES else reading)
        yield stamp, reading
        stamp += HALF_HOUR


def _instant(text: str) -> datetime:
    """Read a date and time of Japan."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=JST)
