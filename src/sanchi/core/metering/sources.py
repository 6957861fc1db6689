"""Where a reading comes from and how final it is: what decides which of several readings wins.

Enters and leaves: enumerations. Not here: the readings (readings), versions of one source (versions).
"""

from enum import IntEnum
from typing import Final

import numpy as np
from numpy.typing import NDArray


class Source(IntEnum):
    """The way a reading took; a larger number is nearer to the legal meter. The numbers stand in files."""

    CT = 1  # current transformer of a home energy system
    B_ROUTE = 2  # the smart meter itself, read inside the home
    TSO = 3  # the smart meter, as the network operator tells it: the value of settlement
    OPERATOR = 4  # a person decided, with a reason

    @property
    def text(self) -> str:
        """Give the word used in files and messages.

        >>> Source.B_ROUTE.text
        'b_route'
        """
        return self.name.lower()


class Stage(IntEnum):
    """How final a reading is (速報値, 確報値, 確定値); a larger number is more final. The numbers stand in files."""

    FLASH = 1
    PRELIMINARY = 2
    FINAL = 3

    @property
    def text(self) -> str:
        """Give the word used in files and messages.

        >>> Stage.FINAL.text
        'final'
        """
        return self.name.lower()


# Stage and source as one number of which the larger wins; 0 = no reading at all.
_STAGE_STEP: Final = 8
RANK_END: Final = (max(Stage) + 1) * _STAGE_STEP


def rank_of(stage_no: NDArray[np.int8], source_no: NDArray[np.int8]) -> NDArray[np.int8]:
    """Order readings by stage, then source."""
    return stage_no * np.int8(_STAGE_STEP) + source_no


def rank_number(stage: Stage, source: Source) -> int:
    """Give the rank of one reading.

    >>> rank_number(Stage.FINAL, Source.CT) > rank_number(Stage.FLASH, Source.OPERATOR)
    True
    """
    return stage * _STAGE_STEP + source


def stage_of(rank: NDArray[np.int8]) -> NDArray[np.int8]:
    """Give the stage of a rank, 0 where there is no reading."""
    return rank // np.int8(_STAGE_STEP)


def source_of(rank: NDArray[np.int8]) -> NDArray[np.int8]:
    """Give the source of a rank, 0 where there is no reading."""
    return rank % np.int8(_STAGE_STEP)


# By what a file or a meter says in words; a person's decisions come in files of their own kind.
DELIVERED_SOURCES: Final = {source.text: source for source in Source if source is not Source.OPERATOR}
STAGES: Final = {stage.text: stage for stage in Stage}
