"""A user's bytes on their way to a browser: with our content type, and with nothing in them able to run."""

import re
import uuid
from collections.abc import Iterator

from django.core.files.base import File
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assets import permissions
from assets.models import StoredFile
from assets.permissions import AuthHttpRequest

PIECE = 256 * 1024
# Kinds that a browser shows without running anything in them; all else is offered as a download.
SHOWN = {
    "image/png", "image/apng", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
    "video/mp4", "video/webm", "video/quicktime",
    "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/aac",
}  # fmt: skip
# A drawing carries its own looks. Its scripts, and what it would fetch, stay shut out even where it is opened directly.
DRAWING_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"


@require_safe
@cache_control(private=True, max_age=86400)
def preview(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    return send_preview(permissions.get_asset_or_404(request, pk).stored_file)


@require_safe
@cache_control(private=True, max_age=86400)
def original(request: AuthHttpRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The bytes as they were uploaded, or a range of them; `?download` saves what would be shown."""
    entry = permissions.get_asset_or_404(request, pk)
    stored_file = entry.stored_file
    if not stored_file.original:
        raise Http404("The original of this file is not kept here. Its Segmind URL is.")
    is_shown = stored_file.media_type in SHOWN and "download" not in request.GET
    media_type = stored_file.media_type if is_shown else "application/octet-stream"
    if is_shown and (wanted := _range(request.headers.get("range", ""), stored_file.size)):
        return _sent_part(stored_file, wanted, media_type)
    response = _sent(stored_file.original, media_type, file_name=entry.file_name, as_attachment=not is_shown)
    response["Accept-Ranges"] = "bytes"
    return response


def send_preview(stored_file: StoredFile) -> HttpResponseBase:
    """To be called where the person may see the file."""
    if not stored_file.preview:
        raise Http404(stored_file.preview_error or "There is no preview of this file yet.")
    if str(stored_file.preview.name).endswith(".svg"):
        response = _sent(stored_file.preview, "image/svg+xml")
        response["Content-Security-Policy"] = DRAWING_POLICY
        return response
    return _sent(stored_file.preview, "image/webp")


def _sent(file: FieldFile, media_type: str, *, file_name: str = "", as_attachment: bool = False) -> HttpResponseBase:
    response = FileResponse(_opened(file), filename=file_name, as_attachment=as_attachment, content_type=media_type)
    return _closed(response)


def _range(header: str, size: int) -> range | None:
    """The one range of bytes that is asked for, as players ask; None for the whole, which is always allowed."""
    found = re.fullmatch(r"bytes=(\d{0,15})-(\d{0,15})", header.strip())
    if found is None or header.strip() == "bytes=-":
        return None
    first, last = found[1], found[2]
    start = int(first) if first else max(0, size - int(last))
    stop = min(size, int(last) + 1) if first and last else size
    return range(start, stop) if start < stop else None


def _sent_part(stored_file: StoredFile, wanted: range, media_type: str) -> HttpResponseBase:
    part = _Part(_opened(stored_file.original), wanted)
    response = StreamingHttpResponse(part, status=206, content_type=media_type)
    response["Content-Length"] = str(len(wanted))
    response["Content-Range"] = f"bytes {wanted.start}-{wanted.stop - 1}/{stored_file.size}"
    return _closed(response)


class _Part:
    """A range of an open file, in pieces; closing it closes the file."""

    def __init__(self, file: File, wanted: range) -> None:
        self._file, self._left = file, len(wanted)
        file.seek(wanted.start)

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._file.read(min(PIECE, self._left)):
            self._left -= len(piece)
            yield piece

    def close(self) -> None:
        self._file.close()


def _opened(file: FieldFile) -> File:
    try:
        return file.storage.open(str(file.name))
    except FileNotFoundError:
        raise Http404("The file is missing on this server.") from None


def _closed(response: HttpResponseBase) -> HttpResponseBase:
    """With the headers that keep a user's bytes from doing anything in a browser."""
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
