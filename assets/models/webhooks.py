"""Webhooks: addresses of other programs that are told of what happens to assets, and what they are still to be told."""

import uuid
from base64 import b64encode
from collections.abc import Iterable
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string, salted_hmac

SALT_LENGTH = 32
ANSWER_LENGTH = 200
EVENTS_LENGTH = 100
BATCH_SIZE = 500
# From the first failure: the last pause is repeated until a day has passed.
PAUSES = tuple(timedelta(seconds=seconds) for seconds in (5, 60, 300, 1800, 7200, 21600))
KEEP_TRYING = timedelta(days=1)
# One that fails is tried so often at least, with what waits longest.
LONGEST_PAUSE = timedelta(minutes=30)
PAUSED_AFTER = timedelta(days=3)
# After days without events, the first one that fails says little.
FAIR_CHANCE = timedelta(hours=6)
LEASE = timedelta(minutes=2)
KEPT = timedelta(days=30)


class Event(models.TextChoices):
    STORED = "asset.stored", "Stored"
    FAILED = "asset.failed", "Failed"
    BROKEN = "asset.broken", "Broken"
    TRASHED = "asset.trashed", "Trashed"

    @property
    def description(self) -> str:
        return _DESCRIPTIONS[self]


_DESCRIPTIONS = {
    Event.STORED: "an asset got its Segmind URL",
    Event.FAILED: "a file could not be uploaded to Segmind",
    Event.BROKEN: "a Segmind URL no longer leads to its file",
    Event.TRASHED: "an asset was moved to the trash",
}
TEST = "webhook.test"


class WebhookQuerySet(models.QuerySet["Webhook"]):
    def active(self) -> "WebhookQuerySet":
        return self.filter(paused_at=None)

    def wanting(self, event: Event) -> "WebhookQuerySet":
        return self.active().filter(events__contains=event)

    def free(self, now: datetime) -> "WebhookQuerySet":
        return self.active().filter(_has_come("free_at", now, longest=LONGEST_PAUSE))

    def due(self, now: datetime) -> "WebhookQuerySet":
        """Those that have something to be sent, and that nobody sends to."""
        return self.free(now).filter(Exists(WebhookDelivery.objects.due(now).filter(webhook=OuterRef("pk"))))

    def claim(self, pk: uuid.UUID, now: datetime) -> bool:
        """Keep other workers away. False if one of them was faster."""
        return self.free(now).filter(pk=pk).update(free_at=now + LEASE) == 1


def _has_come(column: str, now: datetime, *, longest: timedelta) -> Q:
    """Whether a moment has come, or lies further in the future than the rule plans: the clock was set back."""
    return Q(**{f"{column}__lte": now}) | Q(**{f"{column}__gt": now + longest})


class SparingModel(models.Model):
    """Writes what has become of a row, and nothing if it was deleted meanwhile."""

    class Meta:
        abstract = True

    def write(self, **values: object) -> None:
        for name, value in values.items():
            setattr(self, name, value)
        type(self)._default_manager.filter(pk=self.pk).update(**values)


class Webhook(SparingModel):
    """Where to send events. `free_at` is when the next may be sent: a worker has it until then, or it failed.

    Its secret is stored nowhere. It is made of the application's secret key and `salt`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    url = models.TextField("URL")
    events = models.CharField(max_length=EVENTS_LENGTH, help_text="separated by spaces")
    salt = models.CharField(max_length=SALT_LENGTH, editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="webhooks"
    )
    created_at = models.DateTimeField(default=timezone.now)
    free_at = models.DateTimeField(default=timezone.now)
    failures = models.PositiveIntegerField(default=0, db_default=0, help_text="requests in a row")
    failing_since = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.TextField(default="", db_default="", help_text="empty if a person paused it")

    objects = WebhookQuerySet.as_manager()

    class Meta:
        ordering = ("-created_at", "-id")

    def __str__(self) -> str:
        return self.host

    def get_absolute_url(self) -> str:
        return reverse("webhook", args=[self.pk])

    @property
    def host(self) -> str:
        """What of the address may be told in logs and mails: the rest may be a secret."""
        return urlsplit(self.url).hostname or ""

    @property
    def event_list(self) -> list[Event]:
        return [event for event in Event if event in self.events.split()]

    @property
    def secret(self) -> str:
        key = salted_hmac("webhook", f"{self.pk}:{self.salt}", algorithm="sha256").digest()
        return f"whsec_{b64encode(key).decode()}"

    def change_secret(self) -> None:
        self.salt = get_random_string(SALT_LENGTH)

    def record_success(self) -> None:
        if self.failures:
            self.write(failures=0, failing_since=None)

    def release(self, now: datetime) -> None:
        """Let the next worker have it."""
        self.write(free_at=now)

    def record_failure(self, now: datetime) -> None:
        """Leave it alone for a while that grows."""
        pause = min(PAUSES[min(self.failures, len(PAUSES) - 1)], LONGEST_PAUSE)
        since = min(self.failing_since or now, now)
        self.write(free_at=now + pause, failures=self.failures + 1, failing_since=since)

    def has_failed_for_days(self, delivery: "WebhookDelivery", now: datetime) -> bool:
        """Whether it is to be paused, now that this delivery has failed once more."""
        since, has_had_its_chance = self.failing_since, now - delivery.queued_at >= FAIR_CHANCE
        return since is not None and now - since >= PAUSED_AFTER and has_had_its_chance

    def pause(self, now: datetime, reason: str = "") -> bool:
        """False if it was paused already."""
        self.paused_at, self.pause_reason = now, reason
        row = Webhook.objects.active().filter(pk=self.pk)
        return row.update(paused_at=now, pause_reason=reason) == 1

    def resume(self, now: datetime) -> None:
        self.write(paused_at=None, pause_reason="", failures=0, failing_since=None, free_at=now)


class DeliveryState(models.TextChoices):
    WAITING = "waiting"
    DELIVERED = "delivered"
    FAILED = "failed"
    # There was nothing left to tell.
    DROPPED = "dropped", "Not sent"


class WebhookDeliveryQuerySet(models.QuerySet["WebhookDelivery"]):
    def waiting(self) -> "WebhookDeliveryQuerySet":
        return self.filter(state=DeliveryState.WAITING)

    def due(self, now: datetime) -> "WebhookDeliveryQuerySet":
        return self.waiting().filter(_has_come("next_attempt_at", now, longest=PAUSES[-1]))

    def claim(self, delivery: "WebhookDelivery", now: datetime) -> bool:
        """Count an attempt. If this worker dies during it, another follows after the pause."""
        pause = PAUSES[min(delivery.attempts, len(PAUSES) - 1)]
        row = self.waiting().filter(pk=delivery.pk, attempts=delivery.attempts)
        delivery.attempts, delivery.attempted_at, delivery.next_attempt_at = delivery.attempts + 1, now, now + pause
        # Later than now only if the clock was set back: then the day begins here.
        delivery.queued_at = min(delivery.queued_at, now)
        names = ("attempts", "attempted_at", "next_attempt_at", "queued_at")
        values = {name: getattr(delivery, name) for name in names}
        return row.update(**values) == 1

    def give_up(self, now: datetime) -> int:
        """End those that have waited for a day."""
        late = self.waiting().filter(queued_at__lte=now - KEEP_TRYING)
        return late.update(state=DeliveryState.FAILED, finished_at=now, next_attempt_at=None)

    def expired(self, now: datetime) -> "WebhookDeliveryQuerySet":
        return self.filter(finished_at__lt=now - KEPT)


class WebhookDelivery(SparingModel):
    """An event for one webhook. Written in the transaction of what it tells, and read by the worker after that.

    `asset_id` is that of an asset, or was; empty for a test. What is sent of the asset is read when it is sent.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    type = models.CharField(max_length=20)
    asset_id = models.UUIDField(null=True)
    at = models.DateTimeField(help_text="when it happened")
    queued_at = models.DateTimeField(help_text="since when it is tried")
    state = models.CharField(max_length=10, choices=DeliveryState.choices, default=DeliveryState.WAITING)
    next_attempt_at = models.DateTimeField(null=True)
    attempts = models.PositiveIntegerField(default=0)
    attempted_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    status = models.PositiveSmallIntegerField(null=True, help_text="of the last answer; empty if there was none")
    answer = models.CharField(max_length=ANSWER_LENGTH, default="", db_default="", help_text="its beginning")

    objects = WebhookDeliveryQuerySet.as_manager()

    class Meta:
        ordering = ("-at", "-id")
        indexes = [
            models.Index(fields=["webhook", "-at", "-id"], name="webhook_delivery_newest"),
            models.Index(
                fields=["webhook", "next_attempt_at"], name="webhook_delivery_due", condition=Q(state="waiting")
            ),
            models.Index(fields=["finished_at"], name="webhook_delivery_ended", condition=Q(finished_at__isnull=False)),
        ]

    def __str__(self) -> str:
        return f"{self.type} {self.asset_id or ''}"

    def record_answer(self, status: int | None, answer: str, now: datetime, *, is_success: bool) -> None:
        if is_success:
            self._end(DeliveryState.DELIVERED, now, status, answer)
        elif self.next_attempt_at is None or self.next_attempt_at >= self.queued_at + KEEP_TRYING:
            self._end(DeliveryState.FAILED, now, status, answer)
        else:
            self.write(status=status, answer=answer)

    def drop(self, reason: str, now: datetime) -> None:
        self._end(DeliveryState.DROPPED, now, None, reason)

    def _end(self, state: DeliveryState, now: datetime, status: int | None, answer: str) -> None:
        self.write(state=state, next_attempt_at=None, finished_at=now, status=status, answer=answer)

    def send_again(self, now: datetime) -> None:
        """From the first attempt on, with the same id."""
        self.write(state=DeliveryState.WAITING, next_attempt_at=now, finished_at=None, queued_at=now, attempts=0)


def announce(event: Event, asset_ids: Iterable[uuid.UUID]) -> None:
    """Tell webhooks of these assets once the transaction is committed. Without a webhook, nothing else is asked.

    Private assets are nobody's business: leave them out.
    """
    webhooks = list(Webhook.objects.wanting(event))
    if webhooks:
        now = timezone.now()
        rows = [make_delivery(each, event, now, asset_id=pk) for pk in asset_ids for each in webhooks]
        WebhookDelivery.objects.bulk_create(rows, batch_size=BATCH_SIZE)


def make_delivery(webhook: Webhook, event: str, now: datetime, *, asset_id: uuid.UUID | None = None) -> WebhookDelivery:
    return WebhookDelivery(webhook=webhook, type=event, asset_id=asset_id, at=now, queued_at=now, next_attempt_at=now)
