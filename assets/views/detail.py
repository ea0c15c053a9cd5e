import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets import access
from assets.forms import AssetForm
from assets.models import Asset, StoredFile
from assets.services import uploads
from assets.services.listing import Listing
from assets.views.answers import asset_json, errors_json, wants_json
from assets.views.files import SHOWN

MOST_CARDS = 100


@require_http_methods(["GET", "HEAD", "POST"])
def asset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """An entry with all that is known of it; its owner edits it here."""
    if request.method == "POST":
        return _edit(request, access.get_own_asset_or_404(request, pk))
    entry = access.get_asset_or_404(request, pk)
    if wants_json(request):
        return JsonResponse(asset_json(entry))
    return _page(request, entry, AssetForm.of(entry))


def _edit(request: HttpRequest, entry: Asset) -> HttpResponse:
    form = AssetForm(request.POST)
    if form.is_valid():
        form.save(entry)
        if wants_json(request):
            return JsonResponse(asset_json(access.get_asset_or_404(request, entry.pk)))
        messages.success(request, "Saved.")
        return redirect(entry)
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return _page(request, entry, form, status=400)


def _page(request: HttpRequest, entry: Asset, form: AssetForm, status: int = 200) -> HttpResponse:
    context = {
        **_seen_by(request, entry),
        "form": form,
        "unfinished": [entry] if entry.stored_file.is_unfinished else [],
    }
    return render(request, "assets/asset.html", context, status=status)


def _seen_by(request: HttpRequest, entry: Asset) -> dict[str, Any]:
    """What the page and its refreshed parts show of an entry to this person."""
    return {
        "asset": entry,
        "may_change": access.may_change(request.user, entry),
        "is_shown": entry.stored_file.media_type in SHOWN,
    }


@require_POST
def trash_asset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = access.get_own_asset_or_404(request, pk)
    entry.trash(timezone.now())
    if wants_json(request):
        return JsonResponse(asset_json(entry))
    messages.success(request, f"“{entry.title}” is in the trash.")
    return redirect("library")


@require_POST
def restore_asset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = access.get_own_asset_or_404(request, pk)
    entry.restore()
    if wants_json(request):
        return JsonResponse(asset_json(entry))
    messages.success(request, f"“{entry.title}” is back in the library.")
    return redirect(entry)


@require_POST
def retry_asset(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = get_object_or_404(access.retryable_assets(request), pk=pk)
    uploads.retry(StoredFile.objects.filter(pk=entry.stored_file_id))
    messages.success(request, "It is sent again.")
    return redirect(entry)


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """The cards of these entries as they are now, for a page that shows unfinished ones."""
    wanted = []
    for text in request.GET.getlist("id")[:MOST_CARDS]:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            raise Http404("No such entry.") from None
    entries = list(access.visible_assets(request).filter(pk__in=wanted).with_details().marked_for(request.user))
    context: dict[str, Any] = {"unfinished": [entry for entry in entries if entry.stored_file.is_unfinished]}
    if request.GET.get("listed"):
        context |= {"listing": Listing.of(request.GET.dict(), request.user), "layout": request.GET.get("layout")}
    if request.GET.get("part") == "facts" and len(entries) == 1:
        return render(request, "assets/_refreshed_facts.html", context | _seen_by(request, entries[0]))
    return render(request, "assets/_refreshed.html", context | {"assets": entries})
