"""Laws of certificates: slices tile, nothing is certified that was not measured, claims have their watt-hours.

Enter: certificate, slice, segments, claim, debt, debt_settlement, allocations, slot_energy, plant. Not here: money.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Written down here once more: the audit does not ask the code that it judges.
RETIRED: Final = 3
WITHDRAWN: Final = 7

CERTIFICATE_LAWS: Final = (
    Law(
        law="ROOF",
        title="each certificate is of a roof that had begun, in a revision that was run, after its tariff",
        sentence="{certificate_id}: home {home_no}, device {device_id}, begun {commissioning_date}, tariff until "
        "{fit_end}, {quantity_wh} Wh",
        cases_sql="""
            SELECT certificate_id, home_no, certificate.device_id, certificate.fit_end, quantity_wh,
                   plant.commissioning_date,
                   certificate.device_id = plant.device_id AND certificate.fit_end = plant.fit_end
                   AND delivery_date >= plant.commissioning_date
                   AND quantity_wh > 0 AND recovered_wh BETWEEN 0 AND quantity_wh
                   AND (kind_no <> 1 OR delivery_date >= plant.fit_end) AND day_run.revision IS NOT NULL AS holds
            FROM certificate LEFT JOIN plant USING (home_no) LEFT JOIN day_run USING (delivery_date, revision)
        """,
    ),
    Law(
        law="SLICES_TILE",
        title="slices tile their certificate from 0 to its quantity",
        sentence="{certificate_id}: {quantity_wh} Wh; slices have {slices_wh} Wh and end at {end_wh}",
        cases_sql="""
            WITH walked AS (
                SELECT certificate_id, lo_wh, hi_wh,
                       lag(hi_wh, 1, 0) OVER (PARTITION BY certificate_id ORDER BY lo_wh) AS reached_wh
                FROM slice),
            tiled AS (SELECT certificate_id, bool_and(lo_wh = reached_wh AND hi_wh > lo_wh) AS is_joined,
                             max(hi_wh) AS end_wh, sum(hi_wh - lo_wh) AS slices_wh FROM walked GROUP BY ALL)
            SELECT certificate_id, quantity_wh, slices_wh, end_wh,
                   is_joined AND end_wh = quantity_wh AND slices_wh = quantity_wh AS holds
            FROM certificate FULL JOIN tiled USING (certificate_id)
        """,
    ),
    Law(
        law="SEGMENTS_TILE",
        title="segments tile their certificate and name the half hour of every watt-hour",
        sentence="{certificate_id}: {quantity_wh} Wh; segments end at {end_wh}",
        cases_sql="""
            WITH walked AS (
                SELECT certificate_id, lo_wh, hi_wh, slot_no,
                       lag(hi_wh, 1, 0) OVER (PARTITION BY certificate_id ORDER BY lo_wh) AS reached_wh
                FROM segments),
            tiled AS (SELECT certificate_id, max(hi_wh) AS end_wh,
                             bool_and(lo_wh = reached_wh AND hi_wh > lo_wh AND slot_no BETWEEN 1 AND 48) AS is_joined
                      FROM walked GROUP BY ALL)
            SELECT certificate_id, quantity_wh, end_wh, is_joined AND end_wh = quantity_wh AS holds
            FROM certificate FULL JOIN tiled USING (certificate_id)
        """,
    ),
    Law(
        law="SEGMENTS_BOUND",
        title="segments have the digest that their certificate carries",
        sentence="{certificate_id}: carries {carried_text}..., segments have {found_text}...",
        # The id and a line feed, then each segment's numbers as 64-bit integers, most significant byte first.
        cases_sql="""
            WITH written AS (
                SELECT certificate_id, string_agg(printf('%016x%016x%016x%016x', lo_wh, hi_wh, slot_no, holder_no), ''
                                                  ORDER BY lo_wh) AS segments_hex
                FROM segments GROUP BY ALL),
            digested AS (SELECT certificate_id,
                                sha256(encode(certificate_id || chr(10)) || unhex(segments_hex)) AS found_digest
                         FROM written)
            SELECT certificate_id, segments_digest[:12] AS carried_text, found_digest[:12] AS found_text,
                   segments_digest = found_digest AS holds
            FROM certificate FULL JOIN digested USING (certificate_id)
        """,
    ),
    Law(
        law="CERTIFIED",
        title="live certificates = measured Wh in force + open debt, per device and kind",
        sentence="home {home_no} {kind_no}: live {live_wh} Wh, measured {measured_wh}, withheld {withheld_wh}, debts "
        "{debt_wh}, of them paid off {settled_wh} Wh",
        cases_sql=f"""
            WITH live AS (
                SELECT home_no, kind_no, sum(hi_wh - lo_wh) AS live_wh
                FROM slice JOIN certificate USING (certificate_id)
                WHERE state_no <> {WITHDRAWN} GROUP BY ALL),
            measured AS (
                SELECT party_no AS home_no, 1 AS kind_no, sum(surplus_offered_wh) AS measured_wh,
                       sum(surplus_withheld_wh) AS withheld_wh FROM slot_energy GROUP BY ALL
                UNION ALL
                SELECT party_no, 2, sum(self_offered_wh), sum(self_withheld_wh) FROM slot_energy GROUP BY ALL),
            owed AS (SELECT home_no, kind_no, sum(debt_wh) AS debt_wh FROM debt GROUP BY ALL),
            paid AS (SELECT home_no, kind_no, sum(settled_wh) AS settled_wh
                     FROM debt_settlement JOIN debt USING (debt_no) GROUP BY ALL),
            totals AS (
                SELECT home_no, kind_no, coalesce(live_wh, 0) AS live_wh, coalesce(measured_wh, 0) AS measured_wh,
                       coalesce(withheld_wh, 0) AS withheld_wh, coalesce(debt_wh, 0) AS debt_wh,
                       coalesce(settled_wh, 0) AS settled_wh
                FROM measured FULL JOIN live USING (home_no, kind_no) FULL JOIN owed USING (home_no, kind_no)
                FULL JOIN paid USING (home_no, kind_no))
            SELECT *, live_wh = measured_wh + debt_wh - settled_wh AND withheld_wh = settled_wh
                      AND settled_wh <= debt_wh AS holds
            FROM totals
        """,
    ),
    Law(
        law="SETTLED_DEBTS",
        title="no debt is paid off beyond its watt-hours, and on its day as much is withheld",
        sentence="home {home_no} {delivery_date} slot {slot_no} {kind_no}: {withheld_wh} Wh withheld, {settled_wh} Wh "
        "paid off, most overpaid debt by {overpaid_wh} Wh",
        cases_sql="""
            WITH paid AS (
                SELECT home_no, debt_settlement.delivery_date, debt_settlement.slot_no, kind_no, settled_wh,
                       sum(settled_wh) OVER (PARTITION BY debt_no) - debt_wh AS overpaid_wh
                FROM debt_settlement JOIN debt USING (debt_no)),
            settled AS (SELECT home_no, delivery_date, slot_no, kind_no, sum(settled_wh) AS settled_wh,
                               max(overpaid_wh) AS overpaid_wh FROM paid GROUP BY ALL),
            withheld AS (
                SELECT party_no AS home_no, delivery_date, slot_no, 1 AS kind_no, surplus_withheld_wh AS withheld_wh
                FROM slot_energy WHERE surplus_withheld_wh <> 0
                UNION ALL SELECT party_no, delivery_date, slot_no, 2, self_withheld_wh
                FROM slot_energy WHERE self_withheld_wh <> 0)
            SELECT home_no, delivery_date, slot_no, kind_no, withheld_wh, settled_wh, overpaid_wh,
                   withheld_wh = settled_wh AND overpaid_wh <= 0 AS holds
            FROM withheld FULL JOIN settled USING (home_no, delivery_date, slot_no, kind_no)
        """,
    ),
    Law(
        law="HELD",
        title="live watt-hours issued to a holder = its allocations + its debts, per home, slot, kind",
        sentence="home {home_no} {delivery_date} slot {slot_no} {kind_no} of {holder_no}: live {live_wh} Wh, allocated "
        "{given_wh} Wh, debts {debt_wh} Wh",
        # Whom they were issued to; that who holds them now got them from there is the law REPLAYED.
        cases_sql=f"""
            WITH live AS (
                SELECT certificate.delivery_date, home_no, kind_no, segments.slot_no, segments.holder_no,
                       sum(least(slice.hi_wh, segments.hi_wh) - greatest(slice.lo_wh, segments.lo_wh)) AS live_wh
                FROM slice JOIN segments ON segments.certificate_id = slice.certificate_id
                     AND segments.lo_wh < slice.hi_wh AND slice.lo_wh < segments.hi_wh
                JOIN certificate ON certificate.certificate_id = slice.certificate_id
                WHERE state_no <> {WITHDRAWN} GROUP BY ALL),
            given AS (SELECT delivery_date, home_no, kind_no, slot_no, holder_no, sum(energy_wh) AS given_wh
                      FROM allocations GROUP BY ALL),
            owed AS (SELECT delivery_date, home_no, kind_no, slot_no, holder_no, sum(debt_wh) AS debt_wh
                     FROM debt GROUP BY ALL)
            SELECT delivery_date, home_no, kind_no, slot_no, holder_no, coalesce(live_wh, 0) AS live_wh,
                   coalesce(given_wh, 0) AS given_wh, coalesce(debt_wh, 0) AS debt_wh,
                   coalesce(live_wh, 0) = coalesce(given_wh, 0) + coalesce(debt_wh, 0) AS holds
            FROM live FULL JOIN given USING (delivery_date, home_no, kind_no, slot_no, holder_no)
            FULL JOIN owed USING (delivery_date, home_no, kind_no, slot_no, holder_no)
        """,
    ),
    Law(
        law="CLAIMED",
        title="claims = their retired slices, of one beneficiary, of final days within their period",
        sentence="claim {claim_no} of {beneficiary_no}: {energy_wh} Wh claimed, {retired_wh} Wh retired for it",
        cases_sql=f"""
            WITH retired AS (
                SELECT claim_no, sum(hi_wh - lo_wh) AS retired_wh, min(holder_no) AS first_no,
                       max(holder_no) AS last_no, bool_and(is_finalised) AS is_final,
                       min(delivery_date) AS first_date, max(delivery_date) AS last_date
                FROM slice JOIN certificate USING (certificate_id) JOIN market_day USING (delivery_date)
                WHERE state_no = {RETIRED} GROUP BY ALL)
            SELECT coalesce(claim.claim_no, retired.claim_no) AS claim_no, beneficiary_no, energy_wh, retired_wh,
                   energy_wh = retired_wh AND first_no = beneficiary_no AND last_no = beneficiary_no
                   AND is_final AND first_date >= coalesce(used_from, first_date)
                   AND last_date <= coalesce(used_until, last_date) AS holds
            FROM claim FULL JOIN retired ON retired.claim_no IS NOT DISTINCT FROM claim.claim_no
        """,
    ),
)
