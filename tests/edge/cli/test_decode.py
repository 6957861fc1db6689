"""`sanchi decode` in a pipe: an object a line, at once, and an exit code that says whether all could be read."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from sanchi.edge.cli.decode import LINE_BYTES_MAX
from tests.core.metering.formats.frames import A1_LINE, CUT, HALF_HOUR, PANA_LINE, POWER
from tests.start.homes import Ran


def run_decode(what: str, content: str | bytes) -> Ran:
    """Run the command on what stands on stdin."""
    from sanchi.start.main import main

    stdin = io.TextIOWrapper(io.BytesIO(content.encode() if isinstance(content, str) else content))
    out, err, exit_code = io.StringIO(), io.StringIO(), 0
    with patch.object(sys, "argv", ["sanchi", "decode", what]), patch.object(sys, "stdin", stdin):
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as ended:
            exit_code = int(ended.code or 0)
    return Ran(exit_code=exit_code, out=out.getvalue(), err=err.getvalue())


def documents(ran: Ran) -> list[dict[str, object]]:
    return [json.loads(line) for line in ran.out.splitlines()]


class TestEchonet:
    def test_each_frame_is_an_object_on_a_line(self):
        ran = run_decode("echonet", f"{POWER.hex()}\n\n{HALF_HOUR.hex(' ')}\r\n0x{POWER.hex(':')}\n")

        assert ran.exit_code == 0
        assert [(each["line"], each["service"]) for each in documents(ran)] == [
            (1, "Get_Res"),
            (3, "INF"),
            (4, "Get_Res"),
        ]

    def test_what_cannot_be_read_is_told_in_its_place_and_the_exit_code_says_so(self):
        ran = run_decode("echonet", f"{POWER.hex()}\nhello\n{CUT.hex()}\n108\n{POWER.hex()}")

        assert ran.exit_code == 1
        assert [each.get("problem") for each in documents(ran)] == [None, *["MALFORMED_FRAME"] * 3, None]
        assert documents(ran)[1]["raw"] == "hello"

    def test_unfit_property_sets_the_exit_code_too(self):
        assert run_decode("echonet", "1081000102880105FF017201E10109").exit_code == 1

    def test_any_bytes_are_told(self):
        ran = run_decode("echonet", bytes(range(256)) * 3)

        assert ran.exit_code == 1
        assert {each["problem"] for each in documents(ran)} == {"MALFORMED_FRAME"}

    def test_line_without_end_is_cut_and_the_next_one_is_read(self):
        ran = run_decode("echonet", "10" * LINE_BYTES_MAX + "\n" + POWER.hex() + "\n")

        assert [each.get("problem") for each in documents(ran)] == ["MALFORMED_FRAME", None]

    def test_empty_input_is_declined_with_an_example(self):
        for content in ("", "\n\n"):
            ran = run_decode("echonet", content)

            assert (ran.exit_code, ran.out) == (2, "")
            assert "Nothing came on standard input." in ran.err
            assert "| sanchi decode echonet" in ran.err


class TestSk:
    def test_lines_are_told_by_kind(self):
        ran = run_decode("sk", f"{A1_LINE}\r\n{PANA_LINE}\nEVENT 25 FE80::1\nERXUDP\n")

        assert ran.exit_code == 1
        told = documents(ran)
        assert [each.get("kind") for each in told] == ["frame", "passed over", "event", None]
        assert told[1]["reason"] == "PANA"
        assert told[2]["name"] == "joined the meter"
        assert told[3]["text"] == "ERXUDP"

    def test_scan_cut_by_the_end_is_told(self):
        ran = run_decode("sk", "EPANDESC\n  Channel:21\n")

        assert ran.exit_code == 1
        assert "EPANDESC" in str(documents(ran)[0]["detail"])


class TestPipe:
    def test_frame_is_told_before_the_next_one_comes(self, tmp_path: Path):
        # Without a home: the folder stays empty.
        with subprocess.Popen(
            [sys.executable, "-m", "sanchi", "decode", "echonet"],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as running:
            assert running.stdin is not None
            assert running.stdout is not None
            for content in (POWER, HALF_HOUR):
                running.stdin.write(content.hex() + "\n")
                running.stdin.flush()
                assert json.loads(running.stdout.readline())["raw"] == content.hex().upper()
            running.stdin.close()
            assert running.wait() == 0
        assert list(tmp_path.iterdir()) == []
