"""The list of homes, and a home's own page."""

from datetime import date

import pytest

from sanchi.app.market import HomeGroup
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import PartyId
from sanchi.core.base.months import Month
from sanchi.core.matching.eating.closing import NEVER_CLOSED_T32
from sanchi.edge.store.views import StoredMarketViews, pages
from tests.edge.store.audit.closed_market import MARKET, ClosedMarket
from tests.edge.store.audit.forging import CORRECTED, OPEN, PAYING
from tests.edge.store.views.outcomes import SELF_CONSUMPTION, SURPLUS, outcomes, parts
from tests.markets.small_market import MARKET_ID

HOME = PartyId("H1")


class TestHomes:
    def test_are_summed_up(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.homes(MARKET_ID)

        assert [row.home.party_id for row in page.rows] == ["H1", "H2", "H3", "H4", "H5", "H6"]
        assert (page.page_no, page.page_count) == (1, 1)
        for index, row in enumerate(page.rows):
            energies = [day.slot_energy for day in outcomes(market)]
            assert row.pv_wh == sum(int(energy.pv_wh[index].sum()) for energy in energies)
            assert row.self_wh == sum(int(energy.self_wh[index].sum()) for energy in energies)
            assert row.export_pv_wh == sum(int(energy.export_pv_wh[index].sum()) for energy in energies)
            assert row.sold_wh == sum(
                part.energy_wh for part in parts(market) if part.home_no == row.home.party_no and part.choice_no
            )
            assert row.slots.slot_count == 4 * 48
            assert (row.plant.home_id, row.plant.group) == (row.home.party_id, HomeGroup.SURPLUS)

    @pytest.mark.parametrize(("asked", "shown", "ids"), [(1, 1, "1234"), (2, 2, "56"), (9, 2, "56"), (0, 1, "1234")])
    def test_stand_on_pages(
        self, views: StoredMarketViews, monkeypatch: pytest.MonkeyPatch, asked: int, shown: int, ids: str
    ):
        monkeypatch.setattr(pages, "ROWS_PER_PAGE", 4)

        page = views.homes(MARKET_ID, page_no=asked)

        assert (page.page_no, page.page_count) == (shown, 2)
        assert [row.home.party_id for row in page.rows] == [f"H{number}" for number in ids]

    def test_without_a_roof_are_left_out(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("DELETE FROM plant WHERE home_no = 6")
            rows = views.homes(MARKET_ID).rows
            with pytest.raises(UnknownRecord, match="not described yet"):
                views.home(MARKET_ID, PartyId("H6"))

        assert [row.home.party_id for row in rows][-1] == "H5"


class TestHome:
    def test_names_who_is_paid(self, views: StoredMarketViews):
        page = views.home(MARKET_ID, HOME)

        assert (page.home.party_id, page.payee.party_id, page.purchaser.party_id) == ("H1", "H1", "R01")
        assert [each.home_count for each in page.provenances] == [1, 1]

    def test_lists_choices_with_their_prices(self, views: StoredMarketViews):
        choices = views.home(MARKET_ID, HOME).choices

        assert [
            (choice.kind, choice.choice_no, choice.buyer.party_id, choice.home_price_sen_per_kwh) for choice in choices
        ] == [(SURPLUS, 1, "shop", 1_000), (SURPLUS, 2, "tower", 950), (SELF_CONSUMPTION, 1, "builder", 100)]

    def test_lists_the_choices_in_force_on_the_last_day(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            for valid_from in ("2020-12-02", "2020-12-03"):
                forger.sql(
                    "INSERT INTO choice (market, home_no, kind_no, choice_no, buyer_no, valid_from) "
                    "SELECT market, home_no, kind_no, 1, CASE WHEN %s = '2020-12-02' THEN 8 ELSE 9 END, %s "
                    "FROM choice WHERE home_no = 1 AND kind_no = 1 AND choice_no = 1 AND valid_from = '2020-11-29'",
                    valid_from, valid_from,
                )  # fmt: skip
            choices = views.home(MARKET_ID, HOME, delivery_date=CORRECTED).choices

        assert [choice.buyer.party_id for choice in choices if choice.kind == SURPLUS] == ["tower"]

    def test_shares_its_energy_with_buyers(self, market: ClosedMarket, views: StoredMarketViews):
        page = views.home(MARKET_ID, HOME)
        own = [part for part in parts(market) if part.home_no == 1]

        assert [share.energy_wh for share in page.shares] == sorted(
            (share.energy_wh for share in page.shares), reverse=True
        )
        for share in page.shares:
            given = [
                part
                for part in own
                if part.choice_no and (part.kind_no, part.holder_no) == (share.kind, share.buyer.party_no)
            ]
            assert share.energy_wh == sum(part.energy_wh for part in given)
            assert share.accrued_e5yen == sum(part.energy_wh * part.home_price_sen_per_kwh for part in given)
        rest_wh = [
            sum(part.energy_wh for part in own if part.kind_no == kind and not part.choice_no)
            for kind in (SURPLUS, SELF_CONSUMPTION)
        ]
        assert [page.standard_offer_wh, page.self_kept_wh] == rest_wh
        assert sum(share.energy_wh for share in page.shares) + sum(rest_wh) == sum(part.energy_wh for part in own)

    def test_earns_day_by_day_what_was_accrued_for_its_payee(self, market: ClosedMarket, views: StoredMarketViews):
        ledger = market.installation.stores.ledger
        page = views.home(MARKET_ID, HOME)

        assert [day.delivery_date for day in page.days] == list(MARKET.dates)
        for day in page.days:
            accruals = ledger.accruals_of_day(MARKET_ID, day.delivery_date)
            own = [each for each in accruals if each.key.home_no == 1 and each.key.payee_no == 1]
            assert day.accrued_e5yen == sum(each.amount_e5yen for each in own)
        assert page.slots.slot_count == sum(day.slots.slot_count for day in page.days)

    def test_of_the_purchaser_itself_earns_nothing_though_buyers_pay_the_purchaser(
        self, market: ClosedMarket, views: StoredMarketViews
    ):
        with market.falsified() as forger:
            forger.sql("UPDATE plant SET payee_no = purchaser_no WHERE home_no = 1")
            page = views.home(MARKET_ID, HOME)

        assert page.payee == page.purchaser
        assert {day.accrued_e5yen for day in page.days} == {month.accrued_e5yen for month in page.months} == {0}

    def test_earns_month_by_month_with_its_statement(self, market: ClosedMarket, views: StoredMarketViews):
        november, december = views.home(MARKET_ID, HOME).months

        assert [november.month, december.month] == [Month(year=2020, month_no=11), Month(year=2020, month_no=12)]
        assert november.statement is not None
        assert november.statement.accrued_e5yen == november.accrued_e5yen
        assert (november.statement.payer.party_id, november.statement.payee.party_id) == ("R01", "H1")
        assert december.statement is None
        paid_wh = [
            part.energy_wh
            for part in parts(market)
            if part.home_no == 1 and part.day_index >= 2 and (part.kind_no == SURPLUS or part.choice_no)
        ]
        assert december.paid_wh == sum(paid_wh)

    def test_has_a_mean_day(self, market: ClosedMarket, views: StoredMarketViews):
        energies = [day.slot_energy for day in outcomes(market)]
        mean = views.home(MARKET_ID, HOME).mean_day

        assert mean.pv_wh == tuple((sum(energy.pv_wh[0] for energy in energies) // 4).tolist())
        assert mean.import_wh == tuple((sum(energy.import_wh[0] for energy in energies) // 4).tolist())
        used = sum((energy.import_wh[0] + energy.pv_wh[0] - energy.export_wh[0]).clip(min=0) for energy in energies)
        assert mean.use_wh == tuple((used // 4).tolist())

    def test_owes_what_no_day_in_force_has_withheld(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            paid_wh = views.home(MARKET_ID, HOME).open_debt_wh
            forger.sql("DELETE FROM debt_settlement")
            owed_wh, nothing_wh = (views.home(MARKET_ID, PartyId(home)).open_debt_wh for home in ("H1", "H2"))

        assert paid_wh == nothing_wh == 0
        assert owed_wh > 0

    @pytest.mark.parametrize("unknown", ["H9", "shop", "R01"])
    def test_that_is_not_there_is_refused(self, views: StoredMarketViews, unknown: str):
        with pytest.raises(UnknownRecord, match=f"no home {unknown}"):
            views.home(MARKET_ID, PartyId(unknown))


class TestDetail:
    def test_is_of_the_latest_day_by_default(self, views: StoredMarketViews):
        detail = views.home(MARKET_ID, HOME).detail

        assert detail is not None
        assert (detail.delivery_date, detail.revision, detail.is_finalised) == (PAYING, 1, False)
        assert detail.withheld_wh > 0

    def test_is_none_for_a_day_that_is_not_closed(self, views: StoredMarketViews):
        assert views.home(MARKET_ID, HOME, delivery_date=date(2020, 12, 3)).detail is None

    def test_shows_the_half_hours(self, market: ClosedMarket, views: StoredMarketViews):
        detail = views.home(MARKET_ID, HOME, delivery_date=CORRECTED).detail
        energy = outcomes(market)[0].slot_energy

        assert detail is not None
        assert (detail.revision, detail.is_finalised) == (2, True)
        assert detail.pv_wh == tuple(energy.pv_wh[0].tolist())
        assert detail.export_wh == tuple(energy.export_wh[0].tolist())

    def test_explains_each_slot_by_the_published_table(self, market: ClosedMarket, views: StoredMarketViews):
        detail = views.home(MARKET_ID, HOME, delivery_date=OPEN).detail
        own = [part for part in parts(market) if (part.home_no, part.day_index) == (1, 2)]

        assert detail is not None
        assert [(one.kind, one.slot_no) for one in detail.sharing] == sorted(
            {(part.kind_no, part.slot_no) for part in own}
        )
        for one in detail.sharing:
            given = {part.choice_no: part for part in own if (part.kind_no, part.slot_no) == (one.kind, one.slot_no)}
            assert one.explanation.supply_wh == sum(part.energy_wh for part in given.values())
            assert one.explanation.rest_wh == (given[0].energy_wh if 0 in given else 0)
            for choice in one.explanation.choices:
                part_wh = given[choice.choice_no].energy_wh if choice.choice_no in given else 0
                assert choice.part_wh == part_wh
                assert 0 < choice.closing_t32 <= NEVER_CLOSED_T32

    def test_passes_over_a_buyer_without_an_offer_as_matching_did(self, market: ClosedMarket, views: StoredMarketViews):
        with market.falsified() as forger:
            forger.sql("UPDATE choice SET choice_no = 2 WHERE home_no = 1 AND kind_no = 2")
            forger.sql(
                "INSERT INTO choice (market, home_no, kind_no, choice_no, buyer_no, valid_from) "
                "SELECT market, home_no, kind_no, 1, 7, valid_from FROM choice WHERE home_no = 1 AND kind_no = 2"
            )
            page = views.home(MARKET_ID, HOME, delivery_date=OPEN)

        own = [choice for choice in page.choices if choice.kind == SELF_CONSUMPTION]
        assert [(choice.buyer.party_id, choice.home_price_sen_per_kwh) for choice in own] == [
            ("shop", None), ("builder", 100),
        ]  # fmt: skip
        assert page.detail is not None
        sharing = [one.explanation for one in page.detail.sharing if one.kind == SELF_CONSUMPTION]
        assert {(choice.choice_no, choice.buyer_no) for one in sharing for choice in one.choices} == {(1, 9)}
        assert sum(choice.part_wh for one in sharing for choice in one.choices) > 0

    def test_of_a_home_ranked_by_worth_has_the_list_that_its_weights_make(
        self, market: ClosedMarket, views: StoredMarketViews
    ):
        with market.falsified() as forger:
            forger.sql(
                "INSERT INTO preference (market, home_no, kind_no, valid_from, ranking, money_weight_permille, "
                "points_weight_permille, coupon_weight_permille, favourites, favourite_bonus_sen_per_kwh, "
                "same_district_bonus_sen_per_kwh, choices_max) SELECT market, 1, 1, '2020-11-29', 'by_worth', "
                "1000, 0, 0, 'tower', 51, 0, 2 FROM party WHERE party_no = 1"
            )
            forger.sql("DELETE FROM choice WHERE home_no = 1 AND kind_no = 1")
            page = views.home(MARKET_ID, HOME, delivery_date=OPEN)

        ranked = [(choice.choice_no, choice.buyer.party_id) for choice in page.choices if choice.kind == SURPLUS]
        assert ranked == [(1, "tower"), (2, "shop")]
        assert page.detail is not None
        assert [buyer.party_id for buyer in page.detail.buyers] == ["shop", "tower", "builder"]
        named = {choice.buyer_no for one in page.detail.sharing for choice in one.explanation.choices}
        assert named == {buyer.party_no for buyer in page.detail.buyers}

    def test_of_a_home_without_choices_has_a_rest_alone(self, views: StoredMarketViews):
        detail = views.home(MARKET_ID, PartyId("H4"), delivery_date=OPEN).detail

        assert detail is not None
        kept = [one.explanation for one in detail.sharing if one.kind == SELF_CONSUMPTION]
        assert kept
        assert all(one.choices == () and one.rest_wh == one.supply_wh > 0 for one in kept)

    def test_marks_the_slots_that_a_correction_after_finalising_changed(
        self, market: ClosedMarket, views: StoredMarketViews
    ):
        days = market.installation.stores.days
        matched, corrected = days.outcome(MARKET_ID, CORRECTED, 1), days.outcome(MARKET_ID, CORRECTED)
        assert matched is not None
        assert corrected is not None
        before, after = matched.allocated.of_home(1), corrected.allocated.of_home(1)
        given = [{*zip(one.kind_no, one.slot_no, one.choice_no, one.energy_wh, strict=True)} for one in (before, after)]
        changed = {(kind_no, slot_no) for kind_no, slot_no, *_ in given[0] ^ given[1]}

        detail = views.home(MARKET_ID, HOME, delivery_date=CORRECTED).detail

        assert detail is not None
        marked = {(one.kind, one.slot_no) for one in detail.sharing if one.is_corrected}
        assert marked
        assert marked <= changed
        for one in detail.sharing:
            assert (
                one.is_corrected
                or one.explanation.rest_wh == 0
                or not one.explanation.choices
                or all(choice.closing_t32 < NEVER_CLOSED_T32 for choice in one.explanation.choices)
            )

    @pytest.mark.parametrize("home", ["H2", "H3"])
    def test_of_another_home_on_that_day_has_no_marks(self, views: StoredMarketViews, home: str):
        detail = views.home(MARKET_ID, PartyId(home), delivery_date=CORRECTED).detail

        assert detail is not None
        assert not any(one.is_corrected for one in detail.sharing)

    def test_of_a_day_that_was_only_matched_has_no_marks(self, views: StoredMarketViews):
        detail = views.home(MARKET_ID, HOME, delivery_date=OPEN).detail

        assert detail is not None
        assert not any(one.is_corrected for one in detail.sharing)
