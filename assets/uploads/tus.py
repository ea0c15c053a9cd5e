"""The tus protocol for resumable uploads, version 1.0.0: https://tus.io/protocols/resumable-upload.

Of its extensions: creation, creation-with-upload, checksum, termination and expiration. Where these views are mounted
says who the person is: pages by their session, the API by its token.
"""

from collections.abc import Callable
from http import HTTPStatus
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpResponse, JsonResponse, UnreadablePostError
from django.utils import timezone
from django.utils.http import http_date

from assets import disk, permissions
from assets.models import Asset, ResumableUpload
from assets.permissions import AuthHttpRequest
from assets.text.formats import pluralise
from assets.uploads import resumable
from assets.uploads.part_file import OvertakenError, PartFile
from assets.uploads.resumable import MAX_UNFINISHED, TooManyUnfinishedError
from assets.uploads.tus_headers import (
    CONTENT_TYPE,
    HASHES,
    VERSION,
    Hash,
    RefusedError,
    announce,
    check_version,
    is_with_bytes,
    read_checksum,
    read_length,
    read_number,
)
from assets.web.responses import asset_json

EXTENSIONS = "creation,creation-with-upload,checksum,termination,expiration"
CHECKSUM_MISMATCH = 460
UrlOf = Callable[[UUID], str]


def serve_all(request: AuthHttpRequest, url_of: UrlOf) -> HttpResponse:
    """OPTIONS says what this server can do; POST begins an upload. Raises RefusedError."""
    if request.method == "OPTIONS":
        return _describe_server()
    permissions.require_member(request.user)
    if request.method != "POST":
        raise _not_allowed("OPTIONS and POST")
    check_version(request)
    return _create(request, url_of)


def serve_one(request: AuthHttpRequest, pk: UUID) -> HttpResponse:
    """GET, HEAD, PATCH and DELETE of an upload. Raises RefusedError, and Http404 for an upload of somebody else."""
    method = request.headers.get("X-HTTP-Method-Override", request.method or "").upper()
    if method == "OPTIONS":
        return _describe_server()
    upload = permissions.get_resumable_upload_or_404(request.user, pk, timezone.now())
    if method == "GET":
        facts, asset = describe(upload), find_asset(upload, request)
        return JsonResponse(facts | {"asset": asset_json(asset) if asset else None})
    serve = {"HEAD": _tell_offset, "PATCH": _continue, "DELETE": _cancel}.get(method)
    if serve is None:
        raise _not_allowed("GET, HEAD, PATCH and DELETE")
    check_version(request)
    return serve(request, upload)


def describe(upload: ResumableUpload) -> dict[str, object]:
    """How far an upload is, and what became of it. Raises RefusedError while a complete file cannot be kept."""
    _settle(upload)
    return {
        "id": str(upload.pk),
        "file_name": upload.file_name,
        "offset": resumable.get_offset(upload),
        "length": upload.length,
        "expires_at": upload.expires_at.isoformat(),
        "status": _status(upload),
        "note": upload.note,
        "error": {"code": upload.error_code, "message": upload.error} if upload.error else None,
    }


def find_asset(upload: ResumableUpload, request: AuthHttpRequest) -> Asset | None:
    """The asset that the upload has become, with all that is answered of it."""
    if not upload.asset_id:
        return None
    return permissions.visible_assets(request).with_details(request.user).filter(pk=upload.asset_id).first()


def _status(upload: ResumableUpload) -> str:
    if not upload.is_settled:
        return "receiving"
    return "refused" if upload.error else "known" if upload.is_known else "received"


# --- The requests ------------------------------------------------------------------------------------------------


def _describe_server() -> HttpResponse:
    return HttpResponse(
        status=HTTPStatus.NO_CONTENT,
        headers={
            "Tus-Resumable": VERSION,
            "Tus-Version": VERSION,
            "Tus-Extension": EXTENSIONS,
            "Tus-Checksum-Algorithm": ",".join(HASHES),
            "Tus-Max-Size": str(settings.UPLOAD_MAX_FILE_BYTES),
        },
    )


def _create(request: AuthHttpRequest, url_of: UrlOf) -> HttpResponse:
    length = read_length(request)
    header = request.headers.get("Upload-Metadata", "")
    form = announce(header, length)
    try:
        upload = resumable.begin(request.user, form, header, timezone.now())
    except TooManyUnfinishedError:
        message = f"You have {pluralise(MAX_UNFINISHED, 'unfinished upload')}. Finish or cancel some of them first."
        raise RefusedError(HTTPStatus.TOO_MANY_REQUESTS, "too_many", message) from None
    except ValidationError as error:
        raise _refusal(error) from None
    offset = resumable.get_offset(upload)
    if is_with_bytes(request) and not upload.is_settled:
        offset = _append(request, upload, offset)
    return _respond(upload, offset, status=HTTPStatus.CREATED, Location=url_of(upload.pk))


def _tell_offset(request: AuthHttpRequest, upload: ResumableUpload) -> HttpResponse:
    _settle(upload)
    if upload.error:
        raise _gone(upload)
    response = _respond(upload, resumable.get_offset(upload), status=HTTPStatus.OK)
    response["Upload-Length"], response["Cache-Control"] = str(upload.length), "no-store"
    if upload.metadata:
        response["Upload-Metadata"] = upload.metadata
    return response


def _continue(request: AuthHttpRequest, upload: ResumableUpload) -> HttpResponse:
    if not is_with_bytes(request):
        message = f"Send the bytes with “Content-Type: {CONTENT_TYPE}”."
        raise RefusedError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "content_type", message)
    at = read_number(request, "Upload-Offset", "how many bytes have arrived")
    if upload.error:
        raise _gone(upload)
    if at != (offset := resumable.get_offset(upload)):
        raise _overtaken(offset)
    return _respond(upload, _append(request, upload, at))


def _cancel(request: AuthHttpRequest, upload: ResumableUpload) -> HttpResponse:
    resumable.cancel(upload)
    return HttpResponse(status=HTTPStatus.NO_CONTENT, headers={"Tus-Resumable": VERSION})


def _append(request: AuthHttpRequest, upload: ResumableUpload, at: int) -> int:
    """Keep the body of a request; returns the new offset. All of the file having arrived, receive it."""
    body = _Body(request, read_checksum(request))
    if body.count > upload.length - at:
        message = f"{body.count} bytes are too many: {upload.length - at} of {upload.length} are left to send."
        raise RefusedError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_large", message)
    try:
        end = resumable.append(upload, body.read, body.count, at)
        if not body.is_right:
            PartFile.of(upload.pk).take_back(end, at)
            message = "The bytes changed on their way, so they were not kept. Send them again."
            raise RefusedError(CHECKSUM_MISMATCH, "checksum", message)
    except OvertakenError:
        raise _overtaken(resumable.get_offset(upload)) from None
    except ValidationError as error:
        raise _refusal(error) from None
    upload.touch(timezone.now())
    _settle(upload)
    if upload.error:
        raise RefusedError(HTTPStatus.BAD_REQUEST, upload.error_code, upload.error)
    return end


def _settle(upload: ResumableUpload) -> None:
    try:
        resumable.settle(upload, lambda upload: announce(upload.metadata, upload.length))
    except ValidationError as error:
        raise _refusal(error) from None


def _respond(upload: ResumableUpload, offset: int, *, status: int = HTTPStatus.NO_CONTENT, **more: str) -> HttpResponse:
    headers = {
        "Tus-Resumable": VERSION,
        "Upload-Offset": str(offset),
        "Upload-Expires": http_date(upload.expires_at.timestamp()),
    }
    return HttpResponse(status=status, headers={**headers, **more})


class _Body:
    """The bytes of a request, hashed on their way if it says what their hash is."""

    def __init__(self, request: AuthHttpRequest, checksum: tuple[Hash, bytes] | None) -> None:
        self._request = request
        self._checksum = checksum
        self.count = int(request.META.get("CONTENT_LENGTH") or 0)

    def read(self, size: int) -> bytes:
        """Empty once the sender is gone: what has arrived is kept."""
        try:
            chunk = self._request.read(size)
        except UnreadablePostError:
            return b""
        if self._checksum:
            self._checksum[0].update(chunk)
        return chunk

    @property
    def is_right(self) -> bool:
        return self._checksum is None or self._checksum[0].digest() == self._checksum[1]


# --- Refusals ----------------------------------------------------------------------------------------------------


def _not_allowed(allowed: str) -> RefusedError:
    return RefusedError(HTTPStatus.METHOD_NOT_ALLOWED, "method", f"This address takes {allowed}.")


def _overtaken(offset: int) -> RefusedError:
    return RefusedError(HTTPStatus.CONFLICT, "conflict", f"{offset} bytes have arrived. Go on from there.")


def _gone(upload: ResumableUpload) -> RefusedError:
    return RefusedError(HTTPStatus.GONE, upload.error_code, upload.error)


def _refusal(error: ValidationError) -> RefusedError:
    statuses = {disk.FULL: HTTPStatus.INSUFFICIENT_STORAGE, "too_large": HTTPStatus.REQUEST_ENTITY_TOO_LARGE}
    code = error.code or "invalid"
    return RefusedError(statuses.get(code, HTTPStatus.BAD_REQUEST), code, " ".join(error.messages))
