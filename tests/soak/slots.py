"""Holds the energy of every half hour against what really flowed.

Enter: books and truth. Leave: Judgement: which half hours are right, flagged, or missed. Not here: rows (accounts).
"""

import json
from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pyarrow.parquet as pq

from sanchi.core.base.slots import JST
from sanchi.edge.store.books import Books

STEP_WH: Final = 100
SLOT_S: Final = 1_800
EPOCH_S: Final = 946_652_400
CHANNELS: Final = ("import", "export", "pv", "charge", "discharge", "use")
DEVICES: Final = {"import": "meter", "export": "meter", "pv": "solar", "charge": "battery", "discharge": "battery"}

COMPARED: Final = f"""
    CREATE TEMP TABLE compared AS
    WITH standing AS (
        SELECT delivery_date, slot_no, channel_no, slot_values.party_no,
               CASE WHEN channel_no = 6 THEN meter_id ELSE party_id END AS home,
               sum(energy_wh) AS energy_wh, min(quality) AS quality, any_value(method_no) AS method_no
        FROM slot_values JOIN meter USING (meter_no) JOIN party ON party.party_no = slot_values.party_no GROUP BY ALL),
    said AS (
        SELECT DISTINCT delivery_date, meter.party_no, unnest(string_split(channels, '+')) AS channel
        FROM problem JOIN meter ON meter.party_no = problem.party_no
        WHERE step = 'close-day' AND regexp_extract(where_text, 'meter ([^ ,]+)', 1) = meter_id)
    SELECT truth.home, truth.channel, truth.delivery_date, truth.slot_no, truth.energy_wh AS truth_wh,
           standing.energy_wh, coalesce(quality, -1) AS quality, coalesce(method_no, -1) AS method_no,
           coalesce(abs(standing.energy_wh - truth.energy_wh) > {STEP_WH}, true) AS is_off,
           coalesce(standing.energy_wh = truth.energy_wh, false) AS is_exact,
           coalesce(quality < 3, false) AS is_flagged, said.party_no IS NOT NULL AS is_said
    FROM truth LEFT JOIN standing ON standing.home = truth.home AND standing.delivery_date = truth.delivery_date
        AND standing.slot_no = truth.slot_no AND {list(CHANNELS)}[channel_no] = truth.channel
    LEFT JOIN said ON said.party_no = standing.party_no AND said.delivery_date = truth.delivery_date
        AND said.channel = truth.channel
    -- What no meter of the market measures (a battery behind clouds) nobody can know.
    WHERE truth.channel = 'use' OR (truth.home, truth.channel) IN (
        SELECT party_id, unnest(string_split(channels, '+')) FROM meter JOIN party USING (party_no))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Miss:
    """A half hour that is off by more than a step, and that nothing marks; fault : what truth says of its device."""

    home: str
    channel: str
    slot: str
    energy_wh: int | None
    truth_wh: int
    fault: str

    @property
    def kinds(self) -> str:
        """Tell the channel and the kinds of the faults without their figures."""
        return f"{self.channel}: " + "; ".join(part.partition(" {")[0] for part in self.fault.split("; "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """All half hours by what they are; counts of is_off, is_flagged (own quality), is_said (a finding of the day)."""

    counts: Counter[tuple[bool, bool, bool]]
    cautious_count: int
    misses: tuple[Miss, ...]
    by_channel: tuple[tuple[Any, ...], ...]

    @property
    def lines(self) -> list[str]:
        """Tell it."""
        total = self.counts.total()
        off = {key[1:]: count for key, count in self.counts.items() if key[0]}
        flagged = sum(count for (is_flagged, _), count in off.items() if is_flagged)
        said = off.get((False, True), 0)
        return [
            (
                f"{total:,} half hours, {sum(off.values()):,} off by more than {STEP_WH} Wh: {flagged:,} by their own "
                f"quality, {said:,} by a finding of the day, {len(self.misses):,} missed"
            ),
            f"{self.cautious_count:,} half hours are marked by their quality though they are within a step",
        ]


def judged(books: Books, truth: Path) -> Judgement:
    """Hold the books against truth."""
    books.add("truth", pq.read_table(truth / "energies.parquet"))
    books.fetch(COMPARED)
    counts = Counter(
        {tuple(key): count for *key, count in books.fetch(
            "SELECT is_off, is_flagged, is_said, count(*) FROM compared GROUP BY ALL")}
    )  # fmt: skip
    missed = books.fetch(
        "SELECT home, channel, delivery_date, slot_no, energy_wh, truth_wh FROM compared "
        "WHERE is_off AND NOT is_flagged AND NOT is_said ORDER BY ALL"
    )
    faults = [json.loads(line) for line in (truth / "faults.jsonl").read_text(encoding="utf-8").splitlines()]
    (cautious,) = books.fetch("SELECT count(*) FROM compared WHERE NOT is_off AND is_flagged")
    by_channel = books.fetch(
        "SELECT channel, count(*), count(*) FILTER (is_exact), count(*) FILTER (is_off), "
        "count(*) FILTER (is_off AND is_flagged), count(*) FILTER (is_off AND NOT is_flagged AND is_said), "
        "count(*) FILTER (is_off AND NOT is_flagged AND NOT is_said), count(*) FILTER (NOT is_off AND is_flagged) "
        "FROM compared GROUP BY ALL ORDER BY 1"
    )
    return Judgement(
        counts=counts,
        cautious_count=int(cautious[0]),
        misses=tuple(_miss(row, faults) for row in missed),
        by_channel=tuple(by_channel),
    )


def _miss(row: tuple[Any, ...], faults: list[dict[str, Any]]) -> Miss:
    """Name the faults of a home that lie over a half hour, or end at it."""
    home, channel, day, slot_no, energy_wh, truth_wh = row
    begin = datetime(day.year, day.month, day.day, tzinfo=JST).timestamp() + (slot_no - 1) * SLOT_S
    told = [
        f"{fault['kind']} {fault['connector']} {fault['series']} {fault['figures']}"
        for fault in faults
        if fault["home"] == home
        and datetime.fromisoformat(fault["from"]).timestamp() - SLOT_S <= begin + SLOT_S
        and begin <= datetime.fromisoformat(fault["to"]).timestamp() + SLOT_S
    ]
    return Miss(
        home=home,
        channel=channel,
        slot=f"{day} slot {slot_no}",
        energy_wh=energy_wh,
        truth_wh=truth_wh,
        fault="; ".join(told) or "no fault",
    )
