"""Master data as rows of the database, and back; columns stand in the order of the tuples below.

Enter and leave: rows and the records of app.market. `nos` and `ids` translate parties. Nothing is stored here.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from sanchi.app.market import (
    Cadence,
    CapacityRule,
    Choice,
    HomeGroup,
    MarketTerms,
    MeasurementGrade,
    Meter,
    Offer,
    OutsideClaim,
    OutsideScheme,
    Party,
    PartyRole,
    PassingOn,
    PassingRule,
    Perk,
    PerkKind,
    Plant,
    Preference,
    RankingRule,
)
from sanchi.core.base.ids import PartyId
from sanchi.core.base.kinds import CertificateKind
from sanchi.core.metering.sources import Source
from sanchi.edge.store.sql import Row, read_instant, stored_instant

TERMS: Final = (
    "market_id", "name", "name_ja", "grid_area", "retailer_id", "first_delivery_date", "last_delivery_date",
    "tax_permille", "finalise_day", "waiting_days", "data_credits",
)  # fmt: skip
PARTY: Final = ("party_no", "party_id", "role", "name", "name_ja", "company", "district")
PLANT: Final = (
    "home_no", "device_id", "home_group", "capacity_w", "commissioning_date", "fit_end", "measurement_grade",
    "ct_class_permille", "battery_capacity_wh", "battery_power_w", "battery_efficiency_permille", "purchaser_no",
    "recruiter_no", "value_owner_no", "payee_no", "standard_price_sen_per_kwh", "load_provenance", "pv_provenance",
    "battery_provenance",
)  # fmt: skip
METER: Final = (
    "meter_no", "meter_id", "party_no", "channels", "unit_wh", "digits", "installed_at", "removed_at",
    "plausible_wh_max", "source_no", "address", "same_as", "cadence",
)  # fmt: skip
OFFER: Final = (
    "buyer_no", "kind_no", "home_price_sen_per_kwh", "buyer_price_sen_per_kwh", "capacity_rule", "cap_wh_per_slot",
    "valid_from", "valid_until", "cap_wh_per_day", "cap_wh_per_month", "districts", "plant_age_years_min",
    "plant_age_years_max",
)  # fmt: skip
CHOICE: Final = ("home_no", "kind_no", "choice_no", "buyer_no", "valid_from")

PERK: Final = (
    "buyer_no", "kind_no", "valid_from", "perk_no", "perk_kind", "name", "name_ja", "face_value_sen_per_kwh",
    "cost_sen_per_kwh",
)  # fmt: skip
PREFERENCE: Final = (
    "home_no", "kind_no", "valid_from", "ranking", "money_weight_permille", "points_weight_permille",
    "coupon_weight_permille", "favourites", "favourite_bonus_sen_per_kwh", "same_district_bonus_sen_per_kwh",
    "choices_max",
)  # fmt: skip

PASSING_ON: Final = (
    "owner_no", "kind_no", "valid_from", "rank_no", "tenant_no", "rule", "static_key", "target_permille",
)  # fmt: skip

OUTSIDE_CLAIM: Final = ("claim_id", "home_no", "kind_no", "scheme", "first_date", "until_date", "reference")

_SEPARATOR: Final = "+"

PartyNos = Mapping[PartyId, int]
PartyIds = Mapping[int, PartyId]


def terms_row(terms: MarketTerms) -> Row:
    """Lay terms out."""
    return tuple(getattr(terms, column) for column in TERMS)


def terms(row: Row) -> MarketTerms:
    """Read terms."""
    return MarketTerms(**dict(zip(TERMS, row, strict=True)))


def party_row(each: Party, party_no: int) -> Row:
    """Lay a party out under the number that it has here."""
    return (party_no, each.party_id, each.role.value, each.name, each.name_ja, each.company, each.district)


def party(row: Row) -> Party:
    """Read a party."""
    stored = dict(zip(PARTY, row, strict=True))
    return Party(**stored | {"role": PartyRole(stored["role"])})


def plant_row(each: Plant, nos: PartyNos) -> Row:
    """Lay a plant out."""
    return (
        nos[each.home_id],
        each.device_id,
        each.group.value,
        each.capacity_w,
        each.commissioning_date,
        each.fit_end,
        each.measurement_grade.value,
        each.ct_class_permille,
        each.battery_capacity_wh,
        each.battery_power_w,
        each.battery_efficiency_permille,
        nos[each.purchaser_id],
        nos[each.recruiter_id],
        nos[each.value_owner_id],
        nos[each.payee_id],
        each.standard_price_sen_per_kwh,
        each.load_provenance,
        each.pv_provenance,
        each.battery_provenance,
    )


def plant(row: Row, ids: PartyIds) -> Plant:
    """Read a plant."""
    stored = dict(zip(PLANT, row, strict=True))
    return Plant(
        home_id=ids[stored.pop("home_no")],
        group=HomeGroup(stored.pop("home_group")),
        measurement_grade=MeasurementGrade(stored.pop("measurement_grade")),
        purchaser_id=ids[stored.pop("purchaser_no")],
        recruiter_id=ids[stored.pop("recruiter_no")],
        value_owner_id=ids[stored.pop("value_owner_no")],
        payee_id=ids[stored.pop("payee_no")],
        **stored,
    )


def meter_row(each: Meter, meter_no: int, nos: PartyNos) -> Row:
    """Lay a meter out under the number that it has here."""
    return (
        meter_no,
        each.meter_id,
        nos[each.party_id],
        _SEPARATOR.join(each.channels),
        each.unit_wh,
        each.digits,
        stored_instant(each.installed_at),
        None if each.removed_at is None else stored_instant(each.removed_at),
        each.plausible_wh_max,
        each.source,
        each.address,
        each.same_as or "",
        each.cadence.value,
    )


def meter(row: Row, ids: PartyIds) -> Meter:
    """Read a meter; instants come back in Japan Standard Time."""
    stored = dict(zip(METER, row, strict=True))
    removed_at: datetime | None = stored.pop("removed_at")
    source_no: int | None = stored.pop("source_no")
    return Meter(
        party_id=ids[stored.pop("party_no")],
        channels=tuple(stored.pop("channels").split(_SEPARATOR)),
        installed_at=read_instant(stored.pop("installed_at")),
        removed_at=None if removed_at is None else read_instant(removed_at),
        same_as=stored.pop("same_as") or None,
        cadence=Cadence(stored.pop("cadence")),
        source=None if source_no is None else Source(source_no),
        **stored,
    )


def offer_row(each: Offer, nos: PartyNos) -> Row:
    """Lay an offer out."""
    return (
        nos[each.buyer_id],
        int(each.kind),
        each.home_price_sen_per_kwh,
        each.buyer_price_sen_per_kwh,
        each.capacity_rule.value,
        each.cap_wh_per_slot,
        each.valid_from,
        each.valid_until,
        each.cap_wh_per_day,
        each.cap_wh_per_month,
        _SEPARATOR.join(each.districts),
        each.plant_age_years_min,
        each.plant_age_years_max,
    )


def offer(row: Row, ids: PartyIds) -> Offer:
    """Read an offer."""
    stored = dict(zip(OFFER, row, strict=True))
    return Offer(
        buyer_id=ids[stored.pop("buyer_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        capacity_rule=CapacityRule(stored.pop("capacity_rule")),
        districts=_texts(stored.pop("districts")),
        **stored,
    )


def choice_row(each: Choice, nos: PartyNos) -> Row:
    """Lay a choice out."""
    return (nos[each.home_id], int(each.kind), each.choice_no, nos[each.buyer_id], each.valid_from)


def choice(row: Row, ids: PartyIds) -> Choice:
    """Read a choice."""
    stored = dict(zip(CHOICE, row, strict=True))
    return Choice(
        home_id=ids[stored.pop("home_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        buyer_id=ids[stored.pop("buyer_no")],
        **stored,
    )


def perk_row(each: Perk, nos: PartyNos) -> Row:
    """Lay a perk out."""
    return (
        nos[each.buyer_id],
        int(each.kind),
        each.valid_from,
        each.perk_no,
        each.perk.value,
        each.name,
        each.name_ja,
        each.face_value_sen_per_kwh,
        each.cost_sen_per_kwh,
    )


def perk(row: Row, ids: PartyIds) -> Perk:
    """Read a perk."""
    stored = dict(zip(PERK, row, strict=True))
    return Perk(
        buyer_id=ids[stored.pop("buyer_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        perk=PerkKind(stored.pop("perk_kind")),
        **stored,
    )


def preference_row(each: Preference, nos: PartyNos) -> Row:
    """Lay a preference out."""
    return (
        nos[each.home_id],
        int(each.kind),
        each.valid_from,
        each.ranking.value,
        each.money_weight_permille,
        each.points_weight_permille,
        each.coupon_weight_permille,
        _SEPARATOR.join(each.favourites),
        each.favourite_bonus_sen_per_kwh,
        each.same_district_bonus_sen_per_kwh,
        each.choices_max,
    )


def preference(row: Row, ids: PartyIds) -> Preference:
    """Read a preference."""
    stored = dict(zip(PREFERENCE, row, strict=True))
    return Preference(
        home_id=ids[stored.pop("home_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        ranking=RankingRule(stored.pop("ranking")),
        favourites=tuple(map(PartyId, _texts(stored.pop("favourites")))),
        **stored,
    )


def passing_on_row(each: PassingOn, nos: PartyNos) -> Row:
    """Lay a tenant of an owner's list out."""
    return (
        nos[each.owner_id],
        int(each.kind),
        each.valid_from,
        each.rank_no,
        None if each.tenant_id is None else nos[each.tenant_id],
        each.rule.value,
        each.static_key,
        each.target_permille,
    )


def passing_on(row: Row, ids: PartyIds) -> PassingOn:
    """Read a tenant of an owner's list."""
    stored = dict(zip(PASSING_ON, row, strict=True))
    tenant_no: int | None = stored.pop("tenant_no")
    return PassingOn(
        owner_id=ids[stored.pop("owner_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        tenant_id=None if tenant_no is None else ids[tenant_no],
        rule=PassingRule(stored.pop("rule")),
        **stored,
    )


def outside_claim_row(each: OutsideClaim, nos: PartyNos) -> Row:
    """Lay a claim out."""
    return (
        each.claim_id,
        nos[each.home_id],
        int(each.kind),
        each.scheme.value,
        each.first_date,
        each.until_date,
        each.reference,
    )


def outside_claim(row: Row, ids: PartyIds) -> OutsideClaim:
    """Read a claim."""
    stored = dict(zip(OUTSIDE_CLAIM, row, strict=True))
    return OutsideClaim(
        home_id=ids[stored.pop("home_no")],
        kind=CertificateKind(stored.pop("kind_no")),
        scheme=OutsideScheme(stored.pop("scheme")),
        **stored,
    )


def _texts(joined: str) -> tuple[str, ...]:
    """Part what stands joined; an empty text is none at all."""
    return tuple(joined.split(_SEPARATOR)) if joined else ()
