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
# In the order of their numbers.
_CHANNEL_WORDS: Final = "'import', 'export', 'pv', 'charge', 'discharge', 'use'"
_LATEST: Final = "arg_max(reading, (stage_no, source_no, received_s, delivery_no, row_no))"

DECISIONS_SQL: Final = f"""
    SELECT meter_id || ' ' || [{_CHANNEL_WORDS}][channel_no] || ' '
           || strftime({_EPOCH} + to_minutes(30 * boundary), '%Y-%m-%d %H:%M') || ': '
           || ['set to ' || energy_wh || ' Wh', 'estimate accepted', 'withdrawn'][action_no]
           || ', by ' || decided_by || ' on ' || strftime(decided_at, '%Y-%m-%d %H:%M') || ': ' || reason
    FROM slot_decision JOIN meter USING (meter_no) ORDER BY decided_at, delivery_no, row_no
"""

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
            FROM counted WHERE file_kind IN ('registers', 'energies', 'spread')
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
                SELECT meter_no, party_no, channels, unit_wh, 10 ** digits AS turn_count,
                       {_INSTALLED} AS installed, {_REMOVED} AS removed
                FROM meter WHERE digits > 0),
            -- What an operator decided, or another way measured, no register has counted.
            counted_slot AS (
                SELECT delivery_date, party_no, channel_no, slot_no, sum(energy_wh) AS energy_wh,
                       min(CASE WHEN method_no IN (1, 4, 5, 6) THEN quality ELSE 0 END) AS quality
                FROM slot_values JOIN market_day USING (delivery_date) WHERE NOT is_stale GROUP BY ALL),
            energies AS (
                SELECT delivery_date, party_no, channel_no, sum(energy_wh) AS energy_wh, min(quality) AS worst_quality,
                       arg_min(quality, slot_no) AS first_quality, arg_max(quality, slot_no) AS last_quality
                FROM counted_slot GROUP BY ALL),
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
                WHERE list_contains(string_split(channels, '+'), [{_CHANNEL_WORDS}][channel_no])
                      AND installed < last_end AND coalesce(removed > first_start, true)),
            latest AS (
                SELECT meter_no, channel_no, boundary, {_LATEST} AS reading FROM readings
                WHERE boundary IN (SELECT first_boundary FROM serving
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
        title="the energy of a slot that a meter delivered = its reading in force, per party and day",
        sentence="{party_no} {delivery_date} channel {channel_no}: slots {energy_wh} Wh, readings {read_wh} Wh",
        cases_sql=f"""
            WITH delivered AS (
                SELECT delivery_date, party_no, meter_no, channel_no, energy_wh,
                       date_diff('day', {_EPOCH}, delivery_date) * 48 + slot_no AS boundary
                FROM slot_values JOIN market_day USING (delivery_date)
                -- What buyers used stands once a day is final: later readings change homes alone.
                WHERE method_no IN (2, 9) AND NOT is_stale AND NOT (channel_no = 6 AND is_finalised)),
            latest AS (SELECT meter_no, channel_no, boundary, {_LATEST} AS reading FROM readings
                       WHERE meter_no IN (SELECT meter_no FROM meter WHERE digits = 0) GROUP BY ALL),
            compared AS (
                SELECT delivery_date, party_no, channel_no, sum(energy_wh) AS energy_wh,
                       sum(reading::HUGEINT * unit_wh) AS read_wh,
                       bool_and(coalesce(energy_wh = reading::HUGEINT * unit_wh, false)) AS is_same
                FROM delivered JOIN (SELECT meter_no, unit_wh FROM meter) USING (meter_no)
                LEFT JOIN latest USING (meter_no, channel_no, boundary)
                GROUP BY ALL)
            SELECT delivery_date, party_no, channel_no, energy_wh, read_wh, is_same AS holds FROM compared
        """,
    ),
    Law(
        law="SLOT_VALUES",
        title="what counts in a slot adds up to its energy, per party and channel",
        sentence="{party_no} {delivery_date} channel {channel_no}: slots {energy_wh} Wh, values {value_wh} Wh",
        cases_sql=f"""
            WITH energies AS (
                {
            " UNION ALL ".join(
                f"SELECT delivery_date, party_no, slot_no, {no} AS channel_no, {name}_wh AS energy_wh FROM slot_energy"
                for no, name in ((1, "import"), (2, "export"), (3, "pv"), (4, "charge"), (5, "discharge"))
            )
        }
                UNION ALL SELECT delivery_date, party_no, slot_no, 6, use_wh FROM buyer_use),
            valued AS (
                SELECT delivery_date, party_no, channel_no, slot_no, sum(energy_wh) AS value_wh,
                       min(quality) AS worst_quality
                FROM slot_values GROUP BY ALL),
            compared AS (
                SELECT delivery_date, party_no, channel_no, sum(energy_wh) AS energy_wh, sum(value_wh) AS value_wh,
                       bool_and(
                           coalesce(energy_wh, 0) = coalesce(value_wh, 0)
                           -- Where generation is not known, what was exported of it proves as much.
                           OR (channel_no = 3 AND coalesce(worst_quality, 0) < 2 AND energy_wh > coalesce(value_wh, 0))
                       ) AS is_same
                FROM energies FULL JOIN valued USING (delivery_date, party_no, channel_no, slot_no) GROUP BY ALL)
            SELECT delivery_date, party_no, channel_no, energy_wh, value_wh, is_same AS holds FROM compared
        """,
    ),
    Law(
        law="OPERATOR_DECISIONS",
        title="what an operator decided stands as decided, with reason and person, and nothing else",
        sentence="meter {meter_id} {delivery_date} slot {slot_no} channel {channel_no}: {finding}",
        cases_sql=f"""
            WITH latest AS (
                SELECT meter_no, channel_no, boundary,
                       max_by(struct_pack(action_no, energy_wh, reason, decided_by), (decided_at, delivery_no, row_no))
                           AS decision
                FROM slot_decision GROUP BY ALL),
            decided AS (
                SELECT meter_no, channel_no, {_EPOCH} + ((boundary - 1) // 48)::INT AS delivery_date,
                       (boundary - 1) % 48 + 1 AS slot_no, decision
                FROM latest WHERE decision.action_no <> 3),
            agreed AS (
                SELECT delivery_date, meter_no, channel_no, slot_no, energy_wh, rule_wh, method_no, quality
                FROM slot_values JOIN market_day USING (delivery_date)
                WHERE NOT is_stale AND NOT (channel_no = 6 AND is_finalised)),
            compared AS (
                SELECT meter_id, delivery_date, slot_no, channel_no,
                       CASE WHEN decision IS NULL THEN 'nobody decided'
                            ELSE 'decided by ' || decision.decided_by || ': ' || decision.reason END AS finding,
                       CASE WHEN decision IS NULL THEN energy_wh = rule_wh AND method_no <> 8
                            WHEN decision.action_no = 1 THEN method_no = 8 AND energy_wh = decision.energy_wh
                                                             AND quality = 2
                            ELSE energy_wh = rule_wh AND (method_no <> 7 OR quality <> 1) END AS holds
                FROM agreed LEFT JOIN decided USING (delivery_date, meter_no, channel_no, slot_no)
                JOIN meter USING (meter_no) WHERE decision IS NOT NULL OR method_no = 8 OR energy_wh <> rule_wh)
            SELECT * FROM compared
        """,
    ),
)
