"""Laws of homes: every watt-hour of a roof is used or exported, and no more is offered than may be.

Enter: slot_energy, home_day, plant. Not here: readings (metering_laws) and matching.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

_SUMS: Final = (
    "import_wh", "export_wh", "pv_wh", "self_wh", "export_pv_wh", "grid_export_wh", "charge_wh", "discharge_wh",
    "surplus_offered_wh", "self_offered_wh", "surplus_withheld_wh", "self_withheld_wh",
)  # fmt: skip
_QUALITIES: Final = ("missing", "estimated", "recovered", "measured")  # 0..3, as in slot_energy

_SLOT_SUMS: Final = ", ".join(f"sum({name}) AS {name}" for name in _SUMS)
_SLOT_COUNTS: Final = ", ".join(
    f"count(*) FILTER (least(export_quality, pv_quality) = {quality}) AS {name}_slot_count"
    for quality, name in enumerate(_QUALITIES)
)
_DAY_FIGURES: Final = (*_SUMS, *(f"{name}_slot_count" for name in _QUALITIES))
_ALL_EQUAL: Final = " AND ".join(f"summed.{name} = home_day.{name}" for name in _DAY_FIGURES)

HOME_LAWS: Final = (
    Law(
        law="HOME_BALANCE",
        title="generation + CT residual = self-consumption + exported generation, per home and day",
        sentence="home {home_no} {delivery_date}: generation {pv_wh} + residual {ct_meter_residual_wh} Wh, "
        "self-consumption {self_wh} + exported {export_pv_wh} Wh",
        cases_sql="""
            WITH summed AS (
                SELECT delivery_date, party_no AS home_no, sum(pv_wh) AS pv_wh, sum(self_wh) AS self_wh,
                       sum(export_pv_wh) AS export_pv_wh
                FROM slot_energy GROUP BY ALL),
            residual AS (SELECT delivery_date, home_no, ct_meter_residual_wh FROM home_day)
            SELECT *, pv_wh + ct_meter_residual_wh = self_wh + export_pv_wh AND ct_meter_residual_wh >= 0 AS holds
            FROM summed FULL JOIN residual USING (delivery_date, home_no)
        """,
    ),
    Law(
        law="HOME_DAYS",
        title="daily figures of a home = sums and counts of its half hours",
        sentence="home {home_no} {delivery_date}: half hours give generation {slot_pv_wh}, self-consumption "
        "{slot_self_wh}, import {slot_import_wh}, export {slot_export_wh} Wh; the day says {pv_wh}, {self_wh}, "
        "{import_wh}, {export_wh} Wh, or differs in another figure",
        cases_sql=f"""
            WITH summed AS (SELECT delivery_date, party_no AS home_no, {_SLOT_SUMS}, {_SLOT_COUNTS}
                            FROM slot_energy GROUP BY ALL)
            SELECT delivery_date, home_no, summed.pv_wh AS slot_pv_wh, summed.self_wh AS slot_self_wh,
                   summed.import_wh AS slot_import_wh, summed.export_wh AS slot_export_wh, home_day.pv_wh,
                   home_day.self_wh, home_day.import_wh, home_day.export_wh, {_ALL_EQUAL} AS holds
            FROM summed FULL JOIN home_day USING (delivery_date, home_no)
        """,
    ),
    Law(
        law="SLOT_SPLIT",
        title="export = exported generation + exported grid energy, nothing below zero, per slot",
        sentence="home {home_no} {delivery_date} slot {slot_no}: export {export_wh} Wh, of generation "
        "{export_pv_wh}, of the grid {grid_export_wh}; self-consumption {self_wh}, charged {charge_wh}, from the roof "
        "{charge_pv_wh}",
        cases_sql="""
            SELECT delivery_date, party_no AS home_no, slot_no, export_wh, export_pv_wh, grid_export_wh, self_wh,
                   charge_wh, charge_pv_wh,
                   export_wh = export_pv_wh + grid_export_wh
                   AND least(import_wh, export_pv_wh, grid_export_wh, pv_wh, self_wh, discharge_wh, charge_pv_wh) >= 0
                   AND charge_pv_wh <= least(charge_wh, pv_wh) AS holds
            FROM slot_energy
        """,
    ),
    Law(
        law="OFFERED",
        title="offered only what was exported or used, is known well enough and may be traded, per slot",
        sentence="home {home_no} {delivery_date} slot {slot_no}: offers {surplus_offered_wh} of {export_pv_wh} Wh "
        "exported, {self_offered_wh} of {self_wh} Wh self-consumed; withholds {surplus_withheld_wh} and "
        "{self_withheld_wh}; quality of export {export_quality}, of generation {pv_quality}; tariff until {fit_end}, "
        "{home_group}",
        cases_sql="""
            SELECT delivery_date, party_no AS home_no, slot_no, surplus_offered_wh, export_pv_wh, self_offered_wh,
                   self_wh, surplus_withheld_wh, self_withheld_wh, export_quality, pv_quality, fit_end, home_group,
                   surplus_offered_wh BETWEEN surplus_withheld_wh AND export_pv_wh
                   AND self_offered_wh BETWEEN self_withheld_wh AND self_wh
                   AND least(surplus_withheld_wh, self_withheld_wh) >= 0
                   AND (surplus_offered_wh = 0 OR (export_quality >= 2 AND delivery_date >= fit_end))
                   AND (self_offered_wh = 0 OR (pv_quality >= 2 AND export_quality >= 2))
                   AND (surplus_offered_wh + self_offered_wh = 0 OR home_group <> 'outside') AS holds
            FROM slot_energy LEFT JOIN plant ON home_no = party_no
        """,
    ),
)
