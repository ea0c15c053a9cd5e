import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0013_name_card_sizes"),
    ]

    operations = [
        migrations.AddField(
            model_name="collection",
            name="description",
            field=models.TextField(blank=True, db_default="", default="", max_length=2000),
        ),
        migrations.CreateModel(
            name="Cover",
            fields=[
                (
                    "collection",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="cover",
                        serialize=False,
                        to="assets.collection",
                    ),
                ),
                (
                    "asset",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="assets.asset"
                    ),
                ),
            ],
        ),
    ]
