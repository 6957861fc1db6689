"""The network operator's files: zipped XML of half-hour energies, dropped into a folder when they are due.

Enter: the world. Leave: files. Tags and names of files: as retailers' programmes read them. A sandbox's operator knows
each home's register as it really is, so its values are right whatever the home's own devices did.

W40120 (daily, high voltage): the use of buyers. W41120 (daily, low voltage) and W51220 (confirmed, low voltage): the
grid meters of homes whose way is the network operator's, import and feed-in each under its own point.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final
from xml.etree import ElementTree as ET

import numpy as np
from numpy.typing import NDArray

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.edge.sandbox.cast import REGISTER_TURN, HomeCast, Way, supply_point
from sanchi.edge.sandbox.period import DAY_S, midnight_s, working_day
from sanchi.edge.sandbox.streams import counts_at_boundaries
from sanchi.edge.sandbox.truth import UNIT_WH
from sanchi.edge.sandbox.world import GRID_AREA, World

DAILY_DUE_S: Final = 3 * 3_600  # at 03:00 of the next day
FINAL_WORKING_DAY: Final = 5
SENDER: Final = "00003"
RECEIVER: Final = "09999"
CONTROL_DIGITS: Final = 16
# So that the same world gives the same bytes.
ZIP_TIME: Final = (2000, 1, 1, 0, 0, 0)
IS_THERE: Final = "0"  # 提供可否


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """A supply point, or the point of a feed-in contract, with its half-hour energies [Wh] of the whole period."""

    point: str
    customer_no: str
    energy_wh: NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """A file, and when it is dropped."""

    due_s: int
    kind: str
    day: date  # the delivery date, or the first day of the month

    @property
    def file_name(self) -> str:
        """Name the file as the network operator does."""
        if self.kind == "W51220":
            return f"{self.kind}{self.day:%Y%m%d}0000001.zip"
        return f"{self.kind}{self.day:%Y%m%d}00000001.zip"


def files_due(world: World) -> tuple[Due, ...]:
    """List all files in the order in which they are dropped."""
    due = []
    for n in range(world.period.n_days):
        day = world.period.first_date + timedelta(days=n)
        due_s = midnight_s(day) + DAY_S + DAILY_DUE_S
        due += [Due(due_s=due_s, kind=kind, day=day) for kind in ("W40120", "W41120")]
    for month in world.period.months:
        after = (month + timedelta(days=31)).replace(day=1)
        due_s = midnight_s(working_day(after, FINAL_WORKING_DAY)) + DAILY_DUE_S
        due.append(Due(due_s=due_s, kind="W51220", day=month))
    return tuple(sorted(due, key=lambda each: (each.due_s, each.kind)))


def use_address(world: World, meter_id: str) -> str:
    """Give the supply point of a buyer's meter."""
    return supply_point(GRID_AREA, "1", meter_id, world.seed_no)


def home_points(cast: HomeCast, world: World) -> tuple[Point, Point]:
    """Give a home's two points, with whole steps of its register as energies."""
    energies = world.truth.homes[cast.home]
    first = {"import": cast.import_count, "export": cast.export_count}
    told = {}
    for n, (name, count) in enumerate(first.items()):
        counts = counts_at_boundaries(
            energies[name], count, unit_wh=UNIT_WH, turn=REGISTER_TURN, rest_wh=cast.rest_wh[n]
        )
        told[name] = np.diff(counts) % REGISTER_TURN * UNIT_WH
    return (
        Point(point=cast.import_point, customer_no=cast.home, energy_wh=told["import"]),
        Point(point=cast.export_point, customer_no=cast.home, energy_wh=told["export"]),
    )


class NetworkOperator:
    """Writes the files of a world."""

    def __init__(self, world: World) -> None:
        """Work out what the operator knows."""
        self._period = world.period
        self.due = files_due(world)
        self._low: list[Point] = []
        for cast in world.casts:
            if cast.way is Way.CLOUDS_TSO:
                self._low += home_points(cast, world)
        self._high = [
            Point(point=use_address(world, meter_id), customer_no=meter_id, energy_wh=energy_wh)
            for meter_id, energy_wh in world.truth.uses.items()
        ]

    def content(self, due: Due) -> bytes:
        """Write a file."""
        if due.kind == "W51220":
            tree = self._final(due.day)
        else:
            points, tag = (self._high, "JP06123") if due.kind == "W40120" else (self._low, "JP06125")
            tree = self._daily(due, points, tag)
        return _zipped(due.file_name.removesuffix(".zip") + ".xml", tree)

    def reading_count(self, due: Due) -> int:
        """Count the half-hour energies of a file."""
        if due.kind == "W51220":
            return len(self._low) * sum(SLOTS_PER_DAY for _ in self._days(due.day))
        return SLOTS_PER_DAY * len(self._high if due.kind == "W40120" else self._low)

    def _daily(self, due: Due, points: Sequence[Point], tag: str) -> ET.Element:
        """Write a day: for each half hour the points."""
        root, term = _document(due.kind[1:5], "30分電力量")
        _add(term, "JP06116", f"{due.day:%Y%m%d}")
        slots = ET.SubElement(term, "JPM00010")
        begin = (due.day - self._period.first_date).days * SLOTS_PER_DAY
        for slot_index in range(SLOTS_PER_DAY):
            slot = ET.SubElement(slots, "JPMR00010")
            _add(slot, "JP06219", f"{slot_index + 1:02d}")
            details = ET.SubElement(slot, "JPM00011")
            for point in points:
                detail = _identified(ET.SubElement(details, "JPMR00011"), point)
                _add(detail, "JP06121", point.point[-CONTROL_DIGITS:])
                _add(detail, "JP06122", IS_THERE)
                _add(detail, tag, _kwh(int(point.energy_wh[begin + slot_index])))
        return root

    def _final(self, month: date) -> ET.Element:
        """Write the confirmed use of a month: for each point the days and half hours."""
        root, term = _document("5122", "確定使用量通知")
        _add(term, "JP06401", f"{month:%Y%m}")
        points = ET.SubElement(term, "JPM00010")
        days = list(self._days(month))
        for point in self._low:
            row = _identified(ET.SubElement(points, "JPMR00010"), point)
            span = slice(days[0][1], days[-1][1] + SLOTS_PER_DAY)
            _add(row, "JP06403", "1")
            _add(row, "JP06405", IS_THERE)
            _add(row, "JP06426", _kwh(int(point.energy_wh[span].sum())))
            dates = ET.SubElement(row, "JPM00013")
            for day, begin in days:
                _add_day(ET.SubElement(dates, "JPMR00013"), day, point.energy_wh[begin : begin + SLOTS_PER_DAY])
        return root

    def _days(self, month: date) -> Iterator[tuple[date, int]]:
        """List the days of a month that are played, with the first slot of each."""
        for n in range(self._period.n_days):
            day = self._period.first_date + timedelta(days=n)
            if day.replace(day=1) == month:
                yield day, n * SLOTS_PER_DAY


def _document(code: str, name: str) -> tuple[ET.Element, ET.Element]:
    """Begin a document; gives its root and the place of its content."""
    root = ET.Element("SBD-MSG")
    group = ET.SubElement(root, "JPMGRP")
    head = ET.SubElement(group, "JPMGH")
    _add(head, "JPC03", code)
    term = ET.SubElement(group, "JPTRM")
    for tag, text in (("JP00002", code), ("JP06170", name), ("JP06110", SENDER), ("JP06112", RECEIVER)):
        _add(term, tag, text)
    return root, term


def _identified(row: ET.Element, point: Point) -> ET.Element:
    """Begin a row with its point and customer."""
    _add(row, "JP06400", point.point)
    _add(row, "JP06119", point.customer_no)
    return row


def _add_day(row: ET.Element, day: date, energy_wh: NDArray[np.int64]) -> None:
    """Add a day of confirmed half hours."""
    _add(row, "JP06423", f"{day:%Y%m%d}")
    slots = ET.SubElement(row, "JPM00014")
    for slot_index, wh in enumerate(energy_wh.tolist()):
        slot = ET.SubElement(slots, "JPMR00014")
        _add(slot, "JP06219", f"{slot_index + 1:02d}")
        _add(slot, "JP06424", _kwh(wh))


def _add(parent: ET.Element, tag: str, text: str) -> None:
    """Add an element that holds a text."""
    ET.SubElement(parent, tag).text = text


def _kwh(energy_wh: int) -> str:
    """Write an energy in kWh with four decimals, exactly."""
    return f"{energy_wh // 1000}.{energy_wh % 1000:03d}0"


def _zipped(name: str, root: ET.Element) -> bytes:
    """Write a document into an archive whose bytes depend on the document alone."""
    text = b'<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(root, encoding="utf-8") + b"\n"
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as opened:
        info = zipfile.ZipInfo(name, date_time=ZIP_TIME)
        info.compress_type = zipfile.ZIP_DEFLATED
        opened.writestr(info, text)
    return archive.getvalue()
