"""Tags and collections: the names people give to entries."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Concat

from assets.text.normalise import clean_name, normalise_for_search

MOST_COMPLETED = 12


class LabelQuerySet(models.QuerySet):
    model: "type[Label]"  # type: ignore[assignment]

    def used_in(self, assets: models.QuerySet) -> Self:
        """Labels that are on one of these entries. One that is only on others' private entries is nobody else's."""
        # EXISTS stops at the first entry it finds; a join would look at all of them.
        return self.filter(Exists(assets.filter(**{self.model.ON_ASSET: OuterRef("pk")})))

    def counted_in(self, assets: models.QuerySet, *, most: int) -> Self:
        """With `entry_count`: how many of these entries have it themselves, as far as `most`."""
        of_label = assets.filter(**{self.model.ON_ASSET: OuterRef("pk")}).order_by().values("pk")
        return self.annotate(entry_count=Counted(of_label[:most]))

    def counted(self, *, most: int) -> Self:
        """The same of all entries, the trash included, as an index knows it; not of what is nested in it."""
        through, column = self.model.links()
        of_label = through.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
        return self.annotate(entry_count=Counted(of_label[:most]))

    def matching(self, text: str) -> Self:
        return self.filter(key__contains=normalise_for_search(clean_name(text)))

    def completing(self, text: str, assets: models.QuerySet) -> list[Any]:
        """A few names that go on from this text, those that begin with it first; only such as are on these entries."""
        wanted = self.model.key_of(self.model.clean_name(text))
        used = self.used_in(assets).order_by("key")
        found = list(used.filter(key__startswith=wanted)[:MOST_COMPLETED])
        if wanted and len(found) < MOST_COMPLETED:
            within = used.filter(key__contains=wanted).exclude(key__startswith=wanted)
            found += within[: MOST_COMPLETED - len(found)]
        return found

    def known(self, names: Iterable[str], user: Any) -> dict[str, Any]:
        """The rows that a person means by these names, where there are any, by the key of the name."""
        keys = {self.model.key_of(self.model.clean_name(name)) for name in names}
        found: Iterable[Any] = self.filter(key__in=keys)
        return {label.key: label for label in found}

    def named(self, names: Iterable[str], user: Any = None) -> list[Any]:
        """The rows that a person means by these names, made where there are none; case and accents do not matter."""
        wanted: dict[str, str] = {}
        for name in names:
            cleaned = self.model.clean_name(name)
            wanted.setdefault(self.model.key_of(cleaned), cleaned)
        # Sorted: two people who add the same new names at once wait for each other, never in a circle.
        return [self.get_or_make(wanted[key], user) for key in sorted(wanted) if key]

    def get_or_make(self, name: str, user: Any = None) -> Any:
        return self.get_or_create(key=self.model.key_of(name), defaults={"name": name[: self.model.NAME_LENGTH]})[0]


class Counted(Subquery):
    """How many rows a query has, for each row of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()


class Label(models.Model):
    """A name people give to entries; two names that differ only in case or accents are one."""

    NAME_LENGTH = 60
    KEY_LENGTH = 120
    ON_ASSET = ""

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
        self.name = self.clean_name(self.name)
        self.key = self.key_of(self.name)
        super().save(*args, **kwargs)

    @property
    def full_name(self) -> str:
        """What it is called, for those who may see it."""
        return self.name

    def key_beside(self, name: str) -> str:
        """The key that another one of that name would have, which the same people see."""
        return self.key_of(self.clean_name(name))

    def entries(self) -> models.QuerySet:
        """The entries that a change of this label concerns."""
        return self.assets.all()  # type: ignore[attr-defined]

    def is_needed(self) -> bool:
        """Whether others hang on it."""
        return False

    @classmethod
    def links(cls) -> tuple[Any, str]:
        """The table between entries and labels, and its column of the label."""
        return cls.assets.through, f"{cls._meta.model_name}_id"  # type: ignore[attr-defined]

    @classmethod
    def clean_name(cls, name: str) -> str:
        return clean_name(name)

    @classmethod
    def validate_name(cls, name: str) -> None:
        """Raises ValidationError where a name as it was written is too long."""
        if (length := len(clean_name(name))) > cls.NAME_LENGTH:
            raise ValidationError(
                f"“{clean_name(name)[:30]}…” has {length} characters; a name may have {cls.NAME_LENGTH}.",
                code="too_long",
            )

    @classmethod
    def key_of(cls, name: str) -> str:
        """What makes two names one."""
        return normalise_for_search(name)[: cls.KEY_LENGTH]


class Tag(Label):
    ON_ASSET = "tags"


class CollectionQuerySet(LabelQuerySet):
    def within(self, key: str) -> Self:
        """The collection of that key, and all that are nested in it."""
        return self.filter(Q(key=key) | Q(key__startswith=f"{key}{Collection.SEPARATOR}"))

    def counted_in(self, assets: models.QuerySet, *, most: int) -> Self:
        """Those in what is nested in it are in it too, as for a search."""
        own = OuterRef(OuterRef("key"))
        nested = Q(key__startswith=Concat(own, models.Value(Collection.SEPARATOR)))
        within = Collection.objects.filter(Q(key=own) | nested).values("pk")
        found = assets.filter(collections__in=within).order_by().values("pk").distinct()
        return self.annotate(entry_count=Counted(found[:most]))

    def open_to(self, user: Any, assets: models.QuerySet) -> Self:
        """Collections with one of these entries in them, and those that the person has made; not those above them."""
        has_some = Exists(assets.filter(collections=OuterRef("pk")))
        return self.visible_to(user).filter(has_some | Q(made_by=user.pk) | Q(private_to=user.pk))

    def visible_to(self, user: Any) -> Self:
        """All but those that are private to others; the names of the team's may still be of private entries alone."""
        return self.filter(Q(private_to=None) | Q(private_to=user.pk))

    def private(self) -> Self:
        return self.exclude(private_to=None)

    def within_any(self, keys: Iterable[str]) -> Self:
        """All that is nested in a collection of one of these keys."""
        nested = Q(pk=None)
        for key in keys:
            nested |= Q(key__startswith=f"{key}{Collection.SEPARATOR}")
        return self.filter(nested)

    def known(self, names: Iterable[str], user: Any) -> dict[str, Any]:
        """A private one of theirs rather than the team's."""
        keys = {self.model.key_of(self.model.clean_name(name)) for name in names}
        own = {Collection.key_in(user and user.pk, key): key for key in keys}
        rows: Iterable[Any] = self.filter(key__in=[*own, *keys])
        found = {collection.key: collection for collection in rows}
        meant = {key: found.get(own_key) or found.get(key) for own_key, key in own.items()}
        return {key: collection for key, collection in meant.items() if collection}

    def get_or_make(self, name: str, user: Any = None, *, is_private: bool = False) -> Any:
        """The collection that a person means by a path such as `Trips/2024`, made with those above it if there are
        none: for the team, but for what is nested in a private one. `is_private`: one that is private to the person.
        """
        parent_path, _, leaf = name.rpartition(Collection.SEPARATOR)
        if (found := self.known([name], user).get(self.model.key_of(name))) and (found.private_to_id or not is_private):
            return found
        parent = self.get_or_make(parent_path, user, is_private=is_private) if parent_path else None
        owner = user if is_private else parent and parent.private_to
        made = Collection(name=leaf, parent=parent, private_to=owner)
        made.set_place()
        defaults = {"name": leaf, "path": made.path, "parent": parent, "private_to": owner}
        return self.get_or_create(key=made.key, defaults=defaults)[0]


class Collection(Label):
    """Entries that belong together; it can be nested in another one. `path` names it from the top: `Trips/2024`.

    A private one is seen by one person alone, whatever is in it; entries stay visible to whom they were. It may be
    called like one of the team's, or like somebody else's: what is private to a person is a tree of its own.
    """

    ON_ASSET = "collections"
    SEPARATOR = "/"
    MOST_DEEP = 8
    PATH_LENGTH = MOST_DEEP * (Label.NAME_LENGTH + 1)
    KEY_LENGTH = 2 * PATH_LENGTH

    parent = models.ForeignKey(  # type: ignore[misc]
        "self", null=True, blank=True, on_delete=models.CASCADE, related_name="children"
    )
    path = models.CharField(max_length=PATH_LENGTH, editable=False, default="")
    key = models.CharField(max_length=KEY_LENGTH, unique=True, editable=False)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.SET_NULL,
        related_name="+",
        help_text="who sees it while there is nothing in it",
    )

    private_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        editable=False,
        on_delete=models.CASCADE,
        related_name="private_collections",
        help_text="who alone sees it; nobody: it is the team's",
    )

    objects = CollectionQuerySet.as_manager()  # type: ignore[misc]

    def __str__(self) -> str:
        # Written into histories and logs that others read: who may see the name asks for `full_name`.
        return "a private collection" if self.private_to_id else self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A collection's own row; those nested in it follow with `labelling.rename()`."""
        self.name = clean_name(self.name.replace(self.SEPARATOR, " "))
        self.set_place()
        models.Model.save(self, *args, **kwargs)

    @property
    def full_name(self) -> str:
        return self.path

    def entries(self) -> models.QuerySet:
        """Those in it, and in what is nested in it."""
        within = Collection.objects.within(self.key).values("pk")
        return self.assets.model._default_manager.filter(collections__in=within).distinct()  # type: ignore[attr-defined]

    def is_needed(self) -> bool:
        return self.children.exists()  # type: ignore[attr-defined]

    @property
    def depth(self) -> int:
        return self.path.count(self.SEPARATOR) + 1

    def set_place(self) -> None:
        """Path and key as they follow from the name and from the collection above."""
        self.path = f"{self.parent.path}{self.SEPARATOR}{self.name}" if self.parent else self.name
        self.key = self.key_beside(self.path)

    def key_beside(self, name: str) -> str:
        return self.key_in(self.private_to_id, self.key_of(self.clean_name(name)))

    @classmethod
    def key_in(cls, owner_id: Any, key: str) -> str:
        """The key of a path in a tree: the team's, or that of what is private to a person, where no path begins so."""
        return f"{cls.SEPARATOR}{owner_id}{cls.SEPARATOR}{key}"[: cls.KEY_LENGTH] if owner_id else key

    @classmethod
    def clean_name(cls, name: str) -> str:
        """Each part of the path cleaned, without empty ones."""
        return cls.SEPARATOR.join(part for part in map(clean_name, name.split(cls.SEPARATOR)) if part)

    @classmethod
    def validate_name(cls, name: str) -> None:
        parts = cls.clean_name(name).split(cls.SEPARATOR)
        for part in parts:
            super().validate_name(part)
        if len(parts) > cls.MOST_DEEP:
            raise ValidationError(
                f"“{name[:30]}…” has {len(parts)} levels; collections can be nested {cls.MOST_DEEP} deep.",
                code="too_deep",
            )
