"""Receiving files: from a form or a command to rows, a kept original and a task. After that they are safe."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from assets import originals
from assets.audit.log import record_changes, unrecorded
from assets.delivery.run import plan_delivery
from assets.models import Asset, Collection, Kind, State, StoredFile, Tag, Visibility
from assets.previews.render import make_preview
from assets.uploads import image_check, media_types
from assets.uploads.handler import SpooledFile

# Pictures that Pillow cannot judge: they are taken as libmagic names them.
UNJUDGED = ("image/svg+xml",)


class UploadMetadata(TypedDict, total=False):
    """What a person says about a file that they upload; `title` empty: the file's name without its ending."""

    title: str
    description: str
    tags: Iterable[str]
    collections: Iterable[str]
    visibility: str


@dataclass(frozen=True)
class Received:
    """`is_known`: the person could see this content in the library before; nothing new has to be sent.

    `note` says then where it already was: an entry of their own, rather than another's.
    """

    asset: Asset
    is_known: bool
    note: str


@dataclass(frozen=True)
class Content:
    """What is known of the bytes before they become a row."""

    sha256: str
    media_type: str
    size: int
    width: int | None
    height: int | None


def receive_upload(upload: SpooledFile, *, owner: Any, **about: Unpack[UploadMetadata]) -> Received:
    """Take one file into the library of `owner`.

    The same content is kept and sent once, whoever brings it. A person's own earlier entry is given back (out of
    the trash, if it was there), with the new tags and collections added to it.

    Raises ValidationError, with a code and a sentence for the person, where the file cannot be taken.
    """
    content = inspect(upload)
    with transaction.atomic():
        already = _already(content.sha256, owner)
        return _enter(_keep(content, upload), already, owner, upload.name or "", about)


def receive_known(sha256: str, *, owner: Any, file_name: str, **about: Unpack[UploadMetadata]) -> Received | None:
    """Make an entry of content that `owner` can see in the library, without its bytes; otherwise as `receive_upload()`.

    None: they have to come up. That is all that is said of content which only others may see.
    """
    with transaction.atomic():
        StoredFile.objects.select_for_update().filter(sha256=sha256).first()  # locked, as in _keep()
        already = _already(sha256, owner)
        if already is None or originals.is_wanted(already.stored_file):
            return None
        _make_due(already.stored_file)
        return _enter(already.stored_file, already, owner, file_name, about)


def check_size(size: int) -> None:
    """Raises ValidationError where a file of so many bytes is not accepted."""
    if size == 0:
        raise ValidationError("The file is empty (0 bytes). Choose the file again, or another one.", code="empty")
    if size > settings.UPLOAD_MAX_FILE_BYTES:
        raise ValidationError(
            f"The file has {_megabytes(size)}; at most {_megabytes(settings.UPLOAD_MAX_FILE_BYTES)} are "
            "accepted. Make it smaller, or ask an administrator to raise UPLOAD_MAX_FILE_BYTES.",
            code="too_large",
        )


def check_head(head: bytes) -> str:
    """The media type of a file that begins with `head` (up to HEAD_BYTES). Raises ValidationError if not accepted."""
    media_type = media_types.detect(head)
    if not media_types.is_accepted(media_type, settings.UPLOAD_MEDIA_TYPES):
        raise ValidationError(_unaccepted(media_type), code="media_type")
    return media_type


def inspect(upload: SpooledFile) -> Content:
    """Check a file against the rules, and find out what it is. Raises ValidationError."""
    check_size(upload.size)
    if upload.is_disk_full:
        raise ValidationError(
            "The server's disk is full, so the file was not kept. Tell an administrator, then upload it again.",
            code="disk_full",
        )
    upload.seek(0)
    media_type = check_head(upload.read(media_types.HEAD_BYTES))
    width = height = None
    if Kind.of(media_type) == Kind.IMAGE and media_type not in UNJUDGED:
        try:
            width, height = image_check.check(upload.temporary_file_path())
        except image_check.BrokenImageError:
            raise ValidationError(
                f"The picture is damaged: it begins as {media_type}, but cannot be read to its end. "
                "Export or download it again, then upload the new file.",
                code="broken",
            ) from None
    return Content(upload.sha256, media_type, upload.size, width, height)


def _already(sha256: str, owner: Any) -> Asset | None:
    """An entry of this content that the person may see, if there is one: their own, rather than another's."""
    visible = Asset.objects.visible_to(owner).filter(stored_file__sha256=sha256).select_related("stored_file", "owner")
    return visible.owned_by(owner).first() or visible.order_by("created_at", "id").first()


def _enter(
    stored_file: StoredFile, already: Asset | None, owner: Any, file_name: str, about: UploadMetadata
) -> Received:
    """The entry of `owner` on a stored file: a new one, or their earlier one with the new tags and collections."""
    note = _where(already, owner) if already else ""
    asset, is_new = Asset.objects.get_or_create(
        owner=owner,
        stored_file=stored_file,
        defaults={
            "title": about.get("title") or Asset.default_title(file_name),
            "file_name": file_name,
            "description": about.get("description", ""),
            "visibility": about.get("visibility", Visibility.TEAM),
            "kind": stored_file.kind,
            "size": stored_file.size,
        },
    )
    if asset.is_trashed:
        asset.restore()
    tags, collections = about.get("tags", ()), about.get("collections", ())
    if is_new:
        label_new(asset, tags=tags, collections=collections)
    else:
        in_already = asset.collections.visible_to(owner)
        asset.label(tags=[*_names(asset.tags), *tags], collections=[*_names(in_already), *collections], by=owner)
    return Received(asset, already is not None, note)


def _where(already: Asset, owner: Any) -> str:
    """For the person who brings content that they could see: where it is."""
    place = f"“{already.title}”"
    if collections := _names(already.collections.visible_to(owner)):
        place += f" in {', '.join(collections)}"
    if not already.is_owned_by(owner):
        return f"Already in the library: {place} by {already.owner.get_username()}. It is not sent again."
    if already.is_trashed:
        return f"You have it already: {place}. It is out of the trash again, its title and visibility as they were."
    return f"You have it already: {place}. Its title and visibility are as they were."


def _keep(content: Content, upload: SpooledFile) -> StoredFile:
    """The row of this content, with its original on disk, and due to be sent unless Segmind has it."""
    # Locked: what nobody had any more may be about to be forgotten, and is not once this entry is there.
    stored_file, is_new = StoredFile.objects.select_for_update().get_or_create(
        sha256=content.sha256,
        defaults={
            "media_type": content.media_type,
            "size": content.size,
            "width": content.width,
            "height": content.height,
        },
    )
    if originals.is_wanted(stored_file):
        name = f"originals/{content.sha256[:2]}/{content.sha256}"
        # A rename within one file system. Should the transaction fail after it, the file is without a row,
        # which does no harm: the same content finds it in its place.
        stored_file.original.save(name, upload, save=False)
        stored_file.width, stored_file.height = stored_file.width or content.width, stored_file.height or content.height
        stored_file.save(update_fields=["original", "width", "height"])
    _make_due(stored_file, is_new=is_new)
    return stored_file


def _make_due(stored_file: StoredFile, *, is_new: bool = False) -> None:
    """Have a new, failed or lost file sent, and its preview made."""
    now = timezone.now()
    row = StoredFile.objects.filter(pk=stored_file.pk)
    is_again = not is_new and (row.retry(now) or row.heal(now))
    if is_again:
        record_changes([(stored_file, {"state": (stored_file.state, State.QUEUED)})])
    if is_new or is_again:
        plan_delivery(now + timedelta(seconds=settings.SEGMIND_LINGER_SECONDS))
    if stored_file.needs_preview:
        make_preview.enqueue(str(stored_file.pk))


def _names(labels: Any) -> list[str]:
    return [label.full_name for label in labels.all()]


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


def label_new(asset: Asset, *, tags: Iterable[str], collections: Iterable[str]) -> None:
    """Give an entry its first tags and collections, recorded in one statement where the library takes four."""
    tags, collections = list(tags), list(collections)
    labels = Tag.objects.named(tags), Collection.objects.named(collections, asset.owner)
    with unrecorded():
        asset.tags.set(labels[0])
        asset.collections.set(labels[1])
    Asset.objects.filter(pk=asset.pk).reindex()
    # Of a private collection the name is not recorded.
    put_in = [str(collection) for collection in labels[1]]
    fields = {"tags": ("", ", ".join(tags)), "collections": ("", ", ".join(put_in))}
    if given := {name: change for name, change in fields.items() if change[1]}:
        record_changes([(asset, given)])
