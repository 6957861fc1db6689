"""Passing energy on the slow, obvious way: homes in the order of their phase pour into tenants one after the other.

Enter: plain rows of one owner in one slot. Leave: Wh by home and tenant. Not here: sanchi's own code.
"""


def poured_on(homes: list[tuple[int, int]], tenants: list[tuple[int, int]]) -> dict[tuple[int, int], int]:
    """Pour (home, Wh) in the given order into (tenant, Wh) in the given order, one Wh after the other."""
    given = [home for home, wh in homes for _ in range(wh)]
    taken = [tenant for tenant, wh in tenants for _ in range(wh)]
    rows: dict[tuple[int, int], int] = {}
    for pair in zip(given, taken, strict=True):
        rows[pair] = rows.get(pair, 0) + 1
    return rows
