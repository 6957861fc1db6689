"""Decode pages of the B-route vendor's cloud: counts of smart meters at half hours, with their unit.

Enter: bodies of pages as they came. Leave: DecodedFile with rows of counts, EventRows of meters that had no value.
Not here: whose gateway it is, energies. Source: docs/reference/meter-sources.md.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import DecodedFile, Measure
from sanchi.core.metering.formats.json_records import (
    CloudPage,
    RecordFault,
    instant_s_of,
    list_of,
    name_of,
    number_of,
    number_or_none_of,
    object_of,
    parse_object,
    stamp_s_of,
)
from sanchi.core.metering.formats.row_gathering import RowGathering
from sanchi.core.metering.readings import Channel
from sanchi.core.metering.sources import Source, Stage

MWH_PER_KWH_DIGITS: Final = 6
# The classes 0x0288 and 0xD3 know no more digits and no larger coefficient.
DIGITS_MAX: Final = 8
COEFFICIENT_MAX: Final = 999_999
NO_COUNT: Final = "readings without a count"
_UNIT: Final = re.compile(r"([0-9]{1,5})(?:\.([0-9]{1,6}))?")


def decode_gateway_pages(pages: Sequence[CloudPage]) -> tuple[DecodedFile, EventRows]:
    """Decode pages in their order; a record is a reading, or a page that has none to give."""
    gathering = RowGathering(source=Source.B_ROUTE, stage=Stage.FLASH, measure=Measure.COUNT, interval_s=0)
    for page in pages:
        try:
            readings = list_of(parse_object(page.body), "readings")
        except RecordFault as fault:
            gathering.record_count += 1
            gathering.add_problem(fault, "", page.body)
            continue
        for reading in readings:
            gathering.record_count += 1
            _decode_reading(gathering, reading, page.received_s)
    return gathering.decoded_file(), gathering.event_rows()


def unit_mwh_of(record: dict[str, Any]) -> int:
    """Read the worth of one count, a text in kWh, exactly: "0.1" is 100,000 mWh. Raises: RecordFault."""
    text = name_of(record, "unit")
    found = _UNIT.fullmatch(text)
    whole, fraction = found.groups(default="") if found else ("", "")
    unit_mwh = int(f"{whole}{fraction:0<{MWH_PER_KWH_DIGITS}}") if found else 0
    if not unit_mwh:
        raise RecordFault("unit: no number of kWh above zero, written with a point (0.1)")
    return unit_mwh


def _decode_reading(gathering: RowGathering, reading: object, received_s: int) -> None:
    """Decode the two counts of a reading, or tell what is wrong with it."""
    gateway_id = ""
    try:
        record = object_of(reading)
        gateway_id = name_of(record, "gatewayId")
        number_of(record, "no", 0)
        fixed_s = stamp_s_of(record, "fixedTime")
        instant_s_of(record, "uploadedAt")
        unit_mwh = unit_mwh_of(record) * number_of(record, "coefficient", 1, COEFFICIENT_MAX)
        digits = number_of(record, "digits", 1, DIGITS_MAX)
        counts = {channel: number_or_none_of(record, channel.text) for channel in (Channel.IMPORT, Channel.EXPORT)}
        _refuse_long_counts(counts, digits)
    except RecordFault as fault:
        gathering.add_problem(fault, gateway_id, reading)
        return
    for channel, count in counts.items():
        if count is not None:
            gathering.add_rows(
                address=gateway_id,
                channel=channel,
                stamps_s=(fixed_s,),
                readings=(count,),
                unit_mwh=unit_mwh,
                received_s=received_s,
            )
    if None in counts.values():
        gathering.add_event(at_s=fixed_s, event=EventCode.NO_DATA, subject=gateway_id)
    if set(counts.values()) == {None}:
        gathering.passed_over[NO_COUNT] += 1


def _refuse_long_counts(counts: dict[Channel, int | None], digits: int) -> None:
    """Refuse a count that the register, by its own digits, cannot show."""
    for channel, count in counts.items():
        if count is not None and count >= 10**digits:
            raise RecordFault(f"{channel.text}: a count of more than {digits} digits", ProblemCode.REGISTER_OVERFLOW)
