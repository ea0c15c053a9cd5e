"""Renaming, merging and deleting a tag or collection, and describing a collection."""

from collections.abc import Mapping
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.forms import BaseForm
from django.http import HttpResponse, JsonResponse

from assets import permissions
from assets.labels import edit
from assets.labels.dialogs import finish, refuse, show
from assets.labels.forms import EditForm, NameForm
from assets.labels.pages import only_visible
from assets.models import Collection
from assets.models.labels import Label
from assets.permissions import AuthHttpRequest
from assets.text.formats import MAX_COUNTED, format_count
from assets.web.responses import wants_json

MAX_NESTED = 20


def ask_edit(request: AuthHttpRequest, label: Label) -> HttpResponse:
    return show(request, label, "edit", {"form": EditForm(label=label)})


def save(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """A name without its path, and a description."""
    form = EditForm(request.POST, label=label)
    if not form.is_valid():
        return refuse(request, label, "edit", form)
    if isinstance(label, Collection) and (refusal := _describe(request, label, form)):
        return refusal
    if form.cleaned_data["name"] == label.name:
        return finish(request, "Saved.", label.get_absolute_url())
    if form.shown_name not in ("", label.name):
        return _ask_again(request, label, form, label.name)
    return rename_or_merge(request, label, _beside(label, form.cleaned_data["name"]), form)


def _beside(label: Label, name: str) -> str:
    return join(label.parent_path, name) if isinstance(label, Collection) else name


def join(parent_path: str, name: str) -> str:
    return f"{parent_path}{Collection.SEPARATOR}{name}" if parent_path else name


def _describe(request: AuthHttpRequest, collection: Collection, form: EditForm) -> HttpResponse | None:
    """None if nothing is in the way."""
    text = form.cleaned_data["description"]
    if "description" not in form.data or text == collection.description:
        return None
    if form.shown_description not in (None, collection.description):
        now = request.POST.copy()
        now[form["description"].html_initial_name] = collection.description
        again = EditForm(now, label=collection)
        words = f"Somebody changed it meanwhile to “{collection.description}”. Save again to replace that."
        again.add_error("description", ValidationError(words, code="conflict"))
        return refuse(request, collection, "edit", again, status=409)
    edit.describe(collection, text)
    return None


def rename(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """A new name or, of a collection, a new path."""
    form = NameForm(request.POST, label=type(label))
    if not form.is_valid():
        return refuse(request, label, "edit", form)
    if form.shown_name not in ("", label.full_name):
        return _ask_again(request, label, form, label.full_name)
    return rename_or_merge(request, label, form.cleaned_data["name"], form)


def _ask_again(request: AuthHttpRequest, label: Label, form: NameForm, name: str) -> HttpResponse:
    """Somebody else has renamed it: the form has the new name of this person, and knows that of the other one now."""
    now = request.POST.copy()
    now[form["name"].html_initial_name] = name
    again = EditForm(now, label=label) if isinstance(form, EditForm) else NameForm(now, label=type(label))
    wanted = form.cleaned_data["name"]
    words = f"This {label.noun} was renamed to “{name}” meanwhile. Save again to rename it to “{wanted}”."
    again.add_error("name", ValidationError(words, code="conflict"))
    return refuse(request, label, "edit", again, status=409)


def rename_or_merge(
    request: AuthHttpRequest, label: Label, name: str, form: BaseForm, setting: str = "edit", **more: object
) -> HttpResponse:
    """A merge is confirmed first, unless the person must not learn that the other label exists."""
    old_name, old_parent = label.full_name, label.parent_path if isinstance(label, Collection) else ""
    target = type(label).objects.find_conflict(label, name)
    try:
        if target is not None:
            return _merge(request, label, target, name)
        type(label).validate_name(name)
        edit.rename(label, name)
    except ValidationError as error:
        form.add_error("into" if setting == "move" else "name", error)
        return refuse(request, label, setting, form)
    message = f"“{old_name}” renamed to “{label.full_name}”."
    if setting == "move":
        undo = f"{label.settings_url}?{urlencode({'action': 'move', 'into': old_parent})}"
        return finish(request, _say_moved(label), label.get_absolute_url(), undo=undo)
    return finish(request, message, label.get_absolute_url())


def _say_moved(label: Label) -> str:
    into = label.parent_path if isinstance(label, Collection) else ""
    return f"“{label.name}” moved to “{into}”." if into else f"“{label.name}” moved to the top level."


# --- Merging and deleting ----------------------------------------------------------------------------------------


def ask_merge(request: AuthHttpRequest, label: Label) -> HttpResponse:
    return show(request, label, "merge_into", {"form": NameForm(label=type(label))})


def merge_into(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """Into another one that exists."""
    form = NameForm(request.POST, label=type(label))
    if not form.is_valid():
        return refuse(request, label, "merge_into", form)
    name = form.cleaned_data["name"]
    target = type(label).objects.find_conflict(label, name)
    if target is None or not only_visible(request.user, [target]):
        form.add_error("name", f"There is no {label.noun} “{name}”.")
        return refuse(request, label, "merge_into", form)
    try:
        return _merge(request, label, target, name)
    except ValidationError as error:
        form.add_error("name", error)
        return refuse(request, label, "merge_into", form)


def _merge(request: AuthHttpRequest, label: Label, target: Label, name: str) -> HttpResponse:
    old_name, verb = label.full_name, "renamed to"
    if only_visible(request.user, [target]):
        context = _confirmation(request, label) | {"target": target, "name": name}
        if not _is_confirmed(request, context):
            return _ask_confirmation(request, label, "merge", context)
        verb = "merged into"
    edit.merge(label, target)
    return finish(request, f"“{old_name}” {verb} “{target.full_name}”.", target.get_absolute_url())


def delete(request: AuthHttpRequest, label: Label) -> HttpResponse:
    context = _confirmation(request, label)
    if not _is_confirmed(request, context):
        return _ask_confirmation(request, label, "delete", context)
    name, url = label.full_name, _page_above(label)
    edit.delete(label)
    return finish(request, f"“{name}” deleted. Its assets stay in the library.", url)


def _page_above(label: Label) -> str:
    parent = label.parent if isinstance(label, Collection) else None
    return parent.get_absolute_url() if parent else type(label).overview_url()


def ask_delete(request: AuthHttpRequest, label: Label) -> HttpResponse:
    return _ask_confirmation(request, label, "delete", _confirmation(request, label))


def _ask_confirmation(
    request: AuthHttpRequest, label: Label, setting: str, context: Mapping[str, object]
) -> HttpResponse:
    if wants_json(request):
        target = context.get("target")
        words = f"There is already a {label.noun} “{target}” there." if target else f"Confirm to delete “{label}”."
        return JsonResponse({"error": {"code": "unconfirmed", "message": words}}, status=409)
    return show(request, label, setting, context)


def _is_confirmed(request: AuthHttpRequest, context: Mapping[str, object]) -> bool:
    """Whether the person has been asked, about as much as the change affects now."""
    return bool(request.POST.get("confirmed")) and request.POST.get("asked") in (None, context["asked"])


def _confirmation(request: AuthHttpRequest, label: Label) -> dict[str, object]:
    """What a change affects, as far as the person may see it."""
    nested: list[Collection] = []
    if isinstance(label, Collection):
        candidates = Collection.objects.within(label.key).exclude(pk=label.pk)
        nested = permissions.visible_collections(request.user, candidates[:MAX_NESTED])
    count = label.all_assets().visible_to(request.user).order_by()[: MAX_COUNTED + 1].count()
    asked = f"{count}.{len(nested)}"
    return {
        "nested": [one.full_name for one in nested],
        "asset_count": format_count(count),
        "asked": asked,
        "has_changed": request.POST.get("asked") not in (None, asked),
    }
