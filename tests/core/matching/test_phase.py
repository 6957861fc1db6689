"""The public phase of a home in a slot."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.matching.eating import match_day
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.phase import day_salts, home_phase_u60, home_phases_u60, slot_salt
from tests.oracles.eating_oracle import mixed, phase

DELIVERY_DATE = date(2020, 11, 20)
KEY = st.integers(-(2**63), 2**63 - 1)


class TestPhase:
    @given(KEY, st.dates(), st.integers(1, 48))
    def test_scalar_phase_is_splitmix_of_key_and_salt(self, home_key, delivery_date, slot_no):
        assert home_phase_u60(home_key, delivery_date, slot_no) == phase(home_key, delivery_date.isoformat(), slot_no)

    @given(st.lists(KEY, max_size=20))
    def test_vector_equals_scalar(self, keys):
        vector = home_phases_u60(np.array(keys, dtype=np.int64), DELIVERY_DATE, 7)

        assert vector.dtype == np.int64
        assert vector.tolist() == [home_phase_u60(key, DELIVERY_DATE, 7) for key in keys]

    def test_mixing_gives_the_published_numbers_of_splitmix64(self):
        # The first three outputs of the generator for the seed 1234567.
        states = [(1234567 + 0x9E3779B97F4A7C15 * step) % 2**64 for step in (1, 2, 3)]

        assert [mixed(state) for state in states] == [
            6457827717110365317,
            3203168211198807973,
            9817491932198370423,
        ]

    def test_phases_fill_the_wh_evenly(self):
        phases = home_phases_u60(np.arange(20_000, dtype=np.int64), DELIVERY_DATE, 25)
        tenths = np.bincount(phases // (2**60 // 10 + 1), minlength=10)

        assert phases.min() >= 0
        assert phases.max() < 2**60
        assert tenths.min() > 1_850
        assert tenths.max() < 2_150

    def test_another_slot_favours_other_homes(self):
        keys = np.arange(1_000, dtype=np.int64)
        noon = home_phases_u60(keys, DELIVERY_DATE, 25).argsort()
        later = home_phases_u60(keys, DELIVERY_DATE, 26).argsort()

        assert len(set(noon[:100].tolist()) & set(later[:100].tolist())) < 25


class TestSalt:
    def test_salt_is_62_bits_of_the_published_text(self):
        # BLAKE2b of 8 bytes over b"2020-11-20/7", read big-endian, without its last two bits.
        assert slot_salt(DELIVERY_DATE, 7) == 0x3AE65147148FEF8F

    def test_every_slot_has_its_own_salt(self):
        salts = day_salts(DELIVERY_DATE)

        assert salts.shape == (48,)
        assert len(set(salts.tolist())) == 48
        assert salts[24] == slot_salt(DELIVERY_DATE, 25)

    @pytest.mark.parametrize("slot_no", [0, 49])
    def test_slot_outside_the_day_trips(self, slot_no):
        with pytest.raises(AssertionError, match=r"not in 1..48"):
            slot_salt(DELIVERY_DATE, slot_no)


class TestSharedPhases:
    """Sixteen keys whose words in one slot differ in the lowest 4 bits alone: found by inverting splitmix64."""

    def test_leave_a_closed_buyer_short_by_fewer_wh_than_homes_and_never_above_its_capacity(self):
        day = date(2026, 5, 1)
        keys = np.array([key_of_slot_word((12_345 << 4) + low, day, slot_no=25) for low in range(16)], dtype=np.int64)
        supply_wh, capacity_wh = np.zeros((48, 16), dtype=np.int64), np.zeros((48, 1), dtype=np.int64)
        supply_wh[24], capacity_wh[24] = 5, 47

        matched = match_day(
            DayMatchInput(
                home_key=keys,
                choice_buyer_index=np.zeros((16, 1), dtype=np.int32),
                supply_wh=supply_wh,
                capacity_wh=capacity_wh,
                delivery_date=day,
            )
        )

        assert len(set(home_phases_u60(keys, day, 25).tolist())) == 1
        assert matched.closing_t32[24, 0] < 2**32
        assert matched.intake_wh[24, 0] == 32
        assert matched.parts_wh[24].ravel().tolist() == [2] * 16


def key_of_slot_word(word: int, delivery_date: date, slot_no: int) -> int:
    """Give the key whose mixed word in a slot is the given one: splitmix64 backwards."""
    home_word = unmixed(word) ^ slot_salt(delivery_date, slot_no)
    key = (unmixed(home_word) - 0x9E3779B97F4A7C15) % 2**64
    return key - 2**64 if key >= 2**63 else key


def unmixed(word: int) -> int:
    """Undo mix_word, step by step from its last."""
    word = unshifted(word, 31) * pow(0x94D049BB133111EB, -1, 2**64) % 2**64
    word = unshifted(word, 27) * pow(0xBF58476D1CE4E5B9, -1, 2**64) % 2**64
    return unshifted(word, 30)


def unshifted(word: int, shift: int) -> int:
    """Undo word ^ (word >> shift)."""
    found = word
    for _ in range(64 // shift + 1):
        found = word ^ (found >> shift)
    return found
