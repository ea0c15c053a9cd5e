"""Changing assets."""

from typing import Annotated, Literal
from uuid import UUID

from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Query

from assets import permissions
from assets.api import problems
from assets.api.assets import answer_asset, router
from assets.api.auth import WRITE, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import AssetOut, Body
from assets.api.undo import offer_undo
from assets.bulk import run
from assets.bulk.actions import ACTIONS
from assets.bulk.actions.base import ActionContext
from assets.delivery.requeue import retry
from assets.library import edits
from assets.library.forms import AssetForm
from assets.library.preference_views import set_favourite
from assets.models import Asset, StoredFile, page_queries

Names = list[str]
VERSION_REQUIRED = (
    "Send the ETag of the asset as you read it in the header If-Match, so that nobody else’s change is undone."
)
CHANGED = "The asset changed since you read it, so nothing was saved. Read it again, then decide."


class AssetChange(Body):
    """Only what changes. `tags` and `collections` are the whole list; `add_…` and `remove_…` leave the others.

    With `version` instead of If-Match, the change is made unless one of the same fields was changed since.
    """

    version: str = ""
    title: str | None = None
    description: str | None = None
    visibility: Literal["team", "private"] | None = None
    tags: Names | None = None
    collections: Names | None = None
    add_tags: Names | None = None
    remove_tags: Names | None = None
    add_collections: Names | None = None
    remove_collections: Names | None = None

    def as_fields(self) -> dict[str, str]:
        """As the form of the pages takes them."""
        sent = self.model_dump(exclude_unset=True, exclude_none=True)
        return {name: ", ".join(value) if isinstance(value, list) else value for name, value in sent.items()}


@router.patch("/{uuid:pk}", response=AssetOut, auth=WRITE, summary="Edit an asset")
@transaction.atomic
def edit_asset(request: ApiRequest, response: HttpResponse, pk: UUID, change: AssetChange) -> dict[str, object]:
    """Needs the ETag in `If-Match` (`*` for whatever there is now), or a `version`: 412 or 409 if it is outdated."""
    asset = permissions.lock_changeable_asset_or_404(request, pk)
    labels = page_queries.asset_labels(request.user, asset)
    form = AssetForm(None, asset=asset, labels=labels)
    version = _read_version(request, change, str(form.now))
    form = form.with_data(change.as_fields() | {"version": version})
    if not form.is_valid():
        raise problems.from_form(form.errors.as_data())
    edits.require_visibility(form, request.user)
    if fields := form.conflicts():
        raise ProblemError(409, edits.explain(fields))
    offer_undo(response, edits.save_undoably(form, by=request.user).step)
    return answer_asset(request, response, pk)


def _read_version(request: ApiRequest, change: AssetChange, now: str) -> str:
    """The version that the change is made from. Raises ProblemError if it names none, or If-Match another one."""
    if "If-Match" in request.headers:
        check_match(request, now)
        return now
    if not change.version:
        raise ProblemError(428, VERSION_REQUIRED)
    return change.version


def check_match(request: ApiRequest, now: str) -> None:
    """Raises ProblemError if If-Match is sent, and means another version.

    A response that was compressed on its way has a weak ETag, of the same version.
    """
    wanted = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-Match", "*").split(",")]
    if "*" not in wanted and f'"{now}"' not in wanted:
        raise ProblemError(412, CHANGED)


@router.delete(
    "/{uuid:pk}", response={204: None}, auth=WRITE, summary="Move an asset to trash, or delete it permanently"
)
@transaction.atomic
def delete_asset(
    request: ApiRequest,
    response: HttpResponse,
    pk: UUID,
    permanent: Annotated[bool, Query(False, description="Only what is in the trash can be deleted permanently.")],
) -> None:
    asset = permissions.lock_changeable_asset_or_404(request, pk)
    check_match(request, str(AssetForm(None, asset=asset, labels=page_queries.asset_labels(request.user, asset)).now))
    if permanent:
        _delete_permanently(request, asset)
    else:
        offer_undo(response, edits.move_to_trash(asset, by=request.user).step)


def _delete_permanently(request: ApiRequest, asset: Asset) -> None:
    result = run.apply(ACTIONS["purge"], [asset.pk], ActionContext(request.user, timezone.now()))
    if not result.changed:
        raise ProblemError(409, "Only what is in the trash can be deleted permanently. Move the asset to trash first.")


@router.post("/{uuid:pk}/restore", response=AssetOut, auth=WRITE, summary="Restore an asset from the trash")
@transaction.atomic
def restore_asset(request: ApiRequest, response: HttpResponse, pk: UUID) -> dict[str, object]:
    asset = permissions.lock_changeable_asset_or_404(request, pk)
    offer_undo(response, edits.restore(asset, by=request.user).step)
    return answer_asset(request, response, pk)


@router.post("/{uuid:pk}/retry", response=AssetOut, auth=WRITE, summary="Retry an upload that failed")
def retry_asset(request: ApiRequest, response: HttpResponse, pk: UUID) -> dict[str, object]:
    asset = get_object_or_404(permissions.retryable_assets(request), pk=pk)
    retry(StoredFile.objects.filter(pk=asset.stored_file_id))
    return answer_asset(request, response, pk)


@router.put("/{uuid:pk}/favourite", response={204: None}, auth=WRITE, summary="Make an asset a favourite")
def add_favourite(request: ApiRequest, response: HttpResponse, pk: UUID) -> None:
    """`GET /assets?q=is:favourite` lists them."""
    asset = permissions.get_asset_or_404(request, pk)
    offer_undo(response, set_favourite(request.user, asset, is_favourite=True))


@router.delete("/{uuid:pk}/favourite", response={204: None}, auth=WRITE, summary="Remove an asset from favourites")
def remove_favourite(request: ApiRequest, response: HttpResponse, pk: UUID) -> None:
    asset = permissions.get_asset_or_404(request, pk)
    offer_undo(response, set_favourite(request.user, asset, is_favourite=False))
