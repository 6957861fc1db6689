"""What may become of a roof's watt-hours by dated rules: instruments, RE100, P2P types, words of a statement.

Each answer is yes, no or needs confirmation and names its rules. Not here: files of rules, markets, certificates.
"""

from sanchi.core.eligibility.answer import Answer, Ground
from sanchi.core.eligibility.facts import MeterGrade, Period, PlantFacts, ValueClaim
from sanchi.core.eligibility.instruments import Instrument, InstrumentAnswer, instruments_for
from sanchi.core.eligibility.p2p import P2pAnswer, P2pType, PairFacts, Voltage, p2p_type
from sanchi.core.eligibility.re100 import (
    Purchase,
    Re100Answer,
    hourly_deliverable,
    over_age_allowance_wh,
    re100_until,
)
from sanchi.core.eligibility.rule import Bilingual, Certainty, DatedRule, RuleSource, RuleSubject, Verdict
from sanchi.core.eligibility.rule_book import RuleBook, RuleFault, UnfitRules
from sanchi.core.eligibility.taking import Taking, take
from sanchi.core.eligibility.wording import WordedSentence, Wording, wording

__all__ = [
    "Answer",
    "Bilingual",
    "Certainty",
    "DatedRule",
    "Ground",
    "Instrument",
    "InstrumentAnswer",
    "MeterGrade",
    "P2pAnswer",
    "P2pType",
    "PairFacts",
    "Period",
    "PlantFacts",
    "Purchase",
    "Re100Answer",
    "RuleBook",
    "RuleFault",
    "RuleSource",
    "RuleSubject",
    "Taking",
    "UnfitRules",
    "ValueClaim",
    "Verdict",
    "Voltage",
    "WordedSentence",
    "Wording",
    "hourly_deliverable",
    "instruments_for",
    "over_age_allowance_wh",
    "p2p_type",
    "re100_until",
    "take",
    "wording",
]
