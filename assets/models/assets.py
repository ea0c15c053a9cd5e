"""The library that people see: their entries, and how they are named, grouped and shared."""

import uuid
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.db import connection, models, transaction
from django.db.models import Exists, OuterRef, Prefetch, Q
from django.urls import reverse
from django.utils import timezone

from assets.text.normalise import normalise_words, sort_key

from .labels import Collection, Tag
from .stored_files import Kind, StoredFile
from .users import User

FILE_NAME_LENGTH = 255
TITLE_LENGTH = 200
REINDEXED_AT_ONCE = 500


class Visibility(models.TextChoices):
    TEAM = "team", "Everyone in the team"
    PRIVATE = "private", "Only me"


class AssetQuerySet(models.QuerySet["Asset"]):
    def visible_to(self, user: User) -> "AssetQuerySet":
        """What a person may see: the team's entries and their own. What is in the trash is its owner's alone."""
        return self.filter(Q(visibility=Visibility.TEAM, trashed_at=None) | Q(owner_id=user.pk))

    def owned_by(self, user: User) -> "AssetQuerySet":
        return self.filter(owner_id=user.pk)

    def current(self) -> "AssetQuerySet":
        return self.filter(trashed_at=None)

    def trashed(self) -> "AssetQuerySet":
        return self.exclude(trashed_at=None)

    def trashed_at(self, moment: datetime) -> "AssetQuerySet":
        """What was moved to the trash at once, then."""
        return self.filter(trashed_at=moment)

    def newest_first(self) -> "AssetQuerySet":
        return self.order_by("-created_at", "-id")

    def with_details(self, user: User) -> "AssetQuerySet":
        """All that a page or a JSON answer shows to a person, in a fixed number of queries."""
        return self.select_related("stored_file", "owner").prefetch_related(*labels_for(user))

    def marked_for(self, user: User) -> "AssetQuerySet":
        """With `is_favourite`: whether it is one of that person's."""
        return self.annotate(is_favourite=Exists(user.favourites.filter(asset=OuterRef("pk"))))

    def reindex(self) -> None:
        """Make every entry findable and sortable by what it is called now; to be called after a change of names."""
        _reindex(list(self.order_by("pk").values_list("pk", flat=True).distinct()))

    def reindex_some(self, *, after: str | None, most: int) -> uuid.UUID | None:
        """The same for so many in the order of their ids, behind one; the last of these, None where no more follow."""
        ordered = self.order_by("pk").values_list("pk", flat=True).distinct()
        pks = list((ordered.filter(pk__gt=after) if after else ordered)[:most])
        _reindex(pks)
        return pks[-1] if len(pks) == most else None


def labels_for(user: User) -> tuple[str, "Prefetch[Any]"]:
    """What to prefetch, so that an asset has its tags, and the collections that this person sees."""
    return "tags", Prefetch("collections", Collection.objects.visible_to(user))


def _reindex(pks: list[uuid.UUID]) -> None:
    for start in range(0, len(pks), REINDEXED_AT_ONCE):
        with transaction.atomic():
            _reindex_batch(pks[start : start + REINDEXED_AT_ONCE])


def _reindex_batch(pks: list[uuid.UUID]) -> None:
    # Locked before their words are read: of two who do this at once, the later one sees what the earlier one did.
    list(Asset.objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    to_id = Asset._meta.pk.get_db_prep_value
    # One prepared statement for all: `bulk_update()` spends ten times as long on making its own.
    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE assets_asset SET search_text = %s, title_key = %s WHERE id = %s",
            [(*keys, to_id(pk, connection)) for pk, keys in outdated_keys(pks).items()],
        )


def outdated_keys(pks: list[uuid.UUID]) -> dict[uuid.UUID, tuple[str, str]]:
    """Of these entries, those that are found and sorted by other words than they have: the keys they should have."""
    texts = Asset.objects.filter(pk__in=pks).values_list(
        "pk", "search_text", "title_key", "title", "file_name", "description",
        "owner__username", "owner__first_name", "owner__last_name",
    )  # fmt: skip
    labels = (
        _names_on(pks, Asset.tags.through, "tag", "name"),
        # What a collection that is private to somebody is called, nobody else can find out by a search.
        _names_on(pks, Asset.collections.through, "collection", "path", collection__private_to=None),
    )
    outdated = {}
    for pk, search_text, title_key, title, file_name, description, username, first_name, last_name in texts:
        # One source a line, so no phrase spans two.
        words = [title, file_name, description, username, f"{first_name} {last_name}", *labels[0][pk], *labels[1][pk]]
        keys = (
            "\n".join(folded for text in words if (folded := normalise_words(text))),
            sort_key(title)[:TITLE_LENGTH],
        )
        if keys != (search_text, title_key):
            outdated[pk] = keys
    return outdated


def _names_on(pks: list[uuid.UUID], links: Any, label: str, column: str, **only: Any) -> dict[uuid.UUID, list[str]]:
    """What the tags or collections of each entry are called, in their order."""
    names = defaultdict(list)
    rows = links.objects.filter(asset__in=pks, **only).order_by(f"{label}__key")
    rows = rows.values_list("asset_id", f"{label}__{column}")
    for pk, name in rows:
        names[pk].append(name)
    return names


class Asset(models.Model):
    """One person's entry in the library."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assets")
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="assets")
    title = models.CharField(max_length=TITLE_LENGTH)
    file_name = models.CharField(max_length=FILE_NAME_LENGTH, help_text="as the person's system gave it")
    description = models.TextField(blank=True, max_length=5000)
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
            models.UniqueConstraint(fields=["owner", "stored_file"], name="asset_one_entry_per_person"),
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
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("asset", args=[self.pk])

    @staticmethod
    def default_title(file_name: str) -> str:
        """The file's name without its ending, as a title."""
        return (PurePath(file_name).stem or file_name)[:200]

    def is_owned_by(self, user: User) -> bool:
        return self.owner_id == user.pk

    @property
    def is_trashed(self) -> bool:
        return self.trashed_at is not None

    def trash(self, now: datetime) -> None:
        self.trashed_at = now
        self.save(update_fields=["trashed_at", "updated_at"])

    def restore(self) -> None:
        self.trashed_at = None
        self.save(update_fields=["trashed_at", "updated_at"])

    def label(
        self, *, tags: Iterable[str] | None = None, collections: Iterable[str] | None = None, by: User | None = None
    ) -> None:
        """Set the tags and collections by name (None: as they are), and make them findable.

        Of the collections, those that person sees: what is private to somebody else stays.
        """
        if tags is not None:
            self.tags.set(Tag.objects.get_or_create_all(tags))
        if collections is not None:
            self.collections.set(self._collections_named(list(collections), by))
        Asset.objects.filter(pk=self.pk).reindex()

    def _collections_named(self, names: list[str], by: User | None) -> list[Collection]:
        """Those of these names that it is in already, others of these names, and those hidden from the person."""
        wanted = {Collection.make_key(name): name for name in names}
        kept, had = [], set()
        for collection in self.collections.all():
            key = Collection.make_key(collection.path)
            is_hidden = collection.private_to_id not in (None, by and by.pk)
            if is_hidden or key in wanted:
                kept.append(collection)
            if not is_hidden:
                had.add(key)
        return [
            *kept,
            *Collection.objects.get_or_create_all([name for key, name in wanted.items() if key not in had], by),
        ]
