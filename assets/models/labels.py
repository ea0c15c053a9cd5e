"""Names that people give to assets: tags, and what collections share with them."""

import uuid
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self, TypeVar
from urllib.parse import quote

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse

from assets.text.normalise import clean_name, normalise_name
from assets.text.shorten import shorten

from .users import User

if TYPE_CHECKING:
    from .assets import AssetQuerySet

MAX_SUGGESTIONS = 12
# What stands in the place of a name in other URLs below `/collections/` and `/tags/`.
RESERVED_NAMES = {"~", "new", "complete"}
# Servers refuse longer URLs, of 4 or 8 kB with their query.
MAX_NAME_IN_URL = 1500
MIN_ID_LENGTH = 32
# As `reverse()` has it.
SAFE_IN_PATH = "!$&'()*+,;=/~:@"
LabelT = TypeVar("LabelT", bound="Label")


class LabelQuerySet(models.QuerySet[LabelT]):
    def used_in(self, assets: "AssetQuerySet") -> Self:
        """Labels of at least one of these assets."""
        # EXISTS stops at the first asset it finds; a join would read all of them.
        return self.filter(Exists(assets.filter(**{self.model.ASSET_FIELD: OuterRef("pk")})))

    def visible_to(self, user: User) -> Self:
        """All: nobody has a tag to themselves. Its name is shown where an asset has it that the person sees."""
        return self.all()

    def with_count(self, *, limit: int) -> Self:
        """With `asset_count`: all assets, even trashed ones, but none of nested collections. Reads only an index."""
        through, column = self.model.link_table()
        links = through.objects.filter(**{column: OuterRef("pk")}).order_by().values(column)
        return self.annotate(asset_count=RowCount(links[:limit]))

    def matching(self, text: str) -> Self:
        return self.filter(key__contains=self.model.make_key(text))

    def suggest(self, text: str, assets: "AssetQuerySet", latest: Sequence[str] = ()) -> list[LabelT]:
        """A few labels of these assets whose names contain the text: those with the `latest` ids, in that order, then
        those that begin with it."""
        key = self.model.make_key(text)
        every = self.used_in(assets).order_by("key")
        labels = sorted(every.filter(pk__in=latest, key__contains=key), key=lambda label: latest.index(str(label.pk)))
        used = every.exclude(pk__in=latest)
        labels += used.filter(key__startswith=key)[: MAX_SUGGESTIONS - len(labels)]
        if key and len(labels) < MAX_SUGGESTIONS:
            others = used.filter(key__contains=key).exclude(key__startswith=key)
            labels += others[: MAX_SUGGESTIONS - len(labels)]
        return labels

    def find_all(self, names: Iterable[str], user: User | None) -> dict[str, LabelT]:
        """The existing labels that a person means by these names, by key."""
        keys = {self.model.make_key(name) for name in names}
        return {label.key: label for label in self.filter(key__in=keys)}

    def find_conflict(self, label: LabelT, name: str) -> LabelT | None:
        """Another label that already has the name that this one is to get."""
        return self.filter(key=label.key_for(name)).exclude(pk=label.pk).first()

    def get_or_create_all(self, names: Iterable[str], user: User | None = None) -> list[LabelT]:
        """The labels that a person means by these names. Case and accents do not matter."""
        names_by_key: dict[str, str] = {}
        for name in names:
            cleaned = self.model.clean_name(name)
            names_by_key.setdefault(self.model.make_key(cleaned), cleaned)
        # Sorted, so that two people who add the same new names at once cannot deadlock.
        return [self.get_or_create_by_name(names_by_key[key], user) for key in sorted(names_by_key) if key]

    def get_or_create_by_name(self, name: str, user: User | None = None) -> LabelT:
        defaults = {"name": shorten(name, self.model.NAME_LENGTH)}
        return self.get_or_create(key=self.model.make_key(name), defaults=defaults)[0]


@lru_cache(maxsize=1000)
def label_url(noun: str, pk: uuid.UUID, name: str, *, is_private: bool = False) -> str:
    """The page with the assets of a label: by its name or, where a URL cannot have that, by its id.

    Two dozen are beside every page, and to write one takes long.
    """
    if not is_addressable(name):
        return reverse(noun, args=[pk])
    before, after = _page_pattern(f"private_{noun}_place" if is_private else f"{noun}_place")
    return f"{before}{quote(name, safe=SAFE_IN_PATH)}{after}"


@cache
def _page_pattern(view: str) -> tuple[str, str]:
    name = str(uuid.UUID(int=0))
    before, after = reverse(view, args=[name]).split(name)
    return before, after


def is_addressable(name: str) -> bool:
    """Whether the name comes through a URL as it is, and stands for nothing else there."""
    parts = name.split("/")
    is_taken = parts[0] in RESERVED_NAMES or _is_id(parts[0])
    # Browsers resolve dots; some servers merge slashes.
    return not is_taken and not {"", ".", ".."} & set(parts) and not _is_long(name)


def _is_long(name: str) -> bool:
    """In a URL, where a character takes up to twelve."""
    return len(name) > MAX_NAME_IN_URL // 12 and len(quote(name)) > MAX_NAME_IN_URL


def _is_id(text: str) -> bool:
    if len(text) < MIN_ID_LENGTH:
        return False
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True


class RowCount(Subquery):
    """The number of rows of a query, for each row of another one."""

    template = "(SELECT COUNT(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()


class Label(models.Model):
    """A name people give to assets. Names that a reader takes for the same are the same: see `normalise_name()`."""

    NAME_LENGTH = 60
    KEY_LENGTH = 120
    ASSET_FIELD: ClassVar[str]

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
        self.key = self.make_key(self.name)
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return label_url(self.noun, self.pk, self.full_name, is_private=self.is_private)

    @classmethod
    def overview_url(cls) -> str:
        return reverse(f"{cls._meta.model_name}s")

    @property
    def settings_url(self) -> str:
        """Where it is changed; the same whatever its name becomes."""
        return reverse(self.noun, args=[self.pk])

    @property
    def full_name(self) -> str:
        """The name to show to people who may see it; `str()` may hide it."""
        return self.name

    @property
    def noun(self) -> str:
        return str(self._meta.model_name)

    @property
    def is_private(self) -> bool:
        return False

    def key_for(self, name: str) -> str:
        """The key of a label of that name which the same people see."""
        return self.make_key(name)

    def all_assets(self) -> "AssetQuerySet":
        """The assets that a change of this label affects."""
        raise NotImplementedError

    def has_nested(self) -> bool:
        return False

    @classmethod
    def link_table(cls) -> tuple[Any, str]:
        """The model that links assets to labels, and its column for the label."""
        return cls.assets.through, f"{cls._meta.model_name}_id"  # type: ignore[attr-defined]  # of the subclasses

    @classmethod
    def clean_name(cls, name: str) -> str:
        return clean_name(name)

    @classmethod
    def validate_name(cls, name: str) -> None:
        """Raises ValidationError if the name, as the person wrote it, is too long."""
        if (length := len(clean_name(name))) > cls.NAME_LENGTH:
            raise ValidationError(
                f"“{shorten(clean_name(name), 30)}…” has {length} characters. Use at most {cls.NAME_LENGTH}.",
                code="too_long",
            )

    @classmethod
    def make_key(cls, name: str) -> str:
        """The same for every way to write a name; empty if nothing of it is seen."""
        return normalise_name(name)[: cls.KEY_LENGTH]


class TagQuerySet(LabelQuerySet["Tag"]):
    def refresh_use_counts(self, *, after: str, limit: int) -> str:
        """Count the uses of the tags that follow the key `after`; returns where the next ones start, "" at the end."""
        links = Tag.assets.through.objects.filter(tag_id=OuterRef("pk")).order_by().values("tag_id")
        tags = self.filter(key__gt=after).annotate(asset_count=RowCount(links[: Tag.MAX_USE_COUNT])).order_by("key")
        rows = list(tags.values_list("pk", "key", "use_count", "asset_count")[:limit])
        for pk, _, use_count, asset_count in rows:
            if use_count != asset_count:
                self.filter(pk=pk).update(use_count=asset_count)
        return str(rows[-1][1]) if len(rows) == limit else ""


class Tag(Label):
    ASSET_FIELD = "tags"
    MAX_USE_COUNT = 10_000

    # Of about a minute ago, and by everybody: only good for an order.
    use_count = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = TagQuerySet.as_manager()  # type: ignore[misc]  # narrower than that of Label

    class Meta(Label.Meta):
        indexes = [models.Index(fields=["-use_count", "key"], name="tag_most_used")]

    def all_assets(self) -> "AssetQuerySet":
        return self.assets.all()
