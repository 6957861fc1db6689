"""The parts of a block of homes over a day as rows: who gave how many Wh to whom in which slot.

Enter: supplies, choices and words of the block, salts, the day's table. Leaves: BlockRows. Not here: other homes.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.eating.numpy_engine import numpy_parts
from sanchi.core.matching.eating.parts import write_choice_parts
from sanchi.core.matching.kernel import (
    ChoiceArray,
    Engine,
    IntArray,
    default_engine,
    entry_kernel,
    frozen_view,
    read_only,
)
from sanchi.core.matching.offers import NegativeEnergy, UnknownBuyer, check_array
from sanchi.core.matching.phase import phase_of_word

# The buyer of a row that no choice took.
STANDARD_OFFER_INDEX = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockRows:
    """Rows in the order home, slot, choice, the rest last; equal-length columns, read-only, no row of 0 Wh.

    home_index : int32, the place of the home in its block; slot_no : int8, 1..48; buyer_index : int32, -1 = the
    standard offer, which takes what no choice took; energy_wh : int32 [Wh].
    """

    home_index: ChoiceArray
    slot_no: NDArray[np.int8]
    buyer_index: ChoiceArray
    energy_wh: ChoiceArray

    def __post_init__(self) -> None:
        """Freeze the columns."""
        for column in (self.home_index, self.slot_no, self.buyer_index, self.energy_wh):
            read_only(column)

    @property
    def n_rows(self) -> int:
        """Count the rows."""
        return len(self.energy_wh)


def block_rows(
    supply_wh: ChoiceArray,
    choice_buyer_index: ChoiceArray,
    home_word: NDArray[np.uint64],
    salts: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
    *,
    with_rest: bool,
    engine: Engine | None = None,
) -> BlockRows:
    """Give the parts of a block's homes; a pure function of the table, so any worker may compute any block.

    supply_wh : int32 (n_block_homes, 48) [Wh], not negative; choice_buyer_index : int32 (n_block_homes, k_max), -1 =
    none; home_word : uint64 (n_block_homes,) and salts : uint64 (48,) from the module phase; closing_t32,
    rounding_phi60 : int64 (n_buyers, 48), the day's table by buyer; with_rest : give rows of the standard offer too.
    engine : None = Numba, or NumPy where Numba cannot be imported; both give the same rows.
    Raises: UnfitArray, NegativeEnergy, UnknownBuyer.
    """
    _check(supply_wh, choice_buyer_index, home_word, salts, closing_t32, rounding_phi60)
    if (engine or default_engine()) is Engine.NUMPY:
        phase_u60 = phase_of_word(home_word[:, None], salts).astype(np.int64)
        parts_wh = numpy_parts(supply_wh.astype(np.int64), choice_buyer_index, phase_u60, closing_t32, rounding_phi60)
        return _rows_of_parts(supply_wh, choice_buyer_index, parts_wh, with_rest=with_rest)
    # A supply gives at most one row a choice, one more for the rest; room that stays empty is never touched.
    n_rows_of_supply = choice_buyer_index.shape[1] + int(with_rest)
    n_rows_max = 1 + n_rows_of_supply * int(np.count_nonzero(supply_wh))
    home_index, buyer_index, energy_wh = (np.empty(n_rows_max, dtype=np.int32) for _ in range(3))
    slot_no = np.empty(n_rows_max, dtype=np.int8)
    # At night nobody supplies: the kernel works on the other slots alone.
    slot_index = np.flatnonzero(supply_wh.any(axis=0))
    n_rows = write_block_rows(
        slot_index,
        frozen_view(supply_wh[:, slot_index]),
        frozen_view(choice_buyer_index),
        frozen_view(home_word),
        frozen_view(salts[slot_index]),
        frozen_view(closing_t32[:, slot_index]),
        frozen_view(rounding_phi60[:, slot_index]),
        with_rest,
        home_index,
        slot_no,
        buyer_index,
        energy_wh,
    )
    return BlockRows(
        home_index=home_index[:n_rows],
        slot_no=slot_no[:n_rows],
        buyer_index=buyer_index[:n_rows],
        energy_wh=energy_wh[:n_rows],
    )


@entry_kernel
def write_block_rows(
    slot_index: IntArray,
    supply_wh: ChoiceArray,
    choices: ChoiceArray,
    home_word: NDArray[np.uint64],
    salt: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
    with_rest: bool,  # noqa: FBT001 - kernels are called by position
    home_index: ChoiceArray,
    slot_no: NDArray[np.int8],
    buyer_index: ChoiceArray,
    energy_wh: ChoiceArray,
) -> int:
    """Write the rows of a block into the last four columns, which have a row to spare, and give how many there are.

    slot_index : int64 (n,), which slots of the day these are, in their order; supply, salt and table have no others.
    """
    n_choices, n_slots = choices.shape[1], len(salt)
    parts_wh = np.empty((n_choices, n_slots), np.int64)
    phase_u60 = np.empty(n_slots, np.int64)
    arrived_t32 = np.empty(n_slots, np.int64)
    given_wh = np.empty(n_slots, np.int64)
    row = 0
    for home in range(len(home_word)):
        for slot in range(n_slots):
            phase_u60[slot] = np.int64(phase_of_word(home_word[home], salt[slot]))
        arrived_t32[:] = 0
        given_wh[:] = 0
        n_named = 0
        while n_named < n_choices and choices[home, n_named] >= 0:
            buyer = choices[home, n_named]
            # One by one: a tuple of these arrays would double the time of the whole kernel.
            write_choice_parts(
                supply_wh[home],
                closing_t32[buyer],
                rounding_phi60[buyer],
                phase_u60,
                arrived_t32,
                given_wh,
                parts_wh[n_named],
            )
            n_named += 1
        for slot in range(n_slots):
            if supply_wh[home, slot] == 0:
                continue
            # A row of 0 Wh is written too, but the next one takes its place: that asks no branch.
            for choice in range(n_named):
                home_index[row] = home
                slot_no[row] = slot_index[slot] + 1
                buyer_index[row] = choices[home, choice]
                energy_wh[row] = parts_wh[choice, slot]
                row += parts_wh[choice, slot] != 0
            home_index[row] = home
            slot_no[row] = slot_index[slot] + 1
            buyer_index[row] = STANDARD_OFFER_INDEX
            energy_wh[row] = supply_wh[home, slot] - given_wh[slot]
            row += with_rest and energy_wh[row] != 0
    return row


def _rows_of_parts(supply_wh: ChoiceArray, choices: ChoiceArray, parts_wh: IntArray, *, with_rest: bool) -> BlockRows:
    """Lay parts of shape (n_homes, 48, k_max) out as rows."""
    rest_wh = supply_wh - parts_wh.sum(axis=2)
    all_wh = np.concatenate([parts_wh, (rest_wh if with_rest else np.zeros_like(rest_wh))[:, :, None]], axis=2)
    buyers = np.hstack([choices, np.full((len(choices), 1), STANDARD_OFFER_INDEX, dtype=np.int32)])
    home_index, slot_index, choice_index = np.nonzero(all_wh)
    return BlockRows(
        home_index=home_index.astype(np.int32),
        slot_no=(slot_index + 1).astype(np.int8),
        buyer_index=buyers[home_index, choice_index],
        energy_wh=all_wh[home_index, slot_index, choice_index].astype(np.int32),
    )


def _check(
    supply_wh: ChoiceArray,
    choices: ChoiceArray,
    home_word: NDArray[np.uint64],
    salts: NDArray[np.uint64],
    closing_t32: IntArray,
    rounding_phi60: IntArray,
) -> None:
    """Refuse what a kernel would read beyond, and supplies below zero."""
    check_array("supply_wh", supply_wh, np.int32, (None, SLOTS_PER_DAY))
    check_array("choice_buyer_index", choices, np.int32, (len(supply_wh), None))
    check_array("home_word", home_word, np.uint64, (len(supply_wh),))
    check_array("salts", salts, np.uint64, (SLOTS_PER_DAY,))
    check_array("closing_t32", closing_t32, np.int64, (None, SLOTS_PER_DAY))
    check_array("rounding_phi60", rounding_phi60, np.int64, closing_t32.shape)
    if supply_wh.size and supply_wh.min() < 0:
        home, slot = np.argwhere(supply_wh < 0)[0]
        raise NegativeEnergy(f"supply_wh[{home}, {slot}] is {supply_wh[home, slot]} Wh, expected 0 or more.")
    if choices.size and choices.max() >= len(closing_t32):
        home, choice = np.argwhere(choices >= len(closing_t32))[0]
        raise UnknownBuyer(
            f"choice_buyer_index[{home}, {choice}] is {choices[home, choice]}, expected less than {len(closing_t32)}.",
            hint="Give each buyer a row of the table.",
        )
