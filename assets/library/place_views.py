"""Collections and tags as places: galleries like the library, with what is in them."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods, require_safe

from assets import permissions
from assets.labels import change_views, pages
from assets.library import list_views
from assets.models import Collection, PastPath, Tag
from assets.permissions import AuthHttpRequest
from assets.search.results import Listing

# Two rows on a wide screen; the others are on a page of their own.
MAX_NESTED = 11


@require_safe
def collection_place(request: AuthHttpRequest, path: str) -> HttpResponse:
    """The team's collection with that path."""
    return _show_collection(request, Collection.tree_key(None, Collection.make_key(path)), path)


@require_safe
def private_collection_place(request: AuthHttpRequest, path: str) -> HttpResponse:
    """The person's own private one."""
    return _show_collection(request, Collection.tree_key(request.user.pk, Collection.make_key(path)), path)


@require_safe
def tag_place(request: AuthHttpRequest, name: str) -> HttpResponse:
    return _show(request, permissions.get_tag_or_404(request.user, key=Tag.make_key(name)), name)


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A collection by its id: POST changes it, GET leads to its page."""
    label = permissions.get_collection_or_404(request.user, pk=pk)
    return change_views.change(request, label) if request.method == "POST" else _show(request, label, str(pk))


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    label = permissions.get_tag_or_404(request.user, pk=pk)
    return change_views.change(request, label) if request.method == "POST" else _show(request, label, str(pk))


@require_safe
def collection_setting(request: AuthHttpRequest, pk: uuid.UUID, setting: str) -> HttpResponse:
    return change_views.ask(request, permissions.get_collection_or_404(request.user, pk=pk), setting)


@require_safe
def tag_setting(request: AuthHttpRequest, pk: uuid.UUID, setting: str) -> HttpResponse:
    return change_views.ask(request, permissions.get_tag_or_404(request.user, pk=pk), setting)


def _show_collection(request: AuthHttpRequest, key: str, path: str) -> HttpResponse:
    """The collection there or, if it has moved on, the way to where it is."""
    try:
        return _show(request, permissions.get_collection_or_404(request.user, key=key), path)
    except Http404:
        past = PastPath.objects.filter(key=key).values_list("collection_id", flat=True).first()
        if past is None:
            raise
    return _show(request, permissions.get_collection_or_404(request.user, pk=past), "")


def _show(request: AuthHttpRequest, label: Tag | Collection, name: str) -> HttpResponse:
    """The gallery. `name`: what the URL says; another spelling leads to the label's own address."""
    url = label.get_absolute_url()
    if name != (str(label.pk) if url == label.settings_url else label.full_name):
        query = request.GET.urlencode()
        return redirect(f"{url}?{query}" if query else url)
    listing = Listing.from_parameters(request.GET.dict(), request.user, place=label)
    template = f"labels/{label.noun}.html"
    return list_views.show(request, listing, template, lambda: _make_context(request, label, listing))


def _make_context(request: AuthHttpRequest, label: Tag | Collection, listing: Listing) -> dict[str, object]:
    context = {"label": label, "may_change_label": permissions.may_change_label(request.user, label)}
    if isinstance(label, Tag):
        return context | {"place": {"kind": "tag", "pk": label.pk, "ancestors": []}}
    parents = list(Collection.objects.filter(key__in=label.ancestor_keys))
    place = {"kind": "collection", "pk": label.pk, "ancestors": [parent.pk for parent in parents]}
    nested = None if listing.text else pages.get_page(label.children.all(), request.user, size=MAX_NESTED)
    return context | {"place": place, "parents": parents, "nested": nested}
