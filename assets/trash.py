"""Deleting assets permanently, and the content that no asset uses any more.

Segmind cannot delete a file: its URL stays public. So the library keeps the hash and the URL of content that it
releases, and does not send the same content again when it is uploaded once more.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets import quarantine
from assets.audit.log import audit_context, record_changes
from assets.models import Asset, State, StoredFile
from assets.models.assets import AssetQuerySet
from assets.models.queue import lock_queue

# A batch has to fit between two heartbeats of the worker.
BATCH_SIZE = 500
# Content that is being sent cannot be released yet: try again after this.
RELEASE_DELAY = timedelta(minutes=10)


def delete_permanently(assets: AssetQuerySet, *, to_quarantine: bool = False) -> int:
    """Delete those of the assets that are in the trash, and enqueue the release of content that is left without any.

    Its files are deleted too, or with `to_quarantine` moved there. Returns the number of deleted assets.
    """
    with transaction.atomic():
        trashed = dict(assets.trashed().select_for_update().values_list("pk", "stored_file_id"))
        if not trashed:
            return 0
        Asset.objects.filter(pk__in=trashed).delete()
        release.enqueue(sorted(str(pk) for pk in set(trashed.values())), to_quarantine)
    return len(trashed)


def delete_expired(now: datetime) -> int:
    """Delete a batch of the assets that have been in the trash for TRASH_DAYS; returns how many.

    Nobody asks for that at this moment, and a database restored from an older copy does not know what has left the
    trash since. So their files move to quarantine.
    """
    if not settings.TRASH_DAYS:
        return 0
    expired = Asset.objects.trashed().filter(trashed_at__lte=now - timedelta(days=settings.TRASH_DAYS))
    pks = list(expired.order_by("trashed_at").values_list("pk", flat=True)[:BATCH_SIZE])
    with audit_context(name="empty_trash"):
        return delete_permanently(Asset.objects.filter(pk__in=pks), to_quarantine=True) if pks else 0


def release_content(pks: Iterable[str], *, to_quarantine: bool = False) -> list[str]:
    """Release the content that no asset uses: its files, and the whole row if it was never stored at Segmind.

    Returns the ids of content that is being sent and can only be released later.
    """
    with transaction.atomic():
        lock_queue()
        unused = _lock_unused(pks)
        released = [file for file in unused if file.state != State.SENDING]
        StoredFile.objects.filter(pk__in=[file.pk for file in released]).release()
        kept = {file.pk: "hash and URL" if file.url else "nothing" for file in released}
        record_changes(((file, {"kept": ("everything", kept[file.pk])}) for file in released), actor="release")
    _remove_files(released, to_quarantine=to_quarantine)
    return [str(file.pk) for file in unused if file.state == State.SENDING]


def _lock_unused(pks: Iterable[str]) -> list[StoredFile]:
    """The rows without an asset, looked up after they are locked: an upload of the same content either waits for the
    lock or has added its asset."""
    rows = StoredFile.objects.filter(pk__in=list(pks))
    locked = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return list(rows.filter(pk__in=locked).without_asset())


@transaction.atomic
def _remove_files(released: list[StoredFile], *, to_quarantine: bool) -> None:
    """Remove the files that no row names any more, then the rows of content that was never stored.

    This is a second transaction, so that files go only once their release is committed. It locks the rows again: the
    same content may have been uploaded meanwhile, and then the row names its file again.
    """
    current = StoredFile.objects.order_by("pk").select_for_update().in_bulk([file.pk for file in released])
    for file in released:
        for field in ("original", "preview"):
            name = str(getattr(file, field).name or "")
            if name and file.pk in current and not getattr(current[file.pk], field):
                _remove_file(name, to_quarantine=to_quarantine)
    StoredFile.objects.filter(pk__in=current).failed().without_asset().delete()


def _remove_file(name: str, *, to_quarantine: bool) -> None:
    if not to_quarantine:
        default_storage.delete(name)
    elif default_storage.exists(name):
        quarantine.move(name, timezone.now())


@task(queue_name="upkeep")
def release(stored_file_ids: list[str], to_quarantine: bool = False) -> None:
    if being_sent := release_content(stored_file_ids, to_quarantine=to_quarantine):
        release.using(run_after=timezone.now() + RELEASE_DELAY).enqueue(being_sent, to_quarantine)
