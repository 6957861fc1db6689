"""Slot energy and offers become allocations: who from whom, in which slot, how many Wh.

The way in is `eating.match_day`. Not here: prices, certificates, files.
"""

from sanchi.core.matching.eating import DayMatch, match_day
from sanchi.core.matching.explanation import ChoiceOutcome, SlotExplanation, explain_slot, recompute_parts
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.revision import revise_home

__all__ = [
    "ChoiceOutcome",
    "DayMatch",
    "DayMatchInput",
    "SlotExplanation",
    "explain_slot",
    "match_day",
    "recompute_parts",
    "revise_home",
]
