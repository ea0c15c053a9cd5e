"""What a webhook is told, signed by Standard Webhooks (https://www.standardwebhooks.com)."""

import json
import uuid
from collections.abc import Mapping
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.views.decorators.debug import sensitive_variables
from standardwebhooks import Webhook as Signer

from assets.models import Asset, User, Webhook, WebhookDelivery
from assets.models.webhooks import TEST
from assets.web.responses import asset_json


def build(delivery: WebhookDelivery) -> bytes | None:
    """None if its asset was made private or deleted meanwhile: then there is nothing to tell any more."""
    asset = _find_asset(delivery.asset_id) if delivery.asset_id else None
    if asset is None and delivery.type != TEST:
        return None
    message = {"type": delivery.type, "timestamp": delivery.at.isoformat(), "data": {"asset": asset}}
    return json.dumps(message, ensure_ascii=False).encode()


def _find_asset(pk: uuid.UUID) -> dict[str, object] | None:
    # As for somebody without an account: with the team's collections only.
    found = Asset.objects.of_team().with_details(User()).filter(pk=pk).first()
    if found is None:
        return None
    facts, preview = asset_json(found), reverse("v1:get_preview", args=[found.pk])
    return facts | {
        "page": f"{settings.SITE_URL}{facts['page']}",
        "preview": f"{settings.SITE_URL}{preview}" if facts["preview"] else None,
    }


@sensitive_variables()
def sign(webhook: Webhook, delivery: WebhookDelivery, body: bytes, now: datetime) -> Mapping[str, str]:
    """The headers. The time is that of the attempt, so that a receiver can refuse a request that is repeated later."""
    pk = str(delivery.pk)
    return {
        "webhook-id": pk,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Signer(webhook.secret).sign(pk, now, body.decode()),
    }
