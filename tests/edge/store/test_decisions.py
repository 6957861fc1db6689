"""Operators' decisions stay as they were made, and a revision's slot values can be noted anew."""

from dataclasses import replace

import numpy as np
import pytest
from django.db import DatabaseError

from sanchi.app.days import SlotValueTable
from sanchi.core.metering.decisions import Action
from sanchi.edge.store.sql import execute, fetch_number
from tests.edge.store.decided_slots import DECIDED, decide
from tests.edge.store.stored_market import DAY, MARKET, StoredMarket


class TestDecisions:
    def test_come_back_as_they_were_made_with_the_number_of_their_delivery(self, market: StoredMarket):
        later = replace(DECIDED, row_no=2, action=Action.WITHDRAW, energy_wh=0, boundary=366_001)
        decide(market, DECIDED, later)

        load = market.home.stores.readings.decisions_between

        assert load(MARKET, 366_000, 366_001) == (replace(DECIDED, delivery_no=1), replace(later, delivery_no=1))
        assert load(MARKET, 366_001, 366_009) == (replace(later, delivery_no=1),)
        assert load(MARKET, 0, 365_999) == ()

    @pytest.mark.parametrize("change", ["DELETE FROM slot_decision", "UPDATE slot_decision SET energy_wh = 1"])
    def test_can_be_neither_changed_nor_erased(self, market: StoredMarket, change: str):
        decide(market, DECIDED)

        with pytest.raises(DatabaseError), market.step():
            execute(change)

    def test_without_a_reason_are_refused_by_the_database_too(self, market: StoredMarket):
        with pytest.raises(DatabaseError):
            decide(market, replace(DECIDED, reason=""))


def one_value(stage_no: int) -> SlotValueTable:
    columns = {name: np.ones(1, dtype=getattr(SlotValueTable.empty(), name).dtype) for name in SlotValueTable.__slots__}
    return SlotValueTable(**columns | {"stage_no": np.array([stage_no], dtype=np.int8)})


class TestSlotValues:
    def test_are_noted_anew_where_a_close_changed_no_energy(self, market: StoredMarket):
        first = market.close()
        days = market.home.stores.days

        for _ in range(2):
            with market.step():
                days.mark_fresh(MARKET, DAY, first.row_counts, first.problems, one_value(stage_no=3))

        outcome = days.outcome(MARKET, DAY)
        assert outcome is not None
        assert outcome.slot_values.stage_no.tolist() == [3]
        # The same values again are no further file.
        assert fetch_number("SELECT count(*) FROM lake_file WHERE table_name = 'slot_values'") == 2
