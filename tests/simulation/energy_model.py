"""What the meters say, worked out again from the delivered rows in plain Python, beside what the store made of it.

Enter: a plan, the pieces that were taken, the market's books. Leave: sentences, one a fault. Not here: money (model).
"""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sanchi.edge.store.books import Books
from tests.simulation.deliveries import Piece
from tests.simulation.market import PLAUSIBLE_WH, SLOTS, SimulatedMarket
from tests.simulation.readings import Row

CHANNELS = ("import", "export", "pv", "charge", "discharge", "use")
REGISTERS = ("import", "export")
GAP_SLOTS_MAX = 14 * SLOTS
MEASURED, RECOVERED = 3, 2


class Life(NamedTuple):
    """A meter as it was told last; instants in half hours from the first midnight."""

    party_id: str
    channels: tuple[str, ...]
    unit_wh: int
    digits: int
    installed: int
    removed: int


class Span(NamedTuple):
    """What a series says of the slots [first, end): their sum; the quality of each [Wh]."""

    first: int
    end: int
    energy_wh: int
    quality: int


@dataclass(slots=True, kw_only=True)
class Told:
    """What was accepted: meters by id, and of each reading the version in force."""

    lives: dict[str, Life]
    in_force: dict[tuple[str, str], dict[int, int]]
    accepted: Counter[tuple[str, str, int, int, int]]

    @classmethod
    def of(cls, market: SimulatedMarket, pieces: Sequence[Piece]) -> "Told":
        """Take pieces in, in the order in which they were taken."""
        told = cls(lives={}, in_force=defaultdict(dict), accepted=Counter())
        received: dict[tuple[str, str, int], int] = {}
        boundary_of = {market.stamp(t): t for t in range((market.day_indexes[-1] + 2) * SLOTS)} | {"": 10**6}
        for piece in pieces:
            for record in piece.records if piece.kind == "meters" else ():
                meter_id, party_id, channels, unit_wh, digits, installed, removed, _ = map(str, record)
                life = (int(unit_wh), int(digits), boundary_of[installed], boundary_of[removed])
                told.lives[meter_id] = Life(party_id, tuple(channels.split("+")), *life)
            for row in piece.rows:
                if told.accepts(piece.kind, row):
                    told._keep(row, received)
        return told

    def accepts(self, kind: str, row: Row) -> bool:
        """Judge a row by the meters as they are told now."""
        life = self.lives.get(row.meter_id)
        if life is None or row.channel not in life.channels or not isinstance(row.reading, int):
            return False
        is_register = row.channel in REGISTERS
        first = life.installed if is_register else life.installed + 1
        in_life = first <= row.boundary <= life.removed and row.boundary == int(row.boundary)
        of_kind = (kind == "registers") == is_register
        return of_kind and in_life and 0 <= row.reading < (10**life.digits if is_register else 2**63)

    def _keep(self, row: Row, received: dict[tuple[str, str, int], int]) -> None:
        """Keep a row; the version received last is in force, of equals the one delivered last."""
        boundary, reading = int(row.boundary), int(str(row.reading))
        self.accepted[row.meter_id, row.channel, boundary, reading, row.received_min] += 1
        key = (row.meter_id, row.channel, boundary)
        if row.received_min >= received.get(key, -(10**9)):
            received[key] = row.received_min
            self.in_force[row.meter_id, row.channel][boundary] = reading

    def is_whole(self, meter_id: str, channel: str, day_index: int) -> bool:
        """Tell whether a series measured every half hour of a day in which its meter serves."""
        life, day = self.lives[meter_id], range(day_index * SLOTS, (day_index + 1) * SLOTS)
        spans = self.spans(meter_id, channel)
        measured = {span.first for span in spans or () if span.quality == MEASURED}
        return spans is not None and measured.issuperset(t for t in day if life.installed <= t < life.removed)

    def spans(self, meter_id: str, channel: str) -> list[Span] | None:
        """Cut a series at what it shows; None where it contradicts itself, which is judged by other rules."""
        life = self.lives[meter_id]
        shown = self.in_force[meter_id, channel]
        is_register = channel in REGISTERS
        first = life.installed if is_register else life.installed + 1
        inside = sorted(boundary for boundary in shown if first <= boundary <= life.removed)
        if not is_register:
            most = PLAUSIBLE_WH // life.unit_wh
            return [Span(b - 1, b, shown[b] * life.unit_wh, MEASURED) for b in inside if shown[b] <= most]
        if any(shown[b] >= 10**life.digits for b in inside):
            return None
        found = []
        for earlier, later in pairwise(inside):
            counted_wh = (shown[later] - shown[earlier]) % 10**life.digits * life.unit_wh
            n_slots = later - earlier
            if counted_wh >= n_slots * PLAUSIBLE_WH + life.unit_wh:
                return None
            can_tell = n_slots * PLAUSIBLE_WH + life.unit_wh <= 10**life.digits * life.unit_wh
            if n_slots == 1 or (can_tell and n_slots <= GAP_SLOTS_MAX):
                found.append(Span(earlier, later, counted_wh, MEASURED if n_slots == 1 else RECOVERED))
        return found


def energy_faults(market: SimulatedMarket, pieces: Sequence[Piece], books: Books) -> Iterator[str]:
    """Compare rows and energies; days that wait for newer readings are left out."""
    told = Told.of(market, pieces)
    yield from _row_faults(market, told, books)
    stored = _Stored.of(market, books)
    parties = sorted({(life.party_id, channel) for life in told.lives.values() for channel in life.channels})
    for party_id, channel in parties:
        meter_ids = [each for each, life in told.lives.items() if (life.party_id, channel) == (party_id, channel)]
        meter_ids = [each for each in meter_ids if told.lives[each].party_id == party_id]
        meter_ids = [each for each in meter_ids if channel in told.lives[each].channels]
        yield from _channel_faults(told, meter_ids, party_id, channel, stored)
    yield from _gap_faults(market, told, books)


def _gap_faults(market: SimulatedMarket, told: Told, books: Books) -> Iterator[str]:
    """Look for findings of gaps on fresh days whose readings are whole."""
    rows = books.fetch(
        f"SELECT DISTINCT party_id, delivery_date, delivery_date - DATE '{market.first_date}' FROM problem "
        "JOIN party USING (party_no) JOIN market_day USING (delivery_date) "
        "WHERE (code LIKE 'GAP%' OR code = 'METER_SILENT') AND NOT is_stale ORDER BY ALL"
    )
    for party_id, delivery_date, day_index in rows:
        lives = {meter_id: life for meter_id, life in told.lives.items() if life.party_id == party_id}
        if all(
            told.is_whole(meter_id, channel, day_index) for meter_id in lives for channel in lives[meter_id].channels
        ):
            yield f"{party_id} {delivery_date}: a gap is told, but every half hour is measured"


def _row_faults(market: SimulatedMarket, told: Told, books: Books) -> Iterator[str]:
    """Compare the rows in the lake with those that were delivered and acceptable."""
    start = books.fetch(
        f"SELECT (DATE '{market.first_date}' - DATE '2000-01-01') * 48, epoch(DATE '{market.first_date}')"
    )
    first_boundary, first_s = int(start[0][0]), int(start[0][1]) - 9 * 3600
    rows = books.fetch(
        "SELECT meter_id, channel_no, boundary, reading, received_s, count(*) "
        "FROM readings JOIN meter USING (meter_no) GROUP BY ALL"
    )
    stored = Counter(
        {
            (meter_id, CHANNELS[channel_no - 1], boundary - first_boundary, reading, (received_s - first_s) // 60): n
            for meter_id, channel_no, boundary, reading, received_s, n in rows
        }
    )
    for key in sorted((stored - told.accepted) + (told.accepted - stored))[:3]:
        yield f"row {key}: stored {stored[key]} times, delivered {told.accepted[key]} times"


@dataclass(slots=True, kw_only=True)
class _Stored:
    """Energy and quality of fresh days by (party, channel, slot from the first midnight)."""

    energy_wh: dict[tuple[str, str, int], int]
    quality: dict[tuple[str, str, int], int]

    @classmethod
    def of(cls, market: SimulatedMarket, books: Books) -> "_Stored":
        """Load them; what buyers used stands once a day is final."""
        energy_wh, quality = {}, {}
        parts = [("slot_energy", name, f"{name}_quality", "NOT is_stale") for name in ("import", "export", "pv")]
        parts += [("slot_energy", name, "-1", "NOT is_stale") for name in ("charge", "discharge")]
        parts.append(("buyer_use", "use", "use_quality", "NOT is_stale AND NOT is_finalised"))
        for table, name, quality_sql, condition in parts:
            rows = books.fetch(
                f"SELECT party_id, (delivery_date - DATE '{market.first_date}') * 48 + slot_no - 1, {name}_wh, "
                f"{quality_sql} FROM {table} JOIN party USING (party_no) JOIN market_day USING (delivery_date) "
                f"WHERE {condition}"
            )
            for party_id, slot, slot_wh, slot_quality in rows:
                energy_wh[party_id, name, slot] = slot_wh
                quality[party_id, name, slot] = slot_quality
        return cls(energy_wh=energy_wh, quality=quality)


def _channel_faults(
    told: Told, meter_ids: Sequence[str], party_id: str, channel: str, stored: _Stored
) -> Iterator[str]:
    """Compare a party's channel in blocks that no gap of any of its meters reaches out of."""
    all_spans: list[Span] = []
    serving: Counter[int] = Counter()
    for meter_id in meter_ids:
        spans = told.spans(meter_id, channel)
        if spans is None:
            return
        all_spans += spans
        life = told.lives[meter_id]
        serving.update(range(life.installed, min(life.removed, 100 * SLOTS)))
    for first, end, members in _blocks(all_spans):
        slots = range(first, end)
        covered = sum(span.end - span.first for span in members)
        is_known = covered == sum(serving[slot] for slot in slots)
        if not is_known or any((party_id, channel, slot) not in stored.energy_wh for slot in slots):
            continue
        worst = min(span.quality for span in members)
        if channel == "pv" and worst < MEASURED:
            continue
        expected_wh = sum(span.energy_wh for span in members)
        found_wh = sum(stored.energy_wh[party_id, channel, slot] for slot in slots)
        found = {stored.quality[party_id, channel, slot] for slot in slots} - {-1}
        where = f"{party_id} {channel} half hours {first}..{end}"
        if found_wh != expected_wh:
            yield f"{where}: {found_wh} Wh stored, meters show {expected_wh} Wh"
        if found and min(found) != worst:
            yield f"{where}: stored with quality {min(found)}, expected {worst}"


def _blocks(spans: Sequence[Span]) -> Iterator[tuple[int, int, list[Span]]]:
    """Join spans that overlap."""
    members: list[Span] = []
    end = -1
    for span in sorted(spans):
        if members and span.first >= end:
            yield members[0].first, end, members
            members = []
        members.append(span)
        end = max(end, span.end) if len(members) > 1 else span.end
    if members:
        yield members[0].first, end, members
