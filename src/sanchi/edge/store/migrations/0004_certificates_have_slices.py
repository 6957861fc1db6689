from django.db import migrations

import sanchi.edge.store.constraints


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0003_certificates"),
    ]

    operations = [
        migrations.AddConstraint(
            model_name="certificate",
            constraint=sanchi.edge.store.constraints.CompositeForeignKey(
                columns=("certificate_id", "zero_wh"),
                name="certificate_first_slice_fk",
                references=("certificate_id", "lo_wh"),
                table="slice",
            ),
        ),
    ]
