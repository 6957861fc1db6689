"""Slot energy and offers become allocations: who from whom, in which slot, how many Wh.

The way in is `eating.match_day`; a metropolis goes by `build_choice_tree` once a day, `slot_table` once a slot and
`block_rows` once a block of homes. Not here: prices, certificates, files.
"""

from sanchi.core.matching.block_parts import BlockRows, block_rows
from sanchi.core.matching.choice_tree import ChoiceTree, build_choice_tree
from sanchi.core.matching.eating import DayMatch, match_day
from sanchi.core.matching.explanation import ChoiceOutcome, SlotExplanation, explain_slot, recompute_parts
from sanchi.core.matching.kernel import Engine
from sanchi.core.matching.offers import DayMatchInput
from sanchi.core.matching.revision import revise_home
from sanchi.core.matching.slot_table import slot_table

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
