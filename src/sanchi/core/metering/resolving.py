"""Join decoded rows with the market's meters by the address that their source knows them by.

Enter: DecodedRows, the market's meters and their addresses. Leave: readings of half hours, parts of half hours,
values of months, rejected rows with their findings. Not here: decoding, adding parts up. The rules of readings are
those of intake.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.problems import ProblemCode
from sanchi.core.metering.formats.decoded import ANY_CHANNEL, DecodedRows, Measure
from sanchi.core.metering.intake import EPOCH_S, SLOT_S, IntakeFinding, take_in
from sanchi.core.metering.intake_columns import ReadingColumns, ReadingFile
from sanchi.core.metering.monthly.intake import take_in_months
from sanchi.core.metering.monthly.values import MonthValue
from sanchi.core.metering.parts.rows import ENERGY_WS_MAX, PartRows, energy_ws_of
from sanchi.core.metering.readings import CHANNEL_END, Channel, MeterSpec, ReadingRows
from sanchi.core.metering.resolving_findings import describe_unresolved

MWH_PER_WH: Final = 1_000
# Shown where a source does not tell the channel and its meter has several.
UNTOLD_CHANNEL: Final = "(one of several)"
# What a row becomes; also the kind of file whose rules it is judged by.
_FORMS: Final = (ReadingFile.REGISTERS, ReadingFile.ENERGIES, ReadingFile.PARTS)
_MONTH_FORM: Final = len(_FORMS)
# 1 mWh = 18 / 5 Ws: a unit that gives no whole watt-seconds cannot be added up exactly.
_WS_PER_MWH_LOWER: Final = 5
_INT64_MAX: Final = int(np.iinfo(np.int64).max)

BoolArray = NDArray[np.bool_]
IntArray = NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedRows:
    """What became of decoded rows: accepted + parts + months + rejected = all.

    accepted, parts, months : numbered on from first_row_no by position in the decoded rows.
    rejected_index : int64, positions in the decoded rows, rising; rejected_code : the rule that each broke.
    findings : rejected rows told per code and meter or address; their row_counts sum to the rejected ones.
    """

    accepted: ReadingRows
    parts: PartRows
    months: tuple[MonthValue, ...]
    rejected_index: IntArray
    rejected_code: tuple[ProblemCode, ...]
    findings: tuple[IntakeFinding, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    """What is known of each row beside what it says; arrays of shape (n_rows,).

    spec_position : position of a channel of its meter in the specs, any channel of it; -1 = address unknown.
    reading : in units of the meter, for parts in watt-seconds; 0 where is_even or is_held is not.
    is_even : the unit could be brought to the meter's; is_held : the number is none that no meter shows.
    """

    form_index: NDArray[np.int8]
    spec_position: IntArray
    reading: IntArray
    is_even: BoolArray
    is_held: BoolArray


def resolve(
    rows: DecodedRows,
    meters: Sequence[MeterSpec],
    addresses: Mapping[str, Sequence[int]],
    file_name: str,
    first_row_no: int = 1,
) -> ResolvedRows:
    """Divide decoded rows into readings, parts, values of months and rejected ones.

    meters : every channel of every meter of the market, one MeterSpec each.
    addresses : the meter_nos that an address belongs to; of several, one after the other, each takes the rows of its
    own service. What ends at an exchange belongs to the old meter, a count of that instant to the new one.
    """
    found = _find(rows, meters, addresses)
    is_known = found.spec_position >= 0
    code_of_row: dict[int, ProblemCode] = {}
    findings: list[IntakeFinding] = []
    for code, is_broken in (
        (ProblemCode.UNKNOWN_ADDRESS, ~is_known),
        (ProblemCode.UNIT_MISMATCH, is_known & ~found.is_even),
    ):
        index = np.flatnonzero(is_broken)
        code_of_row |= dict.fromkeys(index.tolist(), code)
        findings += describe_unresolved(rows, index, code, found.spec_position, meters, file_name)
    accepted_parts: list[ReadingRows] = []
    part_index, parts = np.empty(0, dtype=np.int64), PartRows.joined([])
    for form_index, form in enumerate(_FORMS):
        index = np.flatnonzero(is_known & found.is_even & (found.form_index == form_index))
        if not index.size:
            # The usual file has one form, and looking the market's meters up is not free.
            continue
        intake = take_in(_columns(rows, found, index, form, meters), meters, file_name)
        code_of_row |= dict(zip(index[intake.rejected_index].tolist(), intake.rejected_code, strict=True))
        findings += intake.findings
        taken = np.delete(index, intake.rejected_index)
        row_no = (taken + first_row_no).astype(np.int32)
        if form is ReadingFile.PARTS:
            part_index, parts = taken, _parts(rows, found, intake.accepted, taken, row_no)
        else:
            accepted_parts.append(replace(intake.accepted, row_no=row_no))
    is_month = is_known & found.is_even & (found.form_index == _MONTH_FORM)
    months = take_in_months(rows, np.flatnonzero(is_month), found.spec_position, meters, file_name, first_row_no)
    code_of_row |= months.rejected
    findings += months.findings
    accepted = ReadingRows.joined(accepted_parts)
    rejected_index = np.array(sorted(code_of_row), dtype=np.int64)
    taken_count = accepted.row_count + part_index.size + len(months.values)
    assert taken_count + rejected_index.size == rows.row_count, "a row got lost"
    assert sum(finding.row_count for finding in findings) == rejected_index.size, "a rejected row has no finding"
    return ResolvedRows(
        accepted=accepted,
        parts=parts,
        months=months.values,
        rejected_index=rejected_index,
        rejected_code=tuple(code_of_row[position] for position in rejected_index.tolist()),
        findings=tuple(findings),
    )


def _find(rows: DecodedRows, meters: Sequence[MeterSpec], addresses: Mapping[str, Sequence[int]]) -> _Found:
    """Find each row's meter and bring its reading to the meter's unit."""
    is_count = rows.measure_no == Measure.COUNT
    is_part = (rows.measure_no == Measure.POWER) | ((rows.measure_no == Measure.ENERGY) & (rows.interval_s < SLOT_S))
    spec_position = _spec_positions(rows, meters, addresses, is_count)
    own_mwh = np.array([*(spec.unit_wh * MWH_PER_WH for spec in meters), MWH_PER_WH], dtype=np.int64)[spec_position]
    is_month = rows.measure_no == Measure.MONTH
    # A month is told in Wh, whatever its meter counts half hours in.
    own_mwh[is_month] = MWH_PER_WH
    told_mwh = np.where(rows.unit_mwh == 0, own_mwh, rows.unit_mwh)
    is_power = rows.measure_no == Measure.POWER
    # Parts end in whole Wh, so their meter has to count in these.
    is_part_even = (own_mwh == MWH_PER_WH) & (is_power | (told_mwh % _WS_PER_MWH_LOWER == 0))
    is_even = np.where(is_part, is_part_even, told_mwh % own_mwh == 0) & (told_mwh > 0)
    factor = np.where(is_part, _INT64_MAX // ENERGY_WS_MAX, told_mwh // own_mwh)
    is_held = abs(rows.reading) <= _INT64_MAX // np.maximum(factor, 1)
    is_sound = is_even & is_held
    reading = np.zeros(rows.row_count, dtype=np.int64)
    whole = is_sound & ~is_part
    reading[whole] = rows.reading[whole] * factor[whole]
    part = is_sound & is_part
    # A power has no unit, and its meter's one would be taken for one.
    reading[part] = _energies_ws(rows, part, np.where(is_power, 0, told_mwh))
    is_held &= ~is_part | (reading <= ENERGY_WS_MAX)
    form_index = np.select([is_count, is_part, is_month], [0, 2, _MONTH_FORM], 1).astype(np.int8)
    return _Found(form_index=form_index, spec_position=spec_position, reading=reading, is_even=is_even, is_held=is_held)


def _energies_ws(rows: DecodedRows, mask: BoolArray, unit_mwh: IntArray) -> IntArray:
    """Give powers and energies in watt-seconds; what is too large for a number becomes too large for a part."""
    units = np.where(rows.measure_no == Measure.POWER, rows.interval_s, unit_mwh * 4)[mask]
    is_huge = abs(rows.reading[mask]) > _INT64_MAX // np.maximum(units, 1)
    reading = np.where(is_huge, 0, rows.reading[mask])
    energy_ws = energy_ws_of(reading, rows.measure_no[mask], rows.interval_s[mask], unit_mwh[mask])
    return np.where(is_huge, ENERGY_WS_MAX + 1, energy_ws)


def _spec_positions(
    rows: DecodedRows, meters: Sequence[MeterSpec], addresses: Mapping[str, Sequence[int]], is_count: BoolArray
) -> IntArray:
    """Find a channel of each row's meter, int64 positions in meters; -1 where nobody has the address."""
    position_of = {spec.meter_no: position for position, spec in reversed(list(enumerate(meters)))}
    first = np.full(len(rows.address_texts) + 1, -1, dtype=np.int64)
    several: dict[int, list[int]] = {}
    for code, address in enumerate(rows.address_texts):
        own = [position_of[meter_no] for meter_no in addresses.get(address, ()) if meter_no in position_of]
        if own:
            own.sort(key=lambda position: meters[position].installed_boundary)
            first[code] = own[0]
            several |= {code: own} if len(own) > 1 else {}
    spec_position = first[rows.address_code]
    # The instant of a count that opens a meter's service is already its own; an interval that ends there is not.
    boundary = _boundary_of(rows.stamp_s) - np.where(is_count, 0, 1)
    for code, own in several.items():
        index = np.flatnonzero(rows.address_code == code)
        installed = [meters[position].installed_boundary for position in own]
        serving = np.searchsorted(installed, boundary[index], side="right") - 1
        spec_position[index] = np.array(own)[np.maximum(serving, 0)]
    return spec_position


def _boundary_of(stamp_s: IntArray) -> IntArray:
    """Give the half hour in or at whose end a stamp lies; dividing first keeps absurd stamps from overflowing."""
    boundary: IntArray = -(-stamp_s // SLOT_S) - EPOCH_S // SLOT_S
    return boundary


def _columns(
    rows: DecodedRows, found: _Found, index: IntArray, form: ReadingFile, meters: Sequence[MeterSpec]
) -> ReadingColumns:
    """Lay rows out as a file of readings would tell them; their records number them."""
    meter_texts = tuple(dict.fromkeys(str(spec.meter_id) for spec in meters))
    code_of = {text: code for code, text in enumerate(meter_texts)}
    code_of_spec = np.array([code_of[str(spec.meter_id)] for spec in meters], dtype=np.int32)
    stamp_s = rows.stamp_s[index]
    if form is ReadingFile.PARTS:
        # A part is judged at the half hour that it lies in; one beside the grid of its length gets an odd second,
        # which is never on a half hour.
        is_on_grid = stamp_s % rows.interval_s[index] == 0
        stamp_s = np.where(is_on_grid, -(-stamp_s // SLOT_S) * SLOT_S, stamp_s | 1)
    return ReadingColumns(
        reading_file=form,
        meter_texts=meter_texts,
        meter_code=code_of_spec[found.spec_position[index]] if index.size else np.empty(0, dtype=np.int32),
        channel_texts=(*(channel.text for channel in Channel), UNTOLD_CHANNEL),
        channel_code=_channel_codes(rows, found, index, meters),
        stamp_s=stamp_s,
        is_stamp_readable=np.ones(index.size, dtype=np.bool_),
        reading=found.reading[index],
        is_reading_readable=found.is_held[index],
        received_s=rows.received_s[index],
        is_received_readable=np.ones(index.size, dtype=np.bool_),
        row_no=rows.record_no[index],
        source_no=rows.source_no[index],
        stage_no=rows.stage_no[index],
    )


def _channel_codes(rows: DecodedRows, found: _Found, index: IntArray, meters: Sequence[MeterSpec]) -> NDArray[np.int32]:
    """Give positions in the channels and UNTOLD_CHANNEL: a source that tells no channel means the meter's only one."""
    n_channels = Counter(spec.meter_no for spec in meters)
    only = [spec.channel - 1 if n_channels[spec.meter_no] == 1 else len(Channel) for spec in meters]
    told = rows.channel_no[index].astype(np.int64)
    only_code = np.array([*only, len(Channel)], dtype=np.int64)[found.spec_position[index]]
    return np.where(told == ANY_CHANNEL, only_code, told - 1).astype(np.int32)


def _parts(
    rows: DecodedRows, found: _Found, judged: ReadingRows, index: IntArray, row_no: NDArray[np.int32]
) -> PartRows:
    """Gather the parts among rows, judged as readings of their half hours, with their own stamps again."""
    return PartRows(
        series_key=judged.meter_no.astype(np.int64) * CHANNEL_END + judged.channel_no,
        stamp_s=rows.stamp_s[index],
        interval_s=rows.interval_s[index],
        energy_ws=found.reading[index],
        received_s=rows.received_s[index],
        delivery_no=np.zeros(index.size, dtype=np.int32),
        row_no=row_no,
    )
