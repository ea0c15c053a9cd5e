from django.db import migrations


def name_sizes(apps, schema_editor):
    apps.get_model("assets", "User").objects.filter(layout="grid").update(layout="medium")


def forget_sizes(apps, schema_editor):
    apps.get_model("assets", "User").objects.exclude(layout="list").update(layout="grid")


class Migration(migrations.Migration):
    dependencies = [("assets", "0012_card_sizes")]

    operations = [migrations.RunPython(name_sizes, forget_sizes)]
