"""Which properties are registers, of which channel, and how late after a half hour they may be read.

Enters and leaves: tables and integers. Not here: reading bytes.
"""

from dataclasses import dataclass
from typing import Final

from sanchi.core.base.slots import JST
from sanchi.core.metering.formats.echonet_properties import BATTERY, GENERATED_WH_MAX, SMART_METER, SOLAR
from sanchi.core.metering.formats.echonet_values import COUNT_MAX
from sanchi.core.metering.formats.frame_findings import UNIT_AS_TOLD
from sanchi.core.metering.readings import Channel

S_PER_HALF_HOUR: Final = 1_800
S_PER_DAY: Final = 86_400
JST_AHEAD_S: Final = int(JST.utcoffset(None).total_seconds())
# 0.001 kWh.
MWH_PER_WH: Final = 1_000
# Solar and battery registers count for this moment only. Nobody asks at the very second, and what flows in this
# time is less than the accuracy of such devices; what one slot gets too much, the next gets too little.
LATE_S_MAX: Final = 60
# Clocks of gateway and meter differ: around midnight "today" of a day's history may be either day.
MIDNIGHT_MARGIN_S: Final = 120
# Below this a clock is not called wrong.
CLOCK_OFF_S: Final = 60

STAMPED: Final = {0xEA: Channel.IMPORT, 0xEB: Channel.EXPORT}


@dataclass(frozen=True, slots=True, kw_only=True)
class NowRegister:
    """A register that tells its count of the moment; is_second = there may be a better one in the same device."""

    channel: Channel
    count_max: int
    unit_mwh: int
    late_s_max: int
    is_second: bool = False


def _device(channel: Channel, *, is_second: bool = False) -> NowRegister:
    """Make a register of a solar or battery inverter."""
    return NowRegister(
        channel=channel,
        count_max=GENERATED_WH_MAX,
        unit_mwh=MWH_PER_WH,
        late_s_max=LATE_S_MAX,
        is_second=is_second,
    )


def _meter(channel: Channel) -> NowRegister:
    """Make a register of a smart meter: it stamps its counts itself (EA, EB), so this one counts to the second only."""
    return NowRegister(channel=channel, count_max=COUNT_MAX, unit_mwh=UNIT_AS_TOLD, late_s_max=0)


REGISTERS: Final = {
    (SMART_METER, 0xE0): _meter(Channel.IMPORT),
    (SMART_METER, 0xE3): _meter(Channel.EXPORT),
    (SOLAR, 0xE1): _device(Channel.PV),
    (BATTERY, 0xA8): _device(Channel.CHARGE),
    (BATTERY, 0xA9): _device(Channel.DISCHARGE),
    (BATTERY, 0xD8): _device(Channel.CHARGE, is_second=True),
    (BATTERY, 0xD6): _device(Channel.DISCHARGE, is_second=True),
}


def day_start_s(instant_s: int) -> int:
    """Give the midnight, JST, at which the day of an instant began [Unix seconds].

    >>> day_start_s(0)
    -32400
    """
    return (instant_s + JST_AHEAD_S) // S_PER_DAY * S_PER_DAY - JST_AHEAD_S
