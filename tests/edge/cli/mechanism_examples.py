"""The example of docs/mechanisms.md as files and as what each mechanism is said to make of it.

Enters: the document. Leaves: tables as text, shown allocations and money. Not here: expectations of other markets.
"""

import csv
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "mechanisms.md"
BUYERS = ("shop", "school", "standard_offer")
HOMES = ("H01", "H02", "H03")
TABLE = re.compile(r"^`(\w+)\.csv`\n\n```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOWN = re.compile(
    r"^- \*\*Example\*\*: " + "; ".join(rf"{home} (\d+) / (\d+) / (\d+)" for home in HOMES)
    + r"\. Buyers pay ([\d.]+) yen, homes get ([\d.]+) yen\b",
    re.MULTILINE,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownExample:
    """What the document shows: Wh by home and buyer, the standard offer last, and money [1e-5 yen]."""

    energies_wh: dict[tuple[str, str], int]
    payment_e5yen: int
    receipt_e5yen: int


def example_tables() -> dict[str, str]:
    """Read the files of the example."""
    return dict(TABLE.findall(DOCUMENT.read_text(encoding="utf-8")))


def shown_examples() -> dict[str, ShownExample]:
    """Read what the document shows under the heading of each mechanism."""
    shown = {}
    for section in DOCUMENT.read_text(encoding="utf-8").split("\n### `")[1:]:
        (found,) = SHOWN.findall(section)
        cells = [(home, buyer) for home in HOMES for buyer in BUYERS]
        payment, receipt = (round(float(yen) * 100_000) for yen in found[9:])
        shown[section.partition("`")[0]] = ShownExample(
            energies_wh=dict(zip(cells, map(int, found[:9]), strict=True)),
            payment_e5yen=payment,
            receipt_e5yen=receipt,
        )
    return shown


def written_example(rows: Iterable[dict[str, str]]) -> ShownExample:
    """Lay an allocation as written out in the same way; pairs without a row have 0 Wh."""
    energies_wh = {(home, buyer): 0 for home in HOMES for buyer in BUYERS}
    payment_e5yen = receipt_e5yen = 0
    for row in rows:
        energies_wh[row["home"], row["buyer"]] += int(row["energy_wh"])
        payment_e5yen += int(row["payment_e5yen"])
        receipt_e5yen += int(row["receipt_e5yen"])
    return ShownExample(energies_wh=energies_wh, payment_e5yen=payment_e5yen, receipt_e5yen=receipt_e5yen)


def read_rows(path: Path) -> list[dict[str, str]]:
    """Read a CSV file."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))
