"""The second level: every Wh traced home -> owner -> tenant, both margins exact."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.matching.allocation import check_allocation
from sanchi.core.matching.market import MatchMarket, MissingTerms
from sanchi.core.matching.mechanisms.eating import eating
from sanchi.core.matching.mechanisms.fixed_share import fixed_share_passed_on
from sanchi.core.matching.mechanisms.target_share import target_share
from sanchi.core.matching.offers import ExcessiveSupply, UnknownBuyer
from sanchi.core.matching.passing_on import PassingOwners, RepeatedOwner, TenantIsOwner, pass_on
from tests.oracles.eating_markets import day_of, random_day, slot_markets
from tests.oracles.eating_oracle import SlotMarket, phase
from tests.oracles.passing_oracle import poured_on
from tests.oracles.share_markets import turned

CHAINS = settings(max_examples=200, deadline=None)
FEW_WH = st.one_of(st.integers(0, 3), st.integers(0, 200))


def owners_of(lists, buyers, capacities, tenant_buyers=None, **terms):
    """Give owners with lists of tenants; the same capacities in every slot."""
    choices = np.full((len(lists), max(map(len, lists), default=0)), -1, dtype=np.int32)
    for owner, tenants in enumerate(lists):
        choices[owner, : len(tenants)] = tenants
    return PassingOwners(
        owner_key=np.arange(len(lists), dtype=np.int64) + 500,
        owner_buyer_index=np.array(buyers, dtype=np.int64),
        tenant_buyer_index=np.array(tenant_buyers or [-1] * len(capacities), dtype=np.int64),
        choice_tenant_index=choices,
        capacity_wh=np.tile(np.array(capacities, dtype=np.int64), (SLOTS_PER_DAY, 1)),
        **terms,
    )


@st.composite
def chains(draw):
    """Draw a first level and owners among its buyers, tenants of several owners included."""
    slot = draw(slot_markets(supply_wh=FEW_WH))
    n_buyers = len(slot.capacities)
    n_owners = draw(st.integers(0, n_buyers))
    buyers = draw(st.permutations(range(n_buyers)))[:n_owners]
    capacities = draw(st.lists(st.integers(0, 150), min_size=1, max_size=4))
    ranking = st.permutations(range(len(capacities)))
    lists = [draw(ranking)[: draw(st.integers(0, len(capacities)))] for _ in range(n_owners)]
    return slot, owners_of(
        lists,
        buyers,
        capacities,
        static_key=np.ones((n_owners, max(map(len, lists), default=0)), dtype=np.int64),
        target_permille=np.full(len(capacities), 500, dtype=np.int64),
        use_wh=np.tile(np.array(capacities, dtype=np.int64), (SLOTS_PER_DAY, 1)),
    )


def summed(*columns):
    """Sum the last column by the others."""
    sums = defaultdict(int)
    for *key, wh in zip(*(column.tolist() for column in columns), strict=True):
        sums[tuple(key)] += wh
    return dict(sums)


MECHANISMS = pytest.mark.parametrize("mechanism", [eating, fixed_share_passed_on, target_share])


class TestMargins:
    @MECHANISMS
    @CHAINS
    @given(chain=chains())
    def test_tenants_and_owner_get_exactly_what_each_home_gave(self, mechanism, chain):
        slot, owners = chain
        day = day_of(slot)
        first = eating(MatchMarket(day=day)).allocation
        rows = pass_on(day, first, owners, mechanism).rows
        buyer_index = owners.owner_buyer_index[rows.owner_index]
        is_owned = np.isin(first.buyer_index, owners.owner_buyer_index)

        assert summed(rows.slot_index, rows.home_index, buyer_index, rows.energy_wh) == summed(
            first.slot_index[is_owned],
            first.home_index[is_owned],
            first.buyer_index[is_owned],
            first.energy_wh[is_owned],
        )

    @MECHANISMS
    @CHAINS
    @given(chain=chains())
    def test_each_tenant_gets_exactly_what_the_second_level_gave_it(self, mechanism, chain):
        slot, owners = chain
        day = day_of(slot)
        second = pass_on(day, eating(MatchMarket(day=day)).allocation, owners, mechanism)
        rows, passed = second.rows, second.result.allocation
        is_tenant = rows.tenant_index >= 0
        columns = (rows.slot_index, rows.owner_index, rows.tenant_index, rows.energy_wh)
        check_allocation(second.market.day, passed)

        assert summed(*(column[is_tenant] for column in columns)) == summed(
            passed.slot_index, passed.home_index, passed.buyer_index, passed.energy_wh
        )

    @CHAINS
    @given(chains())
    def test_rows_equal_wh_poured_one_by_one(self, chain):
        slot, owners = chain
        day = day_of(slot)
        first = eating(MatchMarket(day=day)).allocation
        second = pass_on(day, first, owners, fixed_share_passed_on)
        rest_wh = second.result.allocation.rest_wh(second.market.day)
        phases = [phase(key, day.delivery_date.isoformat(), 25) for key in day.home_key.tolist()]
        for owner, buyer in enumerate(owners.owner_buyer_index.tolist()):
            parts = zip(first.home_index.tolist(), first.buyer_index.tolist(), first.energy_wh.tolist(), strict=True)
            homes = sorted(((home, wh) for home, to, wh in parts if to == buyer), key=lambda pair: phases[pair[0]])
            passed = second.result.allocation
            of_owner = passed.home_index == owner
            tenants = list(zip(passed.buyer_index[of_owner].tolist(), passed.energy_wh[of_owner].tolist(), strict=True))
            expected = poured_on(homes, [*tenants, (-1, int(rest_wh[24, owner]))])
            rows = second.rows
            of_rows = rows.owner_index == owner

            assert summed(rows.home_index[of_rows], rows.tenant_index[of_rows], rows.energy_wh[of_rows]) == expected

    @CHAINS
    @given(chains())
    def test_order_of_homes_is_irrelevant(self, chain):
        slot, owners = chain
        market = MatchMarket(day=day_of(slot))
        order = np.arange(market.day.n_homes)[::-1].copy()
        other = turned(market, order)
        rows = pass_on(market.day, eating(market).allocation, owners, fixed_share_passed_on).rows
        back = pass_on(other.day, eating(other).allocation, owners, fixed_share_passed_on).rows

        assert summed(rows.home_index, rows.owner_index, rows.tenant_index, rows.energy_wh) == summed(
            order[back.home_index], back.owner_index, back.tenant_index, back.energy_wh
        )

    def test_rows_of_a_day_are_in_order_and_no_pair_stands_twice(self):
        day = random_day(2, n_homes=30, n_buyers=5, k_max=3)
        owners = owners_of([[0, 1, 2], [2, 3]], [1, 4], [300, 500, 700, 100])
        rows = pass_on(day, eating(MatchMarket(day=day)).allocation, owners, eating).rows
        keys = list(
            zip(
                rows.slot_index.tolist(),
                rows.home_index.tolist(),
                rows.owner_index.tolist(),
                rows.tenant_index.tolist(),
                strict=True,
            )
        )

        assert len(keys) > 300
        assert keys == sorted(set(keys))
        assert rows.energy_wh.min() > 0

    def test_no_home_is_always_the_first_tenants(self):
        day = day_of(SlotMarket(supplies=[10, 10], choices=[[0], [0]], capacities=[20], phases=[0, 0]))
        day = type(day)(
            home_key=day.home_key,
            choice_buyer_index=day.choice_buyer_index,
            supply_wh=np.full((48, 2), 10),
            capacity_wh=np.full((48, 1), 20),
            delivery_date=day.delivery_date,
        )
        owners = owners_of([[0, 1]], [0], [10, 10])
        rows = pass_on(day, eating(MatchMarket(day=day)).allocation, owners, eating).rows
        first_wh = [int(rows.energy_wh[(rows.home_index == home) & (rows.tenant_index == 0)].sum()) for home in (0, 1)]

        assert sum(first_wh) == 480
        assert min(first_wh) >= 120

    def test_tenant_of_two_owners_is_not_filled_twice(self):
        day = day_of(SlotMarket(supplies=[60, 60], choices=[[0], [1]], capacities=[60, 60], phases=[0, 0]))
        owners = owners_of([[0], [0]], [0, 1], [80])
        second = pass_on(day, eating(MatchMarket(day=day)).allocation, owners, eating)
        got = summed(second.rows.owner_index, second.rows.tenant_index, second.rows.energy_wh)

        assert got == {(0, 0): 40, (0, -1): 20, (1, 0): 40, (1, -1): 20}


class TestRefusals:
    @pytest.mark.parametrize("tenant_buyers", [[0, -1], [-1, 1]], ids=["itself", "another owner"])
    def test_tenant_that_is_an_owner_is_refused(self, tenant_buyers):
        with pytest.raises(TenantIsOwner, match="owner itself"):
            owners_of([[0], [1]], [0, 1], [10, 10], tenant_buyers)

    def test_owner_named_twice_is_refused(self):
        with pytest.raises(RepeatedOwner, match="buyer 3 twice"):
            owners_of([[0], [1]], [3, 3], [10, 10])

    @pytest.mark.parametrize(
        ("buyers", "tenant_buyers", "name"),
        [([7], [-1], "owner_buyer_index"), ([-1], [-1], "owner_buyer_index"), ([0], [9], "tenant_buyer_index")],
    )
    def test_buyer_that_the_first_level_does_not_have_is_refused(self, buyers, tenant_buyers, name):
        day = random_day(2, n_homes=3, n_buyers=2, k_max=1)
        owners = owners_of([[0]], buyers, [10], tenant_buyers)
        with pytest.raises(UnknownBuyer, match=name):
            pass_on(day, eating(MatchMarket(day=day)).allocation, owners, eating)

    def test_tenant_that_an_owner_names_but_nobody_knows_is_refused(self):
        day = random_day(2, n_homes=3, n_buyers=2, k_max=1)
        with pytest.raises(UnknownBuyer, match="choice_buyer_index"):
            pass_on(day, eating(MatchMarket(day=day)).allocation, owners_of([[4]], [0], [10]), eating)

    def test_keys_that_a_mechanism_needs_are_missed_by_name(self):
        day = random_day(2, n_homes=3, n_buyers=2, k_max=1)
        with pytest.raises(MissingTerms, match="static_key"):
            pass_on(day, eating(MatchMarket(day=day)).allocation, owners_of([[0]], [0], [10]), fixed_share_passed_on)

    def test_intake_beyond_the_arithmetic_is_refused(self):
        edge = 2**31 - 1
        day = day_of(SlotMarket(supplies=[edge] * 2, choices=[[0]] * 2, capacities=[2**33], phases=[0] * 2))
        with pytest.raises(ExcessiveSupply):
            pass_on(day, eating(MatchMarket(day=day)).allocation, owners_of([[0]], [0], [10]), eating)
