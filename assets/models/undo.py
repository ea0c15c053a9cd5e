"""What a person can take back: the last changes of assets, with what each asset was before."""

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Self, TypeAlias

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef

from .users import User

# How long a person can take a change back.
UNDO_TIME = timedelta(hours=1)
SUMMARY_LENGTH = 300

# A time is in ISO format; labels are ids.
Value: TypeAlias = str | list[str] | None
# By field: the value before and after; of labels, those removed and those added.
AssetChange: TypeAlias = Mapping[str, tuple[Value, Value]]


class UndoStepQuerySet(models.QuerySet["UndoStep"]):
    def open_to(self, user: User, now: datetime) -> Self:
        """Those that the person can still undo, the latest first."""
        has_batches = Exists(UndoBatch.objects.filter(step=OuterRef("pk")))
        return self.filter(has_batches, user=user.pk, made_at__gt=now - UNDO_TIME).order_by("-made_at", "-pk")

    def expired(self, now: datetime) -> Self:
        return self.filter(made_at__lte=now - UNDO_TIME)


class UndoStep(models.Model):
    """One change of any number of assets. `request` is the `cid` under which the audit log has it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="undo_steps")
    made_at = models.DateTimeField()
    request = models.CharField(max_length=64, blank=True, default="")
    summary = models.CharField(max_length=SUMMARY_LENGTH, blank=True, default="")

    objects = UndoStepQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["user", "-made_at"], name="undo_step_latest"),
            models.Index(fields=["made_at"], name="undo_step_expired"),
        ]

    def __str__(self) -> str:
        return self.summary


class UndoBatch(models.Model):
    """A part of a step, written in the transaction of its change, and deleted in that which undoes it."""

    step = models.ForeignKey(UndoStep, on_delete=models.CASCADE, related_name="batches")
    made_at = models.DateTimeField()
    changes = models.JSONField(help_text="an AssetChange by id of the asset")

    def __str__(self) -> str:
        return f"{self.step}: {len(self.changes)}"
