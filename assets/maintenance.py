"""Finds rows, files and links that do not match, and repairs them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

from django.core.files.storage import Storage, default_storage
from django.db.models import F
from django.utils import timezone

from assets.audit.log import record_changes
from assets.delivery.requeue import get_reupload_error, reupload
from assets.delivery.run import plan_delivery
from assets.links import schedule
from assets.models import Asset, DeliveryRun, LinkStatus, State, StoredFile, UploadRequest
from assets.models.assets import outdated_keys
from assets.models.batches import BATCH
from assets.previews.render import plan_preview
from assets.trash import release_content
from assets.uploads import incoming

# Younger files may belong to a running transaction.
MIN_AGE = timedelta(minutes=2)


@dataclass
class Problem:
    """Something that is wrong. `repair` is None if this installation cannot repair it by itself."""

    what: str
    where: str
    repair: Callable[[], object] | None = field(repr=False)


def count_checked(*, with_links: bool) -> dict[str, int]:
    """How many rows and files of each kind `find_problems()` checks."""
    files = StoredFile.objects
    counts = {
        "assets": Asset.objects.count(),
        "originals": files.exclude(original="").count(),
        "previews": files.exclude(preview="").count(),
    }
    return counts | ({"links": files.filter(state=State.STORED).count()} if with_links else {})


def find_problems(now: datetime, *, with_links: bool = False) -> Iterator[Problem]:
    """Problems in the order in which they are best repaired. `with_links` checks every URL too."""
    for path in incoming.find_abandoned():
        yield Problem("incomplete upload", str(path), partial(incoming.remove, path))
    yield from _files_without_rows(now - MIN_AGE)
    yield from _rows_without_files()
    yield from _files_without_assets()
    yield from _expired_leases(now)
    yield from _unplanned_queue(now)
    yield from _assets_of_another_size()
    yield from _outdated_search_words()
    if with_links:
        yield from _lost_links()


def _files_without_rows(before: datetime) -> Iterator[Problem]:
    for column, what in (("original", "original without a row"), ("preview", "preview without a row")):
        for name in _names(default_storage, f"{column}s"):
            if default_storage.get_modified_time(name) < before and not _is_used(column, name):
                yield Problem(what, name, partial(default_storage.delete, name))


def _is_used(column: str, name: str) -> bool:
    return StoredFile.objects.filter(**{column: name}).exists()


def _rows_without_files() -> Iterator[Problem]:
    for file in StoredFile.objects.exclude(original="").iterator():
        name = str(file.original.name)
        if not default_storage.exists(name) or default_storage.size(name) != file.size:
            yield Problem("missing or damaged original", f"{file.pk} ({name})", partial(_drop_original, file))
    for file in StoredFile.objects.exclude(preview="").iterator():
        name = str(file.preview.name)
        if not default_storage.exists(name):
            yield Problem("missing preview", f"{file.pk} ({name})", partial(_redo_preview, file))


def _drop_original(file: StoredFile) -> None:
    """A stored file keeps its URL. One that is still waiting fails."""
    rows = StoredFile.objects.filter(pk=file.pk)
    rows.update(original="")
    record_changes([(file, {"original": ("kept", "missing or damaged")})])
    rows.waiting().fail("The original is missing or damaged on this server. Upload the file again.")


def _redo_preview(file: StoredFile) -> None:
    StoredFile.objects.filter(pk=file.pk).update(preview="")
    plan_preview(file.pk)


def _files_without_assets() -> Iterator[Problem]:
    """Only those that were never stored. Hash and URL of a stored file are always kept."""
    for file in StoredFile.objects.without_asset().exclude(state__in=(State.STORED, State.SENDING)).iterator():
        yield Problem("file without an asset", str(file.pk), partial(release_content, [str(file.pk)]))


def _expired_leases(now: datetime) -> Iterator[Problem]:
    for request in UploadRequest.objects.expired(now):
        yield Problem("request of a dead worker", str(request.pk), _deliver_now)


def _unplanned_queue(now: datetime) -> Iterator[Problem]:
    if is_queue_unplanned(now):
        waiting = StoredFile.objects.waiting().count()
        yield Problem("upload queue without a planned run", f"{waiting} files", _deliver_now)


def is_queue_unplanned(now: datetime) -> bool:
    """Whether files are waiting without a planned run, because its task was lost or failed.

    So are those of an open request whose lease has run out.
    """
    if DeliveryRun.objects.planned(now, now + timedelta(days=1)).exists():
        return False
    return StoredFile.objects.waiting().exists() or UploadRequest.objects.expired(now).exists()


def _assets_of_another_size() -> Iterator[Problem]:
    for asset in Asset.objects.exclude(size=F("stored_file__size")).select_related("stored_file").iterator():
        repair = partial(Asset.objects.filter(pk=asset.pk).update, size=asset.stored_file.size)
        yield Problem("asset with a different size than its file", str(asset.pk), repair)


def _outdated_search_words() -> Iterator[Problem]:
    pks = Asset.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(pks, BATCH)):
        for pk in outdated_keys(batch):
            yield Problem("asset with outdated search words", str(pk), Asset.objects.filter(pk=pk).reindex)


def _lost_links() -> Iterator[Problem]:
    left = StoredFile.objects.stored().count()
    for file in schedule.check_all(StoredFile.objects.stored()):
        left -= 1
        if file.link_status != LinkStatus.VERIFIED:
            repair = None if get_reupload_error(file) else partial(reupload, StoredFile.objects.filter(pk=file.pk))
            yield Problem(f"{file.link_status} link", f"{file.pk} ({file.url})", repair)
    if left > 0:
        yield Problem("unchecked links, because their host is unavailable or busy", f"{left} links", None)


def _deliver_now() -> None:
    plan_delivery(timezone.now())


def _names(storage: Storage, folder: str) -> Iterator[str]:
    try:
        folders, files = storage.listdir(folder)
    except FileNotFoundError:
        return
    for name in sorted(files):
        yield f"{folder}/{name}"
    for name in sorted(folders):
        yield from _names(storage, f"{folder}/{name}")
