"""Whether rows, files and links fit together, and mending where they do not."""

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
from assets.previews.render import make_preview
from assets.trash import release_content
from assets.uploads import hashed_file

# Younger files may belong to a transaction that is going on.
YOUNG = timedelta(minutes=2)
BATCH = 500


@dataclass
class Finding:
    """One thing that is wrong; `mend` puts it right. None: this installation cannot do that by itself."""

    what: str
    where: str
    mend: Callable[[], object] | None = field(repr=False)


def extent(*, with_links: bool) -> dict[str, int]:
    """How many of what `findings()` looks at there are."""
    files = StoredFile.objects
    counts = {
        "entries": Asset.objects.count(),
        "originals": files.exclude(original="").count(),
        "previews": files.exclude(preview="").count(),
    }
    return counts | ({"links": files.filter(state=State.STORED).count()} if with_links else {})


def findings(now: datetime, *, young: timedelta = YOUNG, with_links: bool = False) -> Iterator[Finding]:
    """Everything that does not fit, in the order in which it is best mended.

    `with_links`: every URL that does not lead to its file too, which asks the hosts of all of them.
    """
    for path in hashed_file.find_abandoned_files():
        yield Finding("an upload that broke off", str(path), path.unlink)
    yield from _files_without_rows(now - young)
    yield from _rows_without_files()
    yield from _contents_of_nobody()
    yield from _expired_leases(now)
    yield from _forgotten_queue(now)
    yield from _entries_unlike_their_content()
    yield from _entries_not_found()
    if with_links:
        yield from _links_that_lead_elsewhere()


def _files_without_rows(before: datetime) -> Iterator[Finding]:
    for column, what in (("original", "an original without a row"), ("preview", "a preview without a row")):
        for name in _names(default_storage, f"{column}s"):
            if default_storage.get_modified_time(name) < before and not _is_used(column, name):
                yield Finding(what, name, partial(default_storage.delete, name))


def _is_used(column: str, name: str) -> bool:
    return StoredFile.objects.filter(**{column: name}).exists()


def _rows_without_files() -> Iterator[Finding]:
    for file in StoredFile.objects.exclude(original="").iterator():
        name = str(file.original.name)
        if not default_storage.exists(name) or default_storage.size(name) != file.size:
            yield Finding("an original that is missing or damaged", f"{file.pk} ({name})", partial(_give_up, file))
    for file in StoredFile.objects.exclude(preview="").iterator():
        name = str(file.preview.name)
        if not default_storage.exists(name):
            yield Finding("a preview that is missing", f"{file.pk} ({name})", partial(_make_again, file))


def _give_up(file: StoredFile) -> None:
    """The bytes are gone: what Segmind has keeps its URL, what it does not have has failed."""
    rows = StoredFile.objects.filter(pk=file.pk)
    rows.update(original="")
    record_changes([(file, {"original": ("kept", "missing or damaged")})])
    rows.waiting().fail("The original is missing or damaged on this server. Upload the file again.")


def _make_again(file: StoredFile) -> None:
    StoredFile.objects.filter(pk=file.pk).update(preview="")
    make_preview.enqueue(str(file.pk))


def _contents_of_nobody() -> Iterator[Finding]:
    """What was never stored and has no entry any more; of what was stored, hash and URL are always kept."""
    for file in StoredFile.objects.without_asset().exclude(state__in=(State.STORED, State.SENDING)).iterator():
        yield Finding("a file that nobody has any more", str(file.pk), partial(release_content, [str(file.pk)]))


def _expired_leases(now: datetime) -> Iterator[Finding]:
    for request in UploadRequest.objects.expired(now):
        yield Finding("a request that its worker has left", str(request.pk), _look_now)


def _forgotten_queue(now: datetime) -> Iterator[Finding]:
    if is_queue_forgotten(now):
        waiting = StoredFile.objects.waiting().count()
        yield Finding("a queue that nothing will look at", f"{waiting} files", _look_now)


def is_queue_forgotten(now: datetime) -> bool:
    """Whether files wait that no planned run will look at: its task has been lost, or failed with the database."""
    if DeliveryRun.objects.planned(now, now + timedelta(days=1)).exists():
        return False
    return StoredFile.objects.waiting().exists()


def _entries_unlike_their_content() -> Iterator[Finding]:
    for asset in Asset.objects.exclude(size=F("stored_file__size")).select_related("stored_file").iterator():
        size = Asset.objects.filter(pk=asset.pk)
        yield Finding(
            "an entry with another size than its file", str(asset.pk), partial(size.update, size=asset.stored_file.size)
        )


def _entries_not_found() -> Iterator[Finding]:
    """Entries that search knows by other words than those they have now."""
    pks = Asset.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=BATCH)
    while batch := list(islice(pks, BATCH)):
        for pk in outdated_keys(batch):
            entry = Asset.objects.filter(pk=pk)
            yield Finding("an entry that is not found by its words", str(pk), entry.reindex)


def _links_that_lead_elsewhere() -> Iterator[Finding]:
    left = StoredFile.objects.stored().count()
    for file in schedule.check_all(StoredFile.objects.stored()):
        left -= 1
        if file.link_status != LinkStatus.VERIFIED:
            heal = partial(reupload, StoredFile.objects.filter(pk=file.pk))
            can_be_healed = not get_reupload_error(file)
            yield Finding(
                f"a link that is {file.link_status}", f"{file.pk} ({file.url})", heal if can_be_healed else None
            )
    if left > 0:
        yield Finding("links that could not be looked at: their host is away, or being asked", f"{left} links", None)


def _look_now() -> None:
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
