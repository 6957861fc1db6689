"""Small files for `sanchi match`, and the command run on them from its entry point to its exit code.

Enters: a folder. Leaves: files and Ran. Not here: expectations.
"""

import io
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from unittest.mock import patch

from tests.start.homes import Ran

SUPPLY = "home,slot_no,supply_wh\nH01,25,900\nH02,25,300\n"
CAPACITY = "buyer,slot_no,capacity_wh\nshop,25,600\nschool,25,250\n"
CHOICES = "home,rank,buyer\nH01,1,shop\nH01,2,school\nH02,1,shop\n"
OFFERS = "buyer,home_price_sen_per_kwh,buyer_price_sen_per_kwh\nshop,900,1000\nschool,950,1100\n"


def write_files(folder: Path, **texts: str) -> None:
    """Write the small market, some of its files replaced or added."""
    for name, text in ({"supply": SUPPLY, "capacity": CAPACITY, "choices": CHOICES} | texts).items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")


def run_match(folder: Path, *more: str, **replaced: str | None) -> Ran:
    """Run the command on the files of a folder; an option is replaced by its name, `delivery_date=...`, or
    left out with None."""
    from sanchi.start.main import main

    options = {
        "supply": str(folder / "supply.csv"),
        "capacity": str(folder / "capacity.csv"),
        "choices": str(folder / "choices.csv"),
        "mechanism": "eating",
        "delivery_date": "2026-04-01",
        "out": str(folder / "out.csv"),
    } | replaced
    arguments = [
        part for name, text in options.items() if text is not None for part in (f"--{name.replace('_', '-')}", text)
    ]
    out, err, exit_code = io.StringIO(), io.StringIO(), 0
    with patch.object(sys, "argv", ["sanchi", "match", *arguments, *more]):
        try:
            with redirect_stdout(out), redirect_stderr(err):
                main()
        except SystemExit as ended:
            exit_code = int(ended.code or 0)
    return Ran(exit_code=exit_code, out=out.getvalue(), err=err.getvalue())
