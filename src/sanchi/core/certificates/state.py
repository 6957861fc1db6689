"""The states of a slice of a certificate, and every change between them, as data.

Enter: a state and an operation. Leaves: the next state, or a refusal by rule. Not here: who may ask for it.
"""

from collections.abc import Mapping
from enum import IntEnum, StrEnum
from types import MappingProxyType
from typing import Final

from sanchi.core.base.errors import RefusalRule, Refused


class CertificateState(IntEnum):
    """What a slice's watt-hours are at; the numbers stand in the database and never change."""

    ACTIVE = 1  # belongs to its holder, who may still use it
    RESERVED = 2  # promised to somebody while a payment is under way
    RETIRED = 3  # used up by one claim of one beneficiary
    EXPIRED = 4  # never used, too old to be used
    IN_EXPORT_LOT = 5  # left for a certificate scheme outside the platform
    CHARGED = 6  # went into a battery; what comes out is certified anew
    WITHDRAWN = 7  # taken back, because a corrected reading says that it was never generated

    @property
    def text(self) -> str:
        """Give the name used in files and pages.

        >>> CertificateState.IN_EXPORT_LOT.text
        'in_export_lot'
        """
        return self.name.lower()


class Operation(StrEnum):
    """What can be asked of a slice."""

    TRANSFER = "transfer"  # give it to another holder
    RESERVE = "reserve"  # promise it
    RELEASE = "release"  # give the promise up
    RETIRE = "retire"  # claim its use
    EXPIRE = "expire"  # let it lapse
    EXPORT = "export"  # hand it to an outside scheme
    CHARGE = "charge"  # store its energy
    WITHDRAW = "withdraw"  # take it back
    SPLIT = "split"  # cut it where somebody wants to name its parts


FINAL_STATES: Final = frozenset(
    {
        CertificateState.RETIRED,
        CertificateState.EXPIRED,
        CertificateState.IN_EXPORT_LOT,
        CertificateState.CHARGED,
        CertificateState.WITHDRAWN,
    }
)

# All that is possible stands here; a promised slice can only be cut, released, used by its promise, or withdrawn.
TRANSITIONS: Final[Mapping[tuple[CertificateState, Operation], CertificateState]] = MappingProxyType(
    {
        (CertificateState.ACTIVE, Operation.TRANSFER): CertificateState.ACTIVE,
        (CertificateState.ACTIVE, Operation.RESERVE): CertificateState.RESERVED,
        (CertificateState.ACTIVE, Operation.RETIRE): CertificateState.RETIRED,
        (CertificateState.ACTIVE, Operation.EXPIRE): CertificateState.EXPIRED,
        (CertificateState.ACTIVE, Operation.EXPORT): CertificateState.IN_EXPORT_LOT,
        (CertificateState.ACTIVE, Operation.CHARGE): CertificateState.CHARGED,
        (CertificateState.ACTIVE, Operation.WITHDRAW): CertificateState.WITHDRAWN,
        (CertificateState.ACTIVE, Operation.SPLIT): CertificateState.ACTIVE,
        (CertificateState.RESERVED, Operation.SPLIT): CertificateState.RESERVED,
        (CertificateState.RESERVED, Operation.RELEASE): CertificateState.ACTIVE,
        (CertificateState.RESERVED, Operation.RETIRE): CertificateState.RETIRED,
        (CertificateState.RESERVED, Operation.WITHDRAW): CertificateState.WITHDRAWN,
    }
)


def next_state(state: CertificateState, operation: Operation) -> CertificateState:
    """Give the state that an operation leads to.

    Raises: Refused (ALREADY_FINAL, TRANSITION_UNKNOWN).
    """
    if state in FINAL_STATES:
        raise Refused(
            RefusalRule.ALREADY_FINAL,
            f"a {state.text} slice was asked to {operation}; a final state never changes.",
            hint="A correction of final watt-hours becomes a debt of the device.",
        )
    if (state, operation) not in TRANSITIONS:
        possible = ", ".join(known for known_state, known in TRANSITIONS if known_state is state)
        raise Refused(
            RefusalRule.TRANSITION_UNKNOWN,
            f"a slice that is {state.text} cannot {operation}.",
            hint=f"It can {possible}.",
        )
    return TRANSITIONS[state, operation]


def is_possible(state: CertificateState, operation: Operation) -> bool:
    """Tell whether an operation is possible in a state."""
    return (state, operation) in TRANSITIONS
