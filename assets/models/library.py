"""The library that people see: their entries, and how they are named, grouped and shared."""

import unicodedata
import uuid
from collections.abc import Iterable
from datetime import datetime
from pathlib import PurePath
from typing import Any, Self

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from .stored_files import Kind, StoredFile

User = AbstractBaseUser | AnonymousUser
FILE_NAME_LENGTH = 255


def fold(text: str) -> str:
    """Text as search compares it: without case, accents and typographic variants."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c)).casefold()


def clean_name(text: str) -> str:
    """A name of a tag or collection: one line, single spaces."""
    return " ".join(unicodedata.normalize("NFC", text).split())


class Visibility(models.TextChoices):
    TEAM = "team", "Everyone in the team"
    PRIVATE = "private", "Only me"


class LabelQuerySet(models.QuerySet):
    def visible_to(self, user: User) -> Self:
        """Labels of assets that the person may see: a name on a private asset alone is nobody else's."""
        return self.filter(assets__in=Asset.objects.visible_to(user)).distinct()

    def named(self, names: Iterable[str]) -> list[Any]:
        """The rows of these names, made where there are none; case and accents do not matter."""
        wanted: dict[str, str] = {}
        for name in map(clean_name, names):
            wanted.setdefault(fold(name)[: Label.KEY_LENGTH], name)
        # Sorted: two people who add the same new names at once wait for each other, never in a circle.
        return [
            self.get_or_create(key=key, defaults={"name": wanted[key][: Label.NAME_LENGTH]})[0]
            for key in sorted(wanted)
            if key
        ]


class Label(models.Model):
    """A name people give to assets; two names that differ only in case or accents are one."""

    NAME_LENGTH = 60
    KEY_LENGTH = 120

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=NAME_LENGTH)
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)

    objects = LabelQuerySet.as_manager()

    class Meta:
        abstract = True
        ordering = ("key",)

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name = clean_name(self.name)
        self.key = fold(self.name)[: self.KEY_LENGTH]
        super().save(*args, **kwargs)


class Tag(Label):
    pass


class Collection(Label):
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")


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

    def newest_first(self) -> "AssetQuerySet":
        return self.order_by("-created_at", "-id")

    def older_than(self, created_at: datetime, pk: uuid.UUID) -> "AssetQuerySet":
        """What follows that entry in `newest_first()` order."""
        # Redundant, and what lets SQLite start inside the index instead of at its head.
        return self.filter(created_at__lte=created_at).filter(
            Q(created_at__lt=created_at) | Q(created_at=created_at, id__lt=pk)
        )

    def with_details(self) -> "AssetQuerySet":
        """All that a card, a page or a JSON answer shows, in a fixed number of queries."""
        return self.select_related("stored_file", "owner").prefetch_related("tags", "collections")


class Asset(models.Model):
    """One person's entry in the library."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="assets")
    stored_file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="assets")
    title = models.CharField(max_length=200)
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
    search_text = models.TextField(editable=False, default="")

    objects = AssetQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")
        constraints = [
            models.UniqueConstraint(fields=["owner", "stored_file"], name="asset_one_entry_per_person"),
        ]
        indexes = [
            models.Index(fields=["-created_at", "-id"], name="asset_current_newest", condition=Q(trashed_at=None)),
            models.Index(fields=["owner", "-created_at", "-id"], name="asset_owner_newest"),
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

    def label(self, *, tags: Iterable[str] | None = None, collections: Iterable[str] | None = None) -> None:
        """Set the tags and collections by name (None: as they are), and make them findable."""
        if tags is not None:
            self.tags.set(Tag.objects.named(tags))
        if collections is not None:
            self.collections.set(Collection.objects.named(collections))
        self.refresh_search_text()

    def refresh_search_text(self) -> None:
        """Everything the search box looks at, folded. To be called where one of its sources has changed."""
        words = [
            self.title,
            self.file_name,
            self.description,
            self.owner.get_username(),
            self.owner.get_full_name(),
            *self.tags.values_list("name", flat=True),
            *self.collections.values_list("name", flat=True),
        ]
        self.search_text = fold("\n".join(words))
        self.save(update_fields=["search_text", "updated_at"])
