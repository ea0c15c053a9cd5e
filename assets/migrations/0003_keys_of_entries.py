"""The paths of collections and the sort keys and search texts of entries that were there before."""

from django.db import migrations

from assets.services.folding import fold_words, sort_key

BATCH = 500


def fill(apps, schema_editor):
    Collection = apps.get_model("assets", "Collection")
    for collection in Collection.objects.all():
        collection.name = collection.path = collection.name.replace("/", " ")
        collection.parent = None
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
            asset.search_text = "\n".join(folded for text in words if (folded := fold_words(text)))
            asset.title_key = sort_key(asset.title)[:200]
            asset.save(update_fields=["search_text", "title_key"])


class Migration(migrations.Migration):
    dependencies = [("assets", "0002_finding_and_organising")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
