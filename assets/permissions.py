"""Who may see and change what. Pages, JSON, bulk actions, the administration and commands all ask here, and views get
their rows by no other way.

What people keep private is seen by nobody but them in the library: not by its managers, and by administrators only
at /admin/, on purpose and never in passing.
"""

import uuid

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from assets.models import Asset, Collection, Role, Tag, User, Visibility
from assets.models.assets import AssetQuerySet
from assets.models.labels import CollectionQuerySet, Label, LabelQuerySet

NOT_AS_VIEWER = (
    "You are a viewer here: you may find, copy and download, but not upload or change anything. "
    "Ask an administrator for another role."
)
NOT_YOURS = "This entry belongs to somebody else. Ask its owner or a manager to change it."
MANAGERS_ONLY = "Only managers and administrators may do this."
ADMINISTRATORS_ONLY = "Only administrators may do this."


class AuthHttpRequest(HttpRequest):
    """A request behind `SignInMiddleware`: somebody has signed in."""

    user: User


# --- What people may do ------------------------------------------------------------------------------------------


def role_of(user: User | AnonymousUser) -> Role | None:
    """The role of a person; None for nobody and for a closed account. A role that is not valid counts as viewer."""
    if not user.is_authenticated or not user.is_active:
        return None
    return Role(user.role) if user.role in Role.values else Role.VIEWER


def _is_at_least(user: User | AnonymousUser, lowest: Role) -> bool:
    role = role_of(user)
    return role is not None and role.rank >= lowest.rank


def may_upload(user: User | AnonymousUser) -> bool:
    """Whether a person may bring anything in, and change what is their own."""
    return _is_at_least(user, Role.MEMBER)


def may_manage(user: User | AnonymousUser) -> bool:
    """Whether a person looks after what is the team's: entries of others, labels, the trash, failed uploads, links."""
    return _is_at_least(user, Role.MANAGER)


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether a person looks after people and settings, and may enter /admin/."""
    return _is_at_least(user, Role.ADMINISTRATOR)


def may_change(user: User, asset: Asset) -> bool:
    """Whether a person may change an entry: their own, and who manages the library what is the team's."""
    if asset.is_owned_by(user):
        return may_upload(user)
    return asset.visibility == Visibility.TEAM and may_manage(user)


def may_change_visibility(user: User, asset: Asset) -> bool:
    """Whom an entry is for, its owner says alone: nobody else can make it vanish from everybody's eyes but theirs."""
    return asset.is_owned_by(user) and may_change(user, asset)


def may_change_label(user: User, label: Label) -> bool:
    """Whether a person may rename, merge or delete a label: who owns every entry that has it, and managers."""
    if isinstance(label, Collection) and label.private_to_id:
        return may_upload(user) and label.private_to_id == user.pk
    return may_manage(user) or (may_upload(user) and not label.all_assets().exclude(owner_id=user.pk).exists())


def may_change_who_sees(user: User, collection: Collection) -> bool:
    """Whether a person may make a collection private, or the team's: where nobody else has anything in it."""
    return may_change_label(user, collection) and not collection.all_assets().exclude(owner_id=user.pk).exists()


def refuse_viewers(user: User) -> None:
    """Raises PermissionDenied where a person may change nothing at all."""
    if not may_upload(user):
        raise PermissionDenied(NOT_AS_VIEWER)


def only_managers(user: User) -> None:
    if not may_manage(user):
        raise PermissionDenied(MANAGERS_ONLY)


def only_administrators(user: User) -> None:
    if not is_administrator(user):
        raise PermissionDenied(ADMINISTRATORS_ONLY)


# --- Entries -----------------------------------------------------------------------------------------------------


def visible_assets(request: AuthHttpRequest) -> AssetQuerySet:
    """Everything that a person meets in the library, and their own trash."""
    return Asset.objects.visible_to(request.user)


def reachable_assets(user: User) -> AssetQuerySet:
    """All that a person may open and act upon: what they see and, for who manages the library, the team's trash."""
    if may_manage(user):
        return Asset.objects.filter(Q(visibility=Visibility.TEAM) | Q(owner_id=user.pk))
    return Asset.objects.visible_to(user)


def trash_of(user: User) -> AssetQuerySet:
    """What of the trash a person may see: their own and, for who manages the library, the team's."""
    return (reachable_assets(user) if may_manage(user) else Asset.objects.owned_by(user)).trashed()


def get_asset_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may see. One they may not is as if it were not there."""
    return get_object_or_404(reachable_assets(request.user).select_related("stored_file", "owner"), pk=pk)


def get_changeable_asset_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may change. 403 for one that they may only see."""
    asset = get_asset_or_404(request, pk)
    refuse_viewers(request.user)
    if not may_change(request.user, asset):
        raise PermissionDenied(NOT_YOURS)
    return asset


def retryable_assets(request: AuthHttpRequest) -> AssetQuerySet:
    """Entries whose file the person may have sent again: their own; for managers, all they may see."""
    refuse_viewers(request.user)
    visible = visible_assets(request)
    return visible if may_manage(request.user) else visible.owned_by(request.user)


# --- Tags and collections ----------------------------------------------------------------------------------------


def visible_tags(request: AuthHttpRequest) -> LabelQuerySet:
    """Tags on entries that the person may see."""
    return Tag.objects.used_in(visible_assets(request))


def get_tag_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Tag:
    return get_object_or_404(visible_tags(request), pk=pk)


def visible_collections(request: AuthHttpRequest, candidates: CollectionQuerySet) -> list[Collection]:
    """Those of the candidates in which, or in what is nested in them, is something that the person may see."""
    found = list(candidates)
    open_to_all = Collection.objects.open_to(request.user, visible_assets(request))
    keys = set(open_to_all.filter(pk__in=[one.pk for one in found]).values_list("key", flat=True))
    rest = [one.key for one in found if one.key not in keys]
    nested = open_to_all.within_any(rest).values_list("key", flat=True) if rest else []
    for key in nested:
        parts = key.split(Collection.SEPARATOR)
        keys |= {Collection.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))}
    return [one for one in found if one.key in keys]


def get_collection_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Collection:
    candidates = Collection.objects.filter(pk=pk).select_related("parent")
    if not (found := visible_collections(request, candidates)):
        raise Http404("There is no such collection.")
    return found[0]
