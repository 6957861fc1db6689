"""Laws of the store itself: its guards stand, its files are what was written, revisions follow each other.

Enter: the database's schema, lake_file, day_run, market_day, the files' bytes. Not here: what the figures mean.
"""

from collections.abc import Iterable
from datetime import date, timedelta
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.edge.store.audit.law import Law
from sanchi.edge.store.books import Books
from sanchi.edge.store.schema import expected_schema, missing_schema

_EPOCH_DATE: Final = date(2000, 1, 1)

STORE_LAWS: Final = (
    Law(
        law="SCHEMA",
        title="every constraint and trigger that guards the books is in force",
        sentence="the database has no {guard}, or another one",
        cases_sql="SELECT guard, is_present AS holds FROM schema_found",
    ),
    Law(
        law="LAKE_FILES",
        title="every file of the lake is there, with the bytes and rows that were written",
        sentence="{path}: {row_count} rows in {byte_count} bytes written, found {finding}",
        cases_sql="""
            SELECT DISTINCT path, row_count, byte_count, finding,
                   digest = found_digest AND byte_count = found_byte_count AND row_count = found_row_count
                   AND contains(path, digest) AS holds
            FROM lake_file LEFT JOIN lake_found USING (path)
        """,
    ),
    Law(
        law="LAKE_COMPLETE",
        title="each revision of a day has its tables in the lake, each delivery its accepted rows",
        sentence="{subject}: {found_text}",
        cases_sql="""
            WITH wanted AS (SELECT unnest(['slot_energy', 'buyer_use', 'allocations', 'closing_times', 'segments',
                                   'slot_values'])
                                   AS table_name),
            kept AS (SELECT delivery_date, revision, table_name, count(*) AS file_count FROM lake_file
                     WHERE delivery_date IS NOT NULL GROUP BY ALL),
            day_files AS (
                SELECT delivery_date || ' revision ' || revision AS subject,
                       coalesce(file_count, 0) || ' files of ' || table_name AS found_text,
                       -- Readings that change no energy may change where it comes from; batteries give segments later.
                       file_count = 1 OR (file_count > 1 AND table_name IN ('slot_values', 'segments')) AS holds
                FROM (SELECT delivery_date, revision, table_name FROM day_run CROSS JOIN wanted)
                FULL JOIN kept USING (delivery_date, revision, table_name)),
            stored AS (SELECT delivery_no, sum(row_count) AS stored_count FROM lake_file WHERE table_name = 'readings'
                       GROUP BY ALL),
            delivered AS (
                SELECT file_name AS subject,
                       accepted_row_count || ' rows accepted, ' || coalesce(stored_count, 0) || ' in the lake'
                           AS found_text,
                       accepted_row_count = coalesce(stored_count, 0) AS holds
                FROM delivery LEFT JOIN stored USING (delivery_no) WHERE file_kind IN ('registers', 'energies'))
            SELECT * FROM day_files UNION ALL SELECT * FROM delivered
        """,
    ),
    Law(
        law="INPUTS",
        title="the readings that were there when a day was closed are those that it was closed from",
        sentence="{delivery_date}: closed from readings with the digest {readings_digest}, found {found_digest}",
        cases_sql="""
            SELECT delivery_date, day_run.readings_digest[1:12] AS readings_digest,
                   found.readings_digest[1:12] AS found_digest,
                   day_run.readings_digest = found.readings_digest AS holds
            FROM market_day JOIN day_run USING (delivery_date)
            LEFT JOIN readings_found AS found USING (delivery_date)
            WHERE revision = revision_in_force AND day_run.readings_digest <> ''
        """,
    ),
    Law(
        law="REVISIONS",
        title="revisions of a day count 1, 2, 3 without a gap; the latest is in force",
        sentence="{delivery_date}: {revision_count} revisions from {first_revision} to {last_revision}, in force "
        "{revision_in_force}",
        cases_sql="""
            WITH run AS (
                SELECT delivery_date, count(*) AS revision_count, min(revision) AS first_revision,
                       max(revision) AS last_revision, bool_or(is_home_only AND revision = 1) AS begins_home_only
                FROM day_run GROUP BY ALL)
            SELECT delivery_date, revision_count, first_revision, last_revision, revision_in_force,
                   first_revision = 1 AND last_revision = revision_count AND revision_in_force = last_revision
                   AND NOT begins_home_only AS holds
            FROM run FULL JOIN market_day USING (delivery_date)
        """,
    ),
)


def add_findings(books: Books, lake_root: Path) -> None:
    """Add to the books what no query can see: the relations schema_found, lake_found and readings_found."""
    missing = set(missing_schema())
    guards = expected_schema()
    books.add(
        "schema_found",
        pa.table(
            {"guard": list(guards), "is_present": [guard not in missing for guard in guards]},
            schema=pa.schema([("guard", pa.string()), ("is_present", pa.bool_())]),
        ),
    )
    paths = [path for (path,) in books.fetch("SELECT DISTINCT path FROM lake_file ORDER BY path")]
    books.add("lake_found", _look_at(paths, lake_root))
    books.add("readings_found", _digest_readings(books))


_FOUND: Final = pa.schema(
    [
        ("path", pa.string()),
        ("found_digest", pa.string()),
        ("found_byte_count", pa.int64()),
        ("found_row_count", pa.int64()),
        ("finding", pa.string()),
    ]
)


# Rows of the deliveries that were there when a day's revision in force was closed, with the day that they belong to.
_CLOSED_FROM_SQL: Final = """
    SELECT CAST((boundary - 1) // 48 AS BIGINT) AS day_no, delivery_no, row_no, channel_no, boundary, meter_no, reading,
           received_s, source_no, stage_no
    FROM readings
    JOIN market_day ON market_day.delivery_date = DATE '2000-01-01' + CAST((boundary - 1) // 48 AS INTEGER)
    JOIN day_run ON day_run.delivery_date = market_day.delivery_date AND revision = revision_in_force
    WHERE readings.delivery_no <= readings_delivery_no_max
    ORDER BY day_no, readings.delivery_no, row_no, channel_no, boundary
"""
_READINGS_FOUND: Final = pa.schema([("delivery_date", pa.date32()), ("readings_digest", pa.string())])


def _digest_readings(books: Books) -> pa.Table:
    """Digest what each day was closed from, by the definition of the digest and none of the code that wrote it."""
    columns = books.arrays(_CLOSED_FROM_SQL)
    day_no = columns.pop("day_no")
    rows = np.stack([column.astype("<i8") for column in columns.values()], axis=1)
    days, first = np.unique(day_no, return_index=True)
    ends = [*first[1:], day_no.size][: first.size]
    digests = [sha256(rows[start:end].tobytes()).hexdigest() for start, end in zip(first, ends, strict=True)]
    dates = [_EPOCH_DATE + timedelta(days=int(day)) for day in days]
    return pa.table({"delivery_date": dates, "readings_digest": digests}, schema=_READINGS_FOUND)


def _look_at(paths: Iterable[str], lake_root: Path) -> pa.Table:
    """Digest files and count their rows."""
    found = []
    for path in paths:
        try:
            with (lake_root / path).open("rb") as file:
                digest = file_digest(file, "sha256").hexdigest()
                byte_count = file.tell()
                row_count = pq.ParquetFile(file).metadata.num_rows
            finding = f"{row_count} rows in {byte_count} bytes with the digest {digest[:12]}"
        except FileNotFoundError:
            digest, byte_count, row_count, finding = None, None, None, "no file"
        except (OSError, pa.ArrowException) as error:
            digest, byte_count, row_count, finding = None, None, None, f"no Parquet file ({error})"
        found.append((path, digest, byte_count, row_count, finding))
    return pa.table([list(column) for column in zip(*found, strict=True)] or [[]] * len(_FOUND), schema=_FOUND)
