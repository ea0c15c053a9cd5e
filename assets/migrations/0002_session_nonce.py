from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("assets", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_nonce",
            field=models.CharField(blank=True, db_default=models.Value(""), default="", editable=False, max_length=22),
        ),
    ]
