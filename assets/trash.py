"""What becomes of entries that nobody wants any more.

Segmind cannot delete: a URL stays public. So the library goes on knowing the hash and the URL of a content that it has
let go, and the same content uploaded again is not sent a second time.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.audit.log import audit_context, record_changes
from assets.models import Asset, State, StoredFile
from assets.models.assets import AssetQuerySet
from assets.models.queue import lock_queue

# At a time, between two signs of life of the worker.
MOST_AT_ONCE = 500


def purge(assets: AssetQuerySet) -> int:
    """Delete these entries of the trash for good, and have contents forgotten that nobody has any more."""
    with transaction.atomic():
        trashed = dict(assets.trashed().select_for_update().values_list("pk", "stored_file_id"))
        if not trashed:
            return 0
        Asset.objects.filter(pk__in=trashed).delete()
        forget.enqueue(sorted(str(pk) for pk in set(trashed.values())))
    return len(trashed)


def empty_old(now: datetime) -> int:
    """Purge some of what has been in the trash for TRASH_DAYS; how many there were."""
    if not settings.TRASH_DAYS:
        return 0
    expired = Asset.objects.trashed().filter(trashed_at__lte=now - timedelta(days=settings.TRASH_DAYS))
    pks = list(expired.order_by("trashed_at").values_list("pk", flat=True)[:MOST_AT_ONCE])
    # Asked again by the purge: one of them may have been restored meanwhile.
    with audit_context(name="empty_trash"):
        return purge(Asset.objects.filter(pk__in=pks)) if pks else 0


def release_content(pks: Iterable[str]) -> list[str]:
    """Forget those of the contents that nobody has: all of one that was never stored, all but hash and URL of others.

    Gives back those that are being sent just now: nothing can be said of them yet.
    """
    with transaction.atomic():
        lock_queue()
        files = _of_nobody(pks)
        free = [file for file in files if file.state != State.SENDING]
        StoredFile.objects.filter(pk__in=[file.pk for file in free]).release()
        kept = {file.pk: "hash and URL" if file.url else "nothing" for file in free}
        record_changes(((file, {"kept": ("everything", kept[file.pk])}) for file in free), actor="forget")
    _remove_files(free)
    return [str(file.pk) for file in files if file.state == State.SENDING]


def _of_nobody(pks: Iterable[str]) -> list[StoredFile]:
    """Locked first and looked at then: an upload of the same content waits for the lock, or has been seen."""
    rows = StoredFile.objects.filter(pk__in=list(pks))
    locked = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return list(rows.filter(pk__in=locked).without_asset())


@transaction.atomic
def _remove_files(files: list[StoredFile]) -> None:
    """Remove what the rows no longer name, after that is certain, and then the rows that say nothing any more.

    The rows are locked while their files go: the same content that comes again meanwhile has kept its own by now, and
    then it is named again, or will once it is this one's turn to wait.
    """
    as_now = StoredFile.objects.order_by("pk").select_for_update().in_bulk([file.pk for file in files])
    for file in files:
        for column in ("original", "preview"):
            name = str(getattr(file, column).name or "")
            if name and file.pk in as_now and not getattr(as_now[file.pk], column):
                default_storage.delete(name)
    StoredFile.objects.filter(pk__in=as_now).failed().without_asset().delete()


# A file that is being sent is looked at again after so long.
FORGETTING_PAUSE = timedelta(minutes=10)


@task(queue_name="upkeep")
def forget(stored_file_ids: list[str]) -> None:
    if being_sent := release_content(stored_file_ids):
        forget.using(run_after=timezone.now() + FORGETTING_PAUSE).enqueue(being_sent)
