"""Outside claims and lots: faults are told, final days stay, closed ones wait for a new close, nothing stands twice."""

from datetime import date

import pytest

from sanchi.app.deliveries import FileKind
from sanchi.app.market import OutsideScheme
from sanchi.app.master_data import MASTER_COLUMNS
from sanchi.app.roster import call_roster
from sanchi.core.base.errors import RefusalRule, Refused
from sanchi.core.base.kinds import CertificateKind
from tests.fakes.market_folder import TOWN, Town, refusal, write_market

CLOSED = (date(2020, 12, 1), date(2020, 12, 2), date(2020, 12, 3))
CLAIM = "C1,H1,self_consumption,J_CREDIT,2020-12-02,2020-12-04,member 7"
LATER = "C2,H1,self_consumption,CLUB,2020-12-04,,"
CLAIM_FAULTS = [
    ([CLAIM.replace("J_CREDIT", "LUCK")], "line 2: scheme is 'LUCK', expected one of FIT, J_CREDIT, GREEN_CERT, PPA"),
    ([CLAIM.replace("self_consumption", "heat")], "line 2: kind is 'heat', expected one of surplus, self_consumption"),
    ([CLAIM.replace("H1", "B1")], "line 2: B1 is a buyer, expected a home"),
    ([CLAIM.replace("H1", "H9")], "line 2: H9 is not one of the market's parties"),
    ([CLAIM.replace("2020-12-04", "2020-12-02")], "until_date (the first day that is no longer claimed) does not lie"),
    ([CLAIM.replace("2020-12-02,", "02.12.2020,")], "first_date is '02.12.2020', expected a date YYYY-MM-DD"),
    ([CLAIM, CLAIM], "line 3: claim C1 stands at line 2 already"),
    ([CLAIM, LATER.replace("12-04", "12-03")], "the claims C1 and C2 on self_consumption of H1 overlap on 2020-12-03"),
    ([CLAIM.replace("2020-12-04", ""), LATER], "one kWh can have one instrument alone"),
]  # fmt: skip
LOT = "L1,B1,NFC,A-001,A-010,5000,2020-10-01,2020-10-31,solar,Solar park,Chiba,F1,invoice 7"
NEXT_LOT = LOT.replace("L1", "L2").replace("A-001,A-010", "A-011,A-020")
LOT_FAULTS = [
    ([LOT.replace("B1", "H1")], "line 2: H1 is a home, expected a buyer"),
    ([LOT.replace("5000", "0")], "line 2: quantity_wh is '0', expected a whole number from 1"),
    ([LOT.replace("5000", "5.5")], "line 2: quantity_wh is '5.5'"),
    ([LOT.replace("2020-10-31", "2020-09-30")], "line 2: generated_until lies before generated_from"),
    ([LOT.replace("A-010", "B-010")], "line 2: the serials A-001 to B-010 are no range"),
    ([LOT.replace("Solar park", "")], "line 2: plant_name is empty, expected a text"),
    ([LOT, LOT], "line 3: lot L1 stands at line 2 already"),
]  # fmt: skip


@pytest.fixture
def town(tmp_path):
    """Give a town that took its good market in."""
    town = Town()
    folder = tmp_path / "market"
    folder.mkdir()
    town.take(write_market(folder))
    return town


def file_of(kind, rows):
    """Give a file of claims or lots."""
    return "\n".join([",".join(MASTER_COLUMNS[kind]), *rows, ""])


def take(town, folder, kind, *rows):
    """Take a file of claims or lots in."""
    path = folder / f"{kind}.csv"
    path.write_text(file_of(kind, rows), encoding="utf-8")
    (report,) = town.take(path)
    return report


def claimed_on(town, day):
    """Name the homes whose self-consumption is claimed on a day, and the claims."""
    roster = call_roster(town.market.book(TOWN), day)
    claims = roster.claimed[CertificateKind.SELF_CONSUMPTION]
    may_offer = dict(zip(roster.home_no.tolist(), roster.may_offer(CertificateKind.SELF_CONSUMPTION), strict=True))
    assert not any(may_offer[home_no] for home_no in claims)
    return {home_no: claim.claim_id for home_no, claim in claims.items()}


class TestClaims:
    @pytest.mark.parametrize(("rows", "told"), CLAIM_FAULTS)
    def test_are_told_their_faults_and_not_taken(self, town, tmp_path, rows, told):
        assert told in refusal(town, tmp_path, "outside_claims.csv", file_of(FileKind.OUTSIDE_CLAIMS, rows))

    def test_hold_from_their_first_day_until_before_their_last_date(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM, LATER)

        days = [date(2020, 12, day) for day in (1, 2, 3, 4)] + [date(2021, 2, 28)]
        assert [claimed_on(town, day) for day in days] == [{}, {2: "C1"}, {2: "C1"}, {2: "C2"}, {2: "C2"}]

    def test_are_replaced_by_their_name(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM)
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM.replace("J_CREDIT", "PPA").replace("12-04", "12-03"), LATER)

        first, second = town.market.book(TOWN).outside_claims
        assert (first.scheme, first.until_date) == (OutsideScheme.PPA, date(2020, 12, 3))
        assert (second.claim_id, second.until_date) == ("C2", None)

    def test_keep_the_other_kind_free(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM)

        roster = call_roster(town.market.book(TOWN), date(2020, 12, 2))

        assert roster.may_offer(CertificateKind.SURPLUS).tolist() == [True, True]
        assert roster.may_offer(CertificateKind.SELF_CONSUMPTION).tolist() == [False, True]

    def test_that_come_late_let_the_closed_days_that_they_touch_wait(self, town, tmp_path):
        town.days.put(TOWN, *CLOSED)

        report = take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM)

        assert report.stale_dates == CLOSED[1:]
        assert [day.is_stale for day in town.days.market_days(TOWN, CLOSED[0], CLOSED[-1])] == [False, True, True]

    def test_that_change_let_the_days_wait_that_they_leave_or_reach(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM)
        town.days.put(TOWN, *CLOSED)

        report = take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM.replace("12-04", "12-03"))

        assert report.stale_dates == CLOSED[2:]

    def test_that_say_the_same_again_change_nothing(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM)
        town.days.put(TOWN, *CLOSED)

        assert take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM.replace("member 7", "member 8")).stale_dates == ()

    def test_of_final_days_are_refused(self, town, tmp_path):
        town.days.put(TOWN, *CLOSED)
        town.days.mark_finalised(TOWN, CLOSED[:2])

        told = refusal(town, tmp_path, "outside_claims.csv", file_of(FileKind.OUTSIDE_CLAIMS, [CLAIM]))

        assert "claim C1 would change days that are final (first: 2020-12-02); what was certified of them" in told
        assert take(town, tmp_path, FileKind.OUTSIDE_CLAIMS, CLAIM.replace("12-02", "12-03")).stale_dates == CLOSED[2:]


class TestLots:
    @pytest.mark.parametrize(("rows", "told"), LOT_FAULTS)
    def test_are_told_their_faults_and_not_taken(self, town, tmp_path, rows, told):
        assert told in refusal(town, tmp_path, "outside_lots.csv", file_of(FileKind.OUTSIDE_LOTS, rows))

    def test_are_registered_once_however_often_they_come(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_LOTS, LOT)
        take(town, tmp_path, FileKind.OUTSIDE_LOTS, NEXT_LOT, LOT)

        registered = town.installation.stores.outside.lots(TOWN)
        assert [(each.lot_no, each.lot.lot_id) for each in registered] == [(1, "L1"), (2, "L2")]

    @pytest.mark.parametrize(
        ("row", "rule"),
        [
            (LOT.replace("5000", "5001"), RefusalRule.IDEMPOTENCY_CONFLICT),
            (NEXT_LOT.replace("A-011", "A-010"), RefusalRule.SERIALS_OVERLAP),
            (NEXT_LOT.replace("A-011,A-020", "A-1,A-1"), RefusalRule.SERIALS_OVERLAP),
            (LOT.replace("L1", "L2"), RefusalRule.SERIALS_OVERLAP),
        ],
    )
    def test_that_contradict_what_is_registered_are_refused_with_all_others_of_the_file(
        self, town, tmp_path, row, rule
    ):
        take(town, tmp_path, FileKind.OUTSIDE_LOTS, LOT)
        other = NEXT_LOT.replace("L2", "L9").replace("NFC", "GREEN")

        with pytest.raises(Refused) as refused:
            take(town, tmp_path, FileKind.OUTSIDE_LOTS, other, row)

        assert refused.value.rule is rule
        assert len(town.installation.stores.outside.lots(TOWN)) == 1

    def test_of_another_scheme_may_have_the_same_serials(self, town, tmp_path):
        take(town, tmp_path, FileKind.OUTSIDE_LOTS, LOT, LOT.replace("L1", "L2").replace("NFC", "GREEN"))

        assert len(town.installation.stores.outside.lots(TOWN)) == 2
