"""The hosts of the URLs that were there before, and whether they carry an e-mail address."""

from urllib.parse import urlsplit

from django.db import migrations

from assets.text.email_in_url import url_contains_email

BATCH = 1000


def fill(apps, schema_editor):
    StoredFile = apps.get_model("assets", "StoredFile")
    rows = StoredFile.objects.exclude(url="").only("url").order_by("pk")
    batch = list(rows[:BATCH])
    while batch:
        for file in batch:
            file.url_host = urlsplit(file.url).netloc.lower()[:255]
            file.url_has_address = url_contains_email(file.url)
        StoredFile.objects.bulk_update(batch, ["url_host", "url_has_address"])
        batch = list(rows.filter(pk__gt=batch[-1].pk)[:BATCH])


class Migration(migrations.Migration):
    dependencies = [("assets", "0006_links_under_management")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
