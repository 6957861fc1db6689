"""The results of a market-day as tables of the lake and rows of the database, and back.

Enter and leave: arrays of app.days, Arrow tables, rows. Nothing is stored here.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sanchi.app.days import BuyerUseTable, ClosingTable, PassedOnTable, SlotEnergyTable, SlotValueTable
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.metering.readings import Quality
from sanchi.edge.store.lake_schemas import (
    ALLOCATIONS,
    BUYER_USE,
    CLOSING_TIMES,
    LAKE_SCHEMAS,
    PASSED_ON,
    SLOT_ENERGIES,
    SLOT_ENERGY,
    SLOT_QUALITIES,
    SLOT_VALUES,
)

# The columns of home_day that are sums of slots.
HOME_DAY_SUMS: Final = tuple(name for name in SLOT_ENERGIES if name != "charge_pv_wh")
HOME_DAY_COUNTS: Final = (
    ("measured_slot_count", Quality.MEASURED),
    ("recovered_slot_count", Quality.RECOVERED),
    ("estimated_slot_count", Quality.ESTIMATED),
    ("missing_slot_count", Quality.MISSING),
)
HOME_DAY: Final = (
    "market", "delivery_date", "revision", "home_no", "ct_meter_residual_wh", *HOME_DAY_SUMS,
    *(name for name, _ in HOME_DAY_COUNTS),
)  # fmt: skip


def slot_energy_table(energy: SlotEnergyTable) -> pa.Table:
    """Lay slot energy out, one row a home and slot."""
    return _by_slot(SLOT_ENERGY, energy, energy.home_no, (*SLOT_ENERGIES, *SLOT_QUALITIES))


def buyer_use_table(use: BuyerUseTable) -> pa.Table:
    """Lay the buyers' use out, one row a buyer and slot."""
    return _by_slot(BUYER_USE, use, use.buyer_no, ("use_wh", "use_quality"))


def allocations_table(allocated: AllocatedEnergy) -> pa.Table:
    """Lay allocations out in their own order."""
    return _by_row(ALLOCATIONS, allocated)


def closing_times_table(closing: ClosingTable) -> pa.Table:
    """Lay the published table out in its own order."""
    return _by_row(CLOSING_TIMES, closing)


def passed_on_table(passed_on: PassedOnTable) -> pa.Table:
    """Lay out what owners passed on, in its own order."""
    return _by_row(PASSED_ON, passed_on)


def slot_values_table(values: SlotValueTable) -> pa.Table:
    """Lay out where the energy of each slot comes from, in its own order."""
    return _by_row(SLOT_VALUES, values)


def read_slot_energy(table: pa.Table, residuals_wh: Mapping[int, int]) -> SlotEnergyTable:
    """Read slot energy; residuals_wh: ct_meter_residual_wh by home_no."""
    home_no = _parties(table)
    return SlotEnergyTable(
        home_no=home_no,
        **{name: _slots(table, name) for name in (*SLOT_ENERGIES, *SLOT_QUALITIES)},
        ct_meter_residual_wh=np.array([residuals_wh[home] for home in home_no.tolist()], dtype=np.int64),
    )


def read_buyer_use(table: pa.Table) -> BuyerUseTable:
    """Read the buyers' use."""
    return BuyerUseTable(
        buyer_no=_parties(table), use_wh=_slots(table, "use_wh"), use_quality=_slots(table, "use_quality")
    )


def read_allocations(table: pa.Table) -> AllocatedEnergy:
    """Read allocations."""
    return AllocatedEnergy(**_columns(table))


def read_closing_times(table: pa.Table) -> ClosingTable:
    """Read the published table."""
    return ClosingTable(**_columns(table))


def read_passed_on(table: pa.Table) -> PassedOnTable:
    """Read what owners passed on."""
    return PassedOnTable(**_columns(table))


def read_slot_values(table: pa.Table) -> SlotValueTable:
    """Read where the energy of each slot comes from."""
    return SlotValueTable(**_columns(table))


def home_day_rows(market_id: str, delivery_date: date, revision: int, energy: SlotEnergyTable) -> list[tuple[Any, ...]]:
    """Sum each home's slots up and count them by quality, in the order of HOME_DAY."""
    # A slot of a home is worth what the worse of its two traded channels is worth.
    worst = np.minimum(energy.export_quality, energy.pv_quality)
    columns = [
        energy.home_no,
        energy.ct_meter_residual_wh,
        *(getattr(energy, name).sum(axis=1) for name in HOME_DAY_SUMS),
        *((worst == quality).sum(axis=1) for _, quality in HOME_DAY_COUNTS),
    ]
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return [(market_id, delivery_date, revision, *row) for row in rows]


def _by_slot(table_name: str, source: object, party_no: NDArray[np.int32], names: Sequence[str]) -> pa.Table:
    """Lay arrays of shape (n_parties, 48) out as rows."""
    columns = {name: getattr(source, name).ravel() for name in names}
    slot_no = np.arange(1, SLOTS_PER_DAY + 1, dtype=np.int8)
    places = {"party_no": np.repeat(party_no, SLOTS_PER_DAY), "slot_no": np.tile(slot_no, party_no.size)}
    return pa.table({**places, **columns}, schema=LAKE_SCHEMAS[table_name])


def _by_row(table_name: str, source: object) -> pa.Table:
    """Lay equal-length columns out."""
    schema = LAKE_SCHEMAS[table_name]
    return pa.table({name: getattr(source, name) for name in schema.names}, schema=schema)


def _parties(table: pa.Table) -> NDArray[np.int32]:
    """Give the parties of rows that stand 48 to a party."""
    party_no: NDArray[np.int32] = table.column("party_no").to_numpy()[::SLOTS_PER_DAY]
    return party_no


def _slots(table: pa.Table, name: str) -> NDArray[Any]:
    """Give a column as an array of shape (n_parties, 48)."""
    slots: NDArray[Any] = table.column(name).to_numpy().reshape(-1, SLOTS_PER_DAY)
    return slots


def _columns(table: pa.Table) -> dict[str, NDArray[Any]]:
    """Give all columns by name."""
    return {name: table.column(name).to_numpy() for name in table.column_names}
