"""Tables of deliveries, of findings about them and about days, and of the files in the lake.

Enter and leave: rows. Not here: readings, which lie in the lake.
"""

from django.db import models

from sanchi.edge.store.constraints import CompositeForeignKey, market_key, party_key, run_key


class Delivery(models.Model):
    """A file that was taken in; every row of it was accepted or rejected."""

    pk = models.CompositePrimaryKey("market", "delivery_no")
    market = models.TextField()
    delivery_no = models.PositiveIntegerField()
    file_name = models.TextField()
    file_digest = models.TextField()
    file_kind = models.TextField()
    row_count = models.PositiveBigIntegerField()
    accepted_row_count = models.PositiveBigIntegerField()
    rejected_row_count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "delivery"
        constraints = [
            models.UniqueConstraint(name="delivery_digest_unique", fields=["market", "file_digest"]),
            models.CheckConstraint(
                name="delivery_rows_add_up",
                condition=models.Q(row_count=models.F("accepted_row_count") + models.F("rejected_row_count")),
            ),
            market_key("delivery"),
        ]


class DecodedDelivery(models.Model):
    """What became of the records and rows of a file of a foreign format, beside its delivery."""

    pk = models.CompositePrimaryKey("market", "delivery_no")
    market = models.TextField()
    delivery_no = models.PositiveIntegerField()
    record_count = models.PositiveBigIntegerField()
    carrying_record_count = models.PositiveBigIntegerField()
    problem_record_count = models.PositiveBigIntegerField()
    passed_over_record_count = models.PositiveBigIntegerField()
    row_count = models.PositiveBigIntegerField()
    accepted_row_count = models.PositiveBigIntegerField()
    part_row_count = models.PositiveBigIntegerField()
    rejected_row_count = models.PositiveBigIntegerField()
    record_problem_count = models.PositiveBigIntegerField()
    slot_reading_count = models.PositiveBigIntegerField()
    event_count = models.PositiveBigIntegerField()
    month_row_count = models.PositiveBigIntegerField(default=0)

    class Meta:
        db_table = "decoded_delivery"
        constraints = [
            models.CheckConstraint(
                name="decoded_delivery_records_add_up",
                condition=models.Q(
                    record_count=models.F("carrying_record_count")
                    + models.F("problem_record_count")
                    + models.F("passed_over_record_count")
                ),
            ),
            models.CheckConstraint(
                name="decoded_delivery_rows_add_up",
                condition=models.Q(
                    row_count=models.F("accepted_row_count")
                    + models.F("part_row_count")
                    + models.F("month_row_count")
                    + models.F("rejected_row_count")
                ),
            ),
            CompositeForeignKey(
                name="decoded_delivery_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
        ]


class Problem(models.Model):
    """A finding: of the step `ingest` about a delivery, of `close-day` about a revision of a day.

    The step `add-up` tells of half hours that lack minutes; the place (where_text) is what is replaced by. The step
    `spread-months` tells of overdue months; all of its findings are replaced at once.
    """

    pk = models.CompositePrimaryKey("market", "problem_no")
    market = models.TextField()
    problem_no = models.PositiveBigIntegerField()
    step = models.TextField()
    delivery_no = models.PositiveIntegerField(null=True)
    delivery_date = models.DateField(null=True)
    revision = models.PositiveIntegerField(null=True)
    party_no = models.PositiveIntegerField(null=True)
    code = models.TextField()
    severity = models.TextField()
    where_text = models.TextField()
    detail = models.TextField()
    hint = models.TextField()
    row_count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "problem"
        indexes = [models.Index(name="problem_day", fields=["market", "delivery_date", "revision"])]
        constraints = [
            CompositeForeignKey(
                name="problem_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
            run_key("problem"),
            party_key("problem", "party_no"),
            market_key("problem"),
        ]


class SlotDecision(models.Model):
    """What an operator decided about one slot; a later row about the same slot replaces an earlier one.

    boundary: half hours since 2000-01-01 00:00 JST; decided_by: an operator's short name.
    """

    pk = models.CompositePrimaryKey("market", "delivery_no", "row_no")
    market = models.TextField()
    delivery_no = models.PositiveIntegerField()
    row_no = models.PositiveIntegerField()
    meter_no = models.PositiveIntegerField()
    channel_no = models.PositiveSmallIntegerField()
    boundary = models.PositiveIntegerField()
    action_no = models.PositiveSmallIntegerField()
    energy_wh = models.PositiveBigIntegerField()
    reason = models.TextField()
    decided_by = models.TextField()
    decided_at = models.DateTimeField()

    class Meta:
        db_table = "slot_decision"
        indexes = [models.Index(name="slot_decision_boundary", fields=["market", "boundary"])]
        constraints = [
            models.CheckConstraint(
                name="slot_decision_has_reason", condition=~models.Q(reason="") & ~models.Q(decided_by="")
            ),
            CompositeForeignKey(
                name="slot_decision_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
            CompositeForeignKey(
                name="slot_decision_meter_fk",
                columns=("market", "meter_no"),
                table="meter",
                references=("market", "meter_no"),
            ),
        ]


class MonthValue(models.Model):
    """Energy of a meter's channel over a calendar month (month: its first day), as a delivery told it."""

    pk = models.CompositePrimaryKey("market", "delivery_no", "row_no")
    market = models.TextField()
    delivery_no = models.PositiveIntegerField()
    row_no = models.PositiveIntegerField()
    meter_no = models.PositiveIntegerField()
    channel_no = models.PositiveSmallIntegerField()
    month = models.DateField()
    energy_wh = models.PositiveBigIntegerField()
    source_no = models.PositiveSmallIntegerField()
    stage_no = models.PositiveSmallIntegerField()
    received_s = models.BigIntegerField()

    class Meta:
        db_table = "month_value"
        indexes = [models.Index(name="month_value_month", fields=["market", "month"])]
        constraints = [
            CompositeForeignKey(
                name="month_value_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
            CompositeForeignKey(
                name="month_value_meter_fk",
                columns=("market", "meter_no"),
                table="meter",
                references=("market", "meter_no"),
            ),
        ]


class MonthSpread(models.Model):
    """A month's value, and the delivery whose readings are its half hours.

    first_boundary: half hours since 2000-01-01 00:00 JST, closes the first of them.
    """

    pk = models.CompositePrimaryKey("market", "delivery_no", "value_delivery_no", "value_row_no")
    market = models.TextField()
    delivery_no = models.PositiveIntegerField()
    value_delivery_no = models.PositiveIntegerField()
    value_row_no = models.PositiveIntegerField()
    first_boundary = models.PositiveIntegerField()
    slot_count = models.PositiveIntegerField()
    shape_no = models.PositiveSmallIntegerField()
    stand_in_count = models.PositiveIntegerField()

    class Meta:
        db_table = "month_spread"
        constraints = [
            CompositeForeignKey(
                name="month_spread_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
            CompositeForeignKey(
                name="month_spread_value_fk",
                columns=("market", "value_delivery_no", "value_row_no"),
                table="month_value",
                references=("market", "delivery_no", "row_no"),
            ),
        ]


class RereadAsk(models.Model):
    """A day that a gateway was to ask its meter for, when so many counts of it were missing; asked_s: Unix seconds."""

    pk = models.CompositePrimaryKey("market", "ask_no")
    market = models.TextField()
    ask_no = models.PositiveBigIntegerField()
    gateway = models.TextField()
    delivery_date = models.DateField()
    missing_count = models.PositiveIntegerField()
    asked_s = models.BigIntegerField()

    class Meta:
        db_table = "reread_ask"
        indexes = [models.Index(name="reread_ask_day", fields=["market", "delivery_date"])]
        constraints = [market_key("reread_ask")]


class LakeFile(models.Model):
    """The only way to find a file in the lake; path is relative to the lake, digest is of its bytes.

    month: the first day of the month that readings or events lie in, for parts their day. A revision
    may find an earlier revision's file again. checkpoint_no: of the log's files.
    """

    lake_file_no = models.BigAutoField(primary_key=True)
    market = models.TextField()
    table_name = models.TextField()
    delivery_date = models.DateField(null=True)
    month = models.DateField(null=True)
    delivery_no = models.PositiveIntegerField(null=True)
    revision = models.PositiveIntegerField(null=True)
    checkpoint_no = models.PositiveBigIntegerField(null=True)
    path = models.TextField()
    digest = models.TextField()
    row_count = models.PositiveBigIntegerField()
    byte_count = models.PositiveBigIntegerField()

    class Meta:
        db_table = "lake_file"
        indexes = [
            models.Index(name="lake_file_day", fields=["market", "table_name", "delivery_date"]),
            models.Index(name="lake_file_month", fields=["market", "table_name", "month"]),
        ]
        constraints = [
            CompositeForeignKey(
                name="lake_file_delivery_fk",
                columns=("market", "delivery_no"),
                table="delivery",
                references=("market", "delivery_no"),
            ),
            CompositeForeignKey(
                name="lake_file_checkpoint_fk",
                columns=("market", "checkpoint_no"),
                table="checkpoint",
                references=("market", "checkpoint_no"),
            ),
            run_key("lake_file"),
            market_key("lake_file"),
        ]
