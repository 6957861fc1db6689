"""Measure and balance a delivery date: readings become slot energy of homes and use of buyers.

Enters: the reading store and a Roster. Leaves: DayEnergy. Not here: matching.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
from numpy.typing import NDArray

from sanchi.app.day_claims import claim_problems
from sanchi.app.day_clamps import clamp_problems
from sanchi.app.days import BuyerUseTable, DayProblem, RowCounts, SlotEnergyTable, SlotValueTable, in_order
from sanchi.app.market import Party
from sanchi.app.ports import ReadingStore
from sanchi.app.readings_digest import readings_digest
from sanchi.app.roster import Roster
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY, boundary_ordinal
from sanchi.core.metering import (
    BalanceInput,
    Channel,
    HomeBalances,
    MeasuredDay,
    PointProblem,
    Quality,
    balance_homes,
    day_span,
    measure_day,
    window_needed,
    window_span,
)
from sanchi.core.metering.midnights import REACH_DAYS


@dataclass(frozen=True, slots=True, kw_only=True)
class DayEnergy:
    """A delivery date measured and balanced; nothing of it is withheld yet.

    gap_dates : other dates that recovered gaps of this one reach into, each with the party_nos that have them.
    rest_findings : what other dates have to tell of registers that stood still over midnight.
    """

    slot_energy: SlotEnergyTable
    buyer_use: BuyerUseTable
    problems: tuple[DayProblem, ...]
    row_counts: RowCounts
    slot_values: SlotValueTable
    gap_dates: dict[date, frozenset[int]]
    rest_findings: dict[date, tuple[DayProblem, ...]]

    def offered_wh(self, kind: CertificateKind) -> NDArray[np.int64]:
        """Give what the homes offer of a kind, int64 (n_homes, 48) [Wh]."""
        if kind is CertificateKind.SURPLUS:
            return self.slot_energy.surplus_offered_wh
        return self.slot_energy.self_offered_wh

    def slot_energy_with(self, withheld_wh: Mapping[CertificateKind, NDArray[np.int64]]) -> SlotEnergyTable:
        """Give the slot energy with what was withheld noted beside it."""
        return replace(
            self.slot_energy,
            surplus_withheld_wh=withheld_wh[CertificateKind.SURPLUS],
            self_withheld_wh=withheld_wh[CertificateKind.SELF_CONSUMPTION],
        )


def measure_and_balance(readings: ReadingStore, market_id: MarketId, roster: Roster) -> DayEnergy:
    """Load a day's readings, with a wide window for meters that have gaps; measure; balance.

    Raises: UnknownRecord when nothing at all was delivered for the date.
    """
    measured, digest = _measure(readings, market_id, roster)
    homes = _SummedChannels(roster=roster, measured=measured, parties=roster.homes)
    buyers = _SummedChannels(roster=roster, measured=measured, parties=roster.buyers)
    slot_energy = _slot_energy(roster, homes)
    return DayEnergy(
        slot_energy=slot_energy,
        buyer_use=BuyerUseTable(
            buyer_no=roster.buyer_no,
            use_wh=buyers.energy_wh(Channel.USE),
            use_quality=buyers.quality(Channel.USE),
        ),
        problems=in_order(
            (
                *map(_day_problem, measured.problems),
                *clamp_problems(roster, measured),
                *claim_problems(roster, slot_energy),
            )
        ),
        row_counts=RowCounts(
            used_row_count=measured.used_row_count,
            superseded_row_count=measured.superseded_row_count,
            set_aside_row_count=measured.set_aside_row_count,
            readings_digest=digest,
        ),
        slot_values=_slot_values(roster, measured),
        gap_dates=measured.gap_dates,
        rest_findings={day: tuple(map(_day_problem, found)) for day, found in measured.rest_findings.items()},
    )


def _day_problem(found: PointProblem) -> DayProblem:
    """Take a finding of measuring over."""
    return DayProblem(party_no=found.party_no, problem=found.problem, row_count=found.row_count)


def _measure(readings: ReadingStore, market_id: MarketId, roster: Roster) -> tuple[MeasuredDay, str]:
    """Load what measuring needs and measure; the digest is of the readings stamped in the day."""
    day = roster.delivery_date
    rows = readings.rows_between(market_id, *day_span(day))
    day_boundary = boundary_ordinal(day, 0)
    digest = readings_digest(rows.between(day_boundary + 1, day_boundary + SLOTS_PER_DAY))
    # What a register kept back, only the day of its leap can tell; the days before hear of it once that is closed.
    told = readings.midnight_rests(market_id, day + timedelta(days=1), day + timedelta(days=REACH_DAYS))
    resting_nos = {party_no for rests in told.values() for party_no, _ in rests}
    wide_nos = window_needed(rows, roster.points, day, resting_nos)
    if wide_nos:
        wide = readings.rows_between(market_id, *window_span(day), wide_nos)
        rows = type(rows).joined([rows.without_meters(wide_nos), wide])
    decisions = readings.decisions_between(market_id, day_boundary + 1, day_boundary + SLOTS_PER_DAY)
    measured = measure_day(rows, roster.points, day, decisions, resting_nos)
    if measured.used_row_count + measured.superseded_row_count + measured.set_aside_row_count == 0:
        raise UnknownRecord(f"Nothing was delivered for {day}.", hint="Take its readings in first: sanchi ingest PATH")
    return measured, digest


@dataclass(frozen=True, slots=True, kw_only=True)
class _SummedChannels:
    """The metering points of some parties, added up per party and channel."""

    roster: Roster
    measured: MeasuredDay
    parties: tuple[Party, ...]

    def energy_wh(self, channel: Channel) -> NDArray[np.int64]:
        """Add the points' energy up, int64 (n_parties, 48) [Wh]; 0 where a party has no such point."""
        total_wh = np.zeros((len(self.parties), SLOTS_PER_DAY), dtype=np.int64)
        for row, point in self._points(channel):
            total_wh[row] += np.where(self.measured.is_counted[point], self.measured.energy_wh[point], 0)
        return total_wh

    def quality(self, channel: Channel) -> NDArray[np.int8]:
        """Give the worst quality of the points that count, int8 (n_parties, 48); MISSING where none does."""
        worst = np.full((len(self.parties), SLOTS_PER_DAY), Quality.MEASURED, dtype=np.int8)
        is_known = np.zeros(worst.shape, dtype=np.bool_)
        for row, point in self._points(channel):
            counts = self.measured.is_counted[point]
            worst[row, counts] = np.minimum(worst[row], self.measured.quality[point])[counts]
            is_known[row] |= counts
        worst[~is_known] = Quality.MISSING
        return worst

    def _points(self, channel: Channel) -> list[tuple[int, int]]:
        """List (row of the party, index of the point) of a channel."""
        row_of = {party.party_no: row for row, party in enumerate(self.parties)}
        return [
            (row_of[point.party_no], index)
            for index, point in enumerate(self.roster.points)
            if point.channel is channel and point.party_no in row_of
        ]


def _slot_values(roster: Roster, measured: MeasuredDay) -> SlotValueTable:
    """Lay out where the energy of each slot comes from, of the meters that count in it."""
    point, slot = np.nonzero(measured.is_counted)
    party_no = np.array([each.party_no for each in roster.points], dtype=np.int32)
    channel_no = np.array([each.channel for each in roster.points], dtype=np.int8)
    counted = SlotValueTable(
        party_no=party_no[point],
        meter_no=measured.meter_no[point, slot],
        channel_no=channel_no[point],
        slot_no=(slot + 1).astype(np.int8),
        energy_wh=measured.energy_wh[point, slot],
        quality=measured.quality[point, slot],
        method_no=measured.method_no[point, slot],
        source_no=measured.source_no[point, slot],
        stage_no=measured.stage_no[point, slot],
        original_wh=measured.original_wh[point, slot],
        rule_wh=measured.rule_wh[point, slot],
    )
    return SlotValueTable.joined([counted])


def _slot_energy(roster: Roster, homes: _SummedChannels) -> SlotEnergyTable:
    """Balance the homes and keep their offers to what the platform may trade on the date."""
    export_quality, pv_quality = homes.quality(Channel.EXPORT), homes.quality(Channel.PV)
    balances = balance_homes(
        BalanceInput(
            import_wh=homes.energy_wh(Channel.IMPORT),
            export_wh=homes.energy_wh(Channel.EXPORT),
            pv_wh=homes.energy_wh(Channel.PV),
            charge_wh=homes.energy_wh(Channel.CHARGE),
            discharge_wh=homes.energy_wh(Channel.DISCHARGE),
            export_quality=export_quality,
            pv_quality=pv_quality,
            charge_quality=homes.quality(Channel.CHARGE),
            discharge_quality=homes.quality(Channel.DISCHARGE),
            has_battery=np.array([plant.battery_capacity_wh > 0 for plant in roster.plants], dtype=np.bool_),
            battery_efficiency_permille=np.array(
                [plant.battery_efficiency_permille for plant in roster.plants], dtype=np.int64
            ),
        )
    )
    return SlotEnergyTable(
        home_no=roster.home_no,
        import_wh=balances.import_wh,
        export_wh=balances.export_wh,
        pv_wh=balances.pv_wh,
        charge_wh=balances.charge_wh,
        discharge_wh=balances.discharge_wh,
        export_pv_wh=balances.export_pv_wh,
        grid_export_wh=balances.grid_export_wh,
        charge_pv_wh=balances.charge_pv_wh,
        self_wh=balances.self_wh,
        surplus_offered_wh=_tradable(roster, CertificateKind.SURPLUS, balances),
        self_offered_wh=_tradable(roster, CertificateKind.SELF_CONSUMPTION, balances),
        surplus_withheld_wh=np.zeros_like(balances.self_wh),
        self_withheld_wh=np.zeros_like(balances.self_wh),
        import_quality=homes.quality(Channel.IMPORT),
        export_quality=export_quality,
        pv_quality=pv_quality,
        ct_meter_residual_wh=balances.ct_meter_residual_wh,
    )


def _tradable(roster: Roster, kind: CertificateKind, balances: HomeBalances) -> NDArray[np.int64]:
    """Keep the offers of the homes that may offer a kind on the date."""
    offered_wh = balances.surplus_offered_wh if kind is CertificateKind.SURPLUS else balances.self_offered_wh
    tradable_wh: NDArray[np.int64] = np.where(roster.may_offer(kind)[:, None], offered_wh, 0)
    return tradable_wh
