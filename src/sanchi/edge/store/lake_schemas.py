"""The tables of the lake: their columns and the order of their rows.

Enters: nothing. Leaves: Arrow schemas by table name. Not here: files.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import pyarrow as pa

READINGS: Final = "readings"
REJECTED: Final = "rejected"
REJECTED_COLUMNS: Final = "rejected_columns"
PARTS: Final = "parts"
EVENTS: Final = "events"
SLOT_ENERGY: Final = "slot_energy"
BUYER_USE: Final = "buyer_use"
ALLOCATIONS: Final = "allocations"
CLOSING_TIMES: Final = "closing_times"
PASSED_ON: Final = "passed_on"
SLOT_VALUES: Final = "slot_values"
SEGMENTS: Final = "segments"
LOG_ENTRIES: Final = "log_entries"
LOG_NODES: Final = "log_nodes"

# Tables of deliveries and of the log; all others are of days.
OF_DELIVERIES: Final = frozenset((READINGS, PARTS, EVENTS, REJECTED, REJECTED_COLUMNS))
OF_LOG: Final = frozenset((LOG_ENTRIES, LOG_NODES))

SLOT_ENERGIES: Final = (
    "import_wh", "export_wh", "pv_wh", "charge_wh", "discharge_wh", "export_pv_wh", "grid_export_wh",
    "charge_pv_wh", "self_wh", "surplus_offered_wh", "self_offered_wh", "surplus_withheld_wh", "self_withheld_wh",
)  # fmt: skip
SLOT_QUALITIES: Final = ("import_quality", "export_quality", "pv_quality")


def _schema(columns: Iterable[tuple[str, pa.DataType]]) -> pa.Schema:
    """Make a schema without nulls: what is not known has a quality or is not a row."""
    return pa.schema([pa.field(name, data_type, nullable=False) for name, data_type in columns])


# Rows stand in the order of their first columns: neighbours resemble each other, so files are small.
LAKE_SCHEMAS: Final[Mapping[str, pa.Schema]] = {
    READINGS: _schema(
        [
            ("meter_no", pa.int32()),
            ("channel_no", pa.int8()),
            ("boundary", pa.int32()),  # half hours since 2000-01-01 00:00 JST
            ("reading", pa.int64()),  # a register's count, or the energy of the slot [Wh]
            ("received_s", pa.int64()),  # Unix seconds
            ("row_no", pa.int32()),
            ("source_no", pa.int8()),
            ("stage_no", pa.int8()),
        ]
    ),
    PARTS: _schema(
        [
            ("meter_no", pa.int32()),
            ("channel_no", pa.int8()),
            ("stamp_s", pa.int64()),  # Unix seconds, the end of the interval
            ("interval_s", pa.int32()),
            ("energy_ws", pa.int64()),  # watt-seconds
            ("received_s", pa.int64()),
            ("row_no", pa.int32()),
        ]
    ),
    EVENTS: _schema(
        [
            ("at_s", pa.int64()),
            ("connector", pa.string()),
            ("event_no", pa.int8()),
            ("subject", pa.string()),
            ("figure", pa.int64()),
        ]
    ),
    REJECTED: _schema([("row_no", pa.int32()), ("code", pa.string()), ("row_text", pa.string())]),
    # Rejected rows again, as far as they say when they are of: for the search for faults.
    REJECTED_COLUMNS: _schema(
        [
            ("code", pa.string()),
            ("device", pa.string()),  # "" = not known
            ("meter_no", pa.int32()),  # -1 = not known
            ("channel_no", pa.int8()),
            ("stamp_s", pa.int64()),
            ("received_s", pa.int64()),
            ("reading", pa.int64()),
        ]
    ),
    SLOT_ENERGY: _schema(
        [
            ("party_no", pa.int32()),
            ("slot_no", pa.int8()),
            *((name, pa.int64()) for name in SLOT_ENERGIES),
            *((name, pa.int8()) for name in SLOT_QUALITIES),
        ]
    ),
    BUYER_USE: _schema(
        [("party_no", pa.int32()), ("slot_no", pa.int8()), ("use_wh", pa.int64()), ("use_quality", pa.int8())]
    ),
    ALLOCATIONS: _schema(
        [
            ("kind_no", pa.int8()),
            ("home_no", pa.int32()),
            ("slot_no", pa.int8()),
            ("choice_no", pa.int8()),  # 1.. = the home's choice; 0 = standard offer, or kept by the owner
            ("holder_no", pa.int32()),
            ("energy_wh", pa.int64()),
            ("home_price_sen_per_kwh", pa.int64()),
            ("buyer_price_sen_per_kwh", pa.int64()),
        ]
    ),
    CLOSING_TIMES: _schema(
        [
            ("kind_no", pa.int8()),
            ("slot_no", pa.int8()),
            ("buyer_no", pa.int32()),
            ("capacity_wh", pa.int64()),
            ("closing_t32", pa.int64()),
            ("rounding_phi60", pa.int64()),
        ]
    ),
    PASSED_ON: _schema(
        [
            ("kind_no", pa.int8()),
            ("slot_no", pa.int8()),
            ("home_no", pa.int32()),
            ("owner_no", pa.int32()),
            ("tenant_no", pa.int32()),
            ("energy_wh", pa.int64()),
        ]
    ),
    SLOT_VALUES: _schema(
        [
            ("party_no", pa.int32()),
            ("meter_no", pa.int32()),
            ("channel_no", pa.int8()),
            ("slot_no", pa.int8()),
            ("energy_wh", pa.int64()),
            ("quality", pa.int8()),
            ("method_no", pa.int8()),
            ("source_no", pa.int8()),  # 0 = no reading made the energy, as in stage_no
            ("stage_no", pa.int8()),
            ("original_wh", pa.int64()),  # -1 = the meter said nothing of the slot
            ("rule_wh", pa.int64()),
        ]
    ),
    SEGMENTS: _schema(
        [
            ("certificate_id", pa.string()),
            ("lo_wh", pa.int64()),
            ("hi_wh", pa.int64()),
            ("slot_no", pa.int8()),
            ("holder_no", pa.int32()),
        ]
    ),
    LOG_ENTRIES: _schema([("leaf_no", pa.int64()), ("leaf_id", pa.string()), ("body", pa.string())]),
    # All nodes that the leaves of a checkpoint complete, level by level without a gap: a node's row is arithmetic.
    LOG_NODES: _schema([("level", pa.int8()), ("index", pa.int64()), ("hash", pa.binary(32))]),
}
