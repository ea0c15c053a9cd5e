import uuid
from collections.abc import Sequence

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assets import permissions
from assets.audit import timeline
from assets.catalogue.works_with import works_with
from assets.delivery.requeue import retry
from assets.library import edits
from assets.library.columns import read_columns
from assets.library.copy_views import snippets_for
from assets.library.edits import Conflict
from assets.library.forms import AssetForm
from assets.media.rows import INLINE_TYPES
from assets.models import Asset, StoredFile, page_queries
from assets.models.assets import labels_for
from assets.models.cards import Card
from assets.models.page_queries import AssetCards, Labels
from assets.permissions import AuthHttpRequest
from assets.previews.pages import have_pages
from assets.search.filters import Scope
from assets.search.results import Listing
from assets.text.email_in_url import url_contains_email
from assets.web.responses import asset_json, errors_json, read_fields, redirect_back, wants_json

MAX_CARDS = 100
MAX_OTHERS = 20


@require_http_methods(["GET", "HEAD", "POST"])
def asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The page of an asset; POST edits it. `q` and `sort` name the list that it was opened from."""
    if request.method == "POST":
        return _edit(request, pk)
    asset = permissions.get_asset_or_404(request, pk)
    if wants_json(request):
        return _asset_response(request, asset)
    labels = page_queries.asset_labels(request.user, asset)
    form = AssetForm(None, asset=asset, labels=labels) if permissions.may_change(request.user, asset) else None
    return _render_asset(request, asset, labels, form)


@transaction.atomic
def _edit(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    form = _read_form(request, permissions.lock_changeable_asset_or_404(request, pk))
    if not form.is_valid():
        return _refuse_edit(request, form)
    edits.require_visibility(form, request.user)
    if fields := form.conflicts():
        return _show_conflicts(request, form, fields)
    change = edits.save_undoably(form, by=request.user)
    if _is_program(request):
        return _asset_response(request, permissions.get_asset_or_404(request, pk))
    messages.success(request, change.message, extra_tags=change.undo)
    return redirect(request.get_full_path())


def _read_form(request: AuthHttpRequest, asset: Asset) -> AssetForm:
    data = read_fields(request)
    if "collection" in data:
        data["collections"] = data["collection"]
    if not _is_program(request) and not permissions.may_change_visibility(request.user, asset):
        # Of a page from when the asset was the person's own.
        data.pop("visibility", None)
    form = AssetForm(data, asset=asset, labels=page_queries.asset_labels(request.user, asset))
    form.fields["version"].required = _is_program(request)
    return form


def _refuse_edit(request: AuthHttpRequest, form: AssetForm) -> HttpResponse:
    if _is_program(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return _render_asset(request, form.asset, form.labels, form.completed())


def _show_conflicts(request: AuthHttpRequest, form: AssetForm, fields: list[str]) -> HttpResponse:
    if _is_program(request):
        error = {"code": "conflict", "message": edits.explain(fields)}
        return JsonResponse({"error": error, "asset": _asset_json(request, form.asset)}, status=409)
    conflicts = edits.describe_conflicts(form, fields, request.user)
    return _render_asset(request, form.asset, form.labels, form.on_top_of_now(), conflicts)


def _is_program(request: AuthHttpRequest) -> bool:
    """Whether the client asks for JSON, or sends it, which no page does."""
    return wants_json(request) or request.content_type == "application/json"


def _asset_json(request: AuthHttpRequest, asset: Asset) -> dict[str, object]:
    prefetch_related_objects([asset], *labels_for(request.user))
    return asset_json(asset)


def _asset_response(request: AuthHttpRequest, asset: Asset) -> JsonResponse:
    return JsonResponse(_asset_json(request, asset))


def _render_asset(
    request: AuthHttpRequest,
    asset: Asset,
    labels: Labels,
    form: AssetForm | None,
    conflicts: Sequence[Conflict] = (),
) -> HttpResponse:
    listing = _find_listing(request, asset)
    cards = listing.cards_around(asset, max_same_content=MAX_OTHERS + 1)
    if cards.own:
        asset.owner_name = cards.own.owner
    context = {
        **_asset_context(request, asset),
        **_list_context(listing, asset, cards),
        "labels": labels,
        "form": form,
        "conflicts": {conflict.field: conflict for conflict in conflicts},
        "unfinished": [card for card in [Card.from_asset(asset)] if card.is_unfinished],
    }
    status = 409 if conflicts else 400 if form and form.errors else 200
    return render(request, "library/asset.html", context, status=status)


def _find_listing(request: AuthHttpRequest, asset: Asset) -> Listing:
    """The list that the asset was opened from."""
    parameters, scope = request.GET.dict(), _find_scope(request, asset)
    try:
        return Listing.from_parameters(parameters, request.user, scope=scope)
    except Http404:  # the tag or collection has been deleted since
        return Listing.from_parameters(parameters | {"place": ""}, request.user, scope=scope)


def _list_context(listing: Listing, asset: Asset, cards: AssetCards) -> dict[str, object]:
    query = f"?{listing.query_string}" if listing.query_string else ""
    return {
        "is_favourite": cards.own is not None and cards.own.is_favourite,
        "previous": cards.previous,
        "following": cards.following,
        "others": cards.same_content,
        "max_others": MAX_OTHERS,
        "query": query,
        "list_name": listing.name,
        "list_url": listing.url,
    }


def _find_scope(request: AuthHttpRequest, asset: Asset) -> Scope:
    if not asset.is_trashed:
        return Scope.LIBRARY
    return Scope.TRASH if asset.is_owned_by(request.user) else Scope.EVERYONES_TRASH


def _asset_context(request: AuthHttpRequest, asset: Asset) -> dict[str, object]:
    """What the page and its refreshed parts show."""
    return {
        **describe_file(request, asset),
        "may_change_visibility": permissions.may_change_visibility(request.user, asset),
        "snippets": snippets_for(asset),
        "works_with": works_with(asset),
        "has_runs": asset.stored_file.run_count > 0 or asset.stored_file.is_output,
        "events": timeline.for_asset(asset, user=request.user),
    }


def describe_file(request: AuthHttpRequest, asset: Asset) -> dict[str, object]:
    """What every view of one asset shows, large or small."""
    return {
        "asset": asset,
        "may_change": permissions.may_change(request.user, asset),
        "is_shown": asset.stored_file.media_type in INLINE_TYPES,
        "has_pages": have_pages(asset.stored_file),
        "url_has_email": url_contains_email(asset.stored_file.url),
    }


@require_POST
@transaction.atomic
def trash_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    asset = permissions.lock_changeable_asset_or_404(request, pk)
    change = edits.move_to_trash(asset, by=request.user)
    if wants_json(request):
        return _asset_response(request, asset)
    # The page that shows the message offers to undo it.
    messages.success(request, change.message, extra_tags=change.undo)
    return redirect_back(request, "library")


@require_POST
@transaction.atomic
def restore_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    asset = permissions.lock_changeable_asset_or_404(request, pk)
    change = edits.restore(asset, by=request.user)
    if wants_json(request):
        return _asset_response(request, asset)
    messages.success(request, change.message, extra_tags=change.undo)
    return redirect(asset)


@require_POST
def retry_asset(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    asset = get_object_or_404(permissions.retryable_assets(request), pk=pk)
    retry(StoredFile.objects.filter(pk=asset.stored_file_id))
    message = "The upload was added to the queue again."
    if wants_json(request):
        queued = permissions.get_asset_or_404(request, pk)
        return JsonResponse({**_asset_json(request, queued), "message": message})
    messages.success(request, message)
    return redirect(asset)


@require_safe
def cards(request: AuthHttpRequest) -> HttpResponse:
    """The current cards of some assets, for a page that shows unfinished ones."""
    reachable = permissions.reachable_assets(request.user).filter(pk__in=_parse_ids(request.GET.getlist("id")))
    assets = list(reachable.with_details(request.user).with_favourites_of(request.user))
    is_listed = bool(request.GET.get("listed"))
    cards = [Card.from_asset(asset) for asset in assets]
    context: dict[str, object] = {
        "unfinished": [card for card in cards if card.is_unfinished],
        "listing": Listing.from_parameters(request.GET.dict(), request.user) if is_listed else None,
        "layout": request.GET.get("layout") if is_listed else "",
        "columns": read_columns(request.user.list_columns),
    }
    if request.GET.get("part") == "facts" and len(assets) == 1:
        return render(request, "library/_refreshed_facts.html", context | _asset_context(request, assets[0]))
    return render(request, "library/_refreshed.html", context | {"cards": cards})


def _parse_ids(texts: list[str]) -> list[uuid.UUID]:
    try:
        return [uuid.UUID(text) for text in texts[:MAX_CARDS]]
    except ValueError:
        raise Http404("This is not the id of an asset.") from None
