"""What offers are on a day, read from the stores of two stories."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from sanchi.app.home_lists import PassOverReason
from sanchi.app.market import PerkKind, RankingRule
from sanchi.app.views.terms import HomeList
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.edge.store.home import LAKE_FOLDER_NAME
from sanchi.edge.store.views import StoredMarketViews
from tests.scenarios.story import steps_of, write_out
from tests.start.homes import Home

STORIES = Path(__file__).parents[3] / "scenarios"
STORY = MarketId("story")
FIRST, SECOND, THIRD = (date(2020, 12, day) for day in (1, 2, 3))


@contextmanager
def lived(name: str, folder: Path) -> Iterator[StoredMarketViews]:
    """Live through a story and open its pages."""
    home = Home.made(folder / "home")
    for step in steps_of(STORIES / name):
        argument = step.argument
        if step.command == "ingest":
            delivered = folder / f"{step.step_no}_{argument}"
            write_out(STORIES / name / "when" / argument, delivered, step.step_no)
            argument = str(delivered)
        ran = home.run(step.command, *argument.split())
        assert ran.exit_code == 0, ran.out + ran.err
    with home.opened():
        yield StoredMarketViews(home.folder / LAKE_FOLDER_NAME)
    home.drop()


# A process works on one home at a time: each class has its story to itself.
@pytest.fixture(scope="class")
def ranked(tmp_path_factory, django_db_blocker) -> Iterator[StoredMarketViews]:
    with django_db_blocker.unblock(), lived("given_a_home_ranked_by_worth", tmp_path_factory.mktemp("ranked")) as views:
        yield views


@pytest.fixture(scope="class")
def capped(tmp_path_factory, django_db_blocker) -> Iterator[StoredMarketViews]:
    name = "given_a_buyer_with_a_monthly_cap"
    with django_db_blocker.unblock(), lived(name, tmp_path_factory.mktemp("capped")) as views:
        yield views


def surplus_list(views: StoredMarketViews, home_id: str) -> HomeList:
    (only,) = views.home(STORY, PartyId(home_id)).lists
    return only


def passed_over(of_home: HomeList) -> dict[str, PassOverReason]:
    return {each.buyer.party_id: each.reason for each in of_home.passed_over}


class TestHomeRankedByWorth:
    def test_has_the_list_that_the_story_tells(self, ranked: StoredMarketViews):
        first, second = surplus_list(ranked, "H1"), surplus_list(ranked, "H2")

        assert (first.ranking, first.standard_millisen_per_kwh) == (RankingRule.BY_WORTH, 850_000)
        assert [each.buyer.party_id for each in first.listed] == ["shop"]
        assert passed_over(first) == {"office": PassOverReason.DISTRICT, "cafe": PassOverReason.WORTH}
        assert [each.buyer.party_id for each in second.listed] == ["office", "shop"]
        assert passed_over(second) == {"cafe": PassOverReason.CHOICES_MAX}

    def test_sees_what_each_worth_is_made_of(self, ranked: StoredMarketViews):
        of_home = surplus_list(ranked, "H2")
        offers = {each.buyer.party_id: each.worth for each in of_home.listed}
        offers |= {each.buyer.party_id: each.worth for each in of_home.passed_over}

        parts = {
            buyer: (
                worth.money_millisen_per_kwh,
                worth.coupon_millisen_per_kwh,
                worth.bonus_millisen_per_kwh,
                worth.worth_millisen_per_kwh,
            )
            for buyer, worth in offers.items()
            if worth is not None
        }
        assert parts == {
            "office": (950_000, 0, 0, 950_000),
            "shop": (800_000, 80_000, 0, 880_000),
            "cafe": (840_000, 0, 15_000, 855_000),
        }

    def test_finds_perks_and_conditions_at_its_buyers(self, ranked: StoredMarketViews):
        shop, office = (ranked.buyer(STORY, PartyId(each)).terms for each in ("shop", "office"))

        assert shop is not None
        assert office is not None
        assert [(each.perk, each.name_ja) for each in shop.offers[0].perks] == [
            (PerkKind.COUPON, "100円で200円の券"), (PerkKind.RECOGNITION, "壁の名札"),
        ]  # fmt: skip
        assert office.offers[0].offer.districts == ("Koto", "Minato")
        assert office.offers[0].perks == ()

    def test_finds_no_cap_where_the_use_of_a_buyer_ended(self, ranked: StoredMarketViews):
        terms = ranked.buyer(STORY, PartyId("office")).terms

        assert terms is not None
        taking = [slot for slot in terms.offers[0].slots if slot.taken_wh]
        assert [(slot.slot_no, slot.taken_wh, slot.need_wh, slot.is_capped) for slot in taking] == [
            (25, 200, 200, False)
        ]


class TestBuyerWithAMonthlyCap:
    def test_is_on_the_list_that_the_home_itself_wrote(self, capped: StoredMarketViews):
        of_home = surplus_list(capped, "H1")

        assert of_home.ranking is RankingRule.OWN_LIST
        assert [(each.choice_no, each.buyer.party_id, each.worth) for each in of_home.listed] == [(1, "shop", None)]
        assert of_home.passed_over == ()

    def test_is_on_no_list_before_the_first_choice(self, capped: StoredMarketViews):
        assert capped.home(STORY, PartyId("H1"), delivery_date=date(2020, 11, 30)).lists == ()

    @pytest.mark.parametrize(("day", "day_wh"), [(FIRST, 400), (SECOND, 400), (THIRD, 0)])
    def test_counts_what_day_and_month_took(self, capped: StoredMarketViews, day: date, day_wh: int):
        terms = capped.buyer(STORY, PartyId("shop"), delivery_date=day).terms

        assert terms is not None
        (offer,) = terms.offers
        assert (terms.is_closed, offer.day_taken_wh, offer.month_taken_wh) == (True, day_wh, 800)
        assert sum(slot.taken_wh for slot in offer.slots) == day_wh
        assert len(offer.slots) == 48

    def test_shows_which_slots_the_cap_ended(self, capped: StoredMarketViews):
        terms = capped.buyer(STORY, PartyId("shop"), delivery_date=SECOND).terms

        assert terms is not None
        ended = [(slot.slot_no, slot.taken_wh, slot.capacity_wh) for slot in terms.offers[0].slots if slot.is_capped]
        assert ended == [(25, 300, 300), (26, 100, 100)]

    def test_has_no_slots_on_an_open_day(self, capped: StoredMarketViews):
        terms = capped.buyer(STORY, PartyId("shop"), delivery_date=date(2021, 1, 1)).terms

        assert terms is not None
        assert (terms.is_closed, terms.offers[0].slots, terms.offers[0].month_taken_wh) == (False, (), 0)

    def test_offers_nothing_before_its_first_offer(self, capped: StoredMarketViews):
        terms = capped.buyer(STORY, PartyId("shop"), delivery_date=date(2020, 11, 30)).terms

        assert terms is not None
        assert terms.offers == ()
