"""What really flowed: half-hour energies of the shipped homes, whole, without any fault of a meter.

Enters: the folder of the shipped pilot. Leaves: Truth. Not here: what meters make of it (series), and what is sent.

How it is made, from the readings in force of `pilot`, `late` and `after_final`:

1. Counts of a register that were never delivered lie on a straight line between their neighbours.
2. A step of the register is spread over the half hours since the step before it: evenly for import, in proportion to
   the generation for export.
3. Energies that were never delivered are those of the same half hour of the nearest day that has it, the earlier one
   where two are as near. A party that never delivered at all takes those of the home before it.
4. Import and export of one half hour are netted; export is never more than generation, and the home's load never
   below zero: what is too much is cut from the export, then added to the import.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from sanchi.core.base.slots import JST, SLOTS_PER_DAY
from sanchi.edge.sandbox.master import MeterRow
from sanchi.edge.sandbox.period import SLOT_S, Period, seconds_of

FOLDERS: Final = ("pilot", "late", "after_final")
UNIT_WH: Final = 100
TURN_COUNT: Final = 10**6
HOME_CHANNELS: Final = ("import", "export", "pv", "charge", "discharge")
Energies = Mapping[str, NDArray[np.int64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """Energies [Wh] by home or use meter and channel, each of shape (n_slots,).

    homes : home -> channel -> energies; charge and discharge only where the home has a battery.
    uses : a buyer's meter -> energies.
    """

    period: Period
    homes: Mapping[str, Energies]
    uses: Mapping[str, NDArray[np.int64]]

    def tables(self) -> pa.Table:
        """Give all energies as rows: party, channel, delivery_date, slot_no, energy_wh."""
        n_slots = self.period.n_slots
        series = [(home, name, wh) for home, channels in self.homes.items() for name, wh in channels.items()]
        series += [(meter, "use", wh) for meter, wh in self.uses.items()]
        days = np.array([self.period.date_of_slot(k) for k in range(n_slots)], dtype="datetime64[D]")
        return pa.table(
            {
                "home": np.repeat([party for party, _, _ in series], n_slots),
                "channel": np.repeat([name for _, name, _ in series], n_slots),
                "delivery_date": pa.array(np.tile(days, len(series))),
                "slot_no": np.tile(np.arange(n_slots) % SLOTS_PER_DAY + 1, len(series)).astype(np.int8),
                "energy_wh": np.concatenate([wh for _, _, wh in series]),
            }
        )


def read_truth(sample: Path, period: Period, meters: tuple[MeterRow, ...], homes: tuple[str, ...]) -> Truth:
    """Work out what flowed in the homes and at the buyers' meters.

    meters : all of the shipped pilot; homes : those that take part, in the order of the sample.
    """
    whole = _shipped_period(sample)
    parties = list(dict.fromkeys(meter.party_id for meter in meters if "pv" in meter.channels))
    # A home that never delivered borrows from the one before it.
    before = {home: parties[max(parties.index(home) - 1, 0)] for home in homes}
    needed = [home for home in parties if home in {*before, *before.values()}]
    series = _delivered(sample, whole, [m.meter_id for m in meters if m.party_id in needed or "use" in m.channels])
    found: dict[str, Energies] = {}
    for home in needed:
        own = [meter for meter in meters if meter.party_id == home]
        is_silent = not any((meter.meter_id, "import") in series for meter in own)
        if is_silent and home not in before:
            continue
        found[home] = _borrowed(own, found[before[home]]) if is_silent else _home_energies(own, series, whole)
    uses = {m.meter_id: _filled(series[m.meter_id, "use"][1:]) for m in meters if "use" in m.channels}
    first = (period.first_date - whole.first_date).days * SLOTS_PER_DAY
    span = slice(first, first + period.n_slots)
    return Truth(
        period=period,
        homes={home: {name: wh[span] for name, wh in found[home].items()} for home in homes},
        uses={meter_id: wh[span] for meter_id, wh in uses.items()},
    )


def _shipped_period(sample: Path) -> Period:
    """Read which delivery dates the shipped pilot has."""
    stamps = pq.read_table(sample / "pilot" / "registers-2020-11.parquet", columns=["read_at"])["read_at"]
    last = pq.read_table(sample / "pilot" / "registers-2021-02.parquet", columns=["read_at"])["read_at"]
    first_at, last_at = pc.min(stamps).as_py(), pc.max(last).as_py()
    last_day = datetime.fromtimestamp(seconds_of(last_at) - SLOT_S, tz=JST).date()
    return Period(first_date=_day(first_at), last_date=last_day)


def _day(instant: datetime) -> date:
    return instant.astimezone(JST).date()


def _delivered(sample: Path, period: Period, meter_ids: list[str]) -> dict[tuple[str, str], NDArray[np.int64]]:
    """Read every series by meter and channel, as numbers at all boundaries; -1 where nothing was delivered.

    Of several versions the one received last counts; folders and files are read in the order of delivery.
    """
    found: dict[tuple[str, str], NDArray[np.int64]] = {}
    for folder in FOLDERS:
        for path in sorted((sample / folder).glob("*.parquet")):
            table = pq.read_table(path, filters=[("meter_id", "in", meter_ids)])
            table = table.sort_by([("meter_id", "ascending"), ("channel", "ascending"), ("received_at", "ascending")])
            stamps = table.column(2).cast(pa.timestamp("s", "UTC")).cast(pa.int64()).to_numpy()
            boundary = (stamps - period.first_s) // SLOT_S
            number = table.column(3).to_numpy()
            keys = list(zip(table.column(0).to_pylist(), table.column(1).to_pylist(), strict=True))
            cuts = [n for n, key in enumerate(keys) if n == 0 or key != keys[n - 1]]
            for begin, end in pairwise([*cuts, len(keys)]):
                key = keys[begin]
                line = found.setdefault(key, np.full(period.n_slots + 1, -1, dtype=np.int64))
                line[boundary[begin:end]] = number[begin:end]
    return found


def _home_energies(
    meters: list[MeterRow], series: Mapping[tuple[str, str], NDArray[np.int64]], period: Period
) -> Energies:
    """Work out one home's energies by the rules above."""
    energies = {
        channel: _filled(series[meter.meter_id, channel][1:])
        for meter in meters
        for channel in meter.channels
        if channel not in {"import", "export"}
    }
    even = np.ones(period.n_slots, dtype=np.int64)
    weights = {"import": even, "export": energies["pv"]}
    for channel, weight in weights.items():
        counts = [series[m.meter_id, channel] for m in meters if channel in m.channels]
        energies[channel] = np.sum([_spread(line, weight) for line in counts], axis=0)
    return _netted(energies)


def _borrowed(meters: list[MeterRow], before: Energies) -> Energies:
    """Give a home that never delivered the energies of the home before it."""
    silent = np.zeros_like(before["pv"])
    names = [channel for meter in meters for channel in meter.channels]
    return _netted({name: before.get(name, silent).copy() for name in dict.fromkeys(names)})


def _spread(counts: NDArray[np.int64], weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Turn the counts of a register (-1 = not delivered) into energies [Wh], zero outside its service."""
    known = np.flatnonzero(counts >= 0)
    turned = np.cumsum(np.diff(counts[known], prepend=counts[known[0]]) % TURN_COUNT)
    line = np.interp(np.arange(counts.size), known, turned).astype(np.int64)
    energy_wh = np.zeros(counts.size - 1, dtype=np.int64)
    begin = 0
    for end in (np.flatnonzero(np.diff(line)) + 1).tolist():
        step_wh = int(line[end] - line[end - 1]) * UNIT_WH
        # A register that stood still for a day or more: the energy is of the last day.
        begin = max(begin, end - SLOTS_PER_DAY)
        energy_wh[begin:end] += shared(step_wh, weight[begin:end])
        begin = end
    return energy_wh


def shared(total: int, weight: NDArray[np.int64]) -> NDArray[np.int64]:
    """Cut a total into whole parts by weight (evenly where all are zero); the largest rests are rounded up."""
    total_weight = int(weight.sum())
    if total_weight == 0:
        weight, total_weight = np.ones_like(weight), weight.size
    part, rest = np.divmod(weight * total, total_weight)
    left = total - int(part.sum())
    part[np.argsort(-rest, kind="stable")[:left]] += 1
    return part


def _filled(energy_wh: NDArray[np.int64]) -> NDArray[np.int64]:
    """Fill what was not delivered (-1) from the nearest day that has the half hour."""
    by_day = energy_wh.reshape(-1, SLOTS_PER_DAY).copy()
    for slot_index in range(SLOTS_PER_DAY):
        column = by_day[:, slot_index]
        known = np.flatnonzero(column >= 0)
        holes = np.flatnonzero(column < 0)
        if known.size and holes.size:
            nearest = np.abs(holes[:, None] - known[None, :]).argmin(axis=1)
            column[holes] = column[known[nearest]]
    return np.maximum(by_day.reshape(-1), 0)


def _netted(energies: Mapping[str, NDArray[np.int64]]) -> Energies:
    """Apply rule 4; gives the channels in the order of HOME_CHANNELS."""
    pv_wh = energies["pv"]
    none = np.zeros_like(pv_wh)
    net_wh = energies["import"] - energies["export"]
    export_wh = np.minimum(np.maximum(-net_wh, 0), pv_wh)
    import_wh = np.maximum(net_wh, 0)
    inner_wh = pv_wh + energies.get("discharge", none) - energies.get("charge", none)
    export_wh = np.maximum(export_wh - np.maximum(export_wh - inner_wh - import_wh, 0), 0)
    import_wh = import_wh + np.maximum(-(inner_wh + import_wh - export_wh), 0)
    told = dict(energies) | {"import": import_wh, "export": export_wh}
    return {name: told[name] for name in HOME_CHANNELS if name in told}
