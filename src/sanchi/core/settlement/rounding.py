"""The one place where an amount is rounded: once a document, to whole yen, always down (円未満切捨て).

Enter: exact totals [1e-5 yen] or whole yen. Leave: whole yen and what is left. Not here: what is added up.
"""

from sanchi.core.base.units import E5YEN_PER_YEN, PERMILLE


def whole_yen(total_e5yen: int) -> tuple[int, int]:
    """Round a document's total down to whole yen; a total below zero is not paid but carried whole.

    Returns: amount_yen and the remainder [1e-5 yen]: total_e5yen = amount_yen * 100000 + remainder.

    >>> whole_yen(1_234_567), whole_yen(-1_234_567)
    ((12, 34567), (0, -1234567))
    """
    if total_e5yen < 0:
        return 0, total_e5yen
    return divmod(total_e5yen, E5YEN_PER_YEN)


def tax_within_yen(amount_yen: int, tax_permille: int) -> int:
    """Give the consumption tax inside an amount that includes it, from the document's total, rounded down.

    >>> tax_within_yen(1_100, 100), tax_within_yen(1_099, 100)
    (100, 99)
    """
    return amount_yen * tax_permille // (PERMILLE + tax_permille)
