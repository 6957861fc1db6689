"""What each fault does to what a device sends: one named function a kind.

Enter: a clean stream and a fault. Leaves: the stream, changed in place. Faults of a cloud change no stream: they are
answers (see serving).
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.metering.faults.kinds import FaultKind
from sanchi.edge.sandbox.cast import REGISTER_TURN, SOLAR_TURN, Connector, HomeCast
from sanchi.edge.sandbox.chance import noise
from sanchi.edge.sandbox.faults import Fault
from sanchi.edge.sandbox.period import SLOT_S
from sanchi.edge.sandbox.streams import NONE, Stream, Thing
from sanchi.edge.sandbox.truth import UNIT_WH, Energies

BUFFER_PER_S: Final = 100  # so many kept rows a device sends in a second once it is back
OVERTAKEN_S: Final = 5
SHORT_BYTES_MAX: Final = 12
METER_THINGS: Final = frozenset({Thing.METER, Thing.READING})


def device_outage(stream: Stream, fault: Fault) -> None:
    """Send nothing; what the device keeps it sends once it is back, the rest is lost."""
    rows = _touched(stream, fault)
    if fault.figures["buffered"]:
        stream.arrival_s[rows] = fault.to_s + 1 + np.arange(rows.size) // BUFFER_PER_S
    else:
        stream.is_sent[rows] = False


def meter_outage(stream: Stream, fault: Fault) -> None:
    """Let the meter not answer: its readings are empty or not there at all; what else the home has goes on."""
    if stream.thing in {Thing.SOLAR, Thing.BATTERY}:
        return
    rows = _touched(stream, fault)
    if stream.device.connector is Connector.MQTT or not fault.figures["told"]:
        stream.is_sent[rows] = False
    for number in stream.numbers.values():
        number[rows] = NONE


def late(stream: Stream, fault: Fault) -> None:
    """Let all of it arrive so much later; what comes after does not wait."""
    stream.arrival_s[_touched(stream, fault)] += fault.figures["delay_s"]


def duplicate(stream: Stream, fault: Fault) -> None:
    """Let all of it arrive another time."""
    rows = _touched(stream, fault)
    stream.again_rows += rows.tolist()
    stream.again_s += (stream.arrival_s[rows] + fault.figures["again_after_s"]).tolist()


def out_of_order(stream: Stream, fault: Fault) -> None:
    """Let the first of each two rows arrive after the second."""
    rows = _touched(stream, fault)
    pairs = rows.size // 2
    stream.arrival_s[rows[: 2 * pairs : 2]] = stream.arrival_s[rows[1 : 2 * pairs : 2]] + OVERTAKEN_S


def clock_skew(stream: Stream, fault: Fault) -> None:
    """Stamp what the device sends by a wrong clock."""
    stream.ahead_s[_touched(stream, fault)] = fault.figures["ahead_s"]


def stuck(stream: Stream, fault: Fault) -> None:
    """Tell the last value before the fault again and again; a register jumps to the right count after it."""
    if fault.series in stream.numbers:
        rows = _touched(stream, fault)
        number = stream.numbers[fault.series]
        number[rows] = number[rows[0] - 1] if number.ndim == 1 else number[rows[0] - 1, -1]
        if fault.series in stream.held:
            stream.held[fault.series][rows] = stream.held[fault.series][rows[0] - 1]


def spike(stream: Stream, fault: Fault) -> None:
    """Tell one count far too high, or the first minutes of a half hour; the meter's own history is right."""
    if fault.series in stream.numbers:
        rows = _touched(stream, fault)
        number = stream.numbers[fault.series]
        if number.ndim == 1:
            # A count of an inverter is a hundredth of a meter's.
            counts = fault.figures["counts"] * (1 if stream.thing in METER_THINGS else UNIT_WH)
            number[rows] = np.minimum(number[rows] + counts, _turn(stream) - 1)
        else:
            number[rows, : fault.figures["minutes"]] = fault.figures["power_w"]


def negative(stream: Stream, fault: Fault) -> None:
    """Tell counts or powers below zero."""
    if fault.series in stream.numbers:
        rows = _touched(stream, fault)
        number = stream.numbers[fault.series]
        number[rows] = -fault.figures["counts"] if number.ndim == 1 else -fault.figures["power_w"]


def roll_over(stream: Stream, fault: Fault) -> None:
    """Mark where the register passes zero; its first count was set so that it does (see turned_cast)."""
    if fault.series in stream.numbers:
        _touched(stream, fault)


def exchange(stream: Stream, fault: Fault) -> None:
    """Let another meter count, from its own first count on; at the stamp of the exchange it counts already."""
    if stream.thing not in METER_THINGS:
        return
    _touched(stream, fault)
    rows = stream.rows_from(fault)
    for name in stream.numbers:
        gained = (stream.held[name][rows] - stream.held[name][rows[0]]) % REGISTER_TURN
        stream.numbers[name][rows] = fault.figures[f"{name}_count"] + gained
        stream.held[name][rows] = stream.numbers[name][rows]


def truncated_frame(stream: Stream, fault: Fault) -> None:
    """Cut the last bytes off the frames."""
    rows = _touched(stream, fault)
    name = f"short|{fault.fault_no}|{stream.device.device_id}|{stream.thing}"
    stream.short_bytes[rows] = 1 + noise(fault.fault_no, name, rows.shape, SHORT_BYTES_MAX)


def never_connected(stream: Stream, fault: Fault) -> None:
    """Send nothing, ever."""
    stream.is_sent[_touched(stream, fault)] = False


EFFECTS: Final[Mapping[FaultKind, Callable[[Stream, Fault], None]]] = {
    FaultKind.ROLL_OVER: roll_over,
    FaultKind.EXCHANGE: exchange,
    FaultKind.STUCK: stuck,
    FaultKind.SPIKE: spike,
    FaultKind.NEGATIVE: negative,
    FaultKind.METER_OUTAGE: meter_outage,
    FaultKind.DEVICE_OUTAGE: device_outage,
    FaultKind.LATE: late,
    FaultKind.OUT_OF_ORDER: out_of_order,
    FaultKind.DUPLICATE: duplicate,
    FaultKind.CLOCK_SKEW: clock_skew,
    FaultKind.TRUNCATED_FRAME: truncated_frame,
    FaultKind.NEVER_CONNECTED: never_connected,
}


def lay_over(streams: Iterable[Stream], faults: Iterable[Fault]) -> None:
    """Lay the faults over the streams of one home: what the meter does first, then what the way does."""
    order = list(EFFECTS)
    own = sorted((f for f in faults if f.kind in EFFECTS), key=lambda fault: (order.index(fault.kind), fault.from_s))
    for stream in streams:
        for fault in own:
            if stream.device.home == fault.home and fault.device_id == stream.device.device_id:
                EFFECTS[fault.kind](stream, fault)


def turned_cast(cast: HomeCast, energies: Energies, faults: Iterable[Fault], first_s: int) -> HomeCast:
    """Set the first count of a register that is to pass zero so that it first shows so where its fault begins."""
    for fault in faults:
        if fault.kind is FaultKind.ROLL_OVER and fault.home == cast.home:
            place = 0 if fault.series == "import" else 1
            n_slots = (fault.from_s - first_s) // SLOT_S
            gained = (cast.rest_wh[place] + int(energies[fault.series][:n_slots].sum())) // UNIT_WH
            cast = cast.with_counts(**{f"{fault.series}_count": REGISTER_TURN - gained})
    return cast


def _touched(stream: Stream, fault: Fault) -> NDArray[np.intp]:
    """Give the rows that a fault covers, and note its number there."""
    rows = stream.rows_in(fault)
    stream.fault_no[rows] = fault.fault_no
    return rows


def _turn(stream: Stream) -> int:
    """Give the count at which the registers of a stream show zero again."""
    return REGISTER_TURN if stream.thing in METER_THINGS else SOLAR_TURN
