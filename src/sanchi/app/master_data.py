"""Read master data files into records; a file is right as a whole or not taken at all.

Enters: MasterRows and what is known already. Leaves: records, or one UnreadableDelivery naming every fault.
Not here: reading fields (master_fields), what records demand of each other (master_rules), what is bought or claimed
outside (outside_data).
"""

from dataclasses import fields
from typing import Final

from sanchi.app.arrivals import MasterRows
from sanchi.app.deliveries import FileKind
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
    OutsideLot,
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
from sanchi.app.master_fields import FieldReader
from sanchi.app.master_reading import Known, read_records
from sanchi.app.master_rules import (
    faults_of_choices,
    faults_of_offers,
    faults_of_parties,
    faults_of_perks,
    faults_of_plants,
    faults_of_preferences,
    faults_of_terms,
)
from sanchi.app.meter_rules import faults_of_meters
from sanchi.app.overrides import SlotOverride, faults_of_overrides
from sanchi.app.passing_rules import faults_of_passing_on
from sanchi.core.base.ids import MarketId, MeterId, PartyId
from sanchi.core.base.units import PERMILLE
from sanchi.core.matching.market import STATIC_KEY_MAX
from sanchi.core.metering.decisions import Action
from sanchi.core.metering.readings import METER_DIGITS_MAX, Channel
from sanchi.core.metering.sources import DELIVERED_SOURCES

GRID_AREAS: Final = range(1, 11)  # 一般送配電事業者 of Hokkaido (01) to Okinawa (10)
FINALISE_DAY_MAX: Final = 28  # a day that every month has
WAITING_DAYS_MAX: Final = 365
# Above any roof or shop on low or high voltage; a larger number is a slip of units.
POWER_W_MAX: Final = 100_000_000
ENERGY_WH_MAX: Final = 1_000_000_000
PRICE_SEN_PER_KWH_MAX: Final = 1_000_000
UNIT_WH_MAX: Final = 1_000_000
CHOICES_MAX: Final = 100
TENANTS_MAX: Final = 1_000
PERKS_MAX: Final = 100
PLANT_AGE_YEARS_MAX: Final = 200
# A month of the largest half hours.
MONTH_WH_MAX: Final = ENERGY_WH_MAX * 48 * 31
ACTION_WORDS: Final = frozenset(action.text for action in Action)
CHANNEL_WORDS: Final = frozenset(channel.text for channel in Channel)
PROVENANCES: Final = frozenset(("measured", "modelled", "re-dated", "repeated"))


def _columns(record: type, given_by_store: str = "") -> tuple[str, ...]:
    """Name the columns of a file: the fields of its record but for the number that the store gives."""
    return tuple(field.name for field in fields(record) if field.name != given_by_store)


MASTER_COLUMNS: Final = {
    FileKind.MARKET: _columns(MarketTerms),
    FileKind.PARTIES: _columns(Party, "party_no"),
    FileKind.PLANTS: _columns(Plant),
    FileKind.METERS: _columns(Meter, "meter_no"),
    FileKind.OFFERS: _columns(Offer),
    FileKind.PERKS: _columns(Perk),
    FileKind.CHOICES: _columns(Choice),
    FileKind.PREFERENCES: _columns(Preference),
    FileKind.PASSING_ON: _columns(PassingOn),
    FileKind.OVERRIDES: _columns(SlotOverride),
    FileKind.OUTSIDE_CLAIMS: _columns(OutsideClaim),
    FileKind.OUTSIDE_LOTS: _columns(OutsideLot),
}
# Columns that a file may leave out; without one every record has it empty.
OPTIONAL_COLUMNS: Final = {
    FileKind.METERS: ("source", "address", "same_as", "cadence"),
    FileKind.OFFERS: (
        "cap_wh_per_day", "cap_wh_per_month", "districts", "plant_age_years_min", "plant_age_years_max",
    ),
}  # fmt: skip


def read_terms(rows: MasterRows, known: Known | None) -> MarketTerms:
    """Read market.toml; a market that is not known yet has no parties, so its retailer is checked with them."""
    if known is None:
        return read_records(rows, _terms, lambda _: ())[0]
    return read_records(rows, _terms, lambda placed: faults_of_terms(placed, known.book, known.last_closed_date))[0]


def read_parties(rows: MasterRows, known: Known) -> tuple[Party, ...]:
    """Read parties; party_no is 0 until the store numbers them."""
    return read_records(rows, _party, lambda placed: faults_of_parties(placed, known.book, known.last_closed_date))


def read_plants(rows: MasterRows, known: Known) -> tuple[Plant, ...]:
    """Read the homes' roofs."""
    return read_records(rows, _plant, lambda placed: faults_of_plants(placed, known.book, known.last_closed_date))


def read_meters(rows: MasterRows, known: Known) -> tuple[Meter, ...]:
    """Read meters; meter_no is 0 until the store numbers them."""
    return read_records(rows, _meter, lambda placed: faults_of_meters(placed, known.book, known.last_closed_date))


def read_offers(rows: MasterRows, known: Known) -> tuple[Offer, ...]:
    """Read buyers' offers."""
    return read_records(rows, _offer, lambda placed: faults_of_offers(placed, known.book, known.last_closed_date))


def read_choices(rows: MasterRows, known: Known) -> tuple[Choice, ...]:
    """Read homes' ranked buyers."""
    return read_records(rows, _choice, lambda placed: faults_of_choices(placed, known.book, known.last_closed_date))


def read_perks(rows: MasterRows, known: Known) -> tuple[Perk, ...]:
    """Read what offers add to their price."""
    return read_records(rows, _perk, lambda placed: faults_of_perks(placed, known.book, known.last_closed_date))


def read_preferences(rows: MasterRows, known: Known) -> tuple[Preference, ...]:
    """Read how homes want their buyers ranked."""
    return read_records(
        rows, _preference, lambda placed: faults_of_preferences(placed, known.book, known.last_closed_date)
    )


def read_passing_on(rows: MasterRows, known: Known) -> tuple[PassingOn, ...]:
    """Read owners' lists of tenants."""
    return read_records(
        rows, _passing_on, lambda placed: faults_of_passing_on(placed, known.book, known.last_closed_date)
    )


def read_overrides(rows: MasterRows, known: Known) -> tuple[SlotOverride, ...]:
    """Read what operators decided about single slots."""
    return read_records(rows, _override, lambda placed: faults_of_overrides(placed, known.book))


def _terms(reader: FieldReader) -> MarketTerms:
    """Read the market's own terms."""
    grid_area = reader.text("grid_area")
    if grid_area not in {f"{area:02d}" for area in GRID_AREAS}:
        reader.note(f"grid_area is {grid_area!r}, expected two digits from 01 (Hokkaido) to 10 (Okinawa)")
    terms = MarketTerms(
        market_id=MarketId(reader.name("market_id")),
        name=reader.text("name"),
        name_ja=reader.text("name_ja"),
        grid_area=grid_area,
        retailer_id=PartyId(reader.name("retailer_id")),
        first_delivery_date=reader.day("first_delivery_date"),
        last_delivery_date=reader.day("last_delivery_date"),
        tax_permille=reader.integer("tax_permille", 0, PERMILLE),
        finalise_day=reader.integer("finalise_day", 1, FINALISE_DAY_MAX),
        waiting_days=reader.integer("waiting_days", 0, WAITING_DAYS_MAX),
        data_credits=reader.lines("data_credits"),
    )
    if terms.last_delivery_date < terms.first_delivery_date:
        reader.note("last_delivery_date lies before first_delivery_date")
    return terms


def _party(reader: FieldReader) -> Party:
    """Read a home, buyer or retailer."""
    return Party(
        party_no=0,
        party_id=PartyId(reader.name("party_id")),
        role=reader.member("role", PartyRole),
        name=reader.text("name"),
        name_ja=reader.text("name_ja"),
        company=reader.free_text("company"),
        district=reader.free_text("district"),
    )


def _plant(reader: FieldReader) -> Plant:
    """Read a roof and, where it has one, its battery."""
    battery_capacity_wh = reader.integer("battery_capacity_wh", 0, ENERGY_WH_MAX)
    lowest = 1 if battery_capacity_wh else 0
    plant = Plant(
        home_id=PartyId(reader.name("home_id")),
        device_id=reader.name("device_id"),
        group=reader.member("group", HomeGroup),
        capacity_w=reader.integer("capacity_w", 1, POWER_W_MAX),
        commissioning_date=reader.day("commissioning_date"),
        fit_end=reader.day("fit_end"),
        measurement_grade=reader.member("measurement_grade", MeasurementGrade),
        ct_class_permille=reader.integer("ct_class_permille", 0, PERMILLE),
        battery_capacity_wh=battery_capacity_wh,
        battery_power_w=reader.integer("battery_power_w", lowest, POWER_W_MAX),
        battery_efficiency_permille=reader.integer("battery_efficiency_permille", lowest, PERMILLE),
        purchaser_id=PartyId(reader.name("purchaser_id")),
        recruiter_id=PartyId(reader.name("recruiter_id")),
        value_owner_id=PartyId(reader.name("value_owner_id")),
        payee_id=PartyId(reader.name("payee_id")),
        standard_price_sen_per_kwh=reader.integer("standard_price_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        load_provenance=_provenance(reader, "load_provenance"),
        pv_provenance=_provenance(reader, "pv_provenance"),
        battery_provenance=(
            _provenance(reader, "battery_provenance") if battery_capacity_wh else reader.free_text("battery_provenance")
        ),
    )
    if plant.fit_end < plant.commissioning_date:
        reader.note("fit_end lies before commissioning_date")
    return plant


def _provenance(reader: FieldReader, column: str) -> str:
    """Read where a series of the home comes from, as words joined by "+"."""
    return "+".join(reader.words(column, PROVENANCES))


def _meter(reader: FieldReader) -> Meter:
    """Read a meter; registers have digits, interval meters have none."""
    meter = Meter(
        meter_no=0,
        meter_id=MeterId(reader.name("meter_id")),
        party_id=PartyId(reader.name("party_id")),
        channels=reader.words("channels", CHANNEL_WORDS),
        unit_wh=reader.integer("unit_wh", 1, UNIT_WH_MAX),
        digits=reader.integer("digits", 0, METER_DIGITS_MAX),
        installed_at=reader.boundary_instant("installed_at"),
        removed_at=None if reader.is_empty("removed_at") else reader.boundary_instant("removed_at"),
        plausible_wh_max=reader.integer("plausible_wh_max", 1, ENERGY_WH_MAX),
        source=reader.word_or_none("source", DELIVERED_SOURCES),
        address=reader.free_text("address"),
        same_as=None if reader.is_empty("same_as") else MeterId(reader.name("same_as")),
        cadence=Cadence.HALF_HOUR if reader.is_empty("cadence") else reader.member("cadence", Cadence),
    )
    if meter.removed_at is not None and meter.removed_at <= meter.installed_at:
        reader.note("removed_at does not lie after installed_at")
    is_register = meter.digits > 0
    if is_register and meter.plausible_wh_max >= meter.unit_wh * 10**meter.digits:
        reader.note("plausible_wh_max would turn the register over within one slot; compare unit_wh and digits")
    return meter


def _override(reader: FieldReader) -> SlotOverride:
    """Read a decision about one slot; nobody decides without a reason."""
    return SlotOverride(
        meter_id=MeterId(reader.name("meter_id")),
        channel=reader.word("channel", CHANNEL_WORDS),
        slot_end=reader.boundary_instant("slot_end"),
        action=reader.word("action", ACTION_WORDS),
        energy_wh=reader.integer_or_none("energy_wh", 0, ENERGY_WH_MAX),
        reason=reader.text("reason"),
        decided_by=reader.name("decided_by"),
        decided_at=reader.instant("decided_at"),
    )


def _offer(reader: FieldReader) -> Offer:
    """Read what a buyer pays and what limits it."""
    offer = Offer(
        buyer_id=PartyId(reader.name("buyer_id")),
        kind=reader.kind("kind"),
        home_price_sen_per_kwh=reader.integer("home_price_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        buyer_price_sen_per_kwh=reader.integer("buyer_price_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        capacity_rule=reader.member("capacity_rule", CapacityRule),
        cap_wh_per_slot=reader.integer_or_none("cap_wh_per_slot", 0, ENERGY_WH_MAX),
        valid_from=reader.day("valid_from"),
        valid_until=None if reader.is_empty("valid_until") else reader.day("valid_until"),
        cap_wh_per_day=reader.integer_or_none("cap_wh_per_day", 0, MONTH_WH_MAX),
        cap_wh_per_month=reader.integer_or_none("cap_wh_per_month", 0, MONTH_WH_MAX),
        districts=reader.texts("districts"),
        plant_age_years_min=reader.integer_or_none("plant_age_years_min", 0, PLANT_AGE_YEARS_MAX),
        plant_age_years_max=reader.integer_or_none("plant_age_years_max", 0, PLANT_AGE_YEARS_MAX),
    )
    if offer.capacity_rule is CapacityRule.CAP_ONLY and offer.cap_wh_per_slot is None:
        reader.note("capacity_rule cap_only needs cap_wh_per_slot")
    if offer.valid_until is not None and offer.valid_until <= offer.valid_from:
        reader.note("valid_until (the first day that is no longer valid) does not lie after valid_from")
    age_min, age_max = offer.plant_age_years_min, offer.plant_age_years_max
    if age_min is not None and age_max is not None and age_min > age_max:
        reader.note("plant_age_years_min is above plant_age_years_max: no plant would do")
    return offer


def _perk(reader: FieldReader) -> Perk:
    """Read what an offer adds to its price."""
    perk = Perk(
        buyer_id=PartyId(reader.name("buyer_id")),
        kind=reader.kind("kind"),
        valid_from=reader.day("valid_from"),
        perk_no=reader.integer("perk_no", 1, PERKS_MAX),
        perk=reader.member("perk", PerkKind),
        name=reader.text("name"),
        name_ja=reader.text("name_ja"),
        face_value_sen_per_kwh=reader.integer("face_value_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        cost_sen_per_kwh=reader.integer("cost_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
    )
    if perk.perk is PerkKind.RECOGNITION and (perk.face_value_sen_per_kwh or perk.cost_sen_per_kwh):
        reader.note("recognition is no money: face_value_sen_per_kwh and cost_sen_per_kwh are 0")
    return perk


def _preference(reader: FieldReader) -> Preference:
    """Read how a home wants its buyers ranked."""
    return Preference(
        home_id=PartyId(reader.name("home_id")),
        kind=reader.kind("kind"),
        valid_from=reader.day("valid_from"),
        ranking=reader.member("ranking", RankingRule),
        money_weight_permille=reader.integer("money_weight_permille", 0, PERMILLE),
        points_weight_permille=reader.integer("points_weight_permille", 0, PERMILLE),
        coupon_weight_permille=reader.integer("coupon_weight_permille", 0, PERMILLE),
        favourites=tuple(map(PartyId, reader.texts("favourites"))),
        favourite_bonus_sen_per_kwh=reader.integer("favourite_bonus_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        same_district_bonus_sen_per_kwh=reader.integer("same_district_bonus_sen_per_kwh", 0, PRICE_SEN_PER_KWH_MAX),
        choices_max=reader.integer("choices_max", 1, CHOICES_MAX),
    )


def _choice(reader: FieldReader) -> Choice:
    """Read one rank of a home's list."""
    return Choice(
        home_id=PartyId(reader.name("home_id")),
        kind=reader.kind("kind"),
        choice_no=reader.integer("choice_no", 1, CHOICES_MAX),
        buyer_id=PartyId(reader.name("buyer_id")),
        valid_from=reader.day("valid_from"),
    )


def _passing_on(reader: FieldReader) -> PassingOn:
    """Read one tenant of an owner's list, or the row that ends it."""
    row = PassingOn(
        owner_id=PartyId(reader.name("owner_id")),
        kind=reader.kind("kind"),
        valid_from=reader.day("valid_from"),
        rank_no=reader.integer("rank_no", 1, TENANTS_MAX),
        tenant_id=None if reader.is_empty("tenant_id") else PartyId(reader.name("tenant_id")),
        rule=reader.member("rule", PassingRule),
        static_key=reader.integer_or_none("static_key", 0, STATIC_KEY_MAX),
        target_permille=reader.integer_or_none("target_permille", 0, PERMILLE),
    )
    is_tenant = row.tenant_id is not None
    for column, rule in (("static_key", PassingRule.BY_KEY), ("target_permille", PassingRule.BY_TARGET)):
        is_needed = is_tenant and row.rule is rule
        if is_needed == reader.is_empty(column):
            found = "is empty, but a" if is_needed else "is given, but only a"
            reader.note(f"{column} {found} tenant by rule {rule} has one")
    return row
