"""Tables of market-days: where each stands, its revisions, and what each home did on it.

Enter and leave: rows; energies in [Wh]. Not here: half hours, which lie in the lake.
"""

from django.db import models

from sanchi.edge.store.constraints import market_key, party_key, run_key


class DayRun(models.Model):
    """One revision of a market-day. Only what tells its readings is noted anew when they change no energy."""

    pk = models.CompositePrimaryKey("market", "delivery_date", "revision")
    market = models.TextField()
    delivery_date = models.DateField()
    revision = models.PositiveIntegerField()
    is_home_only = models.BooleanField()
    result_digest = models.TextField()
    used_row_count = models.PositiveBigIntegerField()
    superseded_row_count = models.PositiveBigIntegerField()
    set_aside_row_count = models.PositiveBigIntegerField()
    readings_digest = models.TextField(default="")  # of the rows stamped in the day; empty = closed before it was kept
    readings_delivery_no_max = models.PositiveIntegerField()  # 0 = closed before anything was delivered

    class Meta:
        db_table = "day_run"
        constraints = [market_key("day_run")]


class MarketDay(models.Model):
    """Where a delivery date stands."""

    pk = models.CompositePrimaryKey("market", "delivery_date")
    market = models.TextField()
    delivery_date = models.DateField()
    revision_in_force = models.PositiveIntegerField()
    is_finalised = models.BooleanField()
    is_stale = models.BooleanField()

    class Meta:
        db_table = "market_day"
        constraints = [run_key("market_day", revision="revision_in_force")]


class HomeDay(models.Model):
    """What a home did on a market-day, by revision; slots count by the worse quality of export and generation."""

    pk = models.CompositePrimaryKey("market", "delivery_date", "revision", "home_no")
    market = models.TextField()
    delivery_date = models.DateField()
    revision = models.PositiveIntegerField()
    home_no = models.PositiveIntegerField()
    import_wh = models.PositiveBigIntegerField()
    export_wh = models.PositiveBigIntegerField()
    pv_wh = models.PositiveBigIntegerField()
    self_wh = models.PositiveBigIntegerField()
    export_pv_wh = models.PositiveBigIntegerField()
    grid_export_wh = models.PositiveBigIntegerField()
    charge_wh = models.PositiveBigIntegerField()
    discharge_wh = models.PositiveBigIntegerField()
    ct_meter_residual_wh = models.PositiveBigIntegerField()
    surplus_offered_wh = models.PositiveBigIntegerField()
    self_offered_wh = models.PositiveBigIntegerField()
    surplus_withheld_wh = models.PositiveBigIntegerField()
    self_withheld_wh = models.PositiveBigIntegerField()
    measured_slot_count = models.PositiveSmallIntegerField()
    recovered_slot_count = models.PositiveSmallIntegerField()
    estimated_slot_count = models.PositiveSmallIntegerField()
    missing_slot_count = models.PositiveSmallIntegerField()

    class Meta:
        db_table = "home_day"
        constraints = [
            models.CheckConstraint(
                name="home_day_energy_adds_up",
                condition=models.Q(
                    self_wh=models.F("pv_wh") + models.F("ct_meter_residual_wh") - models.F("export_pv_wh")
                ),
            ),
            run_key("home_day"),
            party_key("home_day", "home_no"),
        ]
