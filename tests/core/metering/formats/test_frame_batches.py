"""Frames read at once say the same as frames read one by one, and nothing of them is lost."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.metering.formats.echonet_values import UnfitEdt, stamp_of
from sanchi.core.metering.formats.frame_batches import BATCH_COUNT_MIN
from sanchi.core.metering.formats.frame_stamps import stamps_of
from sanchi.core.metering.formats.gateway_frames import GatewayFrame, decode_frames
from tests.core.metering.formats.frames import (
    BOUNDARY_S,
    METER,
    NO_DATA,
    REAL_FRAMES,
    SOLAR,
    STORAGE,
    clock,
    frame,
    received,
    u32,
)
from tests.fuzz.targets import assert_alike, both_ways

AT = clock(2022, 6, 21, 15, 30, 0)
COUNTS = st.one_of(st.integers(0, 99_999_999).map(u32), st.sampled_from([NO_DATA, u32(100_000_000), b"\xff" * 4]))
CLOCKS = st.one_of(
    st.just(AT),
    st.builds(
        clock,
        st.sampled_from([1, 1970, 2000, 2022, 2024, 2100, 9999, 0xFFFF]),
        *[st.integers(0, top) for top in (13, 32, 24, 60, 60)],
    ),
)
PROPERTIES = st.one_of(
    st.tuples(st.sampled_from([0xE0, 0xE3]), COUNTS),
    st.tuples(st.sampled_from([0xEA, 0xEB]), st.builds(bytes.__add__, CLOCKS, COUNTS)),
    st.tuples(
        st.sampled_from([0xE7, 0xE8]), st.one_of(st.binary(min_size=4, max_size=4), st.just(b"\x7f\xff\xff\xfe"))
    ),
    st.tuples(st.sampled_from([0xA8, 0xA9, 0xD6, 0xD8]), COUNTS),
    st.tuples(st.just(0xE1), st.binary(min_size=1, max_size=1)),
    st.tuples(st.just(0xD3), st.one_of(st.integers(0, 20).map(u32), st.just(b"\xff" * 4))),
    st.tuples(st.just(0xD7), st.integers(0, 9).map(lambda digits: bytes([digits]))),
    st.tuples(st.integers(0, 255), st.binary(max_size=5)),
)
FRAMES = st.builds(
    lambda properties, source, esv: frame(*properties, source=source, esv=esv),
    st.lists(PROPERTIES, min_size=1, max_size=3),
    st.sampled_from([METER, METER, 0x028802, SOLAR, STORAGE, 0x05FF01]),
    st.sampled_from([0x72, 0x72, 0x73, 0x74, 0x52, 0x62, 0x71, 0x7E]),
)
# Most of a real file: little is wrong with it, so that the short way is taken.
COMMON_COUNTS = st.sampled_from([u32(0), u32(7), u32(99_999_999), u32(100_000_000), NO_DATA])
COMMON = st.one_of(
    st.builds(
        lambda at, one, two: frame((0xEA, at + one), (0xEB, AT + two), esv=0x73), CLOCKS, COMMON_COUNTS, COMMON_COUNTS
    ),
    st.builds(lambda one, two: frame((0xE0, one), (0xE3, two)), COMMON_COUNTS, COMMON_COUNTS),
    st.builds(lambda one, two: frame((0xA8, one), (0xD6, two), source=STORAGE), COMMON_COUNTS, COMMON_COUNTS),
    st.builds(lambda one, two: frame((0xD8, one), (0xD6, two), source=STORAGE), COMMON_COUNTS, COMMON_COUNTS),
    st.builds(lambda one: frame((0xE1, one), source=SOLAR), COMMON_COUNTS),
    st.builds(
        lambda power: frame((0xE7, power), (0xE8, u32(5))),
        st.sampled_from([u32(5), bytes.fromhex("7FFFFFFE"), bytes.fromhex("7FFFFFFF"), bytes.fromhex("80000000")]),
    ),
    st.builds(
        lambda unit, coefficient, digits: frame(
            (0xE1, bytes([unit])), (0xD3, u32(coefficient)), (0xD7, bytes([digits]))
        ),
        st.sampled_from([0, 1, 4, 5, 10]),
        st.sampled_from([1, 10, 999_999, 1_000_000]),
        st.sampled_from([0, 6, 8, 9]),
    ),
)
TIMES = st.sampled_from([BOUNDARY_S - 3_600, BOUNDARY_S, BOUNDARY_S + 2, BOUNDARY_S + 60, BOUNDARY_S + 61])
DELIVERED = st.builds(
    GatewayFrame,
    received_s=TIMES,
    gateway=st.sampled_from(["gw-1", "gw-2", "gw-3"]),
    sent_s=st.one_of(st.none(), TIMES),
    frame=st.one_of(
        COMMON,
        COMMON,
        FRAMES,
        st.sampled_from(REAL_FRAMES),
        st.builds(lambda whole, n: whole[:n], FRAMES, st.integers(0, 40)),
    ),
)


class TestBatch:
    @given(st.lists(DELIVERED, min_size=1, max_size=12), st.randoms(use_true_random=False))
    def test_says_the_same_as_one_by_one(self, delivered: list[GatewayFrame], random):
        # As often as a batch needs; mixed, so that layouts and records do not run side by side.
        many = delivered * (BATCH_COUNT_MIN + 1)
        random.shuffle(many)

        assert_alike(*both_ways(many))

    @given(st.lists(DELIVERED, max_size=40))
    def test_every_record_has_rows_or_problems_or_is_passed_over(self, delivered: list[GatewayFrame]):
        file, _ = decode_frames(delivered)

        told = {*file.rows.record_no.tolist(), *(each.record_no for each in file.problems)}
        assert file.record_count == len(delivered) == len(told) + sum(file.passed_over.values())

    def test_clean_frames_take_the_short_way(self, monkeypatch):
        def refuse(*_):
            raise AssertionError("a common frame was read by itself")

        monkeypatch.setattr("sanchi.core.metering.formats.gateway_frames.read_received", refuse)
        common = [
            frame((0xEA, AT + u32(1)), (0xEB, AT + u32(2)), esv=0x73),
            frame((0xE7, u32(1)), (0xE8, u32(1))),
            frame((0xE0, u32(1)), (0xE3, u32(1))),
        ]

        file, _ = decode_frames([received(content) for content in common * 100])

        assert file.rows.row_count == 200

    def test_broken_frames_at_the_beginning_do_not_make_the_others_slow(self, monkeypatch):
        n_single = 0

        def count(*_):
            nonlocal n_single
            n_single += 1

        monkeypatch.setattr("sanchi.core.metering.formats.gateway_frames.read_received", count)
        whole = frame((0xE7, u32(1)), (0xE8, u32(1)))

        decode_frames([received(b"\x10\x82" + whole[2:])] * 100 + [received(whole)] * 9_900)

        assert n_single == 100

    def test_file_of_layouts_that_are_all_different_is_read_too(self):
        contents = [frame((0xE7, u32(n)), (0x80 + n % 100, bytes(2))) for n in range(300)]

        assert_alike(*both_ways([received(content) for content in contents]))


class TestStamps:
    @given(st.lists(st.one_of(CLOCKS, st.binary(min_size=7, max_size=7)), min_size=1, max_size=30))
    def test_many_stamps_are_read_as_one_is(self, clocks: list[bytes]):
        stamp_s, is_stamp = stamps_of(np.frombuffer(b"".join(clocks), np.uint8).reshape(-1, 7))

        for each, each_s, each_is in zip(clocks, stamp_s.tolist(), is_stamp.tolist(), strict=True):
            try:
                expected = int(stamp_of(each).timestamp())
            except UnfitEdt:
                assert not each_is
            else:
                assert each_is
                assert each_s == expected
