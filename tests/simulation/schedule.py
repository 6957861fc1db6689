"""Draws what an operator does with the deliveries: take them in, close days and months, again and out of order.

Enters: a chance. Leaves: Operations. Not here: how they are run and what must hold (play).
"""

import random
from typing import NamedTuple

from tests.simulation.deliveries import Piece
from tests.simulation.market import SimulatedMarket


class Operation(NamedTuple):
    """A verb and its number: of a piece, of a day, days to wait before the next month is closed, months ahead."""

    verb: str
    number: int = 0


STALE = Operation("stale")


def draw_schedule(chance: random.Random, market: SimulatedMarket, pieces: list[Piece]) -> list[Operation]:
    """Draw operations around the pieces; often months are closed before the last ones come, so that they are late."""
    order = list(range(len(pieces)))
    for n in range(len(order) - 1):
        if pieces[order[n]].due >= 0 and chance.random() < 0.1:
            order[n], order[n + 1] = order[n + 1], order[n]
    cuts = sorted(chance.randint(len(order) // 2, len(order)) for _ in range(2))
    operations: list[Operation] = []
    for first, end in zip([0, *cuts], [*cuts, len(order)], strict=True):
        for number in order[first:end]:
            operations.append(Operation("ingest", number))
            n_between = chance.choice((0, 0, 0, 1, 2)) if pieces[number].due >= 0 else 0
            between = (_some_operation(chance, market, operations, pieces[number].due) for _ in range(n_between))
            operations += list(between)
        if chance.random() < 0.7:
            operations += finish(chance, market)
    for _ in range(chance.choice((0, 2, 4))):
        operations.append(_some_operation(chance, market, operations, 99))
    return operations


def finish(chance: random.Random, market: SimulatedMarket) -> list[Operation]:
    """Close everything and some months, so that what comes afterwards corrects final days."""
    days = [Operation("close", day) for day in market.day_indexes if chance.random() < 0.9]
    return [*days, STALE, STALE, *[Operation("month", 70)] * chance.choice((1, 2, 2, 4)), STALE]


def _some_operation(chance: random.Random, market: SimulatedMarket, earlier: list[Operation], due: float) -> Operation:
    """Draw an operation; most close what can be closed, some are repeated or wrong."""
    drawn = chance.random()
    if drawn < 0.42:
        reached = [day for day in market.day_indexes if day <= due] or list(market.day_indexes)
        return Operation("close", chance.choice(reached))
    if drawn < 0.7:
        return STALE
    if drawn < 0.86:
        return Operation("month", chance.choice((-1, 0, 3, 25, 70)))
    if drawn < 0.89:
        return Operation("skip-month", chance.choice((1, 2)))
    if drawn < 0.92:
        return Operation("close", chance.choice((-1, 60)))
    return chance.choice(earlier)
