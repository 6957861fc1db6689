"""The shipped sample keeps the formats, names its sources, and holds what its README tells."""

from datetime import date, datetime, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from sanchi.core.base.slots import JST, boundary_ordinal
from tests.sample.shipped import (
    MASTER_FILES,
    ROUNDS,
    SAMPLE,
    csv_rows,
    files_of,
    market,
    rows_of,
    series_of,
)

SIZE_MAX = 8_000_000
# Parquet has no seconds; whole ones are kept as milliseconds.
JST_STAMP = pa.timestamp("ms", tz="Asia/Tokyo")
MODELLED_ROOFS = 40
HALF_HOUR_S = 1800
HOUR_MS = 3_600_000
# Tokyo's earliest dawn and latest dusk from November to February, with half an hour to spare.
NIGHT_ENDS_H, NIGHT_BEGINS_H = 5.5, 18.5


def hours_of(stamps_s: np.ndarray) -> np.ndarray:
    """Give the hour of the day (JST) at the end of each slot."""
    return (stamps_s + 9 * 3600) % 86400 / 3600


class TestFiles:
    def test_all_files_together_are_small(self):
        size = sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file())

        assert size <= SIZE_MAX

    def test_folders_hold_the_files_that_the_formats_name(self):
        months = ("2020-11", "2020-12", "2021-01", "2021-02")
        expected = {f"{kind}-{month}.parquet" for kind in ("registers", "energies") for month in months}

        assert {path.name for path in (SAMPLE / "pilot").iterdir()} == expected | {
            "market.toml",
            *MASTER_FILES,
        }
        assert {path.name for path in (SAMPLE / "late").iterdir()} == {
            "registers-late-1.parquet",
            "energies-late-1.parquet",
        }
        assert {path.name for path in (SAMPLE / "after_final").iterdir()} == {
            "registers-late-2.parquet",
            "energies-late-2.parquet",
        }

    @pytest.mark.parametrize(
        ("kind", "stamp", "reading"),
        [("registers", "read_at", "register_count"), ("energies", "slot_end", "energy_wh")],
    )
    def test_readings_have_the_columns_of_the_formats(self, kind: str, stamp: str, reading: str):
        expected = pa.schema(
            [
                ("meter_id", pa.string()),
                ("channel", pa.string()),
                (stamp, JST_STAMP),
                (reading, pa.int64()),
                ("received_at", JST_STAMP),
            ]
        )

        for path in files_of(kind, *ROUNDS):
            schema = pq.read_schema(path)
            assert schema.equals(expected), path.name

    def test_no_field_is_empty(self):
        for kind in ("registers", "energies"):
            table = rows_of(kind, *ROUNDS)
            assert [column.null_count for column in table.columns] == [0] * 5


class TestMasterData:
    def test_period_is_the_pilot(self):
        terms = market()

        assert (terms["first_delivery_date"], terms["last_delivery_date"]) == (
            date(2020, 11, 20),
            date(2021, 2, 28),
        )

    def test_every_party_named_is_known(self):
        known = {row["party_id"] for row in csv_rows("parties.csv")}
        named = {row["party_id"] for row in csv_rows("meters.csv")}
        named |= {row["buyer_id"] for row in (*csv_rows("offers.csv"), *csv_rows("choices.csv"))}
        named |= {row["home_id"] for row in csv_rows("choices.csv")}
        for row in csv_rows("plants.csv"):
            named |= {row[name] for name in row if name.endswith("_id") and name != "device_id"}

        assert named - known == set()

    def test_every_meter_with_readings_is_known(self):
        known = {(row["meter_id"], channel) for row in csv_rows("meters.csv") for channel in row["channels"].split("+")}

        assert set(series_of("registers", *ROUNDS)) | set(series_of("energies", *ROUNDS)) <= known

    def test_groups_are_those_of_the_pilot(self):
        groups = [row["group"] for row in csv_rows("plants.csv")]

        assert {group: groups.count(group) for group in groups} == {
            "surplus": 45,
            "self_consumption": 5,
            "outside": 2,
        }

    def test_homes_outside_rank_nobody_and_have_no_price(self):
        ranking = {row["home_id"] for row in csv_rows("choices.csv")}
        outside = [row for row in csv_rows("plants.csv") if row["group"] == "outside"]

        assert not ranking & {row["home_id"] for row in outside}
        assert {row["standard_price_sen_per_kwh"] for row in outside} == {"0"}

    def test_tariffs_ended_before_the_pilot_but_for_two(self):
        later = {row["home_id"]: row["fit_end"] for row in csv_rows("plants.csv") if row["fit_end"] > "2020-11-20"}

        assert later == {"H09": "2020-12-15", "H21": "2027-06-15"}


class TestLabels:
    def test_modelled_roofs_and_batteries_are_labelled(self):
        for row in csv_rows("plants.csv"):
            has_modelled_roof = int(row["home_id"][1:]) <= MODELLED_ROOFS
            has_battery = row["battery_capacity_wh"] != "0"
            assert row["load_provenance"].startswith("measured+re-dated")
            assert (row["pv_provenance"] == "modelled") == has_modelled_roof
            assert row["battery_provenance"] == ("modelled" if has_battery else "")

    def test_homes_with_repeated_days_are_labelled(self):
        repeated = [row["home_id"] for row in csv_rows("plants.csv") if "repeated" in row["load_provenance"]]

        assert repeated == ["H39", "H40", "H52"]

    @pytest.mark.parametrize(
        "told",
        [
            "出典: 気象庁ホームページ",
            "加工して作成",
            "Creative Commons Attribution 3.0 Australia",
            "CityLearn",
            "EMHASS",
            "embedded-network-model",
            "No home here is a Japanese home",
        ],
    )
    def test_readme_credits_every_source(self, told: str):
        assert told in (SAMPLE / "README.md").read_text(encoding="utf-8")

    def test_readme_tells_every_later_round(self):
        text = (SAMPLE / "README.md").read_text(encoding="utf-8")
        meters = set()
        for kind in ("registers", "energies"):
            meters |= set(rows_of(kind, "late", "after_final").column("meter_id").to_pylist())

        assert [meter for meter in sorted(meters) if f"- {meter[:3]}" not in text] == []


class TestRegisters:
    def test_counts_never_fall_but_for_one_roll_over(self):
        for rounds in (("pilot",), ("pilot", "late"), ROUNDS):
            fallen = {
                key: int((np.diff(counts) < 0).sum())
                for key, (_, counts) in series_of("registers", *rounds).items()
                if (np.diff(counts) < 0).any()
            }
            assert fallen == {("H02-grid", "import"): 1}

    def test_steps_are_what_the_connection_can_carry(self):
        bound = {row["meter_id"]: int(row["plausible_wh_max"]) for row in csv_rows("meters.csv")}
        for (meter_id, _), (stamps, counts) in series_of("registers", *ROUNDS).items():
            step_wh = np.diff(counts) % 1_000_000 * 100
            n_slots = np.diff(stamps) // HALF_HOUR_S
            assert (step_wh < n_slots * bound[meter_id] + 100).all(), meter_id

    def test_both_meters_are_read_when_one_is_exchanged(self):
        series = series_of("registers", *ROUNDS)
        meters = {row["meter_id"]: row for row in csv_rows("meters.csv")}

        for meter_id in ("H07-grid", "H36-grid"):
            exchanged = datetime.fromisoformat(meters[meter_id]["removed_at"])
            assert exchanged == datetime.fromisoformat(meters[f"{meter_id}-2"]["installed_at"])
            for channel in ("import", "export"):
                assert series[meter_id, channel][0][-1] == exchanged.timestamp()
                assert series[f"{meter_id}-2", channel][0][0] == exchanged.timestamp()

    def test_series_open_at_the_first_midnight(self):
        opening_s = datetime(2020, 11, 20, tzinfo=JST).timestamp()
        starts = {
            key: stamps[0] for key, (stamps, _) in series_of("registers", "pilot").items() if not key[0].endswith("-2")
        }

        assert set(starts.values()) == {opening_s}


class TestEnergies:
    def test_roofs_give_nothing_at_night(self):
        for (meter_id, channel), (stamps, energy_wh) in series_of("energies", *ROUNDS).items():
            if channel == "pv" and int(meter_id[1:3]) <= MODELLED_ROOFS:
                hours = hours_of(stamps)
                is_night = (hours <= NIGHT_ENDS_H) | (hours > NIGHT_BEGINS_H)
                assert energy_wh[is_night].sum() == 0, meter_id
                assert energy_wh[~is_night].sum() > 0, meter_id

    def test_no_energy_is_negative_or_above_its_bound(self):
        bound = {row["meter_id"]: int(row["plausible_wh_max"]) for row in csv_rows("meters.csv")}
        for rounds in (("pilot",), ROUNDS):
            for (meter_id, _), (_, energy_wh) in series_of("energies", *rounds).items():
                assert 0 <= energy_wh.min() <= energy_wh.max() <= bound[meter_id], meter_id

    def test_stamps_close_slots_of_the_period(self):
        first = boundary_ordinal(date(2020, 11, 20), 1)
        last = boundary_ordinal(date(2021, 2, 28), 48)
        epoch_s = int(datetime(2000, 1, 1, tzinfo=JST).timestamp())
        for stamps, _ in series_of("energies", *ROUNDS).values():
            assert (stamps % HALF_HOUR_S == 0).all()
            boundary = (stamps - epoch_s) // HALF_HOUR_S
            assert first <= boundary.min() <= boundary.max() <= last


class TestFaults:
    def test_silent_home_has_meters_and_no_rows(self):
        delivered = {meter for kind in ("registers", "energies") for meter, _ in series_of(kind, *ROUNDS)}
        listed = {row["meter_id"] for row in csv_rows("meters.csv")}

        assert listed - delivered == {"H23-grid", "H23-pv"}

    def test_four_homes_in_ten_miss_readings(self):
        expected = 101 * 48
        incomplete = {
            meter_id[:3]
            for (meter_id, channel), (stamps, _) in series_of("energies", *ROUNDS).items()
            if channel == "pv" and len(stamps) < expected
        }

        assert 17 <= len(incomplete) <= 26

    def test_pilot_rows_arrive_four_hours_after_their_stamp(self):
        for kind in ("registers", "energies"):
            table = rows_of(kind, "pilot")
            delay_ms = pc.subtract(*(table.column(n).cast(pa.int64()) for n in (4, 2))).to_numpy()
            assert 4 * HOUR_MS <= delay_ms.min() <= delay_ms.max() < 4.2 * HOUR_MS

    @pytest.mark.parametrize(("folder", "is_final"), [("late", False), ("after_final", True)])
    def test_later_rows_arrive_before_or_after_their_month_is_final(self, folder: str, is_final: bool):
        for kind in ("registers", "energies"):
            table = rows_of(kind, folder)
            arrivals = set(zip(table.column(2).to_pylist(), table.column(4).to_pylist(), strict=True))
            assert {received >= finalised_at(stamp) for stamp, received in arrivals} == {is_final}

    def test_some_rows_arrive_twice_within_a_file_and_across_files(self):
        december = pq.read_table(SAMPLE / "pilot" / "registers-2020-12.parquet")
        rows = list(zip(*(column.to_pylist() for column in december.columns), strict=True))
        november_stamps = [row for row in rows if row[2] <= datetime(2020, 12, 1, tzinfo=JST)]

        assert len(rows) - len(set(rows)) == 48
        assert {row[0] for row in november_stamps} == {"H08-grid"}

    def test_corrections_change_readings_that_had_arrived(self):
        for kind, folder, meter, channel in (
            ("energies", "late", "H10-pv", "pv"),
            ("registers", "late", "H26-grid", "export"),
            ("energies", "after_final", "H20-pv", "pv"),
            ("registers", "after_final", "H24-grid", "export"),
            ("registers", "after_final", "H30-grid", "export"),
        ):
            before = dict(zip(*series_of(kind, "pilot")[meter, channel], strict=True))
            after = dict(zip(*series_of(kind, folder)[meter, channel], strict=True))
            assert set(after) <= set(before)
            assert any(before[stamp] != after[stamp] for stamp in after), meter

    def test_one_correction_after_final_lowers_a_day_and_one_raises_it(self):
        assert export_wh("H24-grid", "2020-12-20", "pilot") - export_wh("H24-grid", "2020-12-20", *ROUNDS) == 1000
        assert export_wh("H30-grid", "2020-11-28", *ROUNDS) - export_wh("H30-grid", "2020-11-28", "pilot") > 2000

    def test_last_count_of_an_exchanged_meter_closes_its_gap_after_final(self):
        exchanged_s = datetime(2020, 12, 18, 14, tzinfo=JST).timestamp()

        assert series_of("registers", "pilot", "late")["H36-grid", "export"][0][-1] < exchanged_s
        assert series_of("registers", *ROUNDS)["H36-grid", "export"][0][-1] == exchanged_s


def export_wh(meter_id: str, day_text: str, *rounds: str) -> int:
    """Give what a register counted over a day."""
    stamps, counts = series_of("registers", *rounds)[meter_id, "export"]
    start = datetime.fromisoformat(day_text).replace(tzinfo=JST)
    ends = [int(instant.timestamp()) for instant in (start, start + timedelta(days=1))]
    opening, closing = counts[np.searchsorted(stamps, ends)]
    return int(closing - opening) * 100


def finalised_at(stamp: datetime) -> datetime:
    """Give when the month of the slot that a stamp closes is finalised: on the 25th of the next month."""
    slot_start = (stamp - timedelta(minutes=30)).astimezone(JST)
    next_month = slot_start.replace(day=28) + timedelta(days=4)
    return next_month.replace(day=market()["finalise_day"], hour=0, minute=0)
