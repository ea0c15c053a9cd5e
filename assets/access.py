"""Who may see and change what: the only way by which a view gets a row."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404

from assets.models import Asset, Collection, Tag
from assets.models.labels import CollectionQuerySet, Label, LabelQuerySet
from assets.models.library import AssetQuerySet, User


def visible_assets(request: HttpRequest) -> AssetQuerySet:
    """Everything the person may see, the trash included."""
    return Asset.objects.visible_to(request.user)


def get_asset_or_404(request: HttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may see. One they may not is as if it were not there."""
    return get_object_or_404(visible_assets(request).with_details().marked_for(request.user), pk=pk)


def get_own_asset_or_404(request: HttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may change: their own. 403 for one that they may only see."""
    asset = get_asset_or_404(request, pk)
    if not may_change(request.user, asset):
        raise PermissionDenied("This entry belongs to somebody else. Ask its owner to change it.")
    return asset


def assets_of_same_content(request: HttpRequest, asset: Asset) -> AssetQuerySet:
    """The entries of others with the same stored file, as far as the person may see them."""
    same = visible_assets(request).filter(stored_file_id=asset.stored_file_id).exclude(pk=asset.pk)
    return same.select_related("owner").newest_first()


def retryable_assets(request: HttpRequest) -> AssetQuerySet:
    """Entries whose file the person may have sent again: their own; for staff, all they may see."""
    visible = visible_assets(request)
    return visible if request.user.is_staff else visible.owned_by(request.user)


def visible_tags(request: HttpRequest) -> LabelQuerySet:
    """Tags on entries that the person may see."""
    return Tag.objects.used_in(visible_assets(request))


def get_tag_or_404(request: HttpRequest, pk: uuid.UUID) -> Tag:
    return get_object_or_404(visible_tags(request), pk=pk)


def visible_collections(request: HttpRequest, candidates: CollectionQuerySet) -> list[Collection]:
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


def get_collection_or_404(request: HttpRequest, pk: uuid.UUID) -> Collection:
    candidates = Collection.objects.filter(pk=pk).select_related("parent")
    if not (found := visible_collections(request, candidates)):
        raise Http404("There is no such collection.")
    return found[0]


def may_change_label(user: User, label: Label) -> bool:
    """Whether a person may rename, merge or delete a tag or collection: who owns every entry that has it, and staff."""
    return user.is_staff or not label.entries().exclude(owner_id=user.pk).exists()  # type: ignore[union-attr]


def may_change(user: User, asset: Asset) -> bool:
    return asset.is_owned_by(user)
