"""The overviews: a wall of collections, the tags by name or by use; and a new collection."""

import uuid
from collections.abc import Mapping
from urllib.parse import urlencode

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from assets import permissions
from assets.labels import edit, pages
from assets.labels.dialogs import finish
from assets.labels.forms import CollectionForm
from assets.labels.pages import LabelCard
from assets.models import Collection, Tag
from assets.models.collections import CollectionQuerySet
from assets.models.labels import Label
from assets.permissions import AuthHttpRequest
from assets.search.addresses import search_url
from assets.text.formats import format_count
from assets.web.responses import errors_json, render_dialog, wants_json

MAX_PRIVATE = 6


@require_safe
def tags(request: AuthHttpRequest) -> HttpResponse:
    """The tags of assets that the person may see, by name or, with `sort=use`, the most used of them."""
    text, sort = request.GET.get("q", "").strip(), request.GET.get("sort", "")
    candidates = Tag.objects.matching(text) if text else Tag.objects.all()
    if sort == "use" and not text:
        page = pages.most_used_tags(request.user)
    else:
        page = pages.get_page(candidates, request.user, after=request.GET.get("after", ""))
    context = {"text": text, "sort": sort, "place": {"kind": "tags"}}
    return _answer(request, page, "labels/tags.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: AuthHttpRequest) -> HttpResponse:
    """The collections at the top, or those `within` one; for a search, those of any level. POST creates one."""
    if request.method == "POST":
        return _create(request)
    within = _find_collection(request, "within")
    candidates = _candidates(request, within)
    if not wants_json(request) and within is None and not request.GET.get("q"):
        candidates = candidates.filter(private_to=None)
    return _render_wall(request, candidates, within)


@require_safe
def private_collections(request: AuthHttpRequest) -> HttpResponse:
    """The person's private collections."""
    return _render_wall(request, _candidates(request, None).filter(private_to=request.user.pk), None, is_private=True)


@require_safe
def new_collection(request: AuthHttpRequest) -> HttpResponse:
    """A form for a new collection, `within` another one if the URL says so, or `into` one that can be changed."""
    permissions.require_member(request.user)
    within, into = _find_collection(request, "within"), _find_collection(request, "into")
    is_private = into.is_private if into else request.GET.get("private")
    initial = {
        "within": within and within.pk,
        "into": into.path if into else "",
        "visibility": "private" if is_private else "team",
    }
    return _ask(request, CollectionForm(initial=initial), within)


def _find_collection(request: AuthHttpRequest, name: str) -> Collection | None:
    text = request.GET.get(name) or request.POST.get(name)
    try:
        return permissions.get_collection_or_404(request.user, pk=uuid.UUID(text)) if text else None
    except ValueError:
        raise Http404("This is not the id of a collection.") from None


def _candidates(request: AuthHttpRequest, within: Collection | None) -> CollectionQuerySet:
    text = request.GET.get("q", "").strip()
    if not text:
        return Collection.objects.filter(parent=within)
    return (Collection.objects.within_any([within.key]) if within else Collection.objects.all()).matching(text)


def _render_wall(
    request: AuthHttpRequest, candidates: CollectionQuerySet, within: Collection | None, *, is_private: bool = False
) -> HttpResponse:
    after, text = request.GET.get("after", ""), request.GET.get("q", "").strip()
    page = pages.get_page(candidates, request.user, after=after)
    is_front = not (within or is_private or after or text)
    own = Collection.objects.filter(parent=None, private_to=request.user.pk)
    context = {
        "text": text,
        "within": within,
        "is_private": is_private,
        "own": pages.get_page(own, request.user, size=MAX_PRIVATE) if is_front and not wants_json(request) else None,
        "new_query": urlencode({"within": within.pk} if within else {"private": 1} if is_private else {}),
        "place": {"kind": "collections"},
    }
    return _answer(request, page, "labels/collections.html", context)


def _answer(
    request: AuthHttpRequest, page: pages.LabelPage, template: str, context: Mapping[str, object]
) -> HttpResponse:
    query = request.GET.copy()
    query["q"], query["after"] = str(context["text"]), page.next_after or ""
    following = f"?{query.urlencode()}" if page.next_after else None
    if wants_json(request):
        rows = [_row_json(card) for card in page.cards]
        return JsonResponse({"labels": rows, "next": following and f"{request.path}{following}"})
    return render(request, template, {**context, "cards": page.cards, "next": following})


def _row_json(card: LabelCard) -> dict[str, object]:
    return {
        "id": str(card.label.pk),
        "name": card.label.full_name,
        "is_private": card.label.is_private,
        "entries": format_count(card.asset_count),
        "page": card.label.get_absolute_url(),
        "settings": card.label.settings_url,
        "search": _search_url(card.label),
    }


def _search_url(label: Label) -> str:
    """The library, searched for its assets."""
    return search_url("in", label.place) if isinstance(label, Collection) else search_url("tag", label.name)


def _create(request: AuthHttpRequest) -> HttpResponse:
    permissions.require_member(request.user)
    form, within = CollectionForm(request.POST), _find_collection(request, "within")
    if not form.is_valid_within(within):
        return _refuse(request, form, within)
    path = form.cleaned_data["name"]
    is_private = within.is_private if within else form.is_private
    is_new = not Collection.objects.find_all([path], request.user)
    created = edit.create_collection(path, request.user, is_private=is_private)
    message = "Collection “{}” created." if is_new else "There is already a collection “{}”."
    return finish(request, message.format(created.full_name), created.get_absolute_url())


def _refuse(request: AuthHttpRequest, form: CollectionForm, within: Collection | None) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return _ask(request, form, within, status=400)


def _ask(
    request: AuthHttpRequest, form: CollectionForm, within: Collection | None, *, status: int = 200
) -> HttpResponse:
    context = {"form": form, "within": within, "title": "New collection"}
    return render_dialog(request, "labels/_new.html", context, status=status)
