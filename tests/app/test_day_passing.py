"""The second level of whole days of small random markets: nothing lost, doubled, invented or left lying about."""

from collections import Counter
from dataclasses import dataclass, replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sanchi.app.day_budgets import DayBudgets
from sanchi.app.day_matching import allocated_energy, match_kinds
from sanchi.app.day_passing import pass_kinds_on, revised_passing
from sanchi.app.days import PassedOnTable
from sanchi.app.market import CapacityRule, MarketBook, PartyRole, PassingOn, PassingRule
from sanchi.app.roster import Roster, call_roster
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY
from sanchi.core.certificates.allocated import REST_CHOICE_NO, AllocatedEnergy
from sanchi.core.matching.budget import NO_BUDGET_WH
from sanchi.core.matching.capacity import NO_CAP_WH
from tests.edge.store.stored_market import DAY, FIRST_DATE, choice, offer, party, plant, terms

FEW_WH = st.one_of(st.integers(0, 3), st.integers(0, 90))
SUNNY = (24, 25)
DAYS = settings(max_examples=80, deadline=None)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClosedDay:
    """A day as its close leaves it."""

    roster: Roster
    use_wh: np.ndarray
    allocated: AllocatedEnergy
    passed_on: PassedOnTable


@st.composite
def books(draw):
    """Draw a market in which buyers may own, and whoever owns nothing may be a tenant, of several owners too."""
    homes = [f"H{no}" for no in range(draw(st.integers(1, 4)))]
    buyers = [f"B{no}" for no in range(draw(st.integers(2, 5)))]
    parties = [
        *(party(each, PartyRole.HOME) for each in homes),
        *(party(each, PartyRole.BUYER) for each in buyers),
        party("R01", PartyRole.RETAILER),
    ]
    offers, choices, passing_on = [], [], []
    owners = draw(st.integers(1, len(buyers) - 1))
    for kind in CertificateKind:
        for buyer in buyers:
            rule, cap_wh = draw(st.sampled_from([(CapacityRule.METERED_USE, None), (CapacityRule.CAP_ONLY, 30)]))
            offers.append(replace(offer(buyer), kind=kind, capacity_rule=rule, cap_wh_per_slot=cap_wh))
        for home in homes:
            ranking = draw(st.permutations(buyers))[: draw(st.integers(0, len(buyers)))]
            choices += [replace(choice(home, no, buyer), kind=kind) for no, buyer in enumerate(ranking, start=1)]
        for owner in buyers[:owners]:
            passing_on += draw(lists_of_tenants(owner, kind, buyers[owners:]))
    return MarketBook(
        terms=terms(),
        parties=tuple(replace(each, party_no=no) for no, each in enumerate(parties, start=1)),
        plants=tuple(plant(home) for home in homes),
        meters=(),
        offers=tuple(offers),
        choices=tuple(choices),
        passing_on=tuple(passing_on),
    )


@st.composite
def lists_of_tenants(draw, owner, kind, others):
    """Draw one owner's list, or none."""
    tenants = draw(st.permutations(others))[: draw(st.integers(0, len(others)))]
    rule = draw(st.sampled_from(PassingRule))
    return [
        PassingOn(
            owner_id=PartyId(owner),
            kind=kind,
            valid_from=FIRST_DATE,
            rank_no=rank_no,
            tenant_id=PartyId(tenant),
            rule=rule,
            static_key=draw(st.integers(0, 3)) if rule is PassingRule.BY_KEY else None,
            target_permille=draw(st.integers(0, 1000)) if rule is PassingRule.BY_TARGET else None,
        )
        for rank_no, tenant in enumerate(tenants, start=1)
    ]


@st.composite
def closed_days(draw):
    """Draw a market and two sunny slots, match it and pass on."""
    book = draw(books())
    # No meters are drawn; homes keep their seats all the same.
    homes = {each.party_no for each in book.parties if each.role is PartyRole.HOME}
    roster = call_roster(book, DAY, homes)
    supply_wh = {kind: draw(energies(len(roster.homes))) for kind in CertificateKind}
    use_wh = draw(energies(len(roster.buyers)))
    unbounded = np.full((SLOTS_PER_DAY, len(roster.buyers)), NO_CAP_WH, dtype=np.int64)
    budgets = DayBudgets(
        budget_wh=dict.fromkeys(CertificateKind, np.full(len(roster.buyers), NO_BUDGET_WH, dtype=np.int64)),
        capacity_wh_max=dict.fromkeys(CertificateKind, unbounded),
    )
    matched = match_kinds(roster, supply_wh, use_wh, budgets)
    return ClosedDay(
        roster=roster,
        use_wh=use_wh,
        allocated=allocated_energy(roster, matched),
        passed_on=pass_kinds_on(roster, matched, use_wh),
    )


@st.composite
def energies(draw, n_parties):
    """Draw energies of shape (n_parties, 48), all but two slots dark."""
    energy_wh = np.zeros((n_parties, SLOTS_PER_DAY), dtype=np.int64)
    for party_index in range(n_parties):
        energy_wh[party_index, SUNNY] = draw(FEW_WH), draw(FEW_WH)
    return energy_wh


def rows_of(table, *names):
    """Give (key, Wh) of rows."""
    columns = (getattr(table, name).tolist() for name in names)
    return zip(zip(*columns, strict=True), table.energy_wh.tolist(), strict=True)


def summed(table, *names):
    """Sum rows by columns in plain Python."""
    sums = Counter()
    for key, energy_wh in rows_of(table, *names):
        sums[key] += energy_wh
    return sums


def bought(allocated):
    """Take what choices took."""
    return allocated.take(allocated.choice_no > REST_CHOICE_NO)


class TestSecondLevel:
    @DAYS
    @given(closed_days())
    def test_passes_on_no_more_of_a_home_than_its_owner_got(self, day):
        part_wh = summed(bought(day.allocated), "kind_no", "slot_no", "home_no", "holder_no")

        for place, energy_wh in summed(day.passed_on, "kind_no", "slot_no", "home_no", "owner_no").items():
            assert 0 < energy_wh <= part_wh[place]

    @DAYS
    @given(closed_days())
    def test_fills_no_tenant_beyond_its_use(self, day):
        own_wh = summed(bought(day.allocated), "slot_no", "holder_no")

        for (slot_no, tenant_no), energy_wh in summed(day.passed_on, "slot_no", "tenant_no").items():
            tenant = day.roster.buyer_no.tolist().index(tenant_no)
            assert own_wh[slot_no, tenant_no] + energy_wh <= day.use_wh[tenant, slot_no - 1]

    @DAYS
    @given(closed_days())
    def test_leaves_nothing_with_an_owner_that_a_tenant_had_room_for(self, day):
        got_wh = summed(bought(day.allocated), "kind_no", "slot_no", "holder_no")
        gone_wh = summed(day.passed_on, "kind_no", "slot_no", "owner_no")
        filled_wh = summed(bought(day.allocated), "slot_no", "holder_no")
        filled_wh.update(summed(day.passed_on, "slot_no", "tenant_no"))
        buyer_no = day.roster.buyer_no.tolist()
        for kind, owners in day.roster.owners.items():
            for owner, slot_index in ((owner, slot_index) for owner in owners for slot_index in SUNNY):
                place = (int(kind), slot_index + 1, buyer_no[owner.buyer_index])
                open_wh = [
                    int(day.use_wh[tenant.buyer_index, slot_index])
                    - filled_wh[slot_index + 1, buyer_no[tenant.buyer_index]]
                    for tenant in owner.tenants
                    if owner.rule is not PassingRule.BY_KEY or tenant.static_key
                ]
                assert got_wh[place] == gone_wh[place] or max(open_wh, default=0) <= 0

    @DAYS
    @given(closed_days())
    def test_has_rows_in_order_to_tenants_of_the_list_alone(self, day):
        buyer_no = day.roster.buyer_no.tolist()
        listed = {
            (int(kind), buyer_no[owner.buyer_index], buyer_no[tenant.buyer_index])
            for kind, owners in day.roster.owners.items()
            for owner in owners
            for tenant in owner.tenants
        }
        places = [key for key, _ in rows_of(day.passed_on, "kind_no", "slot_no", "home_no", "owner_no", "tenant_no")]

        assert {(kind_no, owner_no, tenant_no) for kind_no, _, _, owner_no, tenant_no in places} <= listed
        assert places == sorted(set(places))


class TestRevisedPassing:
    @DAYS
    @given(closed_days(), st.data())
    def test_takes_from_corrected_homes_what_their_owner_has_no_longer(self, day, data):
        corrected_no = data.draw(st.sampled_from(day.roster.home_no.tolist()))
        factors = data.draw(
            st.lists(st.integers(0, 3), min_size=day.allocated.row_count, max_size=day.allocated.row_count)
        )
        factor = np.array(factors, dtype=np.int64)
        is_other = day.allocated.home_no != corrected_no
        energy_wh = np.where(is_other, day.allocated.energy_wh, day.allocated.energy_wh * factor // 2)
        after = replace(day.allocated.take(energy_wh > 0), energy_wh=energy_wh[energy_wh > 0])

        revised = revised_passing(day.roster, day.passed_on, after)

        names = ("kind_no", "slot_no", "home_no", "owner_no", "tenant_no")
        before_rows, rows = dict(rows_of(day.passed_on, *names)), dict(rows_of(revised, *names))
        new_part_wh = summed(bought(after), "kind_no", "slot_no", "home_no", "holder_no")
        passed_wh = summed(revised, *names[:4])
        for place, before_wh in summed(day.passed_on, *names[:4]).items():
            assert passed_wh[place] == min(before_wh, new_part_wh[place])
        assert all(rows[place] <= before_rows[place] for place in rows)
        assert {place: wh for place, wh in rows.items() if place[2] != corrected_no} == {
            place: wh for place, wh in before_rows.items() if place[2] != corrected_no
        }
