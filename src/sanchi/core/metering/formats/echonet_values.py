"""The bytes of properties as exact integers, instants and words; "no data" is None.

Enter: the bytes of one property. Leave: a ValueMap: what it says under names that end in their units. Raised:
UnfitEdt, to be turned into a problem by the caller. Not here: which property is read how (echonet_properties).
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

from sanchi.core.base.slots import JST

Value: TypeAlias = int | str | Sequence[int | str | None] | None
ValueMap: TypeAlias = Mapping[str, Value]
Reader: TypeAlias = Callable[[bytes], ValueMap]

NO_COUNT: Final = 0xFFFFFFFE
# 0x0288 E0, E3, EA, EB, D0, E2, E4, EC, EE, and 0x0287 C0, C1.
COUNT_MAX: Final = 99_999_999
COEFFICIENT_MAX: Final = 999_999
# What one count is worth by the code of E1 (0x0288) and C2 (0x0287) [mWh].
UNIT_MWH: Final = {
    0x00: 1_000_000,
    0x01: 100_000,
    0x02: 10_000,
    0x03: 1_000,
    0x04: 100,
    0x0A: 10_000_000,
    0x0B: 100_000_000,
    0x0C: 1_000_000_000,
    0x0D: 10_000_000_000,
}
UNIT_KWH_TEXTS: Final = {
    0x00: "1",
    0x01: "0.1",
    0x02: "0.01",
    0x03: "0.001",
    0x04: "0.0001",
    0x0A: "10",
    0x0B: "100",
    0x0C: "1000",
    0x0D: "10000",
}
DAY_COUNTS: Final = 48
HISTORY_DAYS_MAX: Final = 99
DAY_NOT_CHOSEN: Final = 0xFF
YEAR_NOT_CHOSEN: Final = 0xFFFF
NO_DATA_NOTE: Final = "no data"
MA_PER_TENTH_AMPERE: Final = 100
_CHOICE_BYTES: Final = 7
_CLOCK_MINUTES_BYTES: Final = 6


class UnfitEdt(ValueError):
    """The bytes of a property are too few, too many, or say what the standard does not allow."""


def require(edt: bytes, n_bytes: int) -> bytes:
    """Refuse another length.

    Raises: UnfitEdt.
    """
    if len(edt) != n_bytes:
        raise UnfitEdt(f"{len(edt)} bytes, expected {n_bytes}")
    return edt


def count_of(edt: bytes, count_max: int = COUNT_MAX) -> int | None:
    """Read a count of a register; None = no data.

    Raises: UnfitEdt.
    """
    reading = int.from_bytes(require(edt, 4))
    if reading == NO_COUNT:
        return None
    if reading > count_max:
        raise UnfitEdt(f"count {reading} is above {count_max}")
    return reading


def stamp_of(edt: bytes) -> datetime:
    """Read year, month, day, hour, minute and perhaps second as a meter's clock has them (aware, JST).

    Raises: UnfitEdt.
    """
    year, month, day, hour, minute = int.from_bytes(edt[:2]), *edt[2:6]
    second = edt[6] if len(edt) > _CLOCK_MINUTES_BYTES else 0
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=JST)
    except ValueError as unfit:
        raise UnfitEdt(f"{edt.hex().upper()} is no date and time: {unfit}") from None


def unsigned(name: str, n_bytes: int, count_max: int | None = None, *, no_data_code: int | None = None) -> Reader:
    """Make a reader of one unsigned number; no_data_code = its code for "no data"."""

    def read(edt: bytes) -> ValueMap:
        number = int.from_bytes(require(edt, n_bytes))
        if number == no_data_code:
            return {name: None, "note": NO_DATA_NOTE}
        if count_max is not None and number > count_max:
            raise UnfitEdt(f"{number} is above {count_max}")
        return {name: number}

    return read


def signed(name: str, n_bytes: int) -> Reader:
    """Make a reader of one signed number, whose largest and smallest values are codes."""
    top = (1 << (8 * n_bytes - 1)) - 1
    notes = {top - 1: NO_DATA_NOTE, top: "overflow", -top - 1: "underflow"}

    def read(edt: bytes) -> ValueMap:
        number = int.from_bytes(require(edt, n_bytes), signed=True)
        return {name: None, "note": notes[number]} if number in notes else {name: number}

    return read


def count(name: str = "count", count_max: int = COUNT_MAX) -> Reader:
    """Make a reader of one count."""

    def read(edt: bytes) -> ValueMap:
        reading = count_of(edt, count_max)
        return {name: None, "note": NO_DATA_NOTE} if reading is None else {name: reading}

    return read


def coded(name: str, words: Mapping[int, str]) -> Reader:
    """Make a reader of one byte that stands for a word."""

    def read(edt: bytes) -> ValueMap:
        code = require(edt, 1)[0]
        if code not in words:
            raise UnfitEdt(f"code {code:02X} has no meaning")
        return {name: words[code]}

    return read


def raw(name: str, n_bytes: int | None = None) -> Reader:
    """Make a reader of bytes that stay bytes."""

    def read(edt: bytes) -> ValueMap:
        return {name: (edt if n_bytes is None else require(edt, n_bytes)).hex().upper()}

    return read


def text(name: str, n_bytes: int) -> Reader:
    """Make a reader of ASCII characters, filled up with zeros or blanks."""

    def read(edt: bytes) -> ValueMap:
        letters = require(edt, n_bytes).rstrip(b"\0 ")
        if not letters.isascii() or not letters.decode("ascii").isprintable():
            raise UnfitEdt(f"{edt.hex().upper()} is no ASCII text")
        return {name: letters.decode("ascii")}

    return read


def energy_unit(edt: bytes) -> ValueMap:
    """Read what one count is worth."""
    code = require(edt, 1)[0]
    if code not in UNIT_MWH:
        raise UnfitEdt(f"code {code:02X} is no unit")
    return {"unit_kwh": UNIT_KWH_TEXTS[code]}


def currents(edt: bytes) -> ValueMap:
    """Read the currents of phases R and T; on two wires there is no T."""
    require(edt, 4)
    r_phase, t_phase = (signed("ma", 2)(edt[place : place + 2]) for place in (0, 2))
    notes = [f"{name}: {each['note']}" for name, each in (("R", r_phase), ("T", t_phase)) if "note" in each]
    told = {"r_phase_ma": _milliamperes(r_phase["ma"]), "t_phase_ma": _milliamperes(t_phase["ma"])}
    return told | ({"note": ", ".join(notes)} if notes else {})


def _milliamperes(tenths: Value) -> int | None:
    """Turn tenths of an ampere into mA."""
    return tenths * MA_PER_TENTH_AMPERE if isinstance(tenths, int) else None


def stamped_count(edt: bytes) -> ValueMap:
    """Read an instant and the count at it (EA, EB)."""
    require(edt, 11)
    return {"at": stamp_of(edt[:7]).isoformat(), **count()(edt[7:])}


def stamped_pair(edt: bytes) -> ValueMap:
    """Read an instant and both counts at it (D0)."""
    require(edt, 15)
    told = {"import_count": count_of(edt[7:11]), "export_count": count_of(edt[11:])}
    return {"at": stamp_of(edt[:7]).isoformat(), **_noted(told)}


def _noted(told: dict[str, int | None]) -> ValueMap:
    """Say which of some counts the meter does not have."""
    missing = [name for name, reading in told.items() if reading is None]
    return told | ({"note": f"{NO_DATA_NOTE}: {', '.join(missing)}"} if missing else {})


def day_history(edt: bytes) -> ValueMap:
    """Read the counts at 00:00, 00:30 .. 23:30 of a day so many days ago (E2, E4)."""
    days_before = day_of(edt)
    readings = tuple(count_of(edt[place : place + 4]) for place in range(2, 2 + 4 * DAY_COUNTS, 4))
    n_missing = readings.count(None)
    note = {"note": f"{NO_DATA_NOTE} at {n_missing} of {DAY_COUNTS} half hours"} if n_missing else {}
    return {"days_before": days_before, "counts": readings, **note}


def day_of(edt: bytes) -> int:
    """Read how many days ago the day of a history is.

    Raises: UnfitEdt, also where no day was chosen.
    """
    days_before = int.from_bytes(require(edt, 2 + 4 * DAY_COUNTS)[:2])
    if days_before == DAY_NOT_CHOSEN:
        raise UnfitEdt("day 255: no day was chosen (E5)")
    if days_before > HISTORY_DAYS_MAX:
        raise UnfitEdt(f"day {days_before} is above {HISTORY_DAYS_MAX}")
    return days_before


def chosen_history(count_max: int, step_minutes: int) -> Reader:
    """Make a reader of an instant, and both counts at it and at so many steps before it (EC, EE)."""

    def read(edt: bytes) -> ValueMap:
        last_at, pairs = chosen_pairs(edt, count_max, step_minutes)
        imports, exports = tuple(pair[0] for pair in pairs), tuple(pair[1] for pair in pairs)
        n_missing = imports.count(None) + exports.count(None)
        note = {"note": f"{NO_DATA_NOTE} in {n_missing} of {2 * len(pairs)} counts"} if n_missing else {}
        return {
            "last_at": last_at.isoformat(),
            "backwards_by_minutes": step_minutes,
            "import_counts": imports,
            "export_counts": exports,
            **note,
        }

    return read


def chosen_pairs(
    edt: bytes, count_max: int, step_minutes: int
) -> tuple[datetime, tuple[tuple[int | None, int | None], ...]]:
    """Read the last instant of EC or EE and the counts of both directions, backwards.

    Raises: UnfitEdt.
    """
    last_at, n_counts = _choice_of(edt, count_max, step_minutes)
    require(edt, 7 + 8 * n_counts)
    places = range(7, 7 + 8 * n_counts, 8)
    return last_at, tuple((count_of(edt[at : at + 4]), count_of(edt[at + 4 : at + 8])) for at in places)


def _choice_of(edt: bytes, count_max: int, step_minutes: int) -> tuple[datetime, int]:
    """Read the instant and the number of a choice."""
    if len(edt) < _CHOICE_BYTES:
        raise UnfitEdt(f"{len(edt)} bytes, expected {_CHOICE_BYTES} or more")
    if int.from_bytes(edt[:2]) == YEAR_NOT_CHOSEN:
        raise UnfitEdt("year 65535: no instant was chosen")
    last_at = stamp_of(edt[:6])
    if last_at.minute % step_minutes:
        raise UnfitEdt(f"minute {last_at.minute} is not a step of {step_minutes} minutes")
    if not 1 <= edt[6] <= count_max:
        raise UnfitEdt(f"{edt[6]} instants, 1..{count_max} are possible")
    return last_at, edt[6]


def history_choice(count_max: int, step_minutes: int) -> Reader:
    """Make a reader of which instants were chosen (ED, EF)."""

    def read(edt: bytes) -> ValueMap:
        require(edt, 7)
        if int.from_bytes(edt[:2]) == YEAR_NOT_CHOSEN:
            return {"last_at": None, "note": "nothing chosen"}
        last_at, n_counts = _choice_of(edt, count_max, step_minutes)
        return {"last_at": last_at.isoformat(), "chosen_count": n_counts}

    return read


def day_choice(edt: bytes) -> ValueMap:
    """Read which day was chosen (E5)."""
    days_before = require(edt, 1)[0]
    if days_before == DAY_NOT_CHOSEN:
        return {"days_before": None, "note": "nothing chosen"}
    if days_before > HISTORY_DAYS_MAX:
        raise UnfitEdt(f"day {days_before} is above {HISTORY_DAYS_MAX}")
    return {"days_before": days_before}
