"""Read dated rules and the facts of a pair of parties from TOML, checked key by key.

Enter: a path, or nothing for the rules that the package ships. Leave: a RuleBook, PairFacts. Not here: the answers.
"""

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from sanchi.core.eligibility import Bilingual, Certainty, DatedRule, RuleBook, RuleSource, RuleSubject, Verdict
from sanchi.core.eligibility.rule import ParameterValue
from sanchi.core.eligibility.rule_book import RuleFault, UnfitRules
from sanchi.core.eligibility.rule_schemas import SCHEMAS

SHIPPED: Final = "eligibility_rules.toml"
NEEDED_KEYS: Final = frozenset({"id", "subject", "certainty", "says_en", "says_ja"})
KEYS: Final = NEEDED_KEYS | {"valid_from", "valid_until", "parameters", "source"}
SOURCE_KEYS: Final = frozenset({"authority", "document", "dated", "address"})
HINT: Final = "What a file of rules holds stands in docs/reference/eligibility.md."
FILE_BYTES_MAX: Final = 4 << 20


@cache
def shipped_rules() -> RuleBook:
    """Give the rules that the package ships."""
    return rules_of_toml(SHIPPED, files("sanchi.edge.delivery").joinpath(SHIPPED).read_bytes())


def read_rules(path: Path) -> RuleBook:
    """Read a file of rules. Raises: UnfitRules."""
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise _unreadable(path.name, f"it is larger than {FILE_BYTES_MAX >> 20} MiB")
        content = path.read_bytes()
    except OSError as error:
        raise _unreadable(str(path), f"it cannot be read ({error.strerror})") from error
    return rules_of_toml(path.name, content)


def rules_of_toml(file_name: str, content: bytes) -> RuleBook:
    """Read rules from the bytes of a file. Raises: UnfitRules, its message naming the file."""
    try:
        document = tomllib.loads(content.decode("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise _unreadable(file_name, f"it is not TOML: {error}") from error
    as_of, tables = _day(file_name, document, "as_of"), document.get("rule")
    if set(document) != {"as_of", "rule"} or as_of is None or not isinstance(tables, list):
        raise _unreadable(file_name, "expected a day as_of and tables [[rule]], and nothing else")
    rules = tuple(_rule(f"{file_name}, rule {rule_no}", table) for rule_no, table in enumerate(tables, start=1))
    try:
        return RuleBook(as_of=as_of, rules=rules)
    except UnfitRules as error:
        what = error.what.removeprefix(f"{error.fault}: ")
        raise UnfitRules(error.fault, f"{file_name}: {what}", hint=error.hint) from error


def _rule(place: str, table: Any) -> DatedRule:
    """Read one rule."""
    if not isinstance(table, dict):
        raise _unreadable(place, "expected a table [[rule]]")
    _check_keys(place, table, KEYS, NEEDED_KEYS)
    place = f"{place} ({table['id']})"
    subject = _member(place, table, "subject", RuleSubject)
    return DatedRule(
        rule_id=_text(place, table, "id"),
        subject=subject,
        says=Bilingual(en=_text(place, table, "says_en"), ja=_text(place, table, "says_ja")),
        valid_from=_day(place, table, "valid_from"),
        valid_until=_day(place, table, "valid_until"),
        certainty=_member(place, table, "certainty", Certainty),
        sources=tuple(_source(place, source) for source in _tables(place, table, "source")),
        parameters=_parameters(place, table, subject),
    )


def _parameters(place: str, table: Mapping[str, Any], subject: RuleSubject) -> Mapping[str, ParameterValue]:
    """Read parameters as they stand; words become verdicts where the subject's schema wants one."""
    raw = table.get("parameters", {})
    if not isinstance(raw, dict):
        raise _unreadable(place, "parameters is no table")
    schema, read = SCHEMAS[subject], dict[str, ParameterValue]()
    for name, value in raw.items():
        if schema.get(name) is Verdict and value in list(Verdict):
            read[name] = Verdict(value)
        elif isinstance(value, list):
            read[name] = tuple(str(word) for word in value)
        else:
            read[name] = value
    return MappingProxyType(read)


def _source(place: str, table: Any) -> RuleSource:
    """Read one source."""
    if not isinstance(table, dict):
        raise _unreadable(place, "expected tables [[rule.source]]")
    _check_keys(f"{place}, source", table, SOURCE_KEYS, frozenset())
    return RuleSource(
        authority=_text(place, table, "authority"),
        document=_text(place, table, "document"),
        dated=_day(place, table, "dated"),
        address=_text(place, table, "address"),
    )


def _tables(place: str, table: Mapping[str, Any], key: str) -> list[Any]:
    """Give a list of tables, an empty one where there is none."""
    found = table.get(key, [])
    if not isinstance(found, list):
        raise _unreadable(place, f"expected tables [[rule.{key}]]")
    return found


def _check_keys(place: str, table: Mapping[str, Any], known: frozenset[str], needed: frozenset[str]) -> None:
    """Refuse keys that mean nothing, and the absence of those that are needed."""
    for key in table:
        if key not in known:
            raise _unreadable(place, f"key {key!r} is unknown; known are {', '.join(sorted(known))}")
    for key in sorted(needed - set(table)):
        raise _unreadable(place, f"key {key!r} is missing")


def _text(place: str, table: Mapping[str, Any], key: str) -> str:
    """Read a text, empty where there is none."""
    value = table.get(key, "")
    if not isinstance(value, str):
        raise _unreadable(place, f"{key} is {value!r}, expected a text")
    return value.strip()


def _day(place: str, table: Mapping[str, Any], key: str) -> date | None:
    """Read a day, None where there is none; one with a time is none."""
    value = table.get(key)
    if value is None or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise _unreadable(place, f"{key} is {value!r}, expected a day such as 2026-01-01 without quotes and time")


def _member(place: str, table: Mapping[str, Any], key: str, words: Any) -> Any:
    """Read one of a closed set of words."""
    value = table[key]
    if value not in list(words):
        raise _unreadable(place, f"{key} is {value!r}, expected one of {', '.join(words)}")
    return words(value)


def _unreadable(place: str, what: str) -> UnfitRules:
    """Word a fault of reading."""
    return UnfitRules(RuleFault.UNREADABLE, f"{place}: {what}.", hint=HINT)
