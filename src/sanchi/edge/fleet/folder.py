"""The fleet folder: immutable parts named by the digest of their bytes; the manifest, written last, lists them.

Enter and leave: FleetManifest, Arrow tables. Not here: the columns (tables), where the bytes go (place).
A folder without a manifest holds nothing yet: whatever a crash left, no reader ever finds it.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date
from hashlib import sha256
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from sanchi.core.base.errors import SanchiError, UnknownRecord, WrongInput
from sanchi.edge.fleet.place import BEING_WRITTEN, Place
from sanchi.edge.fleet.tables import BLOCK_HOMES, FLEET_SCHEMAS, parquet_bytes, row_groups_by_home

MANIFEST_NAME: Final = "manifest.json"
FORMAT: Final = "sanchi-fleet/1"
PARQUET_SUFFIX: Final = ".parquet"
# Homes and buyers are int32 in the files; every worker holds a day's table of all buyers.
N_HOMES_MAX: Final = 2**31 - 1
N_BUYERS_MAX: Final = 1_000_000
_COUNT_MAX: Final = 2**62
_PART_NAME: Final = re.compile(
    rf"({'|'.join(FLEET_SCHEMAS)})/[0-9a-f]{{64}}\.parquet(\.\d+\.\d+{re.escape(BEING_WRITTEN)})?"
)


class NoManifest(UnknownRecord):
    """The folder has no manifest: nothing was ever written there to the end."""


class UnfitManifest(WrongInput):
    """A manifest is of another format, or its parts do not cover the homes once each."""


class DamagedPart(SanchiError):
    """A part of a fleet folder is missing, cut off, altered, or has other columns than its table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetPart:
    """One file: rows of the homes first_home_no..last_home_no, both included (0..-1 where rows name no home)."""

    path: str
    sha256: str
    row_count: int
    first_home_no: int
    last_home_no: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PartList:
    """The parts of one table and delivery date (None: of all dates), in the order of their homes."""

    table: str
    delivery_date: date | None
    parts: tuple[FleetPart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FleetManifest:
    """What a folder holds; parameters tell people and programs in free text how it came about."""

    n_homes: int
    n_buyers: int
    part_lists: tuple[PartList, ...]
    parameters: dict[str, str] = field(default_factory=dict)

    def parts(self, table_name: str, delivery_date: date | None) -> tuple[FleetPart, ...]:
        """Give the parts of a table; UnknownRecord lists the dates there are."""
        for listed in self.part_lists:
            if (listed.table, listed.delivery_date) == (table_name, delivery_date):
                return listed.parts
        dates = [str(listed.delivery_date) for listed in self.part_lists if listed.table == table_name]
        there = ", ".join(dates) or "none"
        raise UnknownRecord(
            f"The fleet folder has no {table_name} of {delivery_date or 'all dates'} (there: {there}).",
            hint="Choose one of the dates that the manifest lists.",
        )

    def blocks(self, table_name: str, delivery_date: date | None) -> tuple[FleetPart, ...]:
        """Give the parts of a table by home, checked to cover the homes once each. Raises: UnfitManifest."""
        parts = self.parts(table_name, delivery_date)
        next_home_no = 0
        for part in parts:
            if part.first_home_no != next_home_no or part.last_home_no < part.first_home_no:
                raise UnfitManifest(
                    f"{table_name} of {delivery_date or 'all dates'}: {part.path} holds the homes "
                    f"{part.first_home_no}..{part.last_home_no}, expected to begin at {next_home_no}.",
                    hint="Write the fleet folder anew; parts follow each other without gap or overlap.",
                )
            if part.last_home_no - part.first_home_no >= BLOCK_HOMES:
                raise UnfitManifest(
                    f"{table_name} of {delivery_date or 'all dates'}: {part.path} holds the homes "
                    f"{part.first_home_no}..{part.last_home_no}, expected at most {BLOCK_HOMES} of them.",
                    hint="Write the fleet folder anew in smaller blocks: a worker holds a whole one.",
                )
            next_home_no = part.last_home_no + 1
        if next_home_no != self.n_homes:
            raise UnfitManifest(
                f"{table_name} of {delivery_date or 'all dates'} covers {next_home_no} homes, expected {self.n_homes}.",
                hint="Write the fleet folder anew.",
            )
        return parts


@dataclass(frozen=True, slots=True)
class FleetFolder:
    """A fleet or a result at a place; small enough to be sent to any worker."""

    place: Place

    @classmethod
    def at(cls, location: str) -> "FleetFolder":
        """Name a folder: a local path or s3://bucket/prefix."""
        return cls(Place(location))

    def manifest(self) -> FleetManifest:
        """Read the manifest. Raises: NoManifest, UnfitManifest."""
        content = self.place.read(MANIFEST_NAME)
        if content is None:
            raise NoManifest(
                f"{self.place.location} has no {MANIFEST_NAME}.",
                hint="Name a finished fleet folder; one without a manifest was never written to the end.",
            )
        return manifest_from_json(content.to_pybytes())

    def write_part(
        self, table_name: str, row_groups: Iterable[pa.Table], *, first_home_no: int = 0, last_home_no: int = -1
    ) -> FleetPart:
        """Write row groups as one immutable part; the same content again gives the same file."""
        content, row_count = parquet_bytes(table_name, row_groups)
        digest = sha256(content).hexdigest()
        path = f"{table_name}/{digest}{PARQUET_SUFFIX}"
        self.place.write(path, content)
        return FleetPart(
            path=path, sha256=digest, row_count=row_count, first_home_no=first_home_no, last_home_no=last_home_no
        )

    def write_homes(self, table_name: str, table: pa.Table, *, first_home_no: int, last_home_no: int) -> FleetPart:
        """Write a table ordered by home as one part, cut into the fixed row groups."""
        row_groups = row_groups_by_home(table)
        return self.write_part(table_name, row_groups, first_home_no=first_home_no, last_home_no=last_home_no)

    def open_part(self, table_name: str, part: FleetPart) -> pq.ParquetFile:
        """Open a part whose bytes and columns are as the manifest says. Raises: DamagedPart."""
        content = self.place.read(part.path)
        if content is None:
            raise damaged_part(self, part, "it is missing")
        if sha256(content).hexdigest() != part.sha256:
            raise damaged_part(self, part, f"its {content.size} bytes have another digest")
        try:
            file = pq.ParquetFile(pa.BufferReader(content))
        except (pa.ArrowException, OSError) as error:
            raise damaged_part(self, part, "it is no Parquet file") from error
        if not file.schema_arrow.remove_metadata().equals(FLEET_SCHEMAS[table_name]):
            raise damaged_part(self, part, f"its columns are not those of {table_name}")
        if file.metadata.num_rows != part.row_count:
            raise damaged_part(self, part, f"it has {file.metadata.num_rows} rows instead of {part.row_count}")
        return file

    def publish(self, manifest: FleetManifest) -> None:
        """Write the manifest: from now on readers find the parts."""
        self.place.write(MANIFEST_NAME, manifest_to_json(manifest).encode("utf-8"))

    def sweep(self) -> int:
        """Remove parts that no manifest names and files half written; only while nobody else writes. Returns: count."""
        content = self.place.read(MANIFEST_NAME)
        known = {MANIFEST_NAME}
        if content is not None:
            for listed in self.manifest().part_lists:
                known.update(part.path for part in listed.parts)
        names = self.place.names((PARQUET_SUFFIX, BEING_WRITTEN))
        # Only names that a fleet folder gives: whatever else somebody keeps there is not ours to remove.
        orphans = [name for name in names if name not in known and _PART_NAME.fullmatch(name)]
        for name in orphans:
            self.place.remove(name)
        return len(orphans)


def home_blocks(n_homes: int, block_homes: int = BLOCK_HOMES) -> list[tuple[int, int]]:
    """Cut the homes into blocks (first_home_no, last_home_no), both included."""
    return [(first, min(first + block_homes, n_homes) - 1) for first in range(0, n_homes, block_homes)]


def manifest_to_json(manifest: FleetManifest) -> str:
    """Lay a manifest out as JSON; equal manifests give equal text."""
    document: dict[str, Any] = {
        "format": FORMAT,
        "n_homes": manifest.n_homes,
        "n_buyers": manifest.n_buyers,
        "parameters": manifest.parameters,
        "tables": [
            {
                "table": listed.table,
                "delivery_date": listed.delivery_date.isoformat() if listed.delivery_date else None,
                "parts": [asdict(part) for part in listed.parts],
            }
            for listed in manifest.part_lists
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def manifest_from_json(text: str | bytes) -> FleetManifest:
    """Read a manifest, each field of its own type and range. Raises: UnfitManifest."""
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise UnfitManifest(
                f"The manifest has the format {document['format']!r}, expected {FORMAT!r}.",
                hint="Write the fleet folder anew with this version.",
            )
        part_lists = tuple(_part_list(listed) for listed in document["tables"])
        _demand(
            len({(each.table, each.delivery_date) for each in part_lists}) == len(part_lists), "a table stands twice"
        )
        parameters = document["parameters"]
        _demand(all(isinstance(text, str) for text in parameters.values()), "a parameter is no text")
        return FleetManifest(
            n_homes=_count(document, "n_homes", 0, N_HOMES_MAX),
            n_buyers=_count(document, "n_buyers", 0, N_BUYERS_MAX),
            parameters=parameters,
            part_lists=part_lists,
        )
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UnfitManifest(
            f"The manifest cannot be read as {FORMAT} ({type(error).__name__}: {error}).",
            hint="Write the fleet folder anew.",
        ) from error


def _part_list(listed: dict[str, Any]) -> PartList:
    """Read the parts of one table and date."""
    day, table_name = listed["delivery_date"], listed["table"]
    _demand(table_name in FLEET_SCHEMAS, f"there is no table {table_name!r}")
    return PartList(
        table=table_name,
        delivery_date=None if day is None else date.fromisoformat(day),
        parts=tuple(_part(table_name, part) for part in listed["parts"]),
    )


def _part(table_name: str, document: dict[str, Any]) -> FleetPart:
    """Read a part; its path follows from table and digest, so that none leads out of the folder."""
    digest = document["sha256"]
    path = f"{table_name}/{digest}{PARQUET_SUFFIX}"
    _demand(
        document["path"] == path and _PART_NAME.fullmatch(path) is not None, f"{document['path']!r} is no part's path"
    )
    return FleetPart(
        path=path,
        sha256=digest,
        row_count=_count(document, "row_count", 0, _COUNT_MAX),
        first_home_no=_count(document, "first_home_no", 0, N_HOMES_MAX),
        last_home_no=_count(document, "last_home_no", -1, N_HOMES_MAX),
    )


def _count(document: dict[str, Any], name: str, lowest: int, highest: int) -> int:
    """Read a whole number of a range; JSON's true and 1.0 are none."""
    count = document[name]
    is_fit = type(count) is int and lowest <= count <= highest
    _demand(is_fit, f"{name} is {count!r}, expected {lowest}..{highest}")
    return int(count)


def _demand(is_fit: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise what manifest_from_json tells as UnfitManifest."""
    if not is_fit:
        raise ValueError(otherwise)


def damaged_part(folder: FleetFolder, part: FleetPart, finding: str) -> DamagedPart:
    """Word what is wrong with a part."""
    return DamagedPart(
        f"The part {folder.place.location}/{part.path} is not what was written: {finding}.",
        hint="Restore it from a backup, or write the fleet folder anew.",
    )
