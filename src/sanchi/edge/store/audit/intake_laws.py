"""Laws of decoded files: records and rows are all accounted for, and half hours are what their minutes add up to.

Enter: delivery, decoded_delivery, readings, parts, events, rejected, problem, month_value, month_spread, meter.
Not here: files of readings.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

_EPOCH_S: Final = "946652400"  # 2000-01-01 00:00 JST
_NEWEST: Final = "(received_s, delivery_no, row_no)"

INTAKE_LAWS: Final = (
    Law(
        law="RECORDS_DECODED",
        title="records of a decoded file = with rows + in problems alone + passed over",
        sentence="{file_name}: {record_count} records; {carrying_record_count} with rows, {problem_record_count} in "
        "problems, {passed_over_record_count} passed over; {record_problem_count} problems told",
        cases_sql="""
            SELECT file_name, record_count, carrying_record_count, problem_record_count, passed_over_record_count,
                   record_problem_count,
                   record_count = carrying_record_count + problem_record_count + passed_over_record_count
                   AND record_problem_count >= problem_record_count
                   AND decoded_delivery.row_count >= carrying_record_count AS holds
            FROM delivery LEFT JOIN decoded_delivery USING (delivery_no)
            WHERE file_kind IN ('frames', 'sklines', 'ctcloud', 'gatewaycloud', 'events', 'tso', 'vendor')
               OR record_count IS NOT NULL
        """,
    ),
    Law(
        law="ROWS_DECODED",
        title="rows of a decoded file = readings + parts + values of months + rejected, all stored",
        sentence="{file_name}: {row_count} rows, {reading_count} readings of {wanted_reading_count}, "
        "{part_count} parts of {part_row_count}, {month_count} months of {month_row_count}, "
        "{rejected_count} kept as rejected of {wanted_rejected_count}, "
        "{listed_count} listed in problems, {stored_event_count} events of {event_count}",
        cases_sql="""
            WITH read AS (SELECT delivery_no, count(*) AS reading_count FROM readings GROUP BY ALL),
            parted AS (SELECT delivery_no, count(*) AS part_count FROM parts GROUP BY ALL),
            told AS (SELECT delivery_no, count(*) AS month_count FROM month_value GROUP BY ALL),
            refused AS (SELECT delivery_no, count(*) AS rejected_count FROM rejected GROUP BY ALL),
            noticed AS (SELECT delivery_no, count(*) AS stored_event_count FROM events GROUP BY ALL),
            listed AS (SELECT delivery_no, sum(row_count) AS listed_count FROM problem
                       WHERE step = 'ingest' GROUP BY ALL),
            counted AS (
                SELECT file_name, delivery.row_count, delivery.accepted_row_count AS taken_count,
                       delivery.rejected_row_count AS wanted_rejected_count,
                       decoded_delivery.row_count + record_problem_count AS wanted_row_count,
                       decoded_delivery.accepted_row_count + part_row_count + month_row_count AS wanted_taken_count,
                       decoded_delivery.accepted_row_count + slot_reading_count AS wanted_reading_count,
                       decoded_delivery.rejected_row_count + record_problem_count AS decoded_rejected_count,
                       part_row_count, month_row_count, event_count, coalesce(month_count, 0) AS month_count,
                       coalesce(reading_count, 0) AS reading_count,
                       coalesce(part_count, 0) AS part_count, coalesce(rejected_count, 0) AS rejected_count,
                       coalesce(stored_event_count, 0) AS stored_event_count, coalesce(listed_count, 0) AS listed_count
                FROM decoded_delivery JOIN delivery USING (delivery_no) LEFT JOIN read USING (delivery_no)
                LEFT JOIN parted USING (delivery_no) LEFT JOIN told USING (delivery_no)
                LEFT JOIN refused USING (delivery_no)
                LEFT JOIN noticed USING (delivery_no) LEFT JOIN listed USING (delivery_no))
            SELECT *, row_count = wanted_row_count AND taken_count = wanted_taken_count
                      AND row_count = taken_count + rejected_count AND reading_count = wanted_reading_count
                      AND part_count = part_row_count AND month_count = month_row_count
                      AND wanted_rejected_count = rejected_count
                      AND decoded_rejected_count = rejected_count AND listed_count = rejected_count
                      AND stored_event_count = event_count AS holds
            FROM counted
        """,
    ),
    Law(
        law="SLOTS_ADDED_UP",
        title="energy added up for a half hour = its newest minutes, at most five of them made up",
        sentence="meter {meter_no} channel {channel_no} half hour {boundary}: {reading} Wh read, {energy_ws} Ws in "
        "{covered_s} s of parts",
        cases_sql=f"""
            WITH newest AS (
                SELECT meter_no, channel_no, stamp_s, interval_s, arg_max(energy_ws, {_NEWEST}) AS energy_ws
                FROM parts GROUP BY ALL),
            -- By length, so that each part is looked up where a longer one would stand: millions of minutes have none.
            lengths AS (SELECT DISTINCT interval_s AS length_s FROM newest),
            looked_up AS (
                SELECT meter_no, channel_no, stamp_s, newest.interval_s, length_s,
                       (stamp_s + length_s - 1) // length_s * length_s AS longer_stamp_s
                FROM newest JOIN lengths ON length_s > newest.interval_s),
            covered AS (
                SELECT looked_up.* FROM looked_up SEMI JOIN newest AS longer
                ON longer.meter_no = looked_up.meter_no AND longer.channel_no = looked_up.channel_no
                   AND longer.stamp_s = longer_stamp_s AND longer.interval_s = length_s),
            counting AS (SELECT * FROM newest ANTI JOIN covered USING (meter_no, channel_no, stamp_s, interval_s)),
            summed AS (
                SELECT meter_no, channel_no, (stamp_s - {_EPOCH_S} + 1799) // 1800 AS boundary,
                       sum(energy_ws)::HUGEINT AS energy_ws, sum(interval_s)::HUGEINT AS covered_s
                FROM counting GROUP BY ALL),
            added AS (
                SELECT meter_no, channel_no, boundary, arg_max(reading, {_NEWEST}) AS reading
                FROM readings JOIN decoded_delivery USING (delivery_no)
                WHERE row_no > row_count GROUP BY ALL)
            SELECT meter_no, channel_no, boundary, reading, energy_ws, covered_s,
                   CASE WHEN covered_s >= 1500
                        THEN reading = (energy_ws * 3600 + covered_s * 3600) // (covered_s * 7200)
                        ELSE reading IS NULL END AS holds
            FROM summed FULL JOIN added USING (meter_no, channel_no, boundary)
        """,
    ),
    Law(
        law="MONTHS_SPREAD",
        title="the half hours of a month that was spread = its value, per meter and channel",
        sentence="meter {meter_no} channel {channel_no} month {month}: half hours {spread_wh} Wh in {read_count} of "
        "{slot_count}, value {energy_wh} Wh",
        cases_sql="""
            WITH spread AS (
                SELECT month_spread.delivery_no, meter_no, channel_no, month, energy_wh, first_boundary, slot_count
                FROM month_spread JOIN month_value ON month_value.delivery_no = value_delivery_no
                     AND month_value.row_no = value_row_no),
            read AS (
                SELECT spread.delivery_no, spread.meter_no, spread.channel_no, spread.month,
                       count(reading) AS read_count, coalesce(sum(reading), 0) AS spread_wh,
                       coalesce(min(reading), 0) AS least_wh
                FROM spread LEFT JOIN readings ON readings.delivery_no = spread.delivery_no
                     AND readings.meter_no = spread.meter_no AND readings.channel_no = spread.channel_no
                     AND boundary >= first_boundary AND boundary < first_boundary + slot_count
                GROUP BY ALL)
            SELECT meter_no, channel_no, month, energy_wh, slot_count, read_count, spread_wh,
                   spread_wh = energy_wh AND read_count = slot_count AND least_wh >= 0 AS holds
            FROM spread JOIN read USING (delivery_no, meter_no, channel_no, month)
        """,
    ),
    Law(
        law="MONTHS_IN_FORCE",
        title="half hours of a monthly meter = those of the month's value spread last, nothing else",
        sentence="meter {meter_id} month {month}: {foreign_count} half hours in force that no value spread, "
        "{unspread_count} of the last one that are not",
        cases_sql="""
            WITH spread AS (
                SELECT month_spread.delivery_no, meter_no, channel_no, month, first_boundary, slot_count,
                       row_number() OVER (PARTITION BY meter_no, channel_no, month
                                          ORDER BY month_spread.delivery_no DESC) = 1 AS is_last
                FROM month_spread JOIN month_value ON month_value.delivery_no = value_delivery_no
                     AND month_value.row_no = value_row_no),
            in_force AS (
                SELECT meter_no, channel_no, boundary,
                       arg_max(delivery_no, (stage_no, source_no, received_s, delivery_no, row_no)) AS delivery_no
                FROM readings WHERE meter_no IN (SELECT meter_no FROM meter WHERE cadence = 'monthly') GROUP BY ALL),
            wanted AS (
                SELECT meter_no, channel_no, month, delivery_no, first_boundary,
                       unnest(range(first_boundary, first_boundary + slot_count)) AS boundary
                FROM spread WHERE is_last),
            compared AS (
                SELECT coalesce(wanted.meter_no, in_force.meter_no) AS meter_no,
                       CAST(date_trunc('month', DATE '2000-01-01'
                            + ((coalesce(wanted.boundary, in_force.boundary) - 1) // 48)::INT) AS DATE) AS month,
                       count(*) FILTER (wanted.boundary IS NULL AND in_force.delivery_no NOT IN
                                        (SELECT delivery_no FROM month_spread)) AS foreign_count,
                       count(*) FILTER (in_force.delivery_no IS DISTINCT FROM wanted.delivery_no
                                        AND wanted.boundary IS NOT NULL) AS unspread_count
                FROM wanted FULL JOIN in_force ON wanted.meter_no = in_force.meter_no
                     AND wanted.channel_no = in_force.channel_no AND wanted.boundary = in_force.boundary
                GROUP BY ALL)
            SELECT meter_id, month, foreign_count, unspread_count, foreign_count = 0 AND unspread_count = 0 AS holds
            FROM compared JOIN meter USING (meter_no)
        """,
    ),
)
