"""The pages of tags and of collections: finding them, calling them otherwise, merging and deleting them."""

import uuid
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from assets import access
from assets.forms import NameForm
from assets.models import Collection, Tag
from assets.models.labels import CollectionQuerySet, Label, LabelQuerySet
from assets.services import labelling
from assets.services.label_lists import page_of
from assets.services.listing import MOST_COUNTED
from assets.services.search_query import quoted
from assets.views.answers import answered, capped, errors_json, wants_json


@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """The tags on entries that the person may see."""
    return _listed(request, Tag.objects.all(), {"title": "Tags"})


@require_http_methods(["GET", "HEAD", "POST"])
def tag(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A tag, and what may be done with it."""
    label = access.get_tag_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    return render(request, "assets/label.html", _about(request, label))


@require_http_methods(["GET", "HEAD", "POST"])
def collections(request: HttpRequest) -> HttpResponse:
    """The collections at the top, or those of any depth that a search finds; a new one is made here."""
    if request.method == "POST":
        return _make(request)
    form = NameForm(label=Collection) if access.may_upload(request.user) else None
    found = Collection.objects.all() if request.GET.get("q") else Collection.objects.filter(parent=None)
    return _listed(request, found, {"title": "Collections", "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def collection(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """A collection: what is nested in it, and what may be done with it."""
    label = access.get_collection_or_404(request, pk)
    if request.method == "POST":
        return _change(request, label)
    parts = label.key.split(Collection.SEPARATOR)
    above = [Collection.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))]
    context = _about(request, label) | {"above": Collection.objects.filter(key__in=above)}
    found = Collection.objects.filter(parent=label)
    return _listed(request, found, context, template="assets/label.html")


# --- Lists -------------------------------------------------------------------------------------------------------


def _listed(
    request: HttpRequest, candidates: LabelQuerySet, context: dict[str, Any], *, template: str = "assets/labels.html"
) -> HttpResponse:
    text = request.GET.get("q", "").strip()

    def only_visible(batch: list[Any]) -> list[Any]:
        pks = [label.pk for label in batch]
        if candidates.model is Tag:
            return list(access.visible_tags(request).filter(pk__in=pks))
        return access.visible_collections(request, Collection.objects.filter(pk__in=pks))

    page = page_of(
        candidates.matching(text) if text else candidates,
        access.visible_assets(request).current(),
        only_visible=only_visible,
        after=request.GET.get("after", ""),
    )
    query = urlencode({"q": text, "after": page.following}) if page.following else ""
    rows = [_row(label) for label in page.labels]
    if wants_json(request):
        return JsonResponse({"labels": rows, "next": f"{request.path}?{query}" if query else None})
    return render(request, template, context | {"rows": rows, "text": text, "next": query and f"?{query}"})


def _row(label: Any) -> dict[str, Any]:
    return {
        "id": str(label.pk),
        "name": str(label),
        "entries": capped(label.entry_count),
        "page": address_of(label),
        "search": search_of(label),
    }


def address_of(label: Label) -> str:
    return reverse(str(label._meta.model_name), args=[label.pk])


def search_of(label: Label) -> str:
    """The address of the library with the entries that have it."""
    qualifier = "in" if isinstance(label, Collection) else "tag"
    return f"{reverse('library')}?{urlencode({'q': f'{qualifier}:{quoted(str(label))}'})}"


def _make(request: HttpRequest) -> HttpResponse:
    access.refuse_viewers(request.user)
    form = NameForm(request.POST, label=Collection)
    if form.is_valid():
        made = labelling.make(form.cleaned_data["name"], request.user)
        messages.success(request, f"The collection “{made}” is there.")
    else:
        messages.error(request, " ".join(map(str, form.errors["name"])))
    return redirect("collections")


# --- One of them -------------------------------------------------------------------------------------------------


def _about(request: HttpRequest, label: Label, form: NameForm | None = None) -> dict[str, Any]:
    return {
        "label": label,
        "title": str(label),
        "noun": label._meta.model_name,
        "search": search_of(label),
        "may_change": access.may_change_label(request.user, label),
        "form": form or NameForm(initial={"name": str(label)}, label=type(label)),  # type: ignore[arg-type]
    }


def _change(request: HttpRequest, label: Label) -> HttpResponse:
    """Rename, merge or delete it. What concerns more than its name is shown first, and done once it is confirmed."""
    access.refuse_viewers(request.user)
    if not access.may_change_label(request.user, label):
        raise PermissionDenied("Entries of others have it too. Ask a manager to change it.")
    if request.POST.get("action") == "delete":
        return _delete(request, label)
    form = NameForm(request.POST, label=type(label))  # type: ignore[arg-type]
    if form.is_valid():
        try:
            return _rename(request, label, form.cleaned_data["name"])
        except ValidationError as error:
            form.add_error("name", error)
    if wants_json(request):
        return JsonResponse({"errors": errors_json(form.errors.as_data())}, status=400)
    return render(request, "assets/label.html", _about(request, label, form), status=400)


def _rename(request: HttpRequest, label: Label, name: str) -> HttpResponse:
    before = str(label)
    other = labelling.other_of(label, name)
    if other is None:
        labelling.rename(label, name)
        messages.success(request, f"“{before}” is called “{label}” now.")
        return redirect(address_of(label))
    if not request.POST.get("confirmed"):
        return answered(request, "merge", _effect(request, label) | {"other": other, "name": name})
    labelling.merge(label, other)
    messages.success(request, f"“{before}” has become “{other}”.")
    return redirect(address_of(other))


def _delete(request: HttpRequest, label: Label) -> HttpResponse:
    if not request.POST.get("confirmed"):
        return answered(request, "delete_label", _effect(request, label))
    name = str(label)
    labelling.delete(label)
    messages.success(request, f"“{name}” is deleted. Its entries stay in the library.")
    return redirect(f"{label._meta.model_name}s")


def _effect(request: HttpRequest, label: Label) -> dict[str, Any]:
    """What a change concerns, as far as the person may see it: not what others keep private."""
    nested: list[str] = []
    entries: Any = label.entries()
    if isinstance(label, Collection):
        within: CollectionQuerySet = Collection.objects.within(label.key)
        nested = [str(one) for one in access.visible_collections(request, within.exclude(pk=label.pk)[:20])]
    return {
        "label": label,
        "noun": label._meta.model_name,
        "nested": nested,
        "entries": capped(entries.visible_to(request.user).order_by()[: MOST_COUNTED + 1].count()),
        "address": address_of(label),
    }
