"""The e-mail about a webhook that was paused because it failed."""

import logging

from django.conf import settings
from django.core.mail import send_mail

from assets import permissions
from assets.models import Webhook

logger = logging.getLogger(__name__)


def tell_of_pause(webhook: Webhook) -> None:
    """To who added it. The page of webhooks says it to every manager."""
    person = webhook.created_by
    if person is None or not settings.CAN_MAIL or not person.email or not permissions.may_manage(person):
        return
    lines = [
        f"Hello {person.get_username()},", "",
        f"The webhook at {webhook.host} was paused. {webhook.pause_reason} "
        "Events are not kept for it until you resume it:",
        f"{settings.SITE_URL}{webhook.get_absolute_url()}",
    ]  # fmt: skip
    try:
        send_mail(f"Webhook at {webhook.host} paused", "\n".join(lines), None, [person.email])
    except OSError as error:
        logger.warning("The mail server did not accept a mail: %s", type(error).__name__)
