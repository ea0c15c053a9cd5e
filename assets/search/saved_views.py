"""The page of saved searches, and what is done with one."""

import uuid
from collections.abc import Callable
from typing import TypeAlias

from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_http_methods

from assets import permissions
from assets.models import SavedSearch
from assets.permissions import AuthHttpRequest
from assets.search import saved as saved_searches
from assets.search.saved import SavedSearchForm
from assets.web.responses import errors_json, redirect_back, wants_json

Action: TypeAlias = Callable[[AuthHttpRequest, SavedSearch], HttpResponse]
TEAM_ONLY = "Only managers can change what the team has saved."


@require_http_methods(["GET", "HEAD", "POST"])
def searches(request: AuthHttpRequest) -> HttpResponse:
    """One's own and the team's. POST saves one; its fields may also stand in the address, as where one is restored."""
    if request.method == "POST":
        return _save(request)
    found = list(SavedSearch.objects.visible_to(request.user))
    if wants_json(request):
        return JsonResponse({"searches": [search_json(one) for one in found]})
    context = {
        "groups": [
            ("Yours", [one for one in found if not one.is_team], True),
            ("Team", [one for one in found if one.is_team], permissions.may_manage(request.user)),
        ]
    }
    return render(request, "searches/searches.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def search(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponse:
    """On to what it finds. POST changes it."""
    found = permissions.get_saved_search_or_404(request, pk)
    if request.method != "POST":
        return redirect(found.url)
    action = ACTIONS.get(request.POST.get("action", ""))
    if action is None:
        raise Http404("There is no such action.")
    try:
        return _change(request, found, action)
    except ValidationError as error:
        return _refuse(request, {"name": [error]})


@transaction.atomic
def _change(request: AuthHttpRequest, found: SavedSearch, action: Action) -> HttpResponse:
    saved_searches.lock(found)
    # As it is when every other change of it has ended.
    found = permissions.get_saved_search_or_404(request, found.pk)
    if not permissions.may_change_saved_search(request.user, found):
        raise PermissionDenied(TEAM_ONLY)
    return action(request, found)


def search_json(one: SavedSearch) -> dict[str, object]:
    return {
        "id": str(one.pk),
        "name": one.name,
        "q": one.text,
        "sort": one.sort or "newest",
        "is_team": one.is_team,
        "is_pinned": one.is_pinned,
        "url": one.url,
    }


def _save(request: AuthHttpRequest) -> HttpResponse:
    form = SavedSearchForm(request.POST if "name" in request.POST else request.GET, user=request.user)
    if not form.is_valid():
        return _refuse(request, form.errors.as_data())
    try:
        created = saved_searches.save(form)
    except ValidationError as error:
        return _refuse(request, {"name": [error]})
    if wants_json(request):
        return JsonResponse(search_json(created), status=201)
    messages.success(request, f"Saved as “{created.name}”.")
    return redirect(created.url)


def _refuse(request: AuthHttpRequest, errors: dict[str, list[ValidationError]]) -> HttpResponse:
    if wants_json(request):
        return JsonResponse({"errors": errors_json(errors)}, status=400)
    messages.error(request, " ".join(message for several in errors.values() for e in several for message in e.messages))
    return redirect_back(request, "saved_searches")


# --- What is done with one ---


def _rename(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    form = SavedSearchForm({**request.POST.dict(), "q": ""}, user=request.user, saved=found)
    if not form.is_valid():
        return _refuse(request, form.errors.as_data())
    saved_searches.rename(found, form.cleaned_data["name"])
    return _answer(request, found, f"Renamed to “{found.name}”.")


def _update(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    form = SavedSearchForm({**request.POST.dict(), "name": found.name}, user=request.user, saved=found)
    if not form.is_valid():
        return _refuse(request, form.errors.as_data())
    saved_searches.update(found, form)
    messages.success(request, f"“{found.name}” updated.")
    return redirect(found.url)


def _pin(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    saved_searches.pin(found, is_pinned=request.POST.get("action") == "pin")
    return _answer(request, found, f"“{found.name}” {'is in the sidebar' if found.is_pinned else 'unpinned'}.")


def _move(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    saved_searches.move(found, by=-1 if request.POST.get("action") == "up" else 1)
    return _answer(request, found)


def _share(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    permissions.require_manager(request.user)
    saved_searches.give(found, None)
    return _answer(request, found, f"Everyone in the team has “{found.name}” now.")


def _unshare(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    saved_searches.give(found, request.user)
    return _answer(request, found, f"Only you have “{found.name}” now.")


def _delete(request: AuthHttpRequest, found: SavedSearch) -> HttpResponse:
    found.delete()
    fields = {"name": found.name, "q": found.text, "sort": found.sort, "team": "on" if found.is_team else ""}
    undo = f"{reverse('saved_searches')}?{urlencode({name: value for name, value in fields.items() if value})}"
    messages.add_message(request, messages.SUCCESS, f"“{found.name}” deleted.", extra_tags=undo)
    return redirect("saved_searches")


def _answer(request: AuthHttpRequest, found: SavedSearch, message: str = "") -> HttpResponse:
    if wants_json(request):
        return JsonResponse(search_json(found))
    if message:
        messages.success(request, message)
    return redirect_back(request, "saved_searches")


ACTIONS: dict[str, Action] = {
    "rename": _rename,
    "update": _update,
    "pin": _pin,
    "unpin": _pin,
    "up": _move,
    "down": _move,
    "share": _share,
    "unshare": _unshare,
    "delete": _delete,
}
