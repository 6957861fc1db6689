"""Master data is right as a whole or not taken: every fault is found, named and told at once."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import UnreadableDelivery
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


FIELD_FAULTS = [
    ("market.toml", ('"03"', '"3"'), "grid_area is '3', expected two digits"),
    ("market.toml", ("= 2021-02-28", "= 2019-02-28"), "last_delivery_date lies before first"),
    ("market.toml", ("finalise_day = 25", "finalise_day = 31"), "finalise_day is '31', expected"),
    ("market.toml", ('"R1"', '"R 1"'), "retailer_id is 'R 1', expected a name"),
    ("parties.csv", ("H1,home", "H1,prosumer"), "line 3: role is 'prosumer', expected one of home, buyer"),
    ("parties.csv", ("Home 1", ""), "line 3: name is empty, expected a text"),
    ("parties.csv", ("H1,", "a/b,"), "line 3: party_id is 'a/b', expected a name"),
    ("parties.csv", ("North", "N" * 201), "line 3: district is 'NNN"),
    ("plants.csv", ("4000", "4.0"), "line 2: capacity_w is '4.0', expected a whole number from 1"),
    ("plants.csv", ("2010-10-01", "01.10.2010"), "commissioning_date is '01.10.2010', expected a date"),
    ("plants.csv", ("2010-10-01", "2010-13-01"), "commissioning_date is '2010-13-01'"),
    ("plants.csv", ("2010-10-01", "0010-10-01"), "commissioning_date is '0010-10-01'"),
    ("plants.csv", ("2020-10-01", "2009-10-01"), "fit_end lies before commissioning_date"),
    ("plants.csv", ("measured+re-dated", "measured+guessed"), "load_provenance is 'measured+guessed'"),
    ("plants.csv", ("6500,3000", "6500,0"), "line 3: battery_power_w is '0', expected a whole number from 1"),
    ("meters.csv", ("import+export", "import+import"), "line 2: channels is 'import+import'"),
    ("meters.csv", ("00:00+09:00", "00:00"), "installed_at is '2020-11-20T00:00:00',"),
    ("meters.csv", ("T00:00:00+09", "T00:10:00+09"), "installed_at is '2020-11-20T00:10:00+09:00'"),
    ("meters.csv", ("+09:00,,", "+09:00,2020-11-20T00:00:00+09:00,"), "removed_at does not lie after"),
    ("meters.csv", (",100,6,", ",100,2,"), "would turn the register over within one slot"),
    ("offers.csv", ("B1,surplus", "B1,nuclear"), "kind is 'nuclear', expected one of surplus, self"),
    ("offers.csv", ("cap_only,4000", "cap_only,"), "line 3: capacity_rule cap_only needs cap_wh_per_slot"),
    ("offers.csv", ("1000,", "-1,"), "home_price_sen_per_kwh is '-1'"),
    ("offers.csv", ("2021-01-01", "2020-11-20"), "valid_until (the first day that is no longer valid)"),
    ("choices.csv", ("H1,surplus,1", "H1,surplus,0"), "choice_no is '0', expected a whole number from 1"),
]  # fmt: skip

RULE_FAULTS = [
    ("parties.csv", ("H2,home", "H1,home"), "line 4: party H1 stands at line 3 already"),
    ("plants.csv", ("H2,D2", "H1,D2"), "line 3: plant of home H1 stands at line 2 already"),
    ("plants.csv", ("H2,D2", "H2,D1"), "line 3: device D1 already belongs to home H1"),
    ("plants.csv", ("H2,D2", "B1,D2"), "line 3: B1 is a buyer, expected a home"),
    ("plants.csv", ("R1,R1,H2,H2", "R1,R1,H2,X9"), "line 3: payee_id: X9 is not one of the market's parties"),
    ("plants.csv", ("R1,R1,H2,H2", "B1,R1,H2,H2"), "line 3: purchaser_id: B1 is a buyer, expected a retailer"),
    ("plants.csv", ("R1,R1,H2,H2", "H2,R1,H2,H2"), "line 3: purchaser_id: H2 is a home, expected a retailer"),
    ("plants.csv", ("R1,R1,H2,H2", "R1,B1,H2,H2"), "line 3: recruiter_id: B1 is a buyer, expected a retailer"),
    ("plants.csv", ("R1,R1,H2,H2", "R1,R1,B1,H2"), "line 3: value_owner_id: B1 is a buyer, expected a retailer"),
    ("plants.csv", ("R1,R1,H2,H2", "R1,R1,H1,H2"), "line 3: value_owner_id: H1 is a home, expected a retailer"),
    ("plants.csv", ("R1,R1,H2,H2", "R1,R1,H2,B1"), "line 3: payee_id: B1 is a buyer, expected a retailer"),
    ("meters.csv", ("P1,H1", "S1,H1"), "line 3: meter S1 stands at line 2 already"),
    ("meters.csv", ("U1,B1", "U1,H1"), "line 7: H1 is a home, expected a buyer"),
    ("meters.csv", ("P1,H1", "P1,B1"), "line 3: B1 is a buyer, expected a home"),
    ("meters.csv", ("U1,B1,use", "U1,B1,use+pv"), "the channel use of a buyer stands alone"),
    ("offers.csv", ("B2,self_consumption", "H2,self_consumption"), "line 3: H2 is a home, expected a buyer"),
    (
        "offers.csv",
        ("B2,self_consumption,100,150,cap_only,4000,2020-11-20,", "B1,surplus,1,1,metered_use,,2020-11-20,"),
        "line 3: the offer of B1 for surplus from 2020-11-20 stands at line 2 already",
    ),
    (
        "offers.csv",
        ("2021-01-01", "2021-01-01\nB1,surplus,900,950,metered_use,,2020-12-24,"),
        "the offers of B1 for surplus from 2020-11-20 and from 2020-12-24 overlap; end the first by",
    ),
    ("choices.csv", ("H1,surplus,2", "H1,surplus,3"), "are numbered 1, 3, expected 1, 2, ..."),
    ("choices.csv", ("2,B2", "2,B1"), "the choices of H1 for surplus from 2020-11-20 name a buyer twice"),
    ("choices.csv", ("1,B1", "1,R1"), "line 2: R1 is a retailer, expected a buyer"),
    ("choices.csv", ("H2,", "B1,"), "line 4: B1 is a buyer, expected a home"),
]


class TestFault:
    @pytest.mark.parametrize(("name", "swap", "told"), FIELD_FAULTS + RULE_FAULTS)
    def test_is_told_and_nothing_is_taken(self, town, tmp_path, name, swap, told):
        message = refusal(town, tmp_path, name, changed(name, swap))

        assert message.startswith(f"{name} has ")
        assert told in message
        assert message.endswith("Correct the file and deliver it again.")

    def test_is_the_only_one_where_there_is_one(self, town, tmp_path):
        text = changed("plants.csv", ("4000", "4.0"))

        assert "has 1 fault, so nothing of it was taken" in refusal(town, tmp_path, "plants.csv", text)

    def test_is_told_with_all_others_of_the_file(self, town, tmp_path):
        text = changed("plants.csv", ("4000", "4.0"), ("surplus", "none"), ("H2,H2,850", "H2,X9,850"))

        message = refusal(town, tmp_path, "plants.csv", text)

        assert "plants.csv has 3 faults" in message
        assert all(told in message for told in ("capacity_w", "group is 'none'", "X9 is not one of"))

    def test_beyond_the_tenth_is_counted(self, town, tmp_path):
        text = FILES["parties.csv"] + "".join(f"H{n},house,Home,家,,\n" for n in range(10, 35))

        message = refusal(town, tmp_path, "parties.csv", text)

        assert "has 25 faults" in message
        assert message.count("role is 'house'") == 10
        assert "and 15 more" in message

    @given(
        name=st.sampled_from([name for name in FILES if name.endswith(".csv")]),
        row_index=st.integers(0, 1),
        column_index=st.integers(0, 20),
        text=st.sampled_from(["", "0", "-1", "H1", "B1", "surplus", "2020-12-01", "9999-12-31", "0001-01-01"])
        | st.text(st.characters(codec="utf-8", exclude_characters='"\r\n,'), max_size=12),
    )
    def test_of_any_field_is_refused_or_the_file_taken(self, tmp_path_factory, name, row_index, column_index, text):
        header, *rows = [line.split(",") for line in FILES[name].strip().split("\n")]
        rows[row_index][column_index % len(header)] = text
        folder = tmp_path_factory.mktemp("any")
        town = Town()
        town.take(write_market(folder))
        (folder / name).write_text("".join(",".join(row) + "\n" for row in [header, *rows]), encoding="utf-8")

        try:
            (report,) = town.take(folder / name)
        except UnreadableDelivery as refusal_of_file:
            told = str(refusal_of_file)
        else:
            told = f"{name} has {report.row_count} rows"

        assert told.startswith(f"{name} has ")


class TestParties:
    def test_keep_their_role(self, town, tmp_path):
        text = changed("parties.csv", ("H1,home", "H1,buyer"))

        assert "H1 is a home and cannot become a buyer" in refusal(town, tmp_path, "parties.csv", text)

    def test_have_the_retailer_of_the_terms(self, tmp_path):
        town = Town()

        with pytest.raises(UnreadableDelivery, match="retailer R1 is not among the parties with the role"):
            town.take(write_market(tmp_path, parties=changed("parties.csv", ("R1,retailer", "R2,retailer"))))

    def test_come_in_later_files_too(self, town, tmp_path):
        header = FILES["parties.csv"].splitlines()[0]
        (tmp_path / "parties-2.csv").write_text(f"{header}\nH3,home,Home 3,家3,,\n", encoding="utf-8")

        town.take(tmp_path / "parties-2.csv")

        assert [party.party_id for party in town.market.book(TOWN).parties][-1] == "H3"


class TestPlants:
    def test_may_be_owned_by_and_paid_to_a_retailer(self, town, tmp_path):
        (tmp_path / "plants.csv").write_text(changed("plants.csv", ("R1,R1,H2,H2", "R1,R1,R1,R1")), encoding="utf-8")

        town.take(tmp_path / "plants.csv")

        assert town.market.book(TOWN).plants[1].value_owner_id == "R1"


class TestTerms:
    def test_name_a_retailer_among_the_parties_once_there_are_any(self, town, tmp_path):
        unknown = refusal(town, tmp_path, "market.toml", changed("market.toml", ('"R1"', '"R9"')))
        buyer = refusal(town, tmp_path, "market.toml", changed("market.toml", ('"R1"', '"B1"')))

        assert "retailer_id: R9 is not one of the market's parties" in unknown
        assert "retailer_id: B1 is a buyer, expected a retailer" in buyer

    def test_may_change_freely_while_no_day_is_closed(self, town, tmp_path):
        text = changed("market.toml", ("2020-11-20", "2020-12-01"), ("2021-02-28", "2020-12-31"))

        (tmp_path / "market.toml").write_text(text, encoding="utf-8")
        town.take(tmp_path / "market.toml")

        assert town.market.book(TOWN).terms.first_delivery_date == date(2020, 12, 1)


class TestClosedDays:
    @pytest.fixture(autouse=True)
    def closed(self, town):
        town.days.put(TOWN, *CLOSED)

    def take(self, town, folder, name, text):
        (folder / name).write_text(text, encoding="utf-8")
        (report,) = town.take(folder / name)
        return report

    @pytest.mark.parametrize("name", ["plants.csv", "offers.csv", "choices.csv", "parties.csv", "meters.csv"])
    def test_let_the_same_records_pass_in_other_bytes(self, town, tmp_path, name):
        report = self.take(town, tmp_path, name, FILES[name].replace("\n", "\r\n"))

        assert not report.is_already_taken
        assert report.stale_dates == ()

    def test_keep_the_first_date_of_the_market(self, town, tmp_path):
        message = refusal(town, tmp_path, "market.toml", changed("market.toml", ("2020-11-20", "2020-11-21")))

        assert "first_delivery_date is 2020-11-21, but days from 2020-11-20 on are closed" in message

    def test_stay_within_the_period_of_the_market(self, town, tmp_path):
        last_closed, before = (
            changed("market.toml", ("2021-02-28", last_date)) for last_date in ("2020-12-02", "2020-12-01")
        )

        self.take(town, tmp_path, "market.toml", last_closed)
        message = refusal(town, tmp_path, "market.toml", before)

        assert "last_delivery_date 2020-12-01 lies before 2020-12-02, the last closed day" in message

    def test_let_the_market_change_its_tax_and_its_months(self, town, tmp_path):
        text = changed(
            "market.toml",
            ("tax_permille = 100", "tax_permille = 120"),
            ("finalise_day = 25", "finalise_day = 20"),
            ("waiting_days = 20", "waiting_days = 10"),
        )

        self.take(town, tmp_path, "market.toml", text)

        terms = town.market.book(TOWN).terms
        assert (terms.tax_permille, terms.finalise_day, terms.waiting_days) == (120, 20, 10)

    def test_keep_the_plants_that_they_were_closed_with(self, town, tmp_path):
        text = changed("plants.csv", ("R1,R1,H1,H1,850", "R1,R1,H1,R1,900"))

        message = refusal(town, tmp_path, "plants.csv", text)

        assert "home H1 changes payee_id, standard_price_sen_per_kwh, but days up to 2020-12-02 are" in message

    @pytest.mark.parametrize(
        "swap",
        [
            ("B1,surplus,1000", "B1,surplus,1100"),
            ("2020-11-20,\n", "2020-11-20,2020-12-02\n"),
            ("B1,surplus,1000,1200,metered_use,,2020-11-20", "B1,surplus,1,1,metered_use,,2020-12-02"),
        ],
    )  # fmt: skip
    def test_keep_the_offers_that_they_were_closed_with(self, town, tmp_path, swap):
        message = refusal(town, tmp_path, "offers.csv", changed("offers.csv", swap))

        assert "would change closed days (up to 2020-12-02)" in message

    def test_let_an_offer_end_and_another_follow(self, town, tmp_path):
        text = changed(
            "offers.csv",
            ("2020-11-20,\n", "2020-11-20,2020-12-03\nB1,surplus,900,1100,metered_use,,2020-12-03,\n"),
        )

        self.take(town, tmp_path, "offers.csv", text)

        assert [offer.valid_until for offer in town.market.book(TOWN).offers] == [
            date(2020, 12, 3),
            date(2021, 1, 1),
            None,
        ]

    def test_keep_the_choices_that_they_were_closed_with(self, town, tmp_path):
        text = "home_id,kind,choice_no,buyer_id,valid_from\nH1,surplus,1,B2,{}\n"

        message = refusal(town, tmp_path, "choices.csv", text.format("2020-12-02"))
        self.take(town, tmp_path, "choices.csv", text.format("2020-12-03"))

        assert "choices of H1 for surplus from 2020-12-02 would change closed days" in message
        assert len(town.market.book(TOWN).choices) == 4

    def test_wait_for_another_close_from_the_day_before_a_meter_left(self, town, tmp_path):
        text = changed("meters.csv", ("+09:00,,", "+09:00,2020-12-03T12:00:00+09:00,"))

        report = self.take(town, tmp_path, "meters.csv", text)

        assert report.stale_dates == (date(2020, 12, 2),)

    def test_wait_for_another_close_from_the_installation_of_a_meter_that_measured_otherwise(self, town, tmp_path):
        report = self.take(town, tmp_path, "meters.csv", changed("meters.csv", (",100,6,", ",10,6,")))

        assert report.stale_dates == CLOSED

    @pytest.mark.parametrize(("day_no", "n_stale"), [(1, 2), (2, 1), (3, 0)])
    def test_wait_for_another_close_from_the_installation_of_a_new_meter(self, town, tmp_path, day_no, n_stale):
        text = FILES["meters.csv"] + f"U2,B2,use,1,0,2020-12-0{day_no}T00:00:00+09:00,,50000\n"

        assert self.take(town, tmp_path, "meters.csv", text).stale_dates == CLOSED[2 - n_stale :]

    @pytest.mark.parametrize(
        ("gap_party", "gap_date", "n_stale"),
        [("H1", CLOSED[0], 2), ("H2", CLOSED[0], 1), ("H1", CLOSED[1], 1)],
    )
    def test_wait_for_another_close_where_a_gap_reaches_as_far_as_a_meter_that_left(
        self, town, tmp_path, gap_party, gap_date, n_stale
    ):
        (party_no,) = (party.party_no for party in town.market.book(TOWN).parties if party.party_id == gap_party)
        town.readings.gaps[TOWN] = {gap_date: {party_no}}
        text = changed("meters.csv", ("+09:00,,", "+09:00,2020-12-03T12:00:00+09:00,"))

        assert self.take(town, tmp_path, "meters.csv", text).stale_dates == CLOSED[2 - n_stale :]

    @pytest.mark.parametrize(("leaves_on", "n_stale"), [("2021-01-07", 1), ("2021-01-08", 0)])
    def test_do_not_wait_where_the_gap_looks_less_far(self, town, tmp_path, leaves_on, n_stale):
        (party_no,) = (party.party_no for party in town.market.book(TOWN).parties if party.party_id == "H1")
        town.readings.gaps[TOWN] = {CLOSED[1]: {party_no}}
        text = changed("meters.csv", ("+09:00,,", f"+09:00,{leaves_on}T12:00:00+09:00,"))

        assert self.take(town, tmp_path, "meters.csv", text).stale_dates == CLOSED[2 - n_stale :]
