"""What becomes of entries that nobody wants any more.

Segmind cannot delete: a URL stays public. So the library goes on knowing the hash and the URL of a content that it has
let go, and the same content uploaded again is not sent a second time.
"""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from assets.models import Asset
from assets.models.library import AssetQuerySet
from assets.services import history
from assets.tasks import forget

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
    with history.acting(name="empty_trash"):
        return purge(Asset.objects.filter(pk__in=pks)) if pks else 0
