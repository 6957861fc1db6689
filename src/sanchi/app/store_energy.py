"""Let stored solar energy keep its origin: charge what homes kept, certify anew what their batteries gave them.

Enter: stores, a market, a period of final days. Leaves: a StorageReport. Again: nothing changes.
"""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from sanchi.app.book_day import certified_plants
from sanchi.app.days import DayOutcome, SlotValueTable
from sanchi.app.market import MarketBook, PartyRole, Plant
from sanchi.app.outside_ports import StorageAccount
from sanchi.app.roster import Roster, call_roster
from sanchi.app.seal import seal_operation
from sanchi.app.stores import Stores
from sanchi.core.base.errors import RefusalRule, Refused, UnknownRecord
from sanchi.core.base.ids import CertificateId, MarketId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import SLOTS_PER_DAY, dates_between
from sanchi.core.certificates.allocated import REST_CHOICE_NO, AllocatedEnergy
from sanchi.core.certificates.certificate import Certificate, SegmentRows, Slice
from sanchi.core.certificates.charging import Charging, charge_slices
from sanchi.core.certificates.issue import Issue, issue_day
from sanchi.core.certificates.operations import PLATFORM, OperationHead, body_digest_of
from sanchi.core.certificates.state import Operation
from sanchi.core.certificates.storage import BatteryFlows, BatterySlots, StoredEnergy, battery_flows, run_battery
from sanchi.core.certificates.withdrawal import SliceChange
from sanchi.core.metering import Channel, Quality

SELF: Final = CertificateKind.SELF_CONSUMPTION


@dataclass(frozen=True, slots=True, kw_only=True)
class HomeStorage:
    """A home's account; is_new : False where it was made before."""

    home_id: PartyId
    account: StorageAccount
    is_new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class StorageReport:
    """What storing did, home by home in the order of their numbers."""

    first_date: date
    last_date: date
    homes: tuple[HomeStorage, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _FinalDay:
    """All that is needed of one final day."""

    roster: Roster
    outcome: DayOutcome
    certificates: dict[int, list[Certificate]]  # of self-consumption, by home_no
    slices: dict[CertificateId, list[Slice]]
    segments: dict[CertificateId, SegmentRows]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Battery:
    """A home with a battery, and the account that its new one follows."""

    home_id: PartyId
    home_no: int
    owner_no: int
    plant: Plant
    before: StorageAccount | None


def store_energy(
    stores: Stores,
    market_id: MarketId,
    first_date: date,
    last_date: date,
    *,
    home_ids: Collection[PartyId] = (),
) -> StorageReport:
    """Make the accounts of homes' batteries over a period of final days; none named = all homes with a battery.

    Self-consumption that its owner kept and that went into the battery is charged; what the battery gave the home
    itself is certified anew, as self-consumption of the half hour in which it came out. What it gave to the grid is
    not: it left with the standard offer. All homes or none.
    Raises: Refused (DAY_NOT_CLOSED, DAY_NOT_FINAL, STORAGE_OUT_OF_ORDER), UnknownRecord for a home without a battery.
    """
    book = stores.market.book(market_id)
    accounts = stores.storage.accounts(market_id)
    batteries = _batteries(book, accounts, home_ids)
    made = {each.home_no: each for each in accounts if (each.first_date, each.last_date) == (first_date, last_date)}
    new = [battery for battery in batteries if battery.home_no not in made]
    for battery in new:
        _require_turn(battery, first_date)
    if new:
        days = _final_days(stores, book, first_date, last_date)
        made |= {each.home_no: each for each in _store(stores, book, days, new)}
    new_nos = {each.home_no for each in new}
    return StorageReport(
        first_date=first_date,
        last_date=last_date,
        homes=tuple(
            HomeStorage(home_id=each.home_id, account=made[each.home_no], is_new=each.home_no in new_nos)
            for each in batteries
        ),
    )


def _batteries(book: MarketBook, accounts: Sequence[StorageAccount], home_ids: Collection[PartyId]) -> list[_Battery]:
    """Give the homes with a battery that are asked for."""
    nos = {party.party_id: party.party_no for party in book.parties if party.role is PartyRole.HOME}
    all_nos = {party.party_id: party.party_no for party in book.parties}
    plants = {plant.home_id: plant for plant in book.plants if plant.battery_capacity_wh}
    bare = [home_id for home_id in home_ids if home_id not in plants]
    if bare:
        raise UnknownRecord(
            f"Market {book.terms.market_id} has no home {bare[0]} with a battery.",
            hint="Compare battery_capacity_wh in its plants file.",
        )
    # The last account of each home stands last.
    last = {each.home_no: each for each in sorted(accounts, key=_last_date)}
    return [
        _Battery(
            home_id=home_id,
            home_no=nos[home_id],
            owner_no=all_nos[plant.value_owner_id],
            plant=plant,
            before=last.get(nos[home_id]),
        )
        for home_id, plant in sorted(plants.items(), key=lambda item: nos[item[0]])
        if not home_ids or home_id in home_ids
    ]


def _last_date(account: StorageAccount) -> date:
    """Give the date by which accounts of a home follow each other."""
    return account.last_date


def _require_turn(battery: _Battery, first_date: date) -> None:
    """Refuse a period that overlaps the one before, or leaves days out behind it."""
    if battery.before is None:
        return
    expected = battery.before.last_date + timedelta(days=1)
    if first_date != expected:
        raise Refused(
            RefusalRule.STORAGE_OUT_OF_ORDER,
            f"the battery of {battery.home_id} is accounted for up to {battery.before.last_date}.",
            hint=f"Its next period begins on {expected}.",
        )


def _final_days(stores: Stores, book: MarketBook, first_date: date, last_date: date) -> list[_FinalDay]:
    """Load the days of a period, all of which have to be final: only then charged watt-hours stay as they are."""
    market_id = book.terms.market_id
    closed = {day.delivery_date: day for day in stores.days.market_days(market_id, first_date, last_date)}
    days = []
    for delivery_date in dates_between(first_date, last_date):
        day = closed.get(delivery_date)
        if day is None or not day.is_finalised:
            rule = RefusalRule.DAY_NOT_CLOSED if day is None else RefusalRule.DAY_NOT_FINAL
            raise Refused(
                rule,
                f"{delivery_date} is not final, so its certificates may still be issued anew.",
                hint="Close its day and its month first: sanchi close-day, sanchi close-month.",
            )
        outcome = stores.days.outcome(market_id, delivery_date)
        assert outcome is not None, f"{delivery_date} is finalised without a revision"
        certificates: defaultdict[int, list[Certificate]] = defaultdict(list)
        for certificate in stores.certificates.certificates_of_day(market_id, delivery_date):
            if certificate.kind is SELF:
                certificates[certificate.home_no].append(certificate)
        slices: defaultdict[CertificateId, list[Slice]] = defaultdict(list)
        for piece in stores.certificates.slices_of_day(market_id, delivery_date):
            slices[piece.certificate_id].append(piece)
        seated = {*outcome.slot_energy.home_no.tolist(), *outcome.buyer_use.buyer_no.tolist()}
        days.append(
            _FinalDay(
                roster=call_roster(book, delivery_date, seated),
                outcome=outcome,
                certificates=certificates,
                slices=slices,
                segments=stores.certificates.segments_of_day(market_id, delivery_date).by_certificate(),
            )
        )
    return days


def _store(
    stores: Stores, book: MarketBook, days: Sequence[_FinalDay], batteries: Sequence[_Battery]
) -> list[StorageAccount]:
    """Charge, run and certify each battery; save all accounts, then what refers to them, and seal it."""
    market_id = book.terms.market_id
    first_no = stores.storage.next_storage_no(market_id)
    accounts: list[StorageAccount] = []
    changes: list[SliceChange] = []
    stored: list[StoredEnergy] = []
    for storage_no, battery in enumerate(batteries, start=first_no):
        flows = [_flows(day, battery.home_no) for day in days]
        chargings = [_charged(day, battery, own, storage_no) for day, own in zip(days, flows, strict=True)]
        changes += [change for each in chargings for change in each.changes]
        energy = run_battery(
            _slots(days, battery, flows, chargings),
            carry_in_wh=battery.before.carry_out_wh if battery.before else 0,
            efficiency_permille=battery.plant.battery_efficiency_permille,
            capacity_wh=battery.plant.battery_capacity_wh,
        )
        stored.append(energy)
        accounts.append(_account(storage_no, battery, days, energy))
    stores.storage.add_accounts(market_id, accounts)
    record = stores.certificates.apply_changes(market_id, _head(accounts), changes)
    issues = [
        _certify(stores, market_id, day, batteries, [each.used_wh[index] for each in stored], first_no)
        for index, day in enumerate(days)
    ]
    seal_operation(stores, book, record, issues=[issue for issue in issues if issue is not None])
    return accounts


def _head(accounts: Sequence[StorageAccount]) -> OperationHead:
    """Make the head of the operation that charges what these accounts took in; accounts are made once."""
    first, last = accounts[0], accounts[-1]
    return OperationHead(
        operation_id=f"store-energy/{first.first_date}/{first.last_date}/{first.storage_no}",
        operation=Operation.CHARGE,
        actor=PLATFORM,
        reason=f"batteries from {first.first_date} to {first.last_date}",
        body_digest=body_digest_of({"first_storage_no": first.storage_no, "last_storage_no": last.storage_no}),
    )


def _account(storage_no: int, battery: _Battery, days: Sequence[_FinalDay], energy: StoredEnergy) -> StorageAccount:
    """Write an account down."""
    return StorageAccount(
        storage_no=storage_no,
        home_no=battery.home_no,
        first_date=days[0].outcome.delivery_date,
        last_date=days[-1].outcome.delivery_date,
        carry_in_wh=energy.carry_in_wh,
        charged_wh=energy.charged_wh,
        discharged_wh=energy.discharged_wh,
        loss_wh=energy.loss_wh,
        carry_out_wh=energy.carry_out_wh,
        previous_storage_no=battery.before.storage_no if battery.before else None,
    )


def _flows(day: _FinalDay, home_no: int) -> BatteryFlows:
    """Give a home-day's battery flows; zero where the home has no seat, and no charge that was only estimated."""
    energy = day.outcome.slot_energy
    # Homes stand in the order of their numbers.
    row = int(np.searchsorted(energy.home_no, home_no))
    if row == energy.home_no.size or energy.home_no[row] != home_no:
        nothing = np.zeros(SLOTS_PER_DAY, dtype=np.int64)
        return BatteryFlows(chargeable_wh=nothing, used_wh=nothing, exported_wh=nothing)
    flows = battery_flows(
        pv_wh=energy.pv_wh[row],
        charge_pv_wh=energy.charge_pv_wh[row],
        discharge_wh=energy.discharge_wh[row],
        export_pv_wh=energy.export_pv_wh[row],
        grid_export_wh=energy.grid_export_wh[row],
    )
    is_known = _quality(day.outcome.slot_values, home_no, Channel.CHARGE) >= Quality.RECOVERED
    return BatteryFlows(
        chargeable_wh=np.where(is_known, flows.chargeable_wh, 0),
        used_wh=flows.used_wh,
        exported_wh=flows.exported_wh,
    )


def _quality(values: SlotValueTable, home_no: int, channel: Channel) -> NDArray[np.int8]:
    """Give the worst quality of a home's channel in each slot, int8 (48,); MEASURED where nothing flowed."""
    quality = np.full(SLOTS_PER_DAY, Quality.MEASURED, dtype=np.int8)
    # Rows stand in the order of parties.
    first, end = np.searchsorted(values.party_no, [home_no, home_no + 1]).tolist()
    own = first + np.flatnonzero((values.channel_no[first:end] == channel) & (values.energy_wh[first:end] > 0))
    np.minimum.at(quality, values.slot_no[own] - 1, values.quality[own])
    return quality


def _charged(day: _FinalDay, battery: _Battery, flows: BatteryFlows, storage_no: int) -> Charging:
    """Charge what the owner kept of the slots that charged the battery."""
    own = day.certificates.get(battery.home_no, [])
    ids = [each.certificate_id for each in own]
    return charge_slices(
        certificates=own,
        slices=[piece for certificate_id in ids for piece in day.slices.get(certificate_id, ())],
        segments=SegmentRows.joined([day.segments[certificate_id] for certificate_id in ids]),
        holder_no=battery.owner_no,
        chargeable_wh=flows.chargeable_wh,
        storage_no=storage_no,
    )


def _slots(
    days: Sequence[_FinalDay], battery: _Battery, flows: Sequence[BatteryFlows], chargings: Sequence[Charging]
) -> BatterySlots:
    """Lay the days out for core; what came out but may not be certified leaves as if to the grid."""
    used, exported = [], []
    for day, own in zip(days, flows, strict=True):
        quality = _quality(day.outcome.slot_values, battery.home_no, Channel.DISCHARGE)
        is_certified = (quality >= Quality.RECOVERED) & (battery.home_no not in day.roster.claimed[SELF])
        used.append(np.where(is_certified, own.used_wh, 0))
        exported.append(own.exported_wh + np.where(is_certified, 0, own.used_wh))
    return BatterySlots(
        charged_wh=np.stack([each.charged_wh for each in chargings]),
        used_wh=np.stack(used),
        exported_wh=np.stack(exported),
    )


def _certify(
    stores: Stores,
    market_id: MarketId,
    day: _FinalDay,
    batteries: Sequence[_Battery],
    used_wh: Sequence[NDArray[np.int64]],
    first_no: int,
) -> Issue | None:
    """Issue the day's certificates out of batteries, held by the owners of the value; None = nothing came out."""
    home_index, slot_index = np.nonzero(np.stack(used_wh))
    if not home_index.size:
        return None
    home_nos = np.array([each.home_no for each in batteries], dtype=np.int32)
    owner_nos = np.array([each.owner_no for each in batteries], dtype=np.int32)
    nothing = np.zeros(home_index.size, dtype=np.int64)
    issue = issue_day(
        market_id=market_id,
        delivery_date=day.outcome.delivery_date,
        revision=day.outcome.revision,
        allocated=AllocatedEnergy(
            kind_no=np.full(home_index.size, SELF, dtype=np.int8),
            home_no=home_nos[home_index],
            slot_no=(slot_index + 1).astype(np.int8),
            choice_no=np.full(home_index.size, REST_CHOICE_NO, dtype=np.int8),
            holder_no=owner_nos[home_index],
            energy_wh=np.stack(used_wh)[home_index, slot_index],
            home_price_sen_per_kwh=nothing,
            buyer_price_sen_per_kwh=nothing.copy(),
        ),
        plants=certified_plants(day.roster),
        recovered_wh=_recovered_wh(day, batteries, used_wh),
        storage_nos={battery.home_no: first_no + index for index, battery in enumerate(batteries)},
    )
    stores.certificates.add_issue(
        market_id, day.outcome.delivery_date, day.outcome.revision, issue.certificates, issue.slices, issue.segments
    )
    return issue


def _recovered_wh(
    day: _FinalDay, batteries: Sequence[_Battery], used_wh: Sequence[NDArray[np.int64]]
) -> dict[tuple[int, int], int]:
    """Add up what came out in slots whose discharge was not measured in its half hour, by home and kind [Wh]."""
    recovered = {}
    for battery, own_wh in zip(batteries, used_wh, strict=True):
        quality = _quality(day.outcome.slot_values, battery.home_no, Channel.DISCHARGE)
        recovered[battery.home_no, int(SELF)] = int(own_wh[quality == Quality.RECOVERED].sum())
    return recovered
