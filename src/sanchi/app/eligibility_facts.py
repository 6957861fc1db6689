"""Read the facts about a pair of parties from words, as a file or a command line holds them.

Enter: fields as texts. Leave: PairFacts, or WrongInput naming the fact. Not here: files (edge), the answer (core).
"""

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import date
from typing import Any, Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.eligibility import PairFacts, Voltage

TRUTHS: Final = {"yes": True, "true": True, "no": False, "false": False}
# What is written for a fact that nobody knows yet; leaving it out says the same.
UNKNOWN: Final = frozenset({"", "unknown"})
LIST_MARK: Final = "+"
PAIR_FACTS: Final = tuple(field.name for field in fields(PairFacts))
HINT: Final = "The facts stand in docs/reference/eligibility.md; one that nobody knows is left out."


def pair_of_fields(place: str, told: Mapping[str, str]) -> PairFacts:
    """Read a pair; what is left out or `unknown` is not known. Raises: WrongInput."""
    unknown = [name for name in told if name not in PAIR_FACTS]
    if unknown:
        raise WrongInput(f"{place}: there is no fact {unknown[0]!r}.", hint=f"Facts: {', '.join(PAIR_FACTS)}.")
    known = {name: text.strip() for name, text in told.items() if text.strip().lower() not in UNKNOWN}
    read: dict[str, Any] = {name: _READ.get(name, _truth)(f"{place}: {name}", text) for name, text in known.items()}
    return PairFacts(**read)


def _truth(place: str, text: str) -> bool:
    """Read yes or no."""
    if text.lower() not in TRUTHS:
        raise WrongInput(f"{place} is {text!r}, expected yes, no or unknown.", hint=HINT)
    return TRUTHS[text.lower()]


def _name(place: str, text: str) -> str:
    """Read a name."""
    del place
    return text


def _names(place: str, text: str) -> tuple[str, ...]:
    """Read names joined by a plus; the same one twice is one."""
    names = tuple(dict.fromkeys(name.strip() for name in text.split(LIST_MARK)))
    if not all(names):
        raise WrongInput(f"{place} is {text!r}, expected names joined by {LIST_MARK}.", hint="For example R01+R02.")
    return names


def _voltage(place: str, text: str) -> Voltage:
    """Read a voltage class."""
    if text not in list(Voltage):
        raise WrongInput(f"{place} is {text!r}, expected one of {', '.join(Voltage)}.", hint=HINT)
    return Voltage(text)


def _day(place: str, text: str) -> date:
    """Read a day."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise WrongInput(f"{place} is {text!r}, expected a day.", hint="Write it as 2026-04-01.") from error


def _whole(place: str, text: str) -> int:
    """Read a whole number of 0 or more."""
    if not (text.isascii() and text.isdecimal()):
        raise WrongInput(f"{place} is {text!r}, expected a whole number of 0 or more.", hint=HINT)
    return int(text)


_READ: Final[Mapping[str, Callable[[str, str], object]]] = {
    "home_retailer": _name,
    "buyer_retailers": _names,
    "voltage": _voltage,
    "aggregator_notified_on": _day,
    "aggregated_capacity_w": _whole,
}
