"""What operators decide about single slots, as a file says it: checked, and made decisions of metering.

Enter: SlotOverrides with their places, and the market's meters. Leave: faults, or Decisions. Not here: their effect.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sanchi.app.market import MarketBook, Meter
from sanchi.app.master_rules import Placed
from sanchi.core.base.ids import MeterId
from sanchi.core.base.slots import JST, boundary_ordinal
from sanchi.core.metering.decisions import Action, Decision
from sanchi.core.metering.readings import Channel


@dataclass(frozen=True, slots=True, kw_only=True)
class SlotOverride:
    """A decision about one slot as delivered; energy_wh only where the action is to set one."""

    meter_id: MeterId
    channel: str
    slot_end: datetime
    action: str
    energy_wh: int | None
    reason: str
    decided_by: str
    decided_at: datetime


def faults_of_overrides(placed: Sequence[Placed[SlotOverride]], book: MarketBook) -> Iterator[str]:
    """Check that meter, channel and slot are there, and that an energy stands where one is set, and is plausible."""
    meters = {meter.meter_id: meter for meter in book.meters}
    for each in placed:
        override = each.record
        meter = meters.get(override.meter_id)
        if meter is None:
            yield f"{each.place}: {override.meter_id} is not one of the market's meters"
        else:
            yield from (f"{each.place}: {fault}" for fault in _faults_beside(override, meter))


def _faults_beside(override: SlotOverride, meter: Meter) -> Iterator[str]:
    """Compare a decision with its meter."""
    is_set = override.action == Action.SET.text
    if override.channel not in meter.channels:
        yield f"{meter.meter_id} does not measure {override.channel}"
    if override.slot_end <= meter.installed_at or (meter.removed_at and override.slot_end > meter.removed_at):
        yield f"{meter.meter_id} is not in service in the slot that ends at {override.slot_end.isoformat()}"
    if is_set is (override.energy_wh is None):
        yield f"energy_wh is needed with the action {Action.SET.text}, and with no other"
    if override.energy_wh is not None and override.energy_wh > meter.plausible_wh_max:
        yield f"energy_wh {override.energy_wh} is more than {meter.meter_id} can carry ({meter.plausible_wh_max} Wh)"


def decisions_of(overrides: Sequence[SlotOverride], meters: Sequence[Meter]) -> tuple[Decision, ...]:
    """Give what a file decided, in its order; delivery_no is 0 until the store numbers the delivery."""
    meter_nos = {meter.meter_id: meter.meter_no for meter in meters}
    actions = {action.text: action for action in Action}
    return tuple(
        Decision(
            meter_no=meter_nos[override.meter_id],
            channel=Channel[override.channel.upper()],
            boundary=_boundary(override.slot_end),
            action=actions[override.action],
            energy_wh=override.energy_wh or 0,
            reason=override.reason,
            decided_by=override.decided_by,
            decided_s=int(override.decided_at.timestamp()),
            delivery_no=0,
            row_no=row_no,
        )
        for row_no, override in enumerate(overrides, start=1)
    )


def _boundary(slot_end: datetime) -> int:
    """Give the boundary ordinal of a half hour."""
    local = slot_end.astimezone(JST)
    return boundary_ordinal(local.date(), local.hour * 2 + local.minute // 30)
