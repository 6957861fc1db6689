"""Properties of a distribution board: the main circuit and up to 32 channels behind it (class 0x0287).

Enters: nothing. Leaves: the table of its properties. Not here: other classes (echonet_properties).
"""

from collections.abc import Callable
from typing import Final

from sanchi.core.metering.formats.echonet_values import (
    MA_PER_TENTH_AMPERE,
    NO_DATA_NOTE,
    Reader,
    UnfitEdt,
    ValueMap,
    count,
    count_of,
    currents,
    energy_unit,
    require,
    signed,
    unsigned,
)

# Two values of four bytes a channel fill the 255 bytes of a property with 31 channels.
_LIST_HEAD_BYTES: Final = 2
_CHANNEL_CODES: Final = range(0xD0, 0xF0)


def _range(edt: bytes) -> ValueMap:
    """Read which channels a list covers."""
    first_no, n_channels = require(edt, _LIST_HEAD_BYTES)
    return {"first_channel_no": first_no, "channel_count": n_channels}


def _tenths_ma(edt: bytes) -> int | None:
    """Read a current; None = no data."""
    tenths = signed("tenths", 2)(edt)["tenths"]
    return tenths * MA_PER_TENTH_AMPERE if isinstance(tenths, int) else None


def _power_w(edt: bytes) -> int | None:
    """Read a power; None = no data."""
    power_w = signed("power_w", 4)(edt)["power_w"]
    return power_w if isinstance(power_w, int) else None


def _listed(names: tuple[str, ...], item_bytes: int, read_item: Callable[[bytes], int | None]) -> Reader:
    """Make a reader of a list over channels that has an item for each name in each channel."""

    def read(edt: bytes) -> ValueMap:
        if len(edt) < _LIST_HEAD_BYTES:
            raise UnfitEdt(f"{len(edt)} bytes, expected {_LIST_HEAD_BYTES} or more")
        require(edt, _LIST_HEAD_BYTES + edt[1] * item_bytes * len(names))
        places = range(_LIST_HEAD_BYTES, len(edt), item_bytes)
        items = [read_item(edt[place : place + item_bytes]) for place in places]
        columns = {name: tuple(items[at :: len(names)]) for at, name in enumerate(names)}
        note = {"note": f"{NO_DATA_NOTE} in {items.count(None)} of {len(items)}"} if None in items else {}
        return {"first_channel_no": edt[0], **columns, **note}

    return read


def _channel(edt: bytes) -> ValueMap:
    """Read a channel's count and currents."""
    require(edt, 8)
    return {**currents(edt[4:]), "count": count_of(edt[:4])}


def _voltages(edt: bytes) -> ValueMap:
    """Read the voltages R-N and N-T."""
    require(edt, 4)
    r_n, n_t = (unsigned("tenths", 2, 0xFFFD, no_data_code=0xFFFE)(edt[at : at + 2])["tenths"] for at in (0, 2))
    return {"r_n_decivolt": r_n, "n_t_decivolt": n_t}


_COUNTS: Final = ("import_counts", "export_counts")
_CURRENTS: Final = ("r_phase_ma", "t_phase_ma")
BOARD: Final[dict[int, tuple[str, Reader]]] = {
    0xB1: ("number of channels", unsigned("channel_count", 1, 252)),
    0xB2: ("channels chosen for energies", _range),
    0xB3: ("cumulative energies of channels", _listed(("counts",), 4, count_of)),
    0xB4: ("channels chosen for currents", _range),
    0xB5: ("instantaneous currents of channels", _listed(_CURRENTS, 2, _tenths_ma)),
    0xB6: ("channels chosen for powers", _range),
    0xB7: ("instantaneous powers of channels", _listed(("power_w",), 4, _power_w)),
    0xB8: ("number of two-way channels", unsigned("channel_count", 1, 252)),
    0xB9: ("two-way channels chosen for energies", _range),
    0xBA: ("cumulative energies of two-way channels", _listed(_COUNTS, 4, count_of)),
    0xBB: ("two-way channels chosen for currents", _range),
    0xBC: ("instantaneous currents of two-way channels", _listed(_CURRENTS, 2, _tenths_ma)),
    0xBD: ("two-way channels chosen for powers", _range),
    0xBE: ("instantaneous powers of two-way channels", _listed(("power_w",), 4, _power_w)),
    0xC0: ("cumulative energy now, import", count()),
    0xC1: ("cumulative energy now, export", count()),
    0xC2: ("unit of the registers", energy_unit),
    0xC6: ("instantaneous power, export below zero", signed("power_w", 4)),
    0xC7: ("instantaneous currents", currents),
    0xC8: ("instantaneous voltages", _voltages),
    **{code: (f"channel {code - 0xCF}", _channel) for code in _CHANNEL_CODES},
}
