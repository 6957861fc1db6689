"""What a home reads about a slot, and its recomputation."""

import pytest
from hypothesis import given, settings

from sanchi.core.matching.eating.explanation import ChoiceOutcome, explain_slot, recompute_parts
from sanchi.core.matching.eating.matched_day import match_day
from tests.oracles.eating_markets import DELIVERY_DATE, day_of, home_key, slot_markets
from tests.oracles.eating_oracle import ONE_SLOT

HALF, QUARTER = ONE_SLOT // 2, ONE_SLOT // 4


class TestExplainSlot:
    def test_each_choice_tells_its_outcome(self):
        explained = explain_slot(
            supply_wh=1000,
            choices=[31, 7, 12, 9],
            closing_t32={31: HALF, 7: QUARTER, 12: ONE_SLOT, 9: ONE_SLOT},
            parts_wh=[500, 0, 500, 0],
        )

        assert [choice.outcome for choice in explained.choices] == [
            ChoiceOutcome.FILLED_WHILE_THERE,
            ChoiceOutcome.FULL_BEFORE_ARRIVAL,
            ChoiceOutcome.OPEN_TO_THE_END,
            ChoiceOutcome.NOT_NEEDED,
        ]
        assert [choice.arrived_t32 for choice in explained.choices] == [0, HALF, HALF, ONE_SLOT]
        assert [choice.choice_no for choice in explained.choices] == [1, 2, 3, 4]
        assert explained.rest_wh == 0

    def test_what_no_choice_took_is_the_rest(self):
        explained = explain_slot(supply_wh=1000, choices=[0, -1], closing_t32=[QUARTER], parts_wh=[250, 0])

        assert explained.rest_wh == 750
        assert len(explained.choices) == 1

    def test_parts_above_the_supply_trip(self):
        with pytest.raises(AssertionError, match="exceed the supply by 1 Wh"):
            explain_slot(supply_wh=10, choices=[0], closing_t32=[QUARTER], parts_wh=[11])

    @settings(max_examples=100, deadline=None)
    @given(slot_markets())
    def test_only_choices_reached_in_time_have_energy(self, market):
        match = match_day(day_of(market))
        for home, choices in enumerate(match.day.choice_buyer_index):
            explained = explain_slot(
                supply_wh=market.supplies[home],
                choices=choices,
                closing_t32=match.closing_t32[24],
                parts_wh=match.parts_wh[24, home],
            )
            reached = (ChoiceOutcome.OPEN_TO_THE_END, ChoiceOutcome.FILLED_WHILE_THERE)

            assert explained.rest_wh == match.rest_wh[24, home]
            assert all(choice.part_wh == 0 for choice in explained.choices if choice.outcome not in reached)


class TestRecomputeParts:
    @settings(max_examples=150, deadline=None)
    @given(slot_markets())
    def test_table_alone_gives_the_matched_parts(self, market):
        match = match_day(day_of(market))
        for home, choices in enumerate(match.day.choice_buyer_index):
            recomputed = recompute_parts(
                supply_wh=market.supplies[home],
                choices=choices,
                closing_t32=match.closing_t32[24],
                rounding_phi60=match.rounding_phi60[24],
                home_key=home_key(home),
                delivery_date=DELIVERY_DATE,
                slot_no=25,
            )

            assert list(recomputed) == match.parts_wh[24, home].tolist()
            assert all(type(part_wh) is int for part_wh in recomputed)

    def test_table_may_be_kept_by_buyer_number(self):
        recomputed = recompute_parts(
            supply_wh=1000,
            choices=[912, 40],
            closing_t32={40: ONE_SLOT, 912: HALF},
            rounding_phi60={40: 0, 912: 0},
            home_key=5,
            delivery_date=DELIVERY_DATE,
            slot_no=25,
        )

        assert recomputed == (500, 500)
