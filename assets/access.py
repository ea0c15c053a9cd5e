"""Who may see and change what: the only way by which a view gets a row."""

import uuid

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.shortcuts import get_object_or_404

from assets.models import Asset
from assets.models.library import AssetQuerySet, User


def visible_assets(request: HttpRequest) -> AssetQuerySet:
    """Everything the person may see, the trash included."""
    return Asset.objects.visible_to(request.user)


def get_asset_or_404(request: HttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may see. One they may not is as if it were not there."""
    return get_object_or_404(visible_assets(request).with_details(), pk=pk)


def get_own_asset_or_404(request: HttpRequest, pk: uuid.UUID) -> Asset:
    """An entry the person may change: their own. 403 for one that they may only see."""
    asset = get_asset_or_404(request, pk)
    if not may_change(request.user, asset):
        raise PermissionDenied("This entry belongs to somebody else. Ask its owner to change it.")
    return asset


def retryable_assets(request: HttpRequest) -> AssetQuerySet:
    """Entries whose file the person may have sent again: their own; for staff, all they may see."""
    visible = visible_assets(request)
    return visible if request.user.is_staff else visible.owned_by(request.user)


def may_change(user: User, asset: Asset) -> bool:
    return asset.is_owned_by(user)
