"""What a buyer had of roofs: bought, owed and passed on, each watt-hour for one user."""

from datetime import date
from typing import Any, cast

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sanchi.app.days import BuyerUseTable, DayOutcome, PassedOnTable
from sanchi.app.top_up import received_wh
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.debts import Debt
from sanchi.core.certificates.topping_up import uncovered_wh

OWNER, TENANT, SHOP, RETAILER, HOME = 11, 12, 13, 1, 101
SURPLUS, SELF = CertificateKind
ROWS = st.dictionaries(
    st.tuples(st.sampled_from([SURPLUS, SELF]), st.integers(1, 3), st.sampled_from([OWNER, SHOP, RETAILER])),
    st.integers(1, 500),
    max_size=12,
)


def outcome(bought, passed=(), buyers=(OWNER, TENANT, SHOP), use_wh=1_000):
    """Make a day of (kind, slot, holder) -> Wh and (slot, owner, tenant, Wh); the retailer holds the rest."""
    keys, energies = [*bought], [*bought.values()]
    allocated = AllocatedEnergy(
        kind_no=np.array([kind for kind, _, _ in keys], dtype=np.int8),
        home_no=np.full(len(keys), HOME, dtype=np.int32),
        slot_no=np.array([slot_no for _, slot_no, _ in keys], dtype=np.int8),
        choice_no=np.array([0 if holder == RETAILER else 1 for *_, holder in keys], dtype=np.int8),
        holder_no=np.array([holder for *_, holder in keys], dtype=np.int32),
        energy_wh=np.array(energies, dtype=np.int64),
        home_price_sen_per_kwh=np.zeros(len(keys), dtype=np.int64),
        buyer_price_sen_per_kwh=np.zeros(len(keys), dtype=np.int64),
    )
    columns = [np.array(column) for column in zip(*passed, strict=True)] if passed else [np.empty(0, np.int64)] * 4
    n_rows = len(passed)
    passed_on = PassedOnTable(
        kind_no=np.full(n_rows, SURPLUS, dtype=np.int8),
        slot_no=columns[0].astype(np.int8),
        home_no=np.full(n_rows, HOME, dtype=np.int32),
        owner_no=columns[1].astype(np.int32),
        tenant_no=columns[2].astype(np.int32),
        energy_wh=columns[3].astype(np.int64),
    )
    nothing = cast("Any", None)
    return DayOutcome(
        delivery_date=date(2020, 12, 1),
        revision=1,
        is_home_only=False,
        result_digest="",
        row_counts=nothing,
        slot_energy=nothing,
        buyer_use=BuyerUseTable(
            buyer_no=np.array(buyers, dtype=np.int32),
            use_wh=np.full((len(buyers), 48), use_wh, dtype=np.int64),
            use_quality=np.full((len(buyers), 48), 3, dtype=np.int8),
        ),
        allocated=allocated,
        closing=nothing,
        problems=(),
        passed_on=passed_on,
    )


def debt(slot_no, holder_no, debt_wh):
    """Make a debt of the day."""
    return Debt(
        debt_no=1,
        home_no=HOME,
        kind=SURPLUS,
        delivery_date=date(2020, 12, 1),
        slot_no=slot_no,
        holder_no=holder_no,
        debt_wh=debt_wh,
        home_price_sen_per_kwh=0,
        buyer_price_sen_per_kwh=0,
        revision=2,
    )


class TestReceived:
    @given(ROWS)
    def test_is_all_that_buyers_bought_and_nothing_of_the_rest(self, rows):
        received = received_wh(outcome(rows), [])

        bought_wh = sum(energy_wh for (*_, holder), energy_wh in rows.items() if holder != RETAILER)
        assert received.sum() == bought_wh
        owner_wh = sum(energy_wh for (_, slot, holder), energy_wh in rows.items() if (slot, holder) == (2, OWNER))
        assert received[0, 1] == owner_wh

    def test_of_what_was_passed_on_is_the_tenants_alone(self):
        day = outcome({(SURPLUS, 25, OWNER): 500, (SELF, 25, SHOP): 70}, [(25, OWNER, TENANT, 300)])

        received = received_wh(day, [])

        assert received[:, 24].tolist() == [200, 300, 70]
        assert received.sum() == 570
        assert uncovered_wh(day.buyer_use.use_wh, received)[:, 24].tolist() == [800, 700, 930]

    def test_keeps_what_became_a_debt_with_its_buyer(self):
        day = outcome({(SURPLUS, 25, SHOP): 400})

        received = received_wh(day, [debt(25, SHOP, 100), debt(26, HOME, 30)])

        assert received[2, 24] == 500
        assert received.sum() == 500

    def test_of_a_buyer_without_a_meter_covers_nobodys_use(self):
        assert received_wh(outcome({(SELF, 25, OWNER): 400}, buyers=(SHOP,)), []).sum() == 0
