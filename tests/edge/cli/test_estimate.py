"""`sanchi estimate` at the real command: what it writes and tells, and what it declines."""

import io
import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

import pytest

from tests.start.homes import Ran

READINGS = (
    "meter,read_at,register_wh\n"
    "M1,2026-05-13T00:00:00+09:00,10000\n"
    "M1,2026-05-13T00:30:00+09:00,10300\n"
    "M1,2026-05-12T17:00:00Z,11200\n"
    "M1,2026-05-13T02:10:00+09:00,11200\n"
    "M1,tomorrow,11200\n"
)
SLOTS = (
    "meter,delivery_date,slot_no,energy_wh,method\n"
    "M1,2026-05-13,1,300,measured\n"
    "M1,2026-05-13,2,300,recovered\n"
    "M1,2026-05-13,3,300,recovered\n"
    "M1,2026-05-13,4,300,recovered\n"
)
TOLD = (
    "unit 100 Wh (derived)  digits 6 (derived)  plausible maximum 5,000 Wh a slot (derived)\n"
    "5 rows of 1 meter: 3 used  0 superseded  0 set aside  1 rejected  1 between half hours  0 outside the dates\n"
    "delivery dates 2026-05-13 to 2026-05-13\n"
    "  measured               1 slots                300 Wh\n"
    "  recovered              3 slots                900 Wh\n"
    "  estimated              0 slots                  0 Wh\n"
    "  missing                0 slots                  0 Wh\n"
    "UNREADABLE_ROW  1 rows\n"
    "GAP_RECOVERED  1 findings\n"
    "name them one by one: --problems FILE.csv\n"
)


@pytest.fixture
def estimate(tmp_path: Path):
    """Run the command on the readings in a folder."""
    (tmp_path / "readings.csv").write_text(READINGS)

    def run(*more: str) -> Ran:
        from sanchi.start.main import main

        files = ["--readings", str(tmp_path / "readings.csv"), "--out", str(tmp_path / "slots.csv")]
        out, err, exit_code = io.StringIO(), io.StringIO(), 0
        with patch.object(sys, "argv", ["sanchi", "estimate", *files, *more]):
            try:
                with redirect_stdout(out), redirect_stderr(err):
                    main()
            except SystemExit as ended:
                exit_code = int(ended.code or 0)
        return Ran(exit_code=exit_code, out=out.getvalue(), err=err.getvalue())

    return run


class TestEstimate:
    def test_writes_slots_and_tells_what_they_rest_on(self, estimate, tmp_path):
        ran = estimate()

        assert (ran.exit_code, ran.out, ran.err) == (0, "", TOLD)
        assert (tmp_path / "slots.csv").read_text() == SLOTS
        assert sorted(path.name for path in tmp_path.iterdir()) == ["readings.csv", "slots.csv"]

    def test_findings_are_written_one_by_one_where_asked(self, estimate, tmp_path):
        ran = estimate("--problems", str(tmp_path / "problems.csv"))

        assert ran.exit_code == 0
        codes = [line.partition(",")[0] for line in (tmp_path / "problems.csv").read_text().splitlines()]
        assert codes == ["code", "UNREADABLE_ROW", "GAP_RECOVERED"]

    def test_json_tells_the_same(self, estimate):
        ran = estimate("--json", "--digits", "5")

        told = json.loads(ran.out)
        assert (told["digits"], told["unit_wh"], told["used"]) == (5, 100, 3)
        assert told["slots"]["recovered"] == {"slots": 3, "energy_wh": 900}
        assert told["rejected"] == {"UNREADABLE_ROW": 1}

    @pytest.mark.parametrize(
        ("more", "reason"),
        [
            (("--unit-wh", "1000"), "multiples of 100 Wh"),
            (("--channel", "water"), "water"),
            (("--digits", "40"), "40 digits"),
            (("--plausible-wh-max", "999999999"), "plausible_wh_max"),
            (("--from", "May"), "May"),
            (("--problems", "findings.txt"), "findings.txt"),
        ],
    )
    def test_wrong_request_is_declined_and_writes_nothing(self, estimate, tmp_path, more, reason):
        ran = estimate(*more)

        assert ran.exit_code == 2
        assert reason in ran.err
        assert [path.name for path in tmp_path.iterdir()] == ["readings.csv"]
