"""Create, rename, move, merge and delete tags and collections.

A change of few assets is made at once; the worker makes larger ones, a batch at a time.
"""

from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Model, QuerySet
from django.utils import timezone
from django_tasks import task

from assets.audit.log import audit_context, record_changes, unrecorded
from assets.models import Asset, Collection, PastPath, Tag
from assets.models.labels import Label
from assets.models.users import User
from assets.search.reindex import reindex_assets

BATCH_SIZE = 1000


def create_collection(path: str, user: User, *, is_private: bool = False) -> Collection:
    """The collection with that path, created if need be, with the collections above it."""
    collection = Collection.objects.get_or_create_by_name(path, user, is_private=is_private)
    Collection.objects.filter(pk=collection.pk, made_by=None, assets=None).update(made_by=user.pk)
    return collection


def rename(label: Label, name: str) -> None:
    """Give a label a new name; a collection with a new path moves there, with its nested collections.

    The name must be free: see `LabelQuerySet.find_conflict()`. Raises ValidationError if a collection cannot move.
    """
    with transaction.atomic():
        _lock_assets(label)
        if isinstance(label, Collection):
            renamed = _move(label, Collection.clean_name(name))
        else:
            label.name = name
            label.save()
            renamed = [label]
    _reindex_assets(renamed)


def describe(collection: Collection, text: str) -> None:
    collection.description = text
    # The audit log tells nobody of private ones.
    with unrecorded() if collection.is_private else nullcontext():
        collection.save()


def renew_key(label: Label) -> None:
    """Compare a label by its name as this version does, where an earlier one made the key."""
    if conflict := type(label).objects.find_conflict(label, label.full_name):
        merge(label, conflict)
    else:
        rename(label, label.full_name)


def merge(source: Label, target: Label) -> None:
    """Move all assets of one label to another, and delete the first. Raises ValidationError if they are nested."""
    _lock_assets(source)
    pairs = [(source, target)]
    if isinstance(source, Collection) and isinstance(target, Collection):
        _validate_not_inside(source, target.key)
        with transaction.atomic():
            pairs = list(_merge_nested(source, target))
    # Recorded now, with the person who asked for it: the worker may move the assets later.
    record_changes((old, {"merged": (str(old), str(new))}) for old, new in pairs)
    for old, new in pairs:
        _relabel([old], new)


def delete(label: Label) -> None:
    """Delete a label; its assets stay. A collection goes with its nested collections."""
    _lock_assets(label)
    labels: list[Label] = [label]
    if isinstance(label, Collection):
        # The deepest first: the database deletes nested collections with the one above.
        labels = list(Collection.objects.within(label.key).order_by("-key"))
    record_changes((deleted, {"deleted": (str(deleted), "")}) for deleted in labels)
    _relabel(labels, None)


def set_owner(collection: Collection, owner: User | None) -> None:
    """Make a collection private to a person or, without one, the team's, with its nested collections.

    Raises ValidationError if that tree already has a collection with this path.
    """
    with transaction.atomic():
        _lock_assets(collection)
        moved = list(Collection.objects.within(collection.key).select_for_update(no_key=True).order_by("key"))
        old_keys = [one.key for one in moved]
        for one in moved:
            one.private_to = owner
            one.key = one.key_for(one.path)
        top = moved[0]
        if Collection.objects.filter(key=top.key).exists():
            raise ValidationError(f"There is already a collection “{collection.path}” there. Rename this one first.")
        top.parent = _get_or_create_parent(top, top.path)
        Collection.objects.bulk_update(moved, ["private_to", "key", "parent"])
        PastPath.record(zip(old_keys, moved, strict=True))
    _reindex_assets(moved)


def count_assets(label: Label) -> int:
    """How many assets a change affects, counted up to `BATCH_SIZE + 1`."""
    return label.all_assets().order_by()[: BATCH_SIZE + 1].count()


@transaction.atomic
def _lock_assets(label: Label) -> None:
    """Before the label itself, for the rest of the transaction: an edit of an asset locks them in this order, too."""
    if count_assets(label) <= BATCH_SIZE:
        Asset.objects.filter(pk__in=label.all_assets().order_by().values("pk")).lock()


def _reindex_assets(labels: Sequence[Label]) -> None:
    """`labels`: one with all that are nested in it."""
    pks, field = [label.pk for label in labels], labels[0].ASSET_FIELD
    if count_assets(labels[0]) <= BATCH_SIZE:
        Asset.objects.filter(**{f"{field}__in": pks}).reindex()
    else:
        reindex_assets.enqueue(field, [str(pk) for pk in pks])


# --- Collections -------------------------------------------------------------------------------------------------


def _move(collection: Collection, path: str) -> list[Label]:
    """Give a collection a new path, and its nested collections theirs; returns all of them."""
    within = Collection.objects.within(collection.key).select_for_update(no_key=True)
    nested = list(within.exclude(pk=collection.pk).order_by("key"))
    _validate_depth(collection, nested, path)
    old_path, old_paths = collection.path, {one.pk: one.path for one in nested}
    old_keys = [one.key for one in (collection, *nested)]
    collection.parent = _get_or_create_parent(collection, path)
    collection.name = path.rpartition(Collection.SEPARATOR)[2]
    collection.save()
    for one in nested:
        one.path = collection.path + one.path.removeprefix(old_path)
        one.key = one.key_for(one.path)
    Collection.objects.bulk_update(nested, ["path", "key"])
    PastPath.record(zip(old_keys, (collection, *nested), strict=True))
    record_changes((one, {"path": (old_paths[one.pk], one.path)}) for one in nested)
    return [collection, *nested]


def _validate_depth(collection: Collection, nested: list[Collection], path: str) -> None:
    deepest = max([collection, *nested], key=lambda one: one.depth)
    depth = path.count(Collection.SEPARATOR) + 1 + deepest.depth - collection.depth
    if depth > Collection.MAX_DEPTH:
        raise ValidationError(
            f"With its nested collections, this has {depth} levels. Collections can have at most "
            f"{Collection.MAX_DEPTH}.",
            code="too_deep",
        )


def _get_or_create_parent(collection: Collection, path: str) -> Collection | None:
    """The collection above that path, in the same tree."""
    parent_path = path.rpartition(Collection.SEPARATOR)[0]
    if not parent_path:
        return None
    _validate_not_inside(collection, collection.key_for(parent_path))
    owner = collection.private_to
    return Collection.objects.get_or_create_by_name(parent_path, owner, is_private=collection.is_private)


def _validate_not_inside(collection: Collection, key: str) -> None:
    if key == collection.key or key.startswith(f"{collection.key}{Collection.SEPARATOR}"):
        raise ValidationError(f"“{collection}” can’t be moved into itself.", code="within_itself")


def _merge_nested(source: Collection, target: Collection) -> Iterator[tuple[Label, Label]]:
    """Move what is nested in one collection to another; yields what is left to merge, the deepest first."""
    for child in source.children.all():
        path = f"{target.path}{Collection.SEPARATOR}{child.name}"
        if (conflict := Collection.objects.find_conflict(child, path)) is None:
            rename(child, path)
        else:
            yield from _merge_nested(child, conflict)
            # Detached, because its assets may take longer to move than those of the collection above.
            Collection.objects.filter(pk=child.pk).update(parent=None)
    source.past_paths.update(collection=target)
    PastPath.record([(source.key, target)])
    yield source, target


# --- Relabelling assets ------------------------------------------------------------------------------------------


def _relabel(sources: Sequence[Label], target: Label | None) -> None:
    """Move the assets of some labels to another one or, without a target, off them; then delete the labels."""
    if all(count_assets(source) <= BATCH_SIZE for source in sources):
        for source in sources:
            relabel_batch(source, target, limit=BATCH_SIZE + 1)
    else:
        relabel_assets.enqueue(
            sources[0].noun, [str(source.pk) for source in sources], str(target.pk) if target else None
        )


@transaction.atomic
def relabel_batch(source: Label, target: Label | None, *, limit: int) -> bool:
    """Move a number of assets from one label to another, or to none; True if more may be left.

    The label is deleted with its last asset, unless collections have been nested in it meanwhile.
    """
    links = _links(source)
    found = list(links.order_by("asset").values_list("asset", flat=True)[:limit])
    Asset.objects.filter(pk__in=found).lock()
    # Somebody may have taken the label off meanwhile.
    pks = list(links.filter(asset__in=found).values_list("asset", flat=True))
    if target:
        _add_links(target, pks)
    links.filter(asset__in=pks).delete()
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(updated_at=timezone.now())
    assets.reindex()
    change = (str(source), str(target or ""))
    record_changes((asset, {source.ASSET_FIELD: change}) for asset in assets.only("title"))
    if len(found) < limit and not source.has_nested():
        source.delete()
    return len(found) == limit


def _links(label: Label) -> QuerySet[Model]:
    through, column = label.link_table()
    links: QuerySet[Model] = through.objects.filter(**{column: label.pk})
    return links


def _add_links(label: Label, pks: list[UUID]) -> None:
    through, column = label.link_table()
    through.objects.bulk_create((through(asset_id=pk, **{column: label.pk}) for pk in pks), ignore_conflicts=True)


MODELS: dict[str, type[Tag] | type[Collection]] = {"tag": Tag, "collection": Collection}


@task(queue_name="upkeep")
def relabel_assets(kind: str, source_ids: list[str], target_id: str | None) -> None:
    """Relabel one batch, and enqueue the rest."""
    model = MODELS[kind]
    for position, source_id in enumerate(source_ids):
        source = model.objects.filter(pk=source_id).first()
        target = model.objects.filter(pk=target_id).first()
        with audit_context(name="relabel_assets"):
            has_more = source is not None and relabel_batch(source, target, limit=BATCH_SIZE)
        if has_more:
            relabel_assets.enqueue(kind, source_ids[position:], target_id)
            return
