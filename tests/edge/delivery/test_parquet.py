"""Parquet as records of texts and as columns of readings."""

from datetime import date
from io import BytesIO

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarrow import parquet

from sanchi.app.deliveries import FileKind
from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.metering.intake_columns import LEFT_OUT, NOT_READABLE, ReadingFile
from sanchi.core.metering.sources import Source, Stage
from sanchi.edge.delivery.parquet import master_rows_of_parquet, readings_of_parquet

STAMP_S = 1_606_750_200


def table(n_rows=3, **changes):
    """Give good register readings, with columns changed (None takes a column away)."""
    stamps = pa.array([STAMP_S + 1_800 * n for n in range(n_rows)], pa.timestamp("s", "Asia/Tokyo"))
    good = {
        "meter_id": pa.array(["M1", "M2", "M1", "M2"][:n_rows]),
        "channel": pa.array(["import"] * n_rows),
        "read_at": stamps,
        "register_count": pa.array(range(n_rows), pa.int64()),
        "received_at": stamps,
    }
    return pa.table({name: column for name, column in (good | changes).items() if column is not None})


def written(content, **options):
    sink = BytesIO()
    parquet.write_table(content, sink, **options)
    return sink.getvalue()


def readings(content):
    return readings_of_parquet("registers-1.parquet", ReadingFile.REGISTERS, content)


class TestReadingsOfParquet:
    @pytest.mark.parametrize("row_group_size", [1, 10])
    def test_gives_columns_and_row_numbers(self, row_group_size):
        columns = readings(written(table(), row_group_size=row_group_size)).columns

        assert [columns.meter_texts[code] for code in columns.meter_code] == ["M1", "M2", "M1"]
        assert columns.channel_texts == ("import",)
        assert columns.stamp_s.tolist() == [STAMP_S, STAMP_S + 1_800, STAMP_S + 3_600]
        assert columns.reading.tolist() == [0, 1, 2]
        assert columns.row_no.tolist() == [1, 2, 3]

    def test_reads_ways_where_they_are_told(self):
        ways = {"source": pa.array(["tso", None, "wifi"]), "stage": pa.array(["final", "", "last"])}

        columns = readings(written(table(**ways))).columns

        assert columns.source_no.tolist() == [Source.TSO, LEFT_OUT, NOT_READABLE]
        assert columns.stage_no.tolist() == [Stage.FINAL, LEFT_OUT, NOT_READABLE]

    def test_leaves_ways_open_where_they_are_not_told(self):
        columns = readings(written(table())).columns

        assert columns.source_no.tolist() == columns.stage_no.tolist() == [LEFT_OUT] * 3

    @pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
    def test_reads_stamps_of_every_unit(self, unit):
        per_s = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
        stamps = pa.array([STAMP_S * per_s], pa.int64()).cast(pa.timestamp(unit, "+09:00"))

        assert readings(written(table(1, read_at=stamps))).columns.stamp_s.tolist() == [STAMP_S]

    @pytest.mark.parametrize("meters", [pa.array(["M1"]).dictionary_encode(), pa.array(["M1"], pa.large_string())])
    @pytest.mark.parametrize("numbers", [pa.array([0], pa.int32()), pa.array([0], pa.uint16())])
    def test_reads_every_kind_of_text_and_whole_number(self, meters, numbers):
        columns = readings(written(table(1, meter_id=meters, register_count=numbers))).columns

        assert columns.meter_texts == ("M1",)
        assert columns.reading.tolist() == [0]

    def test_empty_fields_are_not_readable(self):
        stamps = pa.array([None, STAMP_S, STAMP_S], pa.timestamp("s", "+09:00"))
        arrived = readings(
            written(
                table(
                    meter_id=pa.array([None, "", "M1"]),
                    read_at=stamps,
                    register_count=pa.array([1, None, 3], pa.int64()),
                )
            )
        )

        columns = arrived.columns
        assert columns.meter_code[:2].tolist() == [-1, -1]
        assert columns.is_stamp_readable.tolist() == [False, True, True]
        assert columns.is_reading_readable.tolist() == [True, False, True]
        assert arrived.row_texts(np.array([0])) == (",import,,1,2020-12-01T00:30:00+09:00",)

    def test_file_without_rows_has_none(self):
        arrived = readings(written(table().slice(0, 0)))

        assert arrived.columns.row_count == 0
        assert arrived.row_texts(np.array([], dtype=np.int64)) == ()

    def test_row_texts_are_those_that_csv_would_have(self):
        arrived = readings(written(table()))

        assert arrived.row_texts(np.array([1])) == ("M2,import,2020-12-01T01:00:00+09:00,1,2020-12-01T01:00:00+09:00",)

    @pytest.mark.parametrize("share", [0.1, 0.5, 0.9, 0.999])
    def test_refuses_a_file_that_was_cut_off(self, share):
        content = written(table())

        with pytest.raises(
            UnreadableDelivery, match=r"registers-1\.parquet is not a whole Parquet file: .*send it again"
        ):
            readings(content[: int(len(content) * share)])

    def test_refuses_a_page_that_was_altered_on_its_way(self):
        content = bytearray(written(table(), write_page_checksum=True, compression="none"))
        place = content.index(b"M2")
        content[place : place + 2] = b"M7"

        with pytest.raises(UnreadableDelivery, match="is not a whole Parquet file"):
            readings(bytes(content))

    @given(place_share=st.floats(0, 1, exclude_max=True), altered=st.binary(min_size=1, max_size=3))
    def test_reads_or_refuses_whatever_became_of_the_bytes(self, place_share, altered):
        content = bytearray(written(table()))
        place = int(len(content) * place_share)
        content[place : place + len(altered)] = altered

        try:
            arrived = readings(bytes(content))
        except UnreadableDelivery as refusal:
            told = str(refusal)
        else:
            positions = np.arange(arrived.columns.row_count)
            told = f"registers-1.parquet has {len(arrived.row_texts(positions))} rows"

        assert told.startswith("registers-1.parquet")

    @pytest.mark.parametrize(
        ("changes", "reason"),
        [
            ({"read_at": None, "time": pa.array([1, 2, 3])}, " misses read_at; it has besides time"),
            ({"unit": pa.array(["Wh"] * 3)}, " has besides unit"),
            (
                {"read_at": pa.array([0, 1, 2], pa.timestamp("us"))},
                r": read_at is timestamp\[us\] and has no time zone\. Stamps are timestamps with a time zone",
            ),
            (
                {"read_at": pa.array(["a", "b", "c"])},
                ": read_at is string, expected timestamp with time zone",
            ),
            (
                {"register_count": pa.array([1.0, 2.0, 3.0]), "meter_id": pa.array([1, 2, 3])},
                ": meter_id is int64, expected text; register_count is double, expected int64",
            ),
        ],
    )
    def test_refuses_wrong_columns_by_name(self, changes, reason):
        with pytest.raises(UnreadableDelivery, match=rf"registers-1\.parquet{reason}"):
            readings(written(table(**changes)))


class TestMasterRowsOfParquet:
    def offers(self, **changes):
        good = {
            "buyer_id": pa.array(["B1"]),
            "kind": pa.array(["surplus"]).dictionary_encode(),
            "home_price_sen_per_kwh": pa.array([900]),
            "buyer_price_sen_per_kwh": pa.array([1_100]),
            "capacity_rule": pa.array(["metered_use"]),
            "cap_wh_per_slot": pa.array([None], pa.int64()),
            "valid_from": pa.array([date(2020, 11, 20)]),
            "valid_until": pa.array([None], pa.date32()),
        }
        return written(pa.table(good | changes))

    def test_gives_the_texts_that_csv_would_have(self):
        (row,) = master_rows_of_parquet("offers.parquet", FileKind.OFFERS, self.offers()).rows

        assert row.place == "row 1"
        assert row.fields["kind"] == "surplus"
        assert row.fields["home_price_sen_per_kwh"] == "900"
        assert row.fields["cap_wh_per_slot"] == row.fields["valid_until"] == ""
        assert row.fields["valid_from"] == "2020-11-20"

    def test_has_optional_columns_empty_where_they_are_left_out(self):
        content = self.offers(cap_wh_per_day=pa.array([9_000]))

        (row,) = master_rows_of_parquet("offers.parquet", FileKind.OFFERS, content).rows

        assert (row.fields["cap_wh_per_day"], row.fields["cap_wh_per_month"]) == ("9000", "")

    def test_refuses_naive_stamps(self):
        content = self.offers(valid_from=pa.array([0], pa.timestamp("s")))

        with pytest.raises(UnreadableDelivery, match="valid_from has no time zone"):
            master_rows_of_parquet("offers.parquet", FileKind.OFFERS, content)
