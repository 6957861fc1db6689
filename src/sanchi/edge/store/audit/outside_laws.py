"""Laws of what is claimed or bought outside, and of batteries: no watt-hour has two values, none comes out twice.

Enter: certificate, slice, segments, plant, outside_claim, storage_account, outside_lot, outside_use and what buyers
used and got. Not here: slices by themselves (certificate_laws).
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Written down here once more: the audit does not ask the code that it judges.
CHARGED: Final = 6
WITHDRAWN: Final = 7

OUTSIDE_LAWS: Final = (
    Law(
        law="OUTSIDE_CLAIM",
        title="nothing is certified whose value is somebody else's: inside a claim or a tariff",
        sentence="{certificate_id} of home {home_no}: {live_wh} Wh live, tariff until {fit_end}, claim {claim_id} "
        "({scheme}) from {first_date} until {until_date}",
        cases_sql=f"""
            WITH live AS (SELECT certificate_id, sum(hi_wh - lo_wh) AS live_wh FROM slice
                          WHERE state_no <> {WITHDRAWN} GROUP BY ALL)
            SELECT certificate.certificate_id, certificate.home_no, live_wh, plant.fit_end, claim_id, scheme,
                   first_date, until_date,
                   -- A claim that came after a close waits for the next one.
                   (claim_id IS NULL OR live_wh IS NULL OR (is_stale AND NOT is_finalised))
                   AND (certificate.kind_no <> 1 OR certificate.delivery_date >= plant.fit_end) AS holds
            FROM certificate LEFT JOIN live USING (certificate_id)
            LEFT JOIN plant ON plant.home_no = certificate.home_no
            LEFT JOIN market_day ON market_day.delivery_date = certificate.delivery_date
            LEFT JOIN outside_claim AS claim ON claim.home_no = certificate.home_no
                 AND claim.kind_no = certificate.kind_no AND certificate.delivery_date >= first_date
                 AND (until_date IS NULL OR certificate.delivery_date < until_date)
        """,
    ),
    Law(
        law="GENERATED",
        title="surplus + self-consumption <= generation + CT residual + debt, per home and day",
        sentence="home {home_no} {delivery_date}: surplus {surplus_wh} and self-consumption {self_wh} Wh live; "
        "generated {pv_wh}, residual {residual_wh}, debts {debt_wh} Wh",
        cases_sql=f"""
            WITH live AS (
                SELECT home_no, delivery_date, sum(hi_wh - lo_wh) FILTER (kind_no = 1) AS surplus_wh,
                       sum(hi_wh - lo_wh) FILTER (kind_no = 2) AS self_wh
                FROM slice JOIN certificate USING (certificate_id)
                WHERE state_no <> {WITHDRAWN} AND certificate.storage_no = 0 GROUP BY ALL),
            generated AS (SELECT party_no AS home_no, delivery_date, sum(pv_wh) AS pv_wh FROM slot_energy GROUP BY ALL),
            residual AS (SELECT home_no, delivery_date, ct_meter_residual_wh AS residual_wh FROM home_day),
            owed AS (SELECT home_no, delivery_date, sum(debt_wh) AS debt_wh FROM debt GROUP BY ALL)
            SELECT home_no, delivery_date, coalesce(surplus_wh, 0) AS surplus_wh, coalesce(self_wh, 0) AS self_wh,
                   pv_wh, residual_wh, coalesce(debt_wh, 0) AS debt_wh,
                   coalesce(surplus_wh, 0) + coalesce(self_wh, 0) <= pv_wh + residual_wh + coalesce(debt_wh, 0) AS holds
            FROM generated FULL JOIN live USING (home_no, delivery_date)
            LEFT JOIN residual USING (home_no, delivery_date) LEFT JOIN owed USING (home_no, delivery_date)
        """,
    ),
    Law(
        law="STORED",
        title="of a battery: carried in + charged = certified anew + lost + carried out, in order",
        sentence="home {home_no}, account {storage_no}: carried in {carry_in_wh} Wh (left before: {before_wh}), "
        "charged {charged_wh} (marked {marked_wh}), came out {discharged_wh} (certified {certified_wh}), lost "
        "{loss_wh}, carried out {carry_out_wh}; or days or homes differ",
        cases_sql=f"""
            WITH charged AS (
                SELECT slice.storage_no, sum(hi_wh - lo_wh) AS marked_wh, min(home_no) AS charged_first_no,
                       max(home_no) AS charged_last_no, min(delivery_date) AS charged_from,
                       max(delivery_date) AS charged_until,
                       bool_and(certificate.storage_no = 0 AND kind_no = 2) AS is_of_roof
                FROM slice JOIN certificate USING (certificate_id)
                WHERE state_no = {CHARGED} GROUP BY slice.storage_no),
            issued AS (
                SELECT storage_no, sum(quantity_wh) AS certified_wh, min(home_no) AS issued_first_no,
                       max(home_no) AS issued_last_no, min(delivery_date) AS issued_from,
                       max(delivery_date) AS issued_until, bool_and(kind_no = 2) AS is_self
                FROM certificate WHERE storage_no <> 0 GROUP BY storage_no),
            account AS (
                SELECT own.*, before.carry_out_wh AS before_wh, before.home_no AS before_home_no,
                       before.last_date AS before_date,
                       lag(own.last_date) OVER (PARTITION BY own.home_no ORDER BY own.first_date) AS earlier_date
                FROM storage_account AS own
                LEFT JOIN storage_account AS before ON before.storage_no = own.previous_storage_no)
            SELECT home_no, storage_no, carry_in_wh, before_wh, charged_wh, marked_wh, discharged_wh, certified_wh,
                   loss_wh, carry_out_wh,
                   storage_no IS NULL OR (
                       carry_in_wh + charged_wh = discharged_wh + loss_wh + carry_out_wh
                       AND carry_in_wh = coalesce(before_wh, 0)
                       AND charged_wh = coalesce(marked_wh, 0) AND discharged_wh = coalesce(certified_wh, 0)
                       AND discharged_wh * 1000 <= (discharged_wh + loss_wh) * battery_efficiency_permille
                       AND coalesce(is_of_roof, true) AND coalesce(is_self, true)
                       AND coalesce(before_home_no, home_no) = home_no
                       AND earlier_date IS NOT DISTINCT FROM before_date
                       AND coalesce(before_date + 1, first_date) = first_date
                       AND coalesce(least(charged_first_no, issued_first_no), home_no) = home_no
                       AND coalesce(greatest(charged_last_no, issued_last_no), home_no) = home_no
                       AND coalesce(least(charged_from, issued_from), first_date) >= first_date
                       AND coalesce(greatest(charged_until, issued_until), last_date) <= last_date) AS holds
            FROM plant FULL JOIN account USING (home_no) FULL JOIN charged USING (storage_no)
            FULL JOIN issued USING (storage_no)
        """,
    ),
    Law(
        law="STORED_SLOTS",
        title="no more is certified out of a battery in a slot than it gave the home itself",
        sentence="home {home_no} {delivery_date} slot {slot_no}: {stored_wh} Wh certified out of the battery, which "
        "gave {discharge_wh}, of it {grid_export_wh} to the grid",
        # A correction after storing leaves the account as it was made: only the revision that it saw is compared.
        cases_sql="""
            WITH stored AS (
                SELECT certificate.home_no AS party_no, certificate.delivery_date, segments.slot_no,
                       sum(segments.hi_wh - segments.lo_wh) AS stored_wh
                FROM certificate JOIN segments ON segments.certificate_id = certificate.certificate_id
                JOIN market_day ON market_day.delivery_date = certificate.delivery_date
                     AND revision_in_force = certificate.revision
                WHERE certificate.storage_no <> 0 GROUP BY ALL)
            SELECT party_no AS home_no, delivery_date, slot_no, coalesce(stored_wh, 0) AS stored_wh, discharge_wh,
                   grid_export_wh, stored_wh IS NULL OR stored_wh <= discharge_wh - grid_export_wh AS holds
            FROM slot_energy FULL JOIN stored USING (party_no, delivery_date, slot_no)
        """,
    ),
    Law(
        law="LOTS_USED",
        title="what was bought elsewhere is used by its buyer, watt-hour after watt-hour, once",
        sentence="lot {lot_id} of {buyer_no}: {quantity_wh} Wh, uses have {used_wh} and end at {end_wh}; or its "
        "serials stand in another lot, or somebody else used it",
        cases_sql="""
            WITH walked AS (
                SELECT *, lag(hi_wh, 1, 0) OVER (PARTITION BY lot_no ORDER BY lo_wh) AS reached_wh FROM outside_use),
            used AS (
                SELECT lot_no, bool_and(lo_wh = reached_wh AND hi_wh > lo_wh) AS is_joined, max(hi_wh) AS end_wh,
                       sum(hi_wh - lo_wh) AS used_wh, min(beneficiary_no) AS first_no, max(beneficiary_no) AS last_no
                FROM walked GROUP BY ALL),
            numbered AS (
                SELECT lot_no, scheme, regexp_extract(serial_first, '^(.*?)[0-9]{1,18}$', 1) AS prefix,
                       regexp_extract(serial_first, '[0-9]{1,18}$')::BIGINT AS first_serial_no,
                       regexp_extract(serial_last, '[0-9]{1,18}$')::BIGINT AS last_serial_no
                FROM outside_lot),
            shared AS (
                SELECT DISTINCT own.lot_no FROM numbered AS own JOIN numbered AS other ON other.lot_no <> own.lot_no
                     AND other.scheme = own.scheme AND other.prefix = own.prefix
                     AND other.first_serial_no <= own.last_serial_no AND own.first_serial_no <= other.last_serial_no)
            SELECT lot_id, buyer_no, quantity_wh, coalesce(used_wh, 0) AS used_wh, coalesce(end_wh, 0) AS end_wh,
                   outside_lot.lot_no IS NOT NULL AND outside_lot.lot_no NOT IN (SELECT lot_no FROM shared)
                   AND coalesce(is_joined, true) AND coalesce(end_wh, 0) <= quantity_wh
                   AND coalesce(used_wh, 0) = coalesce(end_wh, 0)
                   AND coalesce(first_no, buyer_no) = buyer_no AND coalesce(last_no, buyer_no) = buyer_no AS holds
            FROM outside_lot FULL JOIN used ON used.lot_no = outside_lot.lot_no
        """,
    ),
    Law(
        law="TOPPED_UP",
        title="no more is topped up than roofs left uncovered of final days, per buyer and month",
        sentence="buyer {buyer_no} {month}: {covered_wh} Wh topped up; used {use_wh}, not covered by roofs {needed_wh}",
        # A correction after topping up may let a roof cover what was covered already; then use alone is the limit.
        cases_sql="""
            WITH flow AS (
                SELECT holder_no AS party_no, delivery_date, slot_no, energy_wh FROM allocations WHERE choice_no > 0
                UNION ALL SELECT holder_no, delivery_date, slot_no, debt_wh FROM debt
                UNION ALL SELECT tenant_no, delivery_date, slot_no, energy_wh FROM passed_on
                UNION ALL SELECT owner_no, delivery_date, slot_no, -energy_wh FROM passed_on),
            received AS (SELECT party_no, delivery_date, slot_no, sum(energy_wh) AS received_wh FROM flow GROUP BY ALL),
            needed AS (
                SELECT party_no AS buyer_no, CAST(date_trunc('month', delivery_date) AS DATE) AS month,
                       sum(use_wh) AS use_wh, sum(greatest(use_wh - coalesce(received_wh, 0), 0)) AS needed_wh
                FROM buyer_use LEFT JOIN received USING (party_no, delivery_date, slot_no)
                JOIN market_day USING (delivery_date) WHERE is_finalised GROUP BY ALL),
            corrected AS (SELECT DISTINCT CAST(date_trunc('month', delivery_date) AS DATE) AS corrected_month
                          FROM day_run WHERE is_home_only),
            used AS (SELECT beneficiary_no AS buyer_no, month, sum(hi_wh - lo_wh) AS covered_wh
                     FROM outside_use GROUP BY ALL)
            SELECT buyer_no, month, coalesce(covered_wh, 0) AS covered_wh, use_wh, needed_wh,
                   coalesce(covered_wh, 0) <= CASE WHEN corrected_month IS NULL THEN needed_wh ELSE use_wh END AS holds
            FROM needed FULL JOIN used USING (buyer_no, month) LEFT JOIN corrected ON corrected_month = month
        """,
    ),
)
