"""Decode pages of the CT vendor's cloud: blocks of one-minute mean powers of solar panels and the grid.

Enter: bodies of pages as they came. Leave: DecodedFile with rows of power, EventRows of clocks that are off.
Not here: whose device it is, half-hour energies. Source: docs/reference/meter-sources.md.
"""

from collections.abc import Sequence
from typing import Any, Final

from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import DecodedFile, Measure
from sanchi.core.metering.formats.json_records import (
    CloudPage,
    RecordFault,
    instant_s_of,
    list_of,
    name_of,
    number_of,
    object_of,
    parse_object,
)
from sanchi.core.metering.formats.row_gathering import RowGathering
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage

MINUTE_S: Final = 60
BLOCK_MINUTES: Final = 30
# A clock that is off by more is told and corrected; less is the way of the block to the cloud.
CLOCK_TOLERANCE_S: Final = 60
# No line into a house carries a gigawatt: such a number is none.
POWER_W_MAX: Final = 10**9
LOAD_LEFT_OUT: Final = "minutes of load"
ABSENT_MINUTES: Final = "minutes without a value"
NO_VALUE: Final = "blocks without a value"

_Minutes = list[int | None]


def decode_ct_pages(pages: Sequence[CloudPage]) -> tuple[DecodedFile, EventRows]:
    """Decode pages in their order; a record is an item, or a page that has none to give.

    A device whose clock is off is known by sent_at - cloud_received_at. Beyond CLOCK_TOLERANCE_S that offset is told as
    an event and taken out of the stamps of its block; so it is where a block does not begin on a whole minute. What
    is left is rounded to whole minutes, so that minutes stay minutes: half a minute of error is left. That holds as
    far as the clock was off while measuring by what it was off when sending; a clock that was set in between moves
    the minutes measured before to a wrong place.
    """
    gathering = RowGathering(source=Source.CT, stage=Stage.FLASH, measure=Measure.POWER, interval_s=MINUTE_S)
    for page in pages:
        try:
            items = list_of(parse_object(page.body), "items")
        except RecordFault as fault:
            gathering.record_count += 1
            gathering.add_problem(fault, "", page.body)
            continue
        for item in items:
            gathering.record_count += 1
            _decode_item(gathering, item, page.received_s)
    return gathering.decoded_file(), gathering.event_rows()


def _decode_item(gathering: RowGathering, item: object, received_s: int) -> None:
    """Decode a block whole, or tell what is wrong with it."""
    device_id = ""
    try:
        block = object_of(item)
        device_id = name_of(block, "device_id")
        number_of(block, "minutes", BLOCK_MINUTES, BLOCK_MINUTES)
        told_s = instant_s_of(block, "from")
        received_by_cloud_s = instant_s_of(block, "cloud_received_at")
        offset_s = instant_s_of(block, "sent_at") - received_by_cloud_s
        pv_w, load_w, grid_w = (_minutes(block, name) for name in ("pv_w", "load_w", "grid_w"))
    except RecordFault as fault:
        gathering.add_problem(fault, device_id, item)
        return
    from_s = told_s
    if abs(offset_s) > CLOCK_TOLERANCE_S:
        gathering.add_event(at_s=received_by_cloud_s, event=EventCode.CLOCK_OFF, subject=device_id, figure=offset_s)
    if abs(offset_s) > CLOCK_TOLERANCE_S or told_s % MINUTE_S:
        from_s = (told_s - offset_s + MINUTE_S // 2) // MINUTE_S * MINUTE_S
    import_w: _Minutes = [None if power_w is None else max(power_w, 0) for power_w in grid_w]
    export_w: _Minutes = [None if power_w is None else max(-power_w, 0) for power_w in grid_w]
    series = (
        (f"{device_id}/pv", Channel.PV, pv_w),
        (f"{device_id}/grid", Channel.IMPORT, import_w),
        (f"{device_id}/grid", Channel.EXPORT, export_w),
    )
    for address, channel, powers_w in series:
        _add_minutes(gathering, address, channel, powers_w, from_s, received_s)
    # A home's load is what its panels and the grid give it: metered twice it would count twice.
    gathering.left_out[LOAD_LEFT_OUT] += BLOCK_MINUTES - load_w.count(None)
    gathering.left_out[ABSENT_MINUTES] += pv_w.count(None) + grid_w.count(None)
    if pv_w.count(None) + grid_w.count(None) == 2 * BLOCK_MINUTES:
        gathering.passed_over[NO_VALUE] += 1


def _add_minutes(
    gathering: RowGathering, address: str, channel: Channel, powers_w: _Minutes, from_s: int, received_s: int
) -> None:
    """Add a row for each minute that has a value; it is stamped with its end."""
    stamps_s = range(from_s + MINUTE_S, from_s + (BLOCK_MINUTES + 1) * MINUTE_S, MINUTE_S)
    told = [(stamp_s, power_w) for stamp_s, power_w in zip(stamps_s, powers_w, strict=True) if power_w is not None]
    gathering.add_rows(
        address=address,
        channel=channel,
        stamps_s=[stamp_s for stamp_s, _ in told],
        readings=[power_w for _, power_w in told],
        unit_mwh=0,
        received_s=received_s,
    )


def _minutes(block: dict[str, Any], name: str) -> _Minutes:
    """Demand one whole number or null a minute."""
    values = list_of(block, name)
    if len(values) != BLOCK_MINUTES:
        raise RecordFault(f"{name}: {len(values)} values for {BLOCK_MINUTES} minutes")
    if not {type(value) for value in values} <= {int, type(None)}:
        raise RecordFault(f"{name}: a value that is neither a whole number nor null")
    if any(value is not None and abs(value) > POWER_W_MAX for value in values):
        raise RecordFault(f"{name}: a power outside -{POWER_W_MAX}..{POWER_W_MAX} W")
    return values
