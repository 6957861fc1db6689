"""Files of emission factors say whole grams, whose they are and where they stand, or are refused by place."""

from pathlib import Path

import pytest

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.reports.co2_factors import EmissionFactor, FactorKind
from sanchi.edge.delivery.co2_factors import read_co2_factors

TOML = """
[[factor]]
fiscal_year = 2024
menu = "残差"
kind = "residual"
co2_g_per_kwh = 457
source = "the retailer's list"
"""
CSV = "fiscal_year,menu,kind,co2_g_per_kwh,source\n2024,残差,residual,457,the retailer's list\n"
FACTOR = EmissionFactor(
    fiscal_year=2024, menu="残差", kind=FactorKind.RESIDUAL, co2_g_per_kwh=457, source="the retailer's list"
)


def read(folder: Path, name: str, text: str):
    (folder / name).write_text(text, encoding="utf-8")
    return read_co2_factors(folder / name)


class TestFactors:
    def test_are_the_same_from_both_formats(self, tmp_path: Path):
        assert read(tmp_path, "f.toml", TOML) == read(tmp_path, "f.csv", CSV) == (FACTOR,)

    @pytest.mark.parametrize(
        ("before", "after", "said"),
        [
            ("457", "0.457", "co2_g_per_kwh is 0.457"),
            ("457", "457000", "co2_g_per_kwh is 457000"),
            ("457", "-1", "co2_g_per_kwh is -1"),
            ("457", "true", "co2_g_per_kwh is True"),
            ("residual", "average", "kind is 'average'"),
            ("the retailer's list", " ", "source is empty"),
            ("2024", "24", "fiscal_year is 24"),
            ("menu", "tariff", "menu, tariff is missing or unknown"),
            ("[[factor]]", "[factor]", "expected factors alone"),
            ("= 457", "= ", "is not TOML"),
        ],
    )
    def test_that_break_their_definition_are_refused(self, tmp_path: Path, before: str, after: str, said: str):
        with pytest.raises(UnreadableDelivery) as refusal:
            read(tmp_path, "f.toml", TOML.replace(before, after, 1))

        assert said in str(refusal.value)

    def test_given_twice_are_refused(self, tmp_path: Path):
        with pytest.raises(UnreadableDelivery, match="twice"):
            read(tmp_path, "f.toml", TOML + TOML)

    def test_with_a_torn_row_are_refused(self, tmp_path: Path):
        with pytest.raises(UnreadableDelivery, match="factor 2: more or fewer fields"):
            read(tmp_path, "f.csv", CSV + "2025,x\n")

    def test_that_are_not_there_are_refused(self, tmp_path: Path):
        with pytest.raises(UnreadableDelivery, match="cannot be read"):
            read_co2_factors(tmp_path / "none.toml")
