"""Offers with conditions, perks and preferences: faults are told, what closed days have seen stays as it is."""

from datetime import date

import pytest

from tests.fakes.market_folder import FILES, TOWN, Town, changed, refusal, write_market

CLOSED = (date(2020, 12, 1), date(2020, 12, 2))


@pytest.fixture
def town(tmp_path):
    """Give a town that took its good market in."""
    town = Town()
    folder = tmp_path / "market"
    folder.mkdir()
    town.take(write_market(folder))
    return town


OFFERS_HEADER = (
    FILES["offers.csv"].splitlines()[0] + ",districts,plant_age_years_min,plant_age_years_max,cap_wh_per_day"
)
NEW_HEADERS = {
    "perks.csv": "buyer_id,kind,valid_from,perk_no,perk,name,name_ja,face_value_sen_per_kwh,cost_sen_per_kwh",
    "preferences.csv": (
        "home_id,kind,valid_from,ranking,money_weight_permille,points_weight_permille,coupon_weight_permille,"
        "favourites,favourite_bonus_sen_per_kwh,same_district_bonus_sen_per_kwh,choices_max"
    ),
    "offers.csv": OFFERS_HEADER,
}
PERK = "B1,surplus,2020-11-20,1,coupon,Coupon,券,200,100"
PREFERENCE = "H1,surplus,2020-11-20,by_worth,1000,500,500,B1+B2,50,20,3"
CONDITIONS = "B1,surplus,1000,1200,metered_use,,2020-11-20,"
NEW_FAULTS = [
    ("perks.csv", [PERK.replace("coupon,", "cake,")], "line 2: perk is 'cake', expected one of points, coupon"),
    ("perks.csv", [PERK.replace("200", "-1")], "face_value_sen_per_kwh is '-1', expected a whole number"),
    ("perks.csv", [PERK.replace("coupon,", "recognition,")], "recognition is no money"),
    ("perks.csv", [PERK.replace("11-20", "11-21")], "there is no offer of B1 for surplus from 2020-11-21 that a perk"),
    ("perks.csv", [PERK.replace("20,1,", "20,2,")], "of B1 for surplus from 2020-11-20 are numbered 2, expected 1, 2"),
    ("perks.csv", [PERK, PERK], "are numbered 1, 1, expected 1, 2"),
    ("preferences.csv", [PREFERENCE.replace("by_worth", "best")], "ranking is 'best', expected one of own_list"),
    ("preferences.csv", [PREFERENCE.replace(",1000,", ",1001,")], "money_weight_permille is '1001', expected a whole"),
    ("preferences.csv", [PREFERENCE.replace("B1+B2", "B1+B1")], "favourites is 'B1+B1', expected texts joined by"),
    ("preferences.csv", [PREFERENCE.replace("B1+B2", "B1+H2")], "line 2: favourites: H2 is a home, expected a buyer"),
    ("preferences.csv", [PREFERENCE.replace("B1+B2", "B9")], "favourites: B9 is not one of the market's parties"),
    ("preferences.csv", [PREFERENCE.replace("H1", "B1")], "line 2: B1 is a buyer, expected a home"),
    ("preferences.csv", [PREFERENCE.replace(",3", ",0")], "choices_max is '0', expected a whole number from 1"),
    ("preferences.csv", [PREFERENCE] * 2, "the preference of H1 for surplus from 2020-11-20 stands at line 2 already"),
    ("offers.csv", [f"{CONDITIONS},North+North,,,"], "districts is 'North+North', expected texts joined by"),
    ("offers.csv", [f"{CONDITIONS},,11,10,"], "plant_age_years_min is above plant_age_years_max"),
    ("offers.csv", [f"{CONDITIONS},,,,-1"], "cap_wh_per_day is '-1', expected a whole number from 0"),
]  # fmt: skip


def file_of(name, rows):
    """Give a file of one of the kinds with conditions."""
    return "\n".join([NEW_HEADERS[name], *rows, ""])


class TestOffersAndPreferences:
    @pytest.mark.parametrize(("name", "rows", "told"), NEW_FAULTS)
    def test_are_told_their_faults_and_not_taken(self, town, tmp_path, name, rows, told):
        assert told in refusal(town, tmp_path, name, file_of(name, rows))

    def test_are_taken(self, town, tmp_path):
        for name, row in (("offers.csv", f"{CONDITIONS},North+East,,10,9"), ("perks.csv", PERK)):
            (tmp_path / name).write_text(file_of(name, [row]), encoding="utf-8")
            town.take(tmp_path / name)
        (tmp_path / "preferences.csv").write_text(file_of("preferences.csv", [PREFERENCE]), encoding="utf-8")
        town.take(tmp_path / "preferences.csv")

        book = town.market.book(TOWN)
        (offer,) = (offer for offer in book.offers if offer.buyer_id == "B1")
        assert (offer.districts, offer.plant_age_years_min, offer.plant_age_years_max) == (("North", "East"), None, 10)
        assert (offer.cap_wh_per_day, offer.cap_wh_per_month) == (9, None)
        assert [(perk.name, perk.face_value_sen_per_kwh) for perk in book.perks] == [("Coupon", 200)]
        assert [preference.favourites for preference in book.preferences] == [("B1", "B2")]

    @pytest.mark.parametrize(
        ("name", "row"),
        [("offers.csv", f"{CONDITIONS},North,,,"), ("offers.csv", f"{CONDITIONS},,,,9"), ("perks.csv", PERK),
         ("preferences.csv", PREFERENCE)],
    )  # fmt: skip
    def test_of_closed_days_stay_as_they_are(self, town, tmp_path, name, row):
        town.days.put(TOWN, *CLOSED)

        assert "would change closed days (up to 2020-12-02)" in refusal(town, tmp_path, name, file_of(name, [row]))

    def test_may_change_from_the_first_open_day_on(self, town, tmp_path):
        town.days.put(TOWN, *CLOSED)
        (tmp_path / "preferences.csv").write_text(
            file_of("preferences.csv", [PREFERENCE.replace("2020-11-20", "2020-12-03")]), encoding="utf-8"
        )

        town.take(tmp_path / "preferences.csv")

        assert len(town.market.book(TOWN).preferences) == 1

    def test_let_no_party_move_once_days_were_matched_by_district(self, town, tmp_path):
        moved = changed("parties.csv", ("Home 1,家1,,North", "Home 1,家1,,South"))
        (tmp_path / "offers.csv").write_text(file_of("offers.csv", [f"{CONDITIONS},North,,,"]), encoding="utf-8")
        town.take(tmp_path / "offers.csv")
        town.days.put(TOWN, *CLOSED)

        assert "H1 moves from district 'North' to 'South'" in refusal(town, tmp_path, "parties.csv", moved)

    def test_let_a_party_move_where_no_day_looked_at_districts(self, town, tmp_path):
        town.days.put(TOWN, *CLOSED)
        (tmp_path / "parties.csv").write_text(
            changed("parties.csv", ("Home 1,家1,,North", "Home 1,家1,,South")), encoding="utf-8"
        )

        town.take(tmp_path / "parties.csv")

        assert {party.party_id: party.district for party in town.market.book(TOWN).parties}["H1"] == "South"
