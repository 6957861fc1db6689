"""The picture of a meter's day: its counts as received above the energy of its slots, filled parts marked.

Enters: ChannelReadings. Leaves: a Chart. Not here: the page around it (readings).
"""

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from sanchi.app.views.readings import ChannelReadings, ReadVersion, SlotOrigin
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.methods import Method
from sanchi.edge.portal import charts
from sanchi.edge.portal.formats import (
    boundary_text,
    count_text,
    duration_text,
    instant_text,
    kwh_text,
    slot_text,
)
from sanchi.edge.portal.meter_words import METHOD, METHOD_COLOUR, SOURCE, STAGE

Tip = list[str | list[str]]


def register_chart(name: str, channel: ChannelReadings) -> charts.Chart:
    """Draw a register as two pictures one below the other, a meter of energies as one."""
    if channel.is_register:
        label = _(
            "Above the counts of the register as received, below the energy of each half hour by how it came about"
        )
    else:
        label = _("The energy of each half hour by how it came about, and each energy as received")
    slots: list[SlotOrigin | None] = [None] * SLOTS_PER_DAY
    for slot in channel.slots:
        slots[slot.slot_no - 1] = slot
    methods = [method for method in Method if any(slot.method is method for slot in channel.slots)]
    drawing = {
        "ticks": [slot_text(slot_no) for slot_no in range(1, SLOTS_PER_DAY + 1)],
        "countName": _("Count of %(unit)s Wh") % {"unit": count_text(channel.unit_wh)} if channel.is_register else "",
        "energies": [None if slot is None else slot.energy_wh for slot in slots],
        "methods": [
            {
                "name": str(METHOD[method]),
                "colour": METHOD_COLOUR[method],
                "places": [slot.slot_no - 1 for slot in channel.slots if slot.method is method],
            }
            for method in methods
        ],
        "tips": [[] if slot is None else _slot_tip(slot) for slot in slots],
        "versions": [each for each in _version_sets(channel) if each["points"]],
    }
    return charts.Chart(
        name=name, kind="register", label=label, drawing=drawing, height_px=400 if channel.is_register else 224
    )


def _version_sets(channel: ChannelReadings) -> list[dict[str, object]]:
    """Part the versions by what became of them; of a late one that is in force both is told."""
    sets = (
        (_("In force"), "ink", "circle", lambda each: each.is_in_force and not each.is_late),
        (_("In force, came late"), "act", "diamond", lambda each: each.is_in_force and each.is_late),
        (_("Superseded"), "soft", "emptyCircle", lambda each: not each.is_in_force),
    )
    return [
        {
            "name": name,
            "colour": colour,
            "symbol": symbol,
            "points": [
                [each.boundary_no, each.reading, *_version_tip(channel, each)]
                for each in channel.versions
                if takes(each)
            ],
        }
        for name, colour, symbol, takes in sets
    ]


def _slot_tip(slot: SlotOrigin) -> list[list[str]]:
    """Tell a slot in pairs of words."""
    told = [[str(METHOD[slot.method]), f"{kwh_text(slot.energy_wh, 3)} kWh"]]
    if slot.source and slot.stage:
        told.append([str(SOURCE[slot.source]), str(STAGE[slot.stage])])
    if slot.original_wh is None:
        told.append([_("The meter itself said nothing"), ""])
    elif slot.original_wh != slot.energy_wh:
        told.append([_("The meter itself said"), f"{kwh_text(slot.original_wh, 3)} kWh"])
    if slot.decision and slot.method is Method.AGREED:
        told.append([f"{slot.decision.decided_by}: {slot.decision.reason}", ""])
        told.append([_("By rule"), f"{kwh_text(slot.rule_wh, 3)} kWh"])
    return told


def _version_tip(channel: ChannelReadings, version: ReadVersion) -> Tip:
    """Tell a reading: its stamp, then pairs of words."""
    language = get_language() or "en"
    said = _("Count") if channel.is_register else _("Energy")
    figure = count_text(version.reading) if channel.is_register else f"{kwh_text(version.reading, 3)} kWh"
    return [
        boundary_text(version.boundary_no),
        [
            said, figure,
            _("Received"), instant_text(version.received_at, language),
            _("After its half hour"), duration_text(version.lag_s, language),
            str(SOURCE[version.source]), str(STAGE[version.stage]),
        ],
    ]  # fmt: skip
