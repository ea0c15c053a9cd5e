"""Sends files again: failed ones, and those whose link is broken or changed."""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from assets import originals
from assets.audit.log import record_changes
from assets.delivery.run import plan_delivery
from assets.models import State, StoredFile
from assets.models.batches import in_batches
from assets.models.links import LOST
from assets.models.states import UNFINISHED
from assets.models.stored_file_queries import StoredFileQuerySet

# A check of one link requests its headers, its beginning and its end.
REQUESTS_PER_CHECK = 3
UPLOAD_AGAIN = "Upload the same file again from any account: everyone then gets its new URL."
NO_ORIGINAL = f"This server has no original to re-upload. {UPLOAD_AGAIN}"
DAMAGED_ORIGINAL = f"The copy on this server is damaged. {UPLOAD_AGAIN}"
ALREADY_QUEUED = "It is already being re-uploaded."
NOT_LOST = "Its link is neither broken nor changed."


@dataclass(frozen=True)
class LinkSummary:
    """Counts of stored files: `links` have a URL, `lost` have a broken or changed one, `pending` are re-uploading."""

    files: int
    links: int
    lost: int
    reuploadable: int
    reuploadable_bytes: int
    pending: int

    @property
    def without_url(self) -> int:
        return self.files - self.links - self.pending

    @property
    def without_original(self) -> int:
        return self.lost - self.reuploadable

    @property
    def minutes_to_check(self) -> int:
        return round(self.links * REQUESTS_PER_CHECK / float(settings.LINK_REQUESTS_PER_SECOND) / 60)


def summarise_links(stored_files: StoredFileQuerySet) -> LinkSummary:
    """What checking or re-uploading these files would involve."""
    lost = Q(state=State.STORED, link_status__in=LOST)
    reuploadable = lost & ~Q(original="")
    return LinkSummary(
        **StoredFile.objects.filter(pk__in=stored_files.order_by().values("pk")).aggregate(
            files=Count("pk"),
            links=Count("pk", filter=Q(state=State.STORED)),
            lost=Count("pk", filter=lost),
            reuploadable=Count("pk", filter=reuploadable),
            reuploadable_bytes=Sum("size", filter=reuploadable, default=0),
            pending=Count("pk", filter=Q(state__in=UNFINISHED) & ~Q(url="")),
        )
    )


def reupload(stored_files: StoredFileQuerySet) -> int:
    """Queue lost files to be sent again from their originals. Returns how many were not queued yet.

    Each keeps its URL until it has the new one. Then the old one becomes a past URL. A damaged original is noticed
    while it is being sent, and replaces nothing.
    """
    return sum(map(_reupload, in_batches(stored_files)))


@transaction.atomic
def _reupload(pks: list[UUID]) -> int:
    now = timezone.now()
    rows = StoredFile.objects.filter(pk__in=pks)
    # Locked in one order, since two people may re-upload the same files at the same moment.
    lost = list(rows.reuploadable().order_by("pk").select_for_update())
    count = rows.reupload(now)
    record_changes((file, {"state": (f"{file.state}, {file.link_status}", State.QUEUED)}) for file in lost)
    if count:
        plan_delivery(now)
    return count


def get_reupload_error(stored_file: StoredFile) -> str:
    """Why a file cannot be re-uploaded, and what to do; empty if it can. Reads its original from start to end."""
    if stored_file.url and stored_file.is_unfinished:
        return ALREADY_QUEUED
    if not stored_file.is_lost:
        return NOT_LOST
    if not stored_file.original:
        return NO_ORIGINAL
    return "" if originals.is_intact(stored_file) else DAMAGED_ORIGINAL


def retry(stored_files: StoredFileQuerySet) -> int:
    """Return failed files to the queue. Returns how many there were."""
    return sum(map(_retry, in_batches(stored_files.failed())))


@transaction.atomic
def _retry(pks: list[UUID]) -> int:
    now = timezone.now()
    failed = list(StoredFile.objects.failed().filter(pk__in=pks).order_by("pk").select_for_update())
    count = StoredFile.objects.filter(pk__in=[file.pk for file in failed]).retry(now)
    record_changes((file, {"state": (State.FAILED, State.QUEUED)}) for file in failed)
    if count:
        plan_delivery(now)
    return count
