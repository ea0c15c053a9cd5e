"""What administrators see and do about stored URLs and keys: filters, and actions that say first what they will do."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from assets.models import StoredFile, UploadRequest
from assets.models.ledger import STORING
from assets.services import link_health, segmind

MOST_SHOWN = 20


class KeyFilter(admin.SimpleListFilter):
    title = "key"
    parameter_name = "key"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(found, key_name(found)) for found in UploadRequest.objects.fingerprints()]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        return queryset.filter(key_fingerprint=self.value()) if self.value() else queryset


def key_name(fingerprint: str) -> str:
    return f"{fingerprint} (in use)" if fingerprint == segmind.key_fingerprint() else fingerprint


def stored_with(stored_file: StoredFile) -> SafeString | str:
    """The key of the exchange that stored a file, leading to all that was sent with it."""
    exchange = UploadRequest.objects.filter(files=stored_file, outcome__in=STORING).latest_first().first()
    if exchange is None:
        return "–"
    address = f"{reverse('admin:assets_uploadrequest_changelist')}?key={exchange.key_fingerprint}"
    return format_html('<a href="{}">{}</a>', address, key_name(exchange.key_fingerprint))


def past_urls(stored_file: StoredFile) -> SafeString | str:
    rows = ((past.url, f"{past.replaced_at:%Y-%m-%d}", past.why) for past in stored_file.past_urls.all())
    return format_html_join("\n", "{} until {} ({})<br>", rows) or "–"


@admin.action(description="Check links now", permissions=["view"])
def check_now(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    return _previewed(model_admin, request, queryset, "check_now", _check_now)


@admin.action(description="Upload again what is broken or changed", permissions=["view"])
def upload_again(model_admin: admin.ModelAdmin, request: HttpRequest, queryset: QuerySet) -> HttpResponse | None:
    return _previewed(model_admin, request, queryset, "upload_again", _upload_again)


def _previewed(
    model_admin: admin.ModelAdmin,
    request: HttpRequest,
    queryset: QuerySet,
    name: str,
    act: Callable[[QuerySet], str],
) -> HttpResponse | None:
    """First a page that says what will be done, and from there the deed with its result."""
    if "confirmed" in request.POST:
        model_admin.message_user(request, act(queryset), messages.SUCCESS)
        return None
    chosen = StoredFile.objects.filter(pk__in=queryset.order_by().values("pk"))
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": "Check links now" if name == "check_now" else "Upload again",
        "name": name,
        "outlook": link_health.outlook(queryset),
        "healable": chosen.healable()[:MOST_SHOWN],
        "without_original": chosen.lost().filter(original="")[:MOST_SHOWN],
        "why_without_original": link_health.NO_ORIGINAL,
        "chosen": request.POST.getlist(ACTION_CHECKBOX_NAME),
        "across": request.POST.get("select_across", "0"),
    }
    return TemplateResponse(request, "admin/assets/storedfile/links_action.html", context)


def _check_now(queryset: QuerySet) -> str:
    count = link_health.check_now(queryset)
    return f"{_links(count)} looked at now, before all others." if count else "None of them has a URL to look at."


def _upload_again(queryset: QuerySet) -> str:
    before = link_health.outlook(queryset)
    parts = []
    if count := link_health.heal(queryset):
        parts.append(f"{count} {'file is' if count == 1 else 'files are'} uploaded again.")
    if before.on_their_way:
        parts.append(f"{before.on_their_way} on their way already.")
    if before.without_original:
        parts.append(f"{before.without_original} without an original. {link_health.NO_ORIGINAL}")
    return " ".join(parts) or "None of them is broken or changed."


def _links(count: int) -> str:
    return "1 link is" if count == 1 else f"{count} links are"
