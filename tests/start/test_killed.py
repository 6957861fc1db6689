"""A process that is killed at any point leaves books that running again completes to the same bytes."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
SEED = 20201120
N_POINTS = 30


class TestKilledPilot:
    def test_running_again_gives_the_exports_of_an_undisturbed_run(self, tmp_path: Path):
        environment = os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'src'}"}
        command = ["-m", "tests.start.killed_pilot", str(tmp_path), "--seed", str(SEED), "--points", str(N_POINTS)]

        finished = subprocess.run(
            [sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
        )

        assert finished.returncode == 0, finished.stderr
        reference, *killed = [json.loads(line) for line in finished.stdout.splitlines()]
        assert len(killed) == N_POINTS
        assert {each["ended"] for each in killed} == {-signal.SIGKILL}, finished.stderr
        assert {each["again"] for each in killed} == {0}, finished.stderr
        assert [each["point"] for each in killed if each["digests"] != reference["digests"]] == []
