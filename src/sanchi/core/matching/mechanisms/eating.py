"""Simultaneous eating behind the interface of all mechanisms; the rule itself is `matching.eating.matched_day`.

Enters: a MatchMarket. Leaves: allocation and published table. Not here: the kernels.
"""

import numpy as np

from sanchi.core.matching.allocation import FactName, MechanismResult, PublishedFacts, allocation_of_parts
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.kernel import IntArray
from sanchi.core.matching.market import MatchMarket


def eating(market: MatchMarket) -> MechanismResult:
    """Let all homes pour their supply at once into their best open buyer.

    Source: Bogomolnaia & Moulin, "A new solution to the random assignment problem", Journal of Economic Theory 100,
    2001 (probabilistic serial). Properties: exact supplies, no capacity exceeded, no envy at equal supply beyond 1 Wh,
    ordinally efficient but for rounding; pro rata where every home names one buyer.
    """
    match = match_day(market.day)
    return MechanismResult(
        allocation=allocation_of_parts(market, match.parts_wh),
        facts=facts_by_buyer({FactName.CLOSING_T32: match.closing_t32, FactName.ROUNDING_PHI60: match.rounding_phi60}),
    )


def facts_by_buyer(tables: dict[FactName, IntArray]) -> PublishedFacts:
    """Lay tables of shape (48, n_buyers) out as rows."""
    names = sorted(tables)
    n_slots, n_buyers = tables[names[0]].shape
    figures = np.stack([tables[name] for name in names], axis=2)
    return PublishedFacts(
        slot_index=np.repeat(np.arange(n_slots), n_buyers * len(names)),
        buyer_index=np.tile(np.repeat(np.arange(n_buyers), len(names)), n_slots),
        fact_no=np.tile(np.array(names, dtype=np.int64), n_slots * n_buyers),
        figure=figures.ravel(),
    )
