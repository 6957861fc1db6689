"""Parts, events and counts of decoded files stay as they came; findings about half hours make room for later ones."""

from datetime import timedelta

import pytest
from django.db import IntegrityError

from sanchi.app.deliveries import FileKind
from sanchi.core.base.slots import boundary_ordinal
from sanchi.edge.store.sql import execute, fetch
from tests.edge.store.decoded_deliveries import MIDNIGHT_S, SEEN, deliver_decoded, incomplete, parts
from tests.edge.store.deliveries import delivered, rows
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket

MIDNIGHT = boundary_ordinal(DAY, 0)
DAY_S = 24 * 60 * 60


class TestParts:
    def test_come_back_with_the_number_of_their_delivery(self, market: StoredMarket):
        deliver_decoded(market, "first", parts([MIDNIGHT_S + 120, MIDNIGHT_S + 60]))
        deliver_decoded(market, "second", parts([MIDNIGHT_S + 180]))

        found = market.home.stores.readings.parts_between(MARKET, MIDNIGHT + 1, MIDNIGHT + 48, {1})

        assert [each - MIDNIGHT_S for each in found.stamp_s.tolist()] == [60, 120, 180]
        assert found.delivery_no.tolist() == [1, 1, 2]
        assert found.row_no.tolist() == [2, 1, 1]
        assert set(found.energy_ws.tolist()) == {36_000}

    def test_are_found_by_their_slots_with_both_ends(self, market: StoredMarket):
        deliver_decoded(market, "d", parts([MIDNIGHT_S + 60 * n for n in (0, 1, 30, 31, 60, 61)]))

        found = market.home.stores.readings.parts_between(MARKET, MIDNIGHT + 1, MIDNIGHT + 2, {1})

        assert [(each - MIDNIGHT_S) // 60 for each in found.stamp_s.tolist()] == [1, 30, 31, 60]

    def test_are_found_by_meter(self, market: StoredMarket):
        deliver_decoded(market, "one", parts([MIDNIGHT_S + 60], meter_no=1))
        deliver_decoded(market, "two", parts([MIDNIGHT_S + 60], meter_no=2))

        store = market.home.stores.readings
        assert store.parts_between(MARKET, MIDNIGHT, MIDNIGHT + 48, {2}).delivery_no.tolist() == [2]
        assert store.parts_between(MARKET, MIDNIGHT, MIDNIGHT + 48, {7}).row_count == 0

    def test_lie_in_one_file_a_day_of_their_slots(self, market: StoredMarket):
        deliver_decoded(market, "d", parts([MIDNIGHT_S, MIDNIGHT_S + 60, MIDNIGHT_S + DAY_S]))

        files = fetch("SELECT month, row_count FROM lake_file WHERE table_name = 'parts' ORDER BY month")
        assert files == [(DAY - timedelta(days=1), 1), (DAY, 2)]

    def test_of_a_draft_are_seen_by_the_draft_alone(self, market: StoredMarket):
        store = market.home.stores.readings
        with market.step():
            draft = store.draft_delivery(MARKET)
            draft.add_parts(parts([MIDNIGHT_S + 60]))

            assert draft.parts_between(MIDNIGHT + 1, MIDNIGHT + 1).delivery_no.tolist() == [1]
            assert store.parts_between(MARKET, MIDNIGHT, MIDNIGHT + 48, {1}).row_count == 0

    def test_of_equal_files_are_equal_bytes(self, market: StoredMarket):
        for digest in ("first", "again"):
            deliver_decoded(market, digest, parts([MIDNIGHT_S + 60, MIDNIGHT_S + 120]))

        assert len(fetch("SELECT DISTINCT path FROM lake_file WHERE table_name = 'parts'")) == 1


class TestCounts:
    def test_come_back_and_are_none_for_other_files(self, market: StoredMarket):
        decoded = deliver_decoded(market, "d", parts([MIDNIGHT_S + 60]))
        store = market.home.stores.readings

        counts = store.decoded_counts(MARKET, decoded.delivery_no)

        assert counts is not None
        assert (counts.record_count, counts.part_row_count, counts.event_count) == (1, 1, 1)
        assert decoded.accepted_row_count == 1
        with market.step():
            plain = store.draft_delivery(MARKET)
            plain.add_readings(rows([MIDNIGHT]))
            delivery = plain.save(delivered("plain", 1), None, ())
        assert store.decoded_counts(MARKET, delivery.delivery_no) is None

    @pytest.mark.parametrize("column", ["record_count", "row_count"])
    def test_that_do_not_add_up_are_refused_by_the_database(self, market: StoredMarket, column: str):
        deliver_decoded(market, "d", parts([MIDNIGHT_S + 60]))
        (columns,) = fetch("SELECT * FROM decoded_delivery")
        wrong = ", ".join(f"{name} + {int(name == column)}" for name in _names())

        with market.step():
            execute("INSERT INTO delivery VALUES " + _other_delivery())
        with pytest.raises(IntegrityError, match="add_up"), market.step():
            execute(f"INSERT INTO decoded_delivery SELECT market, 9, {wrong} FROM decoded_delivery")
        assert fetch("SELECT * FROM decoded_delivery") == [columns]

    def test_of_a_draft_that_loses_a_row_are_a_fault(self, market: StoredMarket):
        with market.step():
            draft = market.home.stores.readings.draft_delivery(MARKET)
            draft.add_parts(parts([MIDNIGHT_S + 60]))
            with pytest.raises(AssertionError, match="rows got lost"):
                draft.save(delivered("d", 2, FileKind.CT_CLOUD), None, ())


def _names() -> list[str]:
    from sanchi.edge.store.delivery_draft import DECODED_COUNTS

    return list(DECODED_COUNTS)


def _other_delivery() -> str:
    return f"('{MARKET}', 9, 'name', 'other digest', 'ctcloud', 1, 1, 0)"


class TestEvents:
    def test_come_back_in_the_order_of_time_each_once(self, market: StoredMarket):
        later = (SEEN[0] + DAY_S * 40, SEEN[1], "br-021", 3)
        deliver_decoded(market, "first", parts([]), (later, SEEN))
        deliver_decoded(market, "again", parts([]), (SEEN,))

        found = market.home.stores.readings.events_between(MARKET, SEEN[0], later[0] + 1)

        assert found.at_s.tolist() == [SEEN[0], later[0]]
        assert [found.subject_texts[code] for code in found.subject_code.tolist()] == ["ct-021", "br-021"]
        assert found.figure.tolist() == [0, 3]

    def test_are_found_from_an_instant_to_before_another(self, market: StoredMarket):
        deliver_decoded(market, "d", parts([]))
        store = market.home.stores.readings

        assert store.events_between(MARKET, SEEN[0], SEEN[0] + 1).at_s.size == 1
        assert store.events_between(MARKET, SEEN[0] - 9, SEEN[0]).at_s.size == 0


class TestFindingsAboutSlots:
    def test_make_room_for_later_ones_of_the_same_place(self, market: StoredMarket):
        store = market.home.stores.readings
        with market.step():
            store.replace_slot_findings(MARKET, ("M1 pv, day 1", "M2 pv, day 1"), [incomplete("M1 pv, day 1", 3)])
            store.replace_slot_findings(MARKET, ("M2 pv, day 1",), [incomplete("M2 pv, day 1", 2)])
            store.replace_slot_findings(MARKET, ("M1 pv, day 1",), [])

        assert fetch("SELECT step, where_text, row_count, delivery_no FROM problem") == [
            ("add-up", "M2 pv, day 1", 2, None)
        ]
