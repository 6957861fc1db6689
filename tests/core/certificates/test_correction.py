"""What a correction gained and lost."""

from hypothesis import given

from sanchi.core.certificates.correction import correction_between
from tests.core.certificates.market_days import CAFE, OFFICE, RETAILER, SURPLUS, allocated, market_days

KEY = ("home_no", "kind_no", "slot_no", "holder_no")


class TestCorrection:
    def test_equal_allocations_change_nothing(self):
        rows = allocated((SURPLUS, 101, 20, CAFE, 8), (SURPLUS, 101, 20, RETAILER, 3))

        correction = correction_between(rows, rows)

        assert (correction.increase.row_count, correction.removals) == (0, ())

    def test_removal_keeps_the_prices_that_were_paid(self):
        old = allocated((SURPLUS, 101, 20, OFFICE, 8))
        new = allocated((SURPLUS, 101, 20, OFFICE, 3))

        (removal,) = correction_between(old, new).removals

        assert (removal.home_no, removal.kind, removal.slot_no, removal.holder_no) == (
            101,
            SURPLUS,
            20,
            OFFICE,
        )
        assert (removal.energy_wh, removal.home_price_sen_per_kwh) == (5, 1_100)
        assert removal.buyer_price_sen_per_kwh == 1_250

    @given(market_days(), market_days())
    def test_old_plus_increase_less_removals_is_new(self, old, new):
        correction = correction_between(old, new)
        balance = dict(old.totals_by(*KEY))
        for key, energy_wh in correction.increase.totals_by(*KEY).items():
            balance[key] = balance.get(key, 0) + energy_wh
        for each in correction.removals:
            balance[each.home_no, each.kind, each.slot_no, each.holder_no] -= each.energy_wh

        assert {key: energy_wh for key, energy_wh in balance.items() if energy_wh} == new.totals_by(*KEY)

    @given(market_days(), market_days())
    def test_nothing_is_gained_and_lost_at_once(self, old, new):
        correction = correction_between(old, new)
        lost = {(each.home_no, each.kind, each.slot_no, each.holder_no) for each in correction.removals}

        assert not lost & set(correction.increase.totals_by(*KEY))
