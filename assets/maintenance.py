"""Finds rows, files and links that do not match, and repairs them."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from assets import originals, quarantine
from assets.audit.log import record_changes
from assets.delivery.requeue import get_reupload_error, retry, reupload
from assets.delivery.run import longest_wait, plan_delivery
from assets.labels.edit import renew_key
from assets.links import fetch, schedule
from assets.links.restore import restore_original
from assets.models import Asset, Collection, DeliveryRun, LinkStatus, State, StoredFile, Tag, UploadRequest
from assets.models.assets import outdated_keys
from assets.models.batches import BATCH
from assets.previews.render import plan_preview
from assets.segmind.responses import is_asset_url
from assets.text.well_formed import is_well_formed
from assets.trash import release_content
from assets.uploads import incoming

# Younger files may belong to a running transaction.
MIN_AGE = timedelta(minutes=2)
MAX_UNREACHABLE = 3  # in a row
MAX_STRAYS = 0.1  # of all originals
SETTLED = "uploaded again, or no longer needed"


class SuspectDatabaseError(Exception):
    """The files do not look like those of this database, so a repair would make it worse."""


class NotRepairedError(Exception):
    """A repair did not succeed. The message says why."""


@dataclass
class Problem:
    """Something that is wrong. `repair` is None if this installation cannot repair it by itself.

    It raises NotRepairedError, or returns what it did where that is not plain.
    """

    what: str
    where: str
    repair: Callable[[], object] | None = field(repr=False)


def require_plausible_files(now: datetime) -> None:
    """Raise SuspectDatabaseError if a repair would move more than a tenth of the originals to quarantine.

    A single one may be left by a crash, however few there are.
    """
    strays = sum(1 for name in quarantine.find_strays("original", now - MIN_AGE) if _find_former_row(name) is None)
    total = sum(1 for _ in quarantine.list_names("originals"))
    if strays > 1 and strays > total * MAX_STRAYS:
        raise SuspectDatabaseError(
            f"{strays} of {total} originals have no row in the database, more than a tenth. Nothing was changed. "
            "Has the database been restored from an older copy? Then restore the newest one there is. To move these "
            "originals to quarantine all the same, add --force; import_files can add them again from there."
        )


def count_checked(*, with_links: bool) -> dict[str, int]:
    """How many rows and files of each kind `find_problems()` checks."""
    files = StoredFile.objects
    counts = {
        "assets": Asset.objects.count(),
        "originals": files.exclude(original="").count(),
        "previews": files.exclude(preview="").count(),
    }
    return counts | ({"links": files.filter(state=State.STORED).count()} if with_links else {})


def find_problems(now: datetime, *, with_links: bool = False, with_hashes: bool = False) -> Iterator[Problem]:
    """Problems in the order in which they are best repaired.

    `with_links` checks every URL too, and `with_hashes` reads every original.
    """
    for path in incoming.find_abandoned():
        yield Problem("incomplete upload", str(path), partial(incoming.remove, path))
    yield from _files_without_rows(now)
    yield from _damaged_originals(with_hashes=with_hashes)
    yield from _mended_originals()
    yield from _missing_previews()
    yield from _files_without_assets()
    yield from _expired_leases(now)
    yield from _unplanned_queue(now)
    yield from _assets_of_another_size()
    yield from _outdated_keys()
    yield from _outdated_search_words()
    if with_links:
        yield from _lost_links()


def _files_without_rows(now: datetime) -> Iterator[Problem]:
    for name in quarantine.find_strays("original", now - MIN_AGE):
        if file := _find_former_row(name):
            yield Problem("original that its row has lost", name, partial(_return_original, file, name))
        else:
            yield Problem("original without a row", name, partial(_quarantine, "original", name))
    for name in quarantine.find_strays("preview", now - MIN_AGE):
        yield Problem("preview without a row", name, partial(_quarantine, "preview", name))


def _quarantine(column: str, name: str) -> str:
    now = timezone.now()
    # It may have been uploaded again meanwhile.
    return f"moved to {quarantine.move(name, now)}" if quarantine.is_stray(column, name, now - MIN_AGE) else ""


def _find_former_row(name: str) -> StoredFile | None:
    """The row that needs this original and has none, because it was missing for a while."""
    sha256 = name.rpartition("/")[2]
    if not is_well_formed(sha256):
        return None
    file = StoredFile.objects.filter(sha256=sha256, original="").exclude(assets=None).first()
    return file if file and originals.is_needed(file) and originals.has_content(name, sha256) else None


def _return_original(file: StoredFile, name: str) -> None:
    row = StoredFile.objects.filter(pk=file.pk, original="")
    if row.update(original=name):
        record_changes([(file, {"original": ("missing", "found again")})])
        retry(StoredFile.objects.filter(pk=file.pk, error=originals.DAMAGED))


def _damaged_originals(*, with_hashes: bool) -> Iterator[Problem]:
    is_right = originals.is_intact if with_hashes else originals.is_here
    links = _Links()
    for file in StoredFile.objects.exclude(original="").iterator():
        if not is_right(file):
            where = f"{file.pk} ({file.original.name})"
            yield Problem("missing or damaged original", where, partial(_mend_original, file, links))


class _Links:
    """The URLs that originals are restored from. After a few without an answer in a row, no other is asked."""

    def __init__(self) -> None:
        self._unreachable = 0

    def restore(self, file: StoredFile) -> bool:
        """Whether the URL serves the file, which is then its original again if it could be saved.

        Raises fetch.UnreachableError, and NotRepairedError if the URL may not be asked.
        """
        if not file.url:
            return False
        if not is_asset_url(file.url):
            raise NotRepairedError("its URL has a host that is not in SEGMIND_ASSET_HOSTS, so it may not be asked.")
        if self._unreachable == MAX_UNREACHABLE:
            raise fetch.UnreachableError
        try:
            is_served = restore_original(file)
        except fetch.GoneError:
            is_served = False
        except fetch.UnreachableError:
            self._unreachable += 1
            raise
        self._unreachable = 0
        return is_served


def _mend_original(file: StoredFile, links: _Links) -> str:
    name = str(file.original.name)
    if _is_settled(file, name):
        return SETTLED
    try:
        is_served = links.restore(file)
    except fetch.UnreachableError:
        raise NotRepairedError("its URL cannot be reached now. Try again later.") from None
    if not is_served:
        return _give_up_original(file, name)
    if not originals.is_intact(file):
        raise NotRepairedError("its URL serves it, but it could not be saved. Is the disk full?")
    StoredFile.objects.filter(pk=file.pk).ask_for_link_check()
    return "restored from its URL"


def _is_settled(file: StoredFile, name: str) -> bool:
    return originals.is_intact(file) or not StoredFile.objects.filter(pk=file.pk, original=name).exists()


@transaction.atomic
def _give_up_original(file: StoredFile, name: str) -> str:
    """A stored file keeps its URL. One that is still waiting fails."""
    rows = StoredFile.objects.filter(pk=file.pk)
    # Locked, because the same file may be uploaded at this moment.
    list(rows.select_for_update())
    if _is_settled(file, name):
        return SETTLED
    moved = f"moved to {quarantine.move(name, timezone.now())}. " if default_storage.exists(name) else ""
    rows.update(original="")
    record_changes([(file, {"original": ("kept", "missing or damaged")})])
    rows.waiting().fail(originals.DAMAGED)
    return f"{moved}Upload the same file again to replace it."


def _mended_originals() -> Iterator[Problem]:
    """As by a copy from a backup."""
    for file in StoredFile.objects.failed().filter(error=originals.DAMAGED).exclude(original="").iterator():
        if originals.is_intact(file):
            again = partial(retry, StoredFile.objects.filter(pk=file.pk))
            yield Problem("failed upload whose original is intact again", str(file.pk), again)


def _missing_previews() -> Iterator[Problem]:
    for file in StoredFile.objects.exclude(preview="").iterator():
        name = str(file.preview.name)
        if not default_storage.exists(name):
            yield Problem("missing preview", f"{file.pk} ({name})", partial(_redo_preview, file))


def _redo_preview(file: StoredFile) -> None:
    StoredFile.objects.filter(pk=file.pk).update(preview="")
    plan_preview(file.pk)


def _files_without_assets() -> Iterator[Problem]:
    """Only those that were never stored. Hash and URL of a stored file are always kept."""
    for file in StoredFile.objects.without_asset().exclude(state__in=(State.STORED, State.SENDING)).iterator():
        yield Problem("file without an asset", str(file.pk), partial(_release, file))


def _release(file: StoredFile) -> None:
    release_content([str(file.pk)], to_quarantine=True)


def _expired_leases(now: datetime) -> Iterator[Problem]:
    for request in UploadRequest.objects.abandoned(now):
        yield Problem("request of a dead worker", str(request.pk), _deliver_now)


def _unplanned_queue(now: datetime) -> Iterator[Problem]:
    if is_queue_unplanned(now):
        waiting = StoredFile.objects.waiting().count()
        yield Problem("upload queue without a planned run", f"{waiting} files", _deliver_now)


def is_queue_unplanned(now: datetime) -> bool:
    """Whether files are waiting without a planned run, because its task was lost or failed.

    So are those of an open request whose lease has run out.
    """
    if not (StoredFile.objects.waiting().exists() or UploadRequest.objects.abandoned(now).exists()):
        return False
    return not DeliveryRun.objects.planned(now, now + longest_wait()).exists()


def _assets_of_another_size() -> Iterator[Problem]:
    for asset in Asset.objects.exclude(size=F("stored_file__size")).select_related("stored_file").iterator():
        repair = partial(Asset.objects.filter(pk=asset.pk).update, size=asset.stored_file.size)
        yield Problem("asset with a different size than its file", str(asset.pk), repair)


def _outdated_keys() -> Iterator[Problem]:
    """What code of the release before has added since the database was migrated, for example."""
    for model in (Tag, Collection):
        outdated = [label for label in model.objects.order_by("key") if label.key != label.key_for(label.full_name)]
        for label in outdated:
            what = f"{label.noun} that is compared in an outdated way"
            yield Problem(what, str(label.pk), partial(_renew_key, model, label.pk))


def _renew_key(model: type[Tag] | type[Collection], pk: UUID) -> None:
    # The repair of another one may have merged or moved it.
    if label := model.objects.filter(pk=pk).first():
        renew_key(label)


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
