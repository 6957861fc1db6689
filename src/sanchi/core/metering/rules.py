"""Every rule that a reading meets on its way to the energy of a slot, in order, by name.

Enters: nothing. Leaves: RULES, that docs/reference/vee.md explains one by one. Not here: the rules themselves.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering import decisions, filling, findings, standing
from sanchi.core.metering.formats.echonet_frames import read_frame
from sanchi.core.metering.formats.echonet_properties import read_property
from sanchi.core.metering.formats.gateway_frames import decode_frames
from sanchi.core.metering.formats.tso_xml import decode_tso_xml
from sanchi.core.metering.grids import SCREEN_RULES
from sanchi.core.metering.intake import INTAKE_RULES
from sanchi.core.metering.midnights import midnight_rests
from sanchi.core.metering.monthly.due import describe_overdue
from sanchi.core.metering.parts.clamps import describe_clamp
from sanchi.core.metering.resolving import resolve
from sanchi.core.metering.slot_sums import slot_changes
from sanchi.core.metering.standstills import standstill_findings


class Phase(StrEnum):
    """When a rule is asked."""

    DECODE = "decode"  # a record of a foreign format, by itself
    RESOLVE = "resolve"  # a decoded row, beside the meter that has its address
    INTAKE = "intake"  # a row of a delivered file, beside its meter alone
    ADD_UP = "add up"  # the parts of a half hour together
    COMPARE = "compare"  # what was measured of a day, beside another way or beside itself
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
    Rule(phase=Phase.DECODE, code=ProblemCode.MALFORMED_FRAME, function=read_frame),
    Rule(phase=Phase.DECODE, code=ProblemCode.UNFIT_VALUE, function=read_property),
    Rule(phase=Phase.DECODE, code=ProblemCode.NO_DATA, function=decode_frames),
    Rule(phase=Phase.DECODE, code=ProblemCode.NOT_PROVIDED, function=decode_tso_xml),
    Rule(phase=Phase.RESOLVE, code=ProblemCode.UNKNOWN_ADDRESS, function=resolve),
    Rule(phase=Phase.RESOLVE, code=ProblemCode.UNIT_MISMATCH, function=resolve),
    *(Rule(phase=Phase.INTAKE, code=code, function=breaks) for code, breaks in INTAKE_RULES.items()),
    Rule(phase=Phase.ADD_UP, code=ProblemCode.INCOMPLETE_SLOT, function=slot_changes),
    Rule(phase=Phase.COMPARE, code=ProblemCode.CT_REVERSED, function=describe_clamp),
    Rule(phase=Phase.COMPARE, code=ProblemCode.CT_DEAD, function=describe_clamp),
    Rule(phase=Phase.COMPARE, code=ProblemCode.CT_SCALED, function=describe_clamp),
    Rule(phase=Phase.COMPARE, code=ProblemCode.CT_DISAGREES, function=describe_clamp),
    Rule(phase=Phase.COMPARE, code=ProblemCode.VALUE_STANDS_STILL, function=standstill_findings),
    Rule(phase=Phase.COMPARE, code=ProblemCode.STOOD_STILL_OVER_MIDNIGHT, function=midnight_rests),
    *(Rule(phase=Phase.SCREEN, code=code, function=breaks) for code, breaks in SCREEN_RULES.items()),
    Rule(phase=Phase.SCREEN, code=ProblemCode.UNKNOWN_CHANNEL, function=findings.describe_foreign),
    Rule(phase=Phase.SERIES, code=ProblemCode.REGISTER_BACKWARDS, function=standing.divide_stretch),
    Rule(phase=Phase.SERIES, code=ProblemCode.ENERGY_IMPLAUSIBLE, function=standing.divide_stretch),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_RECOVERED, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_ESTIMATED, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.GAP_MISSING, function=filling.fill_gap),
    Rule(phase=Phase.FILL, code=ProblemCode.METER_SILENT, function=findings.describe_silence),
    Rule(phase=Phase.FILL, code=ProblemCode.MONTH_OVERDUE, function=describe_overdue),
    Rule(phase=Phase.EDIT, code=ProblemCode.OPERATOR_DECIDED, function=decisions.place_decisions),
)
