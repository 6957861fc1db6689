"""Reads use and received energy of buyers by day and slot.

Enter: Books, Parties, dates. Leave: SiteSlots. Not here: claims (claimed_months) and shares (core/reports).
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.market import PartyRole
from sanchi.app.origin_records import SiteSlots
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.metering.readings import Quality
from sanchi.edge.store.books import Books
from sanchi.edge.store.sql import Row
from sanchi.edge.store.views.parties import Parties

Slots = NDArray[np.int64]

# Where a half hour of the roof was not measured as such, its watt-hours are real and their half hour is a guess.
# An export register that was recovered estimates the shape of self-consumption just as much.
SHAPES_SQL: Final = f"""
    shapes AS (
        SELECT delivery_date, party_no AS home_no, slot_no, {CertificateKind.SURPLUS.value} AS kind_no,
               export_quality < {Quality.MEASURED.value} AS is_estimated
        FROM slot_energy WHERE delivery_date BETWEEN $first_date AND $last_date
        UNION ALL
        SELECT delivery_date, party_no, slot_no, {CertificateKind.SELF_CONSUMPTION.value},
               least(export_quality, pv_quality) < {Quality.MEASURED.value}
        FROM slot_energy WHERE delivery_date BETWEEN $first_date AND $last_date)
"""
_DATES: Final = "delivery_date BETWEEN $first_date AND $last_date"


def _received_sql(table: str, receiver: str, condition: str = "true") -> str:
    """Sum a table of received energy by receiver, day and slot, and the part of estimated shape."""
    return f"""
        WITH {SHAPES_SQL}
        SELECT {receiver} AS party_no, delivery_date, slot_no, sum(energy_wh) AS energy_wh,
               coalesce(sum(energy_wh) FILTER (is_estimated), 0) AS estimated_wh
        FROM {table} LEFT JOIN shapes USING (delivery_date, home_no, slot_no, kind_no)
        WHERE {_DATES} AND {condition} AND {receiver} = coalesce($buyer_no, {receiver}) GROUP BY ALL
    """


def read_sites(
    books: Books, parties: Parties, first_date: date, last_date: date, buyer_no: int | None = None
) -> tuple[SiteSlots, ...]:
    """Read the closed days of one buyer or of all between two dates, both included."""
    between = {"first_date": first_date, "last_date": last_date, "buyer_no": buyer_no}
    closed_sql = f"SELECT delivery_date FROM market_day WHERE {_DATES} ORDER BY delivery_date"
    days = {"first_date": first_date, "last_date": last_date}
    dates = tuple(delivery_date for (delivery_date,) in books.fetch(closed_sql, days))
    metered = {party_no for (party_no,) in books.fetch("SELECT DISTINCT party_no FROM meter")}
    used_sql = (
        f"SELECT party_no, delivery_date, slot_no, sum(use_wh), 0 FROM buyer_use WHERE {_DATES} "
        "AND party_no = coalesce($buyer_no, party_no) GROUP BY party_no, delivery_date, slot_no"
    )
    used = _by_party(dates, books.fetch(used_sql, between))
    bought = _by_party(dates, books.fetch(_received_sql("allocations", "holder_no", "choice_no > 0"), between))
    passed_on = _by_party(dates, books.fetch(_received_sql("passed_on", "owner_no"), between))
    passed_in = _by_party(dates, books.fetch(_received_sql("passed_on", "tenant_no"), between))
    nothing = np.zeros((len(dates), SLOTS_PER_DAY), dtype=np.int64)
    nothing.setflags(write=False)
    return tuple(
        SiteSlots(
            buyer=buyer,
            is_metered=buyer.party_no in metered,
            dates=dates,
            use_wh=used.get(buyer.party_no, (nothing, nothing))[0],
            bought_wh=bought.get(buyer.party_no, (nothing, nothing))[0],
            bought_estimated_wh=bought.get(buyer.party_no, (nothing, nothing))[1],
            passed_on_wh=passed_on.get(buyer.party_no, (nothing, nothing))[0],
            passed_on_estimated_wh=passed_on.get(buyer.party_no, (nothing, nothing))[1],
            passed_in_wh=passed_in.get(buyer.party_no, (nothing, nothing))[0],
            passed_in_estimated_wh=passed_in.get(buyer.party_no, (nothing, nothing))[1],
        )
        for buyer in parties.of_role(PartyRole.BUYER)
        if buyer_no in {None, buyer.party_no}
    )


def _by_party(dates: Sequence[date], rows: Sequence[Row]) -> Mapping[int, tuple[Slots, Slots]]:
    """Lay (party_no, delivery_date, slot_no, energy_wh, estimated_wh) out by party as two arrays of days and slots."""
    place = {delivery_date: row for row, delivery_date in enumerate(dates)}
    laid: dict[int, tuple[Slots, Slots]] = {}
    for party_no, delivery_date, slot_no, energy_wh, estimated_wh in rows:
        if party_no not in laid:
            shape = (len(dates), SLOTS_PER_DAY)
            laid[party_no] = np.zeros(shape, dtype=np.int64), np.zeros(shape, dtype=np.int64)
        energies, estimates = laid[party_no]
        energies[place[delivery_date], slot_no - 1] = energy_wh
        estimates[place[delivery_date], slot_no - 1] = estimated_wh
    return laid
