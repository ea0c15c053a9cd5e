"""Moving a collection, and changing its visibility and its cover."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404

from assets import permissions
from assets.labels import edit
from assets.labels.dialogs import finish, refuse, show
from assets.labels.forms import CollectionVisibilityForm, MoveForm
from assets.labels.name_views import join, rename_or_merge
from assets.models import Collection, Cover, Visibility
from assets.models.labels import Label
from assets.permissions import AuthHttpRequest
from assets.text.normalise import normalise_words

MAX_PICTURES = 40


def ask_move(request: AuthHttpRequest, label: Label) -> HttpResponse:
    parent_path = label.parent_path if isinstance(label, Collection) else ""
    return show(request, label, "move", {"form": MoveForm(initial={"into": parent_path})})


def move(request: AuthHttpRequest, collection: Collection) -> HttpResponse:
    # Undo is a URL.
    form = MoveForm(request.POST if "action" in request.POST else request.GET)
    if not form.is_valid():
        return refuse(request, collection, "move", form)
    into = form.path
    if pk := form.cleaned_data["into_id"]:
        target = permissions.get_collection_or_404(request.user, pk=pk)
        into = target.path
        if target.private_to_id != collection.private_to_id:
            form.add_error(
                "into", "Private collections and those of the team can’t be nested. Change the visibility first."
            )
            return refuse(request, collection, "move", form)
    return rename_or_merge(request, collection, join(into, collection.name), form, "move")


def ask_visibility(request: AuthHttpRequest, label: Label) -> HttpResponse:
    form = CollectionVisibilityForm(initial={"visibility": _visibility_of(label)})
    may_change = isinstance(label, Collection) and permissions.may_change_collection_visibility(request.user, label)
    return show(request, label, "visibility", {"form": form, "may_change": may_change})


def _visibility_of(label: Label) -> str:
    return str(Visibility.PRIVATE if label.is_private else Visibility.TEAM)


def require_visibility(request: AuthHttpRequest, collection: Collection) -> None:
    if not permissions.may_change_collection_visibility(request.user, collection):
        raise PermissionDenied("Other people have assets in this collection, so it can’t be made private.")


def change_visibility(request: AuthHttpRequest, collection: Collection) -> HttpResponse:
    require_visibility(request, collection)
    form = CollectionVisibilityForm(request.POST)
    is_private = form.is_valid() and form.is_private
    if form.shown not in ("", _visibility_of(collection)):
        words = "The visibility was changed meanwhile, so nothing was saved. Look again, then decide."
        form.add_error("visibility", ValidationError(words, code="conflict"))
        return refuse(request, collection, "visibility", form, status=409)
    try:
        edit.set_owner(collection, request.user if is_private else None)
    except ValidationError as error:
        form.add_error("visibility", error)
        return refuse(request, collection, "visibility", form)
    collection.refresh_from_db()
    audience = "only you" if is_private else "everyone in the team"
    message = f"“{collection.full_name}” is now visible to {audience}."
    return finish(request, message, collection.get_absolute_url())


def ask_cover(request: AuthHttpRequest, label: Label) -> HttpResponse:
    """The latest pictures of the collection or, for a search, those that match."""
    text = request.GET.get("q", "")
    pictures = label.all_assets().visible_to(request.user).current().exclude(stored_file__preview="")
    found = pictures.filter(search_text__contains=normalise_words(text)).newest_first()[:MAX_PICTURES]
    current = Cover.objects.filter(collection=label.pk).values_list("asset", flat=True).first()
    return show(request, label, "cover", {"pictures": found, "text": text, "current": current})


def change_cover(request: AuthHttpRequest, collection: Collection) -> HttpResponse:
    """One of its assets or, without one, the first ones."""
    cover = request.POST.get("cover", "")
    if cover:
        asset = get_object_or_404(collection.all_assets().visible_to(request.user).current(), pk=_parse_id(cover))
        Cover.objects.update_or_create(collection=collection, defaults={"asset": asset})
    else:
        Cover.objects.filter(collection=collection).delete()
    return finish(request, "Cover changed.", collection.get_absolute_url())


def _parse_id(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404("This is not the id of an asset.") from None
