"""Counts of half hours by quality, as SQL that every page shares.

Enters: records. Leaves: SlotCounts. Not here: which days are counted.
"""

from collections.abc import Mapping
from typing import Any, Final

from sanchi.app.views.market_head import SlotCounts

SLOT_COUNTS: Final = ("measured_slot_count", "recovered_slot_count", "estimated_slot_count", "missing_slot_count")
SLOT_COUNT_SUMS: Final = ", ".join(f"coalesce(sum({name}), 0) AS {name}" for name in SLOT_COUNTS)


def slot_counts(record: Mapping[str, Any]) -> SlotCounts:
    """Take the counts from a record that has them among its columns."""
    return SlotCounts(**{name: record[name] for name in SLOT_COUNTS})
