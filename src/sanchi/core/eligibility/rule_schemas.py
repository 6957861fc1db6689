"""Which parameters a rule of each subject has, and of what type.

Enters: a DatedRule. Leave: what is wrong with its parameters. Not here: what rules demand of each other (rule_book).
"""

from collections.abc import Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import Final

from sanchi.core.eligibility.rule import DatedRule, RuleSubject, Verdict

Schema = Mapping[str, type]

_INSTRUMENT: Final[Schema] = MappingProxyType(
    {
        "verified": Verdict,
        "notified": Verdict,
        "ct": Verdict,
        "with_battery": Verdict,
        "inside_fit": Verdict,
        "is_difference": bool,
        "needs_en": str,
        "needs_ja": str,
    }
)
_P2P: Final[Schema] = MappingProxyType({"verdict": Verdict, "needs_en": str, "needs_ja": str})
_SENTENCE: Final[Schema] = MappingProxyType({"sentence_en": str, "sentence_ja": str})
_NOTHING: Final[Schema] = MappingProxyType({})

SCHEMAS: Final[Mapping[RuleSubject, Schema]] = MappingProxyType(
    {
        RuleSubject.NON_FOSSIL_SURPLUS: _INSTRUMENT,
        RuleSubject.NON_FOSSIL_SELF: _INSTRUMENT,
        RuleSubject.GREEN_SURPLUS: _INSTRUMENT,
        RuleSubject.GREEN_SELF: _INSTRUMENT,
        RuleSubject.J_CREDIT_SURPLUS: _INSTRUMENT,
        RuleSubject.J_CREDIT_SELF: _INSTRUMENT,
        RuleSubject.J_CREDIT_JOINING: MappingProxyType({"years": int, "later": Verdict}),
        RuleSubject.PLATFORM_SURPLUS: _INSTRUMENT,
        RuleSubject.PLATFORM_SELF: _INSTRUMENT,
        RuleSubject.ONE_INSTRUMENT: _NOTHING,
        RuleSubject.OUTSIDE_CLAIM: _NOTHING,
        RuleSubject.SPECIFIED_METERING: MappingProxyType({"notified": Verdict}),
        RuleSubject.DIFFERENTIAL_METERING: MappingProxyType({"below_w": int, "at_or_above": Verdict}),
        RuleSubject.RE100_AGE: MappingProxyType(
            {"is_limited": bool, "years": int, "contracts_from": date, "exempt_permille": int}
        ),
        RuleSubject.RE100_EXEMPTION: _NOTHING,
        RuleSubject.RE100_EVIDENCE: MappingProxyType({"is_needed": bool}),
        RuleSubject.RE100_INSTRUMENT: MappingProxyType({"accepted": tuple}),
        RuleSubject.RE100_VINTAGE: _NOTHING,
        RuleSubject.RE100_VINTAGE_WINDOW: MappingProxyType({"months_before": int, "months_after": int}),
        RuleSubject.RE100_BOUNDARY: MappingProxyType({"grid_areas": tuple}),
        RuleSubject.HOURLY_DELIVERABILITY: _NOTHING,
        RuleSubject.P2P_VALUE_ALONE: _P2P,
        RuleSubject.P2P_4: _P2P,
        RuleSubject.P2P_5: _P2P,
        RuleSubject.P2P_6: _P2P,
        RuleSubject.P2P_7: _P2P,
        RuleSubject.P2P_SAME_GROUP: _P2P,
        RuleSubject.P2P_8: _P2P,
        RuleSubject.P2P_8_LOW_VOLTAGE: _P2P,
        RuleSubject.P2P_9: _P2P,
        RuleSubject.P2P_AGGREGATOR: MappingProxyType({"notice_days": int}),
        RuleSubject.P2P_AGGREGATOR_SIZE: MappingProxyType({"capacity_w_min": int}),
        RuleSubject.P2P_10: _P2P,
        RuleSubject.P2P_11: _P2P,
        RuleSubject.WORDING_UNCERTIFIED: _SENTENCE,
        RuleSubject.WORDING_RENEWABLE: _NOTHING,
        RuleSubject.WORDING_PLATFORM: _SENTENCE,
    }
)
# A rule that says that there is no limit has no more to say.
_UNLIMITED: Final[Schema] = MappingProxyType({"is_limited": bool})


def parameter_faults(rule: DatedRule) -> Iterator[str]:
    """Name every parameter that is missing, unknown or of another type than its subject's schema wants."""
    schema = SCHEMAS[rule.subject]
    if rule.subject is RuleSubject.RE100_AGE and rule.parameters.get("is_limited") is False:
        schema = _UNLIMITED
    for name in schema:
        if name not in rule.parameters:
            yield f"parameter {name!r} is missing"
    for name, value in rule.parameters.items():
        wanted = schema.get(name)
        if wanted is None:
            yield f"parameter {name!r} means nothing for {rule.subject}"
        elif type(value) is not wanted:
            yield f"parameter {name!r} is {value!r}, expected {_WORDS[wanted]}"
        elif wanted is int and int(str(value)) < 0:
            yield f"parameter {name!r} is {value!r}, expected a number of 0 or more"
        elif wanted in (str, tuple) and not value:
            yield f"parameter {name!r} is empty"


_WORDS: Final[Mapping[type, str]] = MappingProxyType(
    {
        Verdict: "yes, confirm or no",
        bool: "true or false",
        int: "a whole number",
        date: "a day",
        str: "a text",
        tuple: "a list of texts",
    }
)
