"""Assets, and the text that searches and sorts them."""

import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import PurePath
from typing import Any, NamedTuple

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property

from assets.text.file_names import on_one_line, without_reordering
from assets.text.normalise import normalise_words, sort_key
from assets.text.shorten import shorten

from .collections import Collection
from .labels import Tag
from .states import Kind, State, Visibility
from .stored_files import StoredFile
from .users import User
from .webhooks import Event, announce

FILE_NAME_LENGTH = 255
TITLE_LENGTH = 200
DESCRIPTION_LENGTH = 5000
REINDEX_BATCH_SIZE = 500


class AssetQuerySet(models.QuerySet["Asset"]):
    def visible_to(self, user: User) -> "AssetQuerySet":
        """The team's assets and the person's own. Only its owner sees a trashed asset."""
        return self.filter(Q(visibility=Visibility.TEAM, trashed_at=None) | Q(owner_id=user.pk))

    def owned_by(self, user: User) -> "AssetQuerySet":
        return self.filter(owner_id=user.pk)

    def current(self) -> "AssetQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "AssetQuerySet":
        return self.exclude(trashed_at=None)

    def of_team(self) -> "AssetQuerySet":
        return self.filter(visibility=Visibility.TEAM)

    def announce(self, event: Event) -> None:
        """Tell webhooks what has become of those of the team."""
        announce(event, self.of_team().values_list("pk", flat=True))

    def announce_shown(self) -> None:
        """Those that the team did not see before: restored, or no longer private. To webhooks, they are new."""
        self.current().filter(stored_file__state=State.STORED).announce(Event.STORED)

    def newest_first(self) -> "AssetQuerySet":
        return self.order_by("-created_at", "-id")

    def with_details(self, user: User) -> "AssetQuerySet":
        """With all that a page or JSON shows to a person, in a fixed number of queries."""
        return self.select_related("stored_file", "owner").prefetch_related(*labels_for(user))

    def with_favourites_of(self, user: User) -> "AssetQuerySet":
        """With `is_favourite`."""
        return self.annotate(is_favourite=Exists(user.favourites.filter(asset=OuterRef("pk"))))

    def lock(self) -> None:
        """Wait for other changes of these rows, and keep new ones away until the transaction ends.

        In the order of their ids, so that two people who change the same assets at once cannot deadlock.
        """
        list(self.order_by("pk").select_for_update(no_key=True).values_list("pk"))

    def reindex(self) -> None:
        """Update the text that searches and sorts the assets. Call it after names have changed."""
        _reindex(list(self.order_by("pk").values_list("pk", flat=True).distinct()))

    def reindex_some(self, *, after: str | None, limit: int) -> uuid.UUID | None:
        """Reindex a batch in the order of ids; returns the last id, or None if no assets follow."""
        ordered = self.order_by("pk").values_list("pk", flat=True).distinct()
        pks = list((ordered.filter(pk__gt=after) if after else ordered)[:limit])
        _reindex(pks)
        return pks[-1] if len(pks) == limit else None


def labels_for(user: User) -> tuple[str, "Prefetch[Any]"]:
    """Prefetches an asset's tags, and those of its collections that the person may see."""
    return "tags", Prefetch("collections", Collection.objects.visible_to(user))


def _reindex(pks: list[uuid.UUID]) -> None:
    for start in range(0, len(pks), REINDEX_BATCH_SIZE):
        with transaction.atomic():
            _reindex_batch(pks[start : start + REINDEX_BATCH_SIZE])


def _reindex_batch(pks: list[uuid.UUID]) -> None:
    # Locked before their words are read, so that of two concurrent changes the later one sees the earlier one.
    Asset.objects.filter(pk__in=pks).lock()
    _index(outdated_keys(pks))


def _index(keys_by_pk: dict[uuid.UUID, tuple[str, str]]) -> None:
    to_id = Asset._meta.pk.get_db_prep_value
    # `bulk_update()` takes ten times as long to build its statement.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE assets_asset SET search_text = %s, title_key = %s WHERE id = %s",
            [(*keys, to_id(pk, connection)) for pk, keys in keys_by_pk.items()],
        )


def index_first(assets: "Iterable[Asset]") -> None:
    """What `reindex()` does, for assets that only this transaction sees."""
    _index(outdated_keys([asset.pk for asset in assets]))


def outdated_keys(pks: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """The search text and sort key of those assets whose stored ones are out of date."""
    texts = Asset.objects.filter(pk__in=pks).values_list(
        "pk", "search_text", "title_key", "title", "file_name", "description",
        "owner__username", "owner__first_name", "owner__last_name",
    )  # fmt: skip
    labels = (
        _label_names(pks, Asset.tags.through, "tag__name"),
        # A search must not reveal the name of a private collection.
        _label_names(pks, Asset.collections.through, "collection__path", collection__private_to=None),
    )
    outdated = {}
    for pk, search_text, title_key, title, file_name, description, username, first_name, last_name in texts:
        names = [f"{first_name} {last_name}", *labels[0][pk], *labels[1][pk]]
        keys = _make_keys(title, [file_name, description, username, *names])
        if keys != (search_text, title_key):
            outdated[pk] = keys
    return outdated


def _make_keys(title: str, others: Iterable[str]) -> tuple[str, str]:
    # One line for each source, so that no phrase matches across two.
    lines = [line for text in (title, *others) if (line := normalise_words(text))]
    return "\n".join(lines), sort_key(title)[:TITLE_LENGTH]


def keys_without_labels(title: str, file_name: str, description: str, owner: User) -> dict[str, str]:
    """The search text and sort key that `reindex()` would make for an asset without tags and collections."""
    full_name = f"{owner.first_name} {owner.last_name}"
    search_text, title_key = _make_keys(title, [file_name, description, owner.username, full_name])
    return {"search_text": search_text, "title_key": title_key}


def _label_names(
    pks: list[uuid.UUID], links: type[models.Model], name: str, **conditions: object
) -> dict[uuid.UUID, list[str]]:
    """The names of each asset's tags or collections, in their order."""
    names: dict[uuid.UUID, list[str]] = defaultdict(list)
    label = name.partition("__")[0]
    rows = links._default_manager.filter(asset__in=pks, **conditions).order_by(f"{label}__key")
    for pk, label_name in rows.values_list("asset_id", name):
        names[pk].append(label_name)
    return names


class Asset(models.Model):
    """A file as one person has it in the library. Several assets can share one stored file."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assets")
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="assets")
    title = models.CharField(max_length=TITLE_LENGTH)
    file_name = models.CharField(max_length=FILE_NAME_LENGTH, help_text="as the person's system gave it")
    source_url = models.TextField(
        blank=True, db_default="", default="", editable=False, help_text="where it was fetched from, if it was"
    )
    description = models.TextField(blank=True, max_length=DESCRIPTION_LENGTH)
    tags = models.ManyToManyField(Tag, related_name="assets", blank=True)
    collections = models.ManyToManyField(Collection, related_name="assets", blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.TEAM)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    trashed_at = models.DateTimeField(null=True, blank=True, editable=False)

    # Facts of the content that never change, here so that lists filter and sort on one table.
    kind = models.CharField(max_length=10, choices=Kind.choices, editable=False)
    size = models.PositiveBigIntegerField(editable=False)

    # Made of the words above by `reindex()`.
    search_text = models.TextField(editable=False, default="")
    title_key = models.CharField(max_length=TITLE_LENGTH, editable=False, default="")

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["owner", "stored_file"], name="asset_one_per_person"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="asset_current_newest", condition=Q(trashed_at=None)),
            models.Index(fields=["owner", "-created_at", "-id"], name="asset_owner_newest"),
            models.Index(
                fields=["kind", "-created_at", "-id"], name="asset_current_kind", condition=Q(trashed_at=None)
            ),
            models.Index(fields=["title_key", "id"], name="asset_current_title", condition=Q(trashed_at=None)),
            models.Index(fields=["-size", "-id"], name="asset_current_size", condition=Q(trashed_at=None)),
            models.Index(
                fields=["owner", "-created_at", "-id"],
                name="asset_private",
                condition=Q(visibility=Visibility.PRIVATE),
            ),
            models.Index(fields=["trashed_at"], name="asset_trashed", condition=Q(trashed_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return without_reordering(self.title)

    def get_absolute_url(self) -> str:
        return reverse("asset", args=[self.pk])

    @staticmethod
    def default_title(file_name: str) -> str:
        """The file name without its extension; “file” if nothing of it is seen."""
        title = on_one_line(without_reordering(PurePath(file_name).stem or file_name)).strip()
        return shorten(title, TITLE_LENGTH) if normalise_words(title) else "file"

    @cached_property
    def owner_name(self) -> str:
        """Set by pages that know it already: it is a query, where the owner was not selected."""
        return self.owner.get_username()

    def is_owned_by(self, user: User) -> bool:
        return self.owner_id == user.pk

    @property
    def is_trashed(self) -> bool:
        return self.trashed_at is not None

    @transaction.atomic
    def trash(self, now: datetime) -> None:
        self.trashed_at = now
        self.save(update_fields=["trashed_at", "updated_at"])
        Asset.objects.filter(pk=self.pk).announce(Event.TRASHED)

    def restore(self) -> None:
        if not self.is_trashed:
            return
        self.trashed_at = None
        self.save(update_fields=["trashed_at", "updated_at"])
        Asset.objects.filter(pk=self.pk).announce_shown()

    def set_labels(
        self, *, tags: Iterable[str] | None = None, collections: Iterable[str] | None = None, by: User | None = None
    ) -> None:
        """Set the tags and collections by name (None leaves them as they are), and reindex the asset.

        The asset stays in collections that `by` may not see.
        """
        if tags is not None:
            self.tags.set(Tag.objects.get_or_create_all(tags))
        if collections is not None:
            names = list(collections)
            wanted = {Collection.make_key(name) for name in names}
            others = [path for path in self._paths(by) if Collection.make_key(path) not in wanted]
            self._change_collections(NameChange(names, others), by)
        Asset.objects.filter(pk=self.pk).reindex()

    def change_labels(self, *, tags: "NameChange", collections: "NameChange", by: User) -> None:
        """Add and remove tags and collections, and reindex the asset. The others stay, whoever set them."""
        removed_tags = {Tag.make_key(name) for name in tags.removed} - {Tag.make_key(name) for name in tags.added}
        self.tags.remove(*self.tags.filter(key__in=removed_tags))
        self.tags.add(*Tag.objects.get_or_create_all(tags.added))
        self._change_collections(collections, by)
        Asset.objects.filter(pk=self.pk).reindex()

    def _change_collections(self, change: "NameChange", by: User | None) -> None:
        """Of those that the person sees. One with the same path that the asset is in already is not added again."""
        added = {Collection.make_key(name): name for name in change.added}
        removed = {Collection.make_key(name) for name in change.removed} - set(added)
        own = {collection: Collection.make_key(collection.path) for collection in self._visible_collections(by)}
        self.collections.remove(*(collection for collection, key in own.items() if key in removed))
        new = [name for key, name in added.items() if key not in own.values()]
        self.collections.add(*Collection.objects.get_or_create_all(new, by))

    def _paths(self, user: User | None) -> list[str]:
        return [collection.path for collection in self._visible_collections(user)]

    def _visible_collections(self, user: User | None) -> list[Collection]:
        return [one for one in self.collections.all() if one.private_to_id in (None, user and user.pk)]


class NameChange(NamedTuple):
    """Names of tags or collections that an asset gets and loses."""

    added: Sequence[str] = ()
    removed: Sequence[str] = ()
