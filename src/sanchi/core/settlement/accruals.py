"""What a market-day earns and costs, exact to 1e-5 yen: who owes whom for which home, holder, kind and price.

Enter: allocated energy, debts, parties. Leave: accrued Wh by key, and signed differences. Not here: booking.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from sanchi.core.base.ids import TransferId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.units import cost_e5yen
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.debts import Debt


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeParties:
    """Who buys a home's power and value to sell it on, and who is paid for them."""

    home_no: int
    purchaser_no: int
    payee_no: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AccrualKey:
    """What is added up into one line of a day."""

    payer_no: int
    payee_no: int
    home_no: int
    holder_no: int
    kind: CertificateKind
    price_sen_per_kwh: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accrual:
    """One line as booked: a difference of energy at a price, above or below zero, in the month of posting.

    line_no : 1.. within the delivery date and revision; transfer_id : the entry that books the amount.
    """

    delivery_date: date
    revision: int
    line_no: int
    posting_month: Month
    key: AccrualKey
    energy_wh: int
    transfer_id: TransferId

    def __post_init__(self) -> None:
        """Refuse a line that moves nothing."""
        assert self.amount_e5yen, f"{self.transfer_id}: {self.energy_wh} Wh at {self.key.price_sen_per_kwh}"

    @property
    def amount_e5yen(self) -> int:
        """Price the energy exactly [1e-5 yen]."""
        return cost_e5yen(self.energy_wh, self.key.price_sen_per_kwh)


# Energy by key [Wh], without keys of 0 Wh.
AccruedEnergy = Mapping[AccrualKey, int]


def accrue_day(
    allocated: AllocatedEnergy, debts: Iterable[Debt], parties: Iterable[HomeParties]
) -> dict[AccrualKey, int]:
    """Add up what a day in force earns: the holder pays the purchaser, the purchaser pays the payee.

    debts : all of the delivery date, paid off or not: what was paid for them stands. A leg without a price
    moves no money and gives no line; so the rest has no buyer's leg, and kept self-consumption none at all.
    Nor does a leg within one party: a purchaser that owns the roof pays nobody.
    Returns: energy by key [Wh], above 0, in the order of keys.
    """
    parties_of = {each.home_no: each for each in parties}
    totals = _energy_by_terms(allocated)
    for debt in debts:
        prices = debt.home_price_sen_per_kwh, debt.buyer_price_sen_per_kwh
        totals[debt.home_no, debt.holder_no, debt.kind, *prices] += debt.debt_wh
    accrued: Counter[AccrualKey] = Counter()
    for (home_no, holder_no, kind_no, home_price, buyer_price), energy_wh in totals.items():
        assert home_no in parties_of, f"home {home_no} was allocated energy, but nobody is paid for it"
        home = parties_of[home_no]
        legs = (
            (holder_no, home.purchaser_no, buyer_price),
            (home.purchaser_no, home.payee_no, home_price),
        )
        for payer_no, payee_no, price_sen_per_kwh in legs:
            if price_sen_per_kwh and payer_no != payee_no:
                key = AccrualKey(
                    payer_no=payer_no,
                    payee_no=payee_no,
                    home_no=home_no,
                    holder_no=holder_no,
                    kind=CertificateKind(kind_no),
                    price_sen_per_kwh=price_sen_per_kwh,
                )
                accrued[key] += energy_wh
    return dict(sorted(accrued.items()))


def _energy_by_terms(allocated: AllocatedEnergy) -> Counter[tuple[int, ...]]:
    """Add the slots up by home, holder, kind, home's price and buyer's price [Wh]."""
    return Counter(
        allocated.totals_by("home_no", "holder_no", "kind_no", "home_price_sen_per_kwh", "buyer_price_sen_per_kwh")
    )


def accrued_so_far(accruals: Iterable[Accrual]) -> dict[AccrualKey, int]:
    """Add up the lines booked for a delivery date over all its revisions [Wh], without keys of 0 Wh."""
    accrued: Counter[AccrualKey] = Counter()
    for accrual in accruals:
        accrued[accrual.key] += accrual.energy_wh
    return {key: energy_wh for key, energy_wh in sorted(accrued.items()) if energy_wh}


def accrual_differences(old: AccruedEnergy, new: AccruedEnergy) -> dict[AccrualKey, int]:
    """Give what has to be booked to get from one state of a day to another.

    Returns: signed energy by key [Wh], not 0, in the order of keys.
    """
    differences = {key: new.get(key, 0) - old.get(key, 0) for key in sorted({*old, *new})}
    return {key: energy_wh for key, energy_wh in differences.items() if energy_wh}
