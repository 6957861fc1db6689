"""The facts about a pair are read from words; what nobody knows is left open, what is misspelt is refused."""

from datetime import date

import pytest

from sanchi.app.eligibility_facts import PAIR_FACTS, pair_of_fields
from sanchi.core.base.errors import WrongInput
from sanchi.core.eligibility import PairFacts, Voltage


class TestPairOfFields:
    def test_reads_every_kind_of_fact(self):
        pair = pair_of_fields(
            "pair",
            {
                "is_value_alone": "no",
                "has_self_wheeling": "Yes",
                "home_retailer": " R01 ",
                "buyer_retailers": "R01+R02+R01",
                "voltage": "extra_high",
                "aggregator_notified_on": "2026-04-01",
                "aggregated_capacity_w": "1000000",
            },
        )

        assert pair == PairFacts(
            is_value_alone=False,
            has_self_wheeling=True,
            home_retailer="R01",
            buyer_retailers=("R01", "R02"),
            voltage=Voltage.EXTRA_HIGH,
            aggregator_notified_on=date(2026, 4, 1),
            aggregated_capacity_w=1_000_000,
        )

    @pytest.mark.parametrize("fact", PAIR_FACTS)
    @pytest.mark.parametrize("text", ["", "unknown", " UNKNOWN "])
    def test_leaves_open_what_nobody_knows(self, fact: str, text: str):
        assert pair_of_fields("pair", {fact: text}) == PairFacts()

    @pytest.mark.parametrize(
        ("fact", "text", "reason"),
        [
            ("is_value", "yes", "there is no fact 'is_value'"),
            ("is_value_alone", "perhaps", "is_value_alone is 'perhaps', expected yes, no or unknown"),
            ("is_value_alone", "1", "expected yes, no or unknown"),
            ("buyer_retailers", "R01+", "expected names joined by"),
            ("voltage", "middle", "expected one of low, high, extra_high"),
            ("aggregator_notified_on", "1 April", "expected a day"),
            ("aggregated_capacity_w", "-5", "expected a whole number of 0 or more"),
            ("aggregated_capacity_w", "１０", "expected a whole number of 0 or more"),
        ],
    )
    def test_names_the_fact_that_cannot_be_read(self, fact: str, text: str, reason: str):
        with pytest.raises(WrongInput, match=reason) as caught:
            pair_of_fields("pair", {fact: text})
        assert caught.value.hint
