"""Adding, changing and removing webhooks, with a record in the audit log of who did it."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.db import transaction

from assets.audit.log import record_changes
from assets.models import User, Webhook, WebhookDelivery
from assets.models.webhooks import TEST, Event, make_delivery


class Settings(NamedTuple):
    """What people choose, after the form has checked it."""

    url: str
    events: list[str]


@transaction.atomic
def add(person: User, settings: Settings, now: datetime) -> Webhook:
    webhook = Webhook(url=settings.url, events=_join(settings.events), created_by=person, created_at=now, free_at=now)
    webhook.change_secret()
    webhook.save(force_insert=True)
    _record(person, "added", webhook)
    return webhook


@transaction.atomic
def change(webhook: Webhook, person: User, settings: Settings) -> None:
    webhook.url, webhook.events = settings.url, _join(settings.events)
    webhook.save(update_fields=["url", "events"])
    _record(person, "changed", webhook)


@transaction.atomic
def renew_secret(webhook: Webhook, person: User) -> None:
    webhook.change_secret()
    webhook.save(update_fields=["salt"])
    _record(person, "new secret", webhook)


@transaction.atomic
def pause(webhook: Webhook, person: User, now: datetime) -> None:
    if webhook.pause(now):
        _record(person, "paused", webhook)


@transaction.atomic
def resume(webhook: Webhook, person: User, now: datetime) -> None:
    webhook.resume(now)
    _record(person, "resumed", webhook)


@transaction.atomic
def remove(webhook: Webhook, person: User) -> None:
    _record(person, "removed", webhook)
    webhook.delete()


def send_test(webhook: Webhook, now: datetime) -> WebhookDelivery:
    """Raises ValidationError if it is paused."""
    _require_active(webhook)
    delivery = make_delivery(webhook, TEST, now)
    delivery.save(force_insert=True)
    webhook.release(now)
    return delivery


def send_again(delivery: WebhookDelivery, now: datetime) -> None:
    """Raises ValidationError if its webhook is paused."""
    _require_active(delivery.webhook)
    delivery.send_again(now)
    delivery.webhook.release(now)


def _require_active(webhook: Webhook) -> None:
    if webhook.paused_at:
        raise ValidationError("This webhook is paused. Resume it first.", code="paused")


def _join(events: Iterable[str]) -> str:
    chosen = set(events)
    return " ".join(event for event in Event if event in chosen)


def _record(person: User, what: str, webhook: Webhook) -> None:
    """Only its host: the rest of an address may be a secret."""
    description = f"{webhook.host} {what} ({', '.join(webhook.events.split())})"
    record_changes([(person, {"webhook": ("", description)})], actor=person)
