"""Days some years and months away, and periods with a day in them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.base.errors import WrongInput
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.eligibility import Period, PlantFacts, ValueClaim
from sanchi.core.eligibility.facts import months_after, years_after

DAYS = st.dates(date(1990, 1, 1), date(2060, 12, 31))


class TestYearsAfter:
    @pytest.mark.parametrize(
        ("begun", "anniversary"),
        [
            (date(2011, 11, 1), date(2026, 11, 1)),
            (date(2012, 2, 28), date(2027, 2, 28)),
            (date(2012, 2, 29), date(2027, 3, 1)),
            (date(2012, 3, 1), date(2027, 3, 1)),
            (date(2013, 2, 28), date(2028, 2, 28)),
        ],
    )
    def test_gives_the_anniversary(self, begun, anniversary):
        assert years_after(begun, 15) == anniversary

    def test_gives_the_leap_day_where_the_year_has_one(self):
        assert years_after(date(2012, 2, 29), 16) == date(2028, 2, 29)

    @given(DAYS, DAYS, st.integers(0, 40))
    def test_keeps_the_order_of_days(self, one, other, years):
        assert (years_after(one, years) <= years_after(other, years)) or one > other


class TestMonthsAfter:
    @given(DAYS, st.integers(-30, 30))
    def test_gives_the_same_day_or_the_last_of_its_month(self, day, months):
        found = months_after(day, months)

        assert (found.year * 12 + found.month) - (day.year * 12 + day.month) == months
        assert found.day == day.day or (found.day < day.day and (found + timedelta(days=1)).day == 1)


class TestPeriod:
    def test_without_a_day_is_refused(self):
        with pytest.raises(WrongInput, match="has no day"):
            Period(first_date=date(2026, 1, 1), until_date=date(2026, 1, 1))


class TestPlantFacts:
    def test_counts_age_from_the_repowering(self):
        facts = PlantFacts(commissioning_date=date(2010, 1, 1), repowered_on=date(2020, 1, 1))

        assert facts.age_counts_from == date(2020, 1, 1)


class TestValueClaim:
    @pytest.mark.parametrize(("day", "covers"), [(9, False), (10, True), (19, True), (20, False)])
    def test_covers_from_its_first_day_until_before_its_end(self, day, covers):
        claim = ValueClaim(
            scheme="PPA",
            kind=CertificateKind.SURPLUS,
            first_date=date(2026, 1, 10),
            until_date=date(2026, 1, 20),
        )

        assert claim.covers(CertificateKind.SURPLUS, date(2026, 1, day)) is covers
        assert not claim.covers(CertificateKind.SELF_CONSUMPTION, date(2026, 1, day))
