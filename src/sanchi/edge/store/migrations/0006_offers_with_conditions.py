from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0005_ledger"),
    ]

    operations = [
        migrations.AddField(
            model_name="offer",
            name="cap_wh_per_day",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="cap_wh_per_month",
            field=models.PositiveBigIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="districts",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="offer",
            name="plant_age_years_max",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="offer",
            name="plant_age_years_min",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.CreateModel(
            name="Perk",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "buyer_no",
                        "kind_no",
                        "valid_from",
                        "perk_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("buyer_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("perk_no", models.PositiveSmallIntegerField()),
                ("perk_kind", models.TextField()),
                ("name", models.TextField()),
                ("name_ja", models.TextField()),
                ("face_value_sen_per_kwh", models.PositiveBigIntegerField()),
                ("cost_sen_per_kwh", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "perk",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "buyer_no", "kind_no", "valid_from"),
                        name="perk_offer_fk",
                        references=("market", "buyer_no", "kind_no", "valid_from"),
                        table="offer",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "home_no",
                        "kind_no",
                        "valid_from",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("home_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("ranking", models.TextField()),
                ("money_weight_permille", models.PositiveSmallIntegerField()),
                ("points_weight_permille", models.PositiveSmallIntegerField()),
                ("coupon_weight_permille", models.PositiveSmallIntegerField()),
                ("favourites", models.TextField()),
                ("favourite_bonus_sen_per_kwh", models.PositiveBigIntegerField()),
                ("same_district_bonus_sen_per_kwh", models.PositiveBigIntegerField()),
                ("choices_max", models.PositiveSmallIntegerField()),
            ],
            options={
                "db_table": "preference",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="preference_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    )
                ],
            },
        ),
    ]
