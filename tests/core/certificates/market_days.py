"""Market-days for the tests of certificates and settlement: allocated rows, plants, drawn at will.

Enter: plain tuples or draws. Leave: AllocatedEnergy, CertifiedPlant. Not here: any expected result.
"""

from datetime import date

import numpy as np
from hypothesis import strategies as st

from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import CertifiedPlant

MARKET = MarketId("tokyo")
DAY = date(2020, 11, 20)
SURPLUS, SELF = CertificateKind.SURPLUS, CertificateKind.SELF_CONSUMPTION
RETAILER, CAFE, OFFICE = 1, 11, 12
STANDARD_SEN_PER_KWH = 850
# Home's and buyer's price of each buyer.
PRICES = {CAFE: (1_000, 1_200), OFFICE: (1_100, 1_250)}


def allocated(*rows):
    """Make rows of (kind, home, slot, holder, Wh); the retailer holds the rest of surplus, a home its own."""
    kinds, homes, slots, holders, wh = zip(*rows, strict=True) if rows else ((), (), (), (), ())
    terms = [_terms(kind, holder) for kind, holder in zip(kinds, holders, strict=True)]
    return AllocatedEnergy(
        kind_no=np.array(kinds, dtype=np.int8),
        home_no=np.array(homes, dtype=np.int32),
        slot_no=np.array(slots, dtype=np.int8),
        choice_no=np.array([choice for choice, _, _ in terms], dtype=np.int8),
        holder_no=np.array(holders, dtype=np.int32),
        energy_wh=np.array(wh, dtype=np.int64),
        home_price_sen_per_kwh=np.array([price for _, price, _ in terms], dtype=np.int64),
        buyer_price_sen_per_kwh=np.array([price for _, _, price in terms], dtype=np.int64),
    )


def _terms(kind, holder):
    """Give choice, home's price and buyer's price of a row."""
    if holder in PRICES:
        return (1 if holder == CAFE else 2, *PRICES[holder])
    return (0, STANDARD_SEN_PER_KWH if kind == SURPLUS else 0, 0)


def plant(home_no, fit_end=date(2019, 11, 1)):
    """Make the plant of a home."""
    return CertifiedPlant(
        home_no=home_no,
        device_id=f"PV-{home_no}",
        commissioning_date=date(2009, 11, 1),
        fit_end=fit_end,
        measurement_grade="ct",
        ct_class_permille=10,
    )


@st.composite
def market_days(draw, homes_max=3):
    """Draw a day's rows in any order: some slots, both kinds, buyers and the rest."""
    n_homes = draw(st.integers(1, homes_max))
    seats = st.tuples(
        st.sampled_from([SURPLUS, SELF]),
        st.integers(101, 100 + n_homes),
        st.integers(18, 21),
        st.sampled_from([RETAILER, CAFE, OFFICE]),
    )
    drawn = draw(st.dictionaries(seats, st.integers(1, 900), max_size=25))
    return allocated(*((*seat, energy_wh) for seat, energy_wh in drawn.items()))
