"""Previews and originals, sent so that nothing in a user's file can run in a browser."""

import re
import uuid
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assets import originals, permissions
from assets.media.rows import INLINE_TYPES
from assets.models import Asset, StoredFile
from assets.permissions import AuthHttpRequest
from assets.text.file_names import name_to_save
from assets.web.responses import MissingError

Response = TypeVar("Response", bound=HttpResponseBase)

CHUNK_SIZE = 256 * 1024
CLOSED_POLICY = "default-src 'none'; sandbox"
# An SVG preview needs its styles. Scripts and requests stay blocked even when it is opened directly.
SVG_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_safe
@cache_control(private=True, max_age=86400)
def preview(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    return preview_response(permissions.get_asset_or_404(request, pk).stored_file)


@require_safe
@cache_control(private=True, max_age=86400)
def original(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The uploaded bytes, or a range of them; `?download` saves what would be shown."""
    return original_response(request, permissions.get_asset_or_404(request, pk))


def original_response(request: HttpRequest, asset: Asset) -> HttpResponseBase:
    """The caller has checked that the person may have the file.

    All of it is hashed before it is sent. Of a range, which players ask for again and again, nobody knows a hash.
    """
    stored_file = asset.stored_file
    if not stored_file.original:
        raise MissingError("The original isn’t kept here. Use the Segmind URL.")
    if stored_file.media_type not in INLINE_TYPES or "download" in request.GET:
        media_type, is_inline = "application/octet-stream", False
    else:
        media_type, is_inline = stored_file.media_type, True
    byte_range = _parse_range(request.headers.get("range", ""), stored_file.size)
    if is_inline and byte_range:
        return _range_response(stored_file, byte_range, media_type)
    file_name = name_to_save(asset.file_name, stored_file.media_type)
    opened = _open_original_or_404(stored_file, originals.open_intact)
    response = _file_response(opened, media_type, file_name=file_name, as_attachment=not is_inline)
    response["Accept-Ranges"] = "bytes"
    return response


def preview_response(stored_file: StoredFile) -> HttpResponseBase:
    """The caller has checked that the person may see the file."""
    if not stored_file.preview:
        raise MissingError(stored_file.preview_error or "This file has no preview yet.")
    if str(stored_file.preview.name).endswith(".svg"):
        response = _file_response(_open_or_404(stored_file.preview), "image/svg+xml")
        response["Content-Security-Policy"] = SVG_POLICY
        return response
    return _file_response(_open_or_404(stored_file.preview), "image/webp")


def _file_response(
    opened: File[bytes], media_type: str, *, file_name: str = "", as_attachment: bool = False
) -> HttpResponseBase:
    return secure(FileResponse(opened, filename=file_name, as_attachment=as_attachment, content_type=media_type))


def _parse_range(header: str, size: int) -> range | None:
    """The single range that players ask for. None means the whole file, which is always a valid answer."""
    match = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", header.strip())
    if match is None or header.strip() == "bytes=-":
        return None
    first, last = match[1], match[2]
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return range(start, stop) if start < stop else None


def _range_response(stored_file: StoredFile, byte_range: range, media_type: str) -> HttpResponseBase:
    chunks = _RangeReader(_open_original_or_404(stored_file, originals.open_original), byte_range)
    response = StreamingHttpResponse(chunks, status=206, content_type=media_type)
    response["Content-Length"] = str(len(byte_range))
    response["Content-Range"] = f"bytes {byte_range.start}-{byte_range.stop - 1}/{stored_file.size}"
    return secure(response)


class _RangeReader:
    """Reads a range of an open file in chunks, and closes the file with the response."""

    def __init__(self, file: File[bytes], byte_range: range) -> None:
        self._file, self._remaining = file, len(byte_range)
        file.seek(byte_range.start)

    def __iter__(self) -> Iterator[bytes]:
        while chunk := self._file.read(min(CHUNK_SIZE, self._remaining)):
            self._remaining -= len(chunk)
            yield chunk

    def close(self) -> None:
        self._file.close()


def _open_or_404(file: FieldFile) -> File[bytes]:
    try:
        return file.storage.open(str(file.name))
    except FileNotFoundError:
        raise MissingError("This server has lost the file.") from None


def _open_original_or_404(stored_file: StoredFile, open_file: Callable[[StoredFile], File[bytes]]) -> File[bytes]:
    try:
        return open_file(stored_file)
    except FileNotFoundError:
        raise MissingError("This server has lost the file.") from None
    except OSError:
        raise MissingError(originals.DAMAGED) from None


def secure(response: Response) -> Response:
    """Nothing in what a user has sent can run in a browser, even if it is opened directly."""
    response["Content-Security-Policy"] = CLOSED_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response
