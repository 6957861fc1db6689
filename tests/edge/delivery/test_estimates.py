"""`sanchi estimate` over files: the same counts give the same bytes, every row and every Wh is accounted for."""

import csv
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.app.estimate_readings import EstimateTerms, estimate_readings
from sanchi.app.estimate_tables import EstimateFiles, EstimateReport
from sanchi.core.base.errors import SetupFault, UnreadableDelivery, WrongInput
from sanchi.core.base.slots import JST, slot_ending_at
from sanchi.core.metering.readings import Channel
from sanchi.edge.delivery import count_spill
from sanchi.edge.delivery.estimates import FileEstimateTables
from sanchi.edge.delivery.match_results import UnfitTarget
from tests.oracles.metering_series import (
    MONDAY,
    boundary_at,
    close_day,
    counts_of,
    day_after,
    point_of,
    register,
    rows_of,
    steady_counts,
    without,
)

HEADER = "meter,read_at,register_wh\n"
MIDNIGHT = datetime(MONDAY.year, MONDAY.month, MONDAY.day, tzinfo=JST)
IMPORT = EstimateTerms(channel=Channel.IMPORT)

Counts = dict[str, dict[int, int]]  # meter -> boundary -> count of 100 Wh


def stamp(boundary: int) -> datetime:
    return MIDNIGHT + timedelta(minutes=30) * (boundary - boundary_at(0))


def csv_of(counts: Counts, more="") -> str:
    rows = sorted((boundary, meter, count * 100) for meter, own in counts.items() for boundary, count in own.items())
    return HEADER + "".join(f"{meter},{stamp(boundary).isoformat()},{wh}\n" for boundary, meter, wh in rows) + more


def parquet_of(path: Path, counts: Counts) -> Path:
    rows = sorted((boundary, meter, count * 100) for meter, own in counts.items() for boundary, count in own.items())
    table = pa.table(
        {
            "meter": [meter for _, meter, _ in rows],
            "read_at": pa.array([stamp(boundary) for boundary, _, _ in rows], pa.timestamp("us", "Asia/Tokyo")),
            "register_wh": pa.array([wh for _, _, wh in rows], pa.int64()),
        }
    )
    pq.write_table(table, path)
    return path


def estimated(
    readings: Path, terms=IMPORT, out="out.csv", tables=None
) -> tuple[EstimateReport, list[dict], list[dict]]:
    """Run and give the report, the slots and the findings."""
    problems = readings.with_name("problems.csv")
    files = EstimateFiles(readings=readings, out=readings.parent / out, problems=problems)
    report = estimate_readings(tables or FileEstimateTables(), files, terms)
    assert not [path for path in readings.parent.iterdir() if path.name.startswith(".")], "scratch is left"
    is_parquet = out.endswith(".parquet")
    slots = (
        pq.read_table(files.out).to_pylist() if is_parquet else list(csv.DictReader(StringIO(files.out.read_text())))
    )
    return report, slots, list(csv.DictReader(StringIO(problems.read_text())))


def written(folder: Path, text: str, name="readings.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path


class TestSlots:
    def test_agree_with_measuring_the_meter_alone(self, tmp_path):
        counts = without(
            counts_of([100 + n % 48 * 7 for n in range(10 * 48)], boundary_at(0)), boundary_at(4, 5), boundary_at(5, 9)
        )
        _, slots, _ = estimated(written(tmp_path, csv_of({"N001": counts})))

        meter = register(
            channel=Channel.IMPORT, digits=6, installed_boundary=boundary_at(0), removed_boundary=boundary_at(10),
            plausible_wh_max=5_000,
        )  # fmt: skip
        expected = []
        for day in map(day_after, range(10)):
            measured = close_day(rows_of(meter, counts), [point_of(meter)], day)
            expected += [
                {
                    "meter": "N001",
                    "delivery_date": str(day),
                    "slot_no": str(index + 1),
                    "energy_wh": str(measured.energy_wh[0, index]),
                    "method": {1: "estimated", 2: "recovered", 3: "measured"}[int(measured.quality[0, index])],
                }
                for index in range(48)
            ]
        assert slots == expected

    @settings(max_examples=25)
    @given(
        st.lists(st.lists(st.integers(0, 2_000), min_size=48, max_size=4 * 48), min_size=1, max_size=3),
        st.lists(st.tuples(st.integers(1, 100), st.integers(0, 90)), max_size=4),
    )
    def test_energy_adds_up_to_what_the_registers_counted(self, tmp_path_factory, meters, gaps):
        folder = tmp_path_factory.mktemp("estimate")
        counts = {}
        for n, slot_wh in enumerate(meters):
            own = counts_of(slot_wh, boundary_at(0, n), turn_count=10**6)
            last = max(own)
            for first, length in gaps:
                own = without(own, boundary_at(0, first), min(boundary_at(0, first + length), last - 1))
            counts[f"M{n}"] = own

        report, slots, _ = estimated(written(folder, csv_of(counts)))

        for meter, own in counts.items():
            of_meter = [slot for slot in slots if slot["meter"] == meter]
            assert sum(int(slot["energy_wh"]) for slot in of_meter) == (own[max(own)] - own[min(own)]) * 100
            assert len(of_meter) == max(own) - min(own)
        assert report.used_row_count == sum(map(len, counts.values()))

    @pytest.mark.parametrize("out", ["out.csv", "out.parquet"])
    def test_same_counts_give_the_same_bytes_from_either_format_and_any_group(self, tmp_path, monkeypatch, out):
        counts = {f"M{n}": without(steady_counts(), boundary_at(2, n), boundary_at(2, 2 * n)) for n in range(1, 8)}
        from_csv = written(tmp_path, csv_of(counts))
        from_parquet = parquet_of(tmp_path / "readings.parquet", counts)
        first = estimated(from_csv, out=out)
        content = (tmp_path / out).read_bytes()

        assert estimated(from_parquet, out=out) == first
        assert (tmp_path / out).read_bytes() == content
        monkeypatch.setattr(count_spill, "CHUNK_ROWS", 100)
        assert estimated(from_parquet, out=out, tables=FileEstimateTables(group_rows=700)) == first
        # A Parquet file has one row group a group of meters; its rows are the same.
        assert out == "out.parquet" or (tmp_path / out).read_bytes() == content

    def test_dates_asked_for_are_those_written(self, tmp_path):
        terms = EstimateTerms(channel=Channel.IMPORT, first_date=day_after(1), last_date=day_after(2))
        report, slots, _ = estimated(written(tmp_path, csv_of({"M1": steady_counts()})), terms)

        assert {slot["delivery_date"] for slot in slots} == {str(day_after(1)), str(day_after(2))}
        assert (report.used_row_count, report.outside_row_count) == (96, 6 * 48 + 1 - 96)

    def test_names_with_commas_and_quotes_come_back(self, tmp_path):
        name = 'roof "A", left'
        _, slots, _ = estimated(parquet_of(tmp_path / "readings.parquet", {name: steady_counts(n_days=1)}))

        assert {slot["meter"] for slot in slots} == {name}

    def test_later_row_of_the_same_stamp_counts(self, tmp_path):
        counts = steady_counts(n_days=1)
        more = f"M1,{stamp(boundary_at(0, 5)).isoformat()},{counts[boundary_at(0, 5)] * 100 + 100}\n"
        report, slots, _ = estimated(written(tmp_path, csv_of({"M1": counts}, more)))

        assert report.superseded_row_count == 1
        assert [slot["energy_wh"] for slot in slots[3:7]] == ["200", "300", "100", "200"]


class TestRows:
    def test_bad_rows_are_told_and_all_add_up(self, tmp_path):
        at = stamp(boundary_at(0, 3)).isoformat()
        more = f"M1,soon,5\n,{at},5\nM1,{at},-100\nM1,{at}\nM1,{at},1,2\nM1,2301-01-01T00:00:00+09:00,5\n"
        between = f"M1,{(stamp(boundary_at(0, 3)) + timedelta(minutes=10)).isoformat()},200\n"
        report, _, findings = estimated(written(tmp_path, csv_of({"M1": steady_counts(n_days=1)}, more + between)))

        summary = report.summary
        assert dict(summary.rejected) == {
            "NEGATIVE_ENERGY": 1, "STAMP_OUTSIDE_METER_LIFE": 1, "UNREADABLE_ROW": 4,
        }  # fmt: skip
        assert (summary.kept_row_count, summary.between_row_count) == (49, 1)
        assert summary.row_count == summary.kept_row_count + summary.between_row_count + 6
        assert sorted(each["detail"] for each in findings if "row" in each["where"]) == sorted(more.split())
        assert {each["where"] for each in findings} >= {"row 50", "row 51", "row 52"}

    def test_wild_count_is_set_aside_and_its_energy_recovered(self, tmp_path):
        counts = steady_counts() | {boundary_at(3, 7): 900_000}
        report, slots, findings = estimated(written(tmp_path, csv_of({"M1": counts})))

        assert (report.set_aside_row_count, report.slots["recovered"]) == (1, (2, 400))
        assert "ENERGY_IMPLAUSIBLE" in {each["code"] for each in findings}
        assert sum(int(slot["energy_wh"]) for slot in slots) == 200 * 48 * 6

    def test_turn_of_a_register_is_read_with_its_digits(self, tmp_path):
        terms = EstimateTerms(channel=Channel.IMPORT, digits=4)
        counts = steady_counts(first_wh=999_000)
        _, slots, _ = estimated(written(tmp_path, csv_of({"M1": counts})), terms)

        assert {(slot["energy_wh"], slot["method"]) for slot in slots} == {("200", "measured")}

    def test_file_without_rows_gives_a_header(self, tmp_path):
        report, slots, findings = estimated(written(tmp_path, HEADER))

        assert (report.summary.row_count, slots, findings) == (0, [], [])
        assert (tmp_path / "out.csv").read_text() == "meter,delivery_date,slot_no,energy_wh,method\n"


class TestRefusals:
    @pytest.mark.parametrize(
        "text", ["", "meter,read_at\nM1,x\n", HEADER.replace("meter", "Meter"), HEADER + '\ufffe\x00"M1,\n"""\n']
    )
    def test_broken_file_is_refused_and_nothing_written(self, tmp_path, text):
        readings = written(tmp_path, text)
        try:
            estimated(readings)
        except UnreadableDelivery:
            assert [path.name for path in tmp_path.iterdir()] == ["readings.csv"]
        else:
            assert text.startswith(HEADER), "a file without its columns was read"

    def test_other_suffix_is_refused(self, tmp_path):
        with pytest.raises(UnreadableDelivery, match="suffix"):
            estimated(written(tmp_path, HEADER, "readings.txt"))

    def test_parquet_of_other_types_is_refused(self, tmp_path):
        path = tmp_path / "readings.parquet"
        pq.write_table(pa.table({"meter": ["M1"], "read_at": ["x"], "register_wh": [1.5]}), path)

        with pytest.raises(UnreadableDelivery, match="expected timestamp"):
            estimated(path)

    def test_unit_that_the_counts_contradict_is_refused_and_nothing_written(self, tmp_path):
        readings = written(tmp_path, csv_of({"M1": steady_counts()}))

        with pytest.raises(WrongInput, match="multiples of 100 Wh"):
            estimated(readings, EstimateTerms(channel=Channel.IMPORT, unit_wh=1_000))
        assert [path.name for path in tmp_path.iterdir()] == ["readings.csv"]

    def test_input_is_never_written_over(self, tmp_path):
        readings = written(tmp_path, csv_of({"M1": steady_counts()}))

        with pytest.raises(UnfitTarget):
            estimated(readings, out="readings.csv")

    def test_folder_that_is_not_there_is_told(self, tmp_path):
        readings = written(tmp_path, csv_of({"M1": steady_counts()}))

        with pytest.raises(SetupFault):
            estimated(readings, out="nowhere/out.csv")


class TestAnyBytes:
    """Whatever stands in a file, it is read or refused by name, and rows add up."""

    PIECES = st.sampled_from(
        [
            "M1", ",", "\n", "\r\n", "\r", '"', '""', "\0", " ", "é", "\ufeff", "2020-12-07T00:30:00+09:00", "-1",
            "2020-12-07T01:00:00Z", "9999-12-31T23:59:59Z", "0001-01-01T00:00:00+23:59",
            "100", "9" * 18, "9" * 30, "1e5",
        ]
    )  # fmt: skip

    @settings(max_examples=150)
    @given(st.lists(PIECES, max_size=40), st.binary(max_size=6))
    def test_csv(self, tmp_path_factory, pieces, tail):
        path = tmp_path_factory.mktemp("any") / "readings.csv"
        row = "M1,2020-12-07T00:00:00+09:00,100\n"
        path.write_bytes((HEADER + row + "".join(pieces)).encode() + tail)

        self.check(path)

    @settings(max_examples=60)
    @given(st.integers(0, 2_000), st.binary(min_size=1, max_size=8))
    def test_altered_parquet(self, tmp_path_factory, place, content):
        path = parquet_of(tmp_path_factory.mktemp("any") / "readings.parquet", {"M1": steady_counts(n_days=1)})
        whole = bytearray(path.read_bytes())
        at = place % len(whole)
        whole[at : at + len(content)] = content
        path.write_bytes(whole)

        self.check(path)

    @staticmethod
    def check(path: Path) -> None:
        try:
            report, slots, _ = estimated(path)
        except (UnreadableDelivery, WrongInput):
            assert [each.name for each in path.parent.iterdir()] == [path.name]
            return
        summary = report.summary
        assert summary.row_count == summary.kept_row_count + summary.between_row_count + sum(summary.rejected.values())
        assert len(slots) == sum(count for count, _ in report.slots.values())


class TestMeasuredHomes:
    def test_registers_of_forty_homes_with_gaps_keep_every_watt_hour(self, shared_data: Path, tmp_path):
        table = pq.read_table(shared_data / "sgsc_halfhour" / "readings.parquet")
        meters = np.array(table["customer_id"].to_pylist())
        at_us = table["reading_datetime"].cast(pa.int64()).to_numpy()
        wh = np.rint(np.nan_to_num(table["general_supply_kwh"].to_numpy()) * 1_000).astype(np.int64)
        rng = np.random.default_rng(4)
        counts = {}
        for meter in np.unique(meters)[:3].tolist():
            own = np.flatnonzero(meters == meter)
            own = own[np.argsort(at_us[own])][: 60 * 48]
            boundary = boundary_at(0) + (at_us[own] - at_us[own[0]]) // 1_800_000_000
            readings = dict(zip(boundary.tolist(), (np.cumsum(wh[own]) // 100).tolist(), strict=True))
            for first in rng.integers(50, 55 * 48, 6).tolist():
                readings = without(readings, boundary_at(0, first), boundary_at(0, first + 30))
            counts[meter] = readings

        report, slots, _ = estimated(written(tmp_path, csv_of(counts)))

        counted_wh = sum((own[max(own)] - own[min(own)]) * 100 for own in counts.values())
        assert sum(int(slot["energy_wh"]) for slot in slots) == counted_wh
        assert report.slots["recovered"][0] > 300
        assert report.slots["missing"] == (0, 0)
        assert slot_ending_at(max(max(own) for own in counts.values())).delivery_date == report.last_date
