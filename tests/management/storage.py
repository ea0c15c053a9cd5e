"""Files in the storage of a test: lost, old, in quarantine, none at all."""

import os
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings as django_settings
from django.core.files.storage import default_storage
from django.utils import timezone

from assets.models import Asset, StoredFile, UploadRequest


def old(path: str | Path) -> None:
    hours_ago = (timezone.now() - timedelta(hours=2)).timestamp()
    os.utime(path, (hours_ago, hours_ago))


def make_old(name: str) -> None:
    old(default_storage.path(name))


def tomorrow() -> datetime:
    return timezone.now() + timedelta(days=1)


def lose(file: StoredFile) -> None:
    default_storage.delete(str(file.original.name))


def forget(rows) -> None:
    """Delete rows as if the database were a copy from before they were added."""
    pks = [row.pk for row in rows]
    Asset.objects.filter(stored_file__in=pks).delete()
    UploadRequest.files.through.objects.filter(storedfile__in=pks).delete()
    StoredFile.objects.filter(pk__in=pks).delete()


def quarantined() -> list[str]:
    """The files in the folder of today."""
    today = Path(django_settings.MEDIA_ROOT, "quarantine", str(timezone.localdate()))
    return sorted(str(path.relative_to(today)) for path in today.rglob("*") if path.is_file())
