"""Receive several files at once whose content is new, as most of it is. `receive` takes all the others, one by one."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import timedelta

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from assets import disk
from assets.audit.log import record_created
from assets.delivery.run import plan_delivery
from assets.durability import syncing_meanwhile
from assets.models import Asset, StoredFile
from assets.models.users import User
from assets.previews.render import plan_previews
from assets.uploads.hashed_file import HashedFile
from assets.uploads.inspection import Content, inspect
from assets.uploads.receive import (
    Receipt,
    UploadMetadata,
    check_unchanged,
    describe_asset,
    describe_content,
    keep_original,
    label_new_assets,
    removing_what_fails,
)

New = dict[str, tuple[HashedFile, Content]]


class _NotNewError(Exception):
    """Somebody else has just added the same content."""


def receive_new(files: Sequence[HashedFile], *, owner: User, metadata: UploadMetadata) -> dict[HashedFile, Receipt]:
    """The receipts of those that were acceptable, and whose content nobody had. Nothing has become of the others.

    Raises ValidationError if the disk is full.
    """
    new = _find_new(files)
    try:
        assets = _add(new, owner, metadata) if new else []
    except _NotNewError:
        return {}
    return {file: Receipt(asset, False, "") for (file, _), asset in zip(new.values(), assets, strict=True)}


def _find_new(files: Sequence[HashedFile]) -> New:
    found: New = {}
    for file in files:
        try:
            check_unchanged(file)
            content = inspect(file.open())
        except ValidationError:
            continue
        found.setdefault(content.sha256, (file, content))
    there = set(StoredFile.objects.filter(sha256__in=found).values_list("sha256", flat=True))
    return {sha256: each for sha256, each in found.items() if sha256 not in there}


@disk.refusing_when_full()
def _add(new: New, owner: User, metadata: UploadMetadata) -> list[Asset]:
    with _removing_all_that_fails(new), transaction.atomic(), syncing_meanwhile():
        stored_files = _create_files(new)
        for sha256, (file, _) in new.items():
            keep_original(stored_files[sha256], file)
        plan_delivery(timezone.now() + timedelta(seconds=settings.SEGMIND_LINGER_SECONDS))
        plan_previews(stored_files.values())
        names = {sha256: file.name or "" for sha256, (file, _) in new.items()}
        assets = [_describe(stored_files[sha256], owner, name, metadata) for sha256, name in names.items()]
        Asset.objects.bulk_create(assets)
        record_created(assets)
        label_new_assets(assets, owner, metadata)
    return assets


@contextmanager
def _removing_all_that_fails(new: New) -> Iterator[None]:
    with ExitStack() as stack:
        for sha256 in new:
            stack.enter_context(removing_what_fails(sha256))
        yield


def _create_files(new: New) -> dict[str, StoredFile]:
    """Each a little later than the one before, so that they are sent in this order; written in that of their hashes,
    so that two who add the same do not wait for each other."""
    rows = [_describe_file(content) for _, content in new.values()]
    try:
        StoredFile.objects.bulk_create(sorted(rows, key=lambda row: row.sha256))
    except IntegrityError as error:
        raise _NotNewError from error
    return {row.sha256: row for row in rows}


def _describe_file(content: Content) -> StoredFile:
    row = StoredFile(sha256=content.sha256, **describe_content(content))
    row.preview_at = timezone.now() if row.needs_preview else None
    return row


def _describe(stored_file: StoredFile, owner: User, file_name: str, metadata: UploadMetadata) -> Asset:
    values = describe_asset(stored_file, owner, file_name, metadata)
    return Asset(owner=owner, stored_file=stored_file, **values)
