"""Serials of other schemes: ranges are read, and none is let stand twice."""

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import WrongInput
from sanchi.core.certificates.serials import SerialRange, overlapping, serial_range


@st.composite
def ranges(draw):
    """Draw short ranges of two schemes and prefixes."""
    first_no = draw(st.integers(0, 30))
    return SerialRange(
        scheme=draw(st.sampled_from(["A", "B"])),
        prefix=draw(st.sampled_from(["", "x-"])),
        first_no=first_no,
        last_no=first_no + draw(st.integers(0, 5)),
    )


def serials(each):
    """List every serial of a range."""
    return {(each.scheme, each.prefix, number) for number in range(each.first_no, each.last_no + 1)}


class TestOverlapping:
    @given(st.lists(ranges(), max_size=8))
    def test_finds_a_shared_serial_where_there_is_one(self, drawn):
        found = overlapping(drawn)

        assert (found is not None) == any(serials(one) & serials(other) for one, other in combinations(drawn, 2))
        if found is not None:
            assert serials(found[0]) & serials(found[1])


class TestSerialRange:
    def test_counts_leading_zeros_as_no_other_serial(self):
        assert serial_range("S", "A-0007", "A-0010") == serial_range("S", "A-7", "A-10")

    @pytest.mark.parametrize(("first", "last"), [("A-2", "A-1"), ("A-1", "B-2"), ("A", "B"), ("1A", "2A"), ("", "")])
    def test_of_serials_that_are_none_is_refused(self, first, last):
        with pytest.raises(WrongInput, match="are no range"):
            serial_range("S", first, last)
