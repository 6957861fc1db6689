"""CO2 of what nothing covered: exact, by the fiscal year, and never by a factor that nobody gave."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from sanchi.core.reports.co2_factors import EmissionFactor, FactorKind, emissions_of, fiscal_year_of


def factor(fiscal_year=2020, kind=FactorKind.BASIC, co2_g_per_kwh=441):
    return EmissionFactor(
        fiscal_year=fiscal_year, menu="standard", kind=kind, co2_g_per_kwh=co2_g_per_kwh, source="the retailer's list"
    )


class TestEmissions:
    def test_take_the_factor_of_the_fiscal_year_of_each_date(self):
        uncovered_wh = {date(2021, 3, 31): 1_000, date(2021, 4, 1): 2_000}

        found = emissions_of(uncovered_wh, [factor(2020), factor(2021, co2_g_per_kwh=400)])

        assert [(each.uncovered_wh, each.co2_mg) for each in found.emissions] == [(1_000, 441_000), (2_000, 800_000)]
        assert found.unanswered_wh == {}

    def test_tell_every_factor_of_the_year(self):
        found = emissions_of({date(2020, 12, 1): 10}, [factor(), factor(kind=FactorKind.RESIDUAL, co2_g_per_kwh=500)])

        assert [(each.factor.kind, each.co2_mg) for each in found.emissions] == [("basic", 4_410), ("residual", 5_000)]

    def test_say_which_energy_has_no_factor(self):
        found = emissions_of({date(2021, 4, 1): 7, date(2021, 3, 1): 5}, [factor(2020)])

        assert found.unanswered_wh == {2021: 7}

    def test_of_nothing_known_are_no_answer_rather_than_zero(self):
        found = emissions_of({date(2020, 12, 1): 10}, [])

        assert found.emissions == ()
        assert found.unanswered_wh == {2020: 10}

    @given(st.dictionaries(st.dates(date(2020, 1, 1), date(2022, 12, 31)), st.integers(0, 10**9), max_size=9))
    def test_count_every_watt_hour_once(self, uncovered_wh):
        found = emissions_of(uncovered_wh, [factor(2020), factor(2021)])

        answered_wh = sum(each.uncovered_wh for each in found.emissions)
        assert answered_wh + sum(found.unanswered_wh.values()) == sum(uncovered_wh.values())


class TestFiscalYear:
    def test_begins_in_april(self):
        assert [fiscal_year_of(date(2021, month, 1)) for month in (1, 3, 4, 12)] == [2020, 2020, 2021, 2021]
