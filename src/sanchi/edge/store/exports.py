"""Gives tables out as CSV or Parquet, with party ids instead of numbers, in a fixed order: same books, same bytes.

Enters: a market, a table, delivery dates, a file. Leaves: the file. Columns: docs/reference/exports.md.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from enum import IntEnum
from pathlib import Path
from typing import Final

import duckdb

from sanchi.core.base.errors import SetupFault, UnknownRecord
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.state import CertificateState
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.store.books import open_books, quoted
from sanchi.edge.store.lake_schemas import SLOT_ENERGIES, SLOT_QUALITIES

CSV: Final = "csv"
PARQUET: Final = "parquet"

# How a format says that an instant is Japan Standard Time.
_INSTANT_SQL: Final = {
    CSV: "strftime(jst, '%Y-%m-%dT%H:%M:%S+09:00')",
    PARQUET: "to_timestamp(epoch(jst) - 9 * 3600)",
}
_COPY_OPTIONS: Final = {CSV: "FORMAT csv, HEADER", PARQUET: "FORMAT parquet, COMPRESSION zstd"}


def _named(column: str, numbers: type[IntEnum], name: str) -> str:
    """Write the names of numbers."""
    cases = " ".join(f"WHEN {number.value} THEN '{number.name.lower()}'" for number in numbers)
    return f"CASE {column} {cases} END AS {name}"


def _party_id(column: str, name: str) -> str:
    """Write the id of a party; a column that is named party_no itself needs its table before it."""
    return f"(SELECT party_id FROM party WHERE party_no = {column}) AS {name}"


_SLOT_START: Final = "instant(delivery_date + to_minutes(30 * (slot_no::INTEGER - 1))) AS slot_start"
_KIND: Final = _named("kind_no", CertificateKind, "kind")

_ALLOCATIONS: Final = f"""
    SELECT delivery_date, slot_no, {_SLOT_START}, {_KIND}, {_party_id("home_no", "home_id")}, choice_no,
           {_party_id("holder_no", "holder_id")}, energy_wh, home_price_sen_per_kwh, buyer_price_sen_per_kwh, revision
    FROM allocations WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date, slot_no, kind_no, home_no, choice_no
"""
_CERTIFICATES: Final = f"""
    SELECT delivery_date, certificate_id, {_KIND}, revision, {_party_id("home_no", "home_id")}, device_id,
           certificate.quantity_wh, lo_wh, hi_wh, hi_wh - lo_wh AS energy_wh, {_party_id("holder_no", "holder_id")},
           {_named("state_no", CertificateState, "state")}, claim_no, reservation_no,
           export_lot_no, slice.storage_no AS charged_storage_no, measurement_grade, ct_class_permille,
           commissioning_date, fit_end, recovered_wh, segments_digest
    FROM certificate JOIN slice USING (certificate_id) WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date, certificate_id, lo_wh
"""
# The published table: with it anybody can recompute what a home got. No home stands in it.
_CLOSING_TIMES: Final = f"""
    SELECT {_KIND}, delivery_date, slot_no, {_party_id("buyer_no", "buyer_id")}, capacity_wh,
           closing_t32 AS closing_time, rounding_phi60 AS rounding
    FROM closing_times WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY kind_no, delivery_date, slot_no, buyer_no
"""
_JOURNAL: Final = f"""
    WITH payer AS (SELECT party_no AS payer_no, party_id AS payer_id FROM party),
    payee AS (SELECT party_no AS payee_no, party_id AS payee_id FROM party),
    named AS (
        SELECT account_id, concat_ws(':', code, payer_id, payee_id, strftime(month, '%Y-%m')) AS account_name
        FROM account LEFT JOIN payer USING (payer_no) LEFT JOIN payee USING (payee_no))
    SELECT sequence_no, transfer_id, value_date, strftime(transfer.posting_month, '%Y-%m') AS posting_month,
           transfer.code, debit.account_name AS debit_account, credit.account_name AS credit_account, currency,
           transfer.amount_e5yen, {_KIND}, {_party_id("home_no", "home_id")}, {_party_id("holder_no", "holder_id")},
           energy_wh, price_sen_per_kwh
    FROM transfer JOIN named AS debit ON debit.account_id = debit_account
    JOIN named AS credit ON credit.account_id = credit_account LEFT JOIN accrual USING (transfer_id)
    WHERE value_date BETWEEN $first_date AND $last_date ORDER BY sequence_no
"""
# Operations have no date; they belong to the dates of the certificates that they changed.
_EVENTS: Final = """
    slice_event JOIN registry_operation USING (operation_no) JOIN certificate USING (certificate_id)
    WHERE delivery_date BETWEEN $first_date AND $last_date
"""
_OPERATIONS: Final = f"""
    SELECT DISTINCT operation_no, operation_id, operation, actor, reason, event_count, registry_operation.energy_wh,
           body_digest, changes_digest
    FROM {_EVENTS} ORDER BY operation_no
"""
_SLICE_EVENTS: Final = f"""
    SELECT operation_no, event_no, operation_id, operation, actor, reason, delivery_date, certificate_id, lo_wh, hi_wh,
           hi_wh - lo_wh AS energy_wh, {_party_id("from_holder_no", "from_holder_id")},
           {_named("from_state_no", CertificateState, "from_state")}, {_party_id("to_holder_no", "to_holder_id")},
           {_named("to_state_no", CertificateState, "to_state")}, reference_no
    FROM {_EVENTS} ORDER BY operation_no, event_no
"""
_PASSED_ON: Final = f"""
    SELECT delivery_date, slot_no, {_SLOT_START}, {_KIND}, {_party_id("home_no", "home_id")},
           {_party_id("owner_no", "owner_id")}, {_party_id("tenant_no", "tenant_id")}, energy_wh, revision
    FROM passed_on WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date, slot_no, kind_no, home_no, owner_no, tenant_no
"""
_READINGS: Final = f"""
    WITH placed AS (
        SELECT *, date_diff('day', DATE '2000-01-01', $first_date) * 48 AS before_first,
               date_diff('day', DATE '2000-01-01', $last_date) * 48 + 48 AS last_boundary
        FROM readings)
    SELECT DATE '2000-01-01' + (boundary - 1) // 48 AS delivery_date, (boundary - 1) % 48 + 1 AS slot_no,
           instant(DATE '2000-01-01' + to_minutes(30 * boundary)) AS stamp, meter_id,
           {_party_id("meter.party_no", "party_id")}, {_named("channel_no", Channel, "channel")}, reading, unit_wh,
           instant(make_timestamp(received_s * 1000000) + INTERVAL 9 HOUR) AS received_at, delivery_no, file_name,
           row_no, {_named("placed.source_no", Source, "source")}, {_named("placed.stage_no", Stage, "stage")}
    FROM placed JOIN meter USING (meter_no) JOIN delivery USING (delivery_no)
    WHERE boundary > before_first AND boundary <= last_boundary
    ORDER BY meter_no, channel_no, boundary, received_s, delivery_no, row_no
"""
_SLOT_ENERGY: Final = f"""
    SELECT delivery_date, slot_no, {_SLOT_START}, {_party_id("slot_energy.party_no", "home_id")},
           {", ".join(SLOT_ENERGIES)}, {", ".join(_named(name, Quality, name) for name in SLOT_QUALITIES)}, revision
    FROM slot_energy WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date, slot_energy.party_no, slot_no
"""
_SLOT_VALUES: Final = f"""
    WITH latest AS (
        SELECT meter_no, channel_no, boundary,
               max_by(struct_pack(action_no, reason, decided_by, decided_at), (decided_at, delivery_no, row_no))
                   AS decision
        FROM slot_decision GROUP BY ALL),
    decided AS (
        SELECT meter_no, channel_no, DATE '2000-01-01' + ((boundary - 1) // 48)::INT AS delivery_date,
               (boundary - 1) % 48 + 1 AS slot_no, decision
        FROM latest WHERE decision.action_no <> {Action.WITHDRAW.value})
    SELECT delivery_date, slot_no, {_SLOT_START}, {_party_id("slot_values.party_no", "party_id")}, meter_id,
           {_named("channel_no", Channel, "channel")}, energy_wh, {_named("quality", Quality, "quality")},
           {_named("method_no", Method, "method")}, {_named("slot_values.source_no", Source, "source")},
           {_named("stage_no", Stage, "stage")}, nullif(original_wh, -1) AS original_wh, rule_wh,
           decision.reason AS reason, decision.decided_by AS decided_by, instant(decision.decided_at) AS decided_at,
           revision
    FROM slot_values JOIN meter USING (meter_no)
    LEFT JOIN decided USING (meter_no, channel_no, delivery_date, slot_no)
    WHERE delivery_date BETWEEN $first_date AND $last_date
    ORDER BY delivery_date, slot_values.party_no, channel_no, meter_no, slot_no
"""

TABLES: Final = {
    "allocations": _ALLOCATIONS,
    "certificates": _CERTIFICATES,
    "closing-times": _CLOSING_TIMES,
    "journal": _JOURNAL,
    "operations": _OPERATIONS,
    "passed-on": _PASSED_ON,
    "readings": _READINGS,
    "slice-events": _SLICE_EVENTS,
    "slot-energy": _SLOT_ENERGY,
    "slot-values": _SLOT_VALUES,
}


class StoredTableExporter:
    """Fulfils app.exports.TableExporter over the database and a lake."""

    def __init__(self, lake_root: Path) -> None:
        """Name the folder of the lake."""
        self._lake_root = lake_root

    def write(
        self, market_id: str, table: str, first_date: date, last_date: date, file_format: str, target: Path
    ) -> int:
        """Write the rows of both dates and all between; returns how many rows there are.

        Raises: UnknownRecord, SetupFault.
        """
        if table not in TABLES or file_format not in _COPY_OPTIONS:
            raise UnknownRecord(
                f"There is no table {table} as {file_format}.",
                hint=f"Ask for {', '.join(TABLES)} as {' or '.join(_COPY_OPTIONS)}.",
            )
        with open_books(market_id, self._lake_root) as books, _written(target) as file:
            # With one thread the rows fall into the same groups each time.
            books.fetch("SET threads = 1")
            books.fetch(f"CREATE TEMP MACRO instant(jst) AS {_INSTANT_SQL[file_format]}")
            dates = {"first_date": first_date, "last_date": last_date}
            copied = books.fetch(f"COPY ({TABLES[table]}) TO {quoted(str(file))} ({_COPY_OPTIONS[file_format]})", dates)
        row_count: int = copied[0][0]
        return row_count


@contextmanager
def _written(target: Path) -> Iterator[Path]:
    """Give the file to write; the target is there whole or as it was before. Raises: SetupFault."""
    if target.exists() and not (target.is_file() or target.is_dir()):
        yield target  # a pipe or terminal takes what comes
        return
    place = target.resolve()
    part = place.with_name(f".{place.name}.{os.getpid()}.part")
    try:
        part.touch()
        yield part
        part.replace(place)
    except (OSError, duckdb.IOException) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error).partition("\n")[0]
        raise SetupFault(
            f"{target} cannot be written ({reason}).", hint="Name a file in a folder that you may write: --out FILE."
        ) from error
    finally:
        # Not unlink(missing_ok=True): it raises where a part of the path is no folder.
        if part.exists():
            part.unlink()
