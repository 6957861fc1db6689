"""Write a simulated fleet into a fleet folder, block by block; the manifest comes last.

Enter: a FleetPlan, a place, the sample's folder. Leave: a fleet folder and its totals. Not here: how homes are drawn.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from sanchi.app.simulated_fleet import FleetPlan, SimulatedFleet
from sanchi.core.base.slots import SLOTS_PER_DAY, day_ordinal
from sanchi.core.matching.kernel import ChoiceArray, IntArray
from sanchi.edge.fleet.drawing import block_choices, block_supplies, capacities
from sanchi.edge.fleet.folder import FleetFolder, FleetManifest, FleetPart, PartList, home_blocks
from sanchi.edge.fleet.locking import only_writer
from sanchi.edge.fleet.profiles import LOAD_CREDITS, load_shapes, roof_profiles
from sanchi.edge.fleet.tables import CAPACITY, CHOICES, FLEET_SCHEMAS, SUPPLY

NOON_INDEX: Final = 24


def simulate_fleet(plan: FleetPlan, location: str, sample_folder: Path) -> SimulatedFleet:
    """Write choices once, and supplies and capacities of each date; the same plan gives the same bytes.

    Raises: FolderBusy, SetupFault.
    """
    folder = FleetFolder.at(location)
    with only_writer(folder.place):
        return _simulate_into(plan, folder, sample_folder)


def _simulate_into(plan: FleetPlan, folder: FleetFolder, sample_folder: Path) -> SimulatedFleet:
    """Write block by block, then the manifest."""
    load_wh = load_shapes(sample_folder)
    blocks = [range(first, last + 1) for first, last in home_blocks(plan.home_count)]
    choice_parts = tuple(_write_choices(folder, plan, homes) for homes in blocks)
    part_lists = [PartList(table=CHOICES, delivery_date=None, parts=choice_parts)]
    supplied_wh = row_count = 0
    for delivery_date in plan.dates:
        roof_wh_per_mw = roof_profiles(delivery_date)
        parts, noon_wh = [], 0
        for homes in blocks:
            supply_wh = block_supplies(plan.seed_no, day_ordinal(delivery_date), homes, roof_wh_per_mw, load_wh)
            parts.append(_write_supplies(folder, homes, supply_wh))
            noon_wh += int(supply_wh[:, NOON_INDEX].sum(dtype=np.int64))
            supplied_wh += int(supply_wh.sum(dtype=np.int64))
            row_count += parts[-1].row_count
        part_lists.append(PartList(table=SUPPLY, delivery_date=delivery_date, parts=tuple(parts)))
        capacity = folder.write_part(CAPACITY, [_capacity_table(capacities(plan.seed_no, plan.buyer_count, noon_wh))])
        part_lists.append(PartList(table=CAPACITY, delivery_date=delivery_date, parts=(capacity,)))
    folder.publish(
        FleetManifest(
            n_homes=plan.home_count,
            n_buyers=plan.buyer_count,
            part_lists=tuple(part_lists),
            parameters={
                "simulated": "no home, roof or buyer of this fleet exists",
                "seed": str(plan.seed_no),
                "first_date": plan.first_date.isoformat(),
                "days": str(plan.n_days),
                "choices_max": str(plan.choice_count_max),
                "credits": LOAD_CREDITS,
            },
        )
    )
    return SimulatedFleet(
        slot_count=plan.home_count * SLOTS_PER_DAY * plan.n_days,
        supply_row_count=row_count,
        supply_wh=supplied_wh,
        choice_row_count=sum(part.row_count for part in choice_parts),
    )


def _write_choices(folder: FleetFolder, plan: FleetPlan, homes: range) -> FleetPart:
    """Write the lists of a block."""
    choices: ChoiceArray = block_choices(plan.seed_no, homes, plan.buyer_count, plan.choice_count_max)
    row, choice = np.nonzero(choices >= 0)
    columns = [(row + homes.start).astype(np.int32), (choice + 1).astype(np.int8), choices[row, choice]]
    return _write_homes(folder, CHOICES, columns, homes)


def _write_supplies(folder: FleetFolder, homes: range, supply_wh: ChoiceArray) -> FleetPart:
    """Write the supplies of a block, no row of 0 Wh."""
    flat_wh = supply_wh.ravel()
    place = np.flatnonzero(flat_wh)
    row, slot = np.divmod(place.astype(np.int32), np.int32(SLOTS_PER_DAY))
    columns = [row + np.int32(homes.start), (slot + 1).astype(np.int8), flat_wh[place]]
    return _write_homes(folder, SUPPLY, columns, homes)


def _write_homes(folder: FleetFolder, name: str, columns: list[Any], homes: range) -> FleetPart:
    """Write columns as a part of a block."""
    table = pa.table(columns, schema=FLEET_SCHEMAS[name])
    return folder.write_homes(name, table, first_home_no=homes.start, last_home_no=homes.stop - 1)


def _capacity_table(capacity_wh: IntArray) -> pa.Table:
    """Lay capacities out: the same in each slot, no row of 0 Wh."""
    buyer = np.repeat(np.flatnonzero(capacity_wh), SLOTS_PER_DAY)
    slot_no = np.tile(np.arange(1, SLOTS_PER_DAY + 1, dtype=np.int8), len(buyer) // SLOTS_PER_DAY)
    return pa.table([buyer.astype(np.int32), slot_no, capacity_wh[buyer]], schema=FLEET_SCHEMAS[CAPACITY])
