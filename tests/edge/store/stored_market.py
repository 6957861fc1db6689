"""A small market in a home: master data, market-days of made-up energy, their certificates and money.

Enter: numbers of homes, dates, revisions. Leave: records and what was stored of them. Not here: real matching.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import numpy as np

from sanchi.app.days import BuyerUseTable, ClosingTable, DayOutcome, DayProblem, RowCounts, SlotEnergyTable
from sanchi.app.market import (
    CapacityRule,
    Choice,
    HomeGroup,
    MarketTerms,
    MeasurementGrade,
    Meter,
    Offer,
    Party,
    PartyRole,
    Plant,
)
from sanchi.core.base.ids import MarketId, MeterId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.months import Month
from sanchi.core.base.problems import Problem, ProblemCode, Severity
from sanchi.core.base.slots import JST, SLOTS_PER_DAY
from sanchi.core.certificates.allocated import AllocatedEnergy
from sanchi.core.certificates.certificate import CertifiedPlant
from sanchi.core.certificates.issue import Issue, issue_day
from sanchi.core.certificates.operations import OperationHead, body_digest_of
from sanchi.core.certificates.state import Operation
from sanchi.core.metering.readings import Quality
from sanchi.core.settlement.accruals import HomeParties, accrue_day
from sanchi.core.settlement.posting import BookedAccruals, book_differences
from sanchi.edge.store.opening import DjangoStores

MARKET = MarketId("tokyo")
DAY = date(2020, 12, 5)
FIT_END = date(2020, 6, 1)
FIRST_DATE = date(2020, 11, 20)
RETAILER = PartyId("R01")


def head(operation: Operation, operation_id: str = "op", body: str = "body") -> OperationHead:
    """Ask for an operation."""
    return OperationHead(
        operation_id=operation_id,
        operation=operation,
        actor="operator",
        reason="a test",
        body_digest=body_digest_of({"body": body}),
    )


def terms(market_id: MarketId = MARKET) -> MarketTerms:
    return MarketTerms(
        market_id=market_id,
        name="Tokyo pilot",
        name_ja="東京実証",
        grid_area="03",
        retailer_id=RETAILER,
        first_delivery_date=FIRST_DATE,
        last_delivery_date=date(2021, 2, 28),
        tax_permille=100,
        finalise_day=25,
        waiting_days=20,
        data_credits="",
    )


def party(party_id: str, role: PartyRole) -> Party:
    return Party(
        party_no=0,
        party_id=PartyId(party_id),
        role=role,
        name=f"Name of {party_id}",
        name_ja=f"{party_id}の名",
        company="",
        district="Chuo",
    )


def plant(home_id: str) -> Plant:
    return Plant(
        home_id=PartyId(home_id),
        device_id=f"{home_id}-PV",
        group=HomeGroup.SURPLUS,
        capacity_w=4_000,
        commissioning_date=date(2010, 6, 1),
        fit_end=FIT_END,
        measurement_grade=MeasurementGrade.CT,
        ct_class_permille=30,
        battery_capacity_wh=0,
        battery_power_w=0,
        battery_efficiency_permille=0,
        purchaser_id=RETAILER,
        recruiter_id=RETAILER,
        value_owner_id=PartyId(home_id),
        payee_id=PartyId(home_id),
        standard_price_sen_per_kwh=850,
        load_provenance="measured+re-dated",
        pv_provenance="modelled",
        battery_provenance="",
    )


def meter(meter_id: str, party_id: str, removed_at: datetime | None = None) -> Meter:
    return Meter(
        meter_no=0,
        meter_id=MeterId(meter_id),
        party_id=PartyId(party_id),
        channels=("import", "export"),
        unit_wh=100,
        digits=6,
        installed_at=datetime(2020, 11, 20, 0, 0, tzinfo=JST),
        removed_at=removed_at,
        plausible_wh_max=10_000,
    )


def offer(buyer_id: str, home_price_sen_per_kwh: int = 1_000) -> Offer:
    return Offer(
        buyer_id=PartyId(buyer_id),
        kind=CertificateKind.SURPLUS,
        home_price_sen_per_kwh=home_price_sen_per_kwh,
        buyer_price_sen_per_kwh=1_100,
        capacity_rule=CapacityRule.METERED_USE,
        cap_wh_per_slot=None,
        valid_from=FIRST_DATE,
        valid_until=None,
    )


def choice(home_id: str, choice_no: int, buyer_id: str, valid_from: date = FIRST_DATE) -> Choice:
    return Choice(
        home_id=PartyId(home_id),
        kind=CertificateKind.SURPLUS,
        choice_no=choice_no,
        buyer_id=PartyId(buyer_id),
        valid_from=valid_from,
    )


def day_problem(party_no: int | None, code: ProblemCode = ProblemCode.GAP_ESTIMATED) -> DayProblem:
    problem = Problem(code=code, severity=Severity.WATCH, where="M1", detail="4 slots", hint="Ask for them.")
    return DayProblem(party_no=party_no, problem=problem, row_count=4)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredMarket:
    """Homes 1..n, then buyers, then the retailer, by party_no; days are stored on demand."""

    home: DjangoStores
    n_homes: int
    n_buyers: int

    @classmethod
    def saved(cls, home: DjangoStores, n_homes: int = 3, n_buyers: int = 2) -> "StoredMarket":
        homes = [f"H{no:02}" for no in range(1, n_homes + 1)]
        buyers = [f"B{no:02}" for no in range(1, n_buyers + 1)]
        parties = [
            *(party(each, PartyRole.HOME) for each in homes),
            *(party(each, PartyRole.BUYER) for each in buyers),
            party(RETAILER, PartyRole.RETAILER),
        ]
        store = home.stores.market
        with home.transaction():
            store.save_terms(terms())
            store.save_parties(MARKET, parties)
            store.save_plants(MARKET, [plant(each) for each in homes])
        return cls(home=home, n_homes=n_homes, n_buyers=n_buyers)

    @property
    def home_no(self) -> np.ndarray:
        return np.arange(1, self.n_homes + 1, dtype=np.int32)

    @property
    def buyer_no(self) -> np.ndarray:
        return np.arange(self.n_homes + 1, self.n_homes + self.n_buyers + 1, dtype=np.int32)

    @property
    def retailer_no(self) -> int:
        return self.n_homes + self.n_buyers + 1

    @contextmanager
    def step(self) -> Iterator["StoredMarket"]:
        with self.home.transaction():
            yield self

    def outcome(self, delivery_date: date = DAY, revision: int = 1, **changes: Any) -> DayOutcome:
        rng = np.random.default_rng(delivery_date.toordinal() * 100 + revision)
        outcome = DayOutcome(
            delivery_date=delivery_date,
            revision=revision,
            is_home_only=False,
            result_digest=f"digest of {delivery_date} revision {revision}",
            row_counts=RowCounts(
                used_row_count=900, superseded_row_count=7, set_aside_row_count=3, readings_digest="d"
            ),
            slot_energy=self._slot_energy(rng),
            buyer_use=BuyerUseTable(
                buyer_no=self.buyer_no,
                use_wh=rng.integers(0, 5_000, (self.n_buyers, SLOTS_PER_DAY)),
                use_quality=np.full((self.n_buyers, SLOTS_PER_DAY), Quality.MEASURED, dtype=np.int8),
            ),
            allocated=self._allocated(rng),
            closing=self._closing(rng),
            problems=(day_problem(1), day_problem(None)),
        )
        return replace(outcome, **changes)

    def _slot_energy(self, rng: np.random.Generator) -> SlotEnergyTable:
        shape = (self.n_homes, SLOTS_PER_DAY)
        names = (
            "import_wh",
            "export_wh",
            "charge_wh",
            "discharge_wh",
            "export_pv_wh",
            "grid_export_wh",
            "charge_pv_wh",
        )
        energies = {name: rng.integers(0, 1_500, shape) for name in names}
        self_wh, zeros = rng.integers(0, 1_500, shape), np.zeros(shape, dtype=np.int64)
        residual_wh = rng.integers(0, 9, self.n_homes)
        pv_wh = self_wh + energies["export_pv_wh"]
        pv_wh[:, 0] = np.maximum(pv_wh[:, 0], residual_wh) - residual_wh
        residual_wh = (self_wh + energies["export_pv_wh"] - pv_wh).sum(axis=1)
        return SlotEnergyTable(
            home_no=self.home_no,
            **energies,
            pv_wh=pv_wh,
            self_wh=self_wh,
            surplus_offered_wh=energies["export_pv_wh"],
            self_offered_wh=self_wh,
            surplus_withheld_wh=zeros,
            self_withheld_wh=zeros,
            import_quality=rng.integers(0, 4, shape).astype(np.int8),
            export_quality=rng.integers(0, 4, shape).astype(np.int8),
            pv_quality=rng.integers(0, 4, shape).astype(np.int8),
            ct_meter_residual_wh=residual_wh,
        )

    def _allocated(self, rng: np.random.Generator) -> AllocatedEnergy:
        """Every home sells both kinds to every buyer in ten slots of daylight; surplus has a rest besides."""
        rows = [
            (kind, home_no, slot_no, choice_no, self.retailer_no if choice_no == 0 else self.n_homes + choice_no)
            for kind in CertificateKind
            for home_no in self.home_no.tolist()
            for slot_no in range(20, 30)
            for choice_no in range(0 if kind is CertificateKind.SURPLUS else 1, self.n_buyers + 1)
        ]
        kind_no, home_no, slot_no, choice_no, holder_no = map(np.array, zip(*rows, strict=True))
        return AllocatedEnergy(
            kind_no=kind_no.astype(np.int8),
            home_no=home_no.astype(np.int32),
            slot_no=slot_no.astype(np.int8),
            choice_no=choice_no.astype(np.int8),
            holder_no=holder_no.astype(np.int32),
            energy_wh=rng.integers(1, 400, len(rows)),
            home_price_sen_per_kwh=np.where(choice_no == 0, 850, 1_000),
            buyer_price_sen_per_kwh=np.where(choice_no == 0, 0, 1_100),
        )

    def _closing(self, rng: np.random.Generator) -> ClosingTable:
        n_rows = 2 * SLOTS_PER_DAY * self.n_buyers
        slot_no = np.repeat(np.arange(1, SLOTS_PER_DAY + 1, dtype=np.int8), self.n_buyers)
        return ClosingTable(
            kind_no=np.repeat(np.array([1, 2], dtype=np.int8), n_rows // 2),
            slot_no=np.tile(slot_no, 2),
            buyer_no=np.tile(self.buyer_no, 2 * SLOTS_PER_DAY),
            capacity_wh=rng.integers(0, 5_000, n_rows),
            closing_t32=rng.integers(0, 1 << 32, n_rows),
            rounding_phi60=rng.integers(-(1 << 60), 1 << 60, n_rows),
        )

    def issue(self, outcome: DayOutcome, allocated: AllocatedEnergy | None = None) -> Issue:
        return issue_day(
            market_id=MARKET,
            delivery_date=outcome.delivery_date,
            revision=outcome.revision,
            allocated=outcome.allocated if allocated is None else allocated,
            plants=[
                CertifiedPlant(
                    home_no=home_no,
                    device_id=f"H{home_no:02}-PV",
                    commissioning_date=date(2010, 6, 1),
                    fit_end=FIT_END,
                    measurement_grade="ct",
                    ct_class_permille=30,
                )
                for home_no in self.home_no.tolist()
            ],
            recovered_wh={},
        )

    def booked(self, outcome: DayOutcome) -> BookedAccruals:
        parties = [
            HomeParties(home_no=home_no, purchaser_no=self.retailer_no, payee_no=home_no)
            for home_no in self.home_no.tolist()
        ]
        return book_differences(
            market_id=MARKET,
            delivery_date=outcome.delivery_date,
            revision=outcome.revision,
            differences=accrue_day(outcome.allocated, [], parties),
            posting_month=Month.of(outcome.delivery_date),
        )

    def saved_outcome(self, delivery_date: date = DAY, revision: int = 1) -> DayOutcome:
        """Store a market-day without certificates and money."""
        outcome = self.outcome(delivery_date, revision)
        with self.step():
            self.home.stores.days.save_outcome(MARKET, outcome)
        return outcome

    def close(self, delivery_date: date = DAY, revision: int = 1, **changes: Any) -> DayOutcome:
        """Store a market-day with its certificates and money."""
        outcome = self.outcome(delivery_date, revision, **changes)
        stores = self.home.stores
        issue, booked = self.issue(outcome), self.booked(outcome)
        with self.step():
            stores.days.save_outcome(MARKET, outcome)
            stores.certificates.add_issue(
                MARKET, delivery_date, revision, issue.certificates, issue.slices, issue.segments
            )
            stores.ledger.post(MARKET, booked.transfers)
            stores.ledger.add_accruals(MARKET, booked.accruals)
        return outcome

    def fail_to_close(self) -> None:
        """Begin to store a market-day and end in the middle."""
        with suppress(ZeroDivisionError), self.step():
            self.home.stores.days.save_outcome(MARKET, self.outcome())
            raise ZeroDivisionError
