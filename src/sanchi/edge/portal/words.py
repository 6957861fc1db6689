"""Words for the closed sets of the market, in the reader's language.

Enters: a member. Leaves: lazy texts. Not here: sentences of one page (templates), findings (problem_words).
"""

from typing import Final

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from sanchi.app.market import CapacityRule, HomeGroup, MeasurementGrade, PerkKind
from sanchi.app.views.market_head import ProvenanceLabel, ProvenanceSubject
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.problems import Severity

KIND: Final = {
    CertificateKind.SURPLUS: _("Surplus"),
    CertificateKind.SELF_CONSUMPTION: _("Self-consumption value"),
}

GROUP: Final = {
    HomeGroup.SURPLUS: _("Sells its surplus"),
    HomeGroup.SELF_CONSUMPTION: _("Sells the value of its self-consumption"),
    HomeGroup.OUTSIDE: _("Measured only, trades elsewhere"),
}

GRADE: Final = {
    MeasurementGrade.VERIFIED: _("Verified meter"),
    MeasurementGrade.NOTIFIED: _("Notified meter (specified metering)"),
    MeasurementGrade.CT: _("Current transformer (CT)"),
}

CAPACITY_RULE: Final = {
    CapacityRule.METERED_USE: _("Up to its own metered use"),
    CapacityRule.CAP_ONLY: _("Up to the agreed cap"),
}

SEVERITY: Final = {
    Severity.ACT: _("Act"),
    Severity.WATCH: _("Watch"),
    Severity.NOTE: _("Note"),
}

SEVERITY_MEANING: Final = {
    Severity.ACT: _("Energy or money waits until somebody acts."),
    Severity.WATCH: _("Handled by rule. Look at it when it comes again."),
    Severity.NOTE: _("Handled by rule. Nothing to do."),
}

PROVENANCE: Final = {
    ProvenanceLabel.MEASURED: _("measured"),
    ProvenanceLabel.MODELLED: _("modelled"),
    ProvenanceLabel.RE_DATED: _("re-dated"),
    ProvenanceLabel.REPEATED: _("repeated"),
}

PROVENANCE_MEANING: Final = {
    ProvenanceLabel.MEASURED: _("Read from a real meter."),
    ProvenanceLabel.MODELLED: _("Calculated, for example from weather and the facts of the plant."),
    ProvenanceLabel.RE_DATED: _("Measured at another time and moved to these dates."),
    ProvenanceLabel.REPEATED: _("The same series stands for more than one home or period."),
}

SUBJECT: Final = {
    ProvenanceSubject.USE: pgettext_lazy("what a home uses", "Use"),
    ProvenanceSubject.GENERATION: _("Generation"),
    ProvenanceSubject.BATTERY: _("Battery"),
}

# The ten grid areas by their two-digit number.
GRID_AREA: Final = {
    "01": _("Hokkaido"),
    "02": _("Tohoku"),
    "03": _("Tokyo"),
    "04": _("Chubu"),
    "05": _("Hokuriku"),
    "06": _("Kansai"),
    "07": _("Chugoku"),
    "08": _("Shikoku"),
    "09": _("Kyushu"),
    "10": _("Okinawa"),
}

FILE_KIND: Final = {
    "market": _("Market terms"),
    "parties": _("Parties"),
    "plants": _("Plants"),
    "meters": _("Meters"),
    "offers": _("Offers"),
    "choices": _("Choices"),
    "passing": _("Tenants of owners"),
    "registers": _("Register readings"),
    "energies": _("Half-hour energies"),
    "frames": _("Messages of gateways"),
    "sklines": _("Lines of Wi-SUN adapters"),
    "ctcloud": _("Minutes of CT devices"),
    "gatewaycloud": _("Counts from the gateways' cloud"),
    "events": _("Events of connectors"),
}

PERK_KIND: Final = {
    PerkKind.POINTS: _("Points"),
    PerkKind.COUPON: _("Coupon"),
    PerkKind.RECOGNITION: _("Recognition"),
}
