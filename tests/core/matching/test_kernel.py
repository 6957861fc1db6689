"""Kernels are compiled when they are called, so that whoever opens a home can first give their cache a place."""

import subprocess
import sys


class TestKernel:
    def test_is_not_compiled_when_it_is_imported(self):
        program = "import sys, sanchi.core.matching, sanchi.edge.cli.demo; sys.exit('numba' in sys.modules)"

        assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
