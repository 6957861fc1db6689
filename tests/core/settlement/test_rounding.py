"""Whole yen, once a document."""

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sanchi.core.settlement
from sanchi.core.settlement.rounding import tax_within_yen, whole_yen

TOTALS = st.integers(-(10**15), 10**15)


class TestWholeYen:
    @pytest.mark.parametrize(
        ("total_e5yen", "expected"),
        [
            (0, (0, 0)),
            (99_999, (0, 99_999)),
            (100_000, (1, 0)),
            (199_999, (1, 99_999)),
            (-1, (0, -1)),
            (-100_000, (0, -100_000)),
            (-250_000, (0, -250_000)),
        ],
    )
    def test_fractions_are_cut_and_totals_below_zero_are_not_paid(self, total_e5yen, expected):
        assert whole_yen(total_e5yen) == expected

    @given(TOTALS)
    def test_nothing_is_lost(self, total_e5yen):
        amount_yen, remainder_e5yen = whole_yen(total_e5yen)

        assert amount_yen * 100_000 + remainder_e5yen == total_e5yen
        assert amount_yen >= 0
        assert remainder_e5yen < 100_000


class TestTaxWithin:
    @pytest.mark.parametrize(
        ("amount_yen", "tax_permille", "expected"),
        [(0, 100, 0), (10, 100, 0), (11, 100, 1), (1_099, 100, 99), (1_100, 100, 100), (108, 80, 8), (500, 0, 0)],
    )
    def test_tax_is_a_part_of_the_amount_rounded_down(self, amount_yen, tax_permille, expected):
        assert tax_within_yen(amount_yen, tax_permille) == expected

    @given(st.integers(0, 10**10), st.integers(0, 300))
    def test_tax_is_the_largest_that_the_amount_before_tax_bears(self, amount_yen, tax_permille):
        tax_yen = tax_within_yen(amount_yen, tax_permille)

        assert tax_yen * (1000 + tax_permille) <= amount_yen * tax_permille
        assert (tax_yen + 1) * (1000 + tax_permille) > amount_yen * tax_permille


class TestSettlement:
    def test_nothing_is_divided_or_rounded_outside_the_module_of_rounding(self):
        folder = Path(next(iter(sanchi.core.settlement.__path__)))
        names = {"divmod", "round", "whole_yen", "tax_within_yen", "float", "Decimal"}
        found = set()
        for path in folder.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                is_division = isinstance(node, ast.BinOp) and isinstance(node.op, ast.Div | ast.FloorDiv | ast.Mod)
                called = node.func if isinstance(node, ast.Call) else None
                if is_division or (isinstance(called, ast.Name) and called.id in names):
                    found.add((path.name, "division" if is_division else called.id))

        assert found == {
            ("rounding.py", "division"),
            ("rounding.py", "divmod"),
            ("statement.py", "whole_yen"),
            ("statement.py", "tax_within_yen"),
        }
