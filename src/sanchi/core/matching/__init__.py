"""Slot energy and offers become allocations: who from whom, in which slot, how many Wh.

The way in is `eating.match_day`; a metropolis goes by `build_choice_tree` once a day, `slot_table` once a slot and
`block_rows` once a block of homes. Not here: prices, certificates, files.
"""

from sanchi.core.matching.eating.block_parts import BlockRows, block_rows
from sanchi.core.matching.eating.choice_tree import ChoiceTree, build_choice_tree
from sanchi.core.matching.eating.explanation import ChoiceOutcome, SlotExplanation, explain_slot, recompute_parts
from sanchi.core.matching.eating.matched_day import DayMatch, match_day
from sanchi.core.matching.eating.slot_table import slot_table
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.revision import revise_home

__all__ = [
    "BlockRows",
    "ChoiceOutcome",
    "ChoiceTree",
    "DayMatch",
    "DayMatchInput",
    "Engine",
    "SlotExplanation",
    "block_rows",
    "build_choice_tree",
    "explain_slot",
    "match_day",
    "recompute_parts",
    "revise_home",
    "slot_table",
]
