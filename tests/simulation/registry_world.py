"""A market that has certificates without meters: parties, closed days, and what matching would have left of them.

Enter: an installation, energies by home, kind, slot and holder. Leave: issued certificates. Not here: what is done
with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import numpy as np

from sanchi.app.market import Plant
from sanchi.app.stores import Installation
from sanchi.core.base.ids import MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import CertifiedPlant
from sanchi.core.certificates.issue import Issue, issue_day
from sanchi.edge.store.sql import execute, insert
from tests.edge.store.stored_market import party, plant, terms

MARKET = MarketId("tokyo")
RETAILER = PartyId("R01")
FIRST_DATE = date(2020, 11, 1)
# Energies of a day [Wh] by (home_no, kind_no, slot_no, holder_no).
Energies = Mapping[tuple[int, int, int, int], int]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistryWorld:
    """Homes 1..n_homes, then n_buyers buyers, then the retailer, by party_no."""

    installation: Installation
    n_homes: int
    n_buyers: int

    @classmethod
    def made(cls, installation: Installation, n_homes: int, n_buyers: int) -> "RegistryWorld":
        """Store the market's master data."""
        from sanchi.app.market import PartyRole

        homes = [f"H{no:02}" for no in range(1, n_homes + 1)]
        parties = [party(each, PartyRole.HOME) for each in homes]
        parties += [party(f"B{no:02}", PartyRole.BUYER) for no in range(1, n_buyers + 1)]
        store = installation.stores.market
        plants = [_with_battery(no, plant(each)) for no, each in enumerate(homes, start=1)]

        def save() -> None:
            store.save_terms(replace(terms(MARKET), first_delivery_date=FIRST_DATE))
            store.save_parties(MARKET, [*parties, party(RETAILER, PartyRole.RETAILER)])
            store.save_plants(MARKET, plants)

        installation.run_step(MARKET, "world", "parties", save)
        return cls(installation=installation, n_homes=n_homes, n_buyers=n_buyers)

    @property
    def first_date(self) -> date:
        """Give the first day that can be closed."""
        return FIRST_DATE

    @property
    def buyer_nos(self) -> range:
        """Number the buyers."""
        return range(self.n_homes + 1, self.n_homes + self.n_buyers + 1)

    @property
    def retailer_no(self) -> int:
        """Number the retailer."""
        return self.n_homes + self.n_buyers + 1

    @property
    def batteries(self) -> dict[int, tuple[int, int]]:
        """Give efficiency [permille] and capacity [Wh] of the homes that have a battery."""
        return {no: _battery(no) for no in range(1, self.n_homes + 1) if no % 3}

    def add_run(self, delivery_date: date, revision: int) -> None:
        """Store that a day was closed in a revision, which is in force from now on."""
        run: dict[str, Any] = {
            "market": MARKET, "delivery_date": delivery_date, "revision": revision, "is_home_only": False,
            "result_digest": "", "used_row_count": 0, "superseded_row_count": 0, "set_aside_row_count": 0,
            "readings_digest": "", "readings_delivery_no_max": 0,
        }  # fmt: skip
        insert("day_run", tuple(run), [tuple(run.values())])
        if revision > 1:
            execute(
                "UPDATE market_day SET revision_in_force = %s WHERE market = %s AND delivery_date = %s",
                [revision, MARKET, delivery_date],
            )
            return
        columns = ("market", "delivery_date", "revision_in_force", "is_finalised", "is_stale")
        insert("market_day", columns, [(MARKET, delivery_date, revision, False, False)])

    def issue(self, delivery_date: date, revision: int, allocated: AllocatedEnergy) -> Issue:
        """Issue certificates over energies that are allocated."""
        issue = issue_day(
            market_id=MARKET,
            delivery_date=delivery_date,
            revision=revision,
            allocated=allocated,
            plants=[_plant(home_no) for home_no in range(1, self.n_homes + 1)],
            recovered_wh={},
        )
        self.installation.stores.certificates.add_issue(
            MARKET, delivery_date, revision, issue.certificates, issue.slices, issue.segments
        )
        return issue


def _battery(home_no: int) -> tuple[int, int]:
    """Give efficiency [permille] and capacity [Wh] of a battery: each loses something else, some are soon full."""
    return 700 + 37 * home_no % 301, 4 + 7 * home_no % 24


def _with_battery(home_no: int, stored: Plant) -> Plant:
    """Give two homes of three a battery."""
    if home_no % 3 == 0:
        return stored
    efficiency_permille, capacity_wh = _battery(home_no)
    return replace(
        stored,
        battery_capacity_wh=capacity_wh,
        battery_power_w=1_000,
        battery_efficiency_permille=efficiency_permille,
        battery_provenance="modelled",
    )


def _plant(home_no: int) -> CertifiedPlant:
    """Give what certificates say of a roof."""
    stored = plant(f"H{home_no:02}")
    return CertifiedPlant(
        home_no=home_no,
        device_id=stored.device_id,
        commissioning_date=stored.commissioning_date,
        fit_end=stored.fit_end,
        measurement_grade=stored.measurement_grade,
        ct_class_permille=stored.ct_class_permille,
    )


def allocated_of(energies: Energies) -> AllocatedEnergy:
    """Lay energies out as matching does; prices tell nothing here."""
    rows = [(*key, wh) for key, wh in sorted(energies.items()) if wh]
    home_no, kind_no, slot_no, holder_no, energy_wh = (
        np.array(column, dtype=np.int64) for column in (zip(*rows, strict=True) if rows else [[]] * 5)
    )
    return AllocatedEnergy(
        kind_no=kind_no.astype(np.int8),
        home_no=home_no.astype(np.int32),
        slot_no=slot_no.astype(np.int8),
        choice_no=np.ones(len(rows), dtype=np.int8),
        holder_no=holder_no.astype(np.int32),
        energy_wh=energy_wh,
        home_price_sen_per_kwh=np.full(len(rows), 1_000, dtype=np.int64),
        buyer_price_sen_per_kwh=np.full(len(rows), 1_100, dtype=np.int64),
    )


KINDS = tuple(int(kind) for kind in CertificateKind)
