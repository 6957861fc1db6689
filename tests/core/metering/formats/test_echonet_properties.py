"""Properties are exact integers under names with units; no data is None, and what the standard forbids is a fault."""

import pytest

from sanchi.core.metering.formats.echonet_properties import TABLES, read_property
from tests.core.metering.formats.frames import BOARD, METER, NO_DATA, SOLAR, STORAGE, clock, u32

AT = clock(2026, 8, 24, 12, 0, 0)
AT_TEXT = "2026-08-24T12:00:00+09:00"


def told(source, epc, edt_hex):
    """Give what a property says; it has to be faultless."""
    read = read_property(source, epc, bytes.fromhex(edt_hex) if isinstance(edt_hex, str) else edt_hex)
    assert read.fault == ""
    return dict(read.told)


def fault(source, epc, edt_hex):
    return read_property(source, epc, bytes.fromhex(edt_hex) if isinstance(edt_hex, str) else edt_hex).fault


class TestSmartMeter:
    @pytest.mark.parametrize(
        ("epc", "edt_hex", "expected"),
        [
            (0xC0, "00000016" + "41" * 12, {"maker": "000016", "free_part": "41" * 12}),
            (0xD3, "000F423F", {"coefficient": 999_999}),
            (0xD7, "06", {"effective_digits": 6}),
            (0xE0, "0000123C", {"count": 4668}),
            (0xE0, "05F5E0FF", {"count": 99_999_999}),
            (0xE0, "FFFFFFFE", {"count": None, "note": "no data"}),
            (0xE1, "01", {"unit_kwh": "0.1"}),
            (0xE1, "0D", {"unit_kwh": "10000"}),
            (0xE5, "63", {"days_before": 99}),
            (0xE5, "FF", {"days_before": None, "note": "nothing chosen"}),
            (0xE7, "0000029C", {"power_w": 668}),
            (0xE7, "FFFFFF06", {"power_w": -250}),
            (0xE7, "7FFFFFFD", {"power_w": 0x7FFFFFFD}),
            (0xE7, "80000001", {"power_w": -2_147_483_647}),
            (0xE7, "7FFFFFFE", {"power_w": None, "note": "no data"}),
            (0xE7, "7FFFFFFF", {"power_w": None, "note": "overflow"}),
            (0xE7, "80000000", {"power_w": None, "note": "underflow"}),
            (0xE8, "000AFFEC", {"r_phase_ma": 1_000, "t_phase_ma": -2_000}),
            (0xE8, "00287FFE", {"r_phase_ma": 4_000, "t_phase_ma": None, "note": "T: no data"}),
            (0xE8, "7FFE7FFE", {"r_phase_ma": None, "t_phase_ma": None, "note": "R: no data, T: no data"}),
            (0xEA, AT + u32(1000), {"at": AT_TEXT, "count": 1000}),
            (0xEB, AT + NO_DATA, {"at": AT_TEXT, "count": None, "note": "no data"}),
            (0xED, clock(2026, 8, 24, 12, 30) + b"\x0c", {"last_at": "2026-08-24T12:30:00+09:00", "chosen_count": 12}),
            (0xED, "FFFFFFFFFFFFFF", {"last_at": None, "note": "nothing chosen"}),
        ],
    )
    def test_value_is_exact(self, epc: int, edt_hex: str, expected: dict[str, object]):
        assert told(METER, epc, edt_hex) == expected

    def test_one_direction_without_data_does_not_take_the_other(self):
        assert told(METER, 0xD0, AT + NO_DATA + u32(1000)) == {
            "at": AT_TEXT,
            "import_count": None,
            "export_count": 1000,
            "note": "no data: import_count",
        }

    def test_history_of_a_day_has_48_counts(self):
        read = told(METER, 0xE2, b"\0\x01" + b"".join(u32(n) for n in range(47)) + NO_DATA)

        assert (read["days_before"], read["counts"]) == (1, (*range(47), None))

    def test_history_of_half_hours_goes_backwards(self):
        read = told(METER, 0xEC, AT[:6] + b"\x02" + u32(7) + u32(1) + u32(6) + NO_DATA)

        assert read["last_at"] == AT_TEXT
        assert (read["backwards_by_minutes"], read["import_counts"], read["export_counts"]) == (30, (7, 6), (1, None))

    def test_history_of_minutes_goes_backwards(self):
        read = told(METER, 0xEE, clock(2026, 8, 24, 12, 7) + b"\x01" + u32(7) + u32(1))

        assert (read["last_at"], read["backwards_by_minutes"]) == ("2026-08-24T12:07:00+09:00", 1)

    @pytest.mark.parametrize(
        ("epc", "edt_hex", "why"),
        [
            (0xE0, "00123C", "3 bytes, expected 4"),
            (0xE0, "05F5E100", "count 100000000 is above 99999999"),
            (0xE0, "FFFFFFFF", "above"),
            (0xE1, "05", "code 05 is no unit"),
            (0xD3, "000F4240", "1000000 is above 999999"),
            (0xD7, "00", "0 digits"),
            (0xD7, "09", "9 digits"),
            (0xE5, "64", "day 100 is above 99"),
            (0xE7, "0000000000", "5 bytes, expected 4"),
            (0xE8, "0028", "2 bytes, expected 4"),
            (0xEA, clock(2026, 13, 1, 0, 0, 0) + u32(1), "no date and time"),
            (0xEA, clock(2026, 2, 29, 0, 0, 0) + u32(1), "no date and time"),
            (0xEA, clock(2026, 2, 28, 24, 0, 0) + u32(1), "no date and time"),
            (0xEA, b"\xff" * 7 + u32(1), "no date and time"),
            (0xEA, AT + u32(1)[:3], "10 bytes, expected 11"),
            (0xE2, b"\0\xff" + bytes(192), "no day was chosen"),
            (0xE2, b"\0\x64" + bytes(192), "day 100 is above 99"),
            (0xE2, b"\0\0" + bytes(188), "190 bytes, expected 194"),
            (0xEC, AT[:6] + b"\x0d" + bytes(104), "13 instants, 1..12 are possible"),
            (0xEC, AT[:6] + b"\0", "0 instants"),
            (0xEC, AT[:6] + b"\x02" + bytes(8), "15 bytes, expected 23"),
            (0xEC, clock(2026, 8, 24, 12, 7) + b"\x01" + bytes(8), "minute 7 is not a step of 30 minutes"),
            (0xEC, b"\xff" * 7, "no instant was chosen"),
            (0xEE, AT[:6] + b"\x0b" + bytes(88), "11 instants, 1..10 are possible"),
            (0xC0, bytes(15), "15 bytes, expected 16"),
        ],
    )
    def test_what_the_standard_forbids_is_a_fault(self, epc: int, edt_hex: str, why: str):
        assert why in fault(METER, epc, edt_hex)


class TestOtherClasses:
    @pytest.mark.parametrize(
        ("source", "epc", "edt_hex", "expected"),
        [
            (SOLAR, 0xE0, "0BB8", {"power_w": 3000}),
            (SOLAR, 0xE1, "3B9AC9FF", {"generated_wh": 999_999_999}),
            (SOLAR, 0xC1, "42", {"contract": "non-FIT"}),
            (SOLAR, 0xC2, "41", {"self_consumption": "yes"}),
            (SOLAR, 0xC3, "FFFF", {"capacity_w": None, "note": "no data"}),
            (SOLAR, 0xD1, "44", {"control": "not controlled"}),
            (STORAGE, 0xA8, "001989D7", {"charged_wh": 1_673_687}),
            (STORAGE, 0xA9, "001609B4", {"discharged_wh": 1_444_276}),
            (STORAGE, 0xCF, "44", {"mode": "standby"}),
            (STORAGE, 0xA0, "00002710", {"capacity_wh": 10_000}),
            (STORAGE, 0xE4, "09", {"charge_percent": 9}),
            (STORAGE, 0xE6, "04", {"type": "Li-ion"}),
            (STORAGE, 0xD3, "FFFFFF38", {"power_w": -200}),
            (BOARD, 0xC2, "01", {"unit_kwh": "0.1"}),
            (BOARD, 0xC0, "FFFFFFFE", {"count": None, "note": "no data"}),
            (BOARD, 0xB3, "0102" + "00000005" + "00000006", {"first_channel_no": 1, "counts": (5, 6)}),
            (
                BOARD,
                0xB5,
                "0101" + "000AFFF6",
                {"first_channel_no": 1, "r_phase_ma": (1000,), "t_phase_ma": (-1000,)},
            ),
            (
                BOARD,
                0xBA,
                "0101" + "00000005" + "FFFFFFFE",
                {"first_channel_no": 1, "import_counts": (5,), "export_counts": (None,), "note": "no data in 1 of 2"},
            ),
            (
                BOARD,
                0xD0,
                "00000007" + "000A7FFE",
                {"count": 7, "r_phase_ma": 1000, "t_phase_ma": None, "note": "T: no data"},
            ),
            (METER, 0x9F, "02" + "E0E7", {"epcs": ("E0", "E7")}),
        ],
    )
    def test_value_is_exact(self, source: int, epc: int, edt_hex: str, expected: dict[str, object]):
        assert told(source, epc, edt_hex) == expected

    def test_property_map_of_16_and_more_is_bits(self):
        # Byte n holds the properties xn; bit m is (m + 8) n.
        bits = bytearray(16)
        for code in range(0xE0, 0xF0):
            bits[code & 0x0F] |= 1 << ((code >> 4) - 8)

        read = told(METER, 0x9F, bytes([16]) + bytes(bits))

        assert read["epcs"] == tuple(f"{code:02X}" for code in range(0xE0, 0xF0))

    @pytest.mark.parametrize(
        ("source", "epc", "edt_hex", "why"),
        [
            (SOLAR, 0xE0, "FFFF", "above"),
            (SOLAR, 0xE1, "3B9ACA00", "above 999999999"),
            (SOLAR, 0xC1, "44", "code 44 has no meaning"),
            (BOARD, 0xB3, "0102" + "00000005", "6 bytes, expected 10"),
            (BOARD, 0xB3, "01", "1 bytes, expected 2 or more"),
            (METER, 0x9F, "", "0 bytes, expected 1"),
            (METER, 0x97, "1800", "no time"),
        ],
    )
    def test_what_the_standard_forbids_is_a_fault(self, source: int, epc: int, edt_hex: str, why: str):
        assert why in fault(source, epc, edt_hex)

    def test_unknown_property_keeps_its_bytes(self):
        read = read_property(METER, 0xF0, b"\x01\x02")

        assert (read.name, read.edt, read.fault) == ("not known", b"\x01\x02", "")

    def test_every_property_of_every_class_has_a_name_and_bears_empty_bytes(self):
        for class_code, table in TABLES.items():
            for epc in table:
                read = read_property(class_code << 8 | 1, epc, b"")

                assert read.name
                assert read.name != "not known"
