"""The plan of what goes wrong: how often, how long, how much, read from TOML.

Enters: a file. Leaves: FaultPlan. Not here: what each fault does (effects), where it falls (drawing).
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from sanchi.core.base.errors import WrongInput
from sanchi.core.metering.faults.kinds import FaultKind

# What the plan says of each kind beside its rate: ranges [low, high], both included, and shares in permille.
RANGES: Final[Mapping[FaultKind, frozenset[str]]] = {
    FaultKind.DEVICE_OUTAGE: frozenset({"half_hours"}),
    FaultKind.METER_OUTAGE: frozenset({"half_hours"}),
    FaultKind.CLOUD_DOWN: frozenset({"half_hours"}),
    FaultKind.TOKEN_EXPIRY: frozenset(),
    FaultKind.RATE_LIMIT: frozenset({"half_hours", "answered_one_in"}),
    FaultKind.LATE: frozenset({"half_hours", "delay_hours"}),
    FaultKind.DUPLICATE: frozenset({"half_hours", "again_after_minutes"}),
    FaultKind.OUT_OF_ORDER: frozenset({"half_hours"}),
    FaultKind.CLOCK_SKEW: frozenset({"half_hours", "minutes_off"}),
    FaultKind.STUCK: frozenset({"half_hours"}),
    FaultKind.SPIKE: frozenset({"register_counts", "power_w", "minutes"}),
    FaultKind.NEGATIVE: frozenset({"half_hours", "register_counts", "power_w"}),
    FaultKind.ROLL_OVER: frozenset(),
    FaultKind.EXCHANGE: frozenset({"announced_after_days"}),
    FaultKind.TRUNCATED_FRAME: frozenset({"half_hours"}),
    FaultKind.NEVER_CONNECTED: frozenset({"homes"}),
}
SHARES: Final[Mapping[FaultKind, frozenset[str]]] = {
    FaultKind.DEVICE_OUTAGE: frozenset({"buffered_permille"}),
    FaultKind.METER_OUTAGE: frozenset({"told_permille"}),
    FaultKind.EXCHANGE: frozenset({"announced_permille"}),
}
RATE: Final = "per_1000_months"
PERMILLE: Final = 1000
HINT: Final = (
    "docs/reference/sandbox.md shows a whole plan; `sanchi sandbox meters` without --plan uses the shipped one."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindPlan:
    """What is planned for one kind.

    per_1000_months : how many such faults a thousand devices (or clouds) have in a month.
    ranges : name -> low and high, both included. shares : name -> permille.
    """

    per_1000_months: int
    ranges: Mapping[str, tuple[int, int]]
    shares: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """What is planned for every kind; kinds that a plan leaves out do not happen.

    quiet_half_hours : how long a device is left alone between two of its faults.
    """

    kinds: Mapping[FaultKind, KindPlan]
    quiet_half_hours: int


def read_plan(path: Path | None) -> FaultPlan:
    """Read a plan, or the shipped one; WrongInput names what is wrong with it."""
    if path is None:
        text = (files("sanchi.edge.sandbox") / "faults.toml").read_text(encoding="utf-8")
        return plan_of(text, "faults.toml")
    try:
        return plan_of(path.read_text(encoding="utf-8"), path.name)
    except (OSError, UnicodeDecodeError) as error:
        raise WrongInput(f"{path} cannot be read: {error}.", hint=HINT) from error


def plan_of(text: str, name: str) -> FaultPlan:
    """Read a plan from its text."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongInput(f"{name} is no TOML: {error}.", hint=HINT) from error
    quiet = document.pop("quiet_half_hours", 6)
    if type(quiet) is not int or quiet < 0:
        raise WrongInput(f"{name}: quiet_half_hours is {quiet!r}, expected a whole number from 0 on.", hint=HINT)
    kinds = {}
    for word, told in document.items():
        if word not in set(FaultKind) or not isinstance(told, dict):
            raise WrongInput(f"{name}: {word} is no kind of fault.", hint=f"Kinds: {', '.join(FaultKind)}.")
        kinds[FaultKind(word)] = _kind_plan(FaultKind(word), told, name)
    return FaultPlan(kinds=kinds, quiet_half_hours=quiet)


def _kind_plan(kind: FaultKind, told: Mapping[str, Any], name: str) -> KindPlan:
    """Check that all that a kind needs is there, and nothing else."""
    rates = frozenset() if kind is FaultKind.NEVER_CONNECTED else frozenset({RATE})
    shares = SHARES.get(kind, frozenset())
    expected = rates | RANGES[kind] | shares
    if set(told) != expected:
        raise WrongInput(
            f"{name}: {kind} tells {', '.join(sorted(told)) or 'nothing'}, expected {', '.join(sorted(expected))}.",
            hint=HINT,
        )
    for word in rates | shares:
        if type(told[word]) is not int or told[word] < 0 or (word in shares and told[word] > PERMILLE):
            raise WrongInput(f"{name}: {kind} {word} is {told[word]!r}.", hint=HINT)
    for word in RANGES[kind]:
        _check_range(told[word], f"{name}: {kind} {word}", 0 if word == "homes" else 1)
    return KindPlan(
        per_1000_months=told.get(RATE, 0),
        ranges={word: (told[word][0], told[word][1]) for word in RANGES[kind]},
        shares={word: told[word] for word in shares},
    )


def _check_range(told: Any, where: str, least: int) -> None:
    """Refuse what is no pair of whole numbers in order."""
    is_pair = isinstance(told, list) and len(told) == 2 and all(type(number) is int for number in told)  # noqa: PLR2004
    if not is_pair or not least <= told[0] <= told[1]:
        raise WrongInput(f"{where} is {told!r}, expected [low, high] from {least} on.", hint=HINT)
