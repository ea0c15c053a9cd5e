"""Collections: assets that belong together, one within another."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q

from assets.text.normalise import clean_name, normalise_name
from assets.text.shorten import shorten

from .labels import Label, LabelQuerySet
from .users import User

if TYPE_CHECKING:
    from .assets import AssetQuerySet

# The "/" of Chinese and Japanese keyboards.
FULL_WIDTH_SEPARATOR = "\uff0f"
DESCRIPTION_LENGTH = 2000


class CollectionQuerySet(LabelQuerySet["Collection"]):
    def within(self, key: str) -> Self:
        """The collection with that key and all collections nested in it."""
        return self.filter(Q(key=key) | Q(key__startswith=f"{key}{Collection.SEPARATOR}"))

    def open_to(self, user: User, assets: "AssetQuerySet") -> Self:
        """Collections that contain one of these assets, or that the person created; not the collections above them."""
        has_assets = Exists(assets.filter(collections=OuterRef("pk")))
        return self.visible_to(user).filter(has_assets | Q(made_by=user.pk) | Q(private_to=user.pk))

    def visible_to(self, user: User) -> Self:
        """All collections but other people's private ones. A team collection may still hold private assets only."""
        return self.filter(Q(private_to=None) | Q(private_to=user.pk))

    def private(self) -> Self:
        return self.exclude(private_to=None)

    def within_any(self, keys: Iterable[str]) -> Self:
        """The collections nested in those with one of these keys."""
        nested = Q(pk=None)
        for key in keys:
            nested |= Q(key__startswith=f"{key}{Collection.SEPARATOR}")
        return self.filter(nested)

    def find_all(self, names: Iterable[str], user: User | None) -> dict[str, "Collection"]:
        """The person's own private collection is preferred to the team's."""
        keys = {Collection.make_key(name) for name in names}
        own_keys = {key: Collection.tree_key(user.pk if user else None, key) for key in keys}
        existing = {collection.key: collection for collection in self.filter(key__in=[*keys, *own_keys.values()])}
        preferred = {key: existing.get(own_key) or existing.get(key) for key, own_key in own_keys.items()}
        return {key: collection for key, collection in preferred.items() if collection}

    def get_or_create_by_name(self, name: str, user: User | None = None, *, is_private: bool = False) -> "Collection":
        """The collection that a person means by a path such as `Trips/2024`, with the collections above it.

        A new one is the team's, unless `is_private` or the collection above it makes it the person's own.
        """
        existing = self.find_all([name], user).get(Collection.make_key(name))
        if existing and (existing.private_to_id or not is_private):
            return existing
        parent_path, _, leaf = name.rpartition(Collection.SEPARATOR)
        parent = self.get_or_create_by_name(parent_path, user, is_private=is_private) if parent_path else None
        owner = user if is_private else parent.private_to if parent else None
        new = Collection(name=leaf, parent=parent, private_to=owner)
        new.update_path()
        defaults = {"name": leaf, "path": new.path, "parent": parent, "private_to": owner}
        return self.get_or_create(key=new.key, defaults=defaults)[0]


class Collection(Label):
    """Assets that belong together. Collections nest; `path` names one from the top: `Trips/2024`.

    Only its owner sees a private collection, whatever is in it; the visibility of its assets does not change. It may
    have the same path as a collection of the team or of someone else: each person's private ones are a separate tree.
    """

    ASSET_FIELD = "collections"
    SEPARATOR = "/"
    MAX_DEPTH = 8
    PATH_LENGTH = MAX_DEPTH * (Label.NAME_LENGTH + 1)
    KEY_LENGTH = 2 * PATH_LENGTH

    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="children")
    path = models.CharField(max_length=PATH_LENGTH, editable=False, default="")
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="sees the collection while it is empty",
    )
    private_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="private_collections",
        help_text="the only person who sees it; empty for a team collection",
    )

    description = models.TextField(blank=True, default="", db_default="", max_length=DESCRIPTION_LENGTH)

    objects = CollectionQuerySet.as_manager()  # type: ignore[misc]  # narrower than that of Label

    class Meta(Label.Meta):
        indexes = [models.Index(fields=["parent", "key"], name="collection_children")]

    def __str__(self) -> str:
        # Written to histories and logs that other people read.
        return "a private collection" if self.private_to_id else self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save this row only; `labels.edit.rename()` changes the nested collections too."""
        self.name = clean_name(" ".join(self._split(self.name)))
        self.update_path()
        models.Model.save(self, *args, **kwargs)

    @property
    def full_name(self) -> str:
        return self.path

    @property
    def is_private(self) -> bool:
        return self.private_to_id is not None

    @property
    def parent_path(self) -> str:
        return self.path.rpartition(self.SEPARATOR)[0]

    @property
    def ancestor_keys(self) -> list[str]:
        """Of the collections above, from the top."""
        parts = self.make_key(self.path).split(self.SEPARATOR)
        paths = (self.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts)))
        return [self.tree_key(self.private_to_id, path) for path in paths]

    @property
    def place(self) -> str:
        """What finds this collection and none of its namesakes, after `in:`."""
        return self.make_place(self.path, is_private=self.is_private)

    @property
    def depth(self) -> int:
        return self.path.count(self.SEPARATOR) + 1

    def all_assets(self) -> "AssetQuerySet":
        """Those in nested collections too."""
        within = Collection.objects.within(self.key).values("pk")
        return self.assets.model.objects.filter(collections__in=within).distinct()

    def has_nested(self) -> bool:
        return self.children.exists()

    def update_path(self) -> None:
        """Derive path and key from the name and the collection above."""
        self.path = f"{self.parent.path}{self.SEPARATOR}{self.name}" if self.parent else self.name
        self.key = self.key_for(self.path)

    def key_for(self, name: str) -> str:
        return self.tree_key(self.private_to_id, self.make_key(name))

    @classmethod
    def tree_key(cls, owner_id: int | None, key: str) -> str:
        """The key within the team's tree or, with an owner, within that person's private one.

        No path begins with a separator, so the trees cannot overlap.
        """
        return f"{cls.SEPARATOR}{owner_id}{cls.SEPARATOR}{key}"[: cls.KEY_LENGTH] if owner_id else key

    @classmethod
    def clean_name(cls, name: str) -> str:
        """The path with each part cleaned and empty parts removed."""
        return cls._join(map(clean_name, cls._split(name)))

    @classmethod
    def make_key(cls, name: str) -> str:
        return cls._join(map(normalise_name, cls._split(name)))[: cls.KEY_LENGTH]

    @classmethod
    def _split(cls, path: str) -> list[str]:
        return path.replace(FULL_WIDTH_SEPARATOR, cls.SEPARATOR).split(cls.SEPARATOR)

    @classmethod
    def _join(cls, parts: Iterable[str]) -> str:
        return cls.SEPARATOR.join(part for part in parts if part)

    @classmethod
    def make_place(cls, path: str, *, is_private: bool) -> str:
        return f"{'~' if is_private else ''}{cls.SEPARATOR}{path}"

    @classmethod
    def validate_name(cls, name: str) -> None:
        parts = cls.clean_name(name).split(cls.SEPARATOR)
        for part in parts:
            super().validate_name(part)
        if len(parts) > cls.MAX_DEPTH:
            raise ValidationError(
                f"“{shorten(name, 30)}…” has {len(parts)} levels. Collections can have at most {cls.MAX_DEPTH}.",
                code="too_deep",
            )


class Cover(models.Model):
    """The asset chosen as the cover of a collection. Who may not see it gets the first pictures.

    A table of its own: an archive has collections before assets.
    """

    collection = models.OneToOneField(Collection, primary_key=True, on_delete=models.CASCADE, related_name="cover")
    asset = models.ForeignKey("assets.Asset", on_delete=models.CASCADE, related_name="+")

    def __str__(self) -> str:
        return f"cover of {self.collection}"


class PastPath(models.Model):
    """Where a collection was before it was renamed, moved or merged: its old address leads to the new one."""

    key = models.CharField(max_length=Collection.KEY_LENGTH, primary_key=True)
    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="past_paths")

    def __str__(self) -> str:
        return f"past path of {self.collection}"

    @staticmethod
    def record(pairs: Iterable[tuple[str, Collection]]) -> None:
        """Old keys, each with the collection that had it. What was there before that is forgotten."""
        PastPath.objects.bulk_create(
            [PastPath(key=key, collection=collection) for key, collection in pairs if key != collection.key],
            update_conflicts=True,
            unique_fields=["key"],
            update_fields=["collection"],
        )
