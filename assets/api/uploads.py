"""Uploads in parts, by the tus protocol."""

from collections.abc import Callable
from typing import Literal, TypeVar
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse
from django.utils import timezone
from ninja import Router, Schema

from assets import permissions
from assets.api.auth import UPLOAD, ApiRequest
from assets.api.problems import ProblemError
from assets.api.schemas import AssetOut, Moment, asset_out
from assets.uploads import tus
from assets.uploads.tus_headers import VERSION, RefusedError

router = Router(tags=["Uploads"])
Result = TypeVar("Result")


class FileError(Schema):
    code: str
    message: str


class UploadOut(Schema):
    """How far an upload is. `asset` is what it became, `error` why the file was refused."""

    id: UUID
    file_name: str
    offset: int
    length: int
    expires_at: Moment
    status: Literal["receiving", "received", "known", "refused"]
    asset: AssetOut | None
    note: str
    error: FileError | None


@router.api_operation(["OPTIONS", "POST"], "/", auth=UPLOAD, include_in_schema=False)
def begin_upload(request: ApiRequest) -> HttpResponse:
    return _serve(lambda: tus.serve_all(request, lambda pk: reverse("v1:continue_upload", args=[pk])))


@router.get("/{uuid:pk}", response=UploadOut, auth=UPLOAD, summary="How far an upload is")
def get_upload(request: ApiRequest, pk: UUID) -> dict[str, object]:
    """To be seen by whoever began it. The parts themselves are sent by the tus protocol to the same address."""
    upload = permissions.get_resumable_upload_or_404(request.user, pk, timezone.now())
    facts = _serve(lambda: tus.describe(upload))
    asset = tus.find_asset(upload, request)
    return facts | {"asset": asset_out(request, asset) if asset else None}


@router.api_operation(
    ["OPTIONS", "HEAD", "PATCH", "DELETE", "POST"], "/{uuid:pk}", auth=UPLOAD, include_in_schema=False
)
def continue_upload(request: ApiRequest, pk: UUID) -> HttpResponse:
    return _serve(lambda: tus.serve_one(request, pk))


def _serve(serve: Callable[[], Result]) -> Result:
    try:
        return serve()
    except RefusedError as refusal:
        headers = {"Tus-Resumable": VERSION, "Tus-Version": VERSION}
        raise ProblemError(refusal.status, refusal.message, code=refusal.code, headers=headers) from None
