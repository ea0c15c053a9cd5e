"""The background tasks: what they are called and what they take. The work itself is in `services/`.

A task takes ids, may run twice, and ends quietly where its row is gone.
"""

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.contrib.auth import get_user_model
from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.models import Asset, Collection, DeliveryRun, StoredFile, Tag, UploadRequest
from assets.services import (
    delivery,
    forgetting,
    handing_over,
    history,
    label_changes,
    link_checks,
    previews,
    verification,
)

LABELS: dict[str, type[Tag] | type[Collection]] = {"tag": Tag, "collection": Collection}
# A URL that cannot be reached yet is asked again: at once, and after so long each time.
VERIFICATION_PAUSES = [timedelta(seconds=seconds) for seconds in (0, 5, 30, 300, 3600)]
# A file that is being sent is looked at again after so long.
FORGETTING_PAUSE = timedelta(minutes=10)
# Entries of one task: a few seconds' work, so that others of the queue get their turn.
RENEWED_AT_ONCE = 1000


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


@task(queue_name="upkeep")
def renew(by: str, values: list[Any], after: str | None = None) -> None:
    """Make entries findable by what they are called now: those with one of these `by` (owner, tags, collections)."""
    entries = Asset.objects.filter(**{f"{by}__in": values})
    if last := entries.reindex_some(after=after, most=RENEWED_AT_ONCE):
        renew.enqueue(by, values, str(last))


@task(queue_name="upkeep")
def hand_over(kind: str, sources: list[str], target: str | None) -> None:
    """Give the entries of tags or collections to another one, or to none, one after the other, and then remove them."""
    labels: Any = LABELS[kind].objects
    for number, pk in enumerate(sources):
        source = labels.filter(pk=pk).first()
        with history.acting(name="hand_over"):
            is_more = source and label_changes.take_over(source, labels.filter(pk=target).first(), most=RENEWED_AT_ONCE)
        if is_more:
            hand_over.enqueue(kind, sources[number:], target)
            return


@task(queue_name="upkeep")
def hand_over_entries(person_id: int, to_id: int, with_private: bool) -> None:
    """Give the entries of one person to another one."""
    people = get_user_model()._default_manager.in_bulk([person_id, to_id])
    if len(people) < 2:
        return
    with history.acting(name="hand_over_entries"):
        moved = handing_over.hand_over_some(
            people[person_id], people[to_id], with_private=with_private, most=RENEWED_AT_ONCE
        )
    if moved == RENEWED_AT_ONCE:
        hand_over_entries.enqueue(person_id, to_id, with_private)


@task(queue_name="upkeep")
def visit_host(host: str, holder: str) -> None:
    link_checks.visit(host, holder)


@transaction.atomic
def plan_link_checks(now: datetime) -> None:
    """Have every host visited at which links are due and that nobody visits now."""
    for host, holder in link_checks.claim_due(now):
        visit_host.enqueue(host, holder)


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
