"""The master data of a market as values: who takes part, what is offered, what homes and owners want done with it.

Enters and leaves: frozen records, as delivered files name them. Not here: how they are read or stored.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from sanchi.core.base.ids import MarketId, MeterId, PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.metering.sources import Source


class PartyRole(StrEnum):
    """What a party does in the market."""

    HOME = "home"  # a prosumer with a roof
    BUYER = "buyer"  # a company, shop or building owner that buys origin
    RETAILER = "retailer"  # purchases the surplus that homes export


class HomeGroup(StrEnum):
    """How a home takes part, as in the pilot; choices decide what is matched."""

    SURPLUS = "surplus"  # sells exported energy through a purchasing retailer
    SELF_CONSUMPTION = "self_consumption"  # sells the environmental value of what it uses itself
    OUTSIDE = "outside"  # measured and shown, but trades elsewhere


class MeasurementGrade(StrEnum):
    """What the generation measurement may be used for (計量法, 特定計量制度)."""

    VERIFIED = "verified"  # 検定付き計量器
    NOTIFIED = "notified"  # 特例計量器, notified specified metering
    CT = "ct"  # a current transformer of the home energy system, not certificate grade outside


class Cadence(StrEnum):
    """How often a meter is read."""

    HALF_HOUR = "half_hour"  # so it is without a word
    MONTHLY = "monthly"  # the network operator's confirmed value of a month is all that there is


class CapacityRule(StrEnum):
    """What limits a buyer in a slot."""

    METERED_USE = "metered_use"  # its own metered use, and the cap where one is agreed
    CAP_ONLY = "cap_only"  # the agreed cap alone: a buyer of environmental value without delivery


class PerkKind(StrEnum):
    """What a home gets beside money; paying it out is not part of matching."""

    POINTS = "points"  # of a named programme
    COUPON = "coupon"  # worth its face value in the shop, which it costs less
    RECOGNITION = "recognition"  # a name on the wall, an award: no money at all


class RankingRule(StrEnum):
    """Who ranks the buyers of a home."""

    OWN_LIST = "own_list"  # the home itself, by its choices; so it is without any preference
    BY_WORTH = "by_worth"  # the platform, by what the offers are worth to the home


class PassingRule(StrEnum):
    """How an owner passes a kind on to its tenants."""

    IN_ORDER = "in_order"  # one tenant after the other, as they stand in its list
    BY_KEY = "by_key"  # by fixed keys; what does not fit is cut anew over the others
    BY_TARGET = "by_target"  # towards the renewable share that each tenant wants, then by use


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketTerms:
    """One retailer in one grid area, and the rules of its months."""

    market_id: MarketId
    name: str
    name_ja: str
    grid_area: str
    retailer_id: PartyId
    first_delivery_date: date
    last_delivery_date: date
    tax_permille: int
    finalise_day: int
    waiting_days: int
    data_credits: str  # whom to name wherever the data are shown, a line each; may be empty


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A home, buyer or retailer; party_no is given once by the store and used in arrays."""

    party_no: int
    party_id: PartyId
    role: PartyRole
    name: str
    name_ja: str
    company: str
    district: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """The roof of a home: what it is, who owns its value and who is paid."""

    home_id: PartyId
    device_id: str
    group: HomeGroup
    capacity_w: int
    commissioning_date: date
    fit_end: date
    measurement_grade: MeasurementGrade
    ct_class_permille: int
    battery_capacity_wh: int
    battery_power_w: int
    battery_efficiency_permille: int
    purchaser_id: PartyId
    recruiter_id: PartyId
    value_owner_id: PartyId
    payee_id: PartyId
    standard_price_sen_per_kwh: int
    load_provenance: str
    pv_provenance: str
    battery_provenance: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A device that delivers readings; meter_no is given once by the store.

    source : the way of its readings where they do not say it; None = the usual one (see core.metering.readings).
    address : the name by which a source knows it. same_as : it measures this meter's energy by another way.
    cadence : how often it is read; a monthly one tells months alone.
    """

    meter_no: int
    meter_id: MeterId
    party_id: PartyId
    channels: tuple[str, ...]
    unit_wh: int
    digits: int
    installed_at: datetime
    removed_at: datetime | None
    plausible_wh_max: int
    source: Source | None = None
    address: str = ""
    same_as: MeterId | None = None
    cadence: Cadence = Cadence.HALF_HOUR

    @property
    def is_monthly(self) -> bool:
        """Tell whether it tells months alone."""
        return self.cadence is Cadence.MONTHLY


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """What a buyer pays for a kind, what limits it and which homes it takes, while the offer is valid.

    districts : the home's has to be one of them; empty = any. plant_age_years_* : full years since commissioning.
    """

    buyer_id: PartyId
    kind: CertificateKind
    home_price_sen_per_kwh: int
    buyer_price_sen_per_kwh: int
    capacity_rule: CapacityRule
    cap_wh_per_slot: int | None
    valid_from: date
    valid_until: date | None
    cap_wh_per_day: int | None = None
    cap_wh_per_month: int | None = None
    districts: tuple[str, ...] = ()
    plant_age_years_min: int | None = None
    plant_age_years_max: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Perk:
    """What an offer adds to its price; it belongs to the offer of the same buyer, kind and valid_from."""

    buyer_id: PartyId
    kind: CertificateKind
    valid_from: date
    perk_no: int
    perk: PerkKind
    name: str
    name_ja: str
    face_value_sen_per_kwh: int  # what it is worth to who uses it
    cost_sen_per_kwh: int  # what it costs the buyer


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """One rank in a home's list of buyers for a kind."""

    home_id: PartyId
    kind: CertificateKind
    choice_no: int
    buyer_id: PartyId
    valid_from: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Preference:
    """How a home wants its buyers of a kind ranked, from a date until its next preference begins.

    *_weight_permille : what a yen of money, points or coupons counts. Bonuses are added for favourites and for buyers
    of the home's own district.
    """

    home_id: PartyId
    kind: CertificateKind
    valid_from: date
    ranking: RankingRule
    money_weight_permille: int
    points_weight_permille: int
    coupon_weight_permille: int
    favourites: tuple[PartyId, ...]
    favourite_bonus_sen_per_kwh: int
    same_district_bonus_sen_per_kwh: int
    choices_max: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PassingOn:
    """One tenant in an owner's list for a kind; a list of one row without tenant ends the passing on.

    static_key : given by rule by_key alone; target_permille : by rule by_target alone.
    """

    owner_id: PartyId
    kind: CertificateKind
    valid_from: date
    rank_no: int
    tenant_id: PartyId | None
    rule: PassingRule
    static_key: int | None
    target_permille: int | None


class OutsideScheme(StrEnum):
    """Whose the value of a roof's watt-hours can be instead of the home's."""

    FIT = "FIT"  # the payers of the levy of the feed-in tariff
    J_CREDIT = "J_CREDIT"  # a club or subsidy that gathers self-consumption into J-credits
    GREEN_CERT = "GREEN_CERT"  # green power certificates
    PPA = "PPA"  # the seller of a power purchase agreement on the roof
    CLUB = "CLUB"  # any other club that the home gave the value to


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideClaim:
    """A home's watt-hours of a kind whose value is somebody else's, from first_date until before until_date.

    until_date : None = open end; reference : under which number the other scheme knows it.
    """

    claim_id: str
    home_id: PartyId
    kind: CertificateKind
    scheme: OutsideScheme
    first_date: date
    until_date: date | None
    reference: str

    def covers(self, delivery_date: date) -> bool:
        """Tell whether the claim holds on a date."""
        return self.first_date <= delivery_date and (self.until_date is None or delivery_date < self.until_date)


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideLot:
    """Certificates that a buyer bought elsewhere; serials and quantity_wh as their scheme counts them.

    generated_from, generated_until : the days of generation, both included.
    """

    lot_id: str
    buyer_id: PartyId
    scheme: str
    serial_first: str
    serial_last: str
    quantity_wh: int
    generated_from: date
    generated_until: date
    energy_source: str
    plant_name: str
    municipality: str
    facility_id: str
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketBook:
    """Everything that a market knows before a single reading arrives."""

    terms: MarketTerms
    parties: tuple[Party, ...]
    plants: tuple[Plant, ...]
    meters: tuple[Meter, ...]
    offers: tuple[Offer, ...]
    choices: tuple[Choice, ...]
    perks: tuple[Perk, ...] = ()
    preferences: tuple[Preference, ...] = ()
    passing_on: tuple[PassingOn, ...] = ()
    outside_claims: tuple[OutsideClaim, ...] = ()
