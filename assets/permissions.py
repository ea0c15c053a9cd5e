"""Who may see and change what. Views, bulk actions, the admin and commands ask here; views get their rows from here.

Private assets and collections are visible to their owner alone. Managers never see them, administrators only in the
admin.
"""

import uuid
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.db.models import Q
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from assets.models import (
    Asset,
    Collection,
    GenerationRun,
    PersonalToken,
    ReferenceSet,
    ResumableUpload,
    Role,
    SavedSearch,
    Share,
    Tag,
    User,
    Visibility,
    Webhook,
    WebhookDelivery,
)
from assets.models.assets import AssetQuerySet
from assets.models.collections import CollectionQuerySet
from assets.models.labels import Label, LabelQuerySet
from assets.models.reference_sets import ReferenceSetQuerySet
from assets.models.shares import ShareQuerySet
from assets.models.webhooks import WebhookQuerySet
from assets.text.formats import MAX_COUNTED

NOT_AS_VIEWER = "You are a viewer: you can search, copy and download, but not upload or change anything."
NOT_YOURS = "This asset belongs to somebody else. Ask its owner or a manager to change it."
OWNER_ONLY = "Only the owner of this asset can change who sees it."
NOT_YOUR_SET = "This set belongs to somebody else. Duplicate it to change a copy, or ask its owner or a manager."
ONLY_YOUR_SET = "Only the owner of this set can change who sees it."
NOT_YOUR_SHARE = "Somebody else made this link. You can revoke it, but not change it."
MANAGERS_ONLY = "Only managers and administrators can do this."
ADMINISTRATORS_ONLY = "Only administrators can do this."
NO_SHARING = "Sharing with people outside the team is turned off here."


class AuthHttpRequest(HttpRequest):
    """A request behind `SignInMiddleware`: somebody has signed in."""

    user: User


# --- What people may do ------------------------------------------------------------------------------------------


def get_role(user: User | AnonymousUser) -> Role | None:
    """None for anonymous visitors and closed accounts. An account whose role is not valid counts as viewer."""
    if not user.is_authenticated or not user.is_active:
        return None
    try:
        return Role(user.role)
    except ValueError:
        return Role.VIEWER


def _is_at_least(user: User | AnonymousUser, lowest: Role) -> bool:
    role = get_role(user)
    return role is not None and role.rank >= lowest.rank


def may_upload(user: User | AnonymousUser) -> bool:
    """Whether a person may upload, and change their own assets."""
    return _is_at_least(user, Role.MEMBER)


def may_manage(user: User | AnonymousUser) -> bool:
    """Whether a person looks after the team's assets, tags, collections, trash, failed uploads and links."""
    return _is_at_least(user, Role.MANAGER)


def is_administrator(user: User | AnonymousUser) -> bool:
    """Whether a person manages people and may use the admin."""
    return _is_at_least(user, Role.ADMINISTRATOR)


def may_change(user: User, asset: Asset) -> bool:
    """Owners may change their assets, managers those of the team."""
    if asset.is_owned_by(user):
        return may_upload(user)
    return asset.visibility == Visibility.TEAM and may_manage(user)


def may_change_visibility(user: User, asset: Asset) -> bool:
    """Only the owner: nobody else may hide an asset from the team."""
    return asset.is_owned_by(user) and may_change(user, asset)


def may_change_label(user: User, label: Label) -> bool:
    """Whether a person may rename, merge or delete a label: managers, and whoever owns every asset that has it."""
    if isinstance(label, Collection) and label.private_to_id:
        return may_upload(user) and label.private_to_id == user.pk
    return may_manage(user) or (may_upload(user) and not label.all_assets().exclude(owner_id=user.pk).exists())


def may_change_collection_visibility(user: User, collection: Collection) -> bool:
    """Whether a person may make a collection private or share it: only while nobody else has an asset in it."""
    return may_change_label(user, collection) and not collection.all_assets().exclude(owner_id=user.pk).exists()


def require_member(user: User) -> None:
    """Raises PermissionDenied for viewers, who may change nothing."""
    if not may_upload(user):
        raise PermissionDenied(NOT_AS_VIEWER)


def may_share(user: User | AnonymousUser) -> bool:
    """Whether a person may show assets to people without an account. If no longer, their shares are closed."""
    return settings.SHARING and may_upload(user)


def require_sharing(user: User) -> None:
    require_member(user)
    if not settings.SHARING:
        raise PermissionDenied(NO_SHARING)


def require_manager(user: User) -> None:
    if not may_manage(user):
        raise PermissionDenied(MANAGERS_ONLY)


def require_administrator(user: User) -> None:
    if not is_administrator(user):
        raise PermissionDenied(ADMINISTRATORS_ONLY)


# --- Assets -----------------------------------------------------------------------------------------------------------


def visible_assets(request: AuthHttpRequest) -> AssetQuerySet:
    """The assets in a person's library, and their own trash."""
    return Asset.objects.visible_to(request.user)


def reachable_assets(user: User) -> AssetQuerySet:
    """The assets a person may open and act on: the visible ones and, for managers, the team's trash."""
    if may_manage(user):
        return Asset.objects.filter(Q(visibility=Visibility.TEAM) | Q(owner_id=user.pk))
    return Asset.objects.visible_to(user)


def visible_trash(user: User) -> AssetQuerySet:
    """A person's own trash and, for managers, the team's."""
    return (reachable_assets(user) if may_manage(user) else Asset.objects.owned_by(user)).trashed()


def may_open(user: User, asset: Asset) -> bool:
    """Whether `reachable_assets()` has this asset, without asking the database."""
    is_open = asset.visibility == Visibility.TEAM and (not asset.is_trashed or may_manage(user))
    return is_open or asset.is_owned_by(user)


def get_asset_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Asset:
    """An asset that the person may open. One that they may not is as if it were not there."""
    asset = get_object_or_404(Asset.objects.select_related("stored_file"), pk=pk)
    if not may_open(request.user, asset):
        raise Http404
    return asset


def get_changeable_asset_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Asset:
    """An asset that the person may change. Raises PermissionDenied if they may only see it."""
    asset = get_asset_or_404(request, pk)
    require_member(request.user)
    if not may_change(request.user, asset):
        raise PermissionDenied(NOT_YOURS)
    return asset


def lock_changeable_asset_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Asset:
    """The same, as it is when every other change of it has ended. Call it in a transaction."""
    Asset.objects.filter(pk=pk).lock()
    return get_changeable_asset_or_404(request, pk)


def retryable_assets(request: AuthHttpRequest) -> AssetQuerySet:
    """Assets whose upload a person may retry: their own; for managers, all visible ones."""
    require_member(request.user)
    visible = visible_assets(request)
    return visible if may_manage(request.user) else visible.owned_by(request.user)


# --- Uploads in parts --------------------------------------------------------------------------------------------


def get_resumable_upload_or_404(user: User, pk: uuid.UUID, now: datetime) -> ResumableUpload:
    """One that the person began, while it is kept. To everybody else it is as if it were not there."""
    require_member(user)
    uploads = ResumableUpload.objects.begun_by(user).open_at(now)
    return get_object_or_404(uploads, pk=pk)


# --- Tags and collections ----------------------------------------------------------------------------------------


def visible_tags(user: User) -> LabelQuerySet[Tag]:
    """Tags of visible assets."""
    return Tag.objects.used_in(Asset.objects.visible_to(user))


def get_tag_or_404(user: User, **lookup: object) -> Tag:
    """The tag with this `pk` or `key`."""
    return get_object_or_404(visible_tags(user), **lookup)


def visible_collections(user: User, candidates: CollectionQuerySet) -> list[Collection]:
    """The candidates that hold a visible asset, themselves or in a nested collection."""
    collections = list(candidates)
    visible = Collection.objects.open_to(user, Asset.objects.visible_to(user))
    keys = set(visible.filter(pk__in=[collection.pk for collection in collections]).values_list("key", flat=True))
    others = [collection.key for collection in collections if collection.key not in keys]
    nested = visible.within_any(others).values_list("key", flat=True) if others else []
    for key in nested:
        parts = key.split(Collection.SEPARATOR)
        keys |= {Collection.SEPARATOR.join(parts[:depth]) for depth in range(1, len(parts))}
    return [collection for collection in collections if collection.key in keys]


def get_collection_or_404(user: User, **lookup: object) -> Collection:
    """The collection with this `pk` or `key`."""
    candidates = Collection.objects.filter(**lookup).select_related("parent", "cover")
    if not (visible := visible_collections(user, candidates)):
        raise Http404("There is no such collection.")
    return visible[0]


def get_label_or_404(user: User, noun: str, pk: uuid.UUID) -> Tag | Collection:
    return get_collection_or_404(user, pk=pk) if noun == "collection" else get_tag_or_404(user, pk=pk)


# --- Shares ------------------------------------------------------------------------------------------------------


def shared_assets(share: Share) -> AssetQuerySet:
    """What a share may show now: assets that its maker sees, private ones only if it says so, and none in the trash."""
    visible = Asset.objects.visible_to(share.created_by).current()
    return visible if share.includes_private else visible.filter(visibility=Visibility.TEAM)


def visible_shares(request: AuthHttpRequest) -> ShareQuerySet:
    """A person's own shares; for managers, everybody's."""
    require_member(request.user)
    return Share.objects.all() if may_manage(request.user) else Share.objects.made_by(request.user)


def get_share_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Share:
    return get_object_or_404(visible_shares(request).with_people().with_item_count(limit=MAX_COUNTED + 1), pk=pk)


def get_own_share_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> Share:
    """A share that the person made, and may change. Raises PermissionDenied for somebody else's."""
    share = get_share_or_404(request, pk)
    if share.created_by_id != request.user.pk:
        raise PermissionDenied(NOT_YOUR_SHARE)
    return share


def may_open_share(user: User, share: Share) -> bool:
    """Whether a person may know its name and its link: managers too, unless it shows private assets."""
    return share.created_by_id == user.pk or not share.is_private


# --- Saved searches ----------------------------------------------------------------------------------------------


def find_saved_search(user: User, pk: str) -> SavedSearch | None:
    """One's own, or one of the team; None if there is none with this id, which may be any text."""
    try:
        return SavedSearch.objects.visible_to(user).filter(pk=uuid.UUID(pk)).first() if pk else None
    except ValueError:
        return None


def get_saved_search_or_404(request: AuthHttpRequest, pk: uuid.UUID) -> SavedSearch:
    return get_object_or_404(SavedSearch.objects.visible_to(request.user), pk=pk)


def may_change_saved_search(user: User, saved: SavedSearch) -> bool:
    """One's own, whatever the role; those of the team only as a manager."""
    return may_manage(user) if saved.is_team else saved.owner_id == user.pk


# --- Reference sets ----------------------------------------------------------------------------------------------


def visible_sets(user: User) -> ReferenceSetQuerySet:
    """The team's, and the person's own. What a set shows of an asset is asked of `may_open()`."""
    return ReferenceSet.objects.visible_to(user)


def get_set_or_404(user: User, pk: uuid.UUID) -> ReferenceSet:
    return get_object_or_404(visible_sets(user).with_people(user), pk=pk)


def may_change_set(user: User, reference_set: ReferenceSet) -> bool:
    """Owners may change their sets, managers those of the team."""
    if reference_set.owner_id == user.pk:
        return may_upload(user)
    return reference_set.is_team and may_manage(user)


def lock_changeable_set_or_404(user: User, pk: uuid.UUID) -> ReferenceSet:
    """As it is when every other change of it has ended. Call it in a transaction."""
    list(ReferenceSet.objects.filter(pk=pk).select_for_update(no_key=True).values_list("pk"))
    found = get_set_or_404(user, pk)
    require_member(user)
    if not may_change_set(user, found):
        raise PermissionDenied(NOT_YOUR_SET)
    return found


# --- Personal tokens ---------------------------------------------------------------------------------------------


def get_token_or_404(user: User, pk: uuid.UUID) -> PersonalToken:
    """One's own; for administrators, anybody's."""
    tokens = PersonalToken.objects.select_related("person")
    return get_object_or_404(tokens if is_administrator(user) else tokens.filter(person=user.pk), pk=pk)


# --- Webhooks ----------------------------------------------------------------------------------------------------


def visible_webhooks(user: User) -> WebhookQuerySet:
    """Everybody's, for managers. Raises PermissionDenied for others."""
    require_manager(user)
    return Webhook.objects.all()


def get_webhook_or_404(user: User, pk: uuid.UUID) -> Webhook:
    return get_object_or_404(visible_webhooks(user).select_related("created_by"), pk=pk)


def get_webhook_delivery_or_404(user: User, webhook: uuid.UUID, pk: uuid.UUID) -> WebhookDelivery:
    require_manager(user)
    return get_object_or_404(WebhookDelivery.objects.select_related("webhook"), webhook=webhook, pk=pk)


# --- Runs of models ----------------------------------------------------------------------------------------------


def may_see_prompt(user: User, run: GenerationRun) -> bool:
    """Whether a person may know what a model was asked: whoever asked, and managers."""
    return may_manage(user) or run.person_id == user.pk
