"""Counts what was sent, what came, and what became of it, by code that shares nothing with intake.

Enter: truth/sent.parquet, the files of the inbox, the database and the lake. Leave: Accounts, one a way.
Not here: energies.
"""

import json
import sqlite3
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sanchi.core.base.slots import JST

Key = tuple[str, int]
# The gateway's clock when it made a frame, in seconds after what the frame is about.
MADE_AFTER_S: Final = {"028801": 2, "027901": 0, "027D01": 1, "info": 0}
HEAD_BYTES: Final = 12
ANSWERS: Final = frozenset({0x72, 0x52})
INFORMS: Final = 0x73
NO_COUNT: Final = b"\xff\xff\xff\xfe"
# Class of the device -> properties with so many counts of four bytes behind so many bytes.
COUNTS_OF: Final = {
    (0x02, 0x88): {0xEA: (7, 1), 0xEB: (7, 1), 0xE2: (2, 48), 0xE4: (2, 48)},
    (0x02, 0x79): {0xE1: (0, 1)},
    (0x02, 0x7D): {0xA8: (0, 1), 0xA9: (0, 1)},
}
ENERGY_TAGS: Final = (b"<JP06123>", b"<JP06125>", b"<JP06424>")
KIND_OF: Final = {"mqtt": "frames", "br_cloud": "gatewaycloud", "ct_cloud": "ctcloud", "tso": "tso"}
EPOCH: Final = date(2000, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """What the files of one way hold: sendings by key (how often each came), records, numbers that are rows."""

    keys: Counter[Key]
    record_count: int
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """One way's account.

    sent, sent_number_count : sendings that could be had, and numbers in them. came_count : distinct ones of them that
    are in files. record_count, row_count : in the files, what came twice included. stored and rejected : in the lake.
    """

    connector: str
    sent_count: int
    sent_number_count: int
    came_count: int
    absent: tuple[Key, ...]
    record_count: int
    stored_record_count: int
    row_count: int
    problem_count: int
    reading_count: int
    part_count: int
    rejected_count: int

    @property
    def faults(self) -> list[str]:
        """Tell what does not add up."""
        found = []
        if self.absent:
            found.append(f"{self.connector}: {len(self.absent)} sendings never came, the first: {self.absent[0]}")
        if self.record_count != self.stored_record_count:
            found.append(f"{self.connector}: {self.record_count} records in files, {self.stored_record_count} counted")
        accounted = self.reading_count + self.part_count + self.rejected_count - self.problem_count
        if self.row_count != accounted:
            found.append(f"{self.connector}: {self.row_count} rows in files, {accounted} accounted for")
        return found

    @property
    def line(self) -> str:
        """Tell it in a line."""
        return (
            f"{self.connector}: sent {self.sent_count:,} with {self.sent_number_count:,} numbers, {self.came_count:,} "
            f"came; {self.record_count:,} records, {self.row_count:,} rows = {self.reading_count:,} readings + "
            f"{self.part_count:,} minutes + {self.rejected_count - self.problem_count:,} rejected; "
            f"{self.problem_count:,} records told as problems"
        )


def accounts_of(box: Path, inbox: Path, home: Path, now: datetime) -> list[Account]:
    """Make the accounts of all ways up to an instant."""
    sent = pq.read_table(box / "truth" / "sent.parquet")
    sent = sent.filter(pc.less_equal(sent["visible_at"], pa.scalar(now, sent.schema.field("visible_at").type)))
    readers = {"mqtt": _came_frames, "br_cloud": _came_readings, "ct_cloud": _came_blocks, "tso": _came_files}
    return [_account(connector, sent, reader(inbox / "taken"), home) for connector, reader in readers.items()]


def _account(connector: str, sent: pa.Table, came: Came, home: Path) -> Account:
    """Hold what was sent against what came, and that against what is stored."""
    own = sent.filter(pc.equal(sent["connector"], connector))
    wanted = Counter(_key(connector, row) for row in own.to_pylist())
    absent = wanted - came.keys
    record_count, problem_count = _decoded(home, KIND_OF[connector])
    stored = _stored(home, KIND_OF[connector])
    return Account(
        connector=connector,
        sent_count=own.num_rows,
        sent_number_count=pc.sum(own["reading_count"]).as_py() or 0,
        came_count=(wanted & came.keys).total(),
        absent=tuple(absent.elements()),
        record_count=came.record_count,
        stored_record_count=record_count,
        row_count=came.row_count,
        problem_count=problem_count,
        reading_count=stored["readings"],
        part_count=stored["parts"],
        rejected_count=stored["rejected"],
    )


def _key(connector: str, row: dict[str, Any]) -> Key:
    """Give what a sending can be told by where it comes."""
    if connector == "mqtt":
        return row["device"], int(row["about"].timestamp()) + MADE_AFTER_S[row["thing"]]
    if connector == "br_cloud":
        return row["device"], int(row["about"].timestamp())
    if connector == "ct_cloud":
        return row["device"], int(row["visible_at"].timestamp())
    return row["device"], 0


def _lines(taken: Path, kind: str) -> Iterator[dict[str, Any]]:
    """Read the lines of the files of a kind."""
    for path in sorted(taken.glob(f"{kind}-*.jsonl*")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield json.loads(line)


def _at_s(text: str) -> int:
    """Read a stamp."""
    return int(datetime.fromisoformat(text).timestamp())


def _came_frames(taken: Path) -> Came:
    """Read frames."""
    keys: Counter[Key] = Counter()
    n_records = n_rows = 0
    for line in _lines(taken, "frames"):
        n_records += 1
        keys[line["gateway"], _at_s(line["sent_at"])] += 1
        n_rows += _counts_in(bytes.fromhex(line["frame"]))
    return Came(keys=keys, record_count=n_records, row_count=n_rows)


def _counts_in(frame: bytes) -> int:
    """Count the counts in a frame; a cut one has none."""
    if len(frame) < HEAD_BYTES:
        return 0
    wanted = COUNTS_OF.get((frame[4], frame[5]), {})
    if frame[10] not in {*ANSWERS, INFORMS}:
        return 0
    place, found = HEAD_BYTES, 0
    for _ in range(frame[11]):
        if place + 2 > len(frame):
            return 0
        code, size = frame[place], frame[place + 1]
        data = frame[place + 2 : place + 2 + size]
        if len(data) < size:
            return 0
        place += 2 + size
        if size and code in wanted:
            begin, count = wanted[code]
            values = [data[n : n + 4] for n in range(begin, begin + 4 * count, 4)]
            found += sum(value != NO_COUNT for value in values)
    return found if place == len(frame) else 0


def _came_readings(taken: Path) -> Came:
    """Read the pages of the B-route cloud; its readings are numbered."""
    seen: dict[int, Key] = {}
    n_records = n_rows = 0
    for line in _lines(taken, "gatewaycloud"):
        for each in json.loads(line["body"])["readings"]:
            n_records += 1
            n_rows += (each["import"] is not None) + (each["export"] is not None)
            seen[each["no"]] = each["gatewayId"], _at_s(each["fixedTime"])
    return Came(keys=Counter(seen.values()), record_count=n_records, row_count=n_rows)


def _came_blocks(taken: Path) -> Came:
    """Read the pages of the CT cloud: of each minute generation, and two directions of the grid."""
    keys: Counter[Key] = Counter()
    n_records = n_rows = 0
    for line in _lines(taken, "ctcloud"):
        for each in json.loads(line["body"])["items"]:
            n_records += 1
            keys[each["device_id"], _at_s(each["cloud_received_at"])] += 1
            n_rows += sum(power is not None for power in each["pv_w"])
            n_rows += 2 * sum(power is not None for power in each["grid_w"])
    return Came(keys=keys, record_count=n_records, row_count=n_rows)


def _came_files(taken: Path) -> Came:
    """Read the network operator's files; their names have letters of their digest behind the stem."""
    keys: Counter[Key] = Counter()
    n_rows = 0
    for path in sorted(taken.glob("W*.zip*")):
        with zipfile.ZipFile(path) as archive:
            (name,) = archive.namelist()
            text = archive.read(name)
        keys[name.replace(".xml", ".zip"), 0] += 1
        n_rows += sum(text.count(tag) for tag in ENERGY_TAGS)
    return Came(keys=keys, record_count=n_rows, row_count=n_rows)


def _decoded(home: Path, kind: str) -> tuple[int, int]:
    """Ask the database for the records of a kind, and how many problems were told of records."""
    return _asked(
        home,
        "SELECT coalesce(sum(record_count), 0), coalesce(sum(record_problem_count), 0) FROM decoded_delivery "
        "JOIN delivery USING (market, delivery_no) WHERE file_kind = ?",
        kind,
    )[0]


def _stored(home: Path, kind: str) -> dict[str, int]:
    """Count the rows of the lake's files of a kind: what was delivered, not what minutes were added up to."""
    counts = {"readings": 0, "parts": 0, "rejected": 0}
    sql = (
        "SELECT table_name, path, decoded.row_count + 0 FROM lake_file JOIN delivery USING (market, delivery_no) "
        "JOIN decoded_delivery AS decoded USING (market, delivery_no) WHERE file_kind = ? "
        "AND table_name IN ('readings', 'parts', 'rejected') GROUP BY table_name, path, decoded.row_count"
    )
    for table, path, n_delivered in _asked(home, sql, kind):
        row_no = pq.read_table(home / "lake" / path, columns=["row_no"])["row_no"]
        counts[table] += pc.sum(pc.less_equal(row_no, n_delivered)).as_py() if table == "readings" else len(row_no)
    return counts


def used_faults(home: Path) -> tuple[dict[str, int], list[str]]:
    """Hold the readings of closed days against what their closes say became of them; gives the sums too."""
    sums = dict.fromkeys(("readings of closed days", "used", "superseded", "in problems", "of no closed day"), 0)
    rows: Counter[date] = Counter()
    distinct: dict[date, set[tuple[int, int, int]]] = {}
    for (path,) in _asked(home, "SELECT DISTINCT path FROM lake_file WHERE table_name = 'readings'"):
        table = pq.read_table(home / "lake" / path, columns=["meter_no", "channel_no", "boundary"])
        for meter, channel, boundary in zip(*(column.to_pylist() for column in table.columns), strict=True):
            day = date.fromordinal(EPOCH.toordinal() + (boundary - 1) // 48)
            rows[day] += 1
            distinct.setdefault(day, set()).add((meter, channel, boundary))
    listed = dict(
        _asked(
            home,
            "SELECT problem.delivery_date, sum(row_count) FROM problem JOIN market_day USING (market, delivery_date) "
            "WHERE step = 'close-day' AND revision = revision_in_force GROUP BY 1",
        )
    )
    found = []
    runs = _asked(
        home,
        "SELECT delivery_date, used_row_count, superseded_row_count, set_aside_row_count FROM market_day "
        "JOIN day_run USING (market, delivery_date) WHERE revision = revision_in_force",
    )
    for text, used, superseded, set_aside in runs:
        day = date.fromisoformat(text)
        n_rows, n_distinct = rows.pop(day, 0), len(distinct.get(day, ()))
        is_whole = used + superseded + set_aside == n_rows and superseded == n_rows - n_distinct
        if not is_whole or set_aside != listed.get(text, 0):
            found.append(f"{day}: {n_rows} readings, {used} used, {superseded} superseded, {set_aside} in problems")
        for name, count in zip(sums, (n_rows, used, superseded, set_aside), strict=False):
            sums[name] += count
    sums["of no closed day"] = sum(rows.values())
    return sums, found


def _asked(home: Path, sql: str, *parameters: str) -> list[Any]:
    """Ask the home's database, past sanchi."""
    with closing(sqlite3.connect(home / "sanchi.sqlite3")) as books:
        return books.execute(sql, parameters).fetchall()


def jst(at_s: int) -> str:
    """Write an instant for a person."""
    return f"{datetime.fromtimestamp(at_s, tz=JST):%Y-%m-%d %H:%M:%S}"
