"""Hold what the chain made of a sandbox against the sandbox's truth: faults, energies, rows.

Enter: stores and a SandboxTruth. Leaves: a SandboxScore. Not here: reading the truth's files, finding faults.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.deliveries import DecodedCounts
from sanchi.app.stores import Stores
from sanchi.app.views.connections import ConnectionWatch
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import EPOCH_DATE, SLOTS_PER_DAY
from sanchi.core.metering.faults.fault import NO_HOME, Fault
from sanchi.core.metering.faults.kinds import FaultKind, Leg
from sanchi.core.metering.faults.scoring import ScoreTable, TrueFault, score
from sanchi.core.metering.faults.spans import HOUR_S, SLOT_S, stamp_s
from sanchi.core.metering.readings import Channel, Quality

# A register shows an energy to one step; what a slot may differ by without anything being wrong [Wh].
STEP_WH: Final = {Channel.IMPORT: 100, Channel.EXPORT: 100}
OTHER_STEP_WH: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueFaultLine:
    """A line of the truth; told_at : when the market was told of an exchange, None = never."""

    fault: TrueFault
    home: str
    told_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TrueEnergies:
    """What really flowed; equal-length arrays. slot_index : half hours since 2000-01-01, 0 = the first."""

    homes: tuple[str, ...]
    home_code: NDArray[np.int32]
    channel_no: NDArray[np.int8]
    slot_index: NDArray[np.int64]
    energy_wh: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxTruth:
    """What a sandbox keeps aside, and its time."""

    market_id: MarketId
    first_date: date
    last_date: date
    now: datetime
    faults: tuple[TrueFaultLine, ...]
    energies: TrueEnergies


@dataclass(frozen=True, slots=True, kw_only=True)
class WrongSlot:
    """A slot whose energy differs from the truth by more than a step though nothing says that it might."""

    home_id: PartyId
    channel: Channel
    delivery_date: date
    slot_no: int
    energy_wh: int
    true_wh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotScore:
    """Slots of closed days against the truth; off = by more than a step.

    flagged by its quality (not measured), or by a fault that was found at its device and time.
    """

    compared_count: int
    off_count: int
    off_flagged_count: int
    off_by_fault_count: int
    unflagged: tuple[WrongSlot, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RowScore:
    """Where all delivered rows are. Of closed days: used + superseded + set aside = stored."""

    decoded: DecodedCounts
    closed_day_count: int
    used_count: int
    superseded_count: int
    set_aside_count: int
    stored_count: int

    @property
    def holds(self) -> bool:
        """Tell whether nothing got lost."""
        return self.used_count + self.superseded_count + self.set_aside_count == self.stored_count


@dataclass(frozen=True, slots=True, kw_only=True)
class SandboxScore:
    """How well the chain did."""

    table: ScoreTable
    home_names: dict[int, PartyId]
    slots: SlotScore
    rows: RowScore


def score_sandbox(stores: Stores, truth: SandboxTruth, watch: ConnectionWatch) -> SandboxScore:
    """Score faults that begin before the watch's now, slots of closed days, and rows."""
    parties = stores.market.book(truth.market_id).parties
    names = {party.party_no: party.party_id for party in parties}
    numbers = {str(party_id): party_no for party_no, party_id in names.items()}
    now_s = int(watch.now.timestamp())
    found, true = _comparable(watch.found, truth.faults, numbers, now_s, truth.now)
    return SandboxScore(
        table=score(found, true, now_s),
        home_names=names,
        slots=_slot_score(stores, truth, watch, numbers),
        rows=_row_score(stores, truth),
    )


def _comparable(
    found: Sequence[Fault], lines: Sequence[TrueFaultLine], numbers: dict[str, int], now_s: int, known_at: datetime
) -> tuple[list[Fault], list[TrueFault]]:
    """Give homes their numbers, and leave out what is yet to come, and exchanges that the market was told of."""
    true: list[TrueFault] = []
    announced: list[TrueFault] = []
    for line in lines:
        one = replace(line.fault, home_no=numbers[line.home] if line.home else NO_HOME)
        is_told = line.told_at is not None and line.told_at <= known_at
        if one.first_s < now_s:
            (announced if is_told else true).append(one)
    kept = [one for one in found if not any(_is_announced(one, exchange) for exchange in announced)]
    return kept, true


def _is_announced(one: Fault, exchange: TrueFault) -> bool:
    """Tell whether a found fault is an exchange that is known: master data says so since."""
    is_same = one.kind is FaultKind.EXCHANGE and one.home_no == exchange.home_no
    return is_same and abs(one.first_s - exchange.first_s) <= HOUR_S


def _slot_score(stores: Stores, truth: SandboxTruth, watch: ConnectionWatch, numbers: dict[str, int]) -> SlotScore:
    """Compare the slots of closed days."""
    energies = truth.energies
    code_of = {numbers[home]: code for code, home in enumerate(energies.homes) if home in numbers}
    n_channels = max(Channel) + 1
    true_wh = _true_wh(energies)
    compared = off = flagged = by_fault = 0
    unflagged: list[WrongSlot] = []
    names = {home.home_no: home.home_id for home in watch.homes}
    for day in stores.days.market_days(truth.market_id, truth.first_date, truth.last_date):
        outcome = stores.days.outcome(truth.market_id, day.delivery_date)
        assert outcome is not None, "a closed day has an outcome"
        values = outcome.slot_values
        first_slot = (day.delivery_date - EPOCH_DATE).days * SLOTS_PER_DAY
        key = (values.party_no.astype(np.int64) * n_channels + values.channel_no) * 100 + values.slot_no
        keys, place = np.unique(key, return_inverse=True)
        sums = np.zeros(keys.size, dtype=np.int64)
        np.add.at(sums, place, values.energy_wh)
        worst = np.full(keys.size, max(Quality), dtype=np.int64)
        np.minimum.at(worst, place, values.quality.astype(np.int64))
        for number, energy_wh, quality in zip(keys.tolist(), sums.tolist(), worst.tolist(), strict=True):
            rest, slot_no = divmod(number, 100)
            party_no, channel_no = divmod(rest, n_channels)
            slot = first_slot + slot_no - 1
            if party_no not in code_of or (code_of[party_no], channel_no, slot) not in true_wh:
                continue
            compared += 1
            true = true_wh[code_of[party_no], channel_no, slot]
            if abs(energy_wh - true) <= STEP_WH.get(Channel(channel_no), OTHER_STEP_WH):
                continue
            off += 1
            if quality < Quality.MEASURED:
                flagged += 1
            elif _is_in_fault(watch, party_no, slot):
                by_fault += 1
            else:
                unflagged.append(
                    WrongSlot(
                        home_id=names[party_no],
                        channel=Channel(channel_no),
                        delivery_date=day.delivery_date,
                        slot_no=slot_no,
                        energy_wh=energy_wh,
                        true_wh=true,
                    )
                )
    return SlotScore(
        compared_count=compared,
        off_count=off,
        off_flagged_count=flagged,
        off_by_fault_count=by_fault,
        unflagged=tuple(unflagged),
    )


def _true_wh(energies: TrueEnergies) -> dict[tuple[int, int, int], int]:
    """Give the true energy by home code, channel and slot."""
    places = zip(energies.home_code.tolist(), energies.channel_no.tolist(), energies.slot_index.tolist(), strict=True)
    return dict(zip(places, energies.energy_wh.tolist(), strict=True))


def _is_in_fault(watch: ConnectionWatch, home_no: int, slot_index: int) -> bool:
    """Tell whether a fault of the meter itself was found at a home in a slot, or beside it."""
    begin_s = stamp_s(slot_index)
    now_s = int(watch.now.timestamp())
    for one in watch.found:
        first_s, last_s = one.span(now_s)
        # A wrong clock books energy as far away as it is off.
        slack_s = SLOT_S + (abs(one.figure) if one.kind is FaultKind.CLOCK_SKEW else 0)
        if one.home_no == home_no and one.leg is Leg.METER and first_s - slack_s <= begin_s <= last_s + slack_s:
            return True
    return False


def _row_score(stores: Stores, truth: SandboxTruth) -> RowScore:
    """Count rows of deliveries, and of closed days what became of them."""
    days = stores.days.market_days(truth.market_id, truth.first_date, truth.last_date)
    used = superseded = set_aside = stored = 0
    for day in days:
        outcome = stores.days.outcome(truth.market_id, day.delivery_date)
        assert outcome is not None, "a closed day has an outcome"
        used += outcome.row_counts.used_row_count
        superseded += outcome.row_counts.superseded_row_count
        set_aside += outcome.row_counts.set_aside_row_count
        first = (day.delivery_date - EPOCH_DATE).days * SLOTS_PER_DAY
        stored += stores.readings.rows_between(truth.market_id, first + 1, first + SLOTS_PER_DAY).row_count
    return RowScore(
        decoded=stores.readings.decoded_totals(truth.market_id),
        closed_day_count=len(days),
        used_count=used,
        superseded_count=superseded,
        set_aside_count=set_aside,
        stored_count=stored,
    )
