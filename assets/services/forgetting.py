"""Letting go of contents that nobody has any more."""

from collections.abc import Iterable

from django.core.files.storage import default_storage
from django.db import transaction

from assets.models import State, StoredFile
from assets.services import history
from assets.services.delivery import lock_queue


def forget(pks: Iterable[str]) -> list[str]:
    """Forget those of the contents that nobody has: all of one that was never stored, all but hash and URL of others.

    Gives back those that are being sent just now: nothing can be said of them yet.
    """
    with transaction.atomic():
        lock_queue()
        files = _of_nobody(pks)
        free = [file for file in files if file.state != State.SENDING]
        StoredFile.objects.filter(pk__in=[file.pk for file in free]).let_go()
        kept = {file.pk: "hash and URL" if file.url else "nothing" for file in free}
        history.note(((file, {"kept": ("everything", kept[file.pk])}) for file in free), actor="forget")
    _remove_files(free)
    return [str(file.pk) for file in files if file.state == State.SENDING]


def _of_nobody(pks: Iterable[str]) -> list[StoredFile]:
    """Locked first and looked at then: an upload of the same content waits for the lock, or has been seen."""
    rows = StoredFile.objects.filter(pk__in=list(pks))
    locked = list(rows.order_by("pk").select_for_update().values_list("pk", flat=True))
    return list(rows.filter(pk__in=locked).without_entry())


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
    StoredFile.objects.filter(pk__in=as_now).failed().without_entry().delete()
