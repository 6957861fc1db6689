"""A forged manifest, and a part that is no table of ours, are refused by name before anything is written."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sanchi.core.matching.kernel import Engine
from sanchi.edge.fleet.folder import MANIFEST_NAME, DamagedPart, UnfitManifest
from sanchi.edge.fleet.tables import FLEET_SCHEMAS, SUPPLY
from tests.edge.fleet.small_fleets import run, small_fleet, write_fleet


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    write_fleet(str(folder), small_fleet(50))
    return folder


@pytest.fixture
def fleet(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "fleet"))


def first_part(document: dict[str, Any], table_name: str) -> dict[str, Any]:
    """Give the first part of a table."""
    return next(listed for listed in document["tables"] if listed["table"] == table_name)["parts"][0]


def all_blocks_to(document: dict[str, Any], last_home_no: int) -> None:
    """Let the one block of homes reach further than it does."""
    document["n_homes"] = last_home_no + 1
    for name in ("supply", "choices"):
        first_part(document, name)["last_home_no"] = last_home_no


def replace_supply(fleet: Path, content: bytes, row_count: int = 0) -> None:
    """Put other bytes under a true digest."""
    digest = sha256(content).hexdigest()
    (fleet / "supply" / f"{digest}.parquet").write_bytes(content)
    document = json.loads((fleet / MANIFEST_NAME).read_text())
    changed = {"path": f"supply/{digest}.parquet", "sha256": digest, "row_count": row_count}
    first_part(document, SUPPLY).update(changed)
    (fleet / MANIFEST_NAME).write_text(json.dumps(document))


FORGERIES: dict[str, Callable[[dict[str, Any]], object]] = {
    "homes as a text": lambda document: document.update(n_homes="50"),
    "homes as a float": lambda document: document.update(n_homes=50.0),
    "buyers as a text": lambda document: document.update(n_buyers="12"),
    "buyers below none": lambda document: document.update(n_buyers=-5),
    "buyers beyond all memory": lambda document: document.update(n_buyers=2**40),
    "homes beyond all memory": lambda document: all_blocks_to(document, 2**40),
    "a block beyond all memory": lambda document: all_blocks_to(document, 2**31 - 2),
    "parameters as a list": lambda document: document.update(parameters=[1]),
    "parameters in parameters": lambda document: document.update(parameters={"seed": {"no": 1}}),
    "a table twice": lambda document: document["tables"].append(document["tables"][0]),
    "an unknown table": lambda document: document["tables"][0].update(table="prices"),
    "a part outside": lambda document: first_part(document, SUPPLY).update(path="../outside.parquet"),
    "a path that is a number": lambda document: first_part(document, SUPPLY).update(path=5),
    "a path with a NUL": lambda document: first_part(document, SUPPLY).update(path="supply/\0"),
    "a home as a text": lambda document: first_part(document, SUPPLY).update(first_home_no="0"),
    "rows as a text": lambda document: first_part(document, SUPPLY).update(row_count="5"),
}


class TestForgedManifest:
    @pytest.mark.parametrize("forge", FORGERIES.values(), ids=FORGERIES)
    def test_is_refused_and_nothing_is_written(self, fleet: Path, forge: Callable[[dict[str, Any]], object]):
        document = json.loads((fleet / MANIFEST_NAME).read_text())
        forge(document)
        (fleet / MANIFEST_NAME).write_text(json.dumps(document))

        with pytest.raises(UnfitManifest):
            run(str(fleet), str(fleet.parent / "out"), engine=Engine.NUMPY)

        assert not (fleet.parent / "out").exists()

    @pytest.mark.parametrize("content", [b"[" * 200_000, b"\xff\xfe{}", b"[]", b"null"])
    def test_that_is_no_document_is_refused(self, fleet: Path, content: bytes):
        (fleet / MANIFEST_NAME).write_bytes(content)

        with pytest.raises(UnfitManifest, match="cannot be read"):
            run(str(fleet), str(fleet.parent / "out"), engine=Engine.NUMPY)


class TestForgedPart:
    @pytest.mark.parametrize("content", [b"", b"hello", b"PAR1" * 20])
    def test_that_is_no_parquet_is_named(self, fleet: Path, content: bytes):
        replace_supply(fleet, content)

        with pytest.raises(DamagedPart, match="no Parquet file"):
            run(str(fleet), str(fleet.parent / "out"), engine=Engine.NUMPY)

    def test_whose_pages_cannot_be_decoded_is_named(self, fleet: Path):
        sink = pa.BufferOutputStream()
        rows = pa.table([list(range(50)), [1] * 50, [5] * 50], schema=FLEET_SCHEMAS[SUPPLY])
        pq.write_table(rows, sink)
        content = bytearray(sink.getvalue().to_pybytes())
        content[8:60] = bytes(byte ^ 0x5A for byte in content[8:60])
        replace_supply(fleet, bytes(content), row_count=50)

        with pytest.raises(DamagedPart, match="cannot be decoded"):
            run(str(fleet), str(fleet.parent / "out"), engine=Engine.NUMPY)
