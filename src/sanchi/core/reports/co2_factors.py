"""The CO2 of use that nothing covered, by factors that somebody names; without a factor there is no answer.

Enter: uncovered energies by date [Wh] and EmissionFactors. Leave: Emissions, exact. Not here: any factor, and
how a file of them is read.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final

APRIL: Final = 4


class FactorKind(StrEnum):
    """Which of a menu's published factors it is."""

    BASIC = "basic"  # 基礎排出係数: as generated, certificates of the retailer left out
    ADJUSTED = "adjusted"  # 調整後排出係数: after the retailer's certificates and the levy's share
    RESIDUAL = "residual"  # 残差: of the menu's part that no certificate was used for


@dataclass(frozen=True, slots=True, kw_only=True)
class EmissionFactor:
    """A published factor of one Japanese fiscal year [g of CO2 a kWh], and where it was published.

    fiscal_year : 2024 = April 2024 to March 2025.
    """

    fiscal_year: int
    menu: str
    kind: FactorKind
    co2_g_per_kwh: int
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Emission:
    """What a factor makes of the uncovered energy of its fiscal year; co2_mg is exact: Wh times g/kWh is mg."""

    factor: EmissionFactor
    uncovered_wh: int
    co2_mg: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Emissions:
    """An Emission for each factor of the fiscal years that have uncovered energy, and the years without any factor.

    unanswered_wh : uncovered energy by fiscal year for which no factor was given [Wh].
    """

    emissions: tuple[Emission, ...]
    unanswered_wh: Mapping[int, int]


def fiscal_year_of(delivery_date: date) -> int:
    """Give the Japanese fiscal year that a date lies in.

    >>> fiscal_year_of(date(2021, 3, 31)), fiscal_year_of(date(2021, 4, 1))
    (2020, 2021)
    """
    return delivery_date.year - (delivery_date.month < APRIL)


def emissions_of(uncovered_wh: Mapping[date, int], factors: Iterable[EmissionFactor]) -> Emissions:
    """Multiply the uncovered energy of each fiscal year with each of its factors; no factor is ever assumed.

    uncovered_wh : by delivery date [Wh]; factors : any years, in the order in which they are to be told.
    """
    years_wh = Counter[int]()
    for delivery_date, energy_wh in uncovered_wh.items():
        years_wh[fiscal_year_of(delivery_date)] += energy_wh
    of_years = [factor for factor in factors if factor.fiscal_year in years_wh]
    answered = {factor.fiscal_year for factor in of_years}
    return Emissions(
        emissions=tuple(
            Emission(
                factor=factor,
                uncovered_wh=years_wh[factor.fiscal_year],
                co2_mg=years_wh[factor.fiscal_year] * factor.co2_g_per_kwh,
            )
            for factor in of_years
        ),
        unanswered_wh={year: energy_wh for year, energy_wh in sorted(years_wh.items()) if year not in answered},
    )
