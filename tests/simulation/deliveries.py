"""Draws what meters deliver: days on time with outages and wrong readings, then late rows and corrections.

Enters: a market and a chance. Leaves: Pieces, one a file, in the order of delivery. Not here: what is done with them.
"""

import csv
import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from sanchi.app.deliveries import FileKind
from sanchi.app.master_data import MASTER_COLUMNS
from tests.simulation.market import (
    PLAUSIBLE_WH,
    SLOTS,
    SimulatedMarket,
    meter_record,
    plant_record,
)
from tests.simulation.readings import Row, Series, Truth
from tests.simulation.terms import Record

COLUMNS = {
    "registers": ("meter_id", "channel", "read_at", "register_count", "received_at"),
    "energies": ("meter_id", "channel", "slot_end", "energy_wh", "received_at"),
}
LATE_MIN = 60 * 24 * 60
JUNK = (
    Row("H1-grid", "export", 5.5, 10, 0),
    Row("H1-grid", "pv", 7, 10, 0),
    Row("nobody", "export", 7, 10, 0),
    Row("H1-grid", "export", 7, "ten", 0),
    Row("H1-grid", "export", -500, 10, 0),
    Row("", "export", 7, 10, 0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One file: readings, or records of master data; due orders the pieces, in days."""

    kind: str
    due: float
    rows: tuple[Row, ...] = ()
    records: tuple[Record, ...] = ()


class Deliveries:
    """Collects pieces; each later version is received later, so that the order of files does not matter for it."""

    def __init__(self, chance: random.Random, market: SimulatedMarket) -> None:
        """Begin with what is delivered on time."""
        self._chance = chance
        self._market = market
        self._truth = Truth(chance, market)
        self._versions = 0
        self._corrected: tuple[Series, int] | None = None
        self.pieces: list[Piece] = []
        self._on_time = {series: self._truth.told(series) for series in self._truth.energy_wh}

    def draw(self) -> list[Piece]:
        """Draw everything."""
        chance = self._chance
        for _ in range(chance.choice((0, 1, 2, 3))):
            self._outage()
        for _ in range(chance.choice((0, 1, 2))):
            self._wrong_readings()
        self._days()
        for _ in range(chance.choice((0, 2, 4, 8))):
            self._correct()
        self._tell_master_data()
        self.pieces.sort(key=lambda piece: piece.due)
        return self.pieces

    def _some_series(self) -> Series:
        """Choose a series that delivers something, often one that is traded."""
        told = [series for series, rows in self._on_time.items() if rows]
        traded = [series for series in told if series.channel in {"export", "pv"}]
        return self._chance.choice(traded if self._chance.random() < 0.6 and traded else told)

    def _outage(self) -> None:
        """Let a meter be silent for a while; what it missed comes late, or never."""
        chosen = self._some_series()
        first = self._chance.choice(self._on_time[chosen]).boundary
        end = first + self._chance.choice((1, 2, 7, 30, 48, 49, 110))
        missed: list[Row] = []
        for series, rows in self._on_time.items():
            if series.meter == chosen.meter and (series == chosen or self._chance.random() < 0.7):
                missed += [row for row in rows if first <= row.boundary < end]
                self._on_time[series] = [row for row in rows if not first <= row.boundary < end]
        if missed and self._chance.random() < 0.65:
            self._later(missed, missed[-1].boundary / SLOTS + self._chance.uniform(0.2, 9))

    def _wrong_readings(self) -> None:
        """Let a meter show nonsense; it is corrected, or never."""
        series = self._some_series()
        rows = self._on_time[series]
        first = self._chance.randrange(len(rows))
        if self._chance.random() < 0.3:
            midnights = [n for n, row in enumerate(rows) if row.boundary % SLOTS == 0]
            first = self._chance.choice(midnights or [first])
        wrong = rows[first : first + self._chance.choice((1, 1, 2, 5))]
        spoilt = [row._replace(reading=self._nonsense(series, int(str(row.reading)))) for row in wrong]
        self._on_time[series] = [*rows[:first], *spoilt, *rows[first + len(wrong) :]]
        if self._chance.random() < 0.6:
            self._later(wrong, wrong[-1].boundary / SLOTS + self._chance.uniform(0.2, 9))

    def _nonsense(self, series: Series, reading: int) -> int:
        """Draw a reading that is not what flowed: plausible, absurd or impossible."""
        step = max(1, PLAUSIBLE_WH // series.meter.unit_wh)
        return self._chance.choice(
            (reading + 1, reading + step // 2, reading + 3 * step, max(0, reading - 1), 0, -5, 10**17, 10**18 - 1)
        )

    def _later(self, rows: Iterable[Row], due: float) -> None:
        """Deliver rows in a later file, as a later version."""
        self._versions += 1
        received_min = LATE_MIN + 10 * self._versions
        self._add([row._replace(received_min=received_min) for row in rows], due)

    def _add(self, rows: list[Row], due: float) -> None:
        """Put rows into files of their kind."""
        for kind, channels in (("registers", ("import", "export")), ("energies", ("pv", "charge", "discharge", "use"))):
            of_kind = tuple(row for row in rows if row.channel in channels)
            if of_kind:
                self.pieces.append(Piece(kind=kind, due=due, rows=of_kind))

    def _days(self) -> None:
        """Deliver the days, one or a few a file, some rows twice, some rows that are none."""
        chance, rows = self._chance, [row for rows in self._on_time.values() for row in rows]
        per_file = chance.choice((1, 2, 2, 10))
        for first in range(0, len(self._market.day_indexes), per_file):
            days = self._market.day_indexes[first : first + per_file]
            # The count at midnight belongs to the day that ends, unless nobody reads that day.
            own = [row for row in rows if (int(row.boundary) - 1) // SLOTS in days]
            own += [
                row
                for row in rows
                if (int(row.boundary) - 1) // SLOTS == days[0] - 1 and row.boundary // SLOTS == days[0]
            ]
            twice = chance.sample(own, min(len(own), chance.choice((0, 0, 3)))) if own else []
            junk = list(JUNK) if chance.random() < 0.15 else []
            self._add([*own, *twice, *junk], days[-1] + 0.4)
            if twice:
                self._add(twice, days[-1] + chance.uniform(0.5, 6))

    def _correct(self) -> None:
        """Change what flowed on a day, up or down, and deliver all that meters show anew; the same day again often."""
        chance, truth = self._chance, self._truth
        if self._corrected is None or chance.random() < 0.5:
            self._corrected = (self._some_series(), chance.choice(self._market.day_indexes[:3]))
        series, day = self._corrected
        slots = sorted(chance.sample(range(day * SLOTS, (day + 1) * SLOTS), chance.choice((1, 6, 48))))
        energy_wh = truth.energy_wh[series]
        shown_before = truth.shown(series)
        factor = chance.choice((0.0, 0.5, 0.9, 1.1, 2.0))
        changed = np.minimum((energy_wh[slots] * factor).astype(np.int64), PLAUSIBLE_WH)
        moved_wh = int(energy_wh[slots].sum() - changed.sum())
        energy_wh[slots] = changed
        if chance.random() < 0.3 and 0 < moved_wh < PLAUSIBLE_WH:
            energy_wh[slots[0]] += moved_wh
        shown = truth.shown(series)
        told = truth.told(series)
        rows = [row for row in told if shown[int(row.boundary)] != shown_before[int(row.boundary)]]
        if chance.random() < 0.15:
            # Only part of it arrives: registers contradict each other.
            rows = rows[: chance.randint(1, 5)]
        if rows:
            self._later(rows, self._market.day_indexes[-1] + chance.uniform(0.5, 12))

    def _tell_master_data(self) -> None:
        """Put the master data before everything, and what is told late somewhere later, with its rows once more."""
        market = self._market
        named = [(home.home_id, "home") for home in market.homes if home.home_id != "H9"]
        named += [(buyer_id, "buyer") for buyer_id in market.buyer_ids]
        parties = [(name, role, name, name, "", market.districts[name]) for name, role in named]
        parties += [("R01", "retailer", "R01", "R01", "", ""), ("S01", "retailer", "S01", "S01", "", "")]
        first: dict[str, Sequence[Record]] = {
            "parties": parties,
            "plants": [plant_record(home) for home in market.homes if home.home_id != "H9"],
            "meters": [meter_record(market, meter) for meter in market.told_meters],
            "offers": market.offers,
            "perks": market.perks,
            "choices": market.choices,
            "preferences": market.preferences,
        }
        self.pieces += [Piece(kind=kind, due=-1, records=tuple(records)) for kind, records in first.items() if records]
        if self._chance.random() < 0.5:
            self._go_on_after_removal()
        told_ids = {meter.meter_id for meter in market.told_meters}
        for group in market.late:
            due = self._chance.uniform(0, market.day_indexes[-1] + 6)
            self.pieces += [Piece(kind=kind, due=due, records=tuple(records)) for kind, records in group]
            late_ids = {record[0] for kind, records in group if kind == "meters" for record in records} - told_ids
            again = [row for series, rows in self._on_time.items() for row in rows if series.meter.meter_id in late_ids]
            if again and self._chance.random() < 0.8:
                self._later(again, due + self._chance.uniform(0.1, 3))

    def _go_on_after_removal(self) -> None:
        """Let meters that were taken off the wall go on delivering for a while."""
        for series, rows in self._on_time.items():
            removed = series.meter.removed
            if removed is not None and rows:
                reading = rows[-1].reading if series.is_register else 5
                more = [rows[-1]._replace(boundary=removed + n, reading=reading) for n in range(1, 6)]
                self._add(
                    [row._replace(received_min=int(row.boundary) * 30 + 240) for row in more], removed / SLOTS + 1
                )


def write_piece(folder: Path, number: int, piece: Piece, market: SimulatedMarket) -> Path:
    """Write a piece as a file of its kind."""
    path = folder / f"{piece.kind}-{number:03d}.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if piece.records:
            columns = MASTER_COLUMNS[FileKind(piece.kind)]
            # The ways of meters are left out: each has the usual one.
            writer.writerow(columns[: len(piece.records[0])])
            writer.writerows(piece.records)
        else:
            writer.writerow(COLUMNS[piece.kind])
            writer.writerows(
                (
                    row.meter_id,
                    row.channel,
                    market.stamp(row.boundary),
                    row.reading,
                    market.stamp(row.received_min / 30),
                )
                for row in piece.rows
            )
    return path


def write_terms(folder: Path, market: SimulatedMarket) -> Path:
    """Write market.toml."""
    path = folder / "market.toml"
    path.write_text(
        f'[market]\nmarket_id = "{market.market_id}"\nname = "Simulated"\nname_ja = "模擬"\ngrid_area = "03"\n'
        f'retailer_id = "R01"\nfirst_delivery_date = {market.first_date}\nlast_delivery_date = {market.last_date}\n'
        f"tax_permille = 100\nfinalise_day = 25\nwaiting_days = {market.waiting_days}\n",
        encoding="utf-8",
    )
    return path
