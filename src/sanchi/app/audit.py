"""The result of the independent audit, law by law.

Enters and leaves: LawResult values. Not here: the audit itself (an edge with its own SQL).
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LawResult:
    """One conservation law: how many cases were checked and which of them broke it (a few, as sentences)."""

    law: str
    title: str
    checked_count: int
    broken_count: int
    broken_examples: tuple[str, ...]

    @property
    def holds(self) -> bool:
        """Tell whether no case broke the law."""
        return self.broken_count == 0
