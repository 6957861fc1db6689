"""Files of the lake are whole or not there, never change, and say so when somebody changed them."""

import os
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pytest

from sanchi.core.base.errors import SetupFault
from sanchi.edge.store.lake import DamagedLakeFile, Lake
from sanchi.edge.store.lake_schemas import LAKE_SCHEMAS, REJECTED

LONG_AGO_S = 1_000_000_000


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path / "lake")


def rejected(*texts: str) -> pa.Table:
    columns = {"row_no": list(range(len(texts))), "code": ["UNREADABLE_ROW"] * len(texts), "row_text": list(texts)}
    return pa.table(columns, schema=LAKE_SCHEMAS[REJECTED])


def files(lake: Lake) -> list[Path]:
    return sorted(file for file in lake.root.rglob("*") if file.is_file())


class TestWrittenFile:
    def test_comes_back_as_it_was_written(self, lake: Lake):
        info = lake.write(REJECTED, rejected("a", "b"))

        assert lake.read(info.path).equals(rejected("a", "b"))
        assert (info.row_count, info.byte_count) == (2, (lake.root / info.path).stat().st_size)

    def test_comes_back_in_part(self, lake: Lake):
        info = lake.write(REJECTED, rejected("a", "b"))

        assert lake.read(info.path, ["row_text"]).to_pydict() == {"row_text": ["a", "b"]}

    def test_of_the_same_content_is_the_same_file(self, lake: Lake):
        infos = {lake.write(REJECTED, rejected("a")) for _ in range(2)}

        assert len(infos) == 1
        assert len(files(lake)) == 1

    def test_of_other_content_is_another_file(self, lake: Lake):
        lake.write(REJECTED, rejected("a"))
        lake.write(REJECTED, rejected("b"))

        assert len(files(lake)) == 2

    def test_has_the_columns_of_its_table_and_no_others(self, lake: Lake):
        with pytest.raises(AssertionError, match="rejected: columns"):
            lake.write(REJECTED, pa.table({"row_no": [1]}))

    def test_is_written_anew_where_it_had_been_cut_off(self, lake: Lake):
        info = lake.write(REJECTED, rejected("a"))
        (lake.root / info.path).write_bytes(b"PAR1")

        lake.write(REJECTED, rejected("a"))

        assert lake.read(info.path).equals(rejected("a"))


class TestInterruptedWrite:
    @pytest.mark.parametrize("call", ["os.fsync", "pathlib.Path.replace"])
    def test_leaves_no_file_that_could_be_read(self, lake: Lake, monkeypatch: pytest.MonkeyPatch, call: str):
        def fail(*args: object, **kwargs: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(call, fail)

        with pytest.raises(SetupFault, match=r"rejected.*\.parquet.*No space left on device.*room"):
            lake.write(REJECTED, rejected("a"))

        assert [file.suffix for file in files(lake)] in ([], [".being-written"])

    def test_can_be_repeated(self, lake: Lake):
        (lake.root / REJECTED).mkdir(parents=True)
        info = lake.write(REJECTED, rejected("a"))

        assert lake.read(info.path).equals(rejected("a"))


class TestDamagedFile:
    def test_cut_off_is_refused(self, lake: Lake):
        file = self.written(lake)
        file.write_bytes(file.read_bytes()[:-1])

        with pytest.raises(DamagedLakeFile, match=str(file)):
            Lake(lake.root).read(str(file.relative_to(lake.root)))

    def test_altered_is_refused(self, lake: Lake):
        file = self.written(lake)
        content = bytearray(file.read_bytes())
        content[20] ^= 1
        file.write_bytes(content)

        with pytest.raises(DamagedLakeFile, match="digest"):
            Lake(lake.root).read(str(file.relative_to(lake.root)))

    def test_missing_is_refused(self, lake: Lake):
        file = self.written(lake)
        file.unlink()

        with pytest.raises(DamagedLakeFile, match="No such file"):
            Lake(lake.root).read(str(file.relative_to(lake.root)))

    @staticmethod
    def written(lake: Lake) -> Path:
        return lake.root / lake.write(REJECTED, rejected("a")).path


class TestCache:
    def test_keeps_what_was_read(self, lake: Lake):
        info = lake.write(REJECTED, rejected("a"))
        lake.read(info.path)
        (lake.root / info.path).unlink()

        assert lake.read(info.path).equals(rejected("a"))

    def test_makes_room_for_what_was_read_last(self, lake: Lake):
        tables = [rejected(letter * 100) for letter in "abc"]
        small = Lake(lake.root, cache_bytes_max=2 * tables[0].nbytes)
        paths = [small.write(REJECTED, table).path for table in tables]
        small.read(paths[0])
        small.read(paths[1])
        small.read(paths[0])
        small.read(paths[2])
        for path in paths:
            (lake.root / path).unlink()

        assert small.read(paths[0]).equals(tables[0])
        assert small.read(paths[2]).equals(tables[2])
        with pytest.raises(DamagedLakeFile):
            small.read(paths[1])

    def test_passes_over_a_table_larger_than_itself(self, lake: Lake):
        small = Lake(lake.root, cache_bytes_max=1)
        info = small.write(REJECTED, rejected("a"))
        small.read(info.path)
        (lake.root / info.path).unlink()

        with pytest.raises(DamagedLakeFile):
            small.read(info.path)


class TestSweep:
    def test_removes_old_files_that_nobody_knows(self, lake: Lake):
        known, unknown = (lake.write(REJECTED, rejected(text)).path for text in "ab")
        half = lake.root / REJECTED / "x.7.being-written"
        half.write_bytes(b"PAR1")
        for file in files(lake):
            os.utime(file, (LONG_AGO_S, LONG_AGO_S))

        assert lake.sweep_orphans({known}) == 2
        assert files(lake) == [lake.root / known]
        assert unknown != known

    def test_spares_what_a_step_may_be_writing(self, lake: Lake):
        lake.write(REJECTED, rejected("a"))

        assert lake.sweep_orphans(set()) == 0

    def test_spares_what_was_found_again(self, lake: Lake):
        file = lake.root / lake.write(REJECTED, rejected("a")).path
        os.utime(file, (LONG_AGO_S, LONG_AGO_S))
        lake.write(REJECTED, rejected("a"))

        assert lake.sweep_orphans(set()) == 0

    def test_passes_over_a_file_that_gets_its_name_meanwhile(self, lake: Lake, monkeypatch: pytest.MonkeyPatch):
        orphan = lake.root / lake.write(REJECTED, rejected("a")).path
        half = orphan.with_name("x.7.being-written")
        half.write_bytes(b"PAR1")
        for file in files(lake):
            os.utime(file, (LONG_AGO_S, LONG_AGO_S))
        listed = Path.glob

        def listed_then_renamed(folder: Path, pattern: str) -> Iterator[Path]:
            found = list(listed(folder, pattern))
            if half in found:
                half.rename(half.with_suffix(".done"))
            return iter(found)

        monkeypatch.setattr(Path, "glob", listed_then_renamed)

        assert lake.sweep_orphans(set()) == 1
        assert not orphan.exists()
