"""Decode energies of half hours and months of the network operator (30分電力量): XML by a layout of tags, in one pass.

Enter: text of one document and its layout. Leave: DecodedFiles. Not here: archives and encodings (edge.delivery).
The energy of a point in a slot or month is told once for each control number: where a meter changed, the parts are
added up.
"""

from collections import ChainMap, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, Final
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from sanchi.core.base.errors import UnreadableDelivery
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import JST, MINUTES_PER_SLOT
from sanchi.core.metering.formats.decoded import DecodedFile, DecodedRows, Measure
from sanchi.core.metering.formats.json_records import RecordFault
from sanchi.core.metering.formats.row_gathering import RowGathering
from sanchi.core.metering.formats.tso_fields import date_of, energy_wh_of, month_of, point_of, slot_no_of
from sanchi.core.metering.formats.tso_layout import TsoField, TsoLayout
from sanchi.core.metering.sources import Source

PROVIDED: Final = "0"
MWH_PER_WH: Final = 1_000
SLOT_S: Final = MINUTES_PER_SLOT * 60
# The files go five elements deep; far more is an attack, and so is a text longer than any field.
DEPTH_MAX: Final = 32
TEXT_CHARACTERS_MAX: Final = 1_000
# So much text without a single element is a tag or text without end; the parser would keep all of it.
SILENT_CHARACTERS_MAX: Final = 1 << 20
ROWS_PER_BLOCK: Final = 200_000
ADDED_TO_SLOT: Final = "slots told under another control number, added to the slot"
ADDED_TO_MONTH: Final = "months told under another control number, added to the month"
TOLD_AGAIN: Final = "slots told again in the same file, the last one counts"

Fields = dict[TsoField, str]


@dataclass(slots=True, kw_only=True)
class _Row:
    """A row that is being read: its own fields, and whether rows inside it told energies."""

    tag: str
    own: Fields = field(default_factory=dict)
    has_records: bool = False


@dataclass(slots=True, kw_only=True)
class _Reading:
    """The state of one document; the parser calls start, data and end. Mutable on purpose, inside one call only."""

    layout: TsoLayout
    received_s: int
    gathering: RowGathering
    month_gathering: RowGathering
    record_count: int = 0
    blocks: list[DecodedFile] = field(default_factory=list)
    rows: list[_Row] = field(default_factory=list)
    depth: int = 0
    call_count: int = 0
    root_tag: str = ""
    leaf: TsoField | None = None
    text: list[str] = field(default_factory=list)
    text_characters: int = 0
    # Wh and record by point, end of the slot and control number, of the group that is being read.
    # Ends of months stand beside ends of slots, in a group of their own: both may end at the same midnight.
    months: "defaultdict[tuple[str, int], dict[str, tuple[int, int]]]" = field(
        default_factory=lambda: defaultdict(dict)
    )
    slots: "defaultdict[tuple[str, int], dict[str, tuple[int, int]]]" = field(default_factory=lambda: defaultdict(dict))

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Open an element."""
        del attributes
        self.call_count += 1
        self.depth += 1
        self.root_tag = self.root_tag or tag
        if self.depth > DEPTH_MAX:
            raise UnreadableDelivery(f"its elements are nested more than {DEPTH_MAX} deep.", hint=_FOREIGN_HINT)
        if tag in self.layout.row_tags:
            self.rows.append(_Row(tag=tag))
        self.leaf = self.layout.fields.get(tag)
        self.text.clear()
        self.text_characters = 0

    def data(self, text: str) -> None:
        """Take a piece of the text of the element that was opened last."""
        self.call_count += 1
        if self.leaf is None:
            return
        self.text_characters += len(text)
        if self.text_characters > TEXT_CHARACTERS_MAX:
            raise UnreadableDelivery(
                f"a field is longer than {TEXT_CHARACTERS_MAX} characters ({self.leaf}).", hint=_FOREIGN_HINT
            )
        self.text.append(text)

    def end(self, tag: str) -> None:
        """Close an element: a field belongs to the row around it, a row may be a record."""
        self.call_count += 1
        self.depth -= 1
        if self.leaf is not None and self.rows:
            self.rows[-1].own[self.leaf] = "".join(self.text).strip()
        self.leaf = None
        if self.rows and self.rows[-1].tag == tag:
            self._end_row()
            if tag == self.layout.group_tag:
                self._end_group()

    def close(self) -> None:
        """End the document."""

    def _end_row(self) -> None:
        """Make a record of a row that tells an energy, or of a point that tells none."""
        row = self.rows.pop()
        told = {TsoField.ENERGY_KWH, TsoField.ALLOCATED_KWH} & row.own.keys()
        is_point = TsoField.SUPPLY_POINT in row.own and not row.has_records
        if not told and not is_point:
            if self.rows:
                self.rows[-1].has_records |= row.has_records
            return
        if self.rows:
            self.rows[-1].has_records = True
        fields: Mapping[TsoField, str] = ChainMap(row.own, *(around.own for around in reversed(self.rows)))
        gathering = self.gathering
        gathering.record_count += 1
        try:
            self._take_record(fields)
        except RecordFault as fault:
            shown = " ".join(f"{name}={text}" for name, text in fields.items())
            gathering.add_problem(fault, fields.get(TsoField.SUPPLY_POINT, ""), shown)

    def _take_record(self, fields: Mapping[TsoField, str]) -> None:
        """Take the energy of a slot into the group. Raises: RecordFault."""
        point = point_of(_field(fields, TsoField.SUPPLY_POINT))
        availability = fields.get(TsoField.AVAILABILITY, PROVIDED)
        if availability != PROVIDED:
            raise RecordFault(f"not provided (提供可否 {availability})", ProblemCode.NOT_PROVIDED)
        energy_text = fields.get(TsoField.ALLOCATED_KWH) or fields.get(TsoField.ENERGY_KWH)
        if energy_text is None and fields.get(TsoField.MONTH_KWH):
            energy_wh = energy_wh_of(fields[TsoField.MONTH_KWH])
            end = month_of(_field(fields, TsoField.MONTH)).next_month.first_date
            self._add(self.months[point, _stamp_s(end, 0)], fields, energy_wh, ADDED_TO_MONTH)
            return
        energy_wh = energy_wh_of(energy_text or "")
        delivery_date, slot_no = date_of(_field(fields, TsoField.DATE)), slot_no_of(_field(fields, TsoField.SLOT_NO))
        self._add(self.slots[point, _stamp_s(delivery_date, slot_no)], fields, energy_wh, ADDED_TO_SLOT)

    def _add(
        self, told: dict[str, tuple[int, int]], fields: Mapping[TsoField, str], energy_wh: int, added: str
    ) -> None:
        """Add an energy to what other control numbers told of the same slot or month."""
        control_no = fields.get(TsoField.CONTROL_NO, "")
        if control_no in told:
            self.gathering.passed_over[TOLD_AGAIN] += 1
        elif told:
            self.gathering.passed_over[added] += 1
        first_record_no = told[control_no][1] if control_no in told else self.gathering.record_count
        told[control_no] = energy_wh, first_record_no

    def _end_group(self) -> None:
        """Turn the slots and months of a group into rows, each with the record that told it first."""
        for gathering, group in ((self.gathering, self.slots), (self.month_gathering, self.months)):
            for (point, stamp_s), told in group.items():
                gathering.add_rows(
                    address=point,
                    channel=None,
                    stamps_s=[stamp_s],
                    readings=[sum(energy_wh for energy_wh, _ in told.values())],
                    unit_mwh=MWH_PER_WH,
                    received_s=self.received_s,
                    record_no=min(record_no for _, record_no in told.values()),
                )
            group.clear()
        if self.gathering.row_count + self.month_gathering.row_count >= ROWS_PER_BLOCK:
            self.end_block()

    def end_block(self) -> None:
        """Put what was gathered aside and begin anew; no slot is open then."""
        decoded = self.gathering.decoded_file()
        if self.month_gathering.row_count:
            months = self.month_gathering.decoded_file().rows
            decoded = replace(decoded, rows=DecodedRows.joined(decoded.rows, months))
        self.blocks.append(decoded)
        self.record_count += self.gathering.record_count
        self.gathering, self.month_gathering = _gathering(self.layout), _month_gathering(self.layout)


_FOREIGN_HINT: Final = "This is no file of the network operator; ask for it again."
_BROKEN_HINT: Final = "Ask the network operator for the file again."


def decode_tso_xml(texts: Iterable[str], layout: TsoLayout, received_s: int) -> Iterator[DecodedFile]:
    """Decode one document, block by block; the records of each block are numbered from 1.

    texts : the document in pieces of at most some 100,000 characters.
    Raises: UnreadableDelivery when it is no XML, no whole XML, or none that an operator sends.
    """
    reading = _Reading(
        layout=layout,
        received_s=received_s,
        gathering=_gathering(layout),
        month_gathering=_month_gathering(layout),
    )
    parser = DefusedXMLParser(target=reading, forbid_dtd=True)
    silent_characters, call_count = 0, 0
    for text in texts:
        _feed(parser, text)
        silent_characters = silent_characters + len(text) if reading.call_count == call_count else 0
        call_count = reading.call_count
        if silent_characters > SILENT_CHARACTERS_MAX:
            raise UnreadableDelivery("a tag or text has no end.", hint=_FOREIGN_HINT)
        yield from reading.blocks
        reading.blocks.clear()
    _close(parser)
    reading.end_block()
    if not reading.record_count:
        raise UnreadableDelivery(
            f"it holds no row of '{layout.title}'; its root is <{reading.root_tag[:60]}>.", hint=_FOREIGN_HINT
        )
    yield from reading.blocks


def _gathering(layout: TsoLayout) -> RowGathering:
    """Begin a block."""
    return RowGathering(source=Source.TSO, stage=layout.stage, measure=Measure.ENERGY, interval_s=SLOT_S)


def _month_gathering(layout: TsoLayout) -> RowGathering:
    """Begin the months of a block; their records are counted with the slots'."""
    return RowGathering(source=Source.TSO, stage=layout.stage, measure=Measure.MONTH, interval_s=0)


def _stamp_s(day: date, slot_no: int) -> int:
    """Give the end of a slot; slot 0 is the midnight that opens the day."""
    midnight = datetime(day.year, day.month, day.day, tzinfo=JST)
    return int((midnight + timedelta(seconds=slot_no * SLOT_S)).timestamp())


def _feed(parser: Any, text: str) -> None:
    """Give the parser a piece of the document."""
    try:
        parser.feed(text)
    except ParseError as error:
        raise UnreadableDelivery(f"it is no XML ({error}).", hint=_BROKEN_HINT) from error
    except DefusedXmlException as error:
        raise UnreadableDelivery(
            "it defines a document type or entities, as no operator's file does.", hint=_FOREIGN_HINT
        ) from error


def _close(parser: Any) -> None:
    """End the document; one that was cut off ends here."""
    try:
        parser.close()
    except ParseError as error:
        raise UnreadableDelivery(f"it was cut off ({error}).", hint=_BROKEN_HINT) from error


def _field(fields: Mapping[TsoField, str], name: TsoField) -> str:
    """Demand a field. Raises: RecordFault."""
    if not fields.get(name):
        raise RecordFault(f"{name} is missing")
    return fields[name]
