"""What people do to many entries at once: tags, collections, visibility, favourites, the trash, failed and lost files.

Each verb can say first what it would change (`preview`) and then do it (`apply`). Both look at every entry again: only
those are changed that the person may change (favourites are of all they may see, and the administration changes
everybody's), and those that are so already stay as they are. To do it twice is to do it once.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q

from assets import permissions, trash
from assets.audit.log import record_changes
from assets.delivery.requeue import retry, reupload
from assets.links.schedule import check_now
from assets.models import Asset, Collection, Favourite, StoredFile, Tag
from assets.models.labels import Label

BATCH = 500


@dataclass(frozen=True)
class Wish:
    """Who wants it and when; `names` of tags or collections, `visibility` and `owner` for the verbs that need them.

    `of_anybody`: in the administration, where it concerns everybody's entries.
    """

    user: Any
    now: datetime
    names: tuple[str, ...] = ()
    visibility: str = ""
    owner: Any = None
    of_anybody: bool = False


def _anybody(user: Any, asset: Asset) -> bool:
    return True


@dataclass(frozen=True)
class Verb:
    """`is_done` finds the entries that are so already; `do` makes the others so; `may` says who may have that done.

    `is_once_a_content`: of several entries of one content, the first one only.
    """

    name: str
    title: str
    done: str
    already: str
    is_done: Callable[[Wish], Q]
    do: Callable[[list[UUID], Wish], None]
    needs: str = ""
    may: Callable[[Any, Asset], bool] = permissions.may_change
    is_once_a_content: bool = False

    @property
    def is_for_all(self) -> bool:
        """Whether it changes nothing but what is the person's own, whosever the entry is."""
        return self.may is _anybody


@dataclass(frozen=True)
class Outcome:
    """How many entries are changed, how many were so already, and how many are for others to change."""

    changed: int = 0
    unchanged: int = 0
    not_allowed: int = 0

    def __add__(self, other: "Outcome") -> "Outcome":
        return Outcome(
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.not_allowed + other.not_allowed,
        )


def preview(verb: Verb, pks: Sequence[UUID], wish: Wish) -> Outcome:
    """What `apply()` would do now."""
    return sum((_sorted(verb, batch, wish)[1] for batch in _batches(pks)), Outcome())


def examples(verb: Verb, pks: Sequence[UUID], wish: Wish, *, most: int) -> tuple[list[Asset], list[Asset]]:
    """A few of the entries that `apply()` would change now, and a few that it would leave as they are."""
    changed: list[UUID] = []
    left: list[UUID] = []
    for batch in _batches(pks):
        to_change = set(_sorted(verb, batch, wish)[0])
        changed += sorted(to_change)
        left += [pk for pk in batch if pk not in to_change]
        if len(changed) >= most:
            break
    rows = Asset.objects.select_related("owner").order_by("pk")
    return list(rows.filter(pk__in=changed[:most])), list(rows.filter(pk__in=left[:most]))


def apply(verb: Verb, pks: Sequence[UUID], wish: Wish) -> Outcome:
    """Do it, a batch and a transaction at a time, and say what was done."""
    outcome = Outcome()
    for batch in _batches(pks):
        with transaction.atomic():
            to_change, counted = _sorted(verb, batch, wish, lock=True)
            if to_change:
                verb.do(to_change, wish)
        outcome += counted
    return outcome


def _batches(pks: Sequence[UUID]) -> Iterator[list[UUID]]:
    # In the order of the ids: two people who change the same entries wait for each other, never in a circle.
    ordered = sorted(set(pks))
    for start in range(0, len(ordered), BATCH):
        yield ordered[start : start + BATCH]


def _sorted(verb: Verb, pks: list[UUID], wish: Wish, *, lock: bool = False) -> tuple[list[UUID], Outcome]:
    """Those to be changed, and how many there are of each kind."""
    reachable = Asset.objects.all() if wish.of_anybody else permissions.reachable_assets(wish.user)
    assets = reachable.filter(pk__in=pks).order_by("pk")
    if lock:
        assets = assets.select_for_update(of=("self",), no_key=True)
    is_done = ExpressionWrapper(verb.is_done(wish), output_field=BooleanField())
    rows = list(assets.annotate(is_done=is_done).only("owner_id", "visibility", "stored_file_id"))
    allowed = [asset for asset in rows if wish.of_anybody or verb.may(wish.user, asset)]
    to_change = [asset for asset in allowed if not asset.is_done]  # type: ignore[attr-defined]
    if verb.is_once_a_content:
        to_change = list({asset.stored_file_id: asset for asset in reversed(to_change)}.values())
    changed = [asset.pk for asset in to_change]
    return changed, Outcome(len(changed), len(allowed) - len(changed), len(rows) - len(allowed))


def _note(pks: list[UUID], wish: Wish, field: str, change: Callable[[UUID], tuple[str, str]]) -> None:
    """These entries have been changed by that person: what the field held of each, and what it holds now."""
    assets = Asset.objects.filter(pk__in=pks)
    assets.update(updated_at=wish.now)
    record_changes(((asset, {field: change(asset.pk)}) for asset in assets.only("title")), actor=wish.user)


# --- Tags and collections ----------------------------------------------------------------------------------------


def _on_entry(label: type[Label], wish: Wish) -> list[Exists]:
    """For each name, whether an entry has it."""
    through, column = label.links()
    found = label.objects.known(wish.names, wish.user)
    keys = {label.key_of(label.clean_name(name)) for name in wish.names}
    pks = [found[key].pk if key in found else None for key in sorted(keys)]
    return [Exists(through.objects.filter(asset=OuterRef("pk"), **{column: pk})) for pk in pks]


def _has_all(label: type[Label]) -> Callable[[Wish], Q]:
    # Without a name nothing is so yet: then the preview says what could be changed.
    return lambda wish: Q(*_on_entry(label, wish)) if wish.names else Q(pk=None)


def _has_none(label: type[Label]) -> Callable[[Wish], Q]:
    return lambda wish: Q(*(~found for found in _on_entry(label, wish))) if wish.names else Q(pk=None)


def _add(label: type[Label]) -> Callable[[list[UUID], Wish], None]:
    def do(pks: list[UUID], wish: Wish) -> None:
        through, column = label.links()
        labels = label.objects.named(wish.names, wish.user)
        had = _links(label, labels, pks)
        rows = [through(asset_id=pk, **{column: found.pk}) for found in labels for pk in pks]
        through.objects.bulk_create(rows, ignore_conflicts=True)
        Asset.objects.filter(pk__in=pks).reindex()
        put_on = {pk: [str(found) for found in labels if (pk, found.pk) not in had] for pk in pks}
        _note(pks, wish, label.ON_ASSET, lambda pk: ("", ", ".join(put_on[pk])))

    return do


def _remove(label: type[Label]) -> Callable[[list[UUID], Wish], None]:
    def do(pks: list[UUID], wish: Wish) -> None:
        through, column = label.links()
        labels = list(label.objects.known(wish.names, wish.user).values())
        had = _links(label, labels, pks)
        through.objects.filter(asset__in=pks, **{f"{column}__in": labels}).delete()
        Asset.objects.filter(pk__in=pks).reindex()
        taken_off = {pk: [str(found) for found in labels if (pk, found.pk) in had] for pk in pks}
        _note(pks, wish, label.ON_ASSET, lambda pk: (", ".join(taken_off[pk]), ""))

    return do


def _links(label: type[Label], labels: Sequence[Label], pks: list[UUID]) -> set[tuple[UUID, UUID]]:
    """Which of the entries have which of the labels."""
    through, column = label.links()
    return set(through.objects.filter(asset__in=pks, **{f"{column}__in": labels}).values_list("asset_id", column))


# --- Everything else ---------------------------------------------------------------------------------------------


def _set(field: str, value_of: Callable[[Wish], Any]) -> Callable[[list[UUID], Wish], None]:
    def do(pks: list[UUID], wish: Wish) -> None:
        assets = Asset.objects.filter(pk__in=pks)
        before, value = dict(assets.values_list("pk", field)), value_of(wish)
        assets.update(**{field: value})
        _note(pks, wish, field, lambda pk: (_in_words(before[pk]), _in_words(value)))

    return do


def _in_words(value: Any) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _is_owned(wish: Wish) -> Q:
    """By the person, or by one who has the same content already: of each content a person has one entry."""
    same = Asset.objects.filter(owner=wish.owner, stored_file=OuterRef("stored_file"))
    return Q(owner=wish.owner) | Q(Exists(same))


def _hand_over(pks: list[UUID], wish: Wish) -> None:
    assets = Asset.objects.filter(pk__in=pks)
    before = dict(assets.values_list("pk", "owner__username"))
    assets.update(owner=wish.owner)
    assets.reindex()  # people are part of what entries are found by
    _note(pks, wish, "owner", lambda pk: (before[pk], wish.owner.get_username()))


def _purge(pks: list[UUID], wish: Wish) -> None:
    trash.purge(Asset.objects.filter(pk__in=pks))


def _favourite(pks: list[UUID], wish: Wish) -> None:
    rows = [Favourite(user=wish.user, asset_id=pk, created_at=wish.now) for pk in pks]
    Favourite.objects.bulk_create(rows, ignore_conflicts=True)


def _unfavourite(pks: list[UUID], wish: Wish) -> None:
    Favourite.objects.filter(user=wish.user, asset__in=pks).delete()


def _is_favourite(wish: Wish) -> Exists:
    return Exists(Favourite.objects.filter(user=wish.user, asset=OuterRef("pk")))


def _whose_file(files: Any) -> Q:
    """Whether the file of an entry is one of these."""
    return Q(Exists(files.filter(pk=OuterRef("stored_file_id"))))


def _to_files(act: Callable[[Any], int]) -> Callable[[list[UUID], Wish], None]:
    def do(pks: list[UUID], wish: Wish) -> None:
        act(StoredFile.objects.filter(assets__in=pks))

    return do


def _may_check(user: Any, asset: Asset) -> bool:
    return permissions.may_manage(user) and permissions.may_change(user, asset)


_IN_TRASH = Q(trashed_at__isnull=False)
VERBS = {
    verb.name: verb
    for verb in (
        Verb("tag", "Add tags", "Tags added", "have them already", _has_all(Tag), _add(Tag), "tags"),
        Verb("untag", "Remove tags", "Tags removed", "have none of them", _has_none(Tag), _remove(Tag), "tags"),
        Verb(
            "collect", "Add to a collection", "Added to the collection", "are in it already",
            _has_all(Collection), _add(Collection), "collection",
        ),
        Verb(
            "uncollect", "Remove from a collection", "Removed from the collection", "are not in it",
            _has_none(Collection), _remove(Collection), "collection",
        ),
        Verb(
            "visibility", "Change who sees them", "Visibility changed", "are so already",
            lambda wish: Q(visibility=wish.visibility), _set("visibility", lambda wish: wish.visibility), "visibility",
            permissions.may_change_visibility,
        ),
        Verb(
            "favourite", "Make favourites", "Made favourites", "are favourites already",
            lambda wish: Q(_is_favourite(wish)), _favourite, may=_anybody,
        ),
        Verb(
            "unfavourite", "No favourites any more", "No favourites any more", "are none",
            lambda wish: ~Q(_is_favourite(wish)), _unfavourite, may=_anybody,
        ),
        Verb(
            "trash", "Move to the trash", "Moved to the trash", "are there already",
            lambda wish: _IN_TRASH, _set("trashed_at", lambda wish: wish.now),
        ),
        Verb(
            "restore", "Restore", "Restored", "are not in the trash",
            lambda wish: ~_IN_TRASH, _set("trashed_at", lambda wish: None),
        ),
        Verb(
            "retry", "Send failed files again", "Sent again", "have not failed",
            lambda wish: ~_whose_file(StoredFile.objects.failed()), _to_files(retry),
        ),
        Verb(
            "heal", "Upload lost files again", "Uploaded again", "are not lost, or have no original here",
            lambda wish: ~_whose_file(StoredFile.objects.healable()), _to_files(reupload),
        ),
        Verb(
            "check", "Look at their links now", "Looked at now, before all others", "have no URL",
            lambda wish: ~_whose_file(StoredFile.objects.stored()), _to_files(check_now),
            may=_may_check,
        ),
        Verb("purge", "Delete for good", "Deleted for good", "are not in the trash", lambda wish: ~_IN_TRASH, _purge),
    )
}  # fmt: skip
# Of the administration alone.
HAND_OVER = Verb(
    "hand_over", "Hand over to a person", "Handed over", "are theirs already, or they have the same file already",
    _is_owned, _hand_over, is_once_a_content=True,
)  # fmt: skip
