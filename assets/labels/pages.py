"""One page of tags or collections, with the number of their assets and their first pictures."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count
from django.urls import reverse

from assets import permissions
from assets.models import Collection, Tag
from assets.models.cover_queries import find_pictures
from assets.models.label_counts import count_assets, find_with_others
from assets.models.labels import Label, LabelQuerySet, LabelT
from assets.models.users import User
from assets.text.formats import MAX_COUNTED

PAGE_SIZE = 60
# Candidates that are read at once; most of them are visible.
BATCH_SIZE = 100
# The latest uses of tags are counted, so that it does not matter how many there are.
MAX_USES = 20_000


@dataclass(frozen=True)
class LabelCard:
    """`asset_count`: up to `MAX_COUNTED + 1`, those of nested collections included."""

    label: Label
    asset_count: int
    pictures: Sequence[UUID] = ()
    may_move: bool = False

    @property
    def picture_urls(self) -> list[str]:
        return [reverse("preview", args=[pk]) for pk in self.pictures]


@dataclass(frozen=True)
class LabelPage:
    """`next_after` is the next page's `after`, if there is one."""

    cards: list[LabelCard]
    next_after: str | None = None


def get_page(candidates: LabelQuerySet[LabelT], user: User, *, after: str = "", size: int = PAGE_SIZE) -> LabelPage:
    """The visible ones that follow the key `after`, in the order of their names."""
    visible: list[Label] = []
    key = after.replace("\0", "")
    while len(visible) <= size:
        batch = list(candidates.filter(key__gt=key).order_by("key")[:BATCH_SIZE])
        visible += only_visible(user, batch)
        if len(batch) < BATCH_SIZE:
            break
        key = batch[-1].key
    labels = visible[:size]
    return LabelPage(make_cards(labels, user), labels[-1].key if len(visible) > size else None)


def most_used_tags(user: User) -> LabelPage:
    """Of the latest uses."""
    through, column = Tag.link_table()
    latest = through.objects.order_by("-pk").values("pk")[:MAX_USES]
    used = through.objects.filter(pk__in=latest).values(column).annotate(uses=Count("pk")).order_by("-uses", column)
    pks = list(used.values_list(column, flat=True)[: 2 * PAGE_SIZE])
    visible = {tag.pk: tag for tag in permissions.visible_tags(user).filter(pk__in=pks)}
    return LabelPage(make_cards([visible[pk] for pk in pks if pk in visible][:PAGE_SIZE], user))


def only_visible(user: User, labels: Iterable[Label]) -> list[Label]:
    labels = list(labels)
    pks = [label.pk for label in labels]
    if labels and isinstance(labels[0], Collection):
        return [*permissions.visible_collections(user, Collection.objects.filter(pk__in=pks))]
    return list(permissions.visible_tags(user).filter(pk__in=pks))


def make_cards(labels: Sequence[Label], user: User) -> list[LabelCard]:
    """In a few queries, however many there are."""
    if not labels:
        return []
    counts = count_assets(labels, user, limit=MAX_COUNTED + 1)
    pictures = find_pictures(labels, user)
    movable = _find_movable(labels, user)
    return [
        LabelCard(label, counts.get(label.pk, 0), pictures.get(label.pk, ()), label.is_private or label.pk in movable)
        for label in labels
    ]


def _find_movable(labels: Sequence[Label], user: User) -> set[UUID]:
    """Those that the person may move, as `permissions.may_change_label()` says of one."""
    if not isinstance(labels[0], Collection) or not permissions.may_upload(user):
        return set()
    pks = {label.pk for label in labels}
    return pks if permissions.may_manage(user) else pks - find_with_others(labels, user)
