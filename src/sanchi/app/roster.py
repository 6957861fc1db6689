"""Who takes part in one delivery date, as the arrays and values that core reads.

Enters: a MarketBook and a date. Leaves: a Roster. Not here: readings and results.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
from numpy.typing import NDArray

from sanchi.app.home_lists import KindTerms, PassedOver, make_lists
from sanchi.app.market import (
    CapacityRule,
    Choice,
    HomeGroup,
    MarketBook,
    Meter,
    Offer,
    OutsideClaim,
    Party,
    PartyRole,
    Perk,
    Plant,
    Preference,
)
from sanchi.app.owner_lists import OwnerList, owner_lists, party_key
from sanchi.core.base.errors import UnknownRecord
from sanchi.core.base.ids import MeterId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.base.slots import EPOCH_DATE, JST, MINUTES_PER_SLOT
from sanchi.core.metering.readings import Channel, MeteringPoint, MeterSpec

_SLOT = timedelta(minutes=MINUTES_PER_SLOT)


@dataclass(frozen=True, slots=True, kw_only=True)
class Roster:
    """The seats of one delivery date; homes and buyers stand in the order of their party_no.

    A home sits where a meter of it is in service on the date, a buyer where a meter is or an offer is in force:
    who joins later, or left before, is not on the date, so that closing it again gives what it gave.
    """

    delivery_date: date
    homes: tuple[Party, ...]
    plants: tuple[Plant, ...]  # one a home, in the order of homes
    buyers: tuple[Party, ...]
    party_nos: dict[PartyId, int]
    points: tuple[MeteringPoint, ...]
    offers: dict[CertificateKind, dict[int, Offer]]  # in force, by buyer_no
    choices: dict[CertificateKind, NDArray[np.int32]]  # (n_homes, k_max) of positions in buyers, -1 = none
    home_key: NDArray[np.int64]
    # Whom the lists in force leave out, by home, and why.
    passed_over: dict[CertificateKind, tuple[PassedOver, ...]] = field(default_factory=dict)
    # Who passes a kind on; by position in buyers.
    owners: dict[CertificateKind, tuple[OwnerList, ...]] = field(default_factory=dict)
    # Whose value of a kind is somebody else's on the date, by home_no.
    claimed: dict[CertificateKind, dict[int, OutsideClaim]] = field(default_factory=dict)

    @property
    def home_no(self) -> NDArray[np.int32]:
        """Give the party numbers of the homes, shape (n_homes,)."""
        return np.array([home.party_no for home in self.homes], dtype=np.int32)

    @property
    def buyer_no(self) -> NDArray[np.int32]:
        """Give the party numbers of the buyers, shape (n_buyers,)."""
        return np.array([buyer.party_no for buyer in self.buyers], dtype=np.int32)

    def may_offer(self, kind: CertificateKind) -> NDArray[np.bool_]:
        """Tell which homes may offer a kind on the date, shape (n_homes,).

        A home outside the platform offers nothing, nor does any before its plant began; surplus under a feed-in
        tariff belongs to the levy's payers, and a kind inside an outside claim to that claim's scheme.
        """
        return self.would_offer(kind) & ~self.is_claimed(kind)

    def is_claimed(self, kind: CertificateKind) -> NDArray[np.bool_]:
        """Tell of which homes an outside claim has the value of a kind on the date, shape (n_homes,)."""
        claimed_nos = self.claimed.get(kind)
        if not claimed_nos:
            return np.zeros(len(self.plants), dtype=np.bool_)
        return np.array([home.party_no in claimed_nos for home in self.homes], dtype=np.bool_)

    def would_offer(self, kind: CertificateKind) -> NDArray[np.bool_]:
        """Tell which homes may offer a kind as far as no outside claim says otherwise, shape (n_homes,)."""
        may_trade = np.array(
            [
                plant.group is not HomeGroup.OUTSIDE and plant.commissioning_date <= self.delivery_date
                for plant in self.plants
            ],
            dtype=np.bool_,
        )
        if kind is CertificateKind.SELF_CONSUMPTION:
            return may_trade
        after_fit = np.array([plant.fit_end <= self.delivery_date for plant in self.plants], dtype=np.bool_)
        return may_trade & after_fit

    def follows_use(self, kind: CertificateKind) -> NDArray[np.bool_]:
        """Tell which buyers take at most their metered use of a kind, shape (n_buyers,)."""
        offers = [self.offers[kind].get(buyer.party_no) for buyer in self.buyers]
        follows = [offer is not None and offer.capacity_rule is CapacityRule.METERED_USE for offer in offers]
        return np.array(follows, dtype=np.bool_)


def call_roster(book: MarketBook, delivery_date: date, kept_nos: Collection[int] = ()) -> Roster:
    """Gather who takes part on a delivery date, with the offers and choices in force on it.

    kept_nos : party_nos that keep their seats whatever master data says now, as the date is final with them.
    Raises: UnknownRecord when a home has no plant.
    """
    party_nos = {party.party_id: party.party_no for party in book.parties}
    offers = {
        kind: {party_nos[offer.buyer_id]: offer for offer in book.offers if _is_in_force(offer, kind, delivery_date)}
        for kind in CertificateKind
    }
    seated_nos = {party_nos[party_id] for party_id in _metered(book.meters, delivery_date)}.union(kept_nos)
    homes = _in_order(book.parties, PartyRole.HOME, seated_nos)
    buyers = _in_order(book.parties, PartyRole.BUYER, seated_nos.union(*offers.values()))
    plant_of = {plant.home_id: plant for plant in book.plants}
    bare = [home.party_id for home in homes if home.party_id not in plant_of]
    if bare:
        raise UnknownRecord(
            f"Market {book.terms.market_id}: {len(bare)} homes have no plant (first: {bare[0]}).",
            hint="Deliver a plants file that describes their roofs.",
        )
    plants = tuple(plant_of[home.party_id] for home in homes)
    monthly_ids = _metered([meter for meter in book.meters if _is_monthly_export(meter)], delivery_date)
    lists = {
        kind: make_lists(
            homes,
            plants,
            buyers,
            party_nos,
            _terms(book, kind, offers[kind], delivery_date),
            delivery_date,
            monthly_ids,
        )
        for kind in CertificateKind
    }
    return Roster(
        delivery_date=delivery_date,
        homes=homes,
        plants=plants,
        buyers=buyers,
        party_nos=party_nos,
        points=metering_points(book.meters, party_nos),
        offers=offers,
        choices={kind: lists[kind].choices for kind in CertificateKind},
        home_key=np.array([party_key(book.terms.market_id, home.party_id) for home in homes], dtype=np.int64),
        passed_over={kind: lists[kind].passed_over for kind in CertificateKind},
        owners={kind: owner_lists(book, buyers, kind, delivery_date) for kind in CertificateKind},
        claimed={
            kind: {
                party_nos[claim.home_id]: claim
                for claim in book.outside_claims
                if claim.kind is kind and claim.covers(delivery_date)
            }
            for kind in CertificateKind
        },
    )


def _metered(meters: Iterable[Meter], delivery_date: date) -> set[PartyId]:
    """Name the parties with a meter in service in any slot of the date."""
    opening = datetime.combine(delivery_date, time.min, tzinfo=JST)
    closing = opening + timedelta(days=1)
    return {
        meter.party_id
        for meter in meters
        if meter.installed_at < closing and (meter.removed_at is None or meter.removed_at > opening)
    }


def _is_monthly_export(meter: Meter) -> bool:
    """Tell whether a home's export is known by the month alone where this meter serves."""
    return meter.is_monthly and Channel.EXPORT.text in meter.channels


def _in_order(parties: Sequence[Party], role: PartyRole, seated_nos: Collection[int]) -> tuple[Party, ...]:
    """List the seated parties of a role by party_no."""
    of_role = (party for party in parties if party.role is role and party.party_no in seated_nos)
    return tuple(sorted(of_role, key=lambda party: party.party_no))


def _is_in_force(offer: Offer, kind: CertificateKind, delivery_date: date) -> bool:
    """Tell whether an offer is of the kind and valid on the date (valid_until is exclusive)."""
    begun = offer.valid_from <= delivery_date
    return offer.kind is kind and begun and (offer.valid_until is None or delivery_date < offer.valid_until)


def _choices_in_force(
    choices: Sequence[Choice], kind: CertificateKind, delivery_date: date
) -> dict[PartyId, list[Choice]]:
    """Give each home's list with the latest valid_from not after the date, best choice first."""
    lists: dict[PartyId, dict[date, list[Choice]]] = defaultdict(lambda: defaultdict(list))
    for choice in choices:
        if choice.kind is kind and choice.valid_from <= delivery_date:
            lists[choice.home_id][choice.valid_from].append(choice)
    return {home_id: sorted(by_date[max(by_date)], key=_choice_no) for home_id, by_date in lists.items()}


def _choice_no(choice: Choice) -> int:
    """Give the rank by which a list is sorted."""
    return choice.choice_no


def _terms(book: MarketBook, kind: CertificateKind, offers: dict[int, Offer], delivery_date: date) -> KindTerms:
    """Gather what decides on the homes' lists of a kind; offers by buyer_no, those in force."""
    perks: dict[int, list[Perk]] = defaultdict(list)
    offer_of = {(offer.buyer_id, offer.valid_from): buyer_no for buyer_no, offer in offers.items()}
    for perk in book.perks:
        buyer_no = offer_of.get((perk.buyer_id, perk.valid_from))
        if perk.kind is kind and buyer_no is not None:
            perks[buyer_no].append(perk)
    return KindTerms(
        kind=kind,
        offers=offers,
        perks=perks,
        choices=_choices_in_force(book.choices, kind, delivery_date),
        preferences=_preferences_in_force(book.preferences, kind, delivery_date),
    )


def _preferences_in_force(
    preferences: Sequence[Preference], kind: CertificateKind, delivery_date: date
) -> dict[PartyId, Preference]:
    """Give each home's preference with the latest valid_from not after the date."""
    begun = [each for each in preferences if each.kind is kind and each.valid_from <= delivery_date]
    return {each.home_id: each for each in sorted(begun, key=_valid_from)}


def _valid_from(preference: Preference) -> date:
    """Give the date by which preferences follow each other."""
    return preference.valid_from


def metering_points(meters: Iterable[Meter], party_nos: dict[PartyId, int]) -> tuple[MeteringPoint, ...]:
    """Join meters into metering points: a meter that follows another at the same instant continues its point.

    Meters of one party and channel that serve at the same time (sub-meters of tenants) are points of their own.
    So are meters that measure the energy of another one by another way; their points name that one's.
    """
    meters = list(meters)
    meter_nos = {meter.meter_id: meter.meter_no for meter in meters}
    chains: dict[tuple[int, Channel], list[list[Meter]]] = defaultdict(list)
    for meter in sorted(meters, key=lambda meter: (meter.installed_at, meter.meter_no)):
        for channel_name in meter.channels:
            seat = chains[party_nos[meter.party_id], Channel[channel_name.upper()]]
            ended = [chain for chain in seat if _continues(chain[-1], meter)]
            # Where several ways end at once, each is continued by its own.
            before = next((chain for chain in ended if chain[-1].source is meter.source), ended[0] if ended else None)
            if before is None:
                seat.append([meter])
            else:
                before.append(meter)
    label_of = {
        (meter.meter_id, channel): _label(chain)
        for (_, channel), seat in chains.items()
        for chain in seat
        for meter in chain
    }
    return tuple(
        MeteringPoint(
            party_no=party_no,
            label=_label(chain),
            channel=channel,
            meters=tuple(_meter_spec(meter, channel, meter_nos) for meter in chain),
            same_as=next((label_of.get((meter.same_as, channel), "") for meter in chain if meter.same_as), ""),
        )
        for (party_no, channel), seat in sorted(chains.items())
        for chain in seat
    )


def _continues(earlier: Meter, later: Meter) -> bool:
    """Tell whether a meter took the place of another one, as what it was."""
    is_alike = (earlier.same_as is None) == (later.same_as is None) and earlier.cadence is later.cadence
    return earlier.removed_at == later.installed_at and is_alike


def _label(chain: Sequence[Meter]) -> str:
    """Name a metering point by its meters."""
    return "/".join(meter.meter_id for meter in chain)


def _meter_spec(meter: Meter, channel: Channel, meter_nos: Mapping[MeterId, int]) -> MeterSpec:
    """Translate one channel of a meter for core."""
    return MeterSpec(
        meter_no=meter.meter_no,
        meter_id=meter.meter_id,
        channel=channel,
        unit_wh=meter.unit_wh,
        digits=meter.digits,
        installed_boundary=_boundary_at(meter.installed_at),
        removed_boundary=None if meter.removed_at is None else _boundary_at(meter.removed_at),
        plausible_wh_max=meter.plausible_wh_max,
        source=meter.source,
        same_as_no=None if meter.same_as is None else meter_nos[meter.same_as],
        is_monthly=meter.is_monthly,
    )


def _boundary_at(instant: datetime) -> int:
    """Give the boundary ordinal of an instant; part of a half hour counts as not yet begun."""
    midnight = datetime(EPOCH_DATE.year, EPOCH_DATE.month, EPOCH_DATE.day, tzinfo=JST)
    return -((midnight - instant) // _SLOT)
