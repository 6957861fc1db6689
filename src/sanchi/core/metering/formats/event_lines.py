"""Decode the lines in which connectors tell what they noticed.

Enter: lines of JSON. Leave: DecodedFile without rows, EventRows, who noticed each. Not here: what events mean together.
"""

from collections.abc import Sequence
from typing import Final

from sanchi.core.metering.faults.events import EventCode, EventRows
from sanchi.core.metering.formats.decoded import DecodedFile, Measure
from sanchi.core.metering.formats.json_records import (
    RecordFault,
    instant_s_of,
    name_of,
    number_of,
    parse_object,
)
from sanchi.core.metering.formats.row_gathering import RowGathering, event_rows
from sanchi.core.metering.sources import Source, Stage

EVENT_WORDS: Final = {code.name.lower(): code for code in EventCode}
EVENTS: Final = "events"


def decode_event_lines(lines: Sequence[str]) -> tuple[DecodedFile, EventRows, tuple[str, ...]]:
    """Decode lines, a record each; events carry no reading by their nature and are passed over as such.

    Returns: the file, its events in the order of time, the connector that noticed each of them.
    """
    # No row is ever added, so that source, stage and measure say nothing.
    gathering = RowGathering(source=Source.CT, stage=Stage.FLASH, measure=Measure.COUNT, interval_s=0)
    found: list[tuple[int, int, str, int, str]] = []
    for line in lines:
        gathering.record_count += 1
        try:
            found.append(_event_of(line))
        except RecordFault as fault:
            gathering.add_problem(fault, "", line)
    if found:
        gathering.passed_over[EVENTS] = len(found)
    found.sort()
    return gathering.decoded_file(), event_rows([event[:4] for event in found]), tuple(event[4] for event in found)


def _event_of(line: str) -> tuple[int, int, str, int, str]:
    """Read one event: at_s, event_no, subject, figure, connector."""
    record = parse_object(line)
    word = name_of(record, "event")
    if word not in EVENT_WORDS:
        raise RecordFault("event: none of the known events")
    return (
        instant_s_of(record, "at"),
        int(EVENT_WORDS[word]),
        name_of(record, "subject"),
        number_of(record, "figure"),
        name_of(record, "connector"),
    )
