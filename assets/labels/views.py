"""The pages of tags and collections: lists, renaming, merging and deleting."""

import uuid
from collections.abc import Callable, Iterable, Mapping
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from assets import permissions
from assets.labels import edit
from assets.labels.forms import CollectionForm, CollectionVisibilityForm, NameForm
from assets.labels.pages import get_page
from assets.models import Collection, Tag, Visibility
from assets.models.labels import Label, LabelQuerySet, LabelT
from assets.permissions import AuthHttpRequest
from assets.search.addresses import search_url
from assets.text.formats import MAX_COUNTED, format_count
from assets.web.responses import errors_json, render_dialog, wants_json

MAX_NESTED = 20


@require_safe
def tags(request: AuthHttpRequest) -> HttpResponse:
    """The tags of assets that the person may see."""
    context = {"title": "Tags", "form": None}
    return _render_list(request, Tag.objects.all(), _visible_tags, "labels/labels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    label = permissions.get_tag_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    return render(request, "labels/label.html", _label_context(request, label))


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: AuthHttpRequest) -> HttpResponse:
    """The top-level collections or, for a search, those of any level. POST creates one."""
    if request.method == "POST":
        return _create_collection(request)
    context = {"title": "Collections", "form": CollectionForm() if permissions.may_upload(request.user) else None}
    candidates = Collection.objects.all() if request.GET.get("q") else Collection.objects.filter(parent=None)
    return _render_list(request, candidates, _visible_collections, "labels/labels.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A collection and those nested in it."""
    label = permissions.get_collection_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    parts = label.key.split(Collection.SEPARATOR)
    parent_keys = [Collection.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))]
    context = _label_context(request, label) | {"parents": Collection.objects.filter(key__in=parent_keys)}
    nested = Collection.objects.filter(parent=label)
    return _render_list(request, nested, _visible_collections, "labels/label.html", context)


# --- Lists -------------------------------------------------------------------------------------------------------


def _render_list(
    request: AuthHttpRequest,
    candidates: LabelQuerySet[LabelT],
    only_visible: Callable[[AuthHttpRequest, Iterable[LabelT]], list[LabelT]],
    template: str,
    context: Mapping[str, object],
) -> HttpResponse:
    text = request.GET.get("q", "").strip()
    page = get_page(
        candidates.matching(text) if text else candidates,
        permissions.visible_assets(request).current(),
        only_visible=lambda batch: only_visible(request, batch),
        after=request.GET.get("after", ""),
    )
    query = urlencode({"q": text, "after": page.next_after}) if page.next_after else ""
    rows = [_row_json(label, asset_count) for label, asset_count in page.rows]
    if wants_json(request):
        return JsonResponse({"labels": rows, "next": f"{request.path}?{query}" if query else None})
    return render(request, template, {**context, "rows": rows, "text": text, "next": query and f"?{query}"})


def _visible_tags(request: AuthHttpRequest, candidates: Iterable[Tag]) -> list[Tag]:
    return list(permissions.visible_tags(request).filter(pk__in=[label.pk for label in candidates]))


def _visible_collections(request: AuthHttpRequest, candidates: Iterable[Collection]) -> list[Collection]:
    pks = [label.pk for label in candidates]
    return permissions.visible_collections(request, Collection.objects.filter(pk__in=pks))


def _is_visible(request: AuthHttpRequest, label: Label) -> bool:
    if isinstance(label, Collection):
        return bool(_visible_collections(request, [label]))
    return permissions.visible_tags(request).filter(pk=label.pk).exists()


def _row_json(label: Label, asset_count: int) -> dict[str, object]:
    return {
        "id": str(label.pk),
        "name": label.full_name,
        "is_private": label.is_private,
        "entries": format_count(asset_count),
        "page": label_url(label),
        "search": label_search_url(label),
    }


def label_url(label: Label) -> str:
    return reverse(label.noun, args=[label.pk])


def label_search_url(label: Label) -> str:
    """The library, searched for the assets of a label."""
    return search_url("in", label.place) if isinstance(label, Collection) else search_url("tag", label.full_name)


def _create_collection(request: AuthHttpRequest) -> HttpResponse:
    permissions.require_member(request.user)
    form = CollectionForm(request.POST)
    if form.is_valid():
        path = form.cleaned_data["name"]
        is_new = not Collection.objects.find_all([path], request.user)
        created = edit.create_collection(path, request.user, is_private=form.is_private)
        message = "Collection “{}” created." if is_new else "There is already a collection “{}”."
        messages.success(request, message.format(created.full_name))
    else:
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
    return redirect("collections")


# --- One label ---------------------------------------------------------------------------------------------------


def _label_context(request: AuthHttpRequest, label: Label, form: NameForm | None = None) -> dict[str, object]:
    return {
        "label": label,
        "title": label.full_name,
        "noun": label.noun,
        "search_url": label_search_url(label),
        "may_change": permissions.may_change_label(request.user, label),
        "visibility_form": _visibility_form(request, label),
        "parents": (),
        "rows": (),
        "form": form or NameForm(initial={"name": label.full_name}, label=type(label)),
    }


def _visibility_form(request: AuthHttpRequest, label: Label) -> CollectionVisibilityForm | None:
    if not isinstance(label, Collection) or not permissions.may_change_collection_visibility(request.user, label):
        return None
    return CollectionVisibilityForm(initial={"visibility": _visibility_of(label)})


def _visibility_of(collection: Collection) -> str:
    return str(Visibility.PRIVATE if collection.is_private else Visibility.TEAM)


@transaction.atomic
def _change(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """Rename, merge or delete a label, or change the visibility of a collection."""
    _lock(label)
    permissions.require_member(request.user)
    if not permissions.may_change_label(request.user, label):
        raise PermissionDenied(f"Other people’s assets use this {label.noun}. Ask a manager to change it.")
    if request.POST.get("action") == "delete":
        return _delete(request, label)
    if request.POST.get("action") == "visibility" and isinstance(label, Collection):
        return _change_visibility(request, label)
    form = NameForm(request.POST, label=type(label))
    if form.is_valid():
        if form.shown_name not in ("", label.full_name):
            return _ask_again(request, label, form.cleaned_data["name"])
        try:
            return _rename_or_merge(request, label, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error)
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return render(request, "labels/label.html", _label_context(request, label, form), status=400)


def _lock(label: Label) -> None:
    """Read a label again, as it is when every other change of it has ended."""
    if not type(label).objects.filter(pk=label.pk).select_for_update(no_key=True).values_list("pk"):
        raise Http404(f"This {label.noun} has been deleted.")
    label.refresh_from_db()


def _ask_again(request: AuthHttpRequest, label: Label, name: str) -> HttpResponse:
    """Somebody else has renamed it: the form has the new name of this person, and knows that of the other one now."""
    form = NameForm({"name": name, "initial-name": label.full_name}, label=type(label))
    words = f"This {label.noun} was renamed to “{label.full_name}” meanwhile. Save again to rename it to “{name}”."
    form.add_error("name", ValidationError(words, code="conflict"))
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=409)
    return render(request, "labels/label.html", _label_context(request, label, form), status=409)


def _rename_or_merge(request: AuthHttpRequest, label: Label, name: str) -> HttpResponse:
    """A merge is confirmed first, unless the person must not learn that the other label exists."""
    old_name = label.full_name
    target = type(label).objects.find_conflict(label, name)
    if target is None:
        edit.rename(label, name)
        messages.success(request, f"“{old_name}” renamed to “{label.full_name}”.")
        return redirect(label_url(label))
    if not _is_visible(request, target):
        edit.merge(label, target)
        messages.success(request, f"“{old_name}” renamed to “{target.full_name}”.")
        return redirect(label_url(target))
    context = _confirmation_context(request, label) | {"target": target, "name": name}
    if not _is_confirmed(request, context):
        return render_dialog(request, "labels/_merge.html", context)
    edit.merge(label, target)
    messages.success(request, f"“{old_name}” merged into “{target.full_name}”.")
    return redirect(label_url(target))


def _change_visibility(request: AuthHttpRequest, collection: Collection) -> HttpResponse:
    if not permissions.may_change_collection_visibility(request.user, collection):
        raise PermissionDenied("Other people have assets in this collection, so it can’t be made private.")
    form = CollectionVisibilityForm(request.POST)
    is_private = form.is_valid() and form.is_private
    if form.shown not in ("", _visibility_of(collection)):
        messages.error(request, "The visibility was changed meanwhile, so nothing was saved. Look again, then decide.")
        return redirect(label_url(collection))
    try:
        edit.set_owner(collection, request.user if is_private else None)
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        audience = "only you" if is_private else "everyone in the team"
        messages.success(request, f"“{collection.full_name}” is now visible to {audience}.")
    return redirect(label_url(collection))


def _delete(request: AuthHttpRequest, label: Label) -> HttpResponse:
    context = _confirmation_context(request, label)
    if not _is_confirmed(request, context):
        return render_dialog(request, "labels/_delete.html", context)
    name = label.full_name
    edit.delete(label)
    messages.success(request, f"“{name}” deleted. Its assets stay in the library.")
    return redirect(f"{label.noun}s")


def _is_confirmed(request: AuthHttpRequest, context: Mapping[str, object]) -> bool:
    """Whether the person has been asked, about as much as the change affects now."""
    return bool(request.POST.get("confirmed")) and request.POST.get("asked") in (None, context["asked"])


def _confirmation_context(request: AuthHttpRequest, label: Label) -> dict[str, object]:
    """What a change affects, as far as the person may see it."""
    nested: list[Collection] = []
    if isinstance(label, Collection):
        candidates = Collection.objects.within(label.key).exclude(pk=label.pk)
        nested = permissions.visible_collections(request, candidates[:MAX_NESTED])
    visible = label.all_assets().visible_to(request.user).order_by()
    count = visible[: MAX_COUNTED + 1].count()
    asked = f"{count}.{len(nested)}"
    return {
        "label": label,
        "noun": label.noun,
        "nested": [one.full_name for one in nested],
        "asset_count": format_count(count),
        "asked": asked,
        "has_changed": request.POST.get("asked") not in (None, asked),
        "page_url": label_url(label),
    }
