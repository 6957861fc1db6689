"""Split an integer by integer weights so that nothing is lost: the only division of energy or money.

Enters: a total and weights. Leaves: integer parts that sum to the total. Not here: matching's own rule.
"""

from collections.abc import Sequence


def split_by_weights(total: int, weights: Sequence[int]) -> list[int]:
    """Split a total over weights by largest remainder; ties go to the earlier part.

    total : any integer >= 0; weights : integers >= 0 with a sum above zero.
    Returns: integers that sum to total, each within one of its exact share.
    Source: Hamilton's method of apportionment.

    >>> split_by_weights(10, [1, 1, 1])
    [4, 3, 3]
    """
    weight_sum = sum(weights)
    assert total >= 0, f"a negative total ({total}) cannot be split"
    assert weight_sum > 0, "a total cannot be split over weights that are all zero"
    assert min(weights) >= 0, "a weight is negative"
    parts = [total * weight // weight_sum for weight in weights]
    remainders = [total * weight % weight_sum for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda position: (-remainders[position], position))
    for position in by_remainder[: total - sum(parts)]:
        parts[position] += 1
    assert sum(parts) == total
    return parts
