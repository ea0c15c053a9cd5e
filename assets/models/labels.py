"""Tags and collections: the names people give to entries."""

import uuid
from collections.abc import Iterable
from typing import Any, Self

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.db.models.functions import Concat

from assets.services.folding import clean_name, fold

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
        return self.filter(key__contains=fold(clean_name(text)))

    def completing(self, text: str, assets: models.QuerySet) -> list[Any]:
        """A few names that go on from this text, those that begin with it first; only such as are on these entries."""
        wanted = self.model.key_of(self.model.clean_name(text))
        used = self.used_in(assets).order_by("key")
        found = list(used.filter(key__startswith=wanted)[:MOST_COMPLETED])
        if wanted and len(found) < MOST_COMPLETED:
            within = used.filter(key__contains=wanted).exclude(key__startswith=wanted)
            found += within[: MOST_COMPLETED - len(found)]
        return found

    def named(self, names: Iterable[str]) -> list[Any]:
        """The rows of these names, made where there are none; case and accents do not matter."""
        wanted: dict[str, str] = {}
        for name in names:
            cleaned = self.model.clean_name(name)
            wanted.setdefault(self.model.key_of(cleaned), cleaned)
        # Sorted: two people who add the same new names at once wait for each other, never in a circle.
        return [self.get_or_make(wanted[key]) for key in sorted(wanted) if key]

    def get_or_make(self, name: str) -> Any:
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
        return fold(name)[: cls.KEY_LENGTH]


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
        return self.filter(Exists(assets.filter(collections=OuterRef("pk"))) | Q(made_by=user.pk))

    def within_any(self, keys: Iterable[str]) -> Self:
        """All that is nested in a collection of one of these keys."""
        nested = Q(pk=None)
        for key in keys:
            nested |= Q(key__startswith=f"{key}{Collection.SEPARATOR}")
        return self.filter(nested)

    def get_or_make(self, name: str) -> Any:
        """The collection of a path such as `Trips/2024`, made with those above it where there are none."""
        parent_path, _, leaf = name.rpartition(Collection.SEPARATOR)
        key = self.model.key_of(name)
        if (found := self.filter(key=key).first()) is not None:
            return found
        parent = self.get_or_make(parent_path) if parent_path else None
        path = f"{parent.path}{Collection.SEPARATOR}{leaf}" if parent else leaf
        return self.get_or_create(key=key, defaults={"name": leaf, "path": path, "parent": parent})[0]


class Collection(Label):
    """Entries that belong together; it can be nested in another one. `path` names it from the top: `Trips/2024`."""

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

    objects = CollectionQuerySet.as_manager()  # type: ignore[misc]

    def __str__(self) -> str:
        return self.path

    def save(self, *args: Any, **kwargs: Any) -> None:
        """A collection's own row; those nested in it follow with `labelling.rename()`."""
        self.name = clean_name(self.name.replace(self.SEPARATOR, " "))
        self.set_place()
        models.Model.save(self, *args, **kwargs)

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
        self.key = self.key_of(self.path)

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
