"""A folder has one writer at a time, and a writer that ends leaves it free."""

from pathlib import Path

import pytest

from sanchi.core.base.errors import SetupFault
from sanchi.core.matching.kernel import Engine
from sanchi.edge.fleet.locking import FolderBusy, only_writer
from sanchi.edge.fleet.place import Place
from tests.edge.fleet.small_fleets import run, small_fleet, write_fleet


class TestOnlyWriter:
    def test_second_run_into_a_folder_is_refused_and_touches_nothing(self, tmp_path: Path):
        fleet, out = str(tmp_path / "fleet"), tmp_path / "out"
        write_fleet(fleet, small_fleet(50))
        half_written = out / "allocation" / f"{'0' * 64}.parquet"
        with only_writer(Place(str(out))):
            half_written.parent.mkdir()
            half_written.write_bytes(b"of the first run")

            with pytest.raises(FolderBusy, match="another run"):
                run(fleet, str(out), engine=Engine.NUMPY)

        assert half_written.read_bytes() == b"of the first run"

    def test_folder_is_free_after_a_run_that_failed(self, tmp_path: Path):
        place = Place(str(tmp_path / "out"))
        with pytest.raises(ZeroDivisionError), only_writer(place):
            _ = 1 // 0

        with only_writer(place):
            pass

    def test_file_in_the_place_of_the_folder_is_declined(self, tmp_path: Path):
        (tmp_path / "out").write_text("a file")

        with pytest.raises(SetupFault, match="cannot be written"), only_writer(Place(str(tmp_path / "out"))):
            pass
