"""A clamp of the grid is held against the register of its home when a day is closed."""

from datetime import date, datetime, timedelta

import pytest

from sanchi.app.day_energy import measure_and_balance
from sanchi.app.roster import call_roster
from sanchi.core.base.problems import ProblemCode, Severity
from sanchi.core.base.slots import JST
from tests.fakes.market_folder import FILES, TOWN, Town, write_market

DAY = date(2020, 12, 2)
CODES = {ProblemCode.CT_REVERSED, ProblemCode.CT_DEAD, ProblemCode.CT_SCALED, ProblemCode.CT_DISAGREES}
HEADER = FILES["meters.csv"].splitlines()[0] + ",source,address,same_as\n"
METERS = (
    "S1,H1,import+export,100,6,2020-11-20T00:00:00+09:00,,10000,,,\n"
    "C1,H1,import+export,1,0,2020-11-20T00:00:00+09:00,,10000,ct,,S1\n"
)


def stamp(slot: int) -> str:
    return (datetime(2020, 12, 2, tzinfo=JST) + timedelta(minutes=30 * slot)).isoformat()


@pytest.fixture
def found(tmp_path):
    """Deliver a day of the register and of what the clamp makes of it; give the findings about the clamp."""

    def close(seen):
        town = Town()
        town.take(write_market(tmp_path))
        (tmp_path / "meters-2.csv").write_text(HEADER + METERS, encoding="utf-8")
        counts, energies, shown = [], [], {"import": 1_000, "export": 500}
        for slot in range(49):
            counts += [f"S1,{channel},{stamp(slot)},{count},{stamp(slot)}" for channel, count in shown.items()]
            # Sun from 8 to 16 o'clock: 600 Wh out of the house a slot, otherwise 400 Wh into it.
            flow = (0, 600) if 16 <= slot < 32 else (400, 0)
            shown = {"import": shown["import"] + flow[0] // 100, "export": shown["export"] + flow[1] // 100}
            if slot < 48:
                for channel, energy_wh in zip(("import", "export"), seen(*flow), strict=True):
                    energies.append(f"C1,{channel},{stamp(slot + 1)},{energy_wh},{stamp(slot + 1)}")
        for name, header, rows in (
            ("registers-1.csv", "meter_id,channel,read_at,register_count,received_at", counts),
            ("energies-1.csv", "meter_id,channel,slot_end,energy_wh,received_at", energies),
        ):
            (tmp_path / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")
        for name in ("meters-2.csv", "registers-1.csv", "energies-1.csv"):
            town.take(tmp_path / name)
        roster = call_roster(town.market.book(TOWN), DAY)
        energy = measure_and_balance(town.readings, TOWN, roster)
        return [each for each in energy.problems if each.problem.code in CODES], energy

    return close


class TestClamp:
    def test_that_agrees_is_not_told(self, found):
        assert found(lambda import_wh, export_wh: (import_wh, export_wh))[0] == []

    @pytest.mark.parametrize(
        ("seen", "code"),
        [
            (lambda import_wh, export_wh: (export_wh, import_wh), ProblemCode.CT_REVERSED),
            (lambda import_wh, export_wh: (0, 0), ProblemCode.CT_DEAD),
            (lambda import_wh, export_wh: (import_wh // 2, export_wh // 2), ProblemCode.CT_SCALED),
            (lambda import_wh, export_wh: (import_wh + 300, export_wh), ProblemCode.CT_DISAGREES),
        ],
    )
    def test_that_is_wrong_is_told_with_its_home_and_date(self, found, seen, code):
        (told,), energy = found(seen)

        assert (told.problem.code, told.row_count) == (code, 0)
        assert told.problem.where == "meter C1, 2020-12-02"
        assert told.party_no == energy.slot_energy.home_no[0]
        assert told.problem.severity in {Severity.ACT, Severity.WATCH}

    def test_changes_nothing_of_what_the_register_counted(self, found):
        _, right = found(lambda import_wh, export_wh: (import_wh, export_wh))
        _, wrong = found(lambda import_wh, export_wh: (export_wh, import_wh))

        assert right.slot_energy.export_wh.tolist() == wrong.slot_energy.export_wh.tolist()
        assert int(right.slot_energy.export_wh[0].sum()) == 16 * 600
