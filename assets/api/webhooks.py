"""Webhooks: programs of yours that are told what happens to assets."""

from typing import Annotated, Literal
from uuid import UUID

from django.http import HttpResponse
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables
from ninja import Field, Query, Router, Schema
from pydantic import StrictBool

from assets import permissions
from assets.api import problems
from assets.api.auth import ADMIN, ApiRequest
from assets.api.schemas import Body, Moment, Name, Uri
from assets.models import Webhook, WebhookDelivery
from assets.models.webhooks import DeliveryState, Event
from assets.webhooks import changes
from assets.webhooks.changes import Settings
from assets.webhooks.forms import WebhookForm

router = Router(tags=["Webhooks"])


class WebhookOut(Schema):
    """`pause_reason` is null if a person paused it."""

    id: UUID
    url: Uri
    events: list[Event]
    is_paused: bool
    pause_reason: str | None
    failing_since: Moment | None
    created_by: str | None
    created_at: Moment


class NewWebhookOut(WebhookOut):
    """`secret` is told here, and nowhere else."""

    secret: str


class WebhookList(Schema):
    items: list[WebhookOut]


class DeliveryOut(Schema):
    """`id` is the `webhook-id` that was sent. `status` and `answer` are of the last attempt."""

    id: UUID
    type: str
    asset_id: UUID | None
    at: Moment
    state: DeliveryState
    attempts: int
    next_attempt_at: Moment | None
    status: int | None
    answer: str


class DeliveryList(Schema):
    items: list[DeliveryOut]


class NewWebhook(Body):
    url: Name
    events: Annotated[list[Event], Field(min_length=1)]


class WebhookChange(Body):
    """What is not sent stays as it is."""

    url: Name | None = None
    events: Annotated[list[Event], Field(min_length=1)] | None = None
    is_paused: StrictBool | None = None


class SecretOut(Schema):
    secret: str


@router.get("", response=WebhookList, auth=ADMIN, summary="All webhooks")
def list_webhooks(request: ApiRequest) -> dict[str, object]:
    found = permissions.visible_webhooks(request.user).select_related("created_by")
    return {"items": [_webhook_out(webhook) for webhook in found]}


@router.post("", response={201: NewWebhookOut}, auth=ADMIN, summary="Add a webhook")
@sensitive_variables()
def add_webhook(request: ApiRequest, new: NewWebhook, response: HttpResponse) -> dict[str, object]:
    """The answer alone has the secret, so it is not kept for an `Idempotency-Key`: the same URL again is refused."""
    permissions.require_manager(request.user)
    webhook = changes.add(request.user, _check(new.model_dump(), None), timezone.now())
    response["Cache-Control"] = "no-store"
    return _webhook_out(webhook) | {"secret": webhook.secret}


@router.get("/{uuid:pk}", response=WebhookOut, auth=ADMIN, summary="One webhook")
def get_webhook(request: ApiRequest, pk: UUID) -> dict[str, object]:
    return _webhook_out(permissions.get_webhook_or_404(request.user, pk))


@router.patch("/{uuid:pk}", response=WebhookOut, auth=ADMIN, summary="Change, pause or resume a webhook")
def change_webhook(request: ApiRequest, pk: UUID, change: WebhookChange) -> dict[str, object]:
    webhook = permissions.get_webhook_or_404(request.user, pk)
    if change.url is not None or change.events is not None:
        before = {"url": webhook.url, "events": webhook.event_list}
        sent = change.model_dump(exclude_none=True, exclude={"is_paused"})
        changes.change(webhook, request.user, _check(before | sent, webhook))
    if change.is_paused is True:
        changes.pause(webhook, request.user, timezone.now())
    elif change.is_paused is False:
        changes.resume(webhook, request.user, timezone.now())
    return _webhook_out(permissions.get_webhook_or_404(request.user, pk))


@router.delete("/{uuid:pk}", response={204: None}, auth=ADMIN, summary="Remove a webhook")
def remove_webhook(request: ApiRequest, pk: UUID) -> None:
    changes.remove(permissions.get_webhook_or_404(request.user, pk), request.user)


@router.post("/{uuid:pk}/secret", response=SecretOut, auth=ADMIN, summary="Make a new secret")
@sensitive_variables()
def renew_webhook_secret(request: ApiRequest, pk: UUID, response: HttpResponse) -> dict[str, str]:
    """The old one signs nothing any more."""
    webhook = permissions.get_webhook_or_404(request.user, pk)
    changes.renew_secret(webhook, request.user)
    response["Cache-Control"] = "no-store"
    return {"secret": webhook.secret}


@router.post("/{uuid:pk}/test", response={202: DeliveryOut}, auth=ADMIN, summary="Send a test event")
def test_webhook(request: ApiRequest, pk: UUID) -> dict[str, object]:
    webhook = permissions.get_webhook_or_404(request.user, pk)
    return _delivery_out(changes.send_test(webhook, timezone.now()))


@router.get("/{uuid:pk}/deliveries", response=DeliveryList, auth=ADMIN, summary="The latest deliveries")
def list_webhook_deliveries(
    request: ApiRequest,
    pk: UUID,
    state: Annotated[Literal["", "waiting", "delivered", "failed", "dropped"], Query("")],
    limit: Annotated[int, Query(50, ge=1, le=200)],
) -> dict[str, object]:
    found = permissions.get_webhook_or_404(request.user, pk).deliveries.all()
    return {"items": [_delivery_out(each) for each in (found.filter(state=state) if state else found)[:limit]]}


@router.post(
    "/{uuid:pk}/deliveries/{uuid:delivery_pk}/send-again",
    response={202: DeliveryOut},
    auth=ADMIN,
    summary="Send a delivery again",
)
def send_delivery_again(request: ApiRequest, pk: UUID, delivery_pk: UUID) -> dict[str, object]:
    """With the same id, and what is true of the asset now."""
    delivery = permissions.get_webhook_delivery_or_404(request.user, pk, delivery_pk)
    changes.send_again(delivery, timezone.now())
    return _delivery_out(delivery)


def _check(fields: dict[str, object], webhook: Webhook | None) -> Settings:
    form = WebhookForm(fields, webhook=webhook)
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    return form.settings


def _webhook_out(webhook: Webhook) -> dict[str, object]:
    return {
        "id": webhook.pk,
        "url": webhook.url,
        "events": webhook.event_list,
        "is_paused": webhook.paused_at is not None,
        "pause_reason": webhook.pause_reason or None,
        "failing_since": webhook.failing_since and webhook.failing_since.isoformat(),
        "created_by": webhook.created_by and webhook.created_by.get_username(),
        "created_at": webhook.created_at.isoformat(),
    }


def _delivery_out(delivery: WebhookDelivery) -> dict[str, object]:
    return {
        "id": delivery.pk,
        "type": delivery.type,
        "asset_id": delivery.asset_id,
        "at": delivery.at.isoformat(),
        "state": delivery.state,
        "attempts": delivery.attempts,
        "next_attempt_at": delivery.next_attempt_at and delivery.next_attempt_at.isoformat(),
        "status": delivery.status,
        "answer": delivery.answer,
    }
