import django.db.models.functions.comparison
from django.db import migrations, models

import sanchi.core.base.kinds
import sanchi.core.certificates.state
import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0002_days_and_deliveries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Claim",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "claim_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("claim_no", models.PositiveBigIntegerField()),
                ("beneficiary_no", models.PositiveIntegerField()),
                ("month", models.DateField()),
                ("purpose", models.TextField()),
                ("energy_wh", models.BigIntegerField()),
            ],
            options={
                "db_table": "claim",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("energy_wh__gt", 0)), name="claim_of_something"),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "beneficiary_no"),
                        name="claim_beneficiary_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Certificate",
            fields=[
                ("certificate_id", models.TextField(primary_key=True, serialize=False)),
                ("market", models.TextField()),
                ("home_no", models.PositiveIntegerField()),
                ("device_id", models.TextField()),
                ("delivery_date", models.DateField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("revision", models.PositiveIntegerField()),
                ("quantity_wh", models.BigIntegerField()),
                ("zero_wh", models.BigIntegerField(default=0)),
                ("measurement_grade", models.TextField()),
                ("ct_class_permille", models.PositiveIntegerField()),
                ("commissioning_date", models.DateField()),
                ("fit_end", models.DateField()),
                ("recovered_wh", models.PositiveBigIntegerField()),
                ("segments_digest", models.TextField()),
            ],
            options={
                "db_table": "certificate",
                "indexes": [models.Index(fields=["market", "delivery_date"], name="certificate_day")],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("market", "home_no", "delivery_date", "kind_no", "revision"),
                        name="certificate_issued_once",
                    ),
                    models.UniqueConstraint(fields=("certificate_id", "quantity_wh"), name="certificate_quantity"),
                    models.CheckConstraint(
                        condition=models.Q(("quantity_wh__gt", 0), ("recovered_wh__lte", models.F("quantity_wh"))),
                        name="certificate_of_something",
                    ),
                    models.CheckConstraint(condition=models.Q(("zero_wh", 0)), name="certificate_zero"),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "kind_no__in",
                                [
                                    sanchi.core.base.kinds.CertificateKind["SURPLUS"],
                                    sanchi.core.base.kinds.CertificateKind["SELF_CONSUMPTION"],
                                ],
                            )
                        ),
                        name="certificate_kind",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("delivery_date__gte", models.F("commissioning_date"))),
                        name="certificate_after_commissioning",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind_no", sanchi.core.base.kinds.CertificateKind["SURPLUS"]), _negated=True),
                            ("delivery_date__gte", models.F("fit_end")),
                            _connector="OR",
                        ),
                        name="certificate_surplus_after_fit",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="certificate_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="certificate_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Slice",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "certificate_id", "lo_wh", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("certificate_id", models.TextField()),
                ("lo_wh", models.BigIntegerField()),
                ("hi_wh", models.BigIntegerField()),
                ("quantity_wh", models.BigIntegerField()),
                (
                    "next_lo_wh",
                    models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.NullIf("hi_wh", "quantity_wh"),
                        output_field=models.BigIntegerField(),
                    ),
                ),
                ("holder_no", models.PositiveIntegerField()),
                ("state_no", models.PositiveSmallIntegerField()),
                ("claim_no", models.PositiveBigIntegerField(null=True)),
            ],
            options={
                "db_table": "slice",
                "constraints": [
                    models.UniqueConstraint(fields=("certificate_id", "hi_wh"), name="slice_one_end"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("hi_wh__gt", models.F("lo_wh")), ("lo_wh__gte", 0), ("quantity_wh__gte", models.F("hi_wh"))
                        ),
                        name="slice_range",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "state_no__in",
                                [
                                    sanchi.core.certificates.state.CertificateState["ACTIVE"],
                                    sanchi.core.certificates.state.CertificateState["RESERVED"],
                                    sanchi.core.certificates.state.CertificateState["RETIRED"],
                                    sanchi.core.certificates.state.CertificateState["EXPIRED"],
                                    sanchi.core.certificates.state.CertificateState["IN_EXPORT_LOT"],
                                    sanchi.core.certificates.state.CertificateState["CHARGED"],
                                    sanchi.core.certificates.state.CertificateState["WITHDRAWN"],
                                ],
                            )
                        ),
                        name="slice_state",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("claim_no__isnull", False),
                                ("state_no", sanchi.core.certificates.state.CertificateState["RETIRED"]),
                            ),
                            models.Q(
                                models.Q(
                                    ("state_no", sanchi.core.certificates.state.CertificateState["RETIRED"]),
                                    _negated=True,
                                ),
                                ("claim_no__isnull", True),
                            ),
                            _connector="OR",
                        ),
                        name="slice_claimed_if_retired",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("certificate_id", "quantity_wh"),
                        name="slice_certificate_fk",
                        references=("certificate_id", "quantity_wh"),
                        table="certificate",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("certificate_id", "next_lo_wh"),
                        name="slice_next_slice_fk",
                        references=("certificate_id", "lo_wh"),
                        table="slice",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "claim_no"),
                        name="slice_claim_fk",
                        references=("market", "claim_no"),
                        table="claim",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "holder_no"),
                        name="slice_holder_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Debt",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market", "debt_no", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("market", models.TextField()),
                ("debt_no", models.PositiveBigIntegerField()),
                ("home_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("delivery_date", models.DateField()),
                ("slot_no", models.PositiveSmallIntegerField()),
                ("holder_no", models.PositiveIntegerField()),
                ("debt_wh", models.BigIntegerField()),
                ("home_price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("buyer_price_sen_per_kwh", models.PositiveBigIntegerField()),
                ("revision", models.PositiveIntegerField()),
            ],
            options={
                "db_table": "debt",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("debt_wh__gt", 0)), name="debt_of_something"),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="debt_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "home_no"),
                        name="debt_home_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "holder_no"),
                        name="debt_holder_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DebtSettlement",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "debt_no",
                        "delivery_date",
                        "revision",
                        "slot_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("debt_no", models.PositiveBigIntegerField()),
                ("delivery_date", models.DateField()),
                ("revision", models.PositiveIntegerField()),
                ("slot_no", models.PositiveSmallIntegerField()),
                ("settled_wh", models.BigIntegerField()),
            ],
            options={
                "db_table": "debt_settlement",
                "indexes": [models.Index(fields=["market", "delivery_date", "revision"], name="debt_settlement_day")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("settled_wh__gt", 0)), name="debt_settlement_of_something"
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "debt_no"),
                        name="debt_settlement_debt_fk",
                        references=("market", "debt_no"),
                        table="debt",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "delivery_date", "revision"),
                        name="debt_settlement_day_run_fk",
                        references=("market", "delivery_date", "revision"),
                        table="day_run",
                    ),
                ],
            },
        ),
    ]
