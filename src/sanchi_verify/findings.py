"""What a check raises, and what it tells when it holds.

Enters: a name and a sentence. Leaves: Finding, NotProven, CannotCheck. Not here: any check.
"""

from dataclasses import dataclass


class NotProven(Exception):
    """Something is not as the proof says; check names what was looked at."""

    def __init__(self, check: str, reason: str) -> None:
        """Keep name and reason apart, so that they can be laid out."""
        super().__init__(f"{check}: {reason}")
        self.check = check
        self.reason = reason


class CannotCheck(Exception):
    """What is needed to check is missing or cannot be read; nothing is said of the proof."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A check that holds, and what it comes to."""

    check: str
    told: str


def require(check: str, holds: bool, reason: str) -> None:  # noqa: FBT001 - reads as a sentence
    """Raise NotProven where a check does not hold."""
    if not holds:
        raise NotProven(check, reason)
