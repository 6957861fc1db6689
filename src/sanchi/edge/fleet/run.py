"""Fulfils FleetStages on folders and workers; makes a result folder out of a fleet folder.

Enter: a FleetOrder. Leaves: a FleetReport. Not here: what a task does (tasks), who does it (executors).
"""

import resource
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from typing import Any
from uuid import uuid4

import numpy as np
import pyarrow as pa

from sanchi.app.match_fleet import FleetOrder, FleetReport, match_fleet
from sanchi.core.base.errors import WrongInput
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.closing import NEVER_CLOSED_T32
from sanchi.core.matching.kernel import default_engine
from sanchi.edge.fleet import tasks
from sanchi.edge.fleet.executors import Task, TaskRunner, dask_cluster, local_processes, local_threads
from sanchi.edge.fleet.folder import FleetFolder, FleetManifest, FleetPart, NoManifest, PartList, UnfitManifest
from sanchi.edge.fleet.locking import only_writer
from sanchi.edge.fleet.place import Place
from sanchi.edge.fleet.reading import Int64Array, read_capacity
from sanchi.edge.fleet.scratch import MemoryScratch, PlaceScratch, Scratch
from sanchi.edge.fleet.tables import ALLOCATION, CAPACITY, CHOICES, CLOSING_TIMES, FLEET_SCHEMAS, SUPPLY

_SCRATCH = "scratch"
_KIB = 1024


def run_fleet(order: FleetOrder) -> FleetReport:
    """Match one delivery date of a fleet.

    Raises: NoManifest, UnfitManifest, UnfitRow, TaskKillsWorker, FolderBusy, SetupFault.
    """
    fleet, out = FleetFolder.at(order.fleet_location), FleetFolder.at(order.out_location)
    if fleet.place == out.place:
        raise WrongInput(
            f"{out.place.location} is the fleet itself, expected another folder for the result.",
            hint="Name another one with --out.",
        )
    if order.n_workers < 1:
        raise WrongInput(f"{order.n_workers} workers cannot work, expected 1 or more.", hint="Use --workers 1.")
    manifest = fleet.manifest()
    manifest.blocks(SUPPLY, order.delivery_date)
    with only_writer(out.place):
        return _run_into(order, fleet, out, manifest)


def _run_into(order: FleetOrder, fleet: FleetFolder, out: FleetFolder, manifest: FleetManifest) -> FleetReport:
    """Sweep away what a crash left, match, and clear the scratch."""
    out.sweep()
    scratch_root = Place(f"{out.place.location}/{_SCRATCH}")
    PlaceScratch(scratch_root).clear()
    scratch: Scratch = MemoryScratch()
    if order.on_processes or order.cluster_address:
        # A name of the run's own, so that no worker takes what it kept of an earlier run for this one's.
        scratch = PlaceScratch(Place(f"{scratch_root.location}/{uuid4().hex}"))
    job = tasks.FleetJob(
        fleet=fleet,
        out=out,
        scratch=scratch,
        delivery_date=order.delivery_date,
        n_buyers=manifest.n_buyers,
        engine=order.engine or default_engine(),
        with_standard_offer=order.with_standard_offer,
    )
    try:
        with _runner(order) as runner:
            return match_fleet(FleetRun(job, manifest, runner))
    finally:
        scratch.clear()


def _runner(order: FleetOrder) -> AbstractContextManager[TaskRunner]:
    """Choose who does the work."""
    if order.cluster_address:
        return dask_cluster(order.cluster_address)
    return (local_processes if order.on_processes else local_threads)(order.n_workers)


class FleetRun:
    """One run; fulfils app.match_fleet.FleetStages."""

    def __init__(self, job: tasks.FleetJob, manifest: FleetManifest, runner: TaskRunner) -> None:
        """Find the blocks. Raises: UnknownRecord, UnfitManifest."""
        self.job, self.manifest, self.runner = job, manifest, runner
        self.supply_parts = manifest.blocks(SUPPLY, job.delivery_date)
        self.choice_parts = manifest.blocks(CHOICES, None)
        if [_homes(part) for part in self.supply_parts] != [_homes(part) for part in self.choice_parts]:
            raise UnfitManifest(
                f"choices and supply of {job.delivery_date} are cut into other blocks of homes, expected the same.",
                hint="Write the fleet folder anew with one size of blocks.",
            )
        self.stage_s: dict[str, float] = {}
        self.cpu_before_s = _cpu_s()
        self.block_wh: Int64Array = np.zeros((0, SLOTS_PER_DAY), dtype=np.int64)
        self.result_parts: list[PartList] = []

    def read(self) -> tuple[Int64Array, Int64Array]:
        """Read everything; the tree is built while others still read supplies."""
        job = self.job
        with self._stage("choices"):
            self.capacity_wh = read_capacity(job.fleet, self.manifest.parts(CAPACITY, job.delivery_date), job.n_buyers)
            by_block = [_task("choices", part, tasks.take_choices, job, part) for part in self.choice_parts]
            k_max = max(self.runner.run(by_block), default=0)
        with self._stage("supply and tree"):
            tree = Task(name="tree", function=tasks.plant_tree, arguments=(job, self.choice_parts, k_max))
            by_block = [_task("supply", part, tasks.take_supply, job, part) for part in self.supply_parts]
            _n_nodes, *sums = self.runner.run([tree, *by_block])
        self.block_wh = np.array(sums, dtype=np.int64).reshape(-1, SLOTS_PER_DAY)
        return self.block_wh.sum(axis=0), self.capacity_wh

    def close_slots(self) -> Int64Array:
        """Close the slots with sun, the largest first, so that none is left to run alone at the end."""
        job = self.job
        slot_wh = self.block_wh.sum(axis=0)
        sunny = [int(slot) for slot in np.argsort(-slot_wh, kind="stable") if slot_wh[slot]]
        closing_t32 = np.full((SLOTS_PER_DAY, job.n_buyers), NEVER_CLOSED_T32, dtype=np.int64)
        rounding_phi60 = np.zeros((SLOTS_PER_DAY, job.n_buyers), dtype=np.int64)
        with self._stage("slots"):
            by_slot = [
                Task(
                    name=f"slot {slot + 1} of {job.delivery_date}",
                    function=tasks.close_slot,
                    arguments=(
                        job,
                        slot,
                        self.supply_parts,
                        tuple((self.block_wh[:, slot] > 0).tolist()),
                        self.capacity_wh[slot],
                    ),
                )
                for slot in sunny
            ]
            for slot, (slot_t32, slot_phi60) in zip(sunny, self.runner.run(by_slot), strict=True):
                closing_t32[slot], rounding_phi60[slot] = slot_t32, slot_phi60
            job.scratch.put("table-closing", np.ascontiguousarray(closing_t32.T))
            job.scratch.put("table-rounding", np.ascontiguousarray(rounding_phi60.T))
            part = job.out.write_part(CLOSING_TIMES, [_table_of(closing_t32, rounding_phi60)])
        self.result_parts.append(PartList(table=CLOSING_TIMES, delivery_date=job.delivery_date, parts=(part,)))
        return closing_t32

    def write_blocks(self) -> Int64Array:
        """Write the blocks and add up what they gave."""
        with self._stage("blocks"):
            by_block = [
                _task("allocation", part, tasks.write_block, self.job, part, tuple(np.flatnonzero(sums).tolist()))
                for part, sums in zip(self.supply_parts, self.block_wh, strict=True)
            ]
            written = self.runner.run(by_block)
        parts = tuple(part for part, _taken_wh in written)
        self.result_parts.append(PartList(table=ALLOCATION, delivery_date=self.job.delivery_date, parts=parts))
        taken_wh = np.zeros((self.job.n_buyers + 1, SLOTS_PER_DAY), dtype=np.int64)
        for _part, block_taken_wh in written:
            taken_wh += block_taken_wh
        return taken_wh.T

    def publish(self) -> None:
        """List the parts; those of other dates of the same fleet stay listed."""
        try:
            before = self.job.out.manifest()
        except NoManifest:
            before = replace(self.manifest, part_lists=())
        is_same_fleet = (before.n_homes, before.n_buyers) == (self.manifest.n_homes, self.manifest.n_buyers)
        others = [listed for listed in before.part_lists if listed.delivery_date != self.job.delivery_date]
        self.job.out.publish(
            FleetManifest(
                n_homes=self.manifest.n_homes,
                n_buyers=self.manifest.n_buyers,
                part_lists=(*(others if is_same_fleet else ()), *self.result_parts),
                parameters={
                    **self.manifest.parameters,
                    "standard_offer_rows": "written" if self.job.with_standard_offer else "left out",
                },
            )
        )

    def report(self, *, supplied_wh: int, matched_wh: int, standard_offer_wh: int, n_closings: int) -> FleetReport:
        """Add what the run cost; workers are let go first, so that their time and memory are counted."""
        self.runner.close()
        self_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        worker_kib = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        return FleetReport(
            n_homes=self.manifest.n_homes,
            n_buyers=self.manifest.n_buyers,
            n_slots_with_sun=int(np.count_nonzero(self.block_wh.sum(axis=0))),
            n_allocation_rows=sum(part.row_count for part in self.result_parts[-1].parts),
            supplied_wh=supplied_wh,
            matched_wh=matched_wh,
            standard_offer_wh=standard_offer_wh,
            n_closings=n_closings,
            stage_s=self.stage_s,
            cpu_s=_cpu_s() - self.cpu_before_s,
            peak_memory_bytes=max(self_kib, worker_kib) * _KIB,
        )

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        """Measure a stage."""
        begun_s = time.perf_counter()
        yield
        self.stage_s[name] = time.perf_counter() - begun_s


def _homes(part: FleetPart) -> tuple[int, int]:
    """Give the range of a part's homes."""
    return part.first_home_no, part.last_home_no


def _task(noun: str, part: FleetPart, function: Callable[..., Any], *arguments: object) -> Task:
    """Name a task after its block."""
    name = f"{noun} of the block of homes {part.first_home_no}..{part.last_home_no}"
    return Task(name=name, function=function, arguments=arguments)


def _table_of(closing_t32: Int64Array, rounding_phi60: Int64Array) -> pa.Table:
    """Lay the published table out in the order buyer, slot."""
    n_slots, n_buyers = closing_t32.shape
    buyer = np.repeat(np.arange(n_buyers, dtype=np.int32), n_slots)
    slot_no = np.tile(np.arange(1, n_slots + 1, dtype=np.int8), n_buyers)
    columns = [buyer, slot_no, closing_t32.T.ravel(), rounding_phi60.T.ravel()]
    return pa.table(columns, schema=FLEET_SCHEMAS[CLOSING_TIMES])


def _cpu_s() -> float:
    """Give the CPU time of this process and of its workers that have ended [s]."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
