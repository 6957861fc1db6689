"""Reads files of emission factors: TOML with a table [[factor]] each, or CSV with the same columns.

Enters: a file. Leaves: EmissionFactors in the order of the file. Not here: what is made of them (core/reports).
"""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.reports.co2_factors import EmissionFactor, FactorKind

COLUMNS: Final = ("fiscal_year", "menu", "kind", "co2_g_per_kwh", "source")
TABLE: Final = "factor"
FISCAL_YEAR_MIN: Final = 2000
# A unit of coal emits about 1,000 g; more than this is kg or t in the wrong column.
CO2_G_PER_KWH_MAX: Final = 3_000


def read_co2_factors(path: Path) -> tuple[EmissionFactor, ...]:
    """Read a file of factors, by its suffix. Raises: UnreadableDelivery."""
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableDelivery(
            f"{path} cannot be read ({error}).", hint="Name a TOML or CSV file in UTF-8: --co2-factors FILE."
        ) from error
    rows = _of_csv(path, text) if path.suffix.lower() == ".csv" else _of_toml(path, text)
    factors = tuple(_factor(path, place, row) for place, row in enumerate(rows, start=1))
    keys = [(factor.fiscal_year, factor.menu, factor.kind) for factor in factors]
    if twice := next((key for key in keys if keys.count(key) > 1), None):
        year, menu, kind = twice
        raise UnreadableDelivery(
            f"{path} gives the {kind} factor of {menu!r} in {year} twice.", hint="Leave one of them."
        )
    return factors


def _of_toml(path: Path, text: str) -> Sequence[Mapping[str, Any]]:
    """Read the tables [[factor]]."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDelivery(f"{path} is not TOML: {error}.", hint="Correct that place.") from error
    tables = document.get(TABLE)
    if set(document) != {TABLE} or not isinstance(tables, list) or not all(isinstance(each, dict) for each in tables):
        raise UnreadableDelivery(
            f"{path} has {', '.join(document) or 'nothing'}, expected factors alone.",
            hint=f"Write [[{TABLE}]] above each factor.",
        )
    return tables


def _of_csv(path: Path, text: str) -> Sequence[Mapping[str, Any]]:
    """Read the rows under a header."""
    rows = list(csv.DictReader(text.splitlines()))
    for place, row in enumerate(rows, start=1):
        if None in row or None in row.values():
            raise UnreadableDelivery(
                f"{path}, factor {place}: more or fewer fields than the header.", hint="Correct that row."
            )
    return rows


def _factor(path: Path, place: int, row: Mapping[str, Any]) -> EmissionFactor:
    """Read one factor."""
    where = f"{path}, factor {place}"
    if wrong := sorted(set(COLUMNS).symmetric_difference(row)):
        raise UnreadableDelivery(
            f"{where}: {', '.join(wrong)} is missing or unknown.", hint=f"Give {', '.join(COLUMNS)}."
        )
    kind = str(row["kind"])
    if kind not in set(FactorKind):
        raise UnreadableDelivery(f"{where}: kind is {kind!r}.", hint=f"Give one of {', '.join(FactorKind)}.")
    for name in ("menu", "source"):
        if not isinstance(row[name], str) or not row[name].strip():
            raise UnreadableDelivery(f"{where}: {name} is empty.", hint="Say whose factor it is, and where it stands.")
    return EmissionFactor(
        fiscal_year=_whole(where, "fiscal_year", row["fiscal_year"], FISCAL_YEAR_MIN, 9_999),
        menu=row["menu"].strip(),
        kind=FactorKind(kind),
        co2_g_per_kwh=_whole(where, "co2_g_per_kwh", row["co2_g_per_kwh"], 0, CO2_G_PER_KWH_MAX),
        source=row["source"].strip(),
    )


def _whole(where: str, name: str, written: Any, least: int, most: int) -> int:
    """Read a whole number between two bounds; 0.441 kg is written 441 g."""
    text = str(written)
    if isinstance(written, bool) or not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise UnreadableDelivery(
            f"{where}: {name} is {text}, expected a whole number from {least} to {most}.",
            hint="Grams a kWh: 0.441 kg-CO2/kWh is written 441." if name == "co2_g_per_kwh" else "Correct it.",
        )
    return int(text)
