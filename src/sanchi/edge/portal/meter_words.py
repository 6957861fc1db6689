"""Words for what meters measure, and for how the energy of a slot came about.

Enters: a member. Leaves: lazy texts, colours of methods. Not here: findings (problem_words).
"""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage

CHANNEL: Final = {
    Channel.IMPORT: _("Taken from the grid"),
    Channel.EXPORT: _("Given to the grid"),
    Channel.PV: _("Generated"),
    Channel.CHARGE: _("Into the battery"),
    Channel.DISCHARGE: _("Out of the battery"),
    Channel.USE: pgettext_lazy("what a home uses", "Use"),
}

METHOD: Final = {
    Method.MISSING: _("Nothing known"),
    Method.COUNTS: _("Difference of two counts"),
    Method.DELIVERED: _("Energy as delivered"),
    Method.SUMMED: _("Shorter intervals, added up"),
    Method.RECOVERED_LIKE_DAYS: _("Counted over the gap, shaped after like days"),
    Method.RECOVERED_FLAT: _("Counted over the gap, the same in each half hour"),
    Method.RECOVERED_OTHER_WAY: _("Counted over the gap, shaped by another way"),
    Method.ESTIMATED_LIKE_DAYS: _("Estimated from like days, not traded"),
    Method.AGREED: _("Decided by an operator"),
    Method.MONTHLY_LIKE_DAYS: _("Counted over the month, shaped after like days"),
}

# Colour and pattern of each method: measured is plain, whatever was filled has a pattern too.
METHOD_COLOUR: Final = {
    Method.MISSING: "missing/4",
    Method.COUNTS: "matched",
    Method.DELIVERED: "matched",
    Method.SUMMED: "matched",
    Method.RECOVERED_LIKE_DAYS: "recovered/1",
    Method.RECOVERED_FLAT: "recovered/2",
    Method.RECOVERED_OTHER_WAY: "recovered/3",
    Method.ESTIMATED_LIKE_DAYS: "estimated/2",
    Method.AGREED: "decided/3",
    Method.MONTHLY_LIKE_DAYS: "recovered/4",
}

SOURCE: Final = {
    Source.CT: _("Current transformer (CT)"),
    Source.B_ROUTE: _("Smart meter, read at home (B-route)"),
    Source.TSO: _("Network operator"),
    Source.OPERATOR: _("Operator"),
}

STAGE: Final = {
    Stage.FLASH: _("flash value"),
    Stage.PRELIMINARY: _("preliminary value"),
    Stage.FINAL: _("final value"),
}


def method_classes(method: Method) -> str:
    """Name the CSS classes of a method's colour and pattern."""
    name, _slash, tier = METHOD_COLOUR[method].partition("/")
    return f"fill-{name} tier-{tier or 0}"
