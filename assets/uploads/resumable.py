"""Uploads that can be interrupted: begun, continued from the last byte that arrived, and received once complete."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from django.core.exceptions import ValidationError

from assets import disk
from assets.models import ResumableUpload, User
from assets.models.resumable_uploads import KEPT_FOR
from assets.uploads.forms import AnnouncedFileForm
from assets.uploads.hashed_file import HashedFile
from assets.uploads.part_file import PartFile, find_unchanged_since
from assets.uploads.receive import Receipt, receive_known, receive_upload

# Of one person. Each costs an inode at least.
MAX_UNFINISHED = 1000
CHUNK_BYTES = 256 * 1024


class TooManyUnfinishedError(Exception):
    """The person has to finish or cancel some first."""


@disk.refusing_when_full()
def begin(owner: User, form: AnnouncedFileForm, metadata: str, now: datetime) -> ResumableUpload:
    """Begin an upload of what a valid form announces. Content that the person can see already is settled at once.

    Raises ValidationError if such a file would not be accepted.
    """
    form.check_content()
    if ResumableUpload.objects.begun_by(owner).unfinished().count() >= MAX_UNFINISHED:
        raise TooManyUnfinishedError
    data = form.cleaned_data
    upload = ResumableUpload(
        owner=owner,
        file_name=data["file_name"],
        length=data["size"],
        sha256=data["sha256"],
        metadata=metadata,
        created_at=now,
        expires_at=now + KEPT_FOR,
    )
    said = form.metadata(owner)
    known = upload.sha256 and receive_known(upload.sha256, owner=owner, file_name=upload.file_name, **said)
    if known:
        _set_receipt(upload, known)
    elif disk.free_bytes() < upload.length:
        raise disk.full_error()
    upload.save(force_insert=True)
    return upload


def get_offset(upload: ResumableUpload) -> int:
    """How many bytes have arrived."""
    return upload.length if upload.is_settled else PartFile.of(upload.pk).offset


@disk.refusing_when_full()
def append(upload: ResumableUpload, read: Callable[[int], bytes], count: int, at: int) -> int:
    """Keep `count` bytes that follow the first `at`; returns the new offset.

    Whatever has arrived before an error is kept. Raises OvertakenError if other bytes have arrived meanwhile.
    """
    part, end = PartFile.of(upload.pk), at + count
    while at < end and (chunk := read(min(CHUNK_BYTES, end - at))):
        at = part.append(chunk, at)
    return at


def settle(upload: ResumableUpload, describe: Callable[[ResumableUpload], AnnouncedFileForm]) -> None:
    """Receive the file if all of it has arrived. It gets its asset, or the reason why it was refused.

    Where several requests do so at once, one does it. Raises ValidationError while the disk is full.
    """
    part = PartFile.of(upload.pk)
    if upload.is_settled or part.offset < upload.length:
        return
    with suppress(FileNotFoundError), part.locked():
        upload.refresh_from_db()
        if not upload.is_settled:
            _receive(upload, part, describe(upload))
    upload.refresh_from_db()
    part.delete()


def _receive(upload: ResumableUpload, part: PartFile, form: AnnouncedFileForm) -> None:
    try:
        with HashedFile.from_part(part.path, upload.file_name) as file:
            file.announced |= {upload.sha256} - {""}
            _set_receipt(upload, receive_upload(file, owner=upload.owner, **form.metadata(upload.owner)))
    except ValidationError as error:
        if error.code == disk.FULL:
            raise
        upload.error_code, upload.error = error.code or "invalid", " ".join(error.messages)
    upload.save()


def _set_receipt(upload: ResumableUpload, receipt: Receipt) -> None:
    upload.asset, upload.is_known, upload.note = receipt.asset, receipt.is_known, receipt.note


def cancel(upload: ResumableUpload) -> None:
    """Forget an upload and the bytes that have arrived. What became an asset stays."""
    ResumableUpload.objects.filter(pk=upload.pk).delete()
    PartFile.of(upload.pk).delete()


def delete_expired(now: datetime) -> None:
    for upload in ResumableUpload.objects.expired(now):
        cancel(upload)
    parts = dict(find_unchanged_since(now - KEPT_FOR))
    known = set(ResumableUpload.objects.filter(pk__in=parts).values_list("pk", flat=True))
    for pk in parts.keys() - known:
        parts[pk].delete()
