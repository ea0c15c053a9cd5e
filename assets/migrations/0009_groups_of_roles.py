from django.conf import settings
from django.db import migrations

GROUPS = ("Viewers", "Members", "Managers", "Administrators")


def make(apps, schema_editor):
    """The groups, and in the last of them who may enter /admin/; `sync_roles` gives them their permissions."""
    groups = [apps.get_model("auth", "Group").objects.get_or_create(name=name)[0] for name in GROUPS]
    people = apps.get_model(settings.AUTH_USER_MODEL).objects
    groups[-1].user_set.add(*people.filter(is_staff=True), *people.filter(is_superuser=True))


def unmake(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=GROUPS).delete()


class Migration(migrations.Migration):
    dependencies = [
        ("assets", "0008_permissions_of_roles"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [migrations.RunPython(make, unmake)]
