"""What the tags of a network operator's file mean: values made from data files, never code.

Enters and leaves: frozen values. Not here: reading the data files (edge.delivery), decoding with them (tso_xml).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from sanchi.core.metering.sources import Stage


class TsoField(StrEnum):
    """What a tag can carry; the member's value stands in the data file."""

    SUPPLY_POINT = "supply_point"  # 供給地点特定番号 or 受電地点特定番号, 22 digits
    CONTROL_NO = "control_no"  # 計器番号 or 管理番号: another one where a meter changed
    AVAILABILITY = "availability"  # 提供可否: 0 = the value is provided
    DATE = "date"  # YYYYMMDD
    SLOT_NO = "slot_no"  # 01..48
    ENERGY_KWH = "energy_kwh"  # of the slot
    ALLOCATED_KWH = "allocated_kwh"  # 仕訳後: this retailer's part of it, where it is told
    MONTH = "month"  # YYYYMM
    MONTH_KWH = "month_kwh"  # of the month, where there are no slots


@dataclass(frozen=True, slots=True, kw_only=True)
class TsoLayout:
    """How one kind of file is laid out.

    name_prefix : how its file names begin. row_tags : elements whose fields belong together; a row inherits the
    fields of the rows around it. group_tag : the row within which a slot of a point is told completely, under all
    its control numbers. fields : what a tag carries.
    """

    title: str
    name_prefix: str
    stage: Stage
    row_tags: frozenset[str]
    group_tag: str
    fields: Mapping[str, TsoField]
