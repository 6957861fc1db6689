"""Delivered files as values: what arrived, and which of its rows could not be taken.

Enters and leaves: frozen records. Not here: reading files (edge.delivery) and judging rows (core.metering.intake).
"""

import re
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Final

from sanchi.core.base.problems import Problem
from sanchi.core.metering.faults.observations import RejectedRows as RejectedColumns


class FileKind(StrEnum):
    """What a delivered file is; the name of a file up to the first `-`, `_`, digit or `.` says it."""

    MARKET = "market"  # market.toml, the market's terms
    PARTIES = "parties"  # homes, buyers, retailers
    PLANTS = "plants"  # the homes' roofs
    METERS = "meters"  # which device measures what for whom
    OFFERS = "offers"  # what buyers pay
    PERKS = "perks"  # what offers add to their price
    CHOICES = "choices"  # how homes rank buyers
    PREFERENCES = "preferences"  # who ranks a home's buyers, and what counts for it
    PASSING_ON = "passing"  # passing_on.csv: the tenants that owners pass their energy on to
    REGISTERS = "registers"  # cumulative import and export counts
    ENERGIES = "energies"  # half-hour energies: generation, battery, use
    FRAMES = "frames"  # ECHONET Lite frames of gateways
    SK_LINES = "sklines"  # lines of Wi-SUN adapters
    CT_CLOUD = "ctcloud"  # pages of the CT vendor's cloud
    GATEWAY_CLOUD = "gatewaycloud"  # pages of the B-route vendor's cloud
    EVENTS = "events"  # what connectors noticed
    TSO = "tso"  # W4*.zip, W5*.zip: half-hour energies of the network operator
    VENDOR = "vendor"  # any table, with its columns.toml beside it
    OVERRIDES = "overrides"  # what an operator decided about single slots
    OUTSIDE_CLAIMS = "outside_claims"  # whose value of roofs' energy is somebody else's
    OUTSIDE_LOTS = "outside_lots"  # certificates that buyers bought elsewhere
    SPREAD = "spread"  # made by sanchi itself: values of months, spread over half hours; no file is called so


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveredFile:
    """One file as it arrived; master data files have no readings, their row_count is the number of records."""

    file_name: str
    file_digest: str  # sha256 of the bytes, hex
    file_kind: FileKind
    row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedRows:
    """Rows that could not be taken, kept as text, and the findings that name them (aggregated per code and meter).

    columns : those of them that say when they are of, for the search for faults.
    """

    row_no: tuple[int, ...]
    code: tuple[str, ...]
    row_text: tuple[str, ...]
    problems: tuple["RowProblem", ...]
    columns: RejectedColumns = field(default_factory=RejectedColumns.none)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowProblem:
    """A finding that covers `row_count` rejected rows of one party's meter (None = not attributable)."""

    party_no: int | None
    row_count: int
    problem: Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """A file that was taken, with the counts that must add up: row = accepted + rejected."""

    delivery_no: int
    delivered: DeliveredFile
    accepted_row_count: int
    rejected_row_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedCounts:
    """What became of a decoded file, exactly.

    record = carrying (with a row at least) + problem (with none, but a problem) + passed over.
    row = accepted + part + month + rejected. slot_reading_count : energies of half hours that its parts made whole, or
    changed. As a Delivery its rows are row + record_problem: those taken are accepted + part + month, all others
    rejected.
    """

    record_count: int = 0
    carrying_record_count: int = 0
    problem_record_count: int = 0
    passed_over_record_count: int = 0
    row_count: int = 0
    accepted_row_count: int = 0
    part_row_count: int = 0
    rejected_row_count: int = 0
    record_problem_count: int = 0
    slot_reading_count: int = 0
    event_count: int = 0
    month_row_count: int = 0

    def __post_init__(self) -> None:
        """Assert that nothing got lost."""
        records = self.carrying_record_count + self.problem_record_count + self.passed_over_record_count
        assert self.record_count == records, f"{self.record_count} records, {records} accounted for"
        rows = self.accepted_row_count + self.part_row_count + self.month_row_count + self.rejected_row_count
        assert self.row_count == rows, f"{self.row_count} rows, {rows} accounted for"

    def __add__(self, other: "DecodedCounts") -> "DecodedCounts":
        """Add the counts of another block of the same file."""
        return DecodedCounts(
            **{each.name: getattr(self, each.name) + getattr(other, each.name) for each in fields(self)}
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectorOfDelivery:
    """Which connector wrote a delivered file into the inbox, by the file's name; "" = no connector did."""

    delivery_no: int
    file_kind: FileKind
    connector: str


# Kinds of which a connector writes files into the inbox, with readings of devices in them.
CONNECTED_KINDS: Final = (FileKind.FRAMES, FileKind.SK_LINES, FileKind.CT_CLOUD, FileKind.GATEWAY_CLOUD)
_INBOX_NAME: Final = re.compile(r"[a-z]+-(.+)-[0-9]{8}T[0-9]{6}Z-[0-9]+\.jsonl")


def connector_of_name(file_name: str) -> str:
    """Give the connector in the name that it gives to a file of the inbox, "" in another name.

    >>> connector_of_name("ctcloud-ct-east-20201201T063000Z-000000001.jsonl")
    'ct-east'
    """
    found = _INBOX_NAME.fullmatch(file_name.rpartition("/")[2])
    return found[1] if found else ""
