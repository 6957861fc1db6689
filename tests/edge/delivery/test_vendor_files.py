"""Any vendor's table is read by the columns.toml beside it: every value exactly, every bad row told."""

from datetime import datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sanchi.app.arrivals import DecodedBlock
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.slots import JST
from sanchi.core.metering.readings import Channel
from sanchi.edge.delivery import vendor_files
from sanchi.edge.delivery.vendor_files import vendor_blocks

COUNTS = """
meter = "Meter No"
stamp = "time"
stamp_means = "end"
measure = "count"
source = "b_route"
stage = "flash"

[[series]]
column = "buy kWh"
channel = "import"
unit = "kWh"
decimals = 1

[[series]]
column = "sell kWh"
channel = "export"
unit = "kWh"
decimals = 1
"""
DAYS = """
meter = "地点"
stamp = "日付"
stamp_format = "%Y/%m/%d"
utc_offset = "+09:00"
stamp_means = "start"
measure = "energy"
interval_s = 1800
source = "tso"
stage = "final"
encoding = "shift_jis"
slot_columns = [SLOTS]

[[series]]
channel = "import"
unit = "kWh"
decimals = 3
""".replace("SLOTS", ", ".join(f'"{n:02d}"' for n in range(1, 49)))


def written(folder: Path, mapping: str, table: str, name: str = "vendor-a.csv", encoding: str = "utf-8") -> Path:
    (folder / "columns.toml").write_text(mapping, encoding="utf-8")
    path = folder / name
    path.write_bytes(table.encode(encoding))
    return path


def read(path: Path) -> list[DecodedBlock]:
    return list(vendor_blocks(path, 77))


def rows_of(path: Path) -> list[tuple[str, str, str, int]]:
    """Give address, channel, stamp and mWh of each row."""
    rows = []
    for block in read(path):
        found = block.decoded.rows
        for n in range(found.row_count):
            stamp = f"{datetime.fromtimestamp(int(found.stamp_s[n]), JST):%m-%d %H:%M}"
            channel = Channel(int(found.channel_no[n])).text
            address = found.address_texts[found.address_code[n]]
            rows.append((address, channel, stamp, int(found.reading[n] * found.unit_mwh[n])))
    return rows


class TestTable:
    def test_of_counts_gives_every_series_of_every_row(self, tmp_path: Path):
        table = "time,Meter No,buy kWh,sell kWh,note\n2020-12-01T15:30:00+09:00,m1,12.3,4,x\n"

        assert rows_of(written(tmp_path, COUNTS, table)) == [
            ("m1", "import", "12-01 15:30", 12_300_000),
            ("m1", "export", "12-01 15:30", 4_000_000),
        ]

    def test_whose_rows_are_days_gives_48_half_hours_each(self, tmp_path: Path):
        header = "地点,日付," + ",".join(f"{n:02d}" for n in range(1, 49))
        table = f"{header}\np1,2020/12/01,{','.join(f'0.{n:03d}' for n in range(1, 49))}\n"

        rows = rows_of(written(tmp_path, DAYS, table, encoding="cp932"))

        assert rows[0] == ("p1", "import", "12-01 00:30", 1_000)
        assert rows[47] == ("p1", "import", "12-02 00:00", 48_000)
        assert len(rows) == 48

    def test_with_24_oclock_ends_the_day(self, tmp_path: Path):
        mapping = COUNTS.replace(
            'stamp = "time"', 'stamp = "time"\nstamp_format = "%Y/%m/%d %H:%M"\nutc_offset = "+09:00"'
        )
        table = "time,Meter No,buy kWh,sell kWh\n2020/12/31 24:00,m1,1,\n"

        assert rows_of(written(tmp_path, mapping, table)) == [("m1", "import", "01-01 00:00", 1_000_000)]

    def test_of_stamps_that_open_their_interval_is_moved_to_its_end(self, tmp_path: Path):
        mapping = COUNTS.replace('"end"', '"start"').replace('"count"', '"energy"\ninterval_s = 300')
        table = "time,Meter No,buy kWh,sell kWh\n2020-12-01T15:30:00+09:00,m1,0.1,\n"

        assert rows_of(written(tmp_path, mapping, table)) == [("m1", "import", "12-01 15:35", 100_000)]

    def test_in_parquet_is_the_same_table(self, tmp_path: Path):
        stamps = pa.array([datetime(2020, 12, 1, 15, 30, tzinfo=JST)], pa.timestamp("ms", "Asia/Tokyo"))
        table = pa.table(
            {"time": stamps, "Meter No": ["m1"], "buy kWh": [12.3], "sell kWh": pa.array([None], pa.float64())}
        )
        path = written(tmp_path, COUNTS, "", "vendor-a.parquet")
        pq.write_table(table, path)

        assert rows_of(path) == [("m1", "import", "12-01 15:30", 12_300_000)]

    def test_longer_than_a_block_is_numbered_on(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
        monkeypatch.setattr(vendor_files, "BLOCK_BYTES", 400)
        lines = [f"2020-12-01T15:30:00+09:00,m{n},{n},{n}" for n in range(1, 101)]

        blocks = read(written(tmp_path, COUNTS, "\n".join(["time,Meter No,buy kWh,sell kWh", *lines, ""])))

        assert len(blocks) > 5
        assert [no for block in blocks for no in block.decoded.rows.record_no.tolist()] == [
            no for no in range(1, 101) for _ in range(2)
        ]

    def test_without_a_time_of_receipt_was_received_with_its_file(self, tmp_path: Path):
        (block,) = read(written(tmp_path, COUNTS, "time,Meter No,buy kWh,sell kWh\n2020-12-01T15:30:00Z,m1,1,1\n"))

        assert set(block.decoded.rows.received_s) == {77}


class TestBadRow:
    @pytest.mark.parametrize(
        ("row", "told"),
        [
            (",m1,1,1", "time"),
            ("2020-12-01T15:30:00,m1,1,1", "time"),
            ("2020-13-01T15:30:00+09:00,m1,1,1", "time"),
            ("2020-12-01T15:30:00+09:00,,1,1", "Meter No"),
            ("2020-12-01T15:30:00+09:00,m1,1.23,1", "buy kWh"),
            ("2020-12-01T15:30:00+09:00,m1,1e3,1", "buy kWh"),
            ('2020-12-01T15:30:00+09:00,m1,"1,000",1', "buy kWh"),
            ("2020-12-01T15:30:00+09:00,m1,nan,x", "buy kWh, sell kWh"),
            ("2020-12-01T15:30:00+09:00,m1,9999999999999999999999,1", "buy kWh"),
        ],
    )
    def test_is_told_by_its_field_and_all_others_are_taken(self, tmp_path: Path, row: str, told: str):
        good = "2020-12-01T16:00:00+09:00,m2,5,6"

        (block,) = read(written(tmp_path, COUNTS, f"time,Meter No,buy kWh,sell kWh\n{row}\n{good}\n"))

        (problem,) = block.decoded.problems
        assert (problem.record_no, problem.detail) == (1, f"{told} empty or not readable")
        assert block.decoded.rows.record_no.tolist()[-2:] == [2, 2]

    def test_of_empty_fields_alone_is_passed_over_and_counted(self, tmp_path: Path):
        (block,) = read(written(tmp_path, COUNTS, "time,Meter No,buy kWh,sell kWh\n2020-12-01T15:30:00Z,m1,,\n"))

        assert block.decoded.rows.row_count == 0
        assert (block.decoded.passed_over, block.decoded.left_out) == ({"rows without a value": 1}, {"empty fields": 2})


class TestEveryNumber:
    @settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
    @given(st.lists(st.integers(0, 10**11), min_size=1, max_size=20))
    def test_is_read_to_its_last_place(self, tmp_path: Path, tenths: list[int]):
        lines = [f"2020-12-01T15:30:00Z,m,{n // 10}.{n % 10}," for n in tenths]

        rows = rows_of(written(tmp_path, COUNTS, "\n".join(["time,Meter No,buy kWh,sell kWh", *lines, ""])))

        assert [mwh for *_, mwh in rows] == [n * 100_000 for n in tenths]


class TestRefusal:
    @pytest.mark.parametrize(
        ("old", "new", "told"),
        [
            ('meter = "Meter No"', "", "meter is missing; expected a text"),
            ('measure = "count"', 'measure = "kwh"', "measure is 'kwh'; expected one of count, energy, power"),
            ('unit = "kWh"', 'unit = "joule"', "unit is 'joule'; expected such as"),
            ("decimals = 1", "decimals = 7", "decimals is 7; expected 0 to 6"),
            ('unit = "kWh"', 'unit = "0.00001 Wh"', "expected a unit of whole mWh"),
            (
                'stamp = "time"',
                'stamp = "time"\nstamp_format = "%Y/%m/%d"',
                "utc_offset is missing, as the stamps tell",
            ),
            ('stage = "flash"', 'stage = "flash"\nstagee = "final"', "the key stagee means nothing here"),
            ('source = "b_route"', 'source = "operator"', "source is 'operator'; expected one of ct, b_route, tso"),
            ('stamp_means = "end"', "", "stamp_means is missing; expected one of start, end"),
            ('measure = "count"', 'measure = "energy"', "interval_s is 0; expected one of 60, 300, 900, 1800"),
        ],
    )
    def test_of_a_mapping_names_key_and_what_belongs_there(self, tmp_path: Path, old: str, new: str, told: str):
        with pytest.raises(UnreadableDelivery) as refused:
            read(written(tmp_path, COUNTS.replace(old, new, 1), "time,Meter No,buy kWh,sell kWh\n"))

        assert told in refused.value.what
        assert "columns.toml" in refused.value.what

    def test_of_a_table_without_a_mapped_column_lists_those_it_has(self, tmp_path: Path):
        with pytest.raises(UnreadableDelivery, match="has no column 'buy kWh'; it has time, Meter No, buy, sell kWh"):
            read(written(tmp_path, COUNTS, "time,Meter No,buy,sell kWh\n2020-12-01T15:30:00Z,m1,1,1\n"))

    def test_of_a_table_in_another_encoding_names_the_mapping(self, tmp_path: Path):
        with pytest.raises(UnreadableDelivery) as refused:
            read(
                written(
                    tmp_path,
                    COUNTS,
                    "time,Meter No,buy kWh,sell kWh\n2020-12-01T15:30:00Z,地点,1,1\n",
                    encoding="cp932",
                )
            )

        assert "columns.toml" in refused.value.hint

    def test_without_a_mapping_says_where_it_belongs(self, tmp_path: Path):
        path = tmp_path / "vendor-a.csv"
        path.write_text("a,b\n")

        with pytest.raises(UnreadableDelivery, match=r"columns\.toml is not beside the vendor's table"):
            read(path)

    def test_of_a_line_without_end_comes_before_it_fills_the_memory(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ):
        monkeypatch.setattr(vendor_files, "BLOCK_BYTES", 4_000)
        table = "time,Meter No,buy kWh,sell kWh\n" + "x" * 100_000

        with pytest.raises(UnreadableDelivery, match="cannot be read as a table"):
            read(written(tmp_path, COUNTS, table))
