"""A simulated fleet: the same bytes from the same seed, blocks that stand alone, plausible figures."""

import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from sanchi.app.simulated_fleet import FleetPlan, UnfitPlan
from sanchi.edge.fleet.drawing import block_choices, block_supplies, capacities
from sanchi.edge.fleet.folder import FleetFolder
from sanchi.edge.fleet.profiles import load_shapes, roof_profiles
from sanchi.edge.fleet.simulation import simulate_fleet
from sanchi.edge.fleet.tables import CAPACITY, CHOICES, SUPPLY

SAMPLE = Path(__file__).resolve().parents[3] / "src" / "sanchi" / "sample"
FIRST_DATE = date(2026, 5, 1)


def plan(**replaced) -> FleetPlan:
    figures: dict[str, Any] = {
        "home_count": 2_000,
        "buyer_count": 50,
        "n_days": 2,
        "seed_no": 7,
        "first_date": FIRST_DATE,
    }
    return FleetPlan(**(figures | replaced))


@pytest.fixture(scope="module")
def load_wh():
    return load_shapes(SAMPLE)


class TestFolder:
    def test_same_plan_gives_the_same_parts_and_another_seed_others(self, tmp_path: Path):
        for name, seed_no in (("one", 7), ("two", 7), ("three", 8)):
            simulate_fleet(plan(seed_no=seed_no), str(tmp_path / name), SAMPLE)
        one, two, three = (FleetFolder.at(str(tmp_path / name)).manifest() for name in ("one", "two", "three"))

        assert one == two
        assert one.parts(SUPPLY, FIRST_DATE) != three.parts(SUPPLY, FIRST_DATE)

    def test_rows_add_up_to_what_is_told_and_none_is_zero(self, tmp_path: Path):
        told = simulate_fleet(plan(), str(tmp_path), SAMPLE)
        folder = FleetFolder.at(str(tmp_path))
        manifest = folder.manifest()
        supplies = [
            folder.open_part(SUPPLY, part).read()["supply_wh"].to_numpy()
            for day in plan().dates
            for part in manifest.blocks(SUPPLY, day)
        ]
        (choices,) = manifest.blocks(CHOICES, None)

        assert told.slot_count == 2_000 * 48 * 2
        assert told.supply_row_count == sum(map(len, supplies))
        assert told.supply_wh == sum(int(rows.sum(dtype=np.int64)) for rows in supplies)
        assert min(rows.min() for rows in supplies) > 0
        assert told.choice_row_count == choices.row_count
        assert len(manifest.parts(CAPACITY, FIRST_DATE)) == 1
        assert "CC BY 3.0 AU" in manifest.parameters["credits"]


class TestBlock:
    def test_alone_equals_its_part_of_the_whole(self, load_wh):
        roofs = roof_profiles(FIRST_DATE)
        whole = block_supplies(7, 100, range(900), roofs, load_wh)
        choices = block_choices(7, range(900), 50, 3)

        assert (block_supplies(7, 100, range(300, 500), roofs, load_wh) == whole[300:500]).all()
        assert (block_choices(7, range(300, 500), 50, 3) == choices[300:500]).all()


class TestPlausibility:
    def test_of_supplies_in_season(self, load_wh):
        roofs = roof_profiles(FIRST_DATE)
        supply_wh = np.concatenate([block_supplies(7, day, range(2_000), roofs, load_wh) for day in range(10)])

        assert 0.36 <= (supply_wh > 0).mean() <= 0.56
        assert 350 <= supply_wh[supply_wh > 0].mean() <= 950
        assert not supply_wh[:, :8].any()
        assert supply_wh.max() <= 3_000

    def test_of_choices(self):
        choices = block_choices(7, range(50_000), 100, 3)
        lengths = np.bincount((choices >= 0).sum(axis=1), minlength=4) / 50_000
        firsts = np.bincount(choices[:, 0], minlength=100)

        assert np.abs(lengths - [0, 0.05, 0.15, 0.80]).max() < 0.01
        assert 1.7 <= firsts[0] / firsts[1] <= 2.3
        assert 7 <= firsts[0] / firsts[9] <= 13
        ranked = np.sort(choices, axis=1)
        assert not ((ranked[:, 1:] == ranked[:, :-1]) & (ranked[:, 1:] >= 0)).any()

    def test_of_capacities(self):
        capacity_wh = capacities(7, 200, 10**9)

        assert abs(int(capacity_wh.sum()) - 8 * 10**8) <= 200
        assert capacity_wh[:20].mean() > 2 * capacity_wh[-20:].mean()


class TestPlan:
    @pytest.mark.parametrize(
        ("replaced", "named"),
        [
            ({"home_count": 0}, "--homes is 0"),
            ({"buyer_count": 0}, "--buyers is 0"),
            ({"n_days": 0}, "--days is 0"),
            ({"seed_no": -1}, "--seed is -1"),
            ({"choice_count_max": 6}, "--choices-max is 6"),
            ({"buyer_count": 2}, r"--choices-max is 3, expected 1\.\.2"),
        ],
    )
    def test_outside_its_ranges_is_refused_by_name(self, replaced, named: str):
        with pytest.raises(UnfitPlan, match=named):
            plan(**replaced)


class TestCommand:
    def test_writes_a_fleet_and_declines_bad_figures(self, tmp_path: Path):
        arguments = ["--homes", "300", "--buyers", "9", "--days", "1", "--seed", "1", "--out", str(tmp_path / "fleet")]

        ran = run_sanchi("simulate", "fleet", *arguments)
        declined = run_sanchi("simulate", "fleet", *arguments, "--choices-max", "10")

        assert ran.returncode == 0, ran.stderr
        assert " of 14,400 slots with " in ran.stderr
        assert FleetFolder.at(str(tmp_path / "fleet")).manifest().n_homes == 300
        assert declined.returncode == 2
        assert declined.stderr.startswith("declined  --choices-max is 10, expected 1..5.")


def run_sanchi(*arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run([sys.executable, "-m", "sanchi", *arguments], capture_output=True, text=True, check=False)
