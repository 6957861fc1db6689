"""The ways of a meter: where its readings come from, its name there, and whose energy it measures too."""

from datetime import date

import pytest

from sanchi.app.roster import call_roster, metering_points
from sanchi.core.metering.sources import Source, Stage
from tests.fakes.market_folder import FILES, TOWN, Town, refusal, write_market

HEADER = FILES["meters.csv"].splitlines()[0] + ",source,address,same_as\n"
SINCE = "2020-11-20T00:00:00+09:00"
LATER = "2020-12-01T00:00:00+09:00"
MIDNIGHT = "2020-12-02T00:00:00+09:00"


@pytest.fixture
def town(tmp_path):
    town = Town()
    town.take(write_market(tmp_path))
    return town


def meter(
    meter_id, *, party_id="H1", channels="import+export", unit_and_digits="1,0", since=SINCE, until="", ways=",,"
):
    return f"{meter_id},{party_id},{channels},{unit_and_digits},{since},{until},10000,{ways}\n"


def take_meters(town, folder, *rows, name="meters-2.csv"):
    (folder / name).write_text(HEADER + "".join(rows), encoding="utf-8")
    return town.take(folder / name)[0]


def points(town):
    book = town.market.book(TOWN)
    found = metering_points(book.meters, {party.party_id: party.party_no for party in book.parties})
    return {(point.label, point.channel.text): point for point in found}


def take_readings(town, folder, name, columns, *rows):
    (folder / name).write_text("\n".join((columns, *rows)) + "\n", encoding="utf-8")
    (report,) = town.take(folder / name)
    return report, town.readings.rows_between(TOWN, 0, 2**24 - 1)


class TestMeters:
    def test_without_ways_are_read_in_the_usual_one(self, town):
        specs = {label: point.meters[0] for (label, _), point in points(town).items()}

        assert specs["S1"].own_source is Source.B_ROUTE
        assert specs["P1"].own_source is Source.CT
        assert specs["S1"].same_as_no is None

    def test_keep_what_they_are_told(self, town, tmp_path):
        take_meters(town, tmp_path, meter("T1", ways="tso,0300012345678901234567,S1"))

        (told,) = [each for each in town.market.book(TOWN).meters if each.meter_id == "T1"]

        assert (told.source, told.address, told.same_as) == (Source.TSO, "0300012345678901234567", "S1")

    def test_of_another_way_are_points_that_name_the_first(self, town, tmp_path):
        take_meters(town, tmp_path, meter("T1", ways="tso,,S1"))

        found = points(town)

        assert found["T1", "import"].same_as == "S1"
        assert found["S1", "import"].same_as == ""

    def test_of_another_way_stay_with_the_point_when_its_meter_is_exchanged(self, town, tmp_path):
        old = meter("S1", unit_and_digits="100,6", until=LATER)
        take_meters(town, tmp_path, old, meter("S9", unit_and_digits="100,6", since=LATER), meter("T1", ways="tso,,S1"))

        found = points(town)

        assert found["T1", "export"].same_as == "S1/S9"
        assert set(found) >= {("S1/S9", "export"), ("T1", "export")}

    def test_of_two_ways_exchanged_at_once_each_continues_its_own(self, town, tmp_path):
        take_meters(
            town,
            tmp_path,
            meter("A1", until=LATER, ways="tso,,S1"),
            meter("C1", until=LATER, ways="ct,,S1"),
            meter("C2", party_id="H1", since=LATER, ways="ct,,S1"),
            meter("A2", since=LATER, ways="tso,,S1"),
        )

        assert {label for label, channel in points(town) if channel == "import"} >= {"A1/A2", "C1/C2"}

    def test_may_count_generation(self, town, tmp_path):
        report = take_meters(town, tmp_path, meter("E1", channels="pv+charge", unit_and_digits="100,8"))

        assert report.accepted_row_count == 1

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            (meter("T1", ways="wifi,,"), "line 2: source is 'wifi', expected one of ct, b_route, tso, or empty"),
            (meter("T1", ways="operator,,"), "source is 'operator', expected one of"),
            (meter("T1", ways=",,T9"), "line 2: same_as of T1: T9 is not one of the market's meters"),
            (meter("T1", ways=",,T1"), "line 2: same_as of T1: T1 itself is the same as T1"),
            (meter("T1", ways=",,S2"), "line 2: same_as of T1: S2 belongs to H2, not to H1"),
            (meter("T1", ways=",,P1"), "line 2: same_as of T1: P1 has no channel in common with it"),
            (
                meter("T1", ways="tso,,S1") + meter("T2", ways="ct,,T1"),
                "line 3: same_as of T2: T1 itself is the same as",
            ),
            (meter("T1", ways=",a/1,") + meter("T2", ways=",a/1,"), "address 'a/1' belongs to T1 and T2"),
        ],
    )
    def test_with_wrong_ways_are_refused(self, town, tmp_path, row, told):
        assert told in refusal(town, tmp_path, "meters-2.csv", HEADER + row)

    def test_that_follow_each_other_may_have_one_address(self, town, tmp_path):
        report = take_meters(
            town, tmp_path, meter("T1", until=LATER, ways=",a/1,"), meter("T2", since=LATER, ways=",a/1,")
        )

        assert report.accepted_row_count == 2

    def test_known_by_another_name_leave_closed_days_alone(self, town, tmp_path):
        town.days.put(TOWN, date(2020, 11, 25))

        named = take_meters(town, tmp_path, meter("S1", unit_and_digits="100,6", ways="tso,a/1,"))
        joined = take_meters(town, tmp_path, meter("T1", ways="ct,,S1"), name="meters-3.csv")

        assert named.stale_dates == ()
        assert joined.stale_dates == (date(2020, 11, 25),)


class TestReadings:
    def test_without_ways_have_those_of_their_meter(self, town, tmp_path):
        take_meters(town, tmp_path, meter("T1", ways="tso,,S1"))
        columns = "meter_id,channel,slot_end,energy_wh,received_at"

        _, rows = take_readings(
            town,
            tmp_path,
            "energies-1.csv",
            columns,
            f"P1,pv,{MIDNIGHT},5,{MIDNIGHT}",
            f"T1,import,{MIDNIGHT},5,{MIDNIGHT}",
        )

        assert rows.source_no.tolist() == [Source.CT, Source.TSO]
        assert rows.stage_no.tolist() == [Stage.FLASH, Stage.FLASH]

    def test_have_the_ways_that_they_tell(self, town, tmp_path):
        columns = "source,meter_id,channel,read_at,register_count,received_at,stage"

        _, rows = take_readings(
            town,
            tmp_path,
            "registers-1.csv",
            columns,
            f"tso,S1,import,{MIDNIGHT},5,{MIDNIGHT},final",
            f",S1,export,{MIDNIGHT},5,{MIDNIGHT},",
        )

        assert rows.source_no.tolist() == [Source.TSO, Source.B_ROUTE]
        assert rows.stage_no.tolist() == [Stage.FINAL, Stage.FLASH]

    @pytest.mark.parametrize(
        ("ways", "name"), [("wifi,final", "source"), ("tso,last", "stage"), ("operator,", "source")]
    )
    def test_with_unknown_words_are_rejected(self, town, tmp_path, ways, name):
        columns = "meter_id,channel,read_at,register_count,received_at,source,stage"

        report, rows = take_readings(
            town, tmp_path, "registers-1.csv", columns, f"S1,import,{MIDNIGHT},5,{MIDNIGHT},{ways}"
        )

        assert rows.row_count == 0
        assert [each.problem.code for each in report.problems] == ["UNREADABLE_ROW"]
        assert f"row 1: {name} empty or not readable" in report.problems[0].problem.detail

    def test_of_a_file_of_the_other_kind_say_which_one_is_right(self, town, tmp_path):
        registers = "meter_id,channel,read_at,register_count,received_at"
        energies = "meter_id,channel,slot_end,energy_wh,received_at"

        first, _ = take_readings(town, tmp_path, "registers-1.csv", registers, f"P1,pv,{MIDNIGHT},5,{MIDNIGHT}")
        second, _ = take_readings(town, tmp_path, "energies-1.csv", energies, f"S1,import,{MIDNIGHT},5,{MIDNIGHT}")

        assert "P1 delivers energies, so its readings belong into" in first.problems[0].problem.detail
        assert "S1 is a register, so its readings belong into" in second.problems[0].problem.detail

    def test_of_a_counter_of_generation_come_in_a_registers_file(self, town, tmp_path):
        take_meters(town, tmp_path, meter("E1", channels="pv", unit_and_digits="100,8"))
        columns = "meter_id,channel,read_at,register_count,received_at"

        report, _ = take_readings(town, tmp_path, "registers-1.csv", columns, f"E1,pv,{MIDNIGHT},5,{MIDNIGHT}")

        assert (report.accepted_row_count, report.rejected_row_count) == (1, 0)


def test_a_home_with_another_way_keeps_one_seat(town, tmp_path):
    take_meters(town, tmp_path, meter("T1", ways="tso,,S1"))

    roster = call_roster(town.market.book(TOWN), date(2020, 12, 1))

    assert [home.party_id for home in roster.homes] == ["H1", "H2"]
