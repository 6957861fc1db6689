"""The work of a market-day in pieces that any worker can do, in any process, as often as need be.

Enter: a FleetJob and what to work on. Leave: arrays in the scratch, parts in the result folder, sums. Not here: order.
Each task's outcome depends on its arguments alone, so a lost worker costs a repetition and changes nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.eating.block_parts import block_rows
from sanchi.core.matching.eating.choice_tree import ChoiceTree, build_choice_tree
from sanchi.core.matching.eating.fleet_rows import add_taken
from sanchi.core.matching.eating.slot_table import slot_table
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.phase import day_salts, home_words
from sanchi.edge.fleet.folder import FleetFolder, FleetPart
from sanchi.edge.fleet.reading import Int32Array, Int64Array, read_choices, read_supply
from sanchi.edge.fleet.scratch import Scratch
from sanchi.edge.fleet.tables import ALLOCATION, FLEET_SCHEMAS, ROW_GROUP_HOMES

_TREE_ARRAYS = ("home_order", "node_index", "level_first_index", "buyer_first_index")


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetJob:
    """What every task of a run has to know; small, for it is sent along with each."""

    fleet: FleetFolder
    out: FleetFolder
    scratch: Scratch
    delivery_date: date
    n_buyers: int
    engine: Engine
    with_standard_offer: bool
    row_group_homes: int = ROW_GROUP_HOMES


def take_choices(job: FleetJob, part: FleetPart) -> int:
    """Read and check a block's choices; give the length of the longest list."""
    choices = read_choices(job.fleet, part, job.n_buyers)
    job.scratch.put(f"choices-{part.first_home_no}", choices)
    return int(choices.shape[1])


def take_supply(job: FleetJob, part: FleetPart) -> Int64Array:
    """Read and check a block's supplies, keep the slots that have any; give the sums by slot, int64 (48,) [Wh]."""
    block_wh = read_supply(job.fleet, part, job.engine)
    slot_wh: Int64Array = block_wh.sum(axis=1, dtype=np.int64)
    for slot_index in np.flatnonzero(slot_wh):
        # A copy: the rows of the night are not kept.
        job.scratch.put(_supply_name(int(slot_index), part), block_wh[slot_index].copy())
    return slot_wh


def plant_tree(job: FleetJob, parts: tuple[FleetPart, ...], k_max: int) -> int:
    """Sort all homes by their lists and build the tree, once a day; give the number of nodes."""
    choices = np.full((parts[-1].last_home_no + 1, k_max), -1, dtype=np.int32)
    for part in parts:
        block = job.scratch.get(f"choices-{part.first_home_no}")
        choices[part.first_home_no : part.last_home_no + 1, : block.shape[1]] = block
    tree = build_choice_tree(choices, job.n_buyers)
    del choices
    for name in _TREE_ARRAYS:
        job.scratch.put(f"tree-{name}", getattr(tree, name))
    job.scratch.put("tree-home_word", home_words(tree.home_order.astype(np.int64)))
    return tree.n_nodes


def close_slot(
    job: FleetJob,
    slot_index: int,
    parts: tuple[FleetPart, ...],
    sunny_blocks: tuple[bool, ...],
    capacity_wh: Int64Array,
) -> tuple[Int64Array, Int64Array]:
    """Give closing times and rounding numbers of one slot, int64 (n_buyers,) each."""
    supply_wh = np.zeros(parts[-1].last_home_no + 1, dtype=np.int32)
    for part, is_sunny in zip(parts, sunny_blocks, strict=True):
        if is_sunny:
            supply_wh[part.first_home_no : part.last_home_no + 1] = job.scratch.get(_supply_name(slot_index, part))
    arrays = {name: job.scratch.get_kept(f"tree-{name}") for name in _TREE_ARRAYS}
    tree = ChoiceTree(n_buyers=job.n_buyers, **arrays)
    home_word = job.scratch.get_kept("tree-home_word")
    salt = day_salts(job.delivery_date)[slot_index]
    return slot_table(tree, supply_wh[tree.home_order], capacity_wh, home_word, salt, engine=job.engine)


def write_block(job: FleetJob, part: FleetPart, sunny_slots: tuple[int, ...]) -> tuple[FleetPart, Int64Array]:
    """Write the allocation of a block; give its part and what was taken, int64 (n_buyers + 1, 48) [Wh].

    The last line is the standard offer's: from the rows where they are written, else what buyers left of the supply.
    """
    taken_wh = np.zeros((job.n_buyers + 1, SLOTS_PER_DAY), dtype=np.int64)
    written = job.out.write_part(
        ALLOCATION,
        _row_groups(job, part, sunny_slots, taken_wh),
        first_home_no=part.first_home_no,
        last_home_no=part.last_home_no,
    )
    return written, taken_wh


def _row_groups(
    job: FleetJob, part: FleetPart, sunny_slots: tuple[int, ...], taken_wh: Int64Array
) -> Iterator[pa.Table]:
    """Compute the rows of a block for some homes after the other, and add them up."""
    choices = job.scratch.get(f"choices-{part.first_home_no}")
    closing_t32, rounding_phi60 = job.scratch.get_kept("table-closing"), job.scratch.get_kept("table-rounding")
    supplies = [(slot_index, job.scratch.get(_supply_name(slot_index, part))) for slot_index in sunny_slots]
    n_homes = len(choices)
    for first in range(0, n_homes, job.row_group_homes):
        end = min(first + job.row_group_homes, n_homes)
        home_no = np.arange(part.first_home_no + first, part.first_home_no + end, dtype=np.int64)
        supply_wh: Int32Array = np.zeros((end - first, SLOTS_PER_DAY), dtype=np.int32)
        for slot_index, slot_wh in supplies:
            supply_wh[:, slot_index] = slot_wh[first:end]
        rows = block_rows(
            supply_wh,
            np.ascontiguousarray(choices[first:end]),
            home_words(home_no),
            day_salts(job.delivery_date),
            closing_t32,
            rounding_phi60,
            with_rest=job.with_standard_offer,
            engine=job.engine,
        )
        group_wh = np.zeros_like(taken_wh)
        add_taken(rows.slot_no, rows.buyer_index, rows.energy_wh, group_wh, engine=job.engine)
        if not job.with_standard_offer:
            group_wh[-1] = supply_wh.sum(axis=0, dtype=np.int64) - group_wh[:-1].sum(axis=0)
        taken_wh += group_wh
        home = rows.home_index + np.int32(home_no[0])
        yield pa.table([home, rows.slot_no, rows.buyer_index, rows.energy_wh], schema=FLEET_SCHEMAS[ALLOCATION])


def _supply_name(slot_index: int, part: FleetPart) -> str:
    """Name the supplies of a block in a slot."""
    return f"supply-{slot_index}-{part.first_home_no}"
