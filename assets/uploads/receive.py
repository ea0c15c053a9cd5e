"""Receive a file: check it, keep its bytes, add the asset, queue the work. From then on the file is safe."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import TypedDict, Unpack

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.storage import default_storage
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import Case, When
from django.utils import timezone

from assets import disk, originals
from assets.audit.log import record_changes
from assets.delivery.run import plan_delivery
from assets.durability import syncing_meanwhile
from assets.models import Asset, Collection, State, StoredFile, Tag, Visibility
from assets.models.assets import NameChange, index_first, keys_without_labels
from assets.models.labels import Label
from assets.models.users import User
from assets.models.webhooks import Event
from assets.previews.render import plan_preview
from assets.uploads.hashed_file import HashedFile
from assets.uploads.inspection import Content, inspect

SHA256 = re.compile(r"[0-9a-f]{64}", re.ASCII)


class UploadMetadata(TypedDict, total=False):
    """What the uploader says about a file; without a title, the asset is named after the file."""

    title: str
    description: str
    tags: Iterable[str]
    collections: Iterable[str]
    visibility: str
    source_url: str


@dataclass(frozen=True)
class Receipt:
    """What became of an accepted file.

    `is_known`: the person could already see this content in the library; `note` then says where, in a sentence.
    """

    asset: Asset
    is_known: bool
    note: str


@disk.refusing_when_full()
def receive_upload(file: HashedFile, *, owner: User, **metadata: Unpack[UploadMetadata]) -> Receipt:
    """Add one uploaded file to the library.

    The same content is kept and sent once, whoever uploads it. If `owner` already has it, their asset is returned
    (restored from the trash if need be) with the new tags and collections added.

    Raises ValidationError, with a code and a message for the person, if the file cannot be accepted.
    """
    check_unchanged(file)
    content = inspect(file.open())
    with removing_what_fails(content.sha256), transaction.atomic(), syncing_meanwhile():
        stored_file, is_new = _keep(file, content)
        _queue_work(stored_file, is_new=is_new)
        if is_new:
            return _add_first_asset(stored_file, owner, file.name or "", metadata)
        return _add_asset(stored_file, _find_duplicate(content.sha256, owner), owner, file.name or "", metadata)


@contextmanager
def removing_what_fails(sha256: str) -> Iterator[None]:
    """Remove an original that was kept in vain: on a full disk, it would be in the way of everything."""
    name = originals.name_of(sha256)
    was_there = default_storage.exists(name)
    try:
        yield
    except Exception:
        if not was_there:
            with suppress(DatabaseError, InterfaceError, OSError):
                _remove_without_row(name, sha256)
        raise


@transaction.atomic
def _remove_without_row(name: str, sha256: str) -> None:
    # A row that is not committed keeps everybody else from adding the content meanwhile.
    _, is_new = StoredFile.objects.get_or_create(sha256=sha256, defaults={"size": 0})
    if is_new:
        default_storage.delete(name)
    transaction.set_rollback(True)


def check_unchanged(file: HashedFile) -> None:
    if file.has_changed:
        raise ValidationError("The file changed while it was uploading. Try again.", code="changed")


@disk.refusing_when_full()
def receive_known(sha256: str, *, owner: User, file_name: str, **metadata: Unpack[UploadMetadata]) -> Receipt | None:
    """Add an asset for content that `owner` can already see, without its bytes; otherwise like `receive_upload()`.

    None means that the bytes must be uploaded, and reveals nothing about content that only others can see. Raises
    ValidationError if the disk is full.
    """
    duplicate = _find_duplicate(sha256, owner)
    # Before the transaction, since it may read the original.
    if duplicate is None or originals.is_wanted(duplicate.stored_file):
        return None
    with transaction.atomic():
        StoredFile.objects.select_for_update().filter(sha256=sha256).first()  # locked, as in _keep()
        duplicate = _find_duplicate(sha256, owner)
        if duplicate is None:
            return None
        _queue_work(duplicate.stored_file, is_new=False)
        return _add_asset(duplicate.stored_file, duplicate, owner, file_name, metadata)


def known_hashes(hashes: Iterable[str], owner: User) -> set[str]:
    """Those of them whose content the person can see. Texts that are no SHA-256 are none of anything."""
    asked = [sha256 for sha256 in hashes if SHA256.fullmatch(sha256)]
    visible = Asset.objects.visible_to(owner).filter(stored_file__sha256__in=asked)
    return set(visible.values_list("stored_file__sha256", flat=True))


def _find_duplicate(sha256: str, owner: User) -> Asset | None:
    """An asset with this content that the person can see, preferably their own."""
    visible = Asset.objects.visible_to(owner).filter(stored_file__sha256=sha256).select_related("stored_file", "owner")
    is_own = Case(When(owner_id=owner.pk, then=True), default=False)
    return visible.order_by(is_own.desc(), "created_at", "id").first()


def _keep(file: HashedFile, content: Content) -> tuple[StoredFile, bool]:
    """The row for this content, with its original in storage; and whether the row is new."""
    # Locked, so that content whose last asset was just deleted is not released while this asset is added.
    stored_file, is_new = StoredFile.objects.select_for_update().get_or_create(
        sha256=content.sha256, defaults=describe_content(content)
    )
    if originals.is_needed(stored_file):
        # A rename within one file system, so it costs less than finding out whether an earlier original is intact.
        keep_original(stored_file, file)
    if not is_new and (content.width, content.height) != (stored_file.width, stored_file.height):
        stored_file.width, stored_file.height = stored_file.width or content.width, stored_file.height or content.height
        stored_file.warning = stored_file.warning or content.warning
        stored_file.save(update_fields=["width", "height", "warning"])
    return stored_file, is_new


def describe_content(content: Content) -> dict[str, object]:
    return {
        "media_type": content.media_type,
        "size": content.size,
        "width": content.width,
        "height": content.height,
        "warning": content.warning,
        "original": originals.name_of(content.sha256),
    }


def keep_original(stored_file: StoredFile, file: HashedFile) -> None:
    # It may have arrived minutes ago, before the rest of its form: `check_library` spares only what is new.
    os.utime(file.temporary_file_path())
    originals.keep(stored_file, file)


def _queue_work(stored_file: StoredFile, *, is_new: bool) -> None:
    """Send a file that is new, failed or lost, and make a missing preview."""
    now = timezone.now()
    row = StoredFile.objects.filter(pk=stored_file.pk)
    is_sent_again = not is_new and (row.retry(now) or row.reupload(now))
    if is_sent_again:
        record_changes([(stored_file, {"state": (stored_file.state, State.QUEUED)})])
    if is_new or is_sent_again:
        plan_delivery(now + timedelta(seconds=settings.SEGMIND_LINGER_SECONDS))
    was_damaged = stored_file.error == originals.DAMAGED
    if stored_file.needs_preview or (was_damaged and stored_file.may_have_preview):
        plan_preview(stored_file.pk, again=was_damaged)


def _add_first_asset(stored_file: StoredFile, owner: User, file_name: str, metadata: UploadMetadata) -> Receipt:
    """Of content that is new: until this transaction is committed, nobody else can have an asset of it."""
    values = describe_asset(stored_file, owner, file_name, metadata)
    asset = Asset.objects.create(owner=owner, stored_file=stored_file, **values)
    label_new_assets([asset], owner, metadata)
    return Receipt(asset, False, "")


def _add_asset(
    stored_file: StoredFile, duplicate: Asset | None, owner: User, file_name: str, metadata: UploadMetadata
) -> Receipt:
    note = _describe_duplicate(duplicate, owner) if duplicate else ""
    values = describe_asset(stored_file, owner, file_name, metadata)
    asset, is_new = Asset.objects.get_or_create(owner=owner, stored_file=stored_file, defaults=values)
    if is_new and stored_file.state == State.STORED:
        Asset.objects.filter(pk=asset.pk).announce(Event.STORED)
    if is_new:
        label_new_assets([asset], owner, metadata)
    else:
        _update_earlier_asset(asset, owner, metadata)
    return Receipt(asset, duplicate is not None, note)


def describe_asset(stored_file: StoredFile, owner: User, file_name: str, metadata: UploadMetadata) -> dict[str, object]:
    title, description = metadata.get("title") or Asset.default_title(file_name), metadata.get("description", "")
    return {
        "title": title,
        "file_name": file_name,
        "description": description,
        "source_url": metadata.get("source_url", ""),
        "visibility": metadata.get("visibility", Visibility.TEAM),
        "kind": stored_file.kind,
        "size": stored_file.size,
        **keys_without_labels(title, file_name, description, owner),
    }


def _describe_duplicate(duplicate: Asset, owner: User) -> str:
    """Where the person can find the content they uploaded again."""
    place = f"“{duplicate.title}”"
    if collections := _names(duplicate.collections.visible_to(owner)):
        place += f" in {', '.join(collections)}"
    if not duplicate.is_owned_by(owner):
        return f"Already in the library: {place} by {duplicate.owner.get_username()}. It won’t be sent again."
    if duplicate.is_trashed:
        return f"You already have {place}. It was restored from the trash, with its title and visibility unchanged."
    return f"You already have {place}. Its title and visibility haven’t changed."


def label_new_assets(assets: Sequence[Asset], owner: User, metadata: UploadMetadata) -> None:
    """Set the first tags and collections, with one record in the audit log for each asset."""
    tags, collections = _read_labels(metadata)
    if not tags and not collections:
        return
    tag_rows, collection_rows = (
        Tag.objects.get_or_create_all(tags),
        Collection.objects.get_or_create_all(collections, owner),
    )
    tagged, collected = Asset.tags.through, Asset.collections.through
    tags_of = [tagged(asset=asset, tag=tag) for asset in assets for tag in tag_rows]
    collections_of = [collected(asset=asset, collection=each) for asset in assets for each in collection_rows]
    tagged._default_manager.bulk_create(tags_of, ignore_conflicts=True)
    collected._default_manager.bulk_create(collections_of, ignore_conflicts=True)
    index_first(assets)
    # str(), because it does not name a private collection.
    added = {"tags": ", ".join(tags), "collections": ", ".join(map(str, collection_rows))}
    if changes := {field: ("", names) for field, names in added.items() if names}:
        record_changes((asset, changes) for asset in assets)


def _update_earlier_asset(asset: Asset, owner: User, metadata: UploadMetadata) -> None:
    tags, collections = _read_labels(metadata)
    if asset.is_trashed:
        asset.restore()
    asset.change_labels(tags=NameChange(tags), collections=NameChange(collections), by=owner)


def _read_labels(metadata: UploadMetadata) -> tuple[list[str], list[str]]:
    return list(metadata.get("tags", ())), list(metadata.get("collections", ()))


def _names(labels: Iterable[Label]) -> list[str]:
    return [label.full_name for label in labels]
