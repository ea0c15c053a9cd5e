"""The background tasks: what they are called and what they take. The work itself is in `services/`.

A task takes ids, may run twice, and ends quietly where its row is gone.
"""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.models import DeliveryRun, StoredFile, UploadRequest
from assets.services import delivery, forgetting, previews, verification

# A URL that cannot be reached yet is asked again: at once, and after so long each time.
VERIFICATION_PAUSES = [timedelta(seconds=seconds) for seconds in (0, 5, 30, 300, 3600)]
# A file that is being sent is looked at again after so long.
FORGETTING_PAUSE = timedelta(minutes=10)


@task(queue_name="uploads")
def deliver() -> None:
    delivery.deliver(follow_up=delivery.FollowUp(look=plan_delivery, verify=plan_verification))


@task(queue_name="links")
def verify(request_id: str, attempt: int) -> None:
    request = UploadRequest.objects.filter(pk=request_id).first()
    is_last = attempt == len(VERIFICATION_PAUSES)
    if request and verification.verify(request, is_last=is_last) and not is_last:
        plan_verification(request.pk, attempt)


@task(queue_name="previews")
def make_preview(stored_file_id: str, again: bool = False) -> None:
    if stored_file := StoredFile.objects.filter(pk=stored_file_id).first():
        previews.make_preview(stored_file, again=again)


@task(queue_name="upkeep")
def forget(stored_file_ids: list[str]) -> None:
    if being_sent := forgetting.forget(stored_file_ids):
        forget.using(run_after=timezone.now() + FORGETTING_PAUSE).enqueue(being_sent)


def plan_verification(request_id: UUID, attempt: int = 0) -> None:
    """Have the URLs of a request verified, after a pause that grows with the attempts."""
    at = timezone.now() + VERIFICATION_PAUSES[attempt]
    verify.using(run_after=at).enqueue(str(request_id), attempt + 1)


@transaction.atomic
def plan_delivery(at: datetime) -> None:
    """See to it that the queue is looked at, at `at` at the latest.

    To be called in the transaction that writes what is to be found, so neither can be lost without the other.
    """
    planned = DeliveryRun.objects.planned(timezone.now(), at)
    # Locked, so that the task of that run cannot start looking before this transaction is visible.
    if planned.select_for_update().exists():
        return
    DeliveryRun.objects.create(at=at)
    deliver.using(run_after=at).enqueue()
