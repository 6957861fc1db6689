"""Draw homes of a simulated fleet: every number is a function of seed, home and day, so any block stands alone.

Enter: a seed and the arrays that homes draw from. Leave: supplies and choices of a block. Not here: files.
"""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.kernel import ChoiceArray, IntArray, entry_kernel
from sanchi.core.matching.phase import mix_word

_GOLDEN: Final = np.uint64(0x9E3779B97F4A7C15)
_LOW_BITS: Final = np.uint64(33)
# What a draw is for: a draw for one thing tells nothing of another.
_FOR_HOME: Final = 1
_FOR_DAY: Final = 2
_FOR_CHOICE: Final = 3
N_DISTRICTS: Final = 64
# Panels of 2010 to 2025 [W], and how much more or less a home uses than the one whose day it has drawn [permille].
_SMALLEST_W: Final = 2_400
_SPREAD_W: Final = 3_600
_LEAST_USE_PERMILLE: Final = 400
_SPREAD_USE_PERMILLE: Final = 700
# 5 % rank fewer than the last two lengths, 15 % one less than all, 80 % all [permille].
_FULL_LIST_PERMILLE: Final = 800
_NEARLY_FULL_PERMILLE: Final = 950
POPULARITY_BITS: Final = 31


def draw_word(seed_no: int, purpose: int, number: int) -> int:
    """Give the word that all draws of one thing come from, as a plain int."""
    with np.errstate(over="ignore"):
        word = mix_word(np.uint64(seed_no) + _GOLDEN * np.uint64(purpose))
        return int(mix_word(word ^ (np.uint64(number) * _GOLDEN)))


def popularity(n_buyers: int) -> IntArray:
    """Give the running sum of 1/rank scaled to 2^31, int64 (n_buyers,): a draw below it falls to the buyer."""
    running = np.cumsum(1 / np.arange(1, n_buyers + 1))
    scaled: IntArray = np.rint(running / running[-1] * 2**POPULARITY_BITS).astype(np.int64)
    return scaled


def cloud_permille(seed_no: int, day_ordinal: int) -> IntArray:
    """Draw what the clouds leave of a clear sky, int64 (64 districts, 48) [permille]: a day's, then local."""
    rng = np.random.Generator(np.random.Philox(key=draw_word(seed_no, _FOR_DAY, day_ordinal)))
    day = 250 + 650 * rng.random() ** 0.6
    local = rng.normal(0, 120, (N_DISTRICTS, SLOTS_PER_DAY))
    clouds: IntArray = np.rint(np.clip(day + local, 60, 1000)).astype(np.int64)
    return clouds


@entry_kernel
def write_supplies(
    home_word: np.uint64,
    day_word: np.uint64,
    first_home: int,
    roof_wh_per_mw: IntArray,
    load_wh: IntArray,
    clouds_permille: IntArray,
    supply_wh: ChoiceArray,
) -> None:
    """Write the surplus of homes from first_home on into supply_wh, int32 (n_homes, 48) [Wh]."""
    for row in range(supply_wh.shape[0]):
        number = np.uint64(first_home + row) * _GOLDEN
        home = mix_word(home_word ^ number)
        day = mix_word(day_word ^ number)
        roof = np.int64((home >> _LOW_BITS) % np.uint64(roof_wh_per_mw.shape[0]))
        home = mix_word(home + _GOLDEN)
        panels_w = _SMALLEST_W + np.int64((home >> _LOW_BITS) % np.uint64(_SPREAD_W))
        home = mix_word(home + _GOLDEN)
        district = np.int64((home >> _LOW_BITS) % np.uint64(N_DISTRICTS))
        home = mix_word(home + _GOLDEN)
        use_permille = _LEAST_USE_PERMILLE + np.int64((home >> _LOW_BITS) % np.uint64(_SPREAD_USE_PERMILLE))
        shape = np.int64((day >> _LOW_BITS) % np.uint64(load_wh.shape[0]))
        for slot in range(supply_wh.shape[1]):
            pv_wh = panels_w * roof_wh_per_mw[roof, slot] // 1_000 * clouds_permille[district, slot] // 1_000_000
            rest_wh = pv_wh - load_wh[shape, slot] * use_permille // 1_000
            supply_wh[row, slot] = max(rest_wh, 0)


@entry_kernel
def write_choices(choice_word: np.uint64, first_home: int, running: IntArray, choices: ChoiceArray) -> None:
    """Write the lists of homes from first_home on into choices, int32 (n_homes, k_max), -1 behind the last."""
    k_max = choices.shape[1]
    for row in range(choices.shape[0]):
        word = mix_word(choice_word ^ (np.uint64(first_home + row) * _GOLDEN))
        length_permille = np.int64((word >> _LOW_BITS) % np.uint64(1_000))
        length = k_max
        if length_permille >= _NEARLY_FULL_PERMILLE:
            word = mix_word(word + _GOLDEN)
            length = 1 + np.int64((word >> _LOW_BITS) % np.uint64(max(k_max - 2, 1)))
        elif length_permille >= _FULL_LIST_PERMILLE:
            length = max(k_max - 1, 1)
        n_named = 0
        while n_named < length:
            word = mix_word(word + _GOLDEN)
            buyer = np.searchsorted(running, np.int64(word >> _LOW_BITS), side="right")
            is_new = True
            for named in range(n_named):
                is_new = is_new and choices[row, named] != buyer
            if is_new:
                choices[row, n_named] = buyer
                n_named += 1


def block_supplies(
    seed_no: int,
    day_ordinal: int,
    homes: range,
    roof_wh_per_mw: IntArray,
    load_wh: IntArray,
) -> NDArray[np.int32]:
    """Draw the surplus of a range of homes on a day, int32 (n_homes, 48) [Wh]."""
    supply_wh = np.zeros((len(homes), SLOTS_PER_DAY), dtype=np.int32)
    home_word = np.uint64(draw_word(seed_no, _FOR_HOME, 0))
    day_word = np.uint64(draw_word(seed_no, _FOR_DAY, day_ordinal + 1_000_000))
    clouds = cloud_permille(seed_no, day_ordinal)
    write_supplies(home_word, day_word, homes.start, roof_wh_per_mw, load_wh, clouds, supply_wh)
    return supply_wh


def block_choices(seed_no: int, homes: range, n_buyers: int, k_max: int) -> ChoiceArray:
    """Draw the lists of a range of homes, int32 (n_homes, k_max) of buyers by popularity, -1 behind the last."""
    choices = np.full((len(homes), k_max), -1, dtype=np.int32)
    write_choices(np.uint64(draw_word(seed_no, _FOR_CHOICE, 0)), homes.start, popularity(n_buyers), choices)
    return choices


def capacities(seed_no: int, n_buyers: int, noon_supply_wh: int) -> IntArray:
    """Draw what buyers take in each slot of a day, int64 (n_buyers,) [Wh]: rank^-0.5 times lognormal, 0.8 of noon."""
    rng = np.random.Generator(np.random.Philox(key=draw_word(seed_no, _FOR_CHOICE, 1)))
    weights = np.arange(1, n_buyers + 1) ** -0.5 * rng.lognormal(0, 0.5, n_buyers)
    shares: IntArray = np.rint(weights / weights.sum() * 0.8 * noon_supply_wh).astype(np.int64)
    return shares
