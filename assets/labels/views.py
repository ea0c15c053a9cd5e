"""The pages of tags and of collections: finding them, calling them otherwise, merging and deleting them."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from assets import permissions
from assets.labels import edit
from assets.labels.forms import CollectionForm, CollectionVisibilityForm, NameForm
from assets.labels.pages import get_page
from assets.models import Collection, Tag, Visibility
from assets.models.labels import CollectionQuerySet, Label, LabelQuerySet
from assets.permissions import AuthHttpRequest
from assets.search.menus import search_url
from assets.text.formats import MAX_COUNTED, format_count
from assets.web.responses import errors_json, render_dialog, wants_json


@require_safe
def tags(request: AuthHttpRequest) -> HttpResponse:
    """The tags on entries that the person may see."""
    return _listed(request, Tag.objects.all(), {"title": "Tags", "form": None})


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A tag, and what may be done with it."""
    label = permissions.get_tag_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    return render(request, "labels/label.html", _about(request, label))


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: AuthHttpRequest) -> HttpResponse:
    """The collections at the top, or those of any depth that a search finds; a new one is made here."""
    if request.method == "POST":
        return _make(request)
    form = CollectionForm() if permissions.may_upload(request.user) else None
    found = Collection.objects.all() if request.GET.get("q") else Collection.objects.filter(parent=None)
    return _listed(request, found, {"title": "Collections", "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A collection: what is nested in it, and what may be done with it."""
    label = permissions.get_collection_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    parts = label.key.split(Collection.SEPARATOR)
    above = [Collection.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))]
    context = _about(request, label) | {"above": Collection.objects.filter(key__in=above)}
    found = Collection.objects.filter(parent=label)
    return _listed(request, found, context, template="labels/label.html")


# --- Lists -------------------------------------------------------------------------------------------------------


def _listed(
    request: AuthHttpRequest,
    candidates: LabelQuerySet,
    context: dict[str, Any],
    *,
    template: str = "labels/labels.html",
) -> HttpResponse:
    text = request.GET.get("q", "").strip()

    page = get_page(
        candidates.matching(text) if text else candidates,
        permissions.visible_assets(request).current(),
        only_visible=lambda batch: _visible(request, candidates.model, [label.pk for label in batch]),
        after=request.GET.get("after", ""),
    )
    query = urlencode({"q": text, "after": page.next_after}) if page.next_after else ""
    rows = [_row(label, count) for label, count in page.rows]
    if wants_json(request):
        return JsonResponse({"labels": rows, "next": f"{request.path}?{query}" if query else None})
    return render(request, template, context | {"rows": rows, "text": text, "next": query and f"?{query}"})


def _visible(request: AuthHttpRequest, model: type[Label], pks: list[uuid.UUID]) -> list[Any]:
    if model is Tag:
        return list(permissions.visible_tags(request).filter(pk__in=pks))
    return permissions.visible_collections(request, Collection.objects.filter(pk__in=pks))


def _row(label: Label, count: int) -> dict[str, Any]:
    return {
        "id": str(label.pk),
        "name": label.full_name,
        "is_private": getattr(label, "private_to_id", None) is not None,
        "entries": format_count(count),
        "page": address_of(label),
        "search": search_of(label),
    }


def address_of(label: Label) -> str:
    return reverse(str(label._meta.model_name), args=[label.pk])


def search_of(label: Label) -> str:
    """The address of the library with the entries that have it."""
    return search_url("in" if isinstance(label, Collection) else "tag", label.full_name)


def _make(request: AuthHttpRequest) -> HttpResponse:
    permissions.refuse_viewers(request.user)
    form = CollectionForm(request.POST)
    if form.is_valid():
        is_new = not Collection.objects.find_all([form.cleaned_data["name"]], request.user)
        made = edit.create_collection(form.cleaned_data["name"], request.user, is_private=form.is_private)
        words = "is there" if is_new else "was there already"
        messages.success(request, f"The collection “{made.full_name}” {words}.")
    else:
        messages.error(request, " ".join(message for found in form.errors.values() for message in map(str, found)))
    return redirect("collections")


# --- One of them -------------------------------------------------------------------------------------------------


def _about(request: AuthHttpRequest, label: Label, form: NameForm | None = None) -> dict[str, Any]:
    return {
        "label": label,
        "title": label.full_name,
        "noun": label._meta.model_name,
        "search": search_of(label),
        "may_change": permissions.may_change_label(request.user, label),
        "who_sees": _who_sees(request, label),
        "above": (),
        "rows": (),
        "form": form or NameForm(initial={"name": label.full_name}, label=type(label)),  # type: ignore[arg-type]
    }


def _who_sees(request: AuthHttpRequest, label: Label) -> CollectionVisibilityForm | None:
    """The form for whom a collection is, where the person may change that."""
    if not isinstance(label, Collection) or not permissions.may_change_who_sees(request.user, label):
        return None
    return CollectionVisibilityForm(
        initial={"visibility": Visibility.PRIVATE if label.private_to_id else Visibility.TEAM}
    )


def _change(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """Rename, merge or delete it. What concerns more than its name is shown first, and done once it is confirmed."""
    permissions.refuse_viewers(request.user)
    if not permissions.may_change_label(request.user, label):
        raise PermissionDenied("Entries of others have it too. Ask a manager to change it.")
    if request.POST.get("action") == "delete":
        return _delete(request, label)
    if request.POST.get("action") == "visibility" and isinstance(label, Collection):
        return _show(request, label)
    form = NameForm(request.POST, label=type(label))  # type: ignore[arg-type]
    if form.is_valid():
        try:
            return _rename(request, label, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error)
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return render(request, "labels/label.html", _about(request, label, form), status=400)


def _rename(request: AuthHttpRequest, label: Label, name: str) -> HttpResponse:
    before = label.full_name
    other = type(label).objects.find_conflict(label, name)
    if other is None or not _is_seen(request, other):
        if other is None:
            edit.rename(label, name)
        else:
            # Of a name that is only on what others keep private nothing is said.
            edit.merge(label, other)
        messages.success(request, f"“{before}” is called “{(other or label).full_name}” now.")
        return redirect(address_of(other or label))
    if not request.POST.get("confirmed"):
        return render_dialog(request, "labels/_merge.html", _effect(request, label) | {"other": other, "name": name})
    edit.merge(label, other)
    messages.success(request, f"“{before}” has become “{other.full_name}”.")
    return redirect(address_of(other))


def _is_seen(request: AuthHttpRequest, label: Label) -> bool:
    return label.pk in {found.pk for found in _visible(request, type(label), [label.pk])}


def _show(request: AuthHttpRequest, collection: Collection) -> HttpResponse:
    """Make a collection the person's alone, or the team's."""
    if not permissions.may_change_who_sees(request.user, collection):
        raise PermissionDenied("Others have entries in it, so it stays the team's.")
    is_private = request.POST.get("visibility") == Visibility.PRIVATE
    try:
        edit.set_owner(collection, request.user if is_private else None)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        who = "only you see" if is_private else "everyone in the team sees"
        messages.success(request, f"From now on {who} “{collection.full_name}” and what is nested in it.")
    return redirect(address_of(collection))


def _delete(request: AuthHttpRequest, label: Label) -> HttpResponse:
    if not request.POST.get("confirmed"):
        return render_dialog(request, "labels/_delete.html", _effect(request, label))
    name = label.full_name
    edit.delete(label)
    messages.success(request, f"“{name}” is deleted. Its entries stay in the library.")
    return redirect(f"{label._meta.model_name}s")


def _effect(request: AuthHttpRequest, label: Label) -> dict[str, Any]:
    """What a change concerns, as far as the person may see it: not what others keep private."""
    nested: list[str] = []
    entries: Any = label.all_assets()
    if isinstance(label, Collection):
        within: CollectionQuerySet = Collection.objects.within(label.key)
        nested = [one.full_name for one in permissions.visible_collections(request, within.exclude(pk=label.pk)[:20])]
    return {
        "label": label,
        "noun": label._meta.model_name,
        "nested": nested,
        "entries": format_count(entries.visible_to(request.user).order_by()[: MAX_COUNTED + 1].count()),
        "address": address_of(label),
    }
