"""Assets that go together into a request to a model, each with what it is there for."""

import uuid
from datetime import datetime
from typing import TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from .assets import Asset
from .catalogue import SLUG_LENGTH
from .states import Kind, Visibility
from .undo import UNDO_TIME
from .users import User

TITLE_LENGTH = 200
NOTE_LENGTH = 5000
WORDS_LENGTH = 200
MAX_MEMBERS = 50
# An edit that was begun so many changes ago can still be merged, and undone.
KEPT_VERSIONS = 100

JsonState: TypeAlias = dict[str, str | list[dict[str, str]]]


class SetRole(models.TextChoices):
    OWN = "own", "Own words"
    FIRST_FRAME = "first_frame", "First frame"
    LAST_FRAME = "last_frame", "Last frame"
    CHARACTER = "character", "Character"
    PRODUCT = "product", "Product"
    STYLE = "style", "Style"
    MOTION = "motion", "Motion"
    VOICE = "voice", "Voice"

    @classmethod
    def usual_for(cls, kind: str) -> "SetRole":
        return {Kind.VIDEO: cls.MOTION, Kind.AUDIO: cls.VOICE}.get(Kind(kind), cls.OWN)


class ReferenceSetQuerySet(models.QuerySet["ReferenceSet"]):
    def visible_to(self, user: User) -> "ReferenceSetQuerySet":
        return self.filter(Q(visibility=Visibility.TEAM) | Q(owner_id=user.pk), deleted_at=None)

    def deleted_by(self, user: User, now: datetime) -> "ReferenceSetQuerySet":
        """Those that the person can still bring back."""
        return self.filter(changed_by=user.pk, deleted_at__gt=now - UNDO_TIME)

    def expired(self, now: datetime) -> "ReferenceSetQuerySet":
        return self.filter(deleted_at__lte=now - UNDO_TIME)

    def latest_first(self) -> "ReferenceSetQuerySet":
        return self.order_by("-updated_at", "-id")

    def before(self, updated_at: datetime, pk: uuid.UUID) -> "ReferenceSetQuerySet":
        """Those that follow that one, the latest first."""
        return self.filter(Q(updated_at__lt=updated_at) | Q(updated_at=updated_at, id__lt=pk))

    def with_people(self, user: User) -> "ReferenceSetQuerySet":
        """With `is_pinned`."""
        pins = SetPin.objects.filter(reference_set=OuterRef("pk"), user=user.pk)
        return self.select_related("owner", "changed_by").annotate(is_pinned=Exists(pins))


class ReferenceSet(models.Model):
    """`version` counts the changes, of which `changed_by` made the last. `model` is a slug, in the catalogue or not."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reference_sets")
    title = models.CharField(max_length=TITLE_LENGTH)
    note = models.TextField(blank=True, max_length=NOTE_LENGTH)
    model = models.CharField(max_length=SLUG_LENGTH, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.TEAM)
    version = models.PositiveIntegerField(default=1)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ReferenceSetQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["-updated_at", "-id"], name="reference_set_latest"),
            models.Index(fields=["owner", "-updated_at", "-id"], name="reference_set_own"),
            models.Index(fields=["deleted_at"], name="reference_set_deleted", condition=Q(deleted_at__isnull=False)),
        ]

    def __str__(self) -> str:
        # Written to logs that other people read.
        return self.title if self.is_team else "a private set"

    def get_absolute_url(self) -> str:
        return reverse("reference_set", args=[self.pk])

    @property
    def is_team(self) -> bool:
        return self.visibility == Visibility.TEAM


class SetMember(models.Model):
    """`asset` is empty once that was deleted permanently: the place stays. `kind` is that of the asset."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    reference_set = models.ForeignKey(ReferenceSet, on_delete=models.CASCADE, related_name="members", db_index=False)
    # Without a constraint, so that code of before, which knows of no sets, can delete the asset.
    asset = models.ForeignKey(
        Asset, null=True, blank=True, on_delete=models.SET_NULL, related_name="set_members", db_constraint=False
    )
    kind = models.CharField(max_length=10, choices=Kind.choices)
    position = models.PositiveSmallIntegerField(default=0)
    role = models.CharField(max_length=20, choices=SetRole.choices, default=SetRole.OWN)
    words = models.CharField(max_length=WORDS_LENGTH, blank=True, help_text="what a prompt says of it")

    class Meta:
        indexes = [models.Index(fields=["reference_set", "position"], name="set_member_order")]

    def __str__(self) -> str:
        return f"{self.asset_id} in {self.reference_set_id}"


class SetRevision(models.Model):
    """What a set was after a change: edits that were begun then are merged by it, and undone."""

    reference_set = models.ForeignKey(ReferenceSet, on_delete=models.CASCADE, related_name="revisions", db_index=False)
    version = models.PositiveIntegerField()
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    at = models.DateTimeField()
    state = models.JSONField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["reference_set", "version"], name="set_revision_once")]

    def __str__(self) -> str:
        return f"{self.reference_set_id}, version {self.version}"


class SetPin(models.Model):
    """A set in somebody's sidebar."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="set_pins")
    reference_set = models.ForeignKey(ReferenceSet, on_delete=models.CASCADE, related_name="pins")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "reference_set"], name="set_pin_once")]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.reference_set_id}"
