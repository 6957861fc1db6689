"""What a buyer offers on a day, and whom a home asks and passes over: told in both languages."""

import pytest

from tests.edge.portal.conftest import MARKET, PAGES

BUYER, BY_WORTH = PAGES["buyer with perks and caps"], PAGES["home ranked by worth"]
OWN_LIST = PAGES["home that passes buyers over"]


def text_of(page) -> str:
    return " ".join(page.texts)


class TestBuyerTerms:
    def test_tell_the_price_and_what_it_is_in_all(self, read):
        texts = read(BUYER).texts

        assert {"¥9.80/kWh", "in all, with perks at face value: ¥12.80/kWh"} <= set(texts)
        assert {"¥11.00/kWh", "in all, with the cost of perks: ¥13.00/kWh"} <= set(texts)

    @pytest.mark.parametrize(
        ("language", "names"),
        [
            ("en", {"Ward points", "Coffee coupon", "Name on the wall"}),
            ("ja", {"区のポイント", "コーヒー券", "壁の名札"}),
        ],
    )
    def test_name_perks_in_the_language_of_the_reader(self, read, language, names):
        assert names <= set(read(BUYER, language).texts)

    def test_tell_who_may_sell(self, read):
        texts = read(BUYER, "ja").texts

        assert {"世田谷区、杉並区、練馬区の住宅", "設置から満10年以上15年までの設備"} <= set(texts)

    def test_tell_how_much_of_the_caps_is_used(self, read):
        text = text_of(read(BUYER))

        assert "Cap of the day 8.000 kWh 7.200 kWh 90.0 %" in text
        assert "Cap of the month 245.000 kWh 61.250 kWh 25.0 %" in text

    def test_show_the_half_hours_that_a_cap_ended(self, read):
        page = read(BUYER)
        by_colour = {one["colour"]: one["values"] for one in page.drawings["offer-1-drawing"]["series"]}

        assert "A cap ended what it took in 5 of 12 half hours." in page.texts
        assert page.texts.count("yes") == 5
        assert [slot + 1 for slot, energy_wh in enumerate(by_colour["sold"]) if energy_wh] == [22, 23, 24, 25, 26]
        assert sum(sum(values) for colour, values in by_colour.items() if colour != "use") == 7_200

    def test_of_an_open_day_say_that_it_is_open(self, read):
        page = read(PAGES["buyer on a day that is not closed"])

        assert "This day is not closed: what it took on it is not known yet." in page.texts
        assert "offer-1-drawing" not in page.drawings

    def test_without_an_offer_on_the_day_say_so(self, read):
        assert "No offer is in force on this day." in read(PAGES["buyer on a day without its offers"]).texts

    def test_are_not_shown_for_a_buyer_with_prices_alone(self, read):
        assert "What it offers on one day" not in read(PAGES["buyer"]).texts

    def test_day_that_is_no_date_leads_nowhere(self, client):
        assert client.get(f"{MARKET}buyers/B09/", {"day": "soon"}).status_code == 404


class TestHomeLists:
    def test_part_the_worth_of_each_offer(self, read):
        text = text_of(read(BY_WORTH))

        assert "Money ¥9.80 + Points ¥0.80 + Coupons ¥1.00 + Favourite or neighbour ¥0.50" in text.replace("  ", " ")
        assert "¥12.10" in read(BY_WORTH).texts

    def test_say_why_each_buyer_is_passed_over(self, read):
        texts = read(BY_WORTH).texts

        assert {
            "It buys only from plants that are at least 20 years old. This one is 11.",
            "To this home it is worth ¥8.40 per kWh. The standard offer gives as much or more: ¥8.50.",
            "This home asks 2 buyers at most, and there are better offers.",
        } <= set(texts)
        assert [text for text in texts if text.startswith("It buys only from homes in 江東区, 大田区. This home is in")]

    def test_say_it_in_japanese(self, read):
        texts = read(BY_WORTH, "ja").texts

        assert "この家が頼む買い手は2件までで、もっとよい条件がほかにあります。" in texts

    def test_of_a_home_with_its_own_list_tell_no_worth(self, read):
        texts = read(OWN_LIST).texts

        assert "This home wrote its list itself." in texts
        assert "It offers nothing for this on this day." in texts
        assert "It buys only from homes in 江東区, 大田区. Where this home is was not told." in texts

    def test_of_value_compare_with_keeping_it(self, read):
        texts = read(OWN_LIST).texts

        assert "To this home it is worth ¥0.00 per kWh, no more than to keep the value." in texts
        assert "It asks nobody: the value stays with the home." in texts

    def test_take_the_place_of_the_choices_in_force(self, read):
        assert "Choices in force" not in read(BY_WORTH).texts
        assert "Choices in force" in read(PAGES["home that sells surplus"]).texts
