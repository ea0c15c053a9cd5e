"""Changing one tag or collection. Each setting is a dialog that posts its `action` to the label's own address."""

import uuid
from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404, HttpResponse

from assets import permissions
from assets.labels import collection_views, name_views
from assets.models import Collection
from assets.models.labels import Label
from assets.permissions import AuthHttpRequest
from assets.web.responses import MissingError

DIALOGS: dict[str, Callable[[AuthHttpRequest, Label], HttpResponse]] = {
    "edit": name_views.ask_edit,
    "merge": name_views.ask_merge,
    "delete": name_views.ask_delete,
}
COLLECTION_DIALOGS = DIALOGS | {
    "move": collection_views.ask_move,
    "visibility": collection_views.ask_visibility,
    "cover": collection_views.ask_cover,
}
ACTIONS: dict[str, Callable[[AuthHttpRequest, Label], HttpResponse]] = {
    "edit": name_views.save,
    "merge": name_views.merge_into,
    "delete": name_views.delete,
}
COLLECTION_ACTIONS: dict[str, Callable[[AuthHttpRequest, Collection], HttpResponse]] = {
    "move": collection_views.move,
    "visibility": collection_views.change_visibility,
    "cover": collection_views.change_cover,
}


def ask(request: AuthHttpRequest, label: Label, setting: str) -> HttpResponse:
    """The dialog of a setting."""
    require_changeable(request, label)
    dialogs = COLLECTION_DIALOGS if isinstance(label, Collection) else DIALOGS
    if setting not in dialogs:
        raise Http404("There is no such setting.")
    return dialogs[setting](request, label)


@transaction.atomic
def change(request: AuthHttpRequest, label: Label) -> HttpResponse:
    lock(label, request.POST.get("into_id", ""))
    require_changeable(request, label)
    action = request.POST.get("action") or request.GET.get("action", "")
    if isinstance(label, Collection) and action in COLLECTION_ACTIONS:
        return COLLECTION_ACTIONS[action](request, label)
    return ACTIONS.get(action, name_views.rename)(request, label)


def require_changeable(request: AuthHttpRequest, label: Label) -> None:
    permissions.require_member(request.user)
    if not permissions.may_change_label(request.user, label):
        raise PermissionDenied(f"Other people’s assets use this {label.noun}. Ask a manager to change it.")


def lock(label: Label, into: str = "") -> None:
    """Read a label again, as it is when every other change of it has ended, and of the one that it moves `into`.

    Both at once, and in one order: two collections that are moved into each other would each wait for the other.
    """
    pks = [label.pk, *([uuid.UUID(into)] if _is_id(into) else [])]
    locked = type(label).objects.filter(pk__in=pks).order_by("pk").select_for_update(no_key=True)
    if label.pk not in list(locked.values_list("pk", flat=True)):
        raise MissingError(f"This {label.noun} has been deleted.")
    label.refresh_from_db()


def _is_id(text: str) -> bool:
    try:
        return bool(uuid.UUID(text))
    except ValueError:
        return False
