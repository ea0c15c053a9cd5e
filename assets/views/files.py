"""A user's bytes on their way to a browser: with our content type, and with nothing in them able to run."""

import uuid

from django.db.models.fields.files import FieldFile
from django.http import FileResponse, Http404, HttpRequest
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from assets import access
from assets.models import StoredFile

# Kinds that a browser shows without running anything in them; all else is offered as a download.
SHOWN = {
    "image/png", "image/apng", "image/jpeg", "image/gif", "image/webp", "image/avif", "image/bmp",
    "video/mp4", "video/webm", "video/quicktime",
    "audio/mpeg", "audio/mp4", "audio/ogg", "audio/wav", "audio/flac", "audio/aac",
}  # fmt: skip


@require_safe
@cache_control(private=True, max_age=86400)
def preview(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    return send_preview(access.get_asset_or_404(request, pk).stored_file)


@require_safe
@cache_control(private=True, max_age=86400)
def original(request: HttpRequest, pk: uuid.UUID) -> FileResponse:
    """The bytes as they were uploaded; `?download` saves what would be shown."""
    entry = access.get_asset_or_404(request, pk)
    stored_file = entry.stored_file
    if not stored_file.original:
        raise Http404("The original of this file is not kept here. Its Segmind URL is.")
    is_shown = stored_file.media_type in SHOWN and "download" not in request.GET
    return _sent(
        stored_file.original,
        stored_file.media_type if is_shown else "application/octet-stream",
        file_name=entry.file_name,
        as_attachment=not is_shown,
    )


def send_preview(stored_file: StoredFile) -> FileResponse:
    """To be called where the person may see the file."""
    if not stored_file.preview:
        raise Http404("There is no preview of this file yet.")
    return _sent(stored_file.preview, "image/webp")


def _sent(file: FieldFile, media_type: str, *, file_name: str = "", as_attachment: bool = False) -> FileResponse:
    try:
        stream = file.storage.open(str(file.name))
    except FileNotFoundError:
        raise Http404("The file is missing on this server.") from None
    response = FileResponse(stream, filename=file_name, as_attachment=as_attachment, content_type=media_type)
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["X-Content-Type-Options"] = "nosniff"
    return response
