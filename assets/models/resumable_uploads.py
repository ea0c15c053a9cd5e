"""Files that arrive in parts, with pauses."""

import uuid
from datetime import datetime, timedelta
from typing import Self

from django.conf import settings
from django.db import models

from .assets import FILE_NAME_LENGTH, Asset
from .users import User

# How long a part is kept after its last byte.
KEPT_FOR = timedelta(days=1)
CODE_LENGTH = 40


class ResumableUploadQuerySet(models.QuerySet["ResumableUpload"]):
    def begun_by(self, user: User) -> Self:
        return self.filter(owner=user.pk)

    def unfinished(self) -> Self:
        return self.filter(asset=None, error="")

    def open_at(self, now: datetime) -> Self:
        return self.filter(expires_at__gt=now)

    def expired(self, now: datetime) -> Self:
        return self.filter(expires_at__lte=now)


class ResumableUpload(models.Model):
    """What was announced of a file, and what became of it.

    The bytes that have arrived are in a file of their own, whose size is the offset: see `assets.uploads.part_file`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="resumable_uploads")
    file_name = models.CharField(max_length=FILE_NAME_LENGTH)
    length = models.BigIntegerField(help_text="in bytes")
    sha256 = models.CharField(max_length=64, blank=True, help_text="as announced; empty where unknown")
    metadata = models.TextField(blank=True, help_text="the header Upload-Metadata")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    asset = models.ForeignKey(Asset, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    is_known = models.BooleanField(default=False, help_text="The person could see the content already.")
    note = models.TextField(blank=True)
    error_code = models.CharField(max_length=CODE_LENGTH, blank=True)
    error = models.TextField(blank=True)

    objects = ResumableUploadQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["expires_at"], name="resumable_upload_expiry")]

    def __str__(self) -> str:
        return self.file_name

    @property
    def is_settled(self) -> bool:
        return self.asset_id is not None or bool(self.error)

    def touch(self, now: datetime) -> None:
        self.expires_at = now + KEPT_FOR
        self.save(update_fields=["expires_at"])
