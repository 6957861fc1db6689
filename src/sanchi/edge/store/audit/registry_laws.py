"""Laws of what was done with certificates: events tell how slices came to stand, and what they refer to adds up.

Enter: certificate, slice, segments, registry_operation, slice_event, reservation, export_lot, home_day, debt.
Not here: what certificates were issued for (certificate_laws), the log of operations.
"""

from typing import Final

from sanchi.edge.store.audit.law import Law

# Written down here once more: the audit does not ask the code that it judges.
ACTIVE: Final = 1
RESERVED: Final = 2
EXPORTED: Final = 5
WITHDRAWN: Final = 7
# What each operation may do: from which state, to which, and whether the holder may change with it.
_ALLOWED_SQL: Final = """
    allowed(operation, from_state_no, to_state_no, may_change_holder) AS (VALUES
        ('transfer', 1, 1, true), ('reserve', 1, 2, false), ('release', 2, 1, false), ('retire', 1, 3, false),
        ('retire', 2, 3, true), ('expire', 1, 4, false), ('export', 1, 5, false), ('charge', 1, 6, false),
        ('withdraw', 1, 7, false), ('withdraw', 2, 7, false))
"""
# Ranges of serials in which nothing ever changed in the middle: their first holder, and each event over them in order.
_CELLS_SQL: Final = """
    marked AS (
        SELECT certificate_id, lo_wh, holder_no,
               lag(holder_no) OVER (PARTITION BY certificate_id ORDER BY lo_wh) AS holder_before_no
        FROM segments),
    issued AS (
        SELECT certificate_id, marked.lo_wh, holder_no, quantity_wh,
               lead(marked.lo_wh, 1, quantity_wh) OVER (PARTITION BY certificate_id ORDER BY marked.lo_wh) AS hi_wh
        FROM marked JOIN certificate USING (certificate_id) WHERE holder_no IS DISTINCT FROM holder_before_no),
    mark AS (
        SELECT certificate_id, lo_wh FROM issued UNION SELECT certificate_id, lo_wh FROM slice_event
        UNION SELECT certificate_id, hi_wh FROM slice_event UNION SELECT certificate_id, lo_wh FROM slice
        UNION SELECT certificate_id, hi_wh FROM slice UNION SELECT certificate_id, quantity_wh FROM certificate),
    cut AS (
        SELECT certificate_id, lo_wh, lead(lo_wh) OVER (PARTITION BY certificate_id ORDER BY lo_wh) AS hi_wh
        FROM mark),
    cell AS (
        SELECT cut.certificate_id, cut.lo_wh, cut.hi_wh, issued.holder_no AS first_holder_no
        FROM cut LEFT JOIN issued ON issued.certificate_id = cut.certificate_id
             AND issued.lo_wh <= cut.lo_wh AND cut.lo_wh < issued.hi_wh
        WHERE cut.hi_wh IS NOT NULL),
    step AS (
        SELECT cell.*, operation_no, event_no, from_state_no, to_state_no, from_holder_no, to_holder_no, reference_no,
               lag(to_state_no, 1, 1) OVER over_cell AS state_before_no,
               lag(to_holder_no, 1, first_holder_no) OVER over_cell AS holder_before_no,
               lead(operation_no) OVER over_cell IS NULL AS is_last
        FROM cell JOIN slice_event ON slice_event.certificate_id = cell.certificate_id
             AND slice_event.lo_wh <= cell.lo_wh AND cell.lo_wh < slice_event.hi_wh
        WINDOW over_cell AS (PARTITION BY cell.certificate_id, cell.lo_wh ORDER BY operation_no, event_no))
"""

REGISTRY_LAWS: Final = (
    Law(
        law="OPERATIONS",
        title="operations count 1, 2, 3 and carry the number, watt-hours and digest of their events",
        sentence="operation {operation_no} {operation_id}: {event_count} events of {energy_wh} Wh written, "
        "{found_count} of {found_wh} Wh found, digests {carried_text}... and {found_text}...",
        # The id and a line feed, then seven numbers as 64-bit integers, most significant byte first.
        cases_sql="""
            WITH found AS (
                SELECT operation_no, count(*) AS found_count, sum(hi_wh - lo_wh) AS found_wh,
                       min(event_no) = 1 AND max(event_no) = count(*) AS is_counted,
                       sha256(unhex(string_agg(hex(certificate_id || chr(10)) || printf(
                           '%016x%016x%016x%016x%016x%016x%016x', lo_wh, hi_wh, from_state_no, to_state_no,
                           from_holder_no, to_holder_no, coalesce(reference_no, 0)), '' ORDER BY event_no)))
                           AS found_digest
                FROM slice_event GROUP BY ALL),
            numbered AS (SELECT *, row_number() OVER (ORDER BY operation_no) AS place_no FROM registry_operation)
            SELECT operation_no, operation_id, event_count, energy_wh, coalesce(found_count, 0) AS found_count,
                   coalesce(found_wh, 0) AS found_wh, changes_digest[:12] AS carried_text,
                   coalesce(found_digest, sha256(''))[:12] AS found_text,
                   operation_no = place_no AND event_count = coalesce(found_count, 0)
                   AND energy_wh = coalesce(found_wh, 0) AND coalesce(is_counted, true)
                   AND changes_digest = coalesce(found_digest, sha256('')) AS holds
            FROM numbered FULL JOIN found USING (operation_no)
        """,
    ),
    Law(
        law="EVENTS",
        title="each event begins where the one before it ended, and does what its operation may",
        sentence="operation {operation_no} {operation}, event {event_no}: {certificate_id} [{lo_wh}, {hi_wh}) from "
        "state {from_state_no} of {from_holder_no} to state {to_state_no} of {to_holder_no}",
        cases_sql=f"""
            WITH {_CELLS_SQL}, {_ALLOWED_SQL},
            joined AS (
                SELECT operation_no, event_no, sum(hi_wh - lo_wh) AS reached_wh,
                       bool_and(from_state_no = state_before_no AND from_holder_no = holder_before_no) AS is_joined
                FROM step GROUP BY ALL)
            SELECT operation_no, operation, event_no, certificate_id, lo_wh, hi_wh, event.from_state_no,
                   event.to_state_no, from_holder_no, to_holder_no,
                   is_joined AND reached_wh = hi_wh - lo_wh AND allowed.operation IS NOT NULL
                   AND (may_change_holder OR from_holder_no = to_holder_no)
                   AND (operation <> 'transfer' OR from_holder_no <> to_holder_no) AS holds
            FROM slice_event AS event LEFT JOIN registry_operation USING (operation_no)
            LEFT JOIN joined USING (operation_no, event_no)
            LEFT JOIN allowed USING (operation, from_state_no, to_state_no)
        """,
    ),
    Law(
        law="REPLAYED",
        title="segments and events, replayed, give the holder and state of every watt-hour",
        sentence="{certificate_id}: {wrong_wh} Wh stand otherwise than events tell, from serial {first_wrong_wh}",
        cases_sql=f"""
            WITH {_CELLS_SQL},
            last AS (SELECT * FROM step WHERE is_last),
            told AS (
                SELECT cell.certificate_id, cell.lo_wh, cell.hi_wh, coalesce(to_state_no, {ACTIVE}) AS state_no,
                       coalesce(to_holder_no, cell.first_holder_no) AS holder_no, reference_no
                FROM cell LEFT JOIN last USING (certificate_id, lo_wh)),
            held AS (
                SELECT told.certificate_id, told.lo_wh, told.hi_wh,
                       slice.state_no = told.state_no AND slice.holder_no = told.holder_no
                       AND coalesce(claim_no, reservation_no, export_lot_no, storage_no)
                           IS NOT DISTINCT FROM told.reference_no AS is_same
                FROM told LEFT JOIN slice ON slice.certificate_id = told.certificate_id
                     AND slice.lo_wh <= told.lo_wh AND told.lo_wh < slice.hi_wh)
            SELECT certificate_id, coalesce(sum(hi_wh - lo_wh) FILTER (is_same IS NOT TRUE), 0) AS wrong_wh,
                   min(lo_wh) FILTER (is_same IS NOT TRUE) AS first_wrong_wh,
                   coalesce(bool_and(coalesce(is_same, false)), false) AS holds
            FROM certificate LEFT JOIN held USING (certificate_id) GROUP BY ALL
        """,
    ),
    Law(
        law="STATES_ADD_UP",
        title="issued = all states together, per home, kind and month",
        sentence="home {home_no} {kind_no} of {month}: issued {issued_wh} Wh; active {active_wh}, reserved "
        "{reserved_wh}, retired {retired_wh}, expired {expired_wh}, exported {exported_wh}, charged {charged_wh}, "
        "withdrawn {withdrawn_wh} Wh",
        cases_sql="""
            WITH issued AS (
                SELECT home_no, kind_no, date_trunc('month', delivery_date)::DATE AS month,
                       sum(quantity_wh) AS issued_wh FROM certificate GROUP BY ALL),
            standing AS (
                SELECT home_no, kind_no, date_trunc('month', delivery_date)::DATE AS month,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 1), 0) AS active_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 2), 0) AS reserved_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 3), 0) AS retired_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 4), 0) AS expired_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 5), 0) AS exported_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 6), 0) AS charged_wh,
                       coalesce(sum(hi_wh - lo_wh) FILTER (state_no = 7), 0) AS withdrawn_wh
                FROM slice JOIN certificate USING (certificate_id) GROUP BY ALL)
            SELECT *, issued_wh = active_wh + reserved_wh + retired_wh + expired_wh + exported_wh + charged_wh
                      + withdrawn_wh AS holds
            FROM issued FULL JOIN standing USING (home_no, kind_no, month)
        """,
    ),
    Law(
        law="RESERVED",
        title="a promise has the watt-hours that were reserved for it, and is used by its party alone",
        sentence="reservation {reservation_no} for {party_no}: {energy_wh} Wh promised, {reserved_wh} reserved, "
        "{used_wh} Wh used by others, {held_wh} Wh still reserved",
        cases_sql=f"""
            WITH {_CELLS_SQL},
            promised AS (SELECT reference_no AS reservation_no, sum(hi_wh - lo_wh) AS reserved_wh FROM slice_event
                         WHERE to_state_no = {RESERVED} GROUP BY ALL),
            before AS (SELECT *, lag(reference_no) OVER (PARTITION BY certificate_id, lo_wh
                                                         ORDER BY operation_no, event_no) AS reservation_no FROM step),
            used AS (
                SELECT reservation_no, sum(hi_wh - lo_wh) AS used_wh FROM before JOIN reservation USING (reservation_no)
                WHERE from_state_no = {RESERVED} AND to_state_no = 3 AND to_holder_no <> party_no GROUP BY ALL),
            held AS (SELECT reservation_no, sum(hi_wh - lo_wh) AS held_wh FROM slice
                     WHERE state_no = {RESERVED} GROUP BY ALL)
            SELECT reservation_no, party_no, energy_wh, coalesce(reserved_wh, 0) AS reserved_wh,
                   coalesce(used_wh, 0) AS used_wh, coalesce(held_wh, 0) AS held_wh,
                   energy_wh = coalesce(reserved_wh, 0) AND coalesce(used_wh, 0) = 0
                   AND coalesce(held_wh, 0) <= energy_wh AS holds
            FROM reservation LEFT JOIN promised USING (reservation_no) LEFT JOIN used USING (reservation_no)
            LEFT JOIN held USING (reservation_no)
        """,
    ),
    Law(
        law="EXPORT_LOTS",
        title="a lot has the watt-hours of its slices, in whole units, and carries the rest exactly",
        sentence="lot {lot_no} of {scheme}, {holder_no} {kind_no} {month}: {carry_in_wh} + {energy_wh} Wh = "
        "{unit_count} x {unit_wh} + {carry_out_wh} Wh; {found_wh} Wh in its slices",
        cases_sql=f"""
            WITH found AS (
                SELECT export_lot_no AS lot_no, sum(hi_wh - lo_wh) AS found_wh, min(slice.holder_no) AS first_no,
                       max(slice.holder_no) AS last_no, min(kind_no) AS first_kind_no, max(kind_no) AS last_kind_no,
                       min(delivery_date) AS first_date, max(delivery_date) AS last_date,
                       bool_and(is_finalised) AS is_final
                FROM slice JOIN certificate USING (certificate_id) JOIN market_day USING (delivery_date)
                WHERE state_no = {EXPORTED} GROUP BY ALL),
            followed AS (
                SELECT *, lag(lot_no) OVER series AS before_no, lag(carry_out_wh, 1, 0) OVER series AS left_wh,
                       lag(unit_wh, 1, unit_wh) OVER series AS unit_before_wh
                FROM export_lot WINDOW series AS (PARTITION BY scheme, holder_no, kind_no ORDER BY month))
            SELECT lot_no, scheme, holder_no, kind_no, month, unit_wh, unit_count, energy_wh, carry_in_wh, carry_out_wh,
                   coalesce(found_wh, 0) AS found_wh,
                   found_wh = energy_wh AND carry_in_wh + energy_wh = unit_count * unit_wh + carry_out_wh
                   AND carry_out_wh BETWEEN 0 AND unit_wh - 1 AND carry_in_wh = left_wh AND unit_wh = unit_before_wh
                   AND previous_lot_no IS NOT DISTINCT FROM before_no
                   AND first_no = holder_no AND last_no = holder_no AND first_kind_no = kind_no
                   AND last_kind_no = kind_no AND date_trunc('month', first_date) = month
                   AND date_trunc('month', last_date) = month AND is_final AS holds
            FROM followed FULL JOIN found USING (lot_no)
        """,
    ),
)
