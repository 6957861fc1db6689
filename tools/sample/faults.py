"""The fault plan of the sample: what did not arrive, came late, was wrong at first, or came twice.

Leaves: the plan as values that tell themselves in a line. Not here: applying it (see deliveries).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np

from tools.sample.cast import EXCHANGES, ROLLOVER_HOME, SILENT_HOME
from tools.sample.period import SLOT_S, chance, instant_s, instant_text


class Round(StrEnum):
    """When a row arrived; also the folder that it is delivered in."""

    ON_TIME = "pilot"  # some four hours after its stamp
    LATE = "late"  # later, but before its month was finalised
    AFTER_FINAL = "after_final"  # after its month had been finalised


class Reach(StrEnum):
    """Which series of a party a fault reaches."""

    GATEWAY = "everything"
    GRID = "import and export"
    EXPORT = "export"
    PV = "generation"
    USE = "use"

    @property
    def channels(self) -> frozenset[str]:
        """Name the channels."""
        return REACHED_CHANNELS[self]


REACHED_CHANNELS: Final = {
    Reach.GATEWAY: frozenset({"import", "export", "pv", "charge", "discharge"}),
    Reach.GRID: frozenset({"import", "export"}),
    Reach.EXPORT: frozenset({"export"}),
    Reach.PV: frozenset({"pv"}),
    Reach.USE: frozenset({"use"}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Where:
    """The series and stamps that a fault reaches: after the first instant, up to and with the last (JST)."""

    meters: str  # a home for all its meters, or one meter
    reach: Reach
    after: str
    until: str

    def __str__(self) -> str:
        """Tell the place and time in a line."""
        return f"{self.meters}, {self.reach.value}, stamps after {self.after} until {self.until}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outage:
    """Readings that never arrive."""

    where: Where


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """Readings that arrive in a later round; none came before."""

    where: Where
    received: str
    round: Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """Readings that arrive on time with another content, and rightly in a later round.

    how : `frozen` = the count before the window is repeated; `ahead` = the count runs ahead by one unit a
    stamp, stays ahead, and falls back by one unit a stamp in the same hours of the next day; or permille of
    the true value.
    """

    where: Where
    how: str | int
    cause: str
    received: str
    round: Round


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeated:
    """Readings that arrive twice, all alike; month = the file that has the second copy."""

    where: Where
    month: str


N_HOMES_WITH_OUTAGES: Final = 21
OUTAGE_SLOTS_MAX: Final = 144  # three days
OUTAGE_REACHES: Final = (Reach.GATEWAY, Reach.GRID, Reach.PV)
OUTAGE_REACH_SHARES: Final = (0.75, 0.10, 0.15)
OUTAGES_WITHIN: Final = ("2020-11-21 00:00", "2021-02-22 00:00")

FIXED_OUTAGES: Final = (
    Outage(where=Where(meters="H16", reach=Reach.GATEWAY, after="2021-02-26 14:00", until="2021-03-01 00:00")),
    # The old meter's last hours, before somebody reads it at its removal (see LATE_ROWS).
    Outage(where=Where(meters="H36-grid", reach=Reach.GRID, after="2020-12-17 10:00", until="2020-12-18 13:30")),
    Outage(where=Where(meters="B04-use-2", reach=Reach.USE, after="2021-01-18 10:00", until="2021-01-19 10:00")),
)
LATE_ROWS: Final = (
    Late(where=Where(meters="H12", reach=Reach.GATEWAY, after="2020-11-24 09:00", until="2020-11-26 12:00"),
         received="2020-11-28 09:00", round=Round.LATE),
    Late(where=Where(meters="H31", reach=Reach.GATEWAY, after="2020-11-30 18:00", until="2020-12-02 07:00"),
         received="2020-12-06 09:00", round=Round.LATE),
    Late(where=Where(meters="B03-use", reach=Reach.USE, after="2020-12-08 12:00", until="2020-12-09 18:00"),
         received="2020-12-15 09:00", round=Round.LATE),
    Late(where=Where(meters="H47", reach=Reach.GATEWAY, after="2020-12-14 06:00", until="2020-12-16 20:00"),
         received="2020-12-23 09:00", round=Round.LATE),
    Late(where=Where(meters="H37", reach=Reach.PV, after="2020-12-27 00:00", until="2020-12-30 00:00"),
         received="2021-01-12 09:00", round=Round.LATE),
    Late(where=Where(meters="H06", reach=Reach.GATEWAY, after="2021-01-05 03:00", until="2021-01-06 21:00"),
         received="2021-01-11 09:00", round=Round.LATE),
    Late(where=Where(meters="H42", reach=Reach.GATEWAY, after="2021-01-22 10:00", until="2021-01-25 10:00"),
         received="2021-02-10 09:00", round=Round.LATE),
    Late(where=Where(meters="H15", reach=Reach.GRID, after="2020-11-22 18:00", until="2020-11-23 12:00"),
         received="2021-01-08 09:00", round=Round.AFTER_FINAL),
    Late(where=Where(meters="H36-grid", reach=Reach.GRID, after="2020-12-18 13:30", until="2020-12-18 14:00"),
         received="2021-02-03 09:00", round=Round.AFTER_FINAL),
    Late(where=Where(meters="H46", reach=Reach.PV, after="2020-12-12 00:00", until="2020-12-14 00:00"),
         received="2021-02-03 09:00", round=Round.AFTER_FINAL),
)  # fmt: skip
WRONG_ROWS: Final = (
    Wrong(where=Where(meters="H10", reach=Reach.PV, after="2020-11-25 00:00", until="2020-11-26 00:00"),
          how=500, cause="one of two strings was not counted",
          received="2020-12-10 09:00", round=Round.LATE),
    Wrong(where=Where(meters="H26", reach=Reach.EXPORT, after="2021-01-08 13:30", until="2021-01-09 00:00"),
          how="frozen", cause="the gateway repeated an old count",
          received="2021-01-20 09:00", round=Round.LATE),
    Wrong(where=Where(meters="H35", reach=Reach.PV, after="2021-01-12 08:00", until="2021-01-12 16:00"),
          how=1200, cause="a wrong transformer ratio was set",
          received="2021-01-29 09:00", round=Round.LATE),
    Wrong(where=Where(meters="H30", reach=Reach.EXPORT, after="2020-11-28 14:00", until="2020-11-29 00:00"),
          how="frozen", cause="the gateway repeated an old count",
          received="2021-01-08 09:00", round=Round.AFTER_FINAL),
    Wrong(where=Where(meters="H20", reach=Reach.PV, after="2020-12-08 10:00", until="2020-12-08 14:00"),
          how=1150, cause="a wrong transformer ratio was set",
          received="2021-02-05 09:00", round=Round.AFTER_FINAL),
    Wrong(where=Where(meters="H24", reach=Reach.EXPORT, after="2020-12-20 09:30", until="2020-12-21 14:30"),
          how="ahead", cause="the gateway sent its own guess for counts that it had not read",
          received="2021-02-05 09:00", round=Round.AFTER_FINAL),
)  # fmt: skip
REPEATED_ROWS: Final = (
    Repeated(
        month="2020-12",
        where=Where(meters="H01", reach=Reach.GATEWAY, after="2020-12-03 00:00", until="2020-12-03 12:00"),
    ),
    Repeated(
        month="2021-01",
        where=Where(meters="H14", reach=Reach.PV, after="2021-01-17 00:00", until="2021-01-18 00:00"),
    ),
    Repeated(
        month="2020-12",
        where=Where(meters="H08", reach=Reach.GATEWAY, after="2020-11-30 12:00", until="2020-12-01 00:00"),
    ),
    Repeated(
        month="2021-02",
        where=Where(meters="H45", reach=Reach.GATEWAY, after="2021-01-31 00:00", until="2021-02-01 00:00"),
    ),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultPlan:
    """Everything that goes wrong in the sample."""

    outages: tuple[Outage, ...]
    late: tuple[Late, ...]
    wrong: tuple[Wrong, ...]
    repeated: tuple[Repeated, ...]


def draw_fault_plan(n_homes: int) -> FaultPlan:
    """Draw the outages and add the faults that are told above."""
    outages = (*draw_outages(n_homes), *FIXED_OUTAGES)
    return FaultPlan(outages=outages, late=LATE_ROWS, wrong=WRONG_ROWS, repeated=REPEATED_ROWS)


def draw_outages(n_homes: int) -> list[Outage]:
    """Draw one to three outages of an hour to three days for four homes in ten."""
    rng = chance("outages")
    homes = rng.choice(homes_without_a_story(n_homes), size=N_HOMES_WITH_OUTAGES, replace=False)
    return [outage for number in sorted(homes.tolist()) for outage in draw_home_outages(number, rng)]


def draw_home_outages(number: int, rng: np.random.Generator) -> list[Outage]:
    """Draw the outages of one home, one in each part of the period."""
    first_s, last_s = (instant_s(text) for text in OUTAGES_WITHIN)
    n_outages = int(rng.integers(1, 4))
    part_slots = (last_s - first_s) // SLOT_S // n_outages
    outages = []
    for part in range(n_outages):
        n_slots = round(math.exp(rng.uniform(math.log(2), math.log(OUTAGE_SLOTS_MAX))))
        start = part * part_slots + int(rng.integers(part_slots - OUTAGE_SLOTS_MAX - 1))
        where = Where(
            meters=f"H{number:02d}",
            reach=Reach(str(rng.choice(OUTAGE_REACHES, p=OUTAGE_REACH_SHARES))),
            after=instant_text(first_s + start * SLOT_S),
            until=instant_text(first_s + (start + n_slots) * SLOT_S),
        )
        outages.append(Outage(where=where))
    return outages


def homes_without_a_story(n_homes: int) -> list[int]:
    """List the homes that no other part of the sample needs whole."""
    told = {fault.where.meters for fault in (*FIXED_OUTAGES, *LATE_ROWS, *WRONG_ROWS, *REPEATED_ROWS)}
    kept = {SILENT_HOME, ROLLOVER_HOME, *EXCHANGES}
    return [number for number in range(1, n_homes + 1) if number not in kept and f"H{number:02d}" not in told]
