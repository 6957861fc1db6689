"""The laws of readings count on whatever was delivered, beyond the range of 64 bits too."""

from typing import Any

import duckdb

from sanchi.edge.store.audit.metering_laws import METERING_LAWS

WILD = 2**62
READINGS = f"(1, 3, 1, 5, 0, 1, 1, 1, 1), (2, 3, 2, {WILD}, 0, 1, 2, 1, 1)"


def cases(law_name: str) -> list[dict[str, Any]]:
    """Judge a law over one home that measured 5 Wh in its first slot; its second meter steps in 10 Wh."""
    duck = duckdb.connect()
    columns = "meter_no, channel_no, boundary, reading, received_s, delivery_no, row_no, source_no, stage_no"
    duck.execute(f"CREATE TABLE readings AS SELECT * FROM (VALUES {READINGS}) AS read({columns})")
    life = "TIMESTAMP '2000-01-01' AS installed_at, NULL::TIMESTAMP AS removed_at"
    meters = "(VALUES (1, 1, 1, 0), (2, 1, 10, 0)) AS listed(meter_no, party_no, unit_wh, digits)"
    duck.execute(f"CREATE TABLE meter AS SELECT *, {life} FROM {meters}")
    day = "DATE '2000-01-01' AS delivery_date"
    duck.execute(f"CREATE TABLE market_day AS SELECT {day}, false AS is_stale, false AS is_finalised")
    value = "1 AS party_no, 1 AS meter_no, 3 AS channel_no, 1 AS slot_no, 5 AS energy_wh, 2 AS method_no"
    wild = f"1 AS party_no, 2 AS meter_no, 3 AS channel_no, 2 AS slot_no, {WILD}::BIGINT AS energy_wh, 2 AS method_no"
    duck.execute(f"CREATE TABLE slot_values AS SELECT {day}, {value} UNION ALL SELECT {day}, {wild}")
    result = duck.execute(next(law.cases_sql for law in METERING_LAWS if law.law == law_name))
    names = [column[0] for column in result.description or ()]
    return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


class TestIntervalEnergy:
    def test_counts_beside_a_wild_reading(self):
        (case,) = cases("INTERVAL_ENERGY")

        assert (case["energy_wh"], case["read_wh"], case["holds"]) == (5 + WILD, 5 + 10 * WILD, False)
