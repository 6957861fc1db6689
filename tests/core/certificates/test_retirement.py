"""The retirement of a month."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given

from sanchi.core.base.months import Month
from sanchi.core.certificates.issue import issue_day
from sanchi.core.certificates.retirement import RENEWABLE_USE, retire_month
from sanchi.core.certificates.state import CertificateState
from tests.core.certificates.market_days import (
    CAFE,
    DAY,
    MARKET,
    OFFICE,
    RETAILER,
    SURPLUS,
    allocated,
    market_days,
    plant,
)

NOVEMBER = Month(year=2020, month_no=11)


def slices_of(rows):
    """Issue a day and give its slices."""
    plants = [plant(101), plant(102), plant(103)]
    return issue_day(
        market_id=MARKET, delivery_date=DAY, revision=1, allocated=rows, plants=plants, recovered_wh={}
    ).slices


def retired(slices, first_claim_no=7):
    """Retire for the two buyers."""
    return retire_month(slices=slices, buyer_nos={CAFE, OFFICE}, month=NOVEMBER, first_claim_no=first_claim_no)


class TestRetireMonth:
    def test_one_claim_a_buyer_in_the_order_of_parties(self):
        rows = allocated(
            (SURPLUS, 101, 20, OFFICE, 5),
            (SURPLUS, 101, 20, CAFE, 3),
            (SURPLUS, 102, 20, CAFE, 4),
            (SURPLUS, 102, 20, RETAILER, 9),
        )

        claims = retired(slices_of(rows)).claims

        assert [(each.claim_no, each.beneficiary_no, each.energy_wh) for each in claims] == [
            (7, CAFE, 7),
            (8, OFFICE, 5),
        ]
        assert {(each.month, each.purpose) for each in claims} == {(NOVEMBER, RENEWABLE_USE)}

    def test_what_is_not_active_stays_as_it_is(self):
        (piece,) = slices_of(allocated((SURPLUS, 101, 20, CAFE, 3)))

        for state in (CertificateState.RESERVED, CertificateState.EXPIRED, CertificateState.WITHDRAWN):
            retirement = retired([piece.in_state(state, 1)])

            assert (retirement.claims, retirement.changes) == ((), ())

    @given(market_days())
    def test_claims_add_up_to_the_slices_that_point_to_them(self, rows):
        retirement = retired(slices_of(rows))
        claimed = {each.claim_no: (each.beneficiary_no, each.energy_wh) for each in retirement.claims}
        pointed = {}
        for change in retirement.changes:
            (piece,) = change.after
            holder_no, energy_wh = pointed.get(piece.claim_no, (piece.holder_no, 0))
            pointed[piece.claim_no] = (holder_no, energy_wh + piece.energy_wh)

            assert piece == replace(change.before, state=CertificateState.RETIRED, claim_no=piece.claim_no)
            assert holder_no == piece.holder_no

        assert pointed == claimed
        bought_wh = sum(rows.bought_wh(kind) for kind in (1, 2))
        assert sum(energy_wh for _, energy_wh in claimed.values()) == bought_wh

    def test_claims_name_their_statement_and_the_days_of_use(self):
        slices = slices_of(allocated((SURPLUS, 101, 20, OFFICE, 5), (SURPLUS, 102, 20, CAFE, 4)))
        earlier, later = DAY - timedelta(days=9), DAY + timedelta(days=2)

        claims = retire_month(
            slices=slices,
            buyer_nos={CAFE, OFFICE},
            month=NOVEMBER,
            first_claim_no=7,
            market_id=MARKET,
            dates=[DAY, later],
            date_of={piece.certificate_id: earlier for piece in slices if piece.holder_no == OFFICE},
        ).claims

        assert [(each.beneficiary_no, each.used_from, each.used_until, each.statement_no) for each in claims] == [
            (CAFE, DAY, later, f"{MARKET}/2020-11/origin/000001"),
            (OFFICE, earlier, later, f"{MARKET}/2020-11/origin/000002"),
        ]
