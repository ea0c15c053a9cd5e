"""Models of Segmind: what each takes and gives, and where every fact was read."""

import re
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from assets.media.formats import registered_name

from .states import Kind

SLUG_LENGTH = 100
NAME_LENGTH = 100
TITLE_LENGTH = 200
TEXT_LENGTH = 1000
URL_LENGTH = 500
VALUE_LENGTH = 500


class Origin(models.TextChoices):
    """Who says so. A later one is believed rather than an earlier one."""

    SEGMIND = "segmind", "Segmind’s list"
    SHIPPED = "shipped", "shipped with the library"
    HAND = "hand", "by hand"

    @property
    def rank(self) -> int:
        return list(Origin).index(self)


class Output(models.TextChoices):
    IMAGE = "image"
    VIDEO = "video"
    AUDIO = "audio"
    TEXT = "text"
    OTHER = "other"


class Sourced(models.Model):
    """What somebody states, and where it was read."""

    origin = models.CharField(max_length=10, choices=Origin.choices, default=Origin.HAND, editable=False)
    source_url = models.URLField("source", max_length=URL_LENGTH, blank=True, help_text="where it can be read")
    read_on = models.DateField("read on", default=timezone.localdate)

    class Meta:
        abstract = True

    @property
    def source_host(self) -> str:
        """Empty for what is no link."""
        parts = urlsplit(self.source_url)
        return (parts.hostname or "").removeprefix("www.") if parts.scheme in ("https", "http") else ""


class SegmindModelQuerySet(models.QuerySet["SegmindModel"]):
    def current(self) -> "SegmindModelQuerySet":
        return self.filter(retired_at=None)

    def taking_files(self) -> "SegmindModelQuerySet":
        return self.filter(Exists(ModelInput.objects.filter(model=OuterRef("pk"))))

    def taking(self, kind: str) -> "SegmindModelQuerySet":
        return self.filter(Exists(ModelInput.objects.filter(model=OuterRef("pk"), kind=kind)))

    def best_used_first(self) -> "SegmindModelQuerySet":
        return self.order_by("-use_count", "title", "slug")

    def record_use(self) -> int:
        return self.update(use_count=F("use_count") + 1)

    def retire(self, now: datetime) -> int:
        """Mark those that Segmind no longer lists. What was added by hand stays as it is."""
        return self.current().exclude(origin=Origin.HAND).update(retired_at=now)


class SegmindModel(Sourced):
    slug = models.CharField(max_length=SLUG_LENGTH, unique=True, help_text="as in the address of its API")
    title = models.CharField(max_length=TITLE_LENGTH)
    description = models.TextField(blank=True, max_length=TEXT_LENGTH)
    output = models.CharField(max_length=10, choices=Output.choices, blank=True, help_text="empty if not stated")
    retired_at = models.DateTimeField("retired", null=True, blank=True, help_text="since when Segmind does not list it")
    use_count = models.PositiveIntegerField(
        default=0, db_default=0, editable=False, help_text="requests that were made ready for it"
    )

    objects = SegmindModelQuerySet.as_manager()

    class Meta:
        ordering = ("title", "slug")
        verbose_name = "model"

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("model", args=[self.slug])

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None


class ModelField(Sourced):
    """A field of the request. `required` is empty where no source states it."""

    name = models.CharField(max_length=NAME_LENGTH, help_text="as the request spells it")
    position = models.PositiveSmallIntegerField(default=0, help_text="the lowest comes first")
    required = models.BooleanField(null=True, blank=True, help_text="unknown if no source states it")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class ModelInput(ModelField):
    """One that takes the URL of a file, or a list of them."""

    model = models.ForeignKey(SegmindModel, on_delete=models.CASCADE, related_name="inputs")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    is_list = models.BooleanField("several files", default=False)

    class Meta:
        ordering = ("position", "name")
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="model_input_name")]


class ParameterType(models.TextChoices):
    STRING = "string"
    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    ARRAY = "array"
    OBJECT = "object"


class ModelParameter(ModelField):
    """Any other field."""

    model = models.ForeignKey(SegmindModel, on_delete=models.CASCADE, related_name="parameters")
    type = models.CharField(max_length=10, choices=ParameterType.choices, default=ParameterType.STRING)
    default = models.JSONField(null=True, blank=True)
    choices = models.JSONField(default=list, blank=True, help_text="a list of all values, if only those are allowed")

    class Meta:
        ordering = ("position", "name")
        constraints = [models.UniqueConstraint(fields=["model", "name"], name="model_parameter_name")]

    def clean(self) -> None:
        try:
            self.check_value()
        except ValueError as error:
            raise ValidationError(str(error)) from None

    def check_value(self) -> None:
        """Raises ValueError."""
        if not isinstance(self.choices, list) or any(
            isinstance(one, dict | list) or one is None for one in self.choices
        ):
            raise ValueError("Write all values as a list of texts or numbers, such as [5, 10].")
        if isinstance(self.default, dict | list):
            raise ValueError("The default can be a text, a number, true or false.")


class LimitName(models.TextChoices):
    MAX_FILES = "max_files", "files, at most, in all inputs together"
    MAX_COUNT = "max_count", "files, at most"
    MAX_BYTES = "max_bytes", "bytes, at most"
    MIN_SECONDS = "min_seconds", "seconds, at least"
    MAX_SECONDS = "max_seconds", "seconds, at most"
    MIN_SIDE = "min_side", "pixels of a side, at least"
    MAX_SIDE = "max_side", "pixels of a side, at most"
    MAX_PIXELS = "max_pixels", "pixels in all, at most"
    MIN_RATIO = "min_ratio", "width / height, at least"
    MAX_RATIO = "max_ratio", "width / height, at most"
    MEDIA_TYPES = "media_types", "formats"


_DECIMAL = (LimitName.MIN_SECONDS, LimitName.MAX_SECONDS, LimitName.MIN_RATIO, LimitName.MAX_RATIO)
LimitValue = int | float | tuple[str, ...] | None


class ModelLimit(Sourced):
    """Of each file of an input; `max_count` of their number, and `max_files` of those of all inputs of a model.

    An empty value says that no limit is stated, whatever was read elsewhere.
    """

    model = models.ForeignKey(SegmindModel, on_delete=models.CASCADE, related_name="limits")
    input = models.ForeignKey(
        ModelInput, null=True, blank=True, on_delete=models.CASCADE, related_name="limits", help_text="empty for all"
    )
    name = models.CharField("limit", max_length=20, choices=LimitName.choices)
    value = models.CharField(
        max_length=VALUE_LENGTH, blank=True, help_text="a number, or media types separated by spaces; empty: not stated"
    )

    class Meta:
        ordering = ("input__position", "name")
        constraints = [
            models.UniqueConstraint(fields=["input", "name"], name="model_limit_name"),
            models.UniqueConstraint(fields=["model"], condition=Q(input=None), name="model_limit_of_all"),
            models.CheckConstraint(
                name="model_limit_of_all_is_max_files",
                condition=Q(input=None, name=LimitName.MAX_FILES)
                | (Q(input__isnull=False) & ~Q(name=LimitName.MAX_FILES)),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_name_display()}: {self.value or 'not stated'}"

    def clean(self) -> None:
        if self.input and self.input.model_id != self.model_id:
            raise ValidationError({"input": "This input belongs to another model."})
        try:
            self.parse()
        except ValueError:
            raise ValidationError({"value": "Write a positive number, or media types such as “image/png”."}) from None

    def check_value(self) -> None:
        """Raises ValueError."""
        if self.input and self.input.model_id != self.model_id:
            raise ValueError("an input of another model")
        self.parse()

    def parse(self) -> LimitValue:
        """None where no limit is stated. Raises ValueError for what is no such limit."""
        if not self.value.strip():
            return None
        if self.name == LimitName.MEDIA_TYPES:
            return _parse_media_types(self.value)
        number = float(self.value) if self.name in _DECIMAL else int(self.value)
        if not 0 < number < 2**53:
            raise ValueError(self.value)
        return number


def _parse_media_types(value: str) -> tuple[str, ...]:
    types = value.lower().replace(",", " ").split()
    if not all(re.fullmatch(r"[a-z]+/[a-z0-9.+-]+", one) for one in types):
        raise ValueError(value)
    return tuple(dict.fromkeys(map(registered_name, types)))


class ModelSync(models.Model):
    """The one row about Segmind's lists: when they are read next, and what became of the last time."""

    EVERY = timedelta(days=1)

    next_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, help_text="when both were read last")
    listed = models.PositiveIntegerField(default=0, help_text="models in them")
    remarks = models.TextField(blank=True, help_text="what was strange or away, a line each")

    class Meta:
        verbose_name = "sync of models"

    def __str__(self) -> str:
        return "Sync of models"

    @classmethod
    def load(cls) -> "ModelSync":
        return cls.objects.get_or_create(pk=1)[0]

    @classmethod
    def claim(cls, now: datetime) -> bool:
        """Whether it is time, and no other worker was faster. A moment that is too far ahead is a wrong clock's."""
        due = Q(next_at__lte=now) | Q(next_at__gt=now + 2 * cls.EVERY)
        return cls.objects.filter(due, pk=cls.load().pk).update(next_at=now + cls.EVERY) == 1
