"""What momonga, broute-j11 and pychonet make of the same bytes; where they are wrong, it is said and we are right.

They live in an environment of their own; `.venv/bin/python -m bench.environments oracles` makes it.
"""

import json
import os
import subprocess
from pathlib import Path
from random import Random

import pytest

from sanchi.core.metering.formats.echonet_frames import Frame, read_frame
from sanchi.core.metering.formats.echonet_properties import BATTERY, DISTRIBUTION_BOARD, SOLAR, read_property
from sanchi.core.metering.formats.sk_lines import SkFault, SkReader, SkUdp
from tests.core.metering.formats.frames import (
    A1_LINE,
    C2_LINE,
    CUT,
    HALF_HOUR_NO_DATA,
    METER,
    NO_DATA,
    POWER,
    REAL_FRAMES,
    clock,
    frame,
    u32,
)
from tests.fuzz.mutation import mutated
from tests.oracles.echonet_oracle import ESV_OF_TWO_LISTS, KNOWN_ESV

ROOT = Path(__file__).resolve().parents[4]
PYTHON = ROOT / ".cache" / "oracles-venv" / "bin" / "python"
MA_PER_A = 1000
AT = clock(2026, 8, 24, 12, 30, 0)

pytestmark = pytest.mark.skipif(
    not PYTHON.exists(),
    reason="momonga, broute-j11, pychonet are not here: `.venv/bin/python -m bench.environments oracles` brings them",
)


def ask(*questions):
    """Ask all questions in one process of the peers' environment."""
    ended = subprocess.run(
        [str(PYTHON), "-m", "tests.oracles.echonet_peers"],
        input=json.dumps([[name, content.hex(), *more] for name, content, *more in questions]),
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(ended.stdout)


def told(source, epc, edt):
    """Give what we read; None where we refuse."""
    read = read_property(source, epc, edt)
    return None if read.fault else dict(read.told)


def is_refusal(answer):
    return isinstance(answer, dict) and "error" in answer


def counts(rng, n):
    """Draw counts, some of them without data."""
    return [None if rng.random() < 0.2 else rng.randrange(100_000_000) for _ in range(n)]


def written(readings):
    return b"".join(NO_DATA if each is None else u32(each) for each in readings)


class TestFrames:
    def test_broute_accepts_and_cuts_what_we_accept_and_cut(self):
        rng = Random(1)
        contents = [*REAL_FRAMES, *(mutated(rng.choice(REAL_FRAMES), rng) for _ in range(3_000))]

        n_accepted = 0
        for content, answer in zip(contents, ask(*(("broute_frame", each) for each in contents)), strict=True):
            read = read_frame(content)
            if len(content) > 11 and (
                content[10] not in KNOWN_ESV or content[10] in ESV_OF_TWO_LISTS or content[11] == 0
            ):
                continue  # see the next test
            assert isinstance(read, Frame) != is_refusal(answer), content.hex()
            if isinstance(read, Frame):
                assert answer == [read.esv, [[each.epc_code, each.edt.hex()] for each in read.properties]]
                n_accepted += 1
        assert n_accepted > len(REAL_FRAMES)

    def test_broute_accepts_unknown_services_and_no_properties_and_refuses_second_lists_and_we_do_otherwise(self):
        unknown, empty = POWER[:10] + b"\x75" + POWER[11:], POWER[:11] + b"\x00"
        two_lists = frame((0xE5, b""), esv=0x7E) + bytes.fromhex("01E7040000029C")

        answers = ask(*(("broute_frame", each) for each in (unknown, empty, two_lists)))

        assert [is_refusal(answer) for answer in answers] == [False, False, True]
        assert [isinstance(read_frame(each), Frame) for each in (unknown, empty, two_lists)] == [False, False, True]

    def test_pychonet_takes_a_cut_frame_for_a_whole_one_and_we_do_not(self):
        (answer,) = ask(("pychonet_frame", CUT))

        assert answer == [0x72, [[0xE7, "0000029c"], [0xE8, "002800"]]]
        assert not isinstance(read_frame(CUT), Frame)

    @pytest.mark.parametrize("content", REAL_FRAMES)
    def test_pychonet_cuts_real_frames_as_we_do(self, content: bytes):
        read = read_frame(content)
        (answer,) = ask(("pychonet_frame", content))

        assert isinstance(read, Frame)
        assert answer == [read.esv, [[each.epc_code, each.edt.hex()] for each in read.properties]]


class TestMeterValues:
    def test_broute_takes_no_data_at_a_half_hour_for_429_million_kwh_and_we_do_not(self):
        read = read_frame(HALF_HOUR_NO_DATA)
        assert isinstance(read, Frame)
        edt = read.properties[0].edt

        (theirs,) = ask(("broute_property", edt, 0xEA))

        assert theirs == ["2022-06-21T15:30:00", "429496729.4"]
        assert told(METER, 0xEA, edt) == {"at": "2022-06-21T15:30:00+09:00", "count": None, "note": "no data"}

    def test_counts_at_half_hours_are_those_of_momonga(self):
        rng = Random(2)
        edts = [AT + written(counts(rng, 1)) for _ in range(300)]

        for edt, answer in zip(edts, ask(*(("momonga_property", edt, 0xEA) for edt in edts)), strict=True):
            ours = told(METER, 0xEA, edt)
            assert ours is not None
            assert ours["at"] == answer["timestamp"] + "+09:00"
            assert ours["count"] == answer["cumulative energy"]

    def test_histories_are_those_of_momonga(self):
        rng = Random(3)
        days = [rng.randrange(100).to_bytes(2) + written(counts(rng, 48)) for _ in range(50)]
        half_hours = [AT[:6] + bytes([n]) + written(counts(rng, 2 * n)) for n in range(1, 13)]

        day_answers = ask(*(("momonga_property", edt, 0xE2) for edt in days))
        answers = ask(*(("momonga_property", edt, 0xEC) for edt in half_hours))

        for edt, answer in zip(days, day_answers, strict=True):
            ours = told(METER, 0xE2, edt)
            assert ours is not None
            assert list(ours["counts"]) == [each["cumulative energy"] for each in answer]
        for edt, answer in zip(half_hours, answers, strict=True):
            ours = told(METER, 0xEC, edt)
            assert ours is not None
            assert ours["last_at"] == answer[0]["timestamp"] + "+09:00"
            assert list(ours["import_counts"]) == [each["cumulative energy"]["normal direction"] for each in answer]
            assert list(ours["export_counts"]) == [each["cumulative energy"]["reverse direction"] for each in answer]

    def test_power_is_that_of_both(self):
        rng = Random(4)
        edts = [rng.randbytes(4) for _ in range(300)] + [bytes.fromhex("7FFFFFFE")]
        answers = [ask(*((f"{library}_property", edt, 0xE7) for edt in edts)) for library in ("momonga", "broute")]

        for edt, one, other in zip(edts, *answers, strict=True):
            ours = told(METER, 0xE7, edt)
            assert ours is not None
            assert ours["power_w"] == one == other

    def test_currents_are_those_of_both(self):
        rng = Random(5)
        edts = [rng.randbytes(4) for _ in range(300)] + [bytes.fromhex("7FFE7FFE")]
        answers = [ask(*((f"{library}_property", edt, 0xE8) for edt in edts)) for library in ("momonga", "broute")]

        for edt, one, other in zip(edts, *answers, strict=True):
            ours = told(METER, 0xE8, edt)
            assert ours is not None
            mine = [ours["r_phase_ma"], ours["t_phase_ma"]]
            assert mine == [None if each is None else round(each * MA_PER_A) for each in one.values()]
            assert mine == [None if each is None else round(float(each) * MA_PER_A) for each in other]

    def test_momonga_and_broute_take_under_and_overflow_for_watts_and_we_name_them(self):
        edts = [bytes.fromhex(each) for each in ("7FFFFFFF", "80000000")]

        answers = ask(*((name, edt, 0xE7) for name in ("momonga_property", "broute_property") for edt in edts))

        assert answers == [2_147_483_647, -2_147_483_648] * 2
        assert [told(METER, 0xE7, edt) for edt in edts] == [
            {"power_w": None, "note": "overflow"},
            {"power_w": None, "note": "underflow"},
        ]

    def test_momonga_and_broute_take_counts_beyond_the_range_and_we_do_not(self):
        edt = u32(100_000_000)

        assert ask(("momonga_property", edt, 0xE0), ("broute_property", edt, 0xE0)) == [100_000_000, "10000000.0"]
        assert told(METER, 0xE0, edt) is None

    @pytest.mark.parametrize("epc", [0xD0, 0xD3, 0xD7, 0xE0, 0xE1, 0xE2, 0xE7, 0xE8, 0xEA, 0xEC, 0xEE])
    def test_what_momonga_finds_too_short_we_refuse_too(self, epc: int):
        edts = [AT[:length] for length in range(7)] + [bytes(5), bytes(12), bytes(193), bytes(195)]

        answers = ask(*(("momonga_property", edt, epc) for edt in edts))

        refused = [edt for edt, answer in zip(edts, answers, strict=True) if is_refusal(answer)]
        assert refused
        assert [edt.hex() for edt in refused if told(METER, epc, edt) is not None] == []


class TestOtherClasses:
    @pytest.mark.parametrize(
        ("class_code", "epc", "name"),
        [
            (SOLAR, 0xE0, "power_w"),
            (SOLAR, 0xE1, "generated_wh"),
            (BATTERY, 0xA8, "charged_wh"),
            (BATTERY, 0xA9, "discharged_wh"),
            (BATTERY, 0xD3, "power_w"),
            (BATTERY, 0xD6, "discharged_wh"),
            (BATTERY, 0xE4, "charge_percent"),
            (DISTRIBUTION_BOARD, 0xC6, "power_w"),
        ],
    )
    def test_numbers_are_those_of_pychonet(self, class_code: int, epc: int, name: str):
        n_bytes = {0xE4: 1, 0xE0: 2}.get(epc, 4)
        edts = [number.to_bytes(n_bytes) for number in (0, 1, 50, 100)]

        answers = ask(*(("pychonet_property", edt, class_code, epc) for edt in edts))

        assert [(told(class_code << 8 | 1, epc, edt) or {})[name] for edt in edts] == answers

    def test_channels_of_a_board_are_those_of_pychonet(self):
        edt = bytes.fromhex("0102000000070000000A")

        (answer,) = ask(("pychonet_property", edt, DISTRIBUTION_BOARD, 0xB3))

        assert answer == {"start": 1, "range": 2, "values": [7, 10]}
        assert told(0x028701, 0xB3, edt) == {"first_channel_no": 1, "counts": (7, 10)}


class TestLines:
    @pytest.mark.parametrize(("line", "kind"), [(A1_LINE, "BP35A1"), (C2_LINE, "BP35C2")])
    def test_frame_of_a_line_is_that_of_momonga(self, line: str, kind: str):
        (record,) = SkReader().read(line)

        assert isinstance(record, SkUdp)
        assert ask(("momonga_line", line.encode(), kind)) == [record.frame.hex()]

    def test_momonga_takes_a_cut_line_for_a_whole_one_and_we_do_not(self):
        (answer,) = ask(("momonga_line", A1_LINE[:-2].encode(), "BP35A1"))

        assert answer == POWER[:-1].hex()
        assert [type(record) for record in SkReader().read(A1_LINE[:-2])] == [SkFault]
