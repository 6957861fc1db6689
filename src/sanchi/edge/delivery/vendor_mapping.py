"""Read columns.toml: how a vendor's table tells meters, stamps and values.

Enters: a file. Leaves: a VendorMapping; UnreadableDelivery names key, what was found, what belongs there.
Not here: reading the table (vendor_files).
"""

import codecs
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any, Final

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.formats.decoded import Measure
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import DELIVERED_SOURCES, STAGES, Source, Stage
from sanchi.edge.delivery.unicode_text import decode_text

ISO: Final = "iso"
INTERVALS_S: Final = (60, 300, 900, 1_800)
MEASURES: Final = {"count": Measure.COUNT, "energy": Measure.ENERGY, "power": Measure.POWER}
CHANNELS: Final = {channel.text: channel for channel in Channel}
# A unit in milliwatt-hours: what one of the number is worth.
UNITS_MWH: Final = {"Wh": 1_000, "kWh": 1_000_000, "MWh": 1_000_000_000, "mWh": 1}
OFFSET: Final = re.compile(r"([+-])([01][0-9]):([0-5][0-9])")
DECIMALS_MAX: Final = 6
TABLE_KEYS: Final = {
    "meter", "stamp", "stamp_format", "utc_offset", "stamp_means", "received", "interval_s", "measure", "source",
    "stage", "delimiter", "encoding", "slot_columns", "series",
}  # fmt: skip
SERIES_KEYS: Final = {"column", "channel", "unit", "decimals", "address_suffix"}
_HINT: Final = "What belongs into it stands in docs/formats.md."


class StampMeaning(StrEnum):
    """Which end of its interval a stamp names."""

    START = "start"
    END = "end"


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorSeries:
    """A column of values: of which channel, and what a 1 in it is worth.

    unit_mwh : of the number as written; 0 for a power. decimals : places behind the point that may be told.
    address_suffix : behind the meter's name, where its series have addresses of their own.
    """

    column: str
    channel: Channel
    unit_mwh: int
    decimals: int
    address_suffix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VendorMapping:
    """How one vendor's table is read.

    stamp_format : ISO, or a strptime pattern; utc_offset : of stamps that tell none, else None.
    received : column of the time of receipt (ISO with offset), "" = that of the file.
    slot_columns : the 48 columns of a day, where a row is a day and stamp is its date; else empty.
    """

    meter: str
    stamp: str
    stamp_format: str
    utc_offset: timedelta | None
    stamp_means: StampMeaning
    received: str
    interval_s: int
    measure: Measure
    source: Source
    stage: Stage
    delimiter: str
    encoding: str
    slot_columns: tuple[str, ...]
    series: tuple[VendorSeries, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Name the columns that are read, each once."""
        values = self.slot_columns or tuple(each.column for each in self.series)
        return tuple(dict.fromkeys((self.meter, self.stamp, *([self.received] if self.received else []), *values)))


def read_mapping(path: Path) -> VendorMapping:
    """Read a mapping. Raises: UnreadableDelivery."""
    try:
        document: dict[str, Any] = tomllib.loads(decode_text(path.name, path.read_bytes()))
    except OSError as error:
        raise UnreadableDelivery(
            f"{path.name} is not beside the vendor's table ({error.strerror}).", hint=f"Write one. {_HINT}"
        ) from error
    except tomllib.TOMLDecodeError as error:
        raise UnreadableDelivery(f"{path.name} is not TOML: {error}.", hint="Correct that place.") from error
    return _Keys(path.name, document, TABLE_KEYS).mapping()


class _Keys:
    """The keys of one table, each demanded by type and meaning."""

    def __init__(self, place: str, table: Mapping[str, Any], known: set[str]) -> None:
        """Refuse keys that mean nothing: a mistyped one would be a silent default."""
        self._place = place
        self._table = table
        unknown = sorted(set(table) - known)
        if unknown:
            raise UnreadableDelivery(
                f"{place}: the key {unknown[0]} means nothing here.", hint=f"Known are {', '.join(sorted(known))}."
            )

    def mapping(self) -> VendorMapping:
        """Read the whole table."""
        measure = self.chosen("measure", MEASURES)
        stamp_format = self.text("stamp_format", ISO)
        utc_offset = self.offset("utc_offset")
        if stamp_format != ISO and "%z" not in stamp_format and utc_offset is None:
            raise self.fault("utc_offset", "missing, as the stamps tell no offset", 'such as utc_offset = "+09:00"')
        slot_columns = self.slot_columns()
        return VendorMapping(
            meter=self.text("meter"),
            stamp=self.text("stamp"),
            stamp_format=stamp_format,
            utc_offset=utc_offset,
            stamp_means=self.chosen("stamp_means", {each.value: each for each in StampMeaning}),
            received=self.text("received", ""),
            interval_s=self.interval_s(measure),
            measure=measure,
            source=self.chosen("source", DELIVERED_SOURCES),
            stage=self.chosen("stage", STAGES),
            delimiter=self.delimiter(),
            encoding=self.encoding(),
            slot_columns=slot_columns,
            series=self.series(measure, is_wide=bool(slot_columns)),
        )

    def text(self, key: str, default: str | None = None) -> str:
        """Demand a text."""
        found = self._table.get(key, default)
        if not isinstance(found, str) or (default is None and not found):
            raise self.fault(key, "missing" if found is None else f"{found!r}", "a text")
        return found

    def number(self, key: str, default: int) -> int:
        """Demand a whole number, not below zero."""
        found = self._table.get(key, default)
        if type(found) is not int or found < 0:
            raise self.fault(key, f"{found!r}", "a whole number from 0")
        return found

    def chosen(self, key: str, choices: Mapping[str, Any]) -> Any:
        """Demand one of several words."""
        found = self._table.get(key)
        if not isinstance(found, str) or found not in choices:
            raise self.fault(key, "missing" if found is None else f"{found!r}", f"one of {', '.join(choices)}")
        return choices[found]

    def offset(self, key: str) -> timedelta | None:
        """Read an offset from UTC, None when there is none."""
        found = self._table.get(key)
        if found is None:
            return None
        parts = OFFSET.fullmatch(found) if isinstance(found, str) else None
        if parts is None:
            raise self.fault(key, f"{found!r}", 'an offset such as "+09:00"')
        minutes = int(parts[2]) * 60 + int(parts[3])
        return timedelta(minutes=-minutes if parts[1] == "-" else minutes)

    def interval_s(self, measure: Measure) -> int:
        """Demand the length of intervals; counts have none."""
        found = self.number("interval_s", 0)
        if measure is Measure.COUNT and found:
            raise self.fault("interval_s", f"{found}", "no such key, as counts have no interval")
        if measure is not Measure.COUNT and found not in INTERVALS_S:
            raise self.fault("interval_s", f"{found}", f"one of {', '.join(map(str, INTERVALS_S))}")
        return found

    def delimiter(self) -> str:
        """Demand one sign between fields."""
        found = self.text("delimiter", ",")
        if len(found) != 1:
            raise self.fault("delimiter", f"{found!r}", "one sign")
        return found

    def encoding(self) -> str:
        """Demand an encoding that exists; Shift_JIS is read as Windows writes it."""
        found = self.text("encoding", "utf-8")
        try:
            name = codecs.lookup(found).name
        except LookupError as error:
            raise self.fault("encoding", f"{found!r}", "an encoding such as utf-8 or shift_jis") from error
        return "cp932" if name == "shift_jis" else name

    def slot_columns(self) -> tuple[str, ...]:
        """Read the columns of a day, if a row is a day."""
        found = self._table.get("slot_columns", [])
        is_whole = isinstance(found, list) and all(isinstance(name, str) and name for name in found)
        if not is_whole or len(set(found)) not in {0, SLOTS_PER_DAY} or len(found) != len(set(found)):
            raise self.fault("slot_columns", f"{len(found)} names", f"{SLOTS_PER_DAY} different names of columns")
        return tuple(found)

    def series(self, measure: Measure, *, is_wide: bool) -> tuple[VendorSeries, ...]:
        """Read the list of series."""
        found = self._table.get("series", [])
        if not isinstance(found, list) or not found or (is_wide and len(found) != 1):
            wanted = "one [[series]], as its columns are slot_columns" if is_wide else "one [[series]] a column"
            raise self.fault("series", f"{len(found)} of them", wanted)
        keys = SERIES_KEYS - {"column"} if is_wide else SERIES_KEYS
        return tuple(
            _Keys(f"{self._place} [[series]] {number}", each, keys).one_series(measure, is_wide=is_wide)
            for number, each in enumerate(found, start=1)
        )

    def one_series(self, measure: Measure, *, is_wide: bool) -> VendorSeries:
        """Read one series."""
        decimals = self.number("decimals", 0)
        if decimals > DECIMALS_MAX:
            raise self.fault("decimals", f"{decimals}", f"0 to {DECIMALS_MAX}")
        unit_mwh = 0
        if measure is Measure.POWER:
            self.chosen("unit", {"W": None})
            if decimals:
                raise self.fault("decimals", f"{decimals}", "0, as powers are whole W")
        else:
            unit_mwh = self.unit_mwh(decimals)
        return VendorSeries(
            column="" if is_wide else self.text("column"),
            channel=self.chosen("channel", CHANNELS),
            unit_mwh=unit_mwh,
            decimals=decimals,
            address_suffix=self.text("address_suffix", ""),
        )

    def unit_mwh(self, decimals: int) -> int:
        """Read what the last place of a number is worth: "0.1 kWh" is a unit, "kWh" with 3 decimals one of 1 Wh."""
        text = self.text("unit")
        factor_text, _, name = text.rpartition(" ")
        whole, _, places = (factor_text or "1").partition(".")
        if name not in UNITS_MWH or not (whole + places).isascii() or not (whole + places).isdigit():
            raise self.fault("unit", f"{text!r}", f'such as "kWh" or "0.1 kWh" ({", ".join(UNITS_MWH)})')
        mwh, rest = divmod(int(whole + places) * UNITS_MWH[name], 10 ** (len(places) + decimals))
        if rest or not mwh:
            raise self.fault("unit", f"{text!r} with {decimals} decimals", "a unit of whole mWh for the last place")
        return mwh

    def fault(self, key: str, found: str, wanted: str) -> UnreadableDelivery:
        """Say what is wrong with a key."""
        return UnreadableDelivery(f"{self._place}: {key} is {found}; expected {wanted}.", hint=_HINT)


def names_missing(mapping: VendorMapping, names: Sequence[str]) -> list[str]:
    """Name the mapped columns that a table does not have."""
    return [name for name in mapping.columns if name not in names]
