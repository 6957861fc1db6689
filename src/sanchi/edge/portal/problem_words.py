"""What each finding is called and what to do about it, in the reader's language.

Enters: a problem's code. Leaves: its title and advice. Not here: the finding's own record, kept as written.
"""

from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from sanchi.core.base.problems import ProblemCode


@dataclass(frozen=True, slots=True, kw_only=True)
class ProblemWords:
    """A finding's title and what the operator can do."""

    title: str | Promise
    advice: str | Promise


_WORDS: Final = {
    ProblemCode.UNKNOWN_METER: ProblemWords(
        title=_("Meter not known to the market"),
        advice=_("Add the meter to meters.csv and deliver the file again, or ask the sender why it was sent."),
    ),
    ProblemCode.UNKNOWN_CHANNEL: ProblemWords(
        title=_("Channel that the meter does not measure"),
        advice=_("Compare the channels of the meter in meters.csv with the delivered file."),
    ),
    ProblemCode.NEGATIVE_ENERGY: ProblemWords(
        title=_("Energy or count below zero"),
        advice=_("Ask the sender for the corrected reading."),
    ),
    ProblemCode.STAMP_OFF_BOUNDARY: ProblemWords(
        title=_("Stamp between two half hours"),
        advice=_("Check the clock of the meter or the export of the sender."),
    ),
    ProblemCode.STAMP_OUTSIDE_METER_LIFE: ProblemWords(
        title=_("Read before installation or after removal"),
        advice=_("Correct the dates of installation and removal in meters.csv, or drop the reading at the source."),
    ),
    ProblemCode.REGISTER_OVERFLOW: ProblemWords(
        title=_("Count with more digits than the register"),
        advice=_("Check the number of digits of the meter in meters.csv."),
    ),
    ProblemCode.UNREADABLE_ROW: ProblemWords(
        title=_("Row that cannot be read"),
        advice=_("Look at the row, correct the file and deliver it again."),
    ),
    ProblemCode.MONTHLY_METER: ProblemWords(
        title=_("Half hours of a meter that is read once a month"),
        advice=_("End the meter in meters.csv and begin another one that delivers half hours, if it does so now."),
    ),
    ProblemCode.MONTH_OVERDUE: ProblemWords(
        title=_("Value of a month is overdue"),
        advice=_("Ask the network operator for the confirmed file of the month, and deliver it."),
    ),
    ProblemCode.REGISTER_BACKWARDS: ProblemWords(
        title=_("Register ran backwards"),
        advice=_("Ask whether the meter was exchanged; if so, add the new meter to meters.csv."),
    ),
    ProblemCode.ENERGY_IMPLAUSIBLE: ProblemWords(
        title=_("More energy than the connection can carry"),
        advice=_("Check the multiplier of the meter and its limit in meters.csv."),
    ),
    ProblemCode.GAP_RECOVERED: ProblemWords(
        title=_("Gap filled from the register"),
        advice=_("The energy is exact, its shape follows similar days. Nothing to do."),
    ),
    ProblemCode.GAP_ESTIMATED: ProblemWords(
        title=_("Gap estimated"),
        advice=_("Ask for the missing readings: what is estimated is neither certified nor paid."),
    ),
    ProblemCode.GAP_MISSING: ProblemWords(
        title=_("Gap that cannot be estimated"),
        advice=_("Ask for the missing readings: until then these half hours count as zero."),
    ),
    ProblemCode.MALFORMED_FRAME: ProblemWords(
        title=_("Message of a gateway cut or damaged"),
        advice=_(
            "Look at the link between gateway and meter when it comes again; the meter's history can be read anew."
        ),
    ),
    ProblemCode.UNFIT_VALUE: ProblemWords(
        title=_("Value that the device's standard does not allow"),
        advice=_("Decode the message with sanchi decode, and ask the maker of the gateway."),
    ),
    ProblemCode.NO_DATA: ProblemWords(
        title=_("Meter has no value"),
        advice=_("Nothing to do at once; if it lasts, ask the network operator to look at the meter."),
    ),
    ProblemCode.UNKNOWN_ADDRESS: ProblemWords(
        title=_("Address that no meter has"),
        advice=_("Write the address into the line of its meter in meters.csv, then deliver the file again."),
    ),
    ProblemCode.UNIT_MISMATCH: ProblemWords(
        title=_("Unit that the meter cannot hold exactly"),
        advice=_("Compare the unit of the meter in meters.csv with the device."),
    ),
    ProblemCode.NOT_PROVIDED: ProblemWords(
        title=_("Value that the network operator does not provide"),
        advice=_("Ask the network operator why; until then the other ways count."),
    ),
    ProblemCode.INCOMPLETE_SLOT: ProblemWords(
        title=_("Half hours that lack minutes"),
        advice=_("Later minutes complete them by themselves; if none come, look at the device's connection."),
    ),
    ProblemCode.METER_SILENT: ProblemWords(
        title=_("Meter silent all day"),
        advice=_("Check the meter's power and connection, then ask for the readings."),
    ),
    ProblemCode.CT_REVERSED: ProblemWords(
        title=_("CT clamped the wrong way round"),
        advice=_("Turn the clamp of the grid round, or swap its directions in the device."),
    ),
    ProblemCode.CT_DEAD: ProblemWords(
        title=_("CT that sees nothing"),
        advice=_("Check that the clamp is closed around the main line and plugged into the device."),
    ),
    ProblemCode.CT_SCALED: ProblemWords(
        title=_("CT with a wrong ratio"),
        advice=_("Compare the ratio set in the device with the one printed on the clamp."),
    ),
    ProblemCode.VALUE_STANDS_STILL: ProblemWords(
        title=_("Value that stands still"),
        advice=_("Compare the meter's display with its readings, and ask for its history."),
    ),
    ProblemCode.STOOD_STILL_OVER_MIDNIGHT: ProblemWords(
        title=_("Register that stood still over midnight"),
        advice=_("Compare the meter's display with its readings, and ask for its history."),
    ),
    ProblemCode.CT_DISAGREES: ProblemWords(
        title=_("CT and register disagree"),
        advice=_("Check that both clamps sit on the main line whose meter is read, and the device's clock."),
    ),
    ProblemCode.INSIDE_OUTSIDE_CLAIM: ProblemWords(
        title=_("Value belongs to another scheme"),
        advice=_("Nothing to do while the claim stands; once it has ended, deliver outside_claims.csv with its end."),
    ),
    ProblemCode.OPERATOR_DECIDED: ProblemWords(
        title=_("Decided by an operator"),
        advice=_("Nothing to do: the decision and its reason stand until they are replaced or withdrawn."),
    ),
}


def words_of(code: ProblemCode) -> ProblemWords:
    """Give a finding's words; a code that is new here shows its own name."""
    return _WORDS.get(code, ProblemWords(title=str(code), advice=""))
