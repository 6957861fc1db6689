"""Kernels are compiled when they are called, so that whoever opens a home can first give their cache a place."""

import subprocess
import sys

import numpy as np

from sanchi.core.matching.kernel import Engine, default_engine, frozen_view

# What a machine without Numba would do: match a small day; the exit code says whether it came to the right end.
WITHOUT_NUMBA = """
import sys
sys.modules["numba"] = None
import datetime
import numpy as np
from sanchi.core.matching import DayMatchInput, match_day
from sanchi.core.matching.kernel import Engine, default_engine
day = DayMatchInput(
    home_key=np.arange(2),
    choice_buyer_index=np.zeros((2, 1), dtype=np.int32),
    supply_wh=np.full((48, 2), 100),
    capacity_wh=np.full((48, 1), 150),
    delivery_date=datetime.date(2020, 11, 20),
)
assert default_engine() is Engine.NUMPY
assert (match_day(day).intake_wh == 150).all()
"""


class TestKernel:
    def test_is_not_compiled_when_it_is_imported(self):
        program = "import sys, sanchi.core.matching, sanchi.edge.cli.demo; sys.exit('numba' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


class TestEngine:
    def test_numba_is_the_default_where_it_can_be_imported(self):
        assert default_engine() is Engine.NUMBA

    def test_numpy_matches_where_numba_cannot_be_imported(self):
        result = subprocess.run([sys.executable, "-c", WITHOUT_NUMBA], check=False, capture_output=True, text=True)

        assert (result.returncode, result.stderr) == (0, "")


class TestFrozenView:
    def test_array_itself_stays_writable(self):
        array = np.arange(6).reshape(2, 3)

        assert not frozen_view(array).flags.writeable
        assert frozen_view(array.T).flags.c_contiguous
        assert array.flags.writeable
