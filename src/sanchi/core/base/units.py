"""Exact conversions between the integer units of energy, price and money.

Enters and leaves: integers and int64 arrays. Not here: rounding to whole yen (see settlement.rounding).
"""

from typing import Final

WH_PER_KWH: Final = 1_000
SEN_PER_YEN: Final = 100
# Wh x sen/kWh = 1e-3 kWh x 1e-2 yen/kWh = 1e-5 yen, so the product needs no division.
E5YEN_PER_YEN: Final = WH_PER_KWH * SEN_PER_YEN
PERMILLE: Final = 1_000


def cost_e5yen(energy_wh: int, price_sen_per_kwh: int) -> int:
    """Price an energy exactly: Wh times sen/kWh is 1e-5 yen.

    >>> cost_e5yen(1_500, 850)  # 1.5 kWh at 8.5 yen/kWh = 12.75 yen
    1275000
    """
    return energy_wh * price_sen_per_kwh
