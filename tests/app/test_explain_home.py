"""Why a home got what it got, on real books: matched, withheld, corrected after finalising."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from datetime import date

import numpy as np
import pytest

from sanchi.app.closed_home_day import load_closed_home_day
from sanchi.app.explain_home import HomeQuestion, explain_home
from sanchi.app.home_explanation import HomeExplanation, OrdersVerdict, RestPlace
from sanchi.app.recompute_home import (
    HomeRecomputation,
    PublishedSlot,
    RecomputeVerdict,
    follows_correction_rule,
    recompute_home,
    recompute_slot,
)
from sanchi.app.roster import call_roster
from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord, WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.matching.eating.explanation import ChoiceOutcome
from sanchi.core.matching.eating.matched_day import match_day
from sanchi.core.matching.offers import DayMatchInput
from tests.edge.store.audit.closed_market import ClosedMarket, closed_market
from tests.edge.store.audit.forging import CORRECTED, NOON, OPEN, PAYING
from tests.markets.small_market import MARKET_ID

SURPLUS, SELF_CONSUMPTION = CertificateKind
HOMES = [f"H{number}" for number in range(1, 7)]
DAYS = [CORRECTED, date(2020, 11, 30), OPEN, PAYING]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory, django_db_blocker) -> Iterator[ClosedMarket]:
    yield from closed_market(tmp_path_factory, django_db_blocker)


def told(market: ClosedMarket, home: str = "H1", day: date = OPEN, slot_no: int | None = None) -> HomeExplanation:
    question = HomeQuestion(home_id=home, delivery_date=day, slot_no=slot_no)
    return explain_home(market.installation.stores, MARKET_ID, question)


def recomputed(market: ClosedMarket, home: str = "H1", day: date = OPEN) -> HomeRecomputation:
    return recompute_home(market.installation.stores, MARKET_ID, HomeQuestion(home_id=home, delivery_date=day))


class TestDay:
    @pytest.mark.parametrize("day", DAYS)
    @pytest.mark.parametrize("home", HOMES)
    def test_adds_up_to_the_books(self, market: ClosedMarket, home: str, day: date):
        outcome = market.installation.stores.days.outcome(MARKET_ID, day)
        assert outcome is not None
        own = outcome.allocated.of_home(int(home[1:]))

        for kind in told(market, home, day).kinds:
            rows = own.of_kind(kind.kind)
            parts_wh = sum(choice.part_wh for choice in kind.choices)
            assert kind.offered_wh - kind.withheld_wh == parts_wh + kind.rest_wh == int(rows.energy_wh.sum())
            assert kind.amount_e5yen == int((rows.energy_wh * rows.home_price_sen_per_kwh).sum())
            assert kind.amount_e5yen == sum(slot.amount_e5yen for slot in kind.slots)
            for slot in kind.slots:
                assert slot.supply_wh == sum(slot.parts_wh) + slot.rest_wh

    def test_names_buyers_with_their_prices_and_where_the_rest_went(self, market: ClosedMarket):
        surplus, own_use = told(market).kinds

        assert [(each.buyer.party_id, each.home_price_sen_per_kwh) for each in surplus.choices] == [
            ("shop", 1_000), ("tower", 950),
        ]  # fmt: skip
        assert (surplus.rest_place, surplus.rest_holder.party_id) == (RestPlace.STANDARD_OFFER, "R01")
        assert surplus.rest_price_sen_per_kwh == 850
        assert (own_use.rest_place, own_use.rest_holder.party_id) == (RestPlace.STAYS_WITH_OWNER, "H1")
        assert own_use.rest_amount_e5yen == 0 < own_use.rest_wh

    def test_tells_what_was_withheld_for_debts(self, market: ClosedMarket):
        outcome = market.installation.stores.days.outcome(MARKET_ID, PAYING)
        assert outcome is not None
        energy = outcome.slot_energy

        surplus, own_use = told(market, day=PAYING).kinds

        withheld_wh = int(energy.surplus_withheld_wh[0].sum()), int(energy.self_withheld_wh[0].sum())
        assert (surplus.withheld_wh, own_use.withheld_wh) == withheld_wh
        assert sum(withheld_wh) > 0

    @pytest.mark.parametrize("home", HOMES)
    def test_tells_nothing_of_another_home(self, market: ClosedMarket, home: str):
        for day in DAYS:
            text = repr(asdict(told(market, home, day))) + repr(asdict(recomputed(market, home, day)))

            assert [other for other in HOMES if other != home and f"'{other}'" in text] == []

    def test_without_choices_has_a_rest_alone(self, market: ClosedMarket):
        _, own_use = told(market, "H4").kinds

        assert own_use.choices == ()
        assert own_use.rest_wh == own_use.supply_wh > 0
        assert own_use.verdict is OrdersVerdict.NO_OTHER_ORDER


class TestSlot:
    def test_is_the_same_as_in_its_day(self, market: ClosedMarket):
        whole, alone = told(market), told(market, slot_no=NOON)

        for day_kind, slot_kind in zip(whole.kinds, alone.kinds, strict=True):
            assert slot_kind.slots == tuple(slot for slot in day_kind.slots if slot.slot_no == NOON)

    def test_tells_when_its_choices_were_full(self, market: ClosedMarket):
        surplus = told(market, slot_no=NOON).kinds[0]

        assert [choice.met[0].outcome for choice in surplus.choices] == [ChoiceOutcome.FILLED_WHILE_THERE] * 2
        assert surplus.rest_wh > 0

    @pytest.mark.parametrize("slot_no", [0, 49, -1])
    def test_that_no_day_has_is_refused(self, market: ClosedMarket, slot_no: int):
        with pytest.raises(WrongInput, match=f"no slot {slot_no}: a day has the slots 1 to 48"):
            told(market, slot_no=slot_no)


class TestOrders:
    @pytest.mark.parametrize("day", DAYS)
    @pytest.mark.parametrize("home", ["H1", "H3", "H5"])
    def test_equal_a_market_matched_from_scratch_with_that_list(self, market: ClosedMarket, home: str, day: date):
        stores = market.installation.stores
        explained = told(market, home, day).kinds[0]
        matched = stores.days.outcome(MARKET_ID, day, 1 if day == CORRECTED else None)
        assert matched is not None
        roster = call_roster(stores.market.book(MARKET_ID), day)
        lists = roster.choices[SURPLUS].copy()
        home_index = HOMES.index(home)
        lists[home_index, :2] = lists[home_index, [1, 0]]
        table = matched.closing
        capacity_wh = table.capacity_wh[table.kind_no == SURPLUS].reshape(48, -1)
        energy = matched.slot_energy
        scratch = match_day(
            DayMatchInput(
                home_key=roster.home_key,
                choice_buyer_index=lists,
                supply_wh=np.ascontiguousarray((energy.surplus_offered_wh - energy.surplus_withheld_wh).T),
                capacity_wh=capacity_wh,
                delivery_date=day,
            )
        )

        own, other = explained.orders

        assert (own.choice_nos, other.choice_nos) == ((1, 2), (2, 1))
        assert other.parts_wh == tuple(scratch.parts_wh[:, home_index].sum(axis=0).tolist()[::-1])
        assert other.rest_wh == int(scratch.rest_wh[:, home_index].sum())
        prices = (1_000, 950, 850)
        for order in explained.orders:
            in_all = (*order.parts_wh, order.rest_wh)
            assert order.amount_e5yen == sum(wh * price for wh, price in zip(in_all, prices, strict=True))
            assert order.gain_e5yen == order.amount_e5yen - own.amount_e5yen

    @pytest.mark.parametrize("home", ["H1", "H3", "H5"])
    def test_own_order_is_what_was_booked(self, market: ClosedMarket, home: str):
        surplus = told(market, home).kinds[0]

        assert surplus.orders[0].parts_wh == tuple(choice.part_wh for choice in surplus.choices)
        assert surplus.orders[0].amount_e5yen == surplus.amount_e5yen
        assert surplus.orders[0].gain_e5yen == 0

    def test_verdict_looks_at_money(self, market: ClosedMarket):
        surplus = told(market).kinds[0]
        gains = [order.gain_e5yen for order in surplus.orders[1:]]

        expected = OrdersVerdict.ANOTHER_BETTER if max(gains) > 0 else OrdersVerdict.OWN_ORDER_BEST
        assert surplus.verdict is expected
        assert max(gains) != 0

    def test_are_not_told_where_the_stored_day_cannot_be_repeated(self, market: ClosedMarket):
        with market.falsified() as forger:
            forger.sql("DELETE FROM choice WHERE home_no = 5 AND kind_no = 1 AND choice_no = 1")
            surplus = told(market).kinds[0]

        assert surplus.orders == ()
        assert surplus.verdict is OrdersVerdict.NOT_REPEATABLE


class TestCorrectedDay:
    def test_says_so_and_tells_matched_and_booked_apart(self, market: ClosedMarket):
        explained = told(market, day=CORRECTED)
        matched = market.installation.stores.days.outcome(MARKET_ID, CORRECTED, 1)
        assert matched is not None

        assert explained.is_home_only
        corrected = [slot for kind in explained.kinds for slot in kind.slots if slot.is_corrected]
        assert corrected
        for kind in explained.kinds:
            rows = matched.allocated.of_home(1).of_kind(kind.kind)
            assert sum(slot.matched.supply_wh for slot in kind.slots) == int(rows.energy_wh.sum())

    def test_of_a_home_that_was_not_corrected_has_no_corrected_slot(self, market: ClosedMarket):
        explained = told(market, "H2", CORRECTED)

        assert explained.is_home_only
        assert not any(slot.is_corrected for kind in explained.kinds for slot in kind.slots)


class TestRefusal:
    @pytest.mark.parametrize("home", ["H9", "shop", "R01", ""])
    def test_home_that_is_not_there_is_named(self, market: ClosedMarket, home: str):
        with pytest.raises(UnknownRecord, match=f"no home '{home}'"):
            told(market, home)

    @pytest.mark.parametrize("day", [date(2020, 12, 3), date(2019, 1, 1)])
    def test_day_that_is_not_closed_is_named(self, market: ClosedMarket, day: date):
        with pytest.raises(Refused, match=f"{day} of market small is not closed") as refusal:
            told(market, day=day)

        assert refusal.value.rule is RefusalRule.DAY_NOT_CLOSED

    def test_home_without_a_roof_is_named(self, market: ClosedMarket):
        with market.falsified() as forger:
            forger.sql("DELETE FROM plant WHERE home_no = 6")
            with pytest.raises(UnknownRecord, match="roof of H6 is not described"):
                told(market, "H6")

    def test_list_that_was_changed_after_the_close_is_refused(self, market: ClosedMarket):
        with market.falsified() as forger:
            forger.sql("DELETE FROM choice WHERE home_no = 1 AND kind_no = 1 AND choice_no = 1")
            with pytest.raises(Refused, match="surplus list of H1 on file is not the one") as refusal:
                told(market)

        assert refusal.value.rule is RefusalRule.CHOICES_CHANGED


class TestRecompute:
    @pytest.mark.parametrize("day", DAYS)
    @pytest.mark.parametrize("home", HOMES)
    def test_table_gives_the_booked_watt_hours(self, market: ClosedMarket, home: str, day: date):
        outcome = recomputed(market, home, day)

        assert outcome.slots
        assert outcome.first_difference is None
        if (home, day) != ("H1", CORRECTED):
            assert {slot.verdict for slot in outcome.slots} == {RecomputeVerdict.AGREES}

    def test_corrected_home_is_recomputed_as_matched_and_its_correction_held_against_the_rule(
        self, market: ClosedMarket
    ):
        corrected = [
            slot for slot in recomputed(market, day=CORRECTED).slots if slot.verdict is RecomputeVerdict.CORRECTED
        ]

        assert corrected
        assert all(slot.supply_wh != slot.booked_supply_wh for slot in corrected)

    def test_false_books_are_found(self, market: ClosedMarket):
        def falsified(rows):
            changed = rows.to_pylist()
            row, other = (
                next(
                    each
                    for each in changed
                    if (each["home_no"], each["slot_no"], each["kind_no"], each["choice_no"]) == (1, NOON, 1, choice_no)
                )
                for choice_no in (1, 2)
            )
            row["energy_wh"] += 1
            other["energy_wh"] -= 1
            return type(rows).from_pylist(changed, schema=rows.schema)

        with market.falsified() as forger:
            forger.rewrite("allocations", OPEN, falsified, revision=1)
            slot = recomputed(market).first_difference

        assert slot is not None
        assert (slot.slot_no, slot.kind) == (NOON, SURPLUS)
        assert [each.booked_wh - each.recomputed_wh for each in slot.choices if each.booked_wh is not None] == [1, -1]

    def test_buyer_outside_the_list_is_a_difference(self):
        slot = PublishedSlot(
            slot_no=25,
            supply_wh=10,
            choices=("shop",),
            closing_t32={"shop": 2**32},
            rounding_phi60={"shop": 0},
            booked_wh={"shop": 10, "tower": 1},
        )

        assert recompute_slot(slot, 7, OPEN).verdict is RecomputeVerdict.DIFFERS
        assert recompute_slot(replace(slot, booked_wh={"shop": 10}), 7, OPEN).verdict is RecomputeVerdict.AGREES
        assert recompute_slot(replace(slot, booked_wh=None), 7, OPEN).verdict is RecomputeVerdict.NOT_COMPARED


class TestCorrectionRule:
    @pytest.mark.parametrize(
        ("supply_wh", "parts_wh", "is_by_rule"),
        [
            (100, (50, 30), True),  # nothing changed
            (100, (50, 31), False),
            (90, (50, 30), True),  # less: the rest of 20 goes first
            (90, (50, 20), False),
            (70, (50, 20), True),  # then the last choice
            (70, (40, 30), False),
            (40, (40, 0), True),  # then the first
            (110, (60, 30), True),  # more: to a choice
            (110, (50, 30), True),  # or to the rest
            (110, (50, 29), False),
            (110, (70, 35), False),
        ],
    )
    def test_takes_from_the_rest_then_from_the_last_choice_and_adds_alone(
        self, market: ClosedMarket, supply_wh: int, parts_wh: tuple[int, int], is_by_rule: bool
    ):
        closed = load_closed_home_day(market.installation.stores, MARKET_ID, "H1", OPEN)
        some = closed.of_kind(closed.in_force, SURPLUS)

        def made(supply_wh: int, parts_wh: tuple[int, int]):
            supply = np.full(48, supply_wh, dtype=np.int64)
            parts = np.tile(np.array(parts_wh, dtype=np.int64), (48, 1))
            return replace(
                some,
                offered_wh=supply,
                withheld_wh=np.zeros_like(supply),
                parts_wh=parts,
                rest_wh=supply - parts.sum(axis=1),
            )

        assert follows_correction_rule(made(100, (50, 30)), made(supply_wh, parts_wh), 24) is is_by_rule
