"""A fleet's day comes out the same however it is worked on, equals match_day, and is refused rather than wrong."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from sanchi.app.match_fleet import NotConserved, check_conserved
from sanchi.core.base.errors import UnknownRecord, WrongInput
from sanchi.core.matching.kernel import Engine
from sanchi.edge.fleet import run as fleet_run
from sanchi.edge.fleet.folder import DamagedPart, FleetFolder, NoManifest
from sanchi.edge.fleet.reading import UnfitRow
from sanchi.edge.fleet.tables import ALLOCATION, CLOSING_TIMES, FLEET_SCHEMAS, SUPPLY
from tests.edge.fleet.small_fleets import (
    DAY,
    N_BUYERS,
    SmallFleet,
    choice_table,
    digests,
    expected_rows,
    rows_of,
    run,
    small_fleet,
    supply_table,
    write_fleet,
)


@pytest.fixture(scope="module")
def fleet() -> SmallFleet:
    return small_fleet()


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, fleet: SmallFleet) -> str:
    folder = tmp_path_factory.mktemp("fleet")
    write_fleet(str(folder), fleet)
    return str(folder)


@pytest.fixture(scope="module")
def result(tmp_path_factory: pytest.TempPathFactory, stored: str) -> str:
    folder = str(tmp_path_factory.mktemp("result"))
    run(stored, folder)
    return folder


class TestResult:
    def test_equals_match_day_row_by_row(self, fleet: SmallFleet, result: str):
        allocation, table = expected_rows(fleet)

        assert rows_of(result, ALLOCATION) == allocation
        assert rows_of(result, CLOSING_TIMES) == table
        assert any(closing < 2**32 for _, _, closing, _ in table)

    @pytest.mark.parametrize("n_workers", [1, 4])
    def test_has_the_same_bytes_with_any_number_of_workers(self, stored: str, result: str, tmp_path: Path, n_workers):
        run(stored, str(tmp_path), n_workers=n_workers)

        assert digests(str(tmp_path)) == digests(result)

    def test_has_the_same_bytes_on_processes(self, stored: str, result: str, tmp_path: Path):
        run(stored, str(tmp_path), on_processes=True)

        assert digests(str(tmp_path)) == digests(result)
        assert not list(tmp_path.glob("scratch/**/supply*"))

    def test_has_the_same_bytes_from_numpy_alone(self, stored: str, result: str, tmp_path: Path):
        run(stored, str(tmp_path), engine=Engine.NUMPY)

        assert digests(str(tmp_path)) == digests(result)

    def test_without_standard_offer_lacks_only_its_rows(self, stored: str, result: str, tmp_path: Path):
        report = run(stored, str(tmp_path), with_standard_offer=False)

        rows = rows_of(result, ALLOCATION)
        assert rows_of(str(tmp_path), ALLOCATION) == [row for row in rows if row[2] >= 0]
        assert report.standard_offer_wh == sum(row[3] for row in rows if row[2] < 0)

    def test_report_accounts_for_every_wh(self, fleet: SmallFleet, stored: str, tmp_path: Path):
        report = run(stored, str(tmp_path))

        assert report.supplied_wh == fleet.supply_wh.sum()
        assert report.supplied_wh == report.matched_wh + report.standard_offer_wh
        assert report.matched_wh > 0

    def test_row_groups_follow_homes_and_change_no_row(self, stored, result, tmp_path, monkeypatch):
        job = fleet_run.tasks.FleetJob
        monkeypatch.setattr(fleet_run.tasks, "FleetJob", lambda **known: job(**known, row_group_homes=100))

        run(stored, str(tmp_path))

        folder = FleetFolder.at(str(tmp_path))
        part = folder.manifest().parts(ALLOCATION, DAY)[0]
        assert folder.open_part(ALLOCATION, part).num_row_groups == 7
        assert rows_of(str(tmp_path), ALLOCATION) == rows_of(result, ALLOCATION)


class TestSecondDate:
    def test_of_the_same_fleet_stays_listed_beside_the_first(self, stored: str, result: str, tmp_path: Path):
        run(stored, str(tmp_path))
        folder = FleetFolder.at(str(tmp_path))
        manifest = folder.manifest()
        other_day = DAY.replace(day=2)
        folder.publish(
            replace(manifest, part_lists=tuple(replace(item, delivery_date=other_day) for item in manifest.part_lists))
        )

        run(stored, str(tmp_path))

        assert folder.manifest().parts(ALLOCATION, other_day) == folder.manifest().parts(ALLOCATION, DAY)
        assert rows_of(str(tmp_path), ALLOCATION) == rows_of(result, ALLOCATION)


class TestCrash:
    def test_leaves_no_manifest_and_the_next_run_sweeps(self, stored: str, result: str, tmp_path: Path, monkeypatch):
        (tmp_path / "notes.parquet").write_bytes(b"of somebody else")
        with monkeypatch.context() as patched:
            patched.setattr(fleet_run.FleetRun, "publish", _power_cut)
            with pytest.raises(KeyboardInterrupt):
                run(stored, str(tmp_path), with_standard_offer=False)
        left = set(tmp_path.glob("allocation/*.parquet"))

        with pytest.raises(NoManifest):
            FleetFolder.at(str(tmp_path)).manifest()
        run(stored, str(tmp_path))

        assert left
        assert not left & set(tmp_path.glob("allocation/*.parquet"))
        assert digests(str(tmp_path)) == digests(result)
        assert (tmp_path / "notes.parquet").exists()


class TestBadInput:
    @pytest.mark.parametrize(
        ("row", "change"),
        [
            (3, {"supply_wh": -1}),
            (4, {"slot_no": 0}),
            (5, {"slot_no": 49}),
            (6, {"home": 700}),
            (0, {"home": -1}),
            (8, "repeat"),
        ],
    )
    @pytest.mark.parametrize("engine", Engine)
    def test_supply_row_is_refused_by_file_and_row(self, fleet: SmallFleet, tmp_path: Path, row, change, engine):
        columns = {name: list(column) for name, column in supply_table(fleet.supply_wh[:700], 0).to_pydict().items()}
        for name, column in columns.items():
            column[row] = column[row - 1] if change == "repeat" else change.get(name, column[row])
        write_fleet(
            str(tmp_path / "fleet"), fleet, supply_of_first_block=pa.table(columns, schema=FLEET_SCHEMAS[SUPPLY])
        )

        with pytest.raises(UnfitRow, match=rf"^supply/.*\.parquet, row {row}: "):
            run(str(tmp_path / "fleet"), str(tmp_path / "out"), engine=engine)

        assert not (tmp_path / "out" / "manifest.json").exists()

    @pytest.mark.parametrize(
        "choices", [[[N_BUYERS]], [[0, 0]], [[-1, 3]]], ids=["unknown buyer", "buyer twice", "gap"]
    )
    def test_choice_is_refused_by_file_and_row(self, fleet: SmallFleet, tmp_path: Path, choices):
        table = choice_table(np.array(choices, dtype=np.int32), 0)
        write_fleet(str(tmp_path / "fleet"), fleet, choices_of_first_block=table)

        with pytest.raises(UnfitRow, match=r"^choices/.*\.parquet, row \d: "):
            run(str(tmp_path / "fleet"), str(tmp_path / "out"))

    def test_altered_part_is_refused(self, fleet: SmallFleet, tmp_path: Path):
        write_fleet(str(tmp_path / "fleet"), fleet)
        part = next((tmp_path / "fleet" / "supply").iterdir())
        content = bytearray(part.read_bytes())
        content[len(content) // 2] ^= 1
        part.write_bytes(content)

        with pytest.raises(DamagedPart, match="another digest"):
            run(str(tmp_path / "fleet"), str(tmp_path / "out"))

    def test_unknown_date_is_refused(self, stored: str, tmp_path: Path, monkeypatch):
        monkeypatch.setattr("tests.edge.fleet.small_fleets.DAY", DAY.replace(year=2027))

        with pytest.raises(UnknownRecord, match="2026-05-01"):
            run(stored, str(tmp_path))

    def test_fleet_is_not_its_own_result(self, stored: str):
        with pytest.raises(WrongInput, match="the fleet itself"):
            run(stored, stored)

    def test_fleet_without_sun_or_choices_has_an_empty_result(self, tmp_path: Path):
        dark = SmallFleet(
            supply_wh=np.zeros((5, 48), np.int32),
            choices=np.full((5, 2), -1, np.int32),
            capacity_wh=np.zeros((N_BUYERS, 48), np.int64),
        )
        write_fleet(str(tmp_path / "fleet"), dark)

        report = run(str(tmp_path / "fleet"), str(tmp_path / "out"))

        assert (report.supplied_wh, report.n_slots_with_sun, report.n_allocation_rows) == (0, 0, 0)


class TestConservation:
    @pytest.mark.parametrize("taken_wh", [[[5, 4]], [[11, -1]], [[6, 4]]])
    def test_lost_invented_or_oversold_energy_is_refused(self, taken_wh):
        with pytest.raises(NotConserved, match="slot 1"):
            check_conserved(np.array([10]), np.array([[5]]), np.array(taken_wh))


def _power_cut(*_arguments: object) -> None:
    raise KeyboardInterrupt


class TestForeignFiles:
    def test_what_somebody_keeps_in_a_folder_named_scratch_stays(self, stored: str, tmp_path: Path):
        kept = tmp_path / "out" / "scratch" / "letters" / "to-a-friend.txt"
        kept.parent.mkdir(parents=True)
        kept.write_text("dear friend")

        run(stored, str(tmp_path / "out"))

        assert kept.read_text() == "dear friend"

    def test_a_fleet_below_scratch_of_its_result_is_not_swept_away(self, tmp_path: Path):
        fleet_folder = str(tmp_path / "out" / "scratch")
        write_fleet(fleet_folder, small_fleet(50))

        run(fleet_folder, str(tmp_path / "out"))

        assert FleetFolder.at(fleet_folder).manifest().n_homes == 50

    def test_arrays_of_a_run_that_was_killed_are_removed(self, stored: str, tmp_path: Path):
        left = tmp_path / "out" / "scratch" / ("0" * 32) / "supply-23-700"
        left.parent.mkdir(parents=True)
        left.write_bytes(b"left")

        run(stored, str(tmp_path / "out"))

        assert not left.exists()


class TestRanks:
    def test_rank_that_leaves_8_bits_is_refused(self, fleet: SmallFleet, tmp_path: Path):
        ranks = np.concatenate([np.arange(1, 128), np.arange(-128, -120)]).astype(np.int8)
        nobody = np.zeros(len(ranks), dtype=np.int32)
        rows = pa.table([nobody, ranks, nobody], schema=FLEET_SCHEMAS["choices"])
        write_fleet(str(tmp_path / "fleet"), fleet, choices_of_first_block=rows)

        with pytest.raises(UnfitRow, match="row 127: home 0, rank -128"):
            run(str(tmp_path / "fleet"), str(tmp_path / "out"), engine=Engine.NUMPY)
