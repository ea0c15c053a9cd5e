"""The paths of collections and the sort keys and search texts of entries that were there before."""

from django.db import migrations

from assets.text.normalise import normalise_for_search
from assets.text.normalise import normalise_words
from assets.text.normalise import sort_key

BATCH = 500


def fill(apps, schema_editor):
    Collection = apps.get_model("assets", "Collection")
    collections = {collection.pk: collection for collection in Collection.objects.all()}
    for collection in collections.values():
        # The slash separates levels from now on: names that have one keep another that looks like it.
        collection.name = collection.name.replace("/", "\N{DIVISION SLASH}")
    for collection in collections.values():
        names, above = [collection.name], collections.get(collection.parent_id)
        while above is not None and len(names) < 8:
            names.insert(0, above.name)
            above = collections.get(above.parent_id)
        collection.path = "/".join(names)
        collection.key = normalise_for_search(collection.path)
        collection.save()
    Asset = apps.get_model("assets", "Asset")
    pks = list(Asset.objects.values_list("pk", flat=True))
    for start in range(0, len(pks), BATCH):
        assets = Asset.objects.filter(pk__in=pks[start : start + BATCH])
        for asset in assets.select_related("owner").prefetch_related("tags", "collections"):
            owner = asset.owner
            words = [
                asset.title,
                asset.file_name,
                asset.description,
                owner.username,
                f"{owner.first_name} {owner.last_name}",
                *(tag.name for tag in asset.tags.all()),
                *(collection.path for collection in asset.collections.all()),
            ]
            asset.search_text = "\n".join(folded for text in words if (folded := normalise_words(text)))
            asset.title_key = sort_key(asset.title)[:200]
            asset.save(update_fields=["search_text", "title_key"])


class Migration(migrations.Migration):
    dependencies = [("assets", "0002_finding_and_organising")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
