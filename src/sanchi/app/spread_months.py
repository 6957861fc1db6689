"""Spread the values of months over half hours, as a delivery that names its origin; tell which values are overdue.

Enters: stores, a market, today. Leaves: a SpreadReport. Not here: the shares (core.metering.monthly), closing the days
again that it touches (close_day).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import sha256

import numpy as np

from sanchi.app.deliveries import DeliveredFile, FileKind, RowProblem
from sanchi.app.market import MarketTerms
from sanchi.app.measured_homes import measured_homes
from sanchi.app.month_spreads import SpreadMonth
from sanchi.app.roster import metering_points
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId, MeterId
from sanchi.core.base.months import Month
from sanchi.core.base.slots import dates_between, slot_ending_at
from sanchi.core.metering.monthly.due import describe_overdue, overdue_months
from sanchi.core.metering.monthly.spreading import MeasuredHomes, MonthSpread, served_boundaries, spread_month
from sanchi.core.metering.monthly.values import MonthValue, SeriesMonth, values_in_force
from sanchi.core.metering.readings import Channel, MeterSpec, ReadingRows


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadLine:
    """A value that was spread now."""

    meter_id: MeterId
    spread: SpreadMonth


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMonth:
    """A value that waits: so many days of its month are not closed yet, and its shape is theirs."""

    meter_id: MeterId
    value: MonthValue
    unclosed_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SpreadReport:
    """What was done with the values of months.

    unspread : values in force of meters that deliver half hours; kept, and needed for nothing.
    stale_dates : closed days that have to be closed again.
    """

    spread: tuple[SpreadLine, ...]
    waiting: tuple[WaitingMonth, ...]
    unspread_count: int
    overdue: tuple[RowProblem, ...]
    stale_dates: tuple[date, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Market:
    """What is known before anything is spread; measured is filled as months are needed."""

    stores: Stores
    market_id: MarketId
    terms: MarketTerms
    specs: Mapping[tuple[int, Channel], MeterSpec]
    party_nos: Mapping[int, int]
    values: Mapping[SeriesMonth, MonthValue]
    earlier: Mapping[SeriesMonth, SpreadMonth]
    closed_dates: frozenset[date]
    measured: dict[tuple[Month, Channel], dict[date, MeasuredHomes]] = field(default_factory=dict)

    @classmethod
    def loaded(cls, stores: Stores, market_id: MarketId) -> "_Market":
        """Load it."""
        book = stores.market.book(market_id)
        points = metering_points(book.meters, {party.party_id: party.party_no for party in book.parties})
        days = stores.days.market_days(market_id, book.terms.first_delivery_date, book.terms.last_delivery_date)
        return cls(
            stores=stores,
            market_id=market_id,
            terms=book.terms,
            specs={(spec.meter_no, spec.channel): spec for point in points for spec in point.meters},
            party_nos={spec.meter_no: point.party_no for point in points for spec in point.meters},
            values=values_in_force(stores.readings.month_values(market_id)),
            earlier={each.value.series_month: each for each in stores.readings.month_spreads(market_id)},
            closed_dates=frozenset(day.delivery_date for day in days),
        )

    def unclosed_count(self, month: Month) -> int:
        """Count the market's days of a month that are not closed."""
        first_date = max(month.first_date, self.terms.first_delivery_date)
        last_date = min(month.last_date, self.terms.last_delivery_date)
        return len(set(dates_between(first_date, last_date)) - self.closed_dates)

    def measured_in(self, month: Month, channel: Channel) -> dict[date, MeasuredHomes]:
        """Give what homes measured of a channel on the closed days of a month, by the revisions in force."""
        if (month, channel) not in self.measured:
            days = [day for day in dates_between(month.first_date, month.last_date) if day in self.closed_dates]
            outcomes = ((day, self.stores.days.outcome(self.market_id, day)) for day in days)
            # Both directions are read at once: a day's file holds them.
            for each in (Channel.IMPORT, Channel.EXPORT):
                self.measured[month, each] = {}
            for day, outcome in outcomes:
                assert outcome is not None, f"{day} is closed without a revision"
                for each in (Channel.IMPORT, Channel.EXPORT):
                    self.measured[month, each][day] = measured_homes(outcome.slot_values, each)
        return self.measured[month, channel]

    def kept_wh(self, before: SpreadMonth | None, served: range) -> Sequence[int]:
        """Give the half hours of the value that is corrected; none where it was spread over others."""
        if before is None or before.boundaries != served:
            return ()
        rows = self.stores.readings.rows_between(self.market_id, served[0], served[-1], [before.value.meter_no])
        rows = rows.take((rows.delivery_no == before.delivery_no) & (rows.channel_no == before.value.channel))
        kept_wh: list[int] = rows.reading[np.argsort(rows.boundary)].tolist()
        return kept_wh


def spread_months(stores: Stores, market_id: MarketId, today: date) -> SpreadReport:
    """Spread what is new; a value that was spread stays as it is, whatever other homes' readings say since.

    Running it again changes nothing but the findings about overdue months, which are those of today.
    """
    market = _Market.loaded(stores, market_id)
    waiting: list[WaitingMonth] = []
    due: list[tuple[MonthValue, MonthSpread]] = []
    unspread_count = 0
    for series_month, value in market.values.items():
        spec = market.specs[value.meter_no, value.channel]
        before = market.earlier.get(series_month)
        served = served_boundaries(spec, value.month)
        if not spec.is_monthly:
            unspread_count += 1
        elif not served or (before is not None and _is_spread(value, before, served)):
            continue
        elif unclosed_count := market.unclosed_count(value.month):
            waiting.append(WaitingMonth(meter_id=spec.meter_id, value=value, unclosed_count=unclosed_count))
        else:
            measured = market.measured_in(value.month, value.channel)
            kept_wh = market.kept_wh(before, served)
            due.append((value, spread_month(value.energy_wh, spec, value.month, measured, kept_wh)))
    spreads = _delivered(market, due)
    stale_dates = _stale_dates(market, spreads)
    stores.days.mark_stale(market_id, stale_dates)
    overdue = _overdue(market, today)
    stores.readings.replace_month_findings(market_id, overdue)
    return SpreadReport(
        spread=tuple(
            SpreadLine(meter_id=market.specs[each.value.meter_no, each.value.channel].meter_id, spread=each)
            for each in spreads
        ),
        waiting=tuple(waiting),
        unspread_count=unspread_count,
        overdue=overdue,
        stale_dates=stale_dates,
    )


def _is_spread(value: MonthValue, before: SpreadMonth, served: range) -> bool:
    """Tell whether spreading a value would only say again what its half hours say."""
    is_same_value = (value.energy_wh, value.stage, value.source) == (
        before.value.energy_wh,
        before.value.stage,
        before.value.source,
    )
    return is_same_value and before.boundaries == served


def _delivered(market: _Market, due: Sequence[tuple[MonthValue, MonthSpread]]) -> tuple[SpreadMonth, ...]:
    """Record the half hours of the values as one delivery, and which values they are."""
    if not due:
        return ()
    draft = market.stores.readings.draft_delivery(market.market_id)
    rows = ReadingRows.joined([_rows(value, spread) for value, spread in due])
    rows = replace(rows, row_no=np.arange(1, rows.row_count + 1, dtype=np.int32))
    draft.add_readings(rows)
    digest = sha256("\n".join(_origin_text(value, spread) for value, spread in due).encode()).hexdigest()
    months = sorted({value.month for value, _ in due})
    name = f"spread-{months[0]}" if len(months) == 1 else f"spread-{months[0]}-to-{months[-1]}"
    delivered = DeliveredFile(file_name=name, file_digest=digest, file_kind=FileKind.SPREAD, row_count=rows.row_count)
    delivery = draft.save(delivered, None, ())
    spreads = tuple(
        SpreadMonth(
            delivery_no=delivery.delivery_no,
            value=value,
            first_boundary=spread.first_boundary,
            slot_count=len(spread.energy_wh),
            shape=spread.shape,
            stand_in_count=spread.stand_in_count,
        )
        for value, spread in due
    )
    market.stores.readings.add_month_spreads(market.market_id, spreads)
    return spreads


def _rows(value: MonthValue, spread: MonthSpread) -> ReadingRows:
    """Lay the half hours of a value out as readings of its source and stage, received with it."""
    count = len(spread.energy_wh)
    return ReadingRows(
        meter_no=np.full(count, value.meter_no, dtype=np.int32),
        channel_no=np.full(count, value.channel, dtype=np.int8),
        boundary=np.array(spread.boundaries, dtype=np.int32),
        reading=np.array(spread.energy_wh, dtype=np.int64),
        received_s=np.full(count, value.received_s, dtype=np.int64),
        delivery_no=np.zeros(count, dtype=np.int32),
        row_no=np.zeros(count, dtype=np.int32),
        source_no=np.full(count, value.source, dtype=np.int8),
        stage_no=np.full(count, value.stage, dtype=np.int8),
    )


def _origin_text(value: MonthValue, spread: MonthSpread) -> str:
    """Write down what the half hours of a value come from and what they are; its digest names the delivery."""
    origin = f"{value.delivery_no},{value.row_no},{value.meter_no},{value.channel.text},{value.month}"
    return f"{origin},{value.energy_wh},{spread.first_boundary},{' '.join(map(str, spread.energy_wh))}"


def _stale_dates(market: _Market, spreads: Sequence[SpreadMonth]) -> tuple[date, ...]:
    """Name the closed days that have half hours of the values."""
    touched: defaultdict[Month, set[int]] = defaultdict(set)
    for each in spreads:
        touched[each.value.month] |= set(each.boundaries)
    dates = {slot_ending_at(boundary).delivery_date for boundaries in touched.values() for boundary in boundaries}
    return tuple(sorted(dates & market.closed_dates))


def _overdue(market: _Market, today: date) -> tuple[RowProblem, ...]:
    """Tell the months whose values have not come in time."""
    terms = market.terms
    found = overdue_months(
        market.specs.values(), market.values.keys(), terms.first_delivery_date, terms.last_delivery_date, today
    )
    return tuple(
        RowProblem(party_no=market.party_nos[spec.meter_no], row_count=0, problem=describe_overdue(spec, month))
        for spec, month in found
    )
