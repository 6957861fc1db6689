from django.db import migrations, models

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0006_offers_with_conditions"),
    ]

    operations = [
        migrations.CreateModel(
            name="PassingOn",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "market",
                        "owner_no",
                        "kind_no",
                        "valid_from",
                        "rank_no",
                        blank=True,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("market", models.TextField()),
                ("owner_no", models.PositiveIntegerField()),
                ("kind_no", models.PositiveSmallIntegerField()),
                ("valid_from", models.DateField()),
                ("rank_no", models.PositiveSmallIntegerField()),
                ("tenant_no", models.PositiveIntegerField(null=True)),
                ("rule", models.TextField()),
                ("static_key", models.PositiveBigIntegerField(null=True)),
                ("target_permille", models.PositiveSmallIntegerField(null=True)),
            ],
            options={
                "db_table": "passing_on",
                "constraints": [
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "owner_no"),
                        name="passing_on_owner_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                    sanchi.edge.store.constraints.CompositeForeignKey(
                        columns=("market", "tenant_no"),
                        name="passing_on_tenant_no_fk",
                        references=("market", "party_no"),
                        table="party",
                    ),
                ],
            },
        ),
    ]
