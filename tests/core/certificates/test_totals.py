"""Energy added up per combination of columns."""

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.certificates.totals import first_rows, total_energy

ROWS = st.lists(st.tuples(st.integers(-2, 2), st.integers(0, 3), st.integers(-(10**15), 10**15)))


class TestTotalEnergy:
    @given(ROWS)
    def test_sums_are_those_of_a_plain_count_in_ascending_order(self, rows):
        columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        expected = Counter()
        for first, second, energy_wh in rows:
            expected[first, second] += energy_wh

        totals = total_energy([columns[0], columns[1]], columns[2]).as_dict()

        assert totals == expected
        assert list(totals) == sorted(expected)

    def test_nothing_gives_nothing(self):
        empty = np.empty(0, dtype=np.int64)

        assert total_energy([empty], empty).as_dict() == {}


class TestFirstRows:
    def test_a_change_in_any_column_begins_a_new_combination(self):
        columns = [np.array([1, 1, 1, 2, 2]), np.array([5, 5, 6, 6, 6])]

        assert first_rows(columns).tolist() == [0, 2, 3]
