"""Owners' lists of tenants: faults are told, what closed days have seen stays as it is."""

from datetime import date

import pytest

from sanchi.app.market import PassingRule
from sanchi.app.roster import call_roster
from sanchi.core.base.kinds import CertificateKind
from tests.fakes.market_folder import FILES, TOWN, Town, refusal, write_market

CLOSED = (date(2020, 12, 1), date(2020, 12, 2))
SURPLUS, VALUE = CertificateKind
HEADER = "owner_id,kind,valid_from,rank_no,tenant_id,rule,static_key,target_permille"
FIRST = "B1,surplus,2020-11-20,1,B2,in_order,,"
SECOND = "B1,surplus,2020-11-20,2,B3,in_order,,"
KEYED = "B1,surplus,2020-11-20,1,B2,by_key,3,"
END = "B1,surplus,2020-12-10,1,,in_order,,"
FAULTS = [
    ([FIRST.replace("in_order", "by_luck")], "line 2: rule is 'by_luck', expected one of in_order, by_key, by_target"),
    ([FIRST.replace("B2", "B9")], "line 2: B9 is not one of the market's parties"),
    ([FIRST.replace("B2", "H1")], "line 2: H1 is a home, expected a buyer"),
    ([FIRST.replace("B1", "R1")], "line 2: R1 is a retailer, expected a buyer"),
    ([FIRST, SECOND.replace(",2,", ",3,")], "tenants of B1 for surplus from 2020-11-20 are numbered 1, 3, expected 1"),
    ([FIRST, SECOND.replace("B3", "B2")], "the tenants of B1 for surplus from 2020-11-20 name a tenant twice"),
    ([FIRST.replace("B2", "B1")], "name the owner itself"),
    ([FIRST, SECOND.replace("in_order,", "by_key,1")], "have the rules by_key, in_order, expected one in all rows"),
    ([FIRST, SECOND.replace("B3", "")], "have a row without tenant_id, which ends a list and stands alone"),
    ([KEYED.replace(",3,", ",0,")], "have no static_key above 0, so nothing could be passed on"),
    ([KEYED.replace(",3,", ",,")], "static_key is empty, but a tenant by rule by_key has one"),
    ([FIRST.replace(",,", ",3,")], "static_key is given, but only a tenant by rule by_key has one"),
    ([FIRST.replace("in_order,,", "by_target,,1001")], "target_permille is '1001', expected a whole number from 0 to"),
    ([FIRST, "B2,self_consumption,2021-01-01,1,B3,in_order,,"], "B2 is a tenant of B1 on 2021-01-01 and passes energy"),
]  # fmt: skip


@pytest.fixture
def town(tmp_path):
    """Give a town with a third buyer that took its good market in."""
    town = Town()
    folder = tmp_path / "market"
    folder.mkdir()
    town.take(write_market(folder, parties=FILES["parties.csv"] + "B3,buyer,Kiosk,売店,,South\n"))
    return town


def file_of(rows):
    """Give a file of lists."""
    return "\n".join([HEADER, *rows, ""])


def take(town, folder, *rows):
    """Take a file of lists in."""
    (folder / "passing_on.csv").write_text(file_of(rows), encoding="utf-8")
    town.take(folder / "passing_on.csv")


def owners_on(town, day):
    """Name owners and tenants of surplus by their positions in the buyers of a day."""
    lists = call_roster(town.market.book(TOWN), day, {4, 5, 6}).owners[SURPLUS]
    return [(owner.buyer_index, [tenant.buyer_index for tenant in owner.tenants]) for owner in lists]


class TestLists:
    @pytest.mark.parametrize(("rows", "told"), FAULTS)
    def test_are_told_their_faults_and_not_taken(self, town, tmp_path, rows, told):
        assert told in refusal(town, tmp_path, "passing_on.csv", file_of(rows))

    def test_are_taken_and_replaced_whole_by_their_date(self, town, tmp_path):
        take(town, tmp_path, FIRST, SECOND)
        take(town, tmp_path, KEYED)

        (row,) = town.market.book(TOWN).passing_on
        assert (row.owner_id, row.rank_no, row.tenant_id) == ("B1", 1, "B2")
        assert (row.rule, row.static_key, row.target_permille) == (PassingRule.BY_KEY, 3, None)

    def test_are_in_force_from_their_date_until_the_next_one_or_an_end(self, town, tmp_path):
        take(town, tmp_path, FIRST, SECOND, "B1,surplus,2020-12-05,1,B3,in_order,,", END)

        days = [date(2020, 11, 19), date(2020, 11, 20), date(2020, 12, 4), date(2020, 12, 5), date(2020, 12, 10)]
        assert [owners_on(town, day) for day in days] == [[], [(0, [1, 2])], [(0, [1, 2])], [(0, [2])], []]

    def test_leave_out_who_has_no_seat_on_the_day(self, town, tmp_path):
        take(town, tmp_path, FIRST, SECOND)

        (owner,) = call_roster(town.market.book(TOWN), date(2020, 12, 1)).owners[SURPLUS]

        assert len(owner.tenants) == 1
        assert call_roster(town.market.book(TOWN), date(2020, 12, 1)).owners[VALUE] == ()

    def test_let_an_owner_become_a_tenant_once_its_list_has_ended(self, town, tmp_path):
        take(town, tmp_path, FIRST, END, "B2,surplus,2020-12-10,1,B1,in_order,,")

        assert owners_on(town, date(2020, 12, 10)) == [(1, [0])]

    @pytest.mark.parametrize("rows", [[FIRST], [FIRST, SECOND], [END.replace("12-10", "12-02")]])
    def test_of_closed_days_stay_as_they_are(self, town, tmp_path, rows):
        take(town, tmp_path, KEYED)
        town.days.put(TOWN, *CLOSED)

        told = refusal(town, tmp_path, "passing_on.csv", file_of(rows))

        assert "would change closed days (up to 2020-12-02)" in told

    def test_may_change_from_the_first_open_day_on(self, town, tmp_path):
        take(town, tmp_path, KEYED)
        town.days.put(TOWN, *CLOSED)

        take(town, tmp_path, KEYED, END.replace("12-10", "12-03"))

        assert (owners_on(town, CLOSED[-1]), owners_on(town, date(2020, 12, 3))) == ([(0, [1])], [])
