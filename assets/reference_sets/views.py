"""Sets of references: all of them, and one, which is arranged on its page."""

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.models import ReferenceSet, SetRole
from assets.models.page_queries import Cursor
from assets.permissions import AuthHttpRequest
from assets.reference_sets import changes, story
from assets.reference_sets.as_json import contents_json, set_json
from assets.reference_sets.changes import TooOldError
from assets.reference_sets.contents import read_contents
from assets.reference_sets.covers import find_covers
from assets.reference_sets.forms import MembersForm, TextsForm, initial_of
from assets.reference_sets.merge import ConflictError
from assets.reference_sets.state import SetState
from assets.search.pagination import NEWEST
from assets.web.responses import errors_json, wants_json

PAGE_SIZE = 40
MAX_DIGITS = 9
CONFLICT = "Somebody else changed the same, so nothing was saved."


@dataclass(frozen=True)
class Told:
    """What the person is told on the page. `undo`: the URL that takes back what they have just done."""

    errors: Sequence[str] = ()
    status: int = HTTPStatus.OK
    message: str = ""
    undo: str = ""


@require_http_methods(["GET", "HEAD", "POST"])
def reference_sets(request: AuthHttpRequest) -> HttpResponse:
    """Those that the person sees, the latest changed first. POST makes an empty one."""
    if request.method == "POST":
        return _create(request)
    found = permissions.visible_sets(request.user).with_people(request.user).latest_first()
    if cursor := NEWEST.parse_cursor(request.GET.get("after", "")):
        found = found.before(datetime.fromisoformat(str(cursor.value)), cursor.pk)
    rows = list(found[: PAGE_SIZE + 1])
    last = rows[PAGE_SIZE - 1] if len(rows) > PAGE_SIZE else None
    following = "?" + urlencode({"after": str(Cursor(last.updated_at, last.pk))}) if last else ""
    if wants_json(request):
        return JsonResponse({"sets": [set_json(row) for row in rows[:PAGE_SIZE]], "next": following or None})
    covers = find_covers(request.user, rows[:PAGE_SIZE])
    return render(request, "reference_sets/sets.html", {"sets": rows[:PAGE_SIZE], "covers": covers, "next": following})


def _create(request: AuthHttpRequest) -> HttpResponse:
    permissions.require_member(request.user)
    form = TextsForm(request.POST)
    if not form.is_valid():
        return _refuse(request, form.errors.as_data())
    made = changes.create(request.user, form.cleaned_data["title"], [], model=form.cleaned_data["model"])
    if wants_json(request):
        made = permissions.get_set_or_404(request.user, made.pk)
        return JsonResponse(contents_json(read_contents(request.user, made)), status=HTTPStatus.CREATED)
    return redirect(made)


def _refuse(request: AuthHttpRequest, errors: dict[str, list[ValidationError]]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json(errors)}, status=400)
    messages.error(request, " ".join(text for several in errors.values() for one in several for text in one.messages))
    return redirect("reference_sets")


# --- One set -----------------------------------------------------------------------------------------------------


@require_http_methods(["GET", "HEAD", "POST"])
def reference_set(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The page of a set. POST changes it: the fields of `TextsForm` and `MembersForm`, and the `version` it is of.

    With `since`, the part that others may have changed, or nothing if it is still that version.
    """
    if request.method == "POST":
        return _change(request, pk)
    found = permissions.get_set_or_404(request.user, pk)
    since = _read_version(request.GET.get("since", ""))
    if since == found.version:
        return HttpResponse(status=HTTPStatus.NO_CONTENT)
    told = story.tell_since(found, since, request.user) if since else []
    return _show(request, found, Told(message=" ".join(told)))


def _read_version(text: str) -> int:
    return int(text) if text.isdecimal() and text.isascii() and len(text) <= MAX_DIGITS else 0


@transaction.atomic
def _change(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    found = permissions.lock_changeable_set_or_404(request.user, pk)
    version = _read_version(request.POST.get("version", "")) or found.version
    try:
        state = _read_state(request, found, version)
        is_changed = changes.save(found, state, version, request.user)
    except ConflictError as conflict:
        return _show_conflict(request, found, version, conflict)
    except ValidationError as error:
        return _show(request, found, Told(error.messages, HTTPStatus.BAD_REQUEST))
    if wants_json(request) or "HX-Request" in request.headers:
        return _show(request, found, Told(undo=_undo_url(request, found) if is_changed else ""))
    if is_changed:
        messages.success(request, "Saved.", extra_tags=_undo_url(request, found))
    return redirect(found)


def _read_state(request: AuthHttpRequest, found: ReferenceSet, version: int) -> SetState:
    """What the person wants it to be. Raises ValidationError, PermissionDenied and ConflictError."""
    base = changes.read_revision(found, version)
    data = {name: request.POST.get(name, getattr(base, name)) for name in initial_of(found)}
    form = TextsForm(data, model=found.model)
    if not form.is_valid():
        raise ValidationError([error for errors in form.errors.as_data().values() for error in errors])
    texts = {name: form.cleaned_data[name] or "" for name in data}
    texts["visibility"] = texts["visibility"] or base.visibility
    if texts["visibility"] != base.visibility and found.owner_id != request.user.pk:
        raise PermissionDenied(permissions.ONLY_YOUR_SET)
    return SetState(**texts, members=MembersForm(request.POST, base).read())


def _undo_url(request: AuthHttpRequest, found: ReferenceSet) -> str:
    """Offered for what is easily done by mistake."""
    return reverse("undo_set", args=[found.pk, found.version]) if "remove" in request.POST else ""


def _show_conflict(
    request: AuthHttpRequest, found: ReferenceSet, version: int, conflict: ConflictError
) -> HttpResponse:
    told = story.tell_since(found, version, request.user)
    reasons = [CONFLICT, *told] if not isinstance(conflict, TooOldError) else [f"{CONFLICT} Load the page again."]
    return _show(request, found, Told([*reasons, *_give_back(request, conflict)], HTTPStatus.CONFLICT))


def _give_back(request: AuthHttpRequest, conflict: ConflictError) -> Iterator[str]:
    """What the person has typed, which is not saved."""
    for field in conflict.fields:
        typed = request.POST.get(field, "") or request.POST.get(f"words-{field}", "")
        if typed and field not in ("version", "model", "visibility"):
            yield f"You wrote: “{typed}”"


def _show(request: AuthHttpRequest, found: ReferenceSet, told: Told) -> HttpResponse:
    """As a page, as the part of it that changes, or as JSON."""
    contents = read_contents(request.user, found)
    if wants_json(request):
        return _answer_program(contents_json(contents), told)
    context = {
        "set": found,
        "contents": contents,
        "form": TextsForm(initial=initial_of(found), model=found.model),
        "roles": SetRole.choices,
        "may_change": permissions.may_change_set(request.user, found),
        "is_own": found.owner_id == request.user.pk,
        "told": told,
    }
    is_part = "HX-Request" in request.headers
    # A script reads what the part says: a status would only be an error on its console.
    status = HTTPStatus.OK if is_part else told.status
    response = render(request, f"reference_sets/{'_set' if is_part else 'set'}.html", context, status=status)
    patch_vary_headers(response, ["Accept", "HX-Request"])
    return response


def _answer_program(data: dict[str, object], told: Told) -> HttpResponse:
    if told.status == HTTPStatus.CONFLICT:
        error = {"code": "conflict", "message": " ".join(told.errors)}
        return JsonResponse({"error": error, "set": data}, status=told.status)
    if told.errors:
        errors = errors_json({"__all__": [ValidationError(text) for text in told.errors]})
        return JsonResponse({"errors": errors}, status=told.status)
    return JsonResponse(data)
