"""Renaming, moving, merging and deleting tags and collections.

What concerns few entries is done at once, what concerns many by the worker, a batch at a time.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.audit.log import audit_context, record_changes
from assets.models import Asset, Collection, Tag
from assets.models.labels import Label
from assets.search.reindex import reindex_assets

MOST_AT_ONCE = 1000


def make(path: str, user: Any, *, is_private: bool = False) -> Collection:
    """The collection of a path, made by that person where there is none, for them alone or for the team; so are those
    above it."""
    collection = Collection.objects.get_or_make(path, user, is_private=is_private)
    Collection.objects.filter(pk=collection.pk, made_by=None, assets=None).update(made_by=user.pk)
    return collection


def other_of(label: Label, name: str) -> Any:
    """Another label that is called so already; None where the name is free, or the label's own written otherwise."""
    model = type(label)
    return model.objects.filter(key=label.key_beside(name)).exclude(pk=label.pk).first()


def rename(label: Label, name: str) -> None:
    """Call a tag or collection otherwise; a collection of another path moves there, with all that is nested in it.

    Raises ValidationError where that cannot be. The name has to be free: see `other_of()`.
    """
    with transaction.atomic():
        if isinstance(label, Collection):
            changed = _move(label, Collection.clean_name(name))
        else:
            label.name = name
            label.save()
            changed = [label.pk]
    if _are_few(label):
        Asset.objects.filter(**{f"{label.ON_ASSET}__in": changed}).reindex()
    else:
        reindex_assets.enqueue(label.ON_ASSET, [str(pk) for pk in changed])


def merge(source: Label, target: Label) -> None:
    """Give everything in one tag or collection to another one, and let it go. Raises ValidationError."""
    pairs = [(source, target)]
    if isinstance(source, Collection) and isinstance(target, Collection):
        _refuse_within(source, target.key)
        with transaction.atomic():
            pairs = list(_merge_nested(source, target))
    # Now: who empties it may be the worker, later.
    record_changes((one, {"merged": (str(one), str(into))}) for one, into in pairs)
    for one, into in pairs:
        _hand_over([one], into)


def delete(label: Label) -> None:
    """Take a tag or collection off its entries and remove it; a collection with all that is nested in it."""
    labels: list[Label] = [label]
    if isinstance(label, Collection):
        # The deepest first: with a collection, the database removes what is nested in it.
        labels = sorted(Collection.objects.within(label.key), key=_depth, reverse=True)
    record_changes((one, {"deleted": (str(one), "")}) for one in labels)
    _hand_over(labels, None)


def _hand_over(sources: Sequence[Label], target: Label | None) -> None:
    if all(map(_are_few, sources)):
        for source in sources:
            take_over(source, target, most=MOST_AT_ONCE + 1)
    else:
        kind = str(sources[0]._meta.model_name)
        hand_over.enqueue(kind, [str(source.pk) for source in sources], str(target.pk) if target else None)


def count(label: Label) -> int:
    """How many entries a change would concern, as far as `MOST_AT_ONCE + 1`."""
    return label.entries().order_by()[: MOST_AT_ONCE + 1].count()


def _are_few(label: Label) -> bool:
    return count(label) <= MOST_AT_ONCE


# --- Collections -------------------------------------------------------------------------------------------------


def _move(collection: Collection, path: str) -> list[Any]:
    """Give a collection another path, and those nested in it theirs; the ids of all of them."""
    parent_path, _, name = path.rpartition(Collection.SEPARATOR)
    nested = list(Collection.objects.within(collection.key).exclude(pk=collection.pk).order_by("key"))
    depth = path.count(Collection.SEPARATOR) + 1
    deepest = max([depth, *(depth + one.depth - collection.depth for one in nested)])
    if deepest > Collection.MOST_DEEP:
        raise ValidationError(
            f"With what is nested in it, that makes {deepest} levels; collections can be nested "
            f"{Collection.MOST_DEEP} deep.",
            code="too_deep",
        )
    if parent_path:
        _refuse_within(collection, collection.key_beside(parent_path))
    before, paths = collection.path, {one.pk: one.path for one in nested}
    collection.name, collection.parent = name, _above(collection, parent_path)
    collection.save()
    for one in nested:
        one.path = collection.path + one.path[len(before) :]
        one.key = one.key_beside(one.path)
    Collection.objects.bulk_update(nested, ["path", "key"])
    record_changes((one, {"path": (paths[one.pk], one.path)}) for one in nested)
    return [collection.pk, *(one.pk for one in nested)]


def _above(collection: Collection, path: str) -> Collection | None:
    """The collection of a path in the same tree, made where there is none."""
    if not path:
        return None
    return Collection.objects.get_or_make(path, collection.private_to, is_private=collection.private_to is not None)


def show_to(collection: Collection, person: Any) -> None:
    """Make a collection private to a person, or the team's (None), with all that is nested in it, at the same path.

    Raises ValidationError where there is one of that path already.
    """
    with transaction.atomic():
        moved = list(Collection.objects.within(collection.key).order_by("key"))
        for one in moved:
            one.private_to = person
            one.key = one.key_beside(one.path)
        if Collection.objects.filter(key=moved[0].key).exists():
            raise ValidationError(f"There is another collection “{collection.path}” already. Rename this one first.")
        moved[0].parent = _above(moved[0], collection.path.rpartition(Collection.SEPARATOR)[0])
        Collection.objects.bulk_update(moved, ["private_to", "key", "parent"])
    if _are_few(moved[0]):
        Asset.objects.filter(collections__in=moved).reindex()
    else:
        reindex_assets.enqueue("collections", [str(one.pk) for one in moved])


def _depth(collection: Any) -> int:
    return collection.depth


def _refuse_within(collection: Collection, key: str) -> None:
    if key == collection.key or key.startswith(f"{collection.key}{Collection.SEPARATOR}"):
        raise ValidationError(f"“{collection}” cannot be put into itself.", code="within_itself")


def _merge_nested(source: Collection, target: Collection) -> Iterator[tuple[Label, Label]]:
    """Put what is nested in one collection into another; what is to give way to what then, the deepest first."""
    for child in source.children.all():  # type: ignore[attr-defined]
        path = f"{target.path}{Collection.SEPARATOR}{child.name}"
        if (same := other_of(child, path)) is None:
            rename(child, path)
        else:
            yield from _merge_nested(child, same)
            # By itself from now on: it may take longer to be emptied than the one above it.
            Collection.objects.filter(pk=child.pk).update(parent=None)
    yield source, target


@transaction.atomic
def take_over(source: Label, target: Label | None, *, most: int) -> bool:
    """Give so many entries of a tag or collection to another one, or to none; True where more are left.

    It goes with its last entry, unless something has been nested in it meanwhile.
    """
    links, column = source.links()
    of_source = links.objects.filter(**{column: source.pk})
    pks = list(of_source.order_by("asset").values_list("asset", flat=True)[:most])
    if target:
        links.objects.bulk_create(
            [links(asset_id=pk, **{column: target.pk}) for pk in pks],
            ignore_conflicts=True,
        )
    of_source.filter(asset__in=pks).delete()
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(updated_at=timezone.now())
    assets.reindex()
    change = (str(source), str(target or ""))
    record_changes((asset, {source.ON_ASSET: change}) for asset in assets.only("title"))
    if len(pks) < most and not source.is_needed():
        source.delete()
    return len(pks) == most


LABELS: dict[str, type[Tag] | type[Collection]] = {"tag": Tag, "collection": Collection}


@task(queue_name="upkeep")
def hand_over(kind: str, sources: list[str], target: str | None) -> None:
    """Give the entries of tags or collections to another one, or to none, one after the other, and then remove them."""
    labels: Any = LABELS[kind].objects
    for number, pk in enumerate(sources):
        source = labels.filter(pk=pk).first()
        with audit_context(name="hand_over"):
            is_more = source and take_over(source, labels.filter(pk=target).first(), most=MOST_AT_ONCE)
        if is_more:
            hand_over.enqueue(kind, sources[number:], target)
            return
