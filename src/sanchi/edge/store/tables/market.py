"""Tables of master data: the market, who takes part, roofs, meters, offers, and what homes and owners want.

Enter and leave: rows; energies in [Wh], prices in [sen/kWh]. Not here: what happened on a day.
"""

from django.db import models

from sanchi.edge.store.constraints import CompositeForeignKey, market_key, party_key


class Market(models.Model):
    """One retailer in one grid area."""

    market_id = models.TextField(primary_key=True)
    name = models.TextField()
    name_ja = models.TextField()
    grid_area = models.TextField()
    retailer_id = models.TextField()
    first_delivery_date = models.DateField()
    last_delivery_date = models.DateField()
    tax_permille = models.PositiveIntegerField()
    finalise_day = models.PositiveIntegerField()
    waiting_days = models.PositiveIntegerField()
    data_credits = models.TextField()

    class Meta:
        db_table = "market"


class Party(models.Model):
    """A home, a buyer or a retailer; numbered in the order of arrival."""

    pk = models.CompositePrimaryKey("market", "party_no")
    market = models.TextField()
    party_no = models.PositiveIntegerField()
    party_id = models.TextField()
    role = models.TextField()
    name = models.TextField()
    name_ja = models.TextField()
    company = models.TextField()
    district = models.TextField()

    class Meta:
        db_table = "party"
        constraints = [
            models.UniqueConstraint(name="party_id_unique", fields=["market", "party_id"]),
            market_key("party"),
        ]


class Plant(models.Model):
    """The roof of a home."""

    pk = models.CompositePrimaryKey("market", "home_no")
    market = models.TextField()
    home_no = models.PositiveIntegerField()
    device_id = models.TextField()
    home_group = models.TextField()  # "group" alone is a word of SQL
    capacity_w = models.PositiveIntegerField()
    commissioning_date = models.DateField()
    fit_end = models.DateField()
    measurement_grade = models.TextField()
    ct_class_permille = models.PositiveIntegerField()
    battery_capacity_wh = models.PositiveIntegerField()
    battery_power_w = models.PositiveIntegerField()
    battery_efficiency_permille = models.PositiveIntegerField()
    purchaser_no = models.PositiveIntegerField()
    recruiter_no = models.PositiveIntegerField()
    value_owner_no = models.PositiveIntegerField()
    payee_no = models.PositiveIntegerField()
    standard_price_sen_per_kwh = models.PositiveBigIntegerField()
    load_provenance = models.TextField()
    pv_provenance = models.TextField()
    battery_provenance = models.TextField()

    class Meta:
        db_table = "plant"
        constraints = [
            party_key("plant", "home_no"),
            party_key("plant", "purchaser_no"),
            party_key("plant", "recruiter_no"),
            party_key("plant", "value_owner_no"),
            party_key("plant", "payee_no"),
        ]


class Meter(models.Model):
    """A device that delivers readings; numbered in the order of arrival. channels: names joined by "+".

    source_no: null = the usual way of its kind. same_as: meter_id of the meter that it measures by another way.
    """

    pk = models.CompositePrimaryKey("market", "meter_no")
    market = models.TextField()
    meter_no = models.PositiveIntegerField()
    meter_id = models.TextField()
    party_no = models.PositiveIntegerField()
    channels = models.TextField()
    unit_wh = models.PositiveIntegerField()
    digits = models.PositiveSmallIntegerField()
    installed_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True)
    plausible_wh_max = models.PositiveBigIntegerField()
    source_no = models.PositiveSmallIntegerField(null=True)
    address = models.TextField(default="")
    same_as = models.TextField(default="")
    cadence = models.TextField(default="half_hour")

    class Meta:
        db_table = "meter"
        constraints = [
            models.UniqueConstraint(name="meter_id_unique", fields=["market", "meter_id"]),
            party_key("meter", "party_no"),
        ]


class Offer(models.Model):
    """What a buyer pays for a kind, from valid_from until before valid_until. districts: joined by "+"."""

    pk = models.CompositePrimaryKey("market", "buyer_no", "kind_no", "valid_from")
    market = models.TextField()
    buyer_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    home_price_sen_per_kwh = models.PositiveBigIntegerField()
    buyer_price_sen_per_kwh = models.PositiveBigIntegerField()
    capacity_rule = models.TextField()
    cap_wh_per_slot = models.PositiveBigIntegerField(null=True)
    valid_from = models.DateField()
    valid_until = models.DateField(null=True)
    cap_wh_per_day = models.PositiveBigIntegerField(null=True)
    cap_wh_per_month = models.PositiveBigIntegerField(null=True)
    districts = models.TextField(default="")
    plant_age_years_min = models.PositiveSmallIntegerField(null=True)
    plant_age_years_max = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "offer"
        constraints = [party_key("offer", "buyer_no")]


class Perk(models.Model):
    """What an offer adds to its price."""

    pk = models.CompositePrimaryKey("market", "buyer_no", "kind_no", "valid_from", "perk_no")
    market = models.TextField()
    buyer_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    perk_no = models.PositiveSmallIntegerField()
    perk_kind = models.TextField()
    name = models.TextField()
    name_ja = models.TextField()
    face_value_sen_per_kwh = models.PositiveBigIntegerField()
    cost_sen_per_kwh = models.PositiveBigIntegerField()

    class Meta:
        db_table = "perk"
        constraints = [
            CompositeForeignKey(
                name="perk_offer_fk",
                columns=("market", "buyer_no", "kind_no", "valid_from"),
                table="offer",
                references=("market", "buyer_no", "kind_no", "valid_from"),
            )
        ]


class Preference(models.Model):
    """How a home wants its buyers ranked, from valid_from until its next preference. favourites: ids joined by "+"."""

    pk = models.CompositePrimaryKey("market", "home_no", "kind_no", "valid_from")
    market = models.TextField()
    home_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    ranking = models.TextField()
    money_weight_permille = models.PositiveSmallIntegerField()
    points_weight_permille = models.PositiveSmallIntegerField()
    coupon_weight_permille = models.PositiveSmallIntegerField()
    favourites = models.TextField()
    favourite_bonus_sen_per_kwh = models.PositiveBigIntegerField()
    same_district_bonus_sen_per_kwh = models.PositiveBigIntegerField()
    choices_max = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "preference"
        constraints = [party_key("preference", "home_no")]


class Choice(models.Model):
    """One rank of a home's list of buyers for a kind."""

    pk = models.CompositePrimaryKey("market", "home_no", "kind_no", "valid_from", "choice_no")
    market = models.TextField()
    home_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    choice_no = models.PositiveSmallIntegerField()
    buyer_no = models.PositiveIntegerField()
    valid_from = models.DateField()

    class Meta:
        db_table = "choice"
        constraints = [party_key("choice", "home_no"), party_key("choice", "buyer_no")]


class PassingOn(models.Model):
    """One tenant in an owner's list for a kind; null = the list passes nothing on."""

    pk = models.CompositePrimaryKey("market", "owner_no", "kind_no", "valid_from", "rank_no")
    market = models.TextField()
    owner_no = models.PositiveIntegerField()
    kind_no = models.PositiveSmallIntegerField()
    valid_from = models.DateField()
    rank_no = models.PositiveSmallIntegerField()
    tenant_no = models.PositiveIntegerField(null=True)
    rule = models.TextField()
    static_key = models.PositiveBigIntegerField(null=True)
    target_permille = models.PositiveSmallIntegerField(null=True)

    class Meta:
        db_table = "passing_on"
        constraints = [party_key("passing_on", "owner_no"), party_key("passing_on", "tenant_no")]
