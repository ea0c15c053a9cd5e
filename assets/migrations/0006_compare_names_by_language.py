"""Names and words are compared in another way: a mark that makes another letter stays, and quotes and dashes are alike.

Every key is made again. Two tags or collections that are the same now become one.
"""

from collections import defaultdict

from django.db import migrations, transaction

from assets.text.normalise import normalise_name, normalise_words, sort_key

BATCH_SIZE = 500
TAG_KEY_LENGTH, COLLECTION_KEY_LENGTH, TITLE_KEY_LENGTH = 120, 976, 200


@transaction.atomic
def rekey_tags(apps, schema_editor):
    tags = apps.get_model("assets", "Tag")
    links = apps.get_model("assets", "Asset").tags.through.objects
    kept = {}
    for tag in tags.objects.order_by("key"):
        key = normalise_name(tag.name)[:TAG_KEY_LENGTH] or tag.key
        if key in kept:
            move_links(links, "tag_id", tag.pk, kept[key].pk)
            tag.delete()
        else:
            kept[key] = tag
    save_keys(tags, kept)


@transaction.atomic
def rekey_collections(apps, schema_editor):
    """From the top down, since paths and keys follow from those above."""
    collections = apps.get_model("assets", "Collection")
    links = apps.get_model("assets", "Asset").collections.through.objects
    kept, by_pk = {}, {}
    for collection in sorted(collections.objects.all(), key=lambda one: (one.path.count("/"), one.key)):
        move_below(collection, by_pk.get(collection.parent_id))
        key = make_collection_key(collection)
        by_pk[collection.pk] = kept.setdefault(key, collection)
        if kept[key] is not collection:
            move_links(links, "collection_id", collection.pk, kept[key].pk)
            collections.objects.filter(parent=collection).update(parent=kept[key])
            collections.objects.filter(pk=collection.pk).delete()
    save_keys(collections, kept)


def move_below(collection, parent):
    """The collection above may be another one now, which may write its name differently."""
    path = f"{parent.path}/{collection.name}" if parent else collection.path
    if path != collection.path:
        collection.path = path
        collection.save(update_fields=["path"])


def make_collection_key(collection):
    parts = map(normalise_name, collection.path.replace("\uff0f", "/").split("/"))
    key = "/".join(filter(None, parts)) or collection.key
    owner = collection.private_to_id
    return (f"/{owner}/{key}" if owner else key)[:COLLECTION_KEY_LENGTH]


def move_links(links, column, source, target):
    moved = links.filter(**{column: source})
    moved.exclude(asset__in=links.filter(**{column: target}).values("asset")).update(**{column: target})
    links.filter(**{column: source}).delete()


def save_keys(model, labels):
    """First with keys that no other label has, since one may get the key that another one had."""
    changed = {key: label for key, label in labels.items() if label.key != key}
    for label in changed.values():
        label.key = f"REPLACED {label.pk}"
    model.objects.bulk_update(changed.values(), ["key"], batch_size=BATCH_SIZE)
    for key, label in changed.items():
        label.key = key
    model.objects.bulk_update(changed.values(), ["key"], batch_size=BATCH_SIZE)


def reindex_assets(apps, schema_editor):
    assets = apps.get_model("assets", "Asset")
    ordered = assets.objects.order_by("pk").values_list("pk", flat=True)
    pks = list(ordered[:BATCH_SIZE])
    while pks:
        reindex_batch(schema_editor.connection, assets, pks)
        pks = list(ordered.filter(pk__gt=pks[-1])[:BATCH_SIZE])


@transaction.atomic
def reindex_batch(connection, assets, pks):
    # Locked before their words are read, so that a concurrent change is not undone.
    list(assets.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    to_id = assets._meta.pk.get_db_prep_value
    # `bulk_update()` takes ten times as long to build its statement.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE assets_asset SET search_text = %s, title_key = %s WHERE id = %s",
            [(*keys, to_id(pk, connection)) for pk, keys in find_changed(assets, pks)],
        )


def find_changed(assets, pks):
    tags = read_names(assets.tags.through.objects.filter(asset__in=pks), "tag__name", "tag__key")
    shared = assets.collections.through.objects.filter(asset__in=pks, collection__private_to=None)
    paths = read_names(shared, "collection__path", "collection__key")
    for pk, search_text, title_key, title, *names, first_name, last_name in assets.objects.filter(pk__in=pks).values_list(
        "pk", "search_text", "title_key", "title", "file_name", "description",
        "owner__username", "owner__first_name", "owner__last_name",
    ):  # fmt: skip
        words = map(normalise_words, [title, *names, f"{first_name} {last_name}", *tags[pk], *paths[pk]])
        keys = "\n".join(filter(None, words)), sort_key(title)[:TITLE_KEY_LENGTH]
        if keys != (search_text, title_key):
            yield pk, keys


def read_names(links, name, key):
    names = defaultdict(list)
    for pk, text in links.order_by(key).values_list("asset_id", name):
        names[pk].append(text)
    return names


class Migration(migrations.Migration):
    # A library has many assets: each batch is saved by itself, and people go on working.
    atomic = False
    dependencies = [("assets", "0005_outcome_labels")]
    operations = [
        migrations.RunPython(rekey_tags, migrations.RunPython.noop),
        migrations.RunPython(rekey_collections, migrations.RunPython.noop),
        migrations.RunPython(reindex_assets, migrations.RunPython.noop),
    ]
