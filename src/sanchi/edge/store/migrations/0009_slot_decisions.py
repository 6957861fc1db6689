from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0008_ways_of_meters"),
    ]

    operations = [
        migrations.CreateModel(
            name="SlotDecision",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "delivery_no",
                        "row_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_no", models.PositiveIntegerField()),
                ("row_no", models.PositiveIntegerField()),
                ("meter_no", models.PositiveIntegerField()),
                ("channel_no", models.PositiveSmallIntegerField()),
                ("boundary", models.PositiveIntegerField()),
                ("action_no", models.PositiveSmallIntegerField()),
                ("energy_wh", models.PositiveBigIntegerField()),
                ("reason", models.TextField()),
                ("decided_by", models.TextField()),
                ("decided_at", models.DateTimeField()),
            ],
            options={
                "db_table": "slot_decision",
                "indexes": [models.Index(fields=["market", "boundary"], name="slot_decision_boundary")],
                "constraints": [
                    models.CheckConstraint(
                        condition=~models.Q(reason="") & ~models.Q(decided_by=""), name="slot_decision_has_reason"
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_no"),
                        name="slot_decision_delivery_fk",
                        references=("market", "delivery_no"),
                        table="delivery",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "meter_no"),
                        name="slot_decision_meter_fk",
                        references=("market", "meter_no"),
                        table="meter",
                    ),
                ],
            },
        ),
    ]
