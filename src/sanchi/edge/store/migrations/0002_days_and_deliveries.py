import django.db.models.expressions
from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0001_people_and_markets"),
    ]

    operations = [
        migrations.CreateModel(
            name="DayRun",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "delivery_date",
                        "revision",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_date", models.DateField()),
                ("revision", models.PositiveIntegerField()),
                ("is_home_only", models.BooleanField()),
                ("result_digest", models.TextField()),
                ("used_row_count", models.PositiveBigIntegerField()),
                ("superseded_row_count", models.PositiveBigIntegerField()),
                ("set_aside_row_count", models.PositiveBigIntegerField()),
                ("readings_delivery_no_max", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "day_run",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="day_run_market_fk", references=("market_id",), table="market"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="MarketDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "delivery_date", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_date", models.DateField()),
                ("revision_in_force", models.PositiveIntegerField()),
                ("is_finalised", models.BooleanField()),
                ("is_stale", models.BooleanField()),
            ],
            options={
                "db_table": "market_day",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision_in_force"),
                        name="market_day_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="HomeDay",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "delivery_date",
                        "revision",
                        "home_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_date", models.DateField()),
                ("revision", models.PositiveIntegerField()),
                ("home_no", models.PositiveIntegerField()),
                ("import_wh", models.PositiveBigIntegerField()),
                ("export_wh", models.PositiveBigIntegerField()),
                ("pv_wh", models.PositiveBigIntegerField()),
                ("self_wh", models.PositiveBigIntegerField()),
                ("export_pv_wh", models.PositiveBigIntegerField()),
                ("grid_export_wh", models.PositiveBigIntegerField()),
                ("charge_wh", models.PositiveBigIntegerField()),
                ("discharge_wh", models.PositiveBigIntegerField()),
                ("ct_meter_residual_wh", models.PositiveBigIntegerField()),
                ("surplus_offered_wh", models.PositiveBigIntegerField()),
                ("self_offered_wh", models.PositiveBigIntegerField()),
                ("surplus_withheld_wh", models.PositiveBigIntegerField()),
                ("self_withheld_wh", models.PositiveBigIntegerField()),
                ("measured_slot_count", models.PositiveSmallIntegerField()),
                ("recovered_slot_count", models.PositiveSmallIntegerField()),
                ("estimated_slot_count", models.PositiveSmallIntegerField()),
                ("missing_slot_count", models.PositiveSmallIntegerField()),
            ],
            options={
                "db_table": "home_day",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "self_wh",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("pv_wh"), "+", models.F("ct_meter_residual_wh")
                                    ),
                                    "-",
                                    models.F("export_pv_wh"),
                                ),
                            )
                        ),
                        name="home_day_energy_adds_up",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="home_day_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="home_day_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Delivery",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "delivery_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_no", models.PositiveIntegerField()),
                ("file_name", models.TextField()),
                ("file_digest", models.TextField()),
                ("file_kind", models.TextField()),
                ("row_count", models.PositiveBigIntegerField()),
                ("accepted_row_count", models.PositiveBigIntegerField()),
                ("rejected_row_count", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "delivery",
                "constraints": [
                    models.UniqueConstraint(fields=("market", "file_digest"), name="delivery_digest_unique"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "row_count",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("accepted_row_count"), "+", models.F("rejected_row_count")
                                ),
                            )
                        ),
                        name="delivery_rows_add_up",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="delivery_market_fk", references=("market_id",), table="market"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Problem",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "problem_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("problem_no", models.PositiveBigIntegerField()),
                ("step", models.TextField()),
                ("delivery_no", models.PositiveIntegerField(null=True)),
                ("delivery_date", models.DateField(null=True)),
                ("revision", models.PositiveIntegerField(null=True)),
                ("party_no", models.PositiveIntegerField(null=True)),
                ("code", models.TextField()),
                ("severity", models.TextField()),
                ("where_text", models.TextField()),
                ("detail", models.TextField()),
                ("hint", models.TextField()),
                ("row_count", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "problem",
                "indexes": [models.Index(fields=["market", "delivery_date", "revision"], name="problem_day")],
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_no"),
                        name="problem_delivery_fk",
                        references=("market", "delivery_no"),
                        table="delivery",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="problem_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "party_no"),
                        name="problem_party_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="problem_market_fk", references=("market_id",), table="market"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="LakeFile",
            fields=[
                ("lake_file_no", models.BigAutoField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
                ("table_name", models.TextField()),
                ("delivery_date", models.DateField(null=True)),
                ("month", models.DateField(null=True)),
                ("delivery_no", models.PositiveIntegerField(null=True)),
                ("revision", models.PositiveIntegerField(null=True)),
                ("path", models.TextField()),
                ("digest", models.TextField()),
                ("row_count", models.PositiveBigIntegerField()),
                ("byte_count", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "lake_file",
                "indexes": [
                    models.Index(fields=["market", "table_name", "delivery_date"], name="lake_file_day"),
                    models.Index(fields=["market", "table_name", "month"], name="lake_file_month"),
                ],
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_no"),
                        name="lake_file_delivery_fk",
                        references=("market", "delivery_no"),
                        table="delivery",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="lake_file_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="lake_file_market_fk", references=("market_id",), table="market"
                    ),
                ],
            },
        ),
    ]
