"""Book a day's revision: issue certificates for what is new, post the differences in money.

Enters: stores, a Roster, a DayOutcome that is saved already. Not here: withdrawing (close_day, revise_day).
"""

import numpy as np

from sanchi.app.days import DayOutcome
from sanchi.app.roster import Roster
from sanchi.app.stores import Stores
from sanchi.core.base.ids import MarketId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import CertifiedPlant
from sanchi.core.certificates.issue import Issue, issue_day
from sanchi.core.metering import Quality
from sanchi.core.settlement.accruals import HomeParties, accrual_differences, accrue_day, accrued_so_far
from sanchi.core.settlement.posting import book_differences, posting_month_of


def issue_certificates(
    stores: Stores, market_id: MarketId, roster: Roster, outcome: DayOutcome, allocated: AllocatedEnergy
) -> Issue:
    """Issue certificates, already cut into slices, for the whole day or for what corrected homes gained."""
    issue = issue_day(
        market_id=market_id,
        delivery_date=outcome.delivery_date,
        revision=outcome.revision,
        allocated=allocated,
        plants=certified_plants(roster),
        recovered_wh=_recovered_wh(outcome, allocated),
    )
    stores.certificates.add_issue(
        market_id, outcome.delivery_date, outcome.revision, issue.certificates, issue.slices, issue.segments
    )
    return issue


def book_accruals(stores: Stores, market_id: MarketId, roster: Roster, outcome: DayOutcome) -> None:
    """Post what the revision changes against all that was posted for the delivery date before."""
    debts = stores.certificates.debts(market_id)
    new = accrue_day(
        outcome.allocated,
        [debt for debt in debts if debt.delivery_date == outcome.delivery_date],
        _home_parties(roster),
    )
    old = accrued_so_far(stores.ledger.accruals_of_day(market_id, outcome.delivery_date))
    booked = book_differences(
        market_id=market_id,
        delivery_date=outcome.delivery_date,
        revision=outcome.revision,
        differences=accrual_differences(old, new),
        posting_month=posting_month_of(outcome.delivery_date, stores.ledger.latest_closed_month(market_id)),
    )
    stores.ledger.post(market_id, booked.transfers)
    stores.ledger.add_accruals(market_id, booked.accruals)


def certified_plants(roster: Roster) -> list[CertifiedPlant]:
    """Give what certificates say of each roof."""
    return [
        CertifiedPlant(
            home_no=home.party_no,
            device_id=plant.device_id,
            commissioning_date=plant.commissioning_date,
            fit_end=plant.fit_end,
            measurement_grade=plant.measurement_grade,
            ct_class_permille=plant.ct_class_permille,
            claimed_by={
                kind: claims[home.party_no].claim_id
                for kind, claims in roster.claimed.items()
                if home.party_no in claims
            },
        )
        for home, plant in zip(roster.homes, roster.plants, strict=True)
    ]


def _home_parties(roster: Roster) -> list[HomeParties]:
    """Give who buys from each home and who is paid for it."""
    return [
        HomeParties(
            home_no=home.party_no,
            purchaser_no=roster.party_nos[plant.purchaser_id],
            payee_no=roster.party_nos[plant.payee_id],
        )
        for home, plant in zip(roster.homes, roster.plants, strict=True)
    ]


def _recovered_wh(outcome: DayOutcome, allocated: AllocatedEnergy) -> dict[tuple[int, int], int]:
    """Add up, by home and kind, the energy of slots that were not measured in their half hour [Wh].

    An export register that was recovered estimates the shape of self-consumption just as much.
    """
    rows = np.searchsorted(outcome.slot_energy.home_no, allocated.home_no)
    energy, slot = outcome.slot_energy, allocated.slot_no - 1
    export_quality, pv_quality = energy.export_quality[rows, slot], energy.pv_quality[rows, slot]
    is_self = allocated.kind_no == CertificateKind.SELF_CONSUMPTION
    quality = np.where(is_self, np.minimum(export_quality, pv_quality), export_quality)
    totals_wh = allocated.take(quality == Quality.RECOVERED).totals_by("home_no", "kind_no")
    return {(home_no, kind_no): energy_wh for (home_no, kind_no), energy_wh in totals_wh.items()}
