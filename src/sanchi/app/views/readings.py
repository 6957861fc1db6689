"""The page of a home's readings: what its meters said of a day, version by version, and what stands in each slot.

Enters and leaves: frozen records. Not here: how they are read (see market_views).
"""

from dataclasses import dataclass
from datetime import date, datetime

from sanchi.app.views.market_head import MarketHead, PartyRef
from sanchi.core.base.ids import MeterId
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.methods import Method
from sanchi.core.metering.readings import Channel, Quality
from sanchi.core.metering.sources import Source, Stage


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadVersion:
    """One version of one reading as it was delivered. Source: readings, delivery."""

    boundary_no: int  # 0..48: the half hour of the day that the stamp names; 0 = its first midnight
    reading: int  # a count in units of the meter, or the energy of the slot before the stamp [Wh]
    received_at: datetime
    lag_s: int  # from the stamp to the receipt
    is_late: bool  # an hour later than the readings of this series, source and stage usually come
    source: Source
    stage: Stage
    file_name: str
    is_in_force: bool  # of all versions of the reading the one that counts


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotDecision:
    """What an operator decided about a slot, in force today. Source: slot_decision."""

    action: Action
    reason: str
    decided_by: str
    decided_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOrigin:
    """The energy of a slot and where it comes from. Source: slot_values of the revision in force."""

    slot_no: int
    energy_wh: int
    quality: Quality
    method: Method
    source: Source | None  # None: no reading made the energy, as in stage
    stage: Stage | None
    original_wh: int | None  # what the meter's own reading says before any rule; None = nothing
    rule_wh: int  # what the rules give; other than energy_wh where an operator decided
    decision: SlotDecision | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelReadings:
    """One channel of one meter on the day: all versions of its readings, and the slots in which it counts."""

    meter_id: MeterId
    channel: Channel
    unit_wh: int
    is_register: bool
    same_as: str  # the meter_id that it measures by another way, or ""
    versions: tuple[ReadVersion, ...]  # by boundary_no, then as received
    slots: tuple[SlotOrigin, ...]  # by slot_no


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadingsView:
    """A home's readings of one day; revision 0 = the day is not closed for it."""

    market: MarketHead
    home: PartyRef
    delivery_date: date | None  # None: nothing is asked for, and no day is closed
    revision: int
    is_finalised: bool
    earlier_day: date | None  # closed days of the home next to the shown one
    later_day: date | None
    channels: tuple[ChannelReadings, ...]  # by channel, then meter; those with a reading or a slot
