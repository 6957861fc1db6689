"""Laws of readings: every delivered row is accounted for, and energies are what the meters showed.

Enter: readings, rejected, delivery, problem, meter, market_day, day_run, slot_energy, buyer_use. Not here: homes.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Boundaries count half hours from here; a reading belongs to the day whose slot it closes.
_EPOCH: Final = "DATE '2000-01-01'"
# Part of a half hour counts as not yet begun.
_INSTALLED: Final = f"ceil(date_diff('second', {_EPOCH}::TIMESTAMP, installed_at) / 1800)"
_REMOVED: Final = f"ceil(date_diff('second', {_EPOCH}::TIMESTAMP, removed_at) / 1800)"
_LATEST: Final = "arg_max(reading, (stage_no, source_no, received_s, delivery_no, row_no))"

METERING_LAWS: Final = (
    Law(
        law="ROWS_DELIVERED",
        title="rows delivered = readings stored + rows rejected and listed in problems, per file",
        sentence="{file_name}: {row_count} rows of which {accepted_row_count} accepted; {stored_count} stored, "
        "{rejected_count} kept as rejected, {listed_count} listed in problems",
        cases_sql="""
            WITH stored AS (SELECT delivery_no, count(*) AS stored_count FROM readings GROUP BY ALL),
            refused AS (SELECT delivery_no, count(*) AS rejected_count FROM rejected GROUP BY ALL),
            listed AS (SELECT delivery_no, sum(row_count) AS listed_count FROM problem
                       WHERE step = 'ingest' GROUP BY ALL),
            counted AS (
                SELECT file_name, file_kind, row_count, accepted_row_count, rejected_row_count,
                       coalesce(stored_count, 0) AS stored_count, coalesce(rejected_count, 0) AS rejected_count,
                       coalesce(listed_count, 0) AS listed_count
                FROM delivery LEFT JOIN stored USING (delivery_no) LEFT JOIN refused USING (delivery_no)
                LEFT JOIN listed USING (delivery_no))
            SELECT *, accepted_row_count = stored_count AND rejected_row_count = rejected_count
                      AND rejected_count = listed_count AND row_count = stored_count + rejected_count AS holds
            FROM counted WHERE file_kind IN ('registers', 'energies')
        """,
    ),
    Law(
        law="ROWS_USED",
        title="readings of a closed day = used + superseded + set aside and listed in problems",
        sentence="{delivery_date}: {row_count} rows of {reading_count} readings; used {used_row_count}, superseded "
        "{superseded_row_count}, set aside {set_aside_row_count} of which {listed_count} listed in problems",
        cases_sql=f"""
            WITH series AS (
                -- One bit for each half hour that has a reading.
                SELECT meter_no, channel_no, (boundary - 1) // 48 AS day_no, count(*) AS row_count,
                       bit_count(bit_or(1::BIGINT << (boundary - 1) % 48)) AS reading_count
                FROM readings GROUP BY ALL),
            stamped AS (
                SELECT {_EPOCH} + day_no AS delivery_date, sum(row_count) AS row_count,
                       sum(reading_count) AS reading_count
                FROM series GROUP BY ALL),
            listed AS (SELECT delivery_date, sum(row_count) AS listed_count FROM problem
                       WHERE step = 'close-day' GROUP BY ALL),
            counted AS (
                SELECT delivery_date, coalesce(row_count, 0) AS row_count, coalesce(reading_count, 0) AS reading_count,
                       used_row_count, superseded_row_count, set_aside_row_count,
                       coalesce(listed_count, 0) AS listed_count
                FROM market_day JOIN day_run USING (delivery_date) LEFT JOIN stamped USING (delivery_date)
                LEFT JOIN listed USING (delivery_date)
                WHERE revision = revision_in_force AND NOT is_stale)
            SELECT *, used_row_count + superseded_row_count + set_aside_row_count = row_count
                      AND superseded_row_count = row_count - reading_count
                      AND set_aside_row_count = listed_count AS holds
            FROM counted
        """,
    ),
    Law(
        law="REGISTER_ENERGY",
        title="energy from a count that stands to the next = their difference, per home and channel",
        sentence="home {home_no} {delivery_date} to {last_date} channel {channel_no}: slots {energy_wh} Wh, registers "
        "{counted_wh} Wh",
        cases_sql=f"""
            WITH register AS (
                SELECT meter_no, party_no, unit_wh, 10 ** digits AS turn_count,
                       {_INSTALLED} AS installed, {_REMOVED} AS removed
                FROM meter WHERE digits > 0),
            fresh AS (SELECT slot_energy.* FROM slot_energy JOIN market_day USING (delivery_date) WHERE NOT is_stale),
            energies AS (
                SELECT delivery_date, party_no, 1 AS channel_no, sum(import_wh) AS energy_wh,
                       min(import_quality) AS worst_quality, arg_min(import_quality, slot_no) AS first_quality,
                       arg_max(import_quality, slot_no) AS last_quality FROM fresh GROUP BY ALL
                UNION ALL
                SELECT delivery_date, party_no, 2, sum(export_wh), min(export_quality),
                       arg_min(export_quality, slot_no), arg_max(export_quality, slot_no) FROM fresh GROUP BY ALL),
            -- The count at midnight stands where a slot beside it was measured by it; a gap may reach over others.
            opened AS (
                SELECT *, coalesce(lag(delivery_date) OVER series = delivery_date - 1, false) AS goes_on,
                       first_quality = 3 OR (goes_on AND lag(last_quality) OVER series = 3) AS opens
                FROM energies WINDOW series AS (PARTITION BY party_no, channel_no ORDER BY delivery_date)),
            numbered AS (
                SELECT *, count(*) FILTER (opens OR NOT goes_on) OVER series AS run_no
                FROM opened WINDOW series AS (PARTITION BY party_no, channel_no ORDER BY delivery_date)),
            run AS (
                SELECT party_no, channel_no, run_no, min(delivery_date) AS delivery_date,
                       max(delivery_date) AS last_date, sum(energy_wh) AS energy_wh,
                       min(worst_quality) AS worst_quality, arg_min(opens, delivery_date) AS opens,
                       arg_max(last_quality, delivery_date) = 3 AS closes
                FROM numbered GROUP BY ALL),
            bounded AS (
                SELECT *, closes OR (lead(opens) OVER series AND lead(delivery_date) OVER series = last_date + 1)
                              AS is_closed
                FROM run WINDOW series AS (PARTITION BY party_no, channel_no ORDER BY run_no)),
            judged AS (
                SELECT delivery_date, last_date, party_no, channel_no, energy_wh,
                       date_diff('day', {_EPOCH}, delivery_date) * 48 AS first_start,
                       date_diff('day', {_EPOCH}, last_date) * 48 + 48 AS last_end
                FROM bounded WHERE opens AND is_closed AND worst_quality >= 2),
            serving AS (
                SELECT delivery_date, last_date, party_no, channel_no, energy_wh, meter_no, unit_wh, turn_count,
                       greatest(first_start, installed)::INT AS first_boundary,
                       least(last_end, coalesce(removed, last_end))::INT AS last_boundary
                FROM judged JOIN register USING (party_no)
                WHERE installed < last_end AND coalesce(removed > first_start, true)),
            latest AS (
                SELECT meter_no, channel_no, boundary, {_LATEST} AS reading FROM readings
                WHERE channel_no IN (1, 2) AND boundary IN (SELECT first_boundary FROM serving
                                                            UNION SELECT last_boundary FROM serving)
                GROUP BY ALL),
            counted AS (
                SELECT delivery_date, last_date, party_no AS home_no, serving.channel_no, energy_wh,
                       sum((closing.reading - opening.reading + turn_count)::HUGEINT % turn_count::HUGEINT * unit_wh)
                           AS counted_wh,
                       count(*) = count(closing.reading - opening.reading) AS is_read
                FROM serving
                LEFT JOIN latest AS opening ON opening.meter_no = serving.meter_no
                    AND opening.channel_no = serving.channel_no AND opening.boundary = first_boundary
                LEFT JOIN latest AS closing ON closing.meter_no = serving.meter_no
                    AND closing.channel_no = serving.channel_no AND closing.boundary = last_boundary
                GROUP BY ALL)
            SELECT *, energy_wh = counted_wh AS holds
            FROM counted WHERE is_read
        """,
    ),
    Law(
        law="INTERVAL_ENERGY",
        title="measured generation and use = the meters' latest readings, per party and day",
        sentence="{party_no} {delivery_date} channel {channel_no}: slots {energy_wh} Wh, readings {read_wh} Wh",
        cases_sql=f"""
            WITH measured AS (
                SELECT delivery_date, party_no, slot_no, 3 AS channel_no, pv_wh AS energy_wh FROM slot_energy
                WHERE pv_quality = 3
                UNION ALL SELECT delivery_date, party_no, slot_no, 6, use_wh FROM buyer_use WHERE use_quality = 3),
            latest AS (SELECT meter_no, channel_no, boundary, {_LATEST} AS reading FROM readings
                       WHERE channel_no IN (3, 6) GROUP BY ALL),
            shown AS (
                SELECT {_EPOCH} + (boundary - 1) // 48 AS delivery_date, party_no, (boundary - 1) % 48 + 1 AS slot_no,
                       channel_no, sum(reading::HUGEINT * unit_wh) AS read_wh
                FROM latest JOIN meter USING (meter_no)
                -- A meter that was found to be removed may have gone on delivering.
                WHERE boundary > {_INSTALLED} AND coalesce(boundary <= {_REMOVED}, true) GROUP BY ALL),
            compared AS (
                SELECT delivery_date, party_no, channel_no, sum(energy_wh) AS energy_wh, sum(read_wh) AS read_wh,
                       bool_and(energy_wh = read_wh) AS is_same
                FROM measured JOIN market_day USING (delivery_date)
                LEFT JOIN shown USING (delivery_date, party_no, slot_no, channel_no)
                -- What buyers used stands once a day is final: later readings change homes alone.
                WHERE NOT is_stale AND NOT (channel_no = 6 AND is_finalised) GROUP BY ALL)
            SELECT delivery_date, party_no, channel_no, energy_wh, read_wh, is_same AND energy_wh = read_wh AS holds
            FROM compared
        """,
    ),
)
