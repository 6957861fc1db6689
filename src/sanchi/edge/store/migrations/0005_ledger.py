import django.db.models.expressions
from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0004_certificates_have_slices"),
    ]

    operations = [
        migrations.CreateModel(
            name="Account",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "account_id", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("account_id", models.TextField()),
                ("currency", models.TextField()),
                ("code", models.TextField()),
                ("payer_no", models.PositiveIntegerField(null=True)),
                ("payee_no", models.PositiveIntegerField(null=True)),
                ("month", models.DateField(null=True)),
                ("debits_posted", models.PositiveBigIntegerField(default=0)),
                ("credits_posted", models.PositiveBigIntegerField(default=0)),
                ("floor_e5yen", models.BigIntegerField(null=True)),
            ],
            options={
                "db_table": "account",
                "constraints": [
                    models.UniqueConstraint(fields=("market", "account_id", "currency"), name="account_currency"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("floor_e5yen__isnull", True),
                            (
                                "credits_posted__gte",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("debits_posted"), "+", models.F("floor_e5yen")
                                ),
                            ),
                            _connector="OR",
                        ),
                        name="account_floor",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="account_market_fk", references=("market_id",), table="market"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Transfer",
            fields=[
                ("transfer_id", models.TextField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
                ("debit_account", models.TextField()),
                ("credit_account", models.TextField()),
                ("currency", models.TextField()),
                ("amount_e5yen", models.BigIntegerField()),
                ("code", models.TextField()),
                ("posting_month", models.DateField()),
                ("value_date", models.DateField()),
                ("sequence_no", models.PositiveBigIntegerField()),
            ],
            options={
                "db_table": "transfer",
                "constraints": [
                    models.UniqueConstraint(fields=("market", "sequence_no"), name="transfer_sequence"),
                    models.CheckConstraint(condition=models.Q(("amount_e5yen__gt", 0)), name="transfer_of_something"),
                    models.CheckConstraint(
                        condition=models.Q(("debit_account", models.F("credit_account")), _negated=True),
                        name="transfer_two_accounts",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "debit_account", "currency"),
                        name="transfer_debit_account_fk",
                        references=("market", "account_id", "currency"),
                        table="account",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "credit_account", "currency"),
                        name="transfer_credit_account_fk",
                        references=("market", "account_id", "currency"),
                        table="account",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Accrual",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "delivery_date",
                        "revision",
                        "line_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("delivery_date", models.DateField()),
                ("revision", models.PositiveIntegerField()),
                ("line_no", models.PositiveIntegerField()),
                ("posting_month", models.DateField()),
                ("payer_no", models.PositiveIntegerField()),
                ("payee_no", models.PositiveIntegerField()),
                ("home_no", models.PositiveIntegerField()),
                ("holder_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("energy_wh", models.BigIntegerField()),
                ("price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("amount_e5yen", models.BigIntegerField()),
                ("transfer_id", models.TextField()),
            ],
            options={
                "db_table": "accrual",
                "indexes": [models.Index(fields=["market", "posting_month"], name="accrual_month")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_e5yen",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("energy_wh"), "*", models.F("price_sen_per_kwh")
                                ),
                            )
                        ),
                        name="accrual_priced",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount_e5yen", 0), _negated=True), name="accrual_of_something"
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("transfer_id",),
                        name="accrual_transfer_fk",
                        references=("transfer_id",),
                        table="transfer",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="accrual_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "payer_no"),
                        name="accrual_payer_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "payee_no"),
                        name="accrual_payee_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="accrual_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "holder_no"),
                        name="accrual_holder_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Period",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "month", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("month", models.DateField()),
                ("is_closed", models.BooleanField()),
                ("closed_on", models.DateField(null=True)),
            ],
            options={
                "db_table": "period",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market",), name="period_market_fk", references=("market_id",), table="market"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Statement",
            fields=[
                ("statement_no", models.TextField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
                ("payer_no", models.PositiveIntegerField()),
                ("payee_no", models.PositiveIntegerField()),
                ("month", models.DateField()),
                ("tax_permille", models.PositiveIntegerField()),
                ("opening_remainder_e5yen", models.BigIntegerField()),
                ("accrued_e5yen", models.BigIntegerField()),
                ("amount_yen", models.PositiveBigIntegerField()),
                ("tax_yen", models.PositiveBigIntegerField()),
                ("closing_remainder_e5yen", models.BigIntegerField()),
            ],
            options={
                "db_table": "statement",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("market", "payer_no", "payee_no", "month"), name="statement_pair_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "closing_remainder_e5yen",
                                django.db.models.expressions.CombinedExpression(
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("opening_remainder_e5yen"), "+", models.F("accrued_e5yen")
                                    ),
                                    "-",
                                    django.db.models.expressions.CombinedExpression(
                                        models.F("amount_yen"), "*", models.Value(100000)
                                    ),
                                ),
                            )
                        ),
                        name="statement_adds_up",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "payer_no"),
                        name="statement_payer_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "payee_no"),
                        name="statement_payee_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="StatementLine",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "statement_no", "line_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("statement_no", models.TextField()),
                ("line_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("holder_no", models.PositiveIntegerField()),
                ("price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("energy_wh", models.BigIntegerField()),
                ("amount_e5yen", models.BigIntegerField()),
            ],
            options={
                "db_table": "statement_line",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "amount_e5yen",
                                django.db.models.expressions.CombinedExpression(
                                    models.F("energy_wh"), "*", models.F("price_sen_per_kwh")
                                ),
                            )
                        ),
                        name="statement_line_priced",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("statement_no",),
                        name="statement_line_statement_fk",
                        references=("statement_no",),
                        table="statement",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "holder_no"),
                        name="statement_line_holder_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
    ]
