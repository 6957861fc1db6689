"""Every rule that a reading meets on its way to the energy of a slot, in order, by name.

Enters: nothing. Leaves: RULES, that docs/reference/vee.md explains one by one. Not here: the rules themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering import decisions, filling, findings, standing
from sanchi.core.metering.grids import SCREEN_RULES
from sanchi.core.metering.intake import INTAKE_RULES


class Phase(StrEnum):
    """When a rule is asked."""

    INTAKE = "intake"  # a row of a delivered file, beside its meter alone
    SCREEN = "screen"  # the reading in force, beside its meter as it is told now
    SERIES = "series"  # a count, beside the others of its register
    FILL = "fill"  # a slot without a reading that stands
    EDIT = "edit"  # a slot that a person decided on


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A named rule: when it is asked, the code of its finding and the function that does the work."""

    phase: Phase
    code: ProblemCode
    function: Callable[..., Any]


RULES: Final[tuple[Rule, ...]] = (
    *(Rule(phase=Phase.INTAKE, code=code, function=breaks) for code, breaks in INTAKE_RULES.items()),
    *(Rule(phase=Phase.SCREEN, code=code, function=breaks) for code, breaks in SCREEN_RULES.items()),
    Rule(phase=Phase.SCREEN, code=ProblemCode.UNKNOWN_CHANNEL, function=findings.describe_foreign),
    Rule(phase=Phase.SERIES, code=ProblemCode.REGISTER_BACKWARDS, function=standing.divide_stretch),
    Rule(phase=Phase.SERIES, code=ProblemCode.ENERGY_IMPLAUSIBLE, function=standing.divide_stretch),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_RECOVERED, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_ESTIMATED, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_MISSING, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.METER_SILENT, function=findings.describe_silence),
    Rule(phase=Phase.EDIT, code=ProblemCode.OPERATOR_DECIDED, function=decisions.place_decisions),
)
