"""Home batteries of a registry: what homes kept is charged, what came out is certified anew, account after account.

Enter: drawn flows of batteries, in the place of meters. Leave: steps on both sides. Not here: a battery's arithmetic.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from types import SimpleNamespace
from typing import Any

import numpy as np

from sanchi.app.days import MarketDay
from sanchi.app.store_energy import store_energy
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.slots import dates_between
from sanchi.edge.store.sql import fetch
from tests.oracles.registry_model import Flow
from tests.simulation.registry_closes import SLOTS, RegistryCloses
from tests.simulation.registry_sides import Different
from tests.simulation.registry_world import FIRST_DATE, MARKET

EVENING = (*SLOTS, 37, 38)
PERIOD_DAYS_MAX = 16
# Most half hours take nothing, so that something is left inside when a period ends.
FROM_SUN_WH, TO_HOME_WH, TO_GRID_WH = (0, 2, 6, 18, 18), (0,) * 12 + (1, 2, 5, 18), (0,) * 30 + (1, 4)
WRONG_SHARE = 0.2
ACCOUNT = (
    "storage_no, home_no, first_date, last_date, carry_in_wh, charged_wh, discharged_wh, loss_wh, carry_out_wh, "
    "coalesce(previous_storage_no, 0)"
)
# Flows of batteries by home_no, day and slot_no.
Flows = Mapping[tuple[int, date, int], Flow]


@dataclass
class RegistryStorage(RegistryCloses):
    """What batteries do."""

    def store(self) -> None:
        """Account for some batteries over the days after their last account; sometimes over days that cannot be."""
        self.paper.batteries = self.world.batteries
        lead = self.chance.choice(sorted(self.world.batteries))
        begins = self._begins(lead)
        homes = [no for no in self.world.batteries if self._begins(no) == begins and self.chance.random() < 0.7]
        homes = sorted({lead, *homes})
        first = begins
        last = min(max(self.paper.final_days), first + timedelta(days=self.chance.randrange(PERIOD_DAYS_MAX)))
        if self.chance.random() < WRONG_SHARE:
            first, last, homes = self._spoilt_period(first, last, homes)
        if last < first:
            return
        flows = self._drawn_flows(homes, first, last)
        number = len(self.paper.accounts) + 1
        self.both(
            "store",
            lambda: self._in_books(homes, first, last, flows),
            lambda: self.live.extend(self.paper.store(homes, first, last, flows, self._name_of)),
        )
        self.operations += len(homes) + len(self.paper.accounts) + 1 - number
        self.look_at_accounts()

    def look_at_accounts(self) -> None:
        """Compare the accounts of batteries. Raises: Different."""
        accounts = [tuple(row) for row in fetch(f"SELECT {ACCOUNT} FROM storage_account ORDER BY storage_no")]
        if accounts != self.paper.accounts:
            raise Different(f"seed {self.seed}, step {self.step_no}: {accounts}, on paper {self.paper.accounts}")

    def _begins(self, home_no: int) -> date:
        """Give the day on which a battery's next account begins."""
        before = self.paper.last_account(home_no)
        return FIRST_DATE if before is None else before[3] + timedelta(days=1)

    def _spoilt_period(self, first: date, last: date, homes: list[int]) -> tuple[date, date, list[int]]:
        """Overlap the account before, leave a day out, go beyond the final days, or name a home without a battery."""
        day = timedelta(days=1)
        bare = [no for no in range(1, self.n_homes + 1) if no not in self.world.batteries]
        return self.chance.choice(
            [
                (first - day, last, homes),
                (first + day, last + day, homes),
                (first, max(self.paper.final_days) + day, homes),
                (first, last, sorted({*homes, *bare[:1]})),
            ]
        )

    def _drawn_flows(self, homes: list[int], first: date, last: date) -> Flows:
        """Draw what batteries took from the sun, gave their homes and gave the grid, instead of metering it."""
        return {
            (home_no, day, slot_no): (
                self.chance.choice(FROM_SUN_WH) if slot_no in SLOTS else 0,
                self.chance.choice(TO_HOME_WH),
                self.chance.choice(TO_GRID_WH),
            )
            for home_no in homes
            for day in dates_between(first, last)
            for slot_no in EVENING
        }

    def _in_books(self, homes: list[int], first: date, last: date, flows: Flows) -> None:
        """Store in the books, with days that tell the drawn flows."""
        stores = self.installation.stores
        days: Any = _ToldDays(days=stores.days, revisions=self.revisions, n_homes=self.n_homes, flows=flows)
        told = replace(stores, days=days)
        home_ids = [PartyId(f"H{home_no:02}") for home_no in homes]
        self.installation.run_step(
            MARKET, "store-energy", str(first), lambda: store_energy(told, MARKET, first, last, home_ids=home_ids)
        )

    def _name_of(self, home_no: int, day: date, storage_no: int) -> tuple[str, int]:
        """Name what came out of a battery, and give the revision that its day is in."""
        revision = self.revisions.get(day, 1)
        return f"{MARKET}/H{home_no:02}-PV/{day}/self_consumption/{revision}/stored-{storage_no}", revision


@dataclass(frozen=True, slots=True, kw_only=True)
class _ToldDays:
    """Days whose outcome has flows of batteries alone, all of them measured; everything else is as it is stored."""

    days: Any
    revisions: Mapping[date, int]
    n_homes: int
    flows: Flows

    def market_days(self, market_id: MarketId, first_date: date, last_date: date) -> tuple[MarketDay, ...]:
        """Give the days that were closed."""
        return self.days.market_days(market_id, first_date, last_date)

    def outcome(self, _: MarketId, delivery_date: date) -> Any:
        """Tell a day as its balance would: what charged was all that the roof gave, the rest came out."""
        charge_wh, used_wh, grid_wh = np.zeros((3, self.n_homes, 48), dtype=np.int64)
        for (home_no, day, slot_no), flow in self.flows.items():
            if day == delivery_date:
                place = home_no - 1, slot_no - 1
                charge_wh[place], used_wh[place], grid_wh[place] = flow
        slot_energy = SimpleNamespace(
            home_no=np.arange(1, self.n_homes + 1, dtype=np.int32),
            pv_wh=charge_wh,
            charge_pv_wh=charge_wh,
            discharge_wh=used_wh + grid_wh,
            export_pv_wh=np.zeros_like(charge_wh),
            grid_export_wh=grid_wh,
        )
        nothing = np.zeros(0, dtype=np.int64)
        slot_values = SimpleNamespace(
            party_no=nothing, channel_no=nothing, slot_no=nothing, energy_wh=nothing, quality=nothing
        )
        return SimpleNamespace(
            delivery_date=delivery_date,
            revision=self.revisions.get(delivery_date, 1),
            slot_energy=slot_energy,
            slot_values=slot_values,
            buyer_use=SimpleNamespace(buyer_no=nothing),
        )
