"""Sends what webhooks are to be told, in the worker: what fails is tried again with growing pauses, for a day."""

import logging
import time
import uuid
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django_tasks import task

from assets.delivery import lease
from assets.models import Webhook, WebhookDelivery, clock, tasks
from assets.models.webhooks import BATCH_SIZE
from assets.webhooks import message, notice
from assets.webhooks.post import Answer, post

logger = logging.getLogger(__name__)

MAX_RUN = 30  # seconds; then other webhooks get their turn
NOTHING_TO_TELL = "The asset was made private or deleted before this was sent."
GONE = "The address answered that it is gone (410)."
FAILED_FOR_DAYS = "Every request of the last three days failed."


def plan(now: datetime) -> None:
    """Enqueue a task for each webhook that has something to be sent, and that nobody sends to."""
    due = list(Webhook.objects.due(now).values_list("pk", flat=True))
    # One that waits behind slow ones for longer than a claim lasts gets no second task.
    planned = tasks.planned_ids(send_due) if due else set()
    for pk in due:
        with transaction.atomic():
            if str(pk) not in planned and Webhook.objects.claim(pk, now):
                send_due.enqueue(str(pk))


@task(queue_name="webhooks")
def send_due(pk: str) -> None:
    send(uuid.UUID(pk), timezone.now())


def send(pk: uuid.UUID, now: datetime) -> None:
    """Send what is due, one after the other, until one fails or it has taken half a minute."""
    until = time.monotonic() + MAX_RUN
    for delivery in WebhookDelivery.objects.due(now).filter(webhook=pk).order_by("next_attempt_at", "at")[:BATCH_SIZE]:
        # Read again each time: it may have been paused, changed or removed meanwhile.
        webhook = Webhook.objects.active().filter(pk=pk).first()
        if webhook is None or not _send(webhook, delivery, now):
            return
        if time.monotonic() > until or lease.stopping.is_set():
            break
    Webhook.objects.filter(pk=pk).update(free_at=now)


def _send(webhook: Webhook, delivery: WebhookDelivery, now: datetime) -> bool:
    """False if the webhook is to be left alone for a while."""
    if not WebhookDelivery.objects.claim(delivery, now):
        return True
    body = message.build(delivery)
    if body is None:
        delivery.drop(NOTHING_TO_TELL, now)
        return True
    answer = post(webhook.url, body, message.sign(webhook, delivery, body, now))
    delivery.record_answer(answer.status, answer.text, now, is_success=answer.is_success)
    if answer.is_success:
        webhook.record_success()
    else:
        _record_failure(webhook, delivery, answer, now)
    return answer.is_success


def _record_failure(webhook: Webhook, delivery: WebhookDelivery, answer: Answer, now: datetime) -> None:
    logger.info("Webhook %s at %s: %s", webhook.pk, webhook.host, answer.status or "no answer")
    webhook.record_failure(now)
    has_failed_for_days = webhook.has_failed_for_days(delivery, now) and not clock.was_set()
    reason = GONE if answer.is_gone else FAILED_FOR_DAYS if has_failed_for_days else ""
    if reason and webhook.pause(now, reason):
        logger.warning("Webhook %s at %s was paused: %s", webhook.pk, webhook.host, reason)
        notice.tell_of_pause(webhook)


def end_late(now: datetime) -> None:
    """Give up what has waited for a day, and delete a batch of what ended long ago."""
    WebhookDelivery.objects.give_up(now)
    pks = list(WebhookDelivery.objects.expired(now).values_list("pk", flat=True)[:BATCH_SIZE])
    if pks:
        WebhookDelivery.objects.filter(pk__in=pks).delete()
