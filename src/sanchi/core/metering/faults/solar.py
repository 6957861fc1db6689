"""Roofs that give much less than others under the same sky: a finding of its own, beside the faults.

Enter: daily energies of roofs and their rated power. Leave: WeakRoofs. Not here: panels that stand still (stuck),
slow ageing, shadows of some hours.
"""

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.units import PERMILLE

# A month evens out which roof a cloud stood over; below it, north roofs and winter suns look like faults.
WINDOW_DAYS: Final = 28
KNOWN_DAYS_MIN: Final = 14
# Roofs see the same sky if their good and bad days come together; orientation and slope hardly change that.
SAME_SKY_MIN: Final = 0.5
PEERS_COUNT_MIN: Final = 3
PEERS_COUNT_MAX: Final = 10
# Orientation, shade and age leave roofs above some 60 % of their neighbours; a string or an inverter lost does not.
WEAK_PERMILLE: Final = 500
# Where roofs differ much among themselves, a weak one has to stand clearly apart from them too.
APART_TIMES: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class WeakRoof:
    """A roof that gave at most half of what its peers gave per rated kilowatt: PV_UNDERPERFORMS.

    roof_index : position in the arrays; first_day_index, last_day_index : days of them, both included.
    share_permille : of what its peers gave per rated power in that time; peer_count : how many they were.
    """

    roof_index: int
    first_day_index: int
    last_day_index: int
    share_permille: int
    peer_count: int


def weak_roofs(energy_wh: NDArray[np.int64], capacity_w: NDArray[np.int64]) -> tuple[WeakRoof, ...]:
    """Find roofs that give much less than their peers over a month or longer, one finding a roof.

    energy_wh : shape (n_roofs, n_days), -1 where a day is not wholly known; capacity_w : shape (n_roofs,).
    Peers are the up to ten roofs whose days go up and down with its own. A roof with fewer than three is not judged.
    """
    if energy_wh.shape[0] <= PEERS_COUNT_MIN:
        return ()
    known = energy_wh >= 0
    yield_h = np.where(known, energy_wh / np.maximum(capacity_w, 1)[:, None], np.nan)
    likeness = _likeness(yield_h)
    found = []
    for roof_index in range(energy_wh.shape[0]):
        peers = _peers(likeness[roof_index], roof_index)
        if peers.size >= PEERS_COUNT_MIN and capacity_w[roof_index] > 0:
            weak = _weak_days(yield_h, roof_index, peers)
            found += [weak] if weak is not None else []
    return tuple(found)


def _likeness(yield_h: NDArray[np.float64]) -> NDArray[np.float64]:
    """Correlate the changes from day to day of every two roofs: seasons are alike everywhere, clouds are not."""
    change = np.diff(yield_h, axis=1)
    result = np.zeros((change.shape[0], change.shape[0]))
    for one in range(change.shape[0]):
        for other in range(one):
            both = ~np.isnan(change[one]) & ~np.isnan(change[other])
            a, b = change[one, both], change[other, both]
            if both.sum() >= KNOWN_DAYS_MIN and a.std() > 0 and b.std() > 0:
                result[one, other] = result[other, one] = float(np.corrcoef(a, b)[0, 1])
    return result


def _peers(likeness: NDArray[np.float64], roof_index: int) -> NDArray[np.intp]:
    """Choose the roofs under the same sky, the most alike first."""
    order = np.argsort(-likeness, kind="stable")
    result: NDArray[np.intp] = order[(likeness[order] >= SAME_SKY_MIN) & (order != roof_index)][:PEERS_COUNT_MAX]
    return result


def _weak_days(yield_h: NDArray[np.float64], roof_index: int, peers: NDArray[np.intp]) -> WeakRoof | None:
    """Find the days over which a roof is weak: windows of a month that are, put together from first to last."""
    n_days = yield_h.shape[1]
    own = yield_h[roof_index]
    n_known = (~np.isnan(yield_h[peers])).sum(axis=0)
    usable = ~np.isnan(own) & (n_known >= PEERS_COUNT_MIN)
    middle = np.full(n_days, np.nan)
    middle[usable] = np.nanmedian(yield_h[peers][:, usable], axis=0)
    weak = np.zeros(n_days, dtype=np.bool_)
    for first in range(max(n_days - WINDOW_DAYS, 0) + 1):
        days = np.arange(first, min(first + WINDOW_DAYS, n_days))
        days = days[usable[days]]
        if days.size >= KNOWN_DAYS_MIN and _is_weak(yield_h, roof_index, peers, days, middle):
            weak[days] = True
    if not weak.any():
        return None
    places = np.flatnonzero(weak)
    share = own[places].sum() / middle[places].sum()
    return WeakRoof(
        roof_index=roof_index,
        first_day_index=int(places[0]),
        last_day_index=int(places[-1]),
        share_permille=int(PERMILLE * share),
        peer_count=int(peers.size),
    )


def _is_weak(
    yield_h: NDArray[np.float64],
    roof_index: int,
    peers: NDArray[np.intp],
    days: NDArray[np.intp],
    middle: NDArray[np.float64],
) -> bool:
    """Tell whether a roof gave at most half of its peers' middle, and lies clearly apart from all of them."""
    total = middle[days].sum()
    if total <= 0:
        return False
    share = yield_h[roof_index, days].sum() / total
    part = yield_h[peers][:, days]
    both = ~np.isnan(part)
    peer_total = np.where(both, middle[days], 0).sum(axis=1)
    is_known = peer_total > total / 2
    shares = np.where(both, part, 0).sum(axis=1)[is_known] / peer_total[is_known]
    spread = float(np.median(np.abs(shares - 1))) if shares.size else 0.0
    return bool(share * PERMILLE <= WEAK_PERMILLE and share < 1 - APART_TIMES * spread)
