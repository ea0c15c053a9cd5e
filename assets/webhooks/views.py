"""The pages of webhooks, for managers."""

import uuid
from collections.abc import Callable, Mapping

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST

from assets import permissions
from assets.models import Webhook
from assets.permissions import AuthHttpRequest
from assets.web.responses import render_dialog
from assets.webhooks import changes
from assets.webhooks.forms import WebhookForm

MAX_SHOWN = 50
# What is asked again before it is done, and what that is called.
ASKED = {"secret": "New secret", "remove": "Remove webhook"}


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhooks(request: AuthHttpRequest) -> HttpResponse:
    """All webhooks, and the form to add one."""
    found = permissions.visible_webhooks(request.user)
    form = WebhookForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        webhook = changes.add(request.user, form.settings, timezone.now())
        return _show_secret(request, webhook)
    context = {"form": form, "webhooks": found.select_related("created_by")}
    return render(request, "webhooks/webhooks.html", context, status=400 if form.errors else 200)


@sensitive_variables()
def _show_secret(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    """The only page that shows it."""
    return render(request, "webhooks/secret.html", {"webhook": webhook, "secret": webhook.secret})


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def webhook(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A webhook with its latest deliveries. POST changes it, or does the `action` that it names."""
    found = permissions.get_webhook_or_404(request.user, pk)
    if request.method == "POST" and (action := request.POST.get("action")):
        return ACTIONS.get(action, _do_nothing)(request, found)
    if (action := request.GET.get("ask")) in ASKED:
        context = {"title": ASKED[action], "webhook": found, "action": action}
        return render_dialog(request, "webhooks/_ask.html", context)
    form = WebhookForm(request.POST if request.method == "POST" else None, webhook=found)
    if form.is_bound and form.is_valid():
        changes.change(found, request.user, form.settings)
        messages.success(request, "Saved.")
        return redirect(found)
    context = {"webhook": found, "form": form, "deliveries": found.deliveries.all()[:MAX_SHOWN]}
    return render(request, "webhooks/webhook.html", context, status=400 if form.errors else 200)


@require_POST
def send_again(request: AuthHttpRequest, pk: uuid.UUID, delivery_pk: uuid.UUID) -> HttpResponse:
    delivery = permissions.get_webhook_delivery_or_404(request.user, pk, delivery_pk)
    return _queue(request, delivery.webhook, lambda: changes.send_again(delivery, timezone.now()))


def _queue(request: AuthHttpRequest, webhook: Webhook, work: Callable[[], object]) -> HttpResponse:
    try:
        work()
    except ValidationError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, "Queued. It is sent within a few seconds.")
    return redirect(webhook)


# --- What the buttons do -----------------------------------------------------------------------------------------


def _do_nothing(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    return redirect(webhook)


def _send_test(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    return _queue(request, webhook, lambda: changes.send_test(webhook, timezone.now()))


def _pause(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    changes.pause(webhook, request.user, timezone.now())
    messages.success(request, "Paused. Events from now on are not sent.")
    return redirect(webhook)


def _resume(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    changes.resume(webhook, request.user, timezone.now())
    messages.success(request, "Resumed.")
    return redirect(webhook)


def _renew_secret(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    changes.renew_secret(webhook, request.user)
    return _show_secret(request, webhook)


def _remove(request: AuthHttpRequest, webhook: Webhook) -> HttpResponse:
    changes.remove(webhook, request.user)
    messages.success(request, f"Webhook at {webhook.host} removed.")
    return redirect("webhooks")


ACTIONS: Mapping[str, Callable[[AuthHttpRequest, Webhook], HttpResponse]] = {
    "test": _send_test,
    "pause": _pause,
    "resume": _resume,
    "secret": _renew_secret,
    "remove": _remove,
}
