import uuid
from typing import Any

from django.contrib import messages
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets import permissions
from assets.audit import timeline
from assets.delivery.requeue import retry
from assets.library.copy_views import snippets_for
from assets.library.file_views import SHOWN
from assets.library.forms import AssetForm
from assets.models import Asset, StoredFile, page_queries
from assets.models.assets import labels_for
from assets.models.cards import Card
from assets.models.page_queries import Labels
from assets.permissions import AuthHttpRequest
from assets.search.filters import Scope
from assets.search.results import Listing
from assets.text.email_in_url import url_contains_email
from assets.web.responses import asset_json, errors_json, redirect_back, wants_json

MOST_CARDS = 100
MOST_OTHERS = 20


@require_http_methods(["GET", "HEAD", "POST"])
def asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """An entry with all that is known of it, and where it is edited. `q` and `sort` name the list it is seen in."""
    if request.method == "POST":
        return _edit(request, permissions.get_changeable_asset_or_404(request, pk))
    entry = permissions.get_asset_or_404(request, pk)
    if wants_json(request):
        return _as_json(request, entry)
    labels = page_queries.asset_labels(request.user, entry)
    return _page(request, entry, labels, AssetForm.for_asset(entry, labels))


def _edit(request: AuthHttpRequest, entry: Asset) -> HttpResponse:
    form = AssetForm(request.POST)
    if not permissions.may_change_visibility(request.user, entry):
        del form.fields["visibility"]
    if form.is_valid():
        form.save(entry, by=request.user)
        if wants_json(request):
            return _as_json(request, permissions.get_asset_or_404(request, entry.pk))
        messages.success(request, "Saved.")
        return redirect(request.get_full_path())
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return _page(request, entry, page_queries.asset_labels(request.user, entry), form, status=400)


def _as_json(request: AuthHttpRequest, entry: Asset) -> JsonResponse:
    prefetch_related_objects([entry], *labels_for(request.user))
    return JsonResponse(asset_json(entry))


def _page(request: AuthHttpRequest, entry: Asset, labels: Labels, form: AssetForm, status: int = 200) -> HttpResponse:
    context = {
        **_seen_by(request, entry),
        **_place(request, entry),
        "labels": labels,
        "form": form,
        "unfinished": [entry] if entry.stored_file.is_unfinished else [],
    }
    return render(request, "library/asset.html", context, status=status)


def _place(request: AuthHttpRequest, entry: Asset) -> dict[str, Any]:
    """The list in which the entry is seen: what comes before and behind it there, and the way back."""
    name = _list_of(request, entry)
    listing = Listing.from_parameters(request.GET.dict(), request.user, scope=Scope(name))
    cards = listing.cards_around(entry, max_same_content=MOST_OTHERS + 1)
    query = f"?{listing.query_string}" if listing.query_string else ""
    return {
        "is_favourite": cards.own is not None and cards.own.is_favourite,
        "previous": cards.previous,
        "following": cards.following,
        "others": cards.same_content,
        "most_others": MOST_OTHERS,
        "query": query,
        "list_name": "Results" if listing.text else "Trash" if entry.is_trashed else "Library",
        "list_address": f"{reverse(name)}{query}",
    }


def _list_of(request: AuthHttpRequest, entry: Asset) -> str:
    """The name of the page whose list an entry is in."""
    if not entry.is_trashed:
        return "library"
    return "trash" if entry.is_owned_by(request.user) else "everyones_trash"


def _seen_by(request: AuthHttpRequest, entry: Asset) -> dict[str, Any]:
    """What the page and its refreshed parts show of an entry to this person."""
    return {
        "asset": entry,
        "may_change": permissions.may_change(request.user, entry),
        "may_change_visibility": permissions.may_change_visibility(request.user, entry),
        "is_shown": entry.stored_file.media_type in SHOWN,
        "snippets": snippets_for(entry),
        "url_has_email": url_contains_email(entry.stored_file.url),
        "events": timeline.for_asset(entry, user=request.user),
    }


@require_POST
def trash_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = permissions.get_changeable_asset_or_404(request, pk)
    entry.trash(timezone.now())
    if wants_json(request):
        return _as_json(request, entry)
    # The page that shows the message offers what undoes it.
    messages.success(request, f"“{entry.title}” is in the trash.", extra_tags=reverse("restore_asset", args=[pk]))
    return redirect_back(request, "library")


@require_POST
def restore_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = permissions.get_changeable_asset_or_404(request, pk)
    entry.restore()
    if wants_json(request):
        return _as_json(request, entry)
    messages.success(request, f"“{entry.title}” is back in the library.")
    return redirect(entry)


@require_POST
def retry_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    entry = get_object_or_404(permissions.retryable_assets(request), pk=pk)
    retry(StoredFile.objects.filter(pk=entry.stored_file_id))
    messages.success(request, "It is sent again.")
    return redirect(entry)


@require_safe
def cards(request: AuthHttpRequest) -> HttpResponse:
    """The cards of these entries as they are now, for a page that shows unfinished ones."""
    wanted = []
    for text in request.GET.getlist("id")[:MOST_CARDS]:
        try:
            wanted.append(uuid.UUID(text))
        except ValueError:
            raise Http404("No such entry.") from None
    entries = list(
        permissions.reachable_assets(request.user)
        .filter(pk__in=wanted)
        .with_details(request.user)
        .with_favourites_of(request.user)
    )
    context: dict[str, Any] = {
        "unfinished": [entry for entry in entries if entry.stored_file.is_unfinished],
        "listing": None,
        "layout": "",
    }
    if request.GET.get("listed"):
        context |= {
            "listing": Listing.from_parameters(request.GET.dict(), request.user),
            "layout": request.GET.get("layout"),
        }
    if request.GET.get("part") == "facts" and len(entries) == 1:
        return render(request, "library/_refreshed_facts.html", context | _seen_by(request, entries[0]))
    return render(request, "library/_refreshed.html", context | {"cards": [Card.of(entry) for entry in entries]})
