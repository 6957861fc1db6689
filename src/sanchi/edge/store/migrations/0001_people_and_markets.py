import django.contrib.auth.models
import django.contrib.auth.validators
import django.utils.timezone
from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
    ]

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "is_superuser",
                    models.BooleanField(
                        default=False,
                        help_text="Designates that this user has all permissions without explicitly assigning them.",
                        verbose_name="superuser status",
                    ),
                ),
                (
                    "username",
                    models.CharField(
                        error_messages={"unique": "A user with that username already exists."},
                        help_text="Required. 150 characters or fewer. Letters, digits and @/./+/-/_ only.",
                        max_length=150,
                        unique=True,
                        validators=[django.contrib.auth.validators.UnicodeUsernameValidator()],
                        verbose_name="username",
                    ),
                ),
                ("first_name", models.CharField(blank=True, max_length=150, verbose_name="first name")),
                ("last_name", models.CharField(blank=True, max_length=150, verbose_name="last name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="email address")),
                (
                    "is_staff",
                    models.BooleanField(
                        default=False,
                        help_text="Designates whether the user can log into this admin site.",
                        verbose_name="staff status",
                    ),
                ),
                (
                    "is_active",
                    models.BooleanField(
                        default=True,
                        help_text="Designates whether this user should be treated as active. Unselect this instead of deleting accounts.",
                        verbose_name="active",
                    ),
                ),
                ("date_joined", models.DateTimeField(default=django.utils.timezone.now, verbose_name="date joined")),
                (
                    "groups",
                    models.ManyToManyField(
                        blank=True,
                        help_text="The groups this user belongs to. A user will get all permissions granted to each of their groups.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.group",
                        verbose_name="groups",
                    ),
                ),
                (
                    "user_permissions",
                    models.ManyToManyField(
                        blank=True,
                        help_text="Specific permissions for this user.",
                        related_name="user_set",
                        related_query_name="user",
                        to="auth.permission",
                        verbose_name="user permissions",
                    ),
                ),
            ],
            options={
                "verbose_name": "user",
                "verbose_name_plural": "users",
                "abstract": False,
            },
            managers=[
                ("objects", django.contrib.auth.models.UserManager()),
            ],
        ),
        migrations.CreateModel(
            name="Market",
            fields=[
                ("market_id", models.TextField(primary_key=True, serialize=False)),
                ("name", models.TextField()),
                ("name_ja", models.TextField()),
                ("grid_area", models.TextField()),
                ("retailer_id", models.TextField()),
                ("first_delivery_date", models.DateField()),
                ("last_delivery_date", models.DateField()),
                ("tax_permille", models.PositiveIntegerField()),
                ("finalise_day", models.PositiveIntegerField()),
                ("waiting_days", models.PositiveIntegerField()),
                ("data_credits", models.TextField()),
            ],
            options={
                "db_table": "market",
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "party_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("party_no", models.PositiveIntegerField()),
                ("party_id", models.TextField()),
                ("role", models.TextField()),
                ("name", models.TextField()),
                ("name_ja", models.TextField()),
                ("company", models.TextField()),
                ("district", models.TextField()),
            ],
            options={
                "db_table": "party",
                "constraints": [
                    models.UniqueConstraint(fields=("market", "party_id"), name="party_id_unique"),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="party_market_fk", references=("market_id",), table="market"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Plant",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "home_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("home_no", models.PositiveIntegerField()),
                ("device_id", models.TextField()),
                ("home_group", models.TextField()),
                ("capacity_w", models.PositiveIntegerField()),
                ("commissioning_date", models.DateField()),
                ("fit_end", models.DateField()),
                ("measurement_grade", models.TextField()),
                ("ct_class_permille", models.PositiveIntegerField()),
                ("battery_capacity_wh", models.PositiveIntegerField()),
                ("battery_power_w", models.PositiveIntegerField()),
                ("battery_efficiency_permille", models.PositiveIntegerField()),
                ("purchaser_no", models.PositiveIntegerField()),
                ("recruiter_no", models.PositiveIntegerField()),
                ("value_owner_no", models.PositiveIntegerField()),
                ("payee_no", models.PositiveIntegerField()),
                ("standard_price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("load_provenance", models.TextField()),
                ("pv_provenance", models.TextField()),
                ("battery_provenance", models.TextField()),
            ],
            options={
                "db_table": "plant",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="plant_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "purchaser_no"),
                        name="plant_purchaser_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "recruiter_no"),
                        name="plant_recruiter_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "value_owner_no"),
                        name="plant_value_owner_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "payee_no"),
                        name="plant_payee_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Meter",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "meter_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("meter_no", models.PositiveIntegerField()),
                ("meter_id", models.TextField()),
                ("party_no", models.PositiveIntegerField()),
                ("channels", models.TextField()),
                ("unit_wh", models.PositiveIntegerField()),
                ("digits", models.PositiveSmallIntegerField()),
                ("installed_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(null=True)),
                ("plausible_wh_max", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "meter",
                "constraints": [
                    models.UniqueConstraint(fields=("market", "meter_id"), name="meter_id_unique"),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "party_no"),
                        name="meter_party_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Offer",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "buyer_no",
                        "kind_no",
                        "valid_from",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("buyer_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("home_price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("buyer_price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("capacity_rule", models.TextField()),
                ("cap_wh_per_slot", models.PositiveBigIntegerField(null=True)),
                ("valid_from", models.DateField()),
                ("valid_until", models.DateField(null=True)),
            ],
            options={
                "db_table": "offer",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "buyer_no"),
                        name="offer_buyer_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Choice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "home_no",
                        "kind_no",
                        "valid_from",
                        "choice_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("home_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("choice_no", models.PositiveSmallIntegerField()),
                ("buyer_no", models.PositiveIntegerField()),
                ("valid_from", models.DateField()),
            ],
            options={
                "db_table": "choice",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="choice_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "buyer_no"),
                        name="choice_buyer_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StepLock",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "step", "subject", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("step", models.TextField()),
                ("subject", models.TextField()),
                ("owner", models.TextField()),
                ("since", models.DateTimeField()),
            ],
            options={
                "db_table": "step_lock",
            },
        ),
    ]
