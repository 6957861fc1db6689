from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("store", "0007_passing_on"),
    ]

    operations = [
        migrations.AddField(
            model_name="meter",
            name="source_no",
            field=models.PositiveSmallIntegerField(null=True),
        ),
        migrations.AddField(
            model_name="meter",
            name="address",
            field=models.TextField(default=""),
        ),
        migrations.AddField(
            model_name="meter",
            name="same_as",
            field=models.TextField(default=""),
        ),
    ]
