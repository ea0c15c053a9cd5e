"""The background tasks: what they are called and what they take. The work itself is in `services/`.

A task takes ids, may run twice, and ends quietly where its row is gone.
"""

from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.models import DeliveryRun, StoredFile
from assets.services import delivery, previews


@task(queue_name="uploads")
def deliver() -> None:
    delivery.deliver(plan=plan_delivery)


@task(queue_name="previews")
def make_preview(stored_file_id: str) -> None:
    if stored_file := StoredFile.objects.filter(pk=stored_file_id).first():
        previews.make_preview(stored_file)


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
