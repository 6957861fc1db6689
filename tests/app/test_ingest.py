"""Taking delivered files in: counts add up, nothing counts twice, closed days are marked."""

from dataclasses import fields, replace
from datetime import date
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnknownRecord, UnreadableDelivery, WrongInput
from sanchi.core.base.ids import MarketId
from sanchi.core.base.problems import ProblemCode
from sanchi.edge.delivery import arrival
from sanchi.edge.delivery.reading_blocks import csv_blocks
from tests.fakes.market_folder import ENERGIES_HEADER, FILES, TOWN, Town, write_market, write_registers

DAYS = [date(2020, 12, day) for day in range(1, 31)]


@pytest.fixture
def town(tmp_path):
    """Give a town that took its good market in."""
    town = Town()
    folder = tmp_path / "market"
    folder.mkdir()
    town.take(write_market(folder))
    return town


class TestFolder:
    def test_is_taken_file_by_file_each_in_its_own_step(self, tmp_path):
        town = Town()
        write_registers(tmp_path, "registers-1.csv", "S1,import,2020-11-20T00:00:00+09:00,5")

        reports = town.take(write_market(tmp_path))

        assert [report.file_name for report in reports] == [*FILES, "registers-1.csv"]
        assert [report.row_count for report in reports] == [1, 5, 2, 6, 2, 3, 1]
        assert town.steps == [(TOWN, "ingest", "files")] * 7
        assert [delivery.delivery_no for delivery in town.readings.deliveries[TOWN]] == [1, 2, 3, 4, 5, 6, 7]

    def test_gives_the_market_its_book(self, town):
        book = town.market.book(TOWN)

        assert book.terms.name_ja == "町"
        assert [party.party_no for party in book.parties] == [1, 2, 3, 4, 5]
        assert [plant.battery_capacity_wh for plant in book.plants] == [0, 6_500]
        assert book.meters[0].channels == ("import", "export")
        assert [offer.cap_wh_per_slot for offer in book.offers] == [None, 4_000]
        assert [choice.buyer_id for choice in book.choices] == ["B1", "B2", "B2"]

    def test_taken_again_changes_nothing(self, town, tmp_path):
        book = town.market.book(TOWN)

        reports = town.take(tmp_path / "market")

        assert all(report.is_already_taken for report in reports)
        assert [report.delivery_no for report in reports] == [1, 2, 3, 4, 5, 6]
        assert town.market.book(TOWN) == book
        assert len(town.readings.deliveries[TOWN]) == 6

    def test_keeps_what_was_taken_before_a_file_with_a_fault(self, tmp_path):
        town = Town()

        with pytest.raises(UnreadableDelivery, match=r"meters\.csv has 1 fault"):
            town.take(write_market(tmp_path, meters=FILES["meters.csv"].replace("S1,H1", "S1,H9")))

        assert len(town.market.book(TOWN).plants) == 2
        assert town.market.book(TOWN).meters == ()


class TestChoiceOfMarket:
    def test_lone_file_goes_to_the_only_market(self, town, tmp_path):
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-11-20T00:00:00+09:00,5")

        (report,) = town.take(path)

        assert report.accepted_row_count == 1

    def test_lone_file_needs_a_name_among_several_markets(self, town, tmp_path):
        village = FILES["market.toml"].replace('"town"', '"village"')
        town.take(write_market(tmp_path, market=village))
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-11-20T00:00:00+09:00,5")

        with pytest.raises(
            UnknownRecord,
            match=r"registers-1\.csv names no market\. The installation has town, village\. Name one",
        ):
            town.take(path)
        assert town.take(path, MarketId("village"))[0].accepted_row_count == 1

    def test_unknown_name_is_refused_with_the_known_ones(self, town, tmp_path):
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-11-20T00:00:00+09:00,5")

        with pytest.raises(UnknownRecord, match=r"no market city\. The installation has town\."):
            town.take(path, MarketId("city"))

    def test_empty_installation_asks_for_the_terms_first(self, tmp_path):
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-11-20T00:00:00+09:00,5")

        with pytest.raises(UnknownRecord, match=r"none at all yet\. Deliver its market\.toml first"):
            Town().take(path)

    def test_folder_of_another_market_than_named_is_refused(self, tmp_path):
        with pytest.raises(WrongInput, match="is of the market town, but village was asked for"):
            Town().take(write_market(tmp_path), MarketId("village"))


class TestReadingsFile:
    def test_rejects_rows_with_their_text_and_keeps_the_others(self, town, tmp_path):
        path = write_registers(
            tmp_path,
            "registers-1.csv",
            "S1,import,2020-11-20T00:00:00+09:00,5",
            "S1,import,2020-11-20T00:07:00+09:00,5",
            "X9,import,2020-11-20T00:00:00+09:00,5",
            "S2,export,2020-11-20T00:30:00+09:00,-5",
            "S1,import,2020-11-20T01:00:00,5",
        )

        (report,) = town.take(path)

        assert (report.row_count, report.accepted_row_count, report.rejected_row_count) == (5, 1, 4)
        rejected = town.readings.rejected[TOWN, report.delivery_no]
        assert rejected.row_no == (2, 3, 4, 5)
        assert rejected.code == ("STAMP_OFF_BOUNDARY", "UNKNOWN_METER", "NEGATIVE_ENERGY", "UNREADABLE_ROW")
        assert rejected.row_text[1] == "X9,import,2020-11-20T00:00:00+09:00,5,2021-03-01T00:00:00+09:00"
        by_code = {each.problem.code: each for each in report.problems}
        assert by_code[ProblemCode.UNKNOWN_METER].party_no is None
        assert by_code[ProblemCode.NEGATIVE_ENERGY].party_no == 3
        naive = by_code[ProblemCode.UNREADABLE_ROW].problem
        assert "read_at empty or not readable" in naive.detail
        assert "with an offset" in naive.hint

    def test_of_the_same_bytes_counts_once_whatever_its_name(self, town, tmp_path):
        row = "S1,import,2020-11-20T00:00:00+09:00,5"
        (first,) = town.take(write_registers(tmp_path, "registers-1.csv", row))

        (second,) = town.take(write_registers(tmp_path, "registers-2.csv", row))

        assert not first.is_already_taken
        assert second.is_already_taken
        assert second.delivery_no == first.delivery_no
        assert town.readings.rows_between(TOWN, 0, 2**24 - 1).row_count == 1

    def test_with_wrong_columns_is_not_taken_at_all(self, town, tmp_path):
        path = tmp_path / "registers-1.csv"
        path.write_text("meter,channel,read_at,register_count,received_at\n", encoding="utf-8")

        with pytest.raises(UnreadableDelivery, match="misses meter_id; it has besides meter"):
            town.take(path)

        assert len(town.readings.deliveries[TOWN]) == 6

    @given(
        rows=st.lists(
            st.tuples(
                st.sampled_from(["S1", "S2", "P1", "X9", ""]),
                st.sampled_from(["import", "export", "pv", ""]),
                st.sampled_from(["2020-12-01T00:00:00+09:00", "2020-12-01T00:00:00", "2020-11-01T00:00Z"]),
                st.sampled_from(["0", "5", "-5", "9999999", "1.5", ""]),
            ),
            max_size=12,
        )
    )  # fmt: skip
    def test_counts_always_add_up(self, tmp_path_factory, rows):
        folder = tmp_path_factory.mktemp("counts")
        town = Town()
        town.take(write_market(folder))

        (report,) = town.take(write_registers(folder, "registers-1.csv", *map(",".join, rows)))

        assert report.row_count == len(rows)
        assert report.accepted_row_count + report.rejected_row_count == report.row_count
        assert sum(each.row_count for each in report.problems) == report.rejected_row_count
        rejected = town.readings.rejected[TOWN, report.delivery_no]
        accepted = town.readings.rows_between(TOWN, 0, 2**24 - 1)
        taken_nos = [*accepted.row_no.tolist(), *rejected.row_no]
        assert sorted(taken_nos) == list(range(1, len(rows) + 1))


class TestClosedDays:
    def test_touched_by_a_reading_wait_for_another_close(self, town, tmp_path):
        town.days.put(TOWN, *DAYS)
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-12-05T12:00:00+09:00,5")

        (report,) = town.take(path)

        assert report.stale_dates == (date(2020, 12, 5),)
        stale = [day.delivery_date for day in town.days.market_days(TOWN, *DAYS[::29]) if day.is_stale]
        assert stale == [date(2020, 12, 5)]

    def test_on_both_sides_of_midnight_depend_on_a_register(self, town, tmp_path):
        town.days.put(TOWN, *DAYS)
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-12-05T00:00:00+09:00,5")

        (report,) = town.take(path)

        assert report.stale_dates == (date(2020, 12, 4), date(2020, 12, 5))

    def test_before_midnight_alone_depend_on_an_energy(self, town, tmp_path):
        town.days.put(TOWN, *DAYS)
        path = tmp_path / "energies-1.csv"
        path.write_text(
            ENERGIES_HEADER + "P1,pv,2020-12-05T00:00:00+09:00,5,2020-12-05T04:00:00+09:00\n",
            encoding="utf-8",
        )

        (report,) = town.take(path)

        assert report.file_kind is FileKind.ENERGIES
        assert report.stale_dates == (date(2020, 12, 4),)

    def test_with_a_gap_of_the_same_party_nearby_wait_too(self, town, tmp_path):
        town.days.put(TOWN, *DAYS)
        h1_no, h2_no = 2, 3
        town.readings.gaps[TOWN] = {date(2020, 12, 20): {h1_no}, date(2020, 12, 22): {h2_no}}
        path = write_registers(tmp_path, "registers-1.csv", "S1,import,2020-12-05T12:00:00+09:00,5")

        (report,) = town.take(path)

        assert report.stale_dates == (date(2020, 12, 5), date(2020, 12, 20))

    @pytest.mark.parametrize(("gap_date", "is_reached"), [(date(2021, 1, 9), True), (date(2021, 1, 10), False)])
    def test_with_a_gap_beyond_reach_stay_as_they_are(self, town, tmp_path, gap_date, is_reached):
        town.days.put(TOWN, gap_date)
        town.readings.gaps[TOWN] = {gap_date: {2}}
        path = write_registers(
            tmp_path,
            "registers-1.csv",
            "S1,import,2020-12-05T12:00:00+09:00,5",
            "S2,import,2021-01-30T12:00:00+09:00,5",
        )

        (report,) = town.take(path)

        assert report.stale_dates == ((gap_date,) if is_reached else ())

    def test_stay_as_they_are_when_every_row_is_rejected(self, town, tmp_path):
        town.days.put(TOWN, *DAYS)
        path = write_registers(tmp_path, "registers-1.csv", "X9,import,2020-12-05T12:00:00+09:00,5")

        assert town.take(path)[0].stale_dates == ()


class TestLargeReadingsFile:
    def test_becomes_one_delivery_that_says_what_the_whole_file_says(self, tmp_path, monkeypatch):
        rows = [f"S1,import,2020-11-{day}T{hour:02}:00:00+09:00,{day * hour}" for day in (20, 21) for hour in range(24)]
        rows[5] = "X9,import,2020-11-20T00:00:00+09:00,5"
        towns = []
        for name in ("whole", "blocks"):
            folder = tmp_path / name
            folder.mkdir()
            town = Town()
            town.take(write_market(folder))
            path = write_registers(folder, "registers-1.csv", *rows)
            if name == "blocks":
                monkeypatch.setattr(arrival, "WHOLE_BYTES_MAX", 10)
                monkeypatch.setitem(arrival.READ_IN_BLOCKS, ".csv", partial(csv_blocks, block_bytes=500))
            towns.append((town, town.take(path)[0]))

        (whole, whole_report), (blocks, blocks_report) = towns
        assert blocks_report.accepted_row_count == 47
        assert blocks_report == replace(whole_report, problems=blocks_report.problems)
        assert sum(each.row_count for each in blocks_report.problems) == 1
        span = (0, 2**24 - 1)
        assert same_rows(whole.readings.rows_between(TOWN, *span), blocks.readings.rows_between(TOWN, *span))


def same_rows(first, second):
    return all(
        getattr(first, each.name).tolist() == getattr(second, each.name).tolist() for each in fields(type(first))
    )
