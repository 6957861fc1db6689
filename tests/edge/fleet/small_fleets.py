"""Small fleets for tests: arrays, the same as a fleet folder, and what match_day makes of them.

Enter: a seed. Leave: SmallFleet, decoded results. Not here: any test.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from sanchi.app.match_fleet import FleetOrder, FleetReport
from sanchi.core.matching import DayMatchInput, match_day
from sanchi.edge.fleet.folder import FleetFolder, FleetManifest, PartList, home_blocks
from sanchi.edge.fleet.run import run_fleet
from sanchi.edge.fleet.tables import CAPACITY, CHOICES, FLEET_SCHEMAS, SUPPLY

DAY = date(2026, 5, 1)
N_HOMES = 3_000
N_BUYERS = 12
BLOCK_HOMES = 700
SUNNY = range(10, 40)

Rows = list[tuple[int, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SmallFleet:
    """supply_wh : int32 (n_homes, 48); choices : int32 (n_homes, k_max); capacity_wh : int64 (n_buyers, 48)."""

    supply_wh: np.ndarray
    choices: np.ndarray
    capacity_wh: np.ndarray


def small_fleet(n_homes: int = N_HOMES) -> SmallFleet:
    """Make a fleet with popular buyers that close, homes without choices, and some zero supplies."""
    rng = np.random.default_rng(7)
    supply_wh = np.zeros((n_homes, 48), dtype=np.int32)
    supply_wh[:, SUNNY] = rng.integers(0, 900, (n_homes, len(SUNNY))) * rng.integers(0, 2, (n_homes, len(SUNNY)))
    popularity = 1 / np.arange(1, N_BUYERS + 1)
    ranked = np.argsort(rng.random((n_homes, N_BUYERS)) ** (1 / popularity), axis=1)[:, ::-1]
    lengths = rng.integers(0, 4, n_homes)
    choices = np.where(np.arange(3) < lengths[:, None], ranked[:, :3], -1).astype(np.int32)
    fair_wh = supply_wh.sum(axis=0) // N_BUYERS
    capacity_wh = (fair_wh * rng.uniform(0, 2, (N_BUYERS, 48))).astype(np.int64)
    return SmallFleet(supply_wh=supply_wh, choices=choices, capacity_wh=capacity_wh)


def supply_table(supply_wh: np.ndarray, first_home_no: int) -> pa.Table:
    """Lay supplies out as rows."""
    home, slot = np.nonzero(supply_wh)
    columns = [(home + first_home_no).astype(np.int32), (slot + 1).astype(np.int8), supply_wh[home, slot]]
    return pa.table(columns, schema=FLEET_SCHEMAS[SUPPLY])


def choice_table(choices: np.ndarray, first_home_no: int) -> pa.Table:
    """Lay choices out as rows."""
    home, choice = np.nonzero(choices >= 0)
    columns = [(home + first_home_no).astype(np.int32), (choice + 1).astype(np.int8), choices[home, choice]]
    return pa.table(columns, schema=FLEET_SCHEMAS[CHOICES])


def write_fleet(
    location: str,
    fleet: SmallFleet,
    *,
    supply_of_first_block: pa.Table | None = None,
    choices_of_first_block: pa.Table | None = None,
) -> None:
    """Write a fleet folder in small blocks; the first block's rows may be replaced by others."""
    folder = FleetFolder.at(location)
    n_homes = len(fleet.supply_wh)
    supply, choices = [], []
    for first, last in home_blocks(n_homes, BLOCK_HOMES):
        supply_rows = supply_table(fleet.supply_wh[first : last + 1], first)
        choice_rows = choice_table(fleet.choices[first : last + 1], first)
        if first == 0:
            supply_rows = supply_rows if supply_of_first_block is None else supply_of_first_block
            choice_rows = choice_rows if choices_of_first_block is None else choices_of_first_block
        supply.append(folder.write_homes(SUPPLY, supply_rows, first_home_no=first, last_home_no=last))
        choices.append(folder.write_homes(CHOICES, choice_rows, first_home_no=first, last_home_no=last))
    buyer, slot = np.indices(fleet.capacity_wh.shape)
    columns = [buyer.ravel().astype(np.int32), (slot.ravel() + 1).astype(np.int8), fleet.capacity_wh.ravel()]
    capacity = folder.write_part(CAPACITY, [pa.table(columns, schema=FLEET_SCHEMAS[CAPACITY])])
    folder.publish(
        FleetManifest(
            n_homes=n_homes,
            n_buyers=N_BUYERS,
            part_lists=(
                PartList(table=CHOICES, delivery_date=None, parts=tuple(choices)),
                PartList(table=CAPACITY, delivery_date=DAY, parts=(capacity,)),
                PartList(table=SUPPLY, delivery_date=DAY, parts=tuple(supply)),
            ),
        )
    )


def run(fleet_location: str, out_location: str, **options: object) -> FleetReport:
    """Match the fleet's day, with two threads unless told otherwise."""
    order = {"n_workers": 2} | options
    return run_fleet(
        FleetOrder(fleet_location=fleet_location, out_location=out_location, delivery_date=DAY, **order)  # type: ignore[arg-type]
    )


def rows_of(location: str, table_name: str) -> Rows:
    """Decode the rows of a result."""
    folder = FleetFolder.at(location)
    rows: Rows = []
    for part in folder.manifest().parts(table_name, DAY):
        columns = folder.open_part(table_name, part).read().to_pydict().values()
        rows.extend(zip(*columns, strict=True))
    return rows


def digests(location: str) -> list[str]:
    """List the digests of a result's files."""
    return [part.sha256 for listed in FleetFolder.at(location).manifest().part_lists for part in listed.parts]


def expected_rows(fleet: SmallFleet) -> tuple[Rows, Rows]:
    """Give the rows of allocation and closing times as match_day has them, in the orders of a fleet folder."""
    matched = match_day(
        DayMatchInput(
            home_key=np.arange(len(fleet.supply_wh), dtype=np.int64),
            choice_buyer_index=fleet.choices.copy(),
            supply_wh=np.ascontiguousarray(fleet.supply_wh.T.astype(np.int64)),
            capacity_wh=np.ascontiguousarray(fleet.capacity_wh.T),
            delivery_date=DAY,
        )
    )
    allocation: Rows = []
    for home, slot in np.argwhere(fleet.supply_wh > 0).tolist():
        parts = zip(fleet.choices[home].tolist(), matched.parts_wh[slot, home].tolist(), strict=True)
        rows = [*parts, (-1, int(matched.rest_wh[slot, home]))]
        allocation += [(home, slot + 1, buyer, energy_wh) for buyer, energy_wh in rows if energy_wh]
    table: Rows = [
        (buyer, slot + 1, int(matched.closing_t32[slot, buyer]), int(matched.rounding_phi60[slot, buyer]))
        for buyer in range(N_BUYERS)
        for slot in range(48)
    ]
    return allocation, table
