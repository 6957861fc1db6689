"""Every version of every reading stays, and is found by its stamp."""

from datetime import timedelta

import numpy as np
import pytest
from django.db import IntegrityError

from sanchi.app.deliveries import FileKind
from sanchi.core.base.problems import ProblemCode
from sanchi.core.base.slots import boundary_ordinal
from sanchi.core.metering.readings import ReadingRows
from sanchi.edge.store.sql import fetch
from tests.edge.store.deliveries import NOTHING_REJECTED, deliver, deliver_nothing, delivered, rows
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket, day_problem

MIDNIGHT = boundary_ordinal(DAY, 0)


def found(market: StoredMarket, first: int, last: int, meter_nos: set[int] | None = None) -> ReadingRows:
    return market.home.stores.readings.rows_between(MARKET, first, last, meter_nos)


class TestDelivery:
    def test_is_numbered_on_and_found_by_its_bytes(self, market: StoredMarket):
        deliver(market, "first", rows([MIDNIGHT]))
        delivery = deliver(market, "second", rows([MIDNIGHT, MIDNIGHT + 1]))

        assert delivery.delivery_no == 2
        assert delivery.delivered == delivered("second", 2)
        assert (delivery.accepted_row_count, delivery.rejected_row_count) == (2, 0)
        assert market.home.stores.readings.delivery_by_digest(MARKET, "second") == delivery
        assert market.home.stores.readings.delivery_by_digest(MARKET, "third") is None

    def test_of_master_data_has_records_and_no_readings(self, market: StoredMarket):
        with market.step():
            delivery = market.home.stores.readings.add_delivery(
                MARKET, delivered("p", 6, FileKind.PARTIES), None, NOTHING_REJECTED
            )

        assert delivery.accepted_row_count == 6
        assert fetch("SELECT count(*) FROM lake_file") == [(0,)]

    def test_keeps_rejected_rows_and_their_findings(self, market: StoredMarket):
        delivery = deliver_nothing(market)

        (path,) = fetch("SELECT path FROM lake_file WHERE table_name = 'rejected'")[0]
        kept = market.home.lake.read(path).to_pylist()
        assert kept == [{"row_no": 2, "code": "UNKNOWN_METER", "row_text": "M9,import,2020-12-05T00:30:00+09:00,7,"}]
        findings = fetch("SELECT problem_no, step, delivery_no, delivery_date, code, row_count FROM problem")
        assert findings == [(1, "ingest", delivery.delivery_no, None, "UNKNOWN_METER", 1)]
        assert (delivery.accepted_row_count, delivery.rejected_row_count) == (0, 1)

    def test_that_loses_a_row_is_a_fault(self, market: StoredMarket):
        with pytest.raises(AssertionError, match="rows got lost"), market.step():
            market.home.stores.readings.add_delivery(MARKET, delivered("x", 3), rows([MIDNIGHT]), NOTHING_REJECTED)

    def test_of_the_same_bytes_is_recorded_once(self, market: StoredMarket):
        deliver(market, "same", rows([MIDNIGHT]))

        with pytest.raises(IntegrityError):
            deliver(market, "same", rows([MIDNIGHT]))


class TestReadings:
    def test_come_back_with_the_number_of_their_delivery(self, market: StoredMarket):
        deliver(market, "nothing to do with it", rows([MIDNIGHT + 90]))
        sent = rows([MIDNIGHT + 2, MIDNIGHT, MIDNIGHT + 1], meter_no=7, channel_no=2)
        deliver(market, "d", sent)

        got = found(market, MIDNIGHT, MIDNIGHT + 2)

        assert got.boundary.tolist() == [MIDNIGHT, MIDNIGHT + 1, MIDNIGHT + 2]
        assert got.row_no.tolist() == [2, 3, 1]
        assert got.reading.tolist() == sorted(sent.reading.tolist())
        assert set(got.meter_no.tolist()) == {7}
        assert set(got.channel_no.tolist()) == {2}
        assert set(got.delivery_no.tolist()) == {2}
        assert set(got.received_s.tolist()) == {1_600_000_000}

    def test_are_found_between_two_boundaries_with_both_ends(self, market: StoredMarket):
        deliver(market, "d", rows(list(range(MIDNIGHT - 5, MIDNIGHT + 60))))

        assert found(market, MIDNIGHT, MIDNIGHT + 48).boundary.tolist() == list(range(MIDNIGHT, MIDNIGHT + 49))

    def test_are_found_over_the_end_of_a_month(self, market: StoredMarket):
        new_year = boundary_ordinal(DAY.replace(year=2021, month=1, day=1), 0)
        deliver(market, "d", rows(list(range(new_year - 3, new_year + 4))))

        assert fetch("SELECT month, row_count FROM lake_file ORDER BY month") == [
            (DAY.replace(day=1), 4),
            (DAY.replace(year=2021, month=1, day=1), 3),
        ]
        assert found(market, new_year - 2, new_year + 2).row_count == 5
        assert found(market, new_year, new_year).row_count == 1
        assert found(market, new_year + 1, new_year + 1).row_count == 1

    def test_are_found_by_meter(self, market: StoredMarket):
        parts = [rows([MIDNIGHT], meter_no=meter_no) for meter_no in (1, 2, 3)]
        deliver(market, "d", ReadingRows.joined(parts))

        assert found(market, MIDNIGHT, MIDNIGHT, {1, 3}).meter_no.tolist() == [1, 3]
        assert found(market, MIDNIGHT, MIDNIGHT, set()).row_count == 0

    def test_keep_every_version(self, market: StoredMarket):
        deliver(market, "first", rows([MIDNIGHT]))
        deliver(market, "late", rows([MIDNIGHT], received_s=1_700_000_000))

        assert found(market, MIDNIGHT, MIDNIGHT).delivery_no.tolist() == [1, 2]

    def test_of_the_same_content_in_two_deliveries_count_twice(self, market: StoredMarket):
        deliver(market, "first", rows([MIDNIGHT]))
        deliver(market, "again", rows([MIDNIGHT]))

        assert found(market, MIDNIGHT, MIDNIGHT).row_count == 2
        assert len(fetch("SELECT DISTINCT path FROM lake_file")) == 1

    def test_of_nobody_are_no_rows(self, market: StoredMarket):
        assert found(market, MIDNIGHT, MIDNIGHT + 48).row_count == 0

    def test_are_stored_in_the_order_of_meters(self, market: StoredMarket):
        parts = [rows([MIDNIGHT + 1, MIDNIGHT], meter_no=meter_no) for meter_no in (9, 4)]
        deliver(market, "d", ReadingRows.joined(parts))

        (path,) = fetch("SELECT path FROM lake_file")[0]
        table = market.home.lake.read(path)
        assert table.column("meter_no").to_pylist() == [4, 4, 9, 9]
        assert np.all(np.diff(table.column("boundary").to_numpy()[:2]) > 0)


class TestGaps:
    def test_are_named_by_day_and_party_while_their_revision_is_in_force(self, market: StoredMarket):
        next_day = DAY + timedelta(days=1)
        market.close(DAY, problems=(day_problem(1), day_problem(3)))
        market.close(DAY, revision=2, problems=(day_problem(2), day_problem(2, ProblemCode.GAP_MISSING)))
        market.close(next_day, problems=(day_problem(3, ProblemCode.METER_SILENT), day_problem(None)))

        readings = market.home.stores.readings

        assert readings.parties_with_gaps(MARKET, DAY, next_day) == {DAY: {2}, next_day: {3}}
        assert readings.parties_with_gaps(MARKET, DAY, DAY) == {DAY: {2}}

    def test_are_nothing_but_gaps(self, market: StoredMarket):
        market.close(problems=(day_problem(1, ProblemCode.REGISTER_BACKWARDS),))

        assert market.home.stores.readings.parties_with_gaps(MARKET, DAY, DAY) == {}


class TestRests:
    def test_are_named_by_day_and_party_apart_from_gaps(self, market: StoredMarket):
        rest = day_problem(1, ProblemCode.STOOD_STILL_OVER_MIDNIGHT)
        market.close(problems=(rest, day_problem(2, ProblemCode.GAP_MISSING)))

        readings = market.home.stores.readings

        assert readings.midnight_rests(MARKET, DAY, DAY) == {DAY: {(1, rest.problem.detail)}}
        assert readings.parties_with_gaps(MARKET, DAY, DAY) == {DAY: {2}}
