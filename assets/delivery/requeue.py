"""What people do about stored URLs: have them looked at, and have lost ones uploaded again."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q, Sum
from django.utils import timezone

from assets.audit.log import record_changes
from assets.delivery.run import plan_delivery
from assets.models import State, StoredFile
from assets.models.batches import in_batches
from assets.models.links import LOST
from assets.models.stored_files import UNFINISHED

# Requests that a look at one link takes: its facts, its beginning and its end.
REQUESTS_PER_LOOK = 3
NO_ORIGINAL = (
    "This server has no original to upload again. Upload the same file once more, whoever has it: "
    "it gets a new URL, here and for everyone who has it in the library."
)
ON_ITS_WAY = "It is being uploaded again already."
NOT_LOST = "Its URL was not found broken or changed."


@dataclass(frozen=True)
class Outlook:
    """What a selection of stored files has: `links` are those with a URL, `lost` those that lead to no file of ours."""

    files: int
    links: int
    lost: int
    healable: int
    healable_bytes: int
    on_their_way: int

    @property
    def without_url(self) -> int:
        return self.files - self.links - self.on_their_way

    @property
    def without_original(self) -> int:
        return self.lost - self.healable

    @property
    def minutes_to_check(self) -> int:
        return round(self.links * REQUESTS_PER_LOOK / settings.LINK_REQUESTS_PER_SECOND / 60)


def outlook(stored_files: Any) -> Outlook:
    """What checking or healing these would mean."""
    lost = Q(state=State.STORED, link_status__in=LOST)
    healable = lost & ~Q(original="")
    return Outlook(
        **StoredFile.objects.filter(pk__in=stored_files.order_by().values("pk")).aggregate(
            files=Count("pk"),
            links=Count("pk", filter=Q(state=State.STORED)),
            lost=Count("pk", filter=lost),
            healable=Count("pk", filter=healable),
            healable_bytes=Sum("size", filter=healable, default=0),
            on_their_way=Count("pk", filter=Q(state__in=UNFINISHED) & ~Q(url="")),
        )
    )


def reupload(stored_files: Any) -> int:
    """Have lost files uploaded again from their originals; how many of these were not on their way yet.

    Each keeps its URL until it has the new one, and the old one among its past URLs from then on.
    """
    return sum(_reupload(pks) for pks in in_batches(stored_files))


@transaction.atomic
def _reupload(pks: list[UUID]) -> int:
    now = timezone.now()
    rows = StoredFile.objects.filter(pk__in=pks)
    # Locked in one order: two people may heal the same files at the same moment.
    healable = list(rows.healable().order_by("pk").select_for_update())
    count = rows.heal(now)
    record_changes((file, {"state": (f"{file.state}, {file.link_status}", State.QUEUED)}) for file in healable)
    if count:
        plan_delivery(now)
    return count


def why_not_reuploaded(stored_file: StoredFile) -> str:
    """Why a file would not be uploaded again, and what to do; empty where it would."""
    if stored_file.url and stored_file.is_unfinished:
        return ON_ITS_WAY
    if not stored_file.is_lost:
        return NOT_LOST
    return "" if stored_file.original else NO_ORIGINAL


def retry(stored_files: Any) -> int:
    """Put failed files back into the queue; how many there were."""
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
