"""Receiving files: from a form or a command to rows, a kept original and a task. After that they are safe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from assets.models import Asset, Kind, State, StoredFile, Visibility
from assets.services import images, media_types
from assets.services.spool import SpooledFile
from assets.tasks import make_preview, plan_delivery

# Pictures that Pillow cannot judge: they are taken as libmagic names them.
UNJUDGED = ("image/svg+xml",)


@dataclass(frozen=True)
class Received:
    """`is_known`: the person could already see this content in the library; nothing new has to be sent.

    `is_own`: it is an entry that the person had before, with its own title and visibility, `was_trashed` until now.
    """

    asset: Asset
    is_known: bool
    is_own: bool
    was_trashed: bool


@dataclass(frozen=True)
class Content:
    """What is known of the bytes before they become a row."""

    sha256: str
    media_type: str
    size: int
    width: int | None
    height: int | None


def receive(
    upload: SpooledFile,
    *,
    owner: Any,
    title: str = "",
    description: str = "",
    tags: Iterable[str] = (),
    collections: Iterable[str] = (),
    visibility: str = Visibility.TEAM,
) -> Received:
    """Take one file into the library of `owner`.

    The same content is kept and sent once, whoever brings it. A person's own earlier entry is given back (out of
    the trash, if it was there), with the new tags and collections added to it.

    Raises ValidationError, with a code and a sentence for the person, where the file cannot be taken.
    """
    content = inspect(upload)
    with transaction.atomic():
        known_to = Asset.objects.visible_to(owner).current().filter(stored_file__sha256=content.sha256)
        is_known = known_to.exists()
        stored_file = _keep(content, upload)
        asset, is_new = Asset.objects.get_or_create(
            owner=owner,
            stored_file=stored_file,
            defaults={
                "title": title or Asset.default_title(upload.name or ""),
                "file_name": upload.name or "",
                "description": description,
                "visibility": visibility,
                "kind": stored_file.kind,
                "size": stored_file.size,
            },
        )
        was_trashed = asset.is_trashed
        if was_trashed:
            asset.restore()
        if is_new:
            asset.label(tags=tags, collections=collections)
        else:
            asset.label(tags=[*_names(asset.tags), *tags], collections=[*_names(asset.collections), *collections])
    return Received(asset, is_known, not is_new, was_trashed)


def inspect(upload: SpooledFile) -> Content:
    """Check a file against the rules, and find out what it is. Raises ValidationError."""
    if upload.size == 0:
        raise ValidationError("The file is empty (0 bytes). Choose the file again, or another one.", code="empty")
    if upload.is_too_large:
        raise ValidationError(
            f"The file has {_megabytes(upload.size)}; at most {_megabytes(settings.UPLOAD_MAX_FILE_BYTES)} are "
            "accepted. Make it smaller, or ask an administrator to raise UPLOAD_MAX_FILE_BYTES.",
            code="too_large",
        )
    if upload.is_disk_full:
        raise ValidationError(
            "The server's disk is full, so the file was not kept. Tell an administrator, then upload it again.",
            code="disk_full",
        )
    upload.seek(0)
    media_type = media_types.detect(upload.read(media_types.HEAD_BYTES))
    if not media_types.is_accepted(media_type, settings.UPLOAD_MEDIA_TYPES):
        raise ValidationError(_unaccepted(media_type), code="media_type")
    width = height = None
    if Kind.of(media_type) == Kind.IMAGE and media_type not in UNJUDGED:
        try:
            width, height = images.check(upload.temporary_file_path())
        except images.BrokenImageError:
            raise ValidationError(
                f"The picture is damaged: it begins as {media_type}, but cannot be read to its end. "
                "Export or download it again, then upload the new file.",
                code="broken",
            ) from None
    return Content(upload.sha256, media_type, upload.size, width, height)


def retry(stored_files: QuerySet[StoredFile]) -> int:
    """Put failed files back into the queue; how many there were."""
    with transaction.atomic():
        now = timezone.now()
        count = stored_files.retry(now)  # type: ignore[attr-defined]
        if count:
            plan_delivery(now)
    return count


def _keep(content: Content, upload: SpooledFile) -> StoredFile:
    """The row of this content, with its original on disk, and due to be sent unless Segmind has it."""
    stored_file, is_new = StoredFile.objects.get_or_create(
        sha256=content.sha256,
        defaults={
            "media_type": content.media_type,
            "size": content.size,
            "width": content.width,
            "height": content.height,
        },
    )
    lacks_original = not stored_file.original and (settings.KEEP_ORIGINALS or stored_file.state != State.STORED)
    if lacks_original:
        name = f"originals/{content.sha256[:2]}/{content.sha256}"
        # A rename within one file system. Should the transaction fail after it, the file is without a row,
        # which does no harm: the same content finds it in its place.
        stored_file.original.save(name, upload, save=False)
        stored_file.save(update_fields=["original"])
    now = timezone.now()
    if is_new or StoredFile.objects.filter(pk=stored_file.pk).retry(now):
        plan_delivery(now + timedelta(seconds=settings.SEGMIND_LINGER_SECONDS))
    if stored_file.needs_preview:
        make_preview.enqueue(str(stored_file.pk))
    return stored_file


def _names(labels: Any) -> list[str]:
    return list(labels.values_list("name", flat=True))


def _unaccepted(media_type: str) -> str:
    accepted = media_types.in_words(settings.UPLOAD_MEDIA_TYPES)
    if media_type in (media_types.UNKNOWN, "text/plain"):
        return (
            f"The file is damaged, or not what its name says: no media type fits its content. Accepted are {accepted}."
        )
    return f"The content is {media_type}, whatever the file’s name says. Accepted are {accepted}."


def _megabytes(size: int) -> str:
    """Bytes in megabytes of 10^6, as the settings count them."""
    return f"{size / 1_000_000:,.1f} MB".replace(".0 MB", " MB")
